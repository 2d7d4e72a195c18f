"""A library of version 1 is brought up to date, with a copy beside it; three copies stay."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from reader.errors import LibraryError
from reader.library import Library
from reader.library.database.connection import Database
from reader.library.migrations import KEPT, MIGRATIONS, Migration, copies
from reader.library.repair.checking import check
from tests.generated import build, pages
from tests.library.killing import content
from tests.library.version_one import build_first_version, use_migrations
from tests.paths import ROOT


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    build_first_version(path, 160)
    return path


def test_a_library_of_version_1_has_all_that_a_new_one_would_have(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    build(new, 160)
    with Library.open(old) as library, Library.open(new) as other:
        listing, like = library.listing(), other.listing()
        assert [row._replace(key=0) for row in listing.rows(0, 200)] == [
            row._replace(key=0) for row in like.rows(0, 200)
        ]
        for row, twin in zip(listing.rows(0, 200), like.rows(0, 200), strict=True):
            new_article = other.article(twin.key).article._replace(confidence=None)
            assert library.article(row.key).article == new_article
            assert len(library.versions(row.key)) == len(other.versions(twin.key))
        assert library.totals() == other.totals()
    assert list(check(old)) == []


def test_the_copy_is_the_file_as_it_was(old: Path) -> None:
    before = content(old)
    Library.open(old).close()
    (copy,) = copies(old)
    assert content(copy) == before
    assert sorted(path.name for path in old.parent.iterdir()) == ["library.db", "library.db.before-1"]
    Library.open(old).close()
    assert copies(old) == [copy]


def test_nothing_is_copied_of_a_library_that_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    build_first_version(path, 0)
    Library.open(path).close()
    Library.open(tmp_path / "new.db").close()
    assert copies(path) == copies(tmp_path / "new.db") == []


def test_three_copies_stay(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = list(MIGRATIONS)
    for number in range(5):
        use_migrations(monkeypatch, tuple(steps))
        Library.open(old).close()
        steps.append(Migration(f"step {number}", (f"CREATE TABLE step_{number} (x)",)))
    assert [path.name.rpartition("-")[2] for path in copies(old)] == ["3", "4", "5"]
    assert len(copies(old)) == KEPT


def test_where_no_copy_can_be_made_nothing_is_done(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Database, path: Path) -> None:
        raise LibraryError("the disk is full")

    before = content(old)
    monkeypatch.setattr(Database, "copy_to", full)
    with pytest.raises(LibraryError, match="so nothing was changed"):
        Library.open(old)
    assert content(old) == before


def test_two_that_open_an_old_library_at_once_make_one_copy(old: Path) -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            Library.open(old).close()
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(copies(old)) == 1
    assert list(check(old)) == []


def test_an_addition_waits_for_another_that_writes(old: Path, tmp_path: Path) -> None:
    Library.open(old).close()
    page = tmp_path / "page.txt"
    page.write_text(next(pages(8, seed=9))[0].text, encoding="utf-8")
    command = [sys.executable, "-m", "reader", "add", "--library", str(old), str(page)]
    with closing(sqlite3.connect(old, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        waiting = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(2)
        writer.execute("ROLLBACK")
    assert waiting.communicate()[1] == ""
    assert waiting.returncode == 0
