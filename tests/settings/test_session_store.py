"""What is remembered between two starts: the file, whatever is in it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reader.app.main.layout import PaneState
from reader.app.main.session import Session, pane_state_of
from reader.app.query_worker import QueryWorker
from reader.app.text.flow import ReadingPosition
from reader.app.view import View
from reader.app.write_queue import WriteQueue
from reader.library import Library, SectionCount, StoredPosition
from reader.settings import Settings
from reader.settings.session_store import (
    FILE,
    MOST_WINDOWS,
    SessionStore,
    Window,
    name_of_captures,
    name_of_library,
)
from tests.app.stage import pages
from tests.filling import add_pages

LEFT = Window(
    pane="article", section="China", truncated="only", sort="newest", text_width=60, block=3, offset=12
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def test_what_is_kept_is_there_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "protocol-reader"
    memory = SessionStore(folder, "one")
    assert memory.window is None
    assert not memory.welcomed
    memory.welcome()
    memory.keep(LEFT)
    again = SessionStore(folder, "one")
    assert again.window == LEFT
    assert again.welcomed
    assert SessionStore(folder, "other").window is None
    assert [path.name for path in folder.iterdir()] == [FILE]


def test_two_readers_do_not_lose_each_others_windows(tmp_path: Path) -> None:
    one, other = SessionStore(tmp_path, "one"), SessionStore(tmp_path, "other")
    one.keep(LEFT)
    other.keep(LEFT._replace(section="Fintech"))
    assert SessionStore(tmp_path, "one").window == LEFT


def test_the_oldest_windows_go(tmp_path: Path) -> None:
    for number in range(MOST_WINDOWS + 3):
        SessionStore(tmp_path, str(number)).keep(LEFT)
    assert SessionStore(tmp_path, "2").window is None
    assert SessionStore(tmp_path, "3").window == LEFT


def test_windows_can_be_left_unremembered(tmp_path: Path) -> None:
    SessionStore(tmp_path, "one").keep(LEFT)
    memory = SessionStore(tmp_path, "one", windows=False)
    assert memory.window is None
    memory.keep(LEFT._replace(section="Fintech"))
    memory.welcome()
    assert SessionStore(tmp_path, "one").window == LEFT
    assert SessionStore(tmp_path, "one").welcomed


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b"\xff\xfe", b'{"windows": 3}', b"[" * 100_000])
def test_a_damaged_file_is_ignored_and_replaced(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / FILE).write_bytes(damaged)
    memory = SessionStore(tmp_path, "one")
    assert memory.window is None
    memory.keep(LEFT)
    assert SessionStore(tmp_path, "one").window == LEFT


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(window=st.dictionaries(st.sampled_from(Window._fields), VALUES))
def test_whatever_a_window_says_its_values_have_their_types(tmp_path: Path, window: dict[str, Any]) -> None:
    (tmp_path / FILE).write_text(json.dumps({"windows": {"one": window}}))
    read = SessionStore(tmp_path, "one").window
    assert read is not None
    assert [type(value) for value in read] == [type(value) for value in Window()]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    memory = SessionStore(tmp_path / "file" / "state", "one")
    memory.welcome()
    memory.keep(LEFT)
    assert not SessionStore(tmp_path / "file" / "state", "one").welcomed


def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE)
    assert SessionStore(tmp_path, "one").window is None


def test_names_are_of_what_is_open_not_of_how_it_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    both = [str(tmp_path / "b"), str(tmp_path / "a")]
    assert name_of_captures(["a", "./b"]) == name_of_captures(both) != name_of_captures(["a"])
    assert name_of_captures(["a", "-"]) == ""
    assert name_of_library(Path("a")) not in ("", name_of_captures(["a"]))
    many = [f"{number}.txt" for number in range(1_000)]
    assert len(name_of_captures(many)) < 100
    assert name_of_captures(many) != name_of_captures(many[1:])


# The session: where articles were left, and what is open again at the next start


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


async def test_positions_of_this_session_are_newer_than_those_of_earlier_ones(
    library: Library, writes: WriteQueue
) -> None:
    library.state.save_positions([StoredPosition(1, 5, 0), StoredPosition(2, 6, 0)])
    session = Session(library, writes)
    session.set_position(1, ReadingPosition(2, 0))
    queries = QueryWorker(library, lambda error: pytest.fail(str(error)))
    await session.load_positions(queries)
    queries.close()
    assert session.position(1) == ReadingPosition(2, 0)
    assert session.position(2) == ReadingPosition(6, 0)


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
