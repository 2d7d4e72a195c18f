"""What the program keeps for itself, its owner alone may read; what it exports follows the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from reader.cli import main
from reader.library import Library
from reader.library.migrations import copies
from reader.settings.writing import initialise, keep
from tests.generated import a_page, an_article, build
from tests.version_one import build_first_version


@pytest.fixture(autouse=True)
def open_handed() -> Iterator[None]:
    """A umask that lets everybody read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()}


def test_a_library_and_what_lies_beside_it(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.db") as library:
        library.add([a_page("one.txt", an_article())])
        assert modes(tmp_path) == dict.fromkeys(("library.db", "library.db-wal", "library.db-shm"), 0o600)


def test_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    build(path, 8)
    assert main(["backup", str(tmp_path / "copies" / "copy.db"), "--library", str(path)]) == 0
    assert modes(tmp_path / "copies") == {"copy.db": 0o600}


def test_the_copy_made_before_an_upgrade(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    build_first_version(path, 8)
    Library.open(path).close()
    (copy,) = copies(path)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_mended_library_and_the_copy_of_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    build(path, 8)
    with Library.open(path) as library:
        library.database.run("UPDATE counters SET captures = 9")
    assert main(["check", "--mend", "--library", str(path)]) == 1
    assert modes(tmp_path) == {"library.db": 0o600, "library.db.damaged-1": 0o600}
    path.write_bytes(path.read_bytes()[:-8192])
    assert main(["check", "--mend", "--library", str(path)]) == 1
    assert modes(tmp_path)["library.db"] == 0o600


def test_settings(tmp_path: Path) -> None:
    initialise(tmp_path / "one" / "config.toml", "")
    keep(tmp_path / "two" / "config.toml", "text.width", 80)
    assert modes(tmp_path / "one") == modes(tmp_path / "two") == {"config.toml": 0o600}


def test_an_export_follows_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    build(path, 8)
    out = tmp_path / "out"
    out.mkdir()
    assert main(["export", "--output", str(out / "all.md"), "--library", str(path)]) == 0
    assert modes(out) == {"all.md": 0o644}
