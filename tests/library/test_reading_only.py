"""Libraries in folders that may not be written, logs of other libraries, and articles removed while they are read."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reader.cli import main
from reader.errors import LibraryError
from reader.library import Hit, Library
from reader.library.repair import check
from tests.commands.stage import Done, Run
from tests.filling import add_pages
from tests.generated import build, pages
from tests.paths import SAMPLE_DATA

_DROP_FROM_BOUNDING_SET, _OVERRIDES_PERMISSIONS, _OVERRIDES_READING = 24, 1, 2


def without_privileges() -> None:
    """Let permissions hold for root too, from the next program on."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (_OVERRIDES_PERMISSIONS, _OVERRIDES_READING):
            libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)


SEVERAL = """
import contextlib, io, json, sys
from reader.cli import main
for words in json.loads(sys.argv[1]):
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "12")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    print(json.dumps([status, *(stream.buffer.getvalue().decode() for stream in (out, err))]))
"""


def unprivileged(*commands: list[str | Path]) -> list[Done]:
    """Run commands, in one process, as somebody who may only do what permissions say."""
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL, json.dumps(commands, default=str)],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=without_privileges if sys.platform == "linux" else None,
    )
    return [Done(*json.loads(line)) for line in done.stdout.splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    build(path, 40)
    return path


@pytest.fixture
def restored(tmp_path: Path) -> Path:
    """Where a backup is put."""
    (tmp_path / "restored").mkdir()
    return tmp_path / "restored" / "library.db"


@pytest.fixture
def locked(path: Path) -> Iterator[Path]:
    """A library that may be read and not written, nor may its folder."""
    if sys.platform != "linux" and os.geteuid() == 0:
        pytest.skip("permissions mean nothing to root here")
    path.chmod(0o400)
    path.parent.chmod(0o500)
    yield path
    path.parent.chmod(0o700)


def test_a_library_that_may_not_be_written_is_read_and_checked_and_takes_no_more(locked: Path) -> None:
    exported, found, refused, checked = unprivileged(
        ["export", "--format", "json", "--library", locked],
        ["search", "--json", "--library", locked, "the"],
        ["add", SAMPLE_DATA, "--library", locked],
        ["check", "--library", locked],
    )
    assert (exported.status, found.status) == (0, 0), exported.err + found.err
    ids = [article["id"] for article in exported.objects]
    assert len(ids) == 40
    assert {article["id"] for article in found.objects} <= set(ids)
    assert refused.status == 3
    assert f"{locked}: the library or its folder cannot be written" in refused.err
    assert checked.status == 0
    assert [file.name for file in locked.parent.iterdir()] == [locked.name]
    locked.chmod(0o600)
    data = locked.read_bytes()
    locked.write_bytes(data.replace(b'[0,"story"', b"[0,'story'", 1))
    locked.chmod(0o400)
    (checked,) = unprivileged(["check", "--library", locked])
    assert checked.status == 1


def test_a_log_that_cannot_be_read_is_not_taken_for_a_foreign_one(path: Path) -> None:
    with Library.open(path) as library:
        add_pages(library, pages(8, seed=3))
        log = path.with_name("library.db-wal").read_bytes()
    path.with_name("library.db-wal").write_bytes(log)
    path.with_name("library.db-wal").chmod(0)
    locked_out = unprivileged(["search", "the", "--library", path], ["check", "--mend", "--library", path])
    for refused in locked_out:
        assert refused.status == 3
        assert "such as a copy of this one and of any -wal file beside it" in refused.err
    assert path.with_name("library.db-wal").exists()
    path.parent.chmod(0o500)
    try:
        (refused,) = unprivileged(["check", "--library", path])
        assert refused.status == 3
    finally:
        path.parent.chmod(0o700)


def test_an_old_log_beside_a_restored_backup_is_found_before_it_does_harm(path: Path, restored: Path) -> None:
    with Library.open(path) as library:
        add_pages(library, pages(8, seed=3))
        old = path.with_name("library.db-wal").read_bytes()
        add_pages(library, pages(80, seed=4))
    shutil.copy(path, restored)
    restored.with_name("library.db-wal").write_bytes(old)
    before = restored.read_bytes()
    with pytest.raises(
        LibraryError, match=r"library\.db-wal: this is the log of another library, or of an older state"
    ):
        Library.open(restored)
    the_log_is_moved_aside(restored)
    assert restored.with_name("library.db-wal.foreign-1").read_bytes() == old
    assert restored.read_bytes() == before


def the_log_is_moved_aside(restored: Path) -> None:
    (found,) = check(restored)
    assert "library.db-wal does not belong to this library" in found.what
    assert main(["check", "--mend", "--library", str(restored)]) == 1
    assert list(check(restored)) == []


def test_a_newer_log_beside_a_restored_backup_is_not_written_into_it(path: Path, restored: Path) -> None:
    with Library.open(path) as library:
        add_pages(library, pages(160, seed=2))
    shutil.copy(path, restored)
    with Library.open(path) as library:
        add_pages(library, pages(64, seed=3))
    with Library.open(path) as library:
        add_pages(library, pages(64, seed=4))
        shutil.copy(path.with_name("library.db-wal"), restored.with_name("library.db-wal"))
    before = restored.read_bytes()
    with Library.open(restored) as library, library.another() as other:
        with pytest.raises(LibraryError, match="the library is damaged"):
            _ = [other.article(hit.row.key) for hit in other.search("the", limit=500).hits]
        assert library.totals().articles
    assert restored.read_bytes() == before
    the_log_is_moved_aside(restored)


def test_a_log_of_its_own_is_not_taken_for_a_foreign_one(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "killed" / "library.db"
    copy.parent.mkdir()
    with Library.open(path) as library:
        add_pages(library, pages(80, seed=4))
        library.remove([1, 2])
        for name in ("library.db", "library.db-wal"):  # as a kill leaves them
            shutil.copy(path.with_name(name), copy.with_name(name))
        expected = library.totals()
    assert list(check(copy)) == []
    with Library.open(copy) as library:
        assert library.totals() == expected


def test_what_is_removed_while_it_is_exported_is_left_out(path: Path) -> None:
    with Library.open(path) as library, Library.open(path) as other:
        told: list[str] = []
        items = library.export_items(library.newest_keys(), told.append)
        first = next(items)
        other.remove([1, 2, 3])
        exported = [first, *items]
        assert told == []
        assert 40 - 3 * 8 <= len(exported) <= 40 - 3 * 8 + 1


def test_what_is_removed_while_it_is_searched_is_left_out(
    path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    all_hits = Library.all_hits

    def racing(library: Library, *given: Any) -> Iterator[Hit]:
        """Search; then another program removes a capture."""
        hits = list(all_hits(library, *given))
        with Library.open(path) as other:
            other.remove([4])
        return iter(hits)

    monkeypatch.setattr(Library, "all_hits", racing)
    status, out, err = run("search", "--json", "--library", path, "the")
    assert (status, len(out.splitlines()), err) == (0, 32, "")
