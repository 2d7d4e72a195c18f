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


def installed_from(prefix: Path, origin: dict[str, Any]) -> None:
    path = prefix / "packages" / "protocol_reader-1.0.dist-info" / "direct_url.json"
    path.write_text(json.dumps(origin))


def test_in_a_virtual_environment(prefix: Path) -> None:
    assert install_command("zstd") == "/env/bin/python -m pip install 'protocol-reader[zstd]'"
    assert needs_extra("Parquet", "parquet") == (
        "Parquet needs the extra “parquet”: /env/bin/python -m pip install 'protocol-reader[parquet]'"
    )


def test_in_no_environment(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    assert install_command("zstd", "parquet") == "pip install 'protocol-reader[zstd,parquet]'"


def test_in_an_environment_without_pip(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (prefix / "packages" / "pip-1.0.dist-info" / "METADATA").unlink()
    (prefix / "packages" / "pip-1.0.dist-info").rmdir()
    monkeypatch.setattr(sys, "executable", "/my env/bin/python")
    assert install_command("zstd") == "uv pip install --python '/my env/bin/python' 'protocol-reader[zstd]'"


@pytest.mark.parametrize(("editable", "option"), [(True, "-e "), (False, "")])
def test_from_a_checkout(prefix: Path, editable: bool, option: str) -> None:
    installed_from(prefix, {"url": "file:///home/me/proto%20reader", "dir_info": {"editable": editable}})
    assert install_command("zstd") == (
        f"/env/bin/python -m pip install {option}'/home/me/proto reader[zstd]'"
    )


@pytest.mark.parametrize("origin", [{}, {"url": 3}, {"url": "https://example.org/x.whl"}])
def test_from_elsewhere_is_by_name(prefix: Path, origin: dict[str, Any]) -> None:
    installed_from(prefix, origin)
    assert install_command("zstd").endswith("'protocol-reader[zstd]'")


def test_with_pipx_the_packages_of_the_extra_are_injected(prefix: Path) -> None:
    (prefix / "pipx_metadata.json").write_text("{}")
    assert install_command("zstd") == "pipx inject protocol-reader some-zstd"


def test_with_uv_the_extras_that_are_there_stay(prefix: Path) -> None:
    (prefix / "uv-receipt.toml").write_text("")
    assert install_command("zstd") == "uv tool install 'protocol-reader[zstd]'"
    add_package(prefix / "packages", "some-duck", "Metadata-Version: 2.4\nName: some-duck\nVersion: 1.4\n")
    assert install_command("zstd") == "uv tool install 'protocol-reader[parquet,zstd]'"


def test_a_program_that_is_not_installed(prefix: Path) -> None:
    (prefix / "packages" / "protocol_reader-1.0.dist-info" / "METADATA").unlink()
    (prefix / "packages" / "protocol_reader-1.0.dist-info").rmdir()
    assert install_command("zstd") == "/env/bin/python -m pip install 'protocol-reader[zstd]'"


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
