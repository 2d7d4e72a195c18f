"""A wheel and an sdist, built and installed on each Python at hand (with --thorough: it needs a package index)."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reader import __version__
from tests.paths import ROOT, SAMPLE_DATA

PYTHONS = ("3.11", "3.12", "3.13", "3.14")


@pytest.fixture(scope="module")
def packages(thorough: bool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and with a wheel that was built from the sdist."""
    if not thorough:
        pytest.skip("takes a minute; --thorough")
    folder = tmp_path_factory.mktemp("packages")
    build = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    if subprocess.run([sys.executable, "-c", "import build"], check=False, capture_output=True).returncode:
        pytest.skip("needs the package “build”")
    subprocess.run(build, check=True, capture_output=True)
    return folder


def python_named(version: str) -> str | None:
    """The path of that Python, if it runs."""
    for path in filter(None, (shutil.which(f"python{version}"), sys.executable)):
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        answer = subprocess.run([path, "-c", code], check=False, capture_output=True, text=True)
        if answer.stdout.strip() == version:
            return path
    return None


def test_the_sdist_has_what_the_tests_need_and_no_more(packages: Path) -> None:
    names = subprocess.run(
        ["tar", "-tf", str(packages / f"protocol_reader-{__version__}.tar.gz")],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    top = {name.split("/")[1] for name in names}
    assert top == {
        "reader", "tests", "sample_data", "README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "PKG-INFO",
        ".gitignore",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["whl", "tar.gz"])
@pytest.mark.parametrize("version", PYTHONS)
def test_it_installs_and_reads_the_samples(packages: Path, tmp_path: Path, version: str, kind: str) -> None:
    python = python_named(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    (package,) = packages.glob(f"*.{kind}")
    subprocess.run([python, "-m", "venv", str(tmp_path / "env")], check=True, capture_output=True)
    binaries = tmp_path / "env" / "bin"
    subprocess.run(
        [binaries / "python", "-m", "pip", "install", "-q", str(package)], check=True, capture_output=True
    )
    sample = sorted(SAMPLE_DATA.glob("*.txt"))[0]
    run = subprocess.run(
        [binaries / "protocol-reader", "parse", str(sample)],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    expected = json.loads(sample.with_suffix(".json").read_text(encoding="utf-8"))["articles"]
    found = json.loads(run.stdout)["articles"]
    assert [article["headline"] for article in found] == [article["headline"] for article in expected]
    shown = subprocess.run(
        [binaries / "protocol-reader", "--version"], check=True, capture_output=True, text=True
    )
    assert shown.stdout == f"protocol-reader {__version__}\n"
