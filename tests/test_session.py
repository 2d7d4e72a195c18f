"""The session: where articles were left, and what is open again at the next start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reader.app.main.layout import PaneState
from reader.app.main.session import OpenNow, Session, pane_state_of
from reader.app.text.flow import ReadingPosition
from reader.app.view import View
from reader.app.write_queue import WriteQueue
from reader.library import Filters, Library, SectionCount, Show, Sort, StoredPosition
from reader.settings import Settings
from reader.settings.session_store import SessionStore, Window
from tests.app_stage import pages
from tests.filling import add_pages

PATIENCE = 5.0
SECTIONS = (SectionCount("China", 3), SectionCount("Fintech", 2))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as library:
        add_pages(library, pages())
        yield library


@pytest.fixture
def writes(library: Library) -> Iterator[WriteQueue]:
    writes = WriteQueue(library)
    yield writes
    assert writes.finish(PATIENCE) is None


def test_a_position_is_saved_once_and_opens_the_next_session(library: Library, writes: WriteQueue) -> None:
    session = Session(library, writes)
    session.set_position(3, ReadingPosition(4, 7), save=True)
    saving = session.begin_to_save()
    assert saving is not None
    saving.result(PATIENCE)
    assert library.last_position() == StoredPosition(3, 4, 7)
    session.set_position(3, ReadingPosition(4, 7), save=True)
    assert session.begin_to_save() is None
    later = Session(library, writes)
    assert later.first_key() == 3
    assert later.position(3) == ReadingPosition(4, 7)


def test_a_position_of_an_article_only_passed_by_is_not_saved(library: Library, writes: WriteQueue) -> None:
    session = Session(library, writes)
    session.set_position(3, ReadingPosition(4, 7))
    assert session.position(3) == ReadingPosition(4, 7)
    assert session.begin_to_save() is None


def test_positions_of_this_session_are_newer_than_those_of_earlier_ones(
    library: Library, writes: WriteQueue
) -> None:
    session = Session(library, writes)
    session.set_position(1, ReadingPosition(2, 0))
    session.add_positions([StoredPosition(1, 5, 0), StoredPosition(2, 6, 0)])
    assert session.position(1) == ReadingPosition(2, 0)
    assert session.position(2) == ReadingPosition(6, 0)


def test_what_is_open_comes_back(library: Library, writes: WriteQueue, tmp_path: Path) -> None:
    panes = PaneState("article", sidebar=False)
    view = View(Filters(section="China", truncated=Show.HIDE), Sort.TITLE)
    session = Session(library, writes)
    assert session.restore(SessionStore(tmp_path, "it"), Settings()) is None
    session.keep(OpenNow(panes, view, 1, ReadingPosition(0, 0), 80), Settings())
    later = Session(library, writes)
    window = later.restore(SessionStore(tmp_path, "it"), Settings())
    assert window is not None
    assert pane_state_of(window) == panes
    assert later.view_of(window, SECTIONS) == view
    assert later.text_width == 80


def test_what_is_damaged_or_gone_is_as_usual(library: Library, writes: WriteQueue) -> None:
    window = Window(
        pane="nonsense", sidebar=False, section="Antarctica", truncated="nonsense", sort="nonsense"
    )
    assert pane_state_of(window) == PaneState("list")
    assert Session(library, writes).view_of(window, SECTIONS) == View()


def test_captures_await_what_was_open_and_keep_no_positions(tmp_path: Path) -> None:
    store = SessionStore(tmp_path, "it")
    store.keep(Window(section="China"))
    with Library.temporary() as library:
        session = Session(library, WriteQueue(library))
        assert session.restore(store, Settings()) is None
        assert session.awaited == Window(section="China")
        session.set_position(1, ReadingPosition(2, 0), save=True)
        assert session.begin_to_save() is None
