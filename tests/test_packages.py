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
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_it_installs_and_reads_the_samples(packages: Path, tmp_path: Path, version: str, kind: str) -> None:
    python = shutil.which(f"python{version}")
    # The launcher of a version manager is there even if its Python is not.
    if not python or subprocess.run([python, "-V"], check=False, capture_output=True).returncode:
        pytest.skip(f"there is no Python {version} here")
    (package,) = packages.glob(f"*.{kind}")
    binaries = tmp_path / "env" / "bin"

    def run(*words: str | Path) -> str:
        return subprocess.run(words, check=True, capture_output=True, text=True, cwd=tmp_path).stdout

    run(python, "-m", "venv", tmp_path / "env")
    run(binaries / "python", "-m", "pip", "install", "-q", package)
    sample = sorted(SAMPLE_DATA.glob("*.txt"))[0]
    found = json.loads(run(binaries / "protocol-reader", "parse", sample))["articles"]
    expected = json.loads(sample.with_suffix(".json").read_text(encoding="utf-8"))["articles"]
    assert [article["headline"] for article in found] == [article["headline"] for article in expected]
    assert run(binaries / "protocol-reader", "--version") == f"protocol-reader {__version__}\n"
