"""The command that installs an extra fits the tool that installed the program."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from reader.extras import install_command, needs_extra, package_conflict

METADATA = """\
Metadata-Version: 2.4
Name: protocol-reader
Version: 0.1.0
Provides-Extra: zstd
Requires-Dist: textual>=8
Requires-Dist: some-zstd>=1.0; python_version < '3.14' and extra == 'zstd'
Requires-Dist: some-duck>=1.4; extra == 'parquet'
Requires-Dist: protocol-reader[parquet,zstd]; extra == 'test'
"""


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an environment that has the program and pip, and no extra."""
    packages = tmp_path / "packages"
    add_package(packages, "protocol-reader", METADATA)
    add_package(packages, "pip", "Metadata-Version: 2.4\nName: pip\nVersion: 25.0\n")
    monkeypatch.setattr(sys, "path", [str(packages)])
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setattr(sys, "executable", "/env/bin/python")
    return tmp_path


def add_package(packages: Path, name: str, metadata: str) -> None:
    folder = packages / f"{name.replace('-', '_')}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(metadata)


def remove_package(prefix: Path, name: str) -> None:
    (prefix / "packages" / f"{name}-1.0.dist-info" / "METADATA").unlink()
    (prefix / "packages" / f"{name}-1.0.dist-info").rmdir()


def test_in_an_environment_and_in_none(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert needs_extra("Parquet", "parquet") == (
        "Parquet needs the extra “parquet”: /env/bin/python -m pip install 'protocol-reader[parquet]'"
    )
    remove_package(prefix, "protocol_reader")  # A program that is not installed.
    assert install_command("zstd") == "/env/bin/python -m pip install 'protocol-reader[zstd]'"
    remove_package(prefix, "pip")
    monkeypatch.setattr(sys, "executable", "/my env/bin/python")
    assert install_command("zstd") == "uv pip install --python '/my env/bin/python' 'protocol-reader[zstd]'"
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    assert install_command("zstd", "parquet") == "pip install 'protocol-reader[zstd,parquet]'"


CHECKOUT = "file:///home/me/proto%20reader"


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        ({"url": CHECKOUT, "dir_info": {"editable": True}}, "-e '/home/me/proto reader[zstd]'"),
        ({"url": CHECKOUT, "dir_info": {}}, "'/home/me/proto reader[zstd]'"),
        ({"url": "https://example.org/x.whl"}, "'protocol-reader[zstd]'"),
    ],
)
def test_from_a_checkout_or_by_name(prefix: Path, origin: dict[str, Any], target: str) -> None:
    (prefix / "packages" / "protocol_reader-1.0.dist-info" / "direct_url.json").write_text(json.dumps(origin))
    assert install_command("zstd") == f"/env/bin/python -m pip install {target}"


def test_with_pipx_and_uv(prefix: Path) -> None:
    (prefix / "uv-receipt.toml").write_text("")
    assert install_command("zstd") == "uv tool install 'protocol-reader[zstd]'"
    add_package(prefix / "packages", "some-duck", "Metadata-Version: 2.4\nName: some-duck\nVersion: 1.4\n")
    assert (
        install_command("zstd") == "uv tool install 'protocol-reader[parquet,zstd]'"
    )  # What is there stays.
    (prefix / "pipx_metadata.json").write_text("{}")
    assert install_command("zstd") == "pipx inject protocol-reader some-zstd"


def test_another_distribution_with_the_same_import_name_is_noticed(tmp_path: Path) -> None:
    package = tmp_path / "reader"
    package.mkdir()
    (tmp_path / "protocol_reader-0.1.0.dist-info").mkdir()
    (tmp_path / "some_reader-1.0.dist-info").mkdir()
    assert package_conflict(package) is None
    (tmp_path / "reader-3.26.dist-info").mkdir()
    sentence = package_conflict(package)
    assert sentence is not None
    assert "an environment of its own" in sentence
