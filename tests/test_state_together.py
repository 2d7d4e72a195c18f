"""Several programs that write to one library at once: none fails, nothing is lost."""

from __future__ import annotations

import sqlite3
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from reader.errors import LibraryError
from reader.library import Filters, Library, Show, StoredPosition
from reader.library.database import errors as failures
from tests.app_stage import TITLES_AS_LISTED, pages
from tests.filling import add_pages, sql
from tests.generated import pages as generated_pages

LAST = len(TITLES_AS_LISTED)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Library.open(tmp_path / "library.db") as library:
        add_pages(library, pages())
    return tmp_path / "library.db"


def test_a_library_that_stays_locked_is_told_in_a_sentence_and_nothing_has_changed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "BUSY_SECONDS", 0.1)
    with Library.open(path) as library:
        lock = sqlite3.connect(path, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        state = library.state
        for write in (
            lambda: state.set_read(1, True),
            lambda: state.set_starred(1, True),
            lambda: state.mark_listed_read(library.listing()),
            state.undo,
            state.redo,
            lambda: state.save_search("a", "b"),
            lambda: state.save_positions([StoredPosition(1, 1, 1)]),
            lambda: state.split(1),
        ):
            with pytest.raises(LibraryError, match="another program has been writing"):
                write()
        assert state.counts() == (LAST, 0)
        lock.execute("ROLLBACK")
        lock.close()
        assert state.set_read(1, True) is not None


def _mark_some(path: str, start: int, done: Any) -> None:
    """In a process of its own: star every third article from `start`, and toggle marks that come to nothing."""
    with Library.open(Path(path)) as library:
        count = 0
        for key in range(1 + start, 301, 3):
            assert library.state.set_starred(key, True) is not None
            library.state.set_read(key, True)
            library.state.set_read(key, False)
            library.state.save_positions([StoredPosition(key, 1, start)])
            count += 1
        done.put(count)


def _add_some(path: str, done: Any) -> None:
    """In a process of its own: add articles, a few at a time."""
    with Library.open(Path(path)) as library:
        added = sum(add_pages(library, [page]).articles for page in generated_pages(400, seed=9))
        done.put(added)


def test_two_readers_and_an_import_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with Library.open(path) as library:
        add_pages(library, generated_pages(300))
        before = library.totals().articles
        context = get_context("spawn")
        done: Any = context.Queue()
        work = [
            context.Process(target=_mark_some, args=(str(path), 0, done)),
            context.Process(target=_mark_some, args=(str(path), 1, done)),
            context.Process(target=_add_some, args=(str(path), done)),
        ]
        for process in work:
            process.start()
        for process in work:
            process.join(60)
        assert [process.exitcode for process in work] == [0, 0, 0]
        assert sorted(done.get(timeout=60) for _ in work) == [100, 100, 400]
        starred = {
            version.identity
            for key in range(1, 301)
            for version in library.versions(key)
            if key % 3 and version.key == key
        }
        marked = sql(library, "SELECT lower(hex(identity)) FROM marks WHERE starred")
        assert starred <= {identity for (identity,) in marked}
        totals = library.totals()
        assert totals.articles > before
        assert totals.read == 0
        assert totals.starred == library.state.counts()[1] == len(library.listing(Filters(starred=Show.ONLY)))
        while library.state.undo() is not None:
            pass
        assert library.state.counts() == (library.totals().articles, 0)
