"""Marks, stars, searches and reading positions: kept, undone, and shared by two programs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reader.errors import LibraryError
from reader.library import Filters, Library, SavedSearch, Show, StoredPosition
from reader.library.database import errors
from reader.library.repair import check
from tests.app.stage import pages, story
from tests.filling import add_pages, marked
from tests.generated import a_page

BOX = "The beige box returns"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as library:
        add_pages(library, pages())
        yield library


def titles(library: Library, **filters: Any) -> list[str]:
    listing = library.listing(Filters(**filters))
    return [row.title for row in listing.rows(0, len(listing))]


def key_of(library: Library, title: str) -> int:
    listing = library.listing()
    return next(row.key for row in listing.rows(0, len(listing)) if row.title == title)


def test_what_was_done_is_said_and_said_again_when_it_is_undone(library: Library) -> None:
    key = key_of(library, BOX)
    said = [
        library.state.set_starred(key, True),
        library.state.set_read(key, True),
        library.state.set_read(key, False),
        library.state.set_starred(key, False),
        library.state.save_search("  boxes ", "title:box"),
    ]
    assert said == [
        f"starred “{BOX}”",
        f"marked “{BOX}” as read",
        f"marked “{BOX}” as unread",
        f"removed the star from “{BOX}”",
        "saved the search “boxes”",
    ]
    assert [library.state.undo() for _ in range(6)] == [*reversed(said), None]
    assert [library.state.redo() for _ in range(6)] == [*said, None]
    articles = library.state.mark_listed_read(library.listing(Filters(unread=Show.ONLY)))
    assert library.state.undo() == f"marked {articles} articles as read"
    add_pages(library, [a_page("pile/long.txt", story(0, "China", "Ten words " * 20))])
    long = library.state.set_starred(key_of(library, library.listing().rows(3, 4)[0].title), True)
    assert long is not None
    assert long.endswith("…”")
    assert len(long) == len("starred “”") + 60


def test_what_changes_nothing_is_no_action_and_an_article_that_is_gone_is_said_to_be(
    library: Library,
) -> None:
    state = library.state
    for said in (state.set_read(1, False), state.set_starred(1, False), state.remove_search("none")):
        assert said is None
    assert state.split(1) is None
    for write in (partial(state.set_read, 99, True), partial(state.split, 99)):
        with pytest.raises(LibraryError, match="no longer has this article"):
            write()
    assert state.undo() is None


def test_the_place_of_every_article_is_kept_and_is_no_change(library: Library) -> None:
    assert library.last_position() is None
    before = library.stamps()
    library.state.save_positions([StoredPosition(1, 3, 40)])
    library.state.save_positions([StoredPosition(2, 0, 0)])
    library.state.save_positions([StoredPosition(5, 1, 1), StoredPosition(1, 4, 7), StoredPosition(99, 1, 1)])
    with library.another() as other:
        assert other.last_position() == StoredPosition(1, 4, 7)
        assert [place.key for place in other.state.positions(10)] == [1, 5, 2]
    assert library.stamps() == before
    assert library.state.undo() is None
    library.state.set_read(1, True)
    assert library.stamps() == before._replace(state=before.state + 1)
    add_pages(library, [a_page("pile/new.txt", story(0, "China", "A kiln in the delta"))])
    assert library.stamps().content > before.content


def test_searches_are_kept_by_name(library: Library) -> None:
    state = library.state
    state.save_search("Box", "box")
    state.save_search("apples", "apple OR pear")
    state.save_search("Box", "box is:unread")
    assert state.searches() == (SavedSearch("apples", "apple OR pear"), SavedSearch("Box", "box is:unread"))
    state.undo()
    assert state.searches()[1].query == "box"
    state.remove_search("Box")
    assert state.searches() == (SavedSearch("apples", "apple OR pear"),)
    state.undo()
    assert state.searches()[1] == SavedSearch("Box", "box")
    with pytest.raises(LibraryError, match="needs a name"):
        state.save_search("  ", "box")


def test_a_library_that_stays_locked_is_told_in_a_sentence_and_nothing_has_changed(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "BUSY_SECONDS", 0.05)
    state = library.state
    with closing(sqlite3.connect(library.path, isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        for write in (
            lambda: state.set_read(1, True),
            lambda: state.mark_listed_read(library.listing()),
            state.undo,
            lambda: state.save_search("a", "b"),
            lambda: state.save_positions([StoredPosition(1, 1, 1)]),
            lambda: state.split(1),
            lambda: add_pages(library, [a_page("one.txt", story(0, "China", "A kiln in the delta"))]),
            lambda: list(check(library.path)),
        ):
            with pytest.raises(LibraryError, match="another program has kept the library locked"):
                write()
        assert titles(library, words="box") == [BOX]  # reading goes on
    assert marked(library) == (0, 0)
    assert state.set_read(1, True) is not None
