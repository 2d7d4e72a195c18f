"""Reading marks, stars, undo and reading places on the screen."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest
from textual.widgets import Input, TextArea

from reader.library import Library, StoredPosition
from reader.library.database import errors
from tests.app.stage import TITLES_AS_LISTED, Stage, on_stage
from tests.filling import marked

UNREAD, STARRED = "• ", "★ "


pytestmark = pytest.mark.staged(size=(110, 20))


def locked(library: Library) -> sqlite3.Connection:
    """Another program that writes, until it is closed."""
    lock = sqlite3.connect(library.path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    return lock


@asynccontextmanager
async def on_locked_stage(
    library: Library, monkeypatch: pytest.MonkeyPatch, patience: float
) -> AsyncIterator[tuple[Stage, sqlite3.Connection]]:
    """The app while another program writes; after `patience` seconds the app gives up writing."""
    monkeypatch.setattr(errors, "BUSY_SECONDS", patience)
    async with on_stage(library, size=(110, 20)) as stage:
        with closing(locked(library)) as lock:
            yield stage, lock


def margins(stage: Stage, index: int) -> tuple[str, str]:
    """What stands left of a row's two lines, after the cursor's mark."""
    title = stage.titles()[index][:20]
    line = next(y for y, line in enumerate(stage.lines()) if title in line[:40])
    first, second = stage.lines()[line : line + 2]
    return first[1:3], second[1:3]


def unread(stage: Stage) -> list[int]:
    return [index for index, row in enumerate(stage.screen.list_pane.listing.rows(0, 20)) if row.unread]


# Marks and stars


async def test_a_star_stands_in_the_list_and_before_the_byline_and_moves_nothing(stage: Stage) -> None:
    await stage.press("asterisk")
    assert margins(stage, 0) == (UNREAD, STARRED)
    assert "1 starred" in stage.lines()[0]
    for keys, starred in (((), True), (("j",), False), (("k",), True), (("asterisk",), False)):
        await stage.press(*keys)
        assert ("★ By Lian Huarong" in stage.text()) == starred
    assert margins(stage, 0) == (UNREAD, "  ")
    # Where no list is seen, it is said; neither the place nor the matches move.
    await stage.press("l", "slash", *"seventh", "enter", "z")
    article = stage.screen.article_pane
    place, matches = article.view.position, article.view.finder.match
    for key, said in (
        ("asterisk", "Starred"), ("asterisk", "Star removed"), ("m", "Marked unread"), ("m", "Marked read"),
    ):  # fmt: skip
        await stage.press(key)
        assert stage.said()[-1] == said
        assert (article.view.position, article.view.finder.match) == (place, matches) == (place, (1, 1))


async def test_the_star_before_the_byline_follows_tags_notes_and_a_filter_by_stars_at_once(
    stage: Stage,
) -> None:
    await stage.step("asterisk", "number_sign", *"aaa", "enter")
    assert "★ By Lian Huarong" in stage.text()
    assert "#aaa" in stage.text()
    await stage.step("w", *"Hm.", "ctrl+s")
    assert "★ By Lian Huarong" in stage.text()
    await stage.step("j", "asterisk", "F")
    for key, starred in (("asterisk", False), ("asterisk", True), ("u", False)):
        await stage.press(key)
        assert ("★ By Lian Huarong" in stage.text()) == starred


async def test_marks_can_be_undone_and_done_again(stage: Stage) -> None:
    assert margins(stage, 0) == margins(stage, 1) == (UNREAD, "  ")
    await stage.press("u")
    assert stage.said()[-1] == "Nothing to undo"
    await stage.press("m")
    assert (margins(stage, 0), margins(stage, 1)) == (("  ", "  "), (UNREAD, "  "))
    assert "9 unread" in stage.lines()[0]
    await stage.press("m")
    assert margins(stage, 0) == (UNREAD, "  ")
    assert "unread" not in stage.lines()[0]
    await stage.press("m", "j", "asterisk", "u")
    assert stage.said()[-1] == "Undone: starring “A permit for a battery”"
    assert margins(stage, 1) == (UNREAD, "  ")
    await stage.press("u")
    assert unread(stage) == list(range(len(TITLES_AS_LISTED)))
    assert stage.screen.list_pane.rows.cursor == 1
    await stage.press("ctrl+r", "ctrl+r")
    assert stage.said()[-1] == "Redone: starring “A permit for a battery”"
    assert (margins(stage, 0), margins(stage, 1)) == (("  ", "  "), (UNREAD, STARRED))
    await stage.press("ctrl+r")
    assert stage.said()[-1] == "Nothing to redo"


async def test_undo_first_names_what_another_window_did(stage: Stage) -> None:
    await stage.press("asterisk")
    with stage.screen.library.another() as other_window:
        key = stage.screen.list_pane.key
        assert key is not None
        other_window.annotations.write_note(key, "Ask the growers.")
        named = f"writing a note on “{TITLES_AS_LISTED[0]}”"
        await stage.press("u")
        assert stage.said()[-1] == f"u again undoes what was done in another window or session: {named}"
        assert other_window.annotations.of(key)
        await stage.press("u")
        assert stage.said()[-1] == f"Undone: {named}"
        assert not other_window.annotations.of(key)
    await stage.press("u")
    assert stage.said()[-1] == f"Undone: starring “{TITLES_AS_LISTED[0]}”"


async def test_all_that_is_listed_is_marked_and_said_to_be(stage: Stage) -> None:
    for keys, said, first in (
        (("1", "A"), "Marked 3 articles as read; u undoes it", 3),
        (("A",), "No listed article is unread", 3),
        (("0", "u"), "Undone: marking 3 articles as read", 0),
    ):
        await stage.press(*keys)
        assert stage.said()[-1] == said
        await stage.press("0")
        assert unread(stage) == list(range(first, len(TITLES_AS_LISTED)))
        await stage.press("1")


@pytest.mark.staged(size=(110, 14))
async def test_an_article_is_read_when_its_end_was_in_sight_while_it_had_the_keys(stage: Stage) -> None:
    await stage.press("l")
    assert 0 in unread(stage)
    await stage.press("G")
    assert 0 not in unread(stage)
    await stage.press("m", "k", "G")
    assert 0 in unread(stage)  # what was marked by hand stays so while it is open
    await stage.press("u", "u", "u")
    undone = [f"Undone: marking “{TITLES_AS_LISTED[0]}” as {state}" for state in ("unread", "read")]
    assert stage.said()[-3:] == [*undone, "Nothing to undo"]
    assert 0 in unread(stage)


@pytest.mark.staged(size=(110, 14))
async def test_an_article_is_still_marked_read_at_its_end_after_an_undo(stage: Stage) -> None:
    await stage.press("l", "asterisk", "u", "ctrl+r", "G")
    assert 0 not in unread(stage)
    # Undoing the mark itself lasts.
    await stage.press("u", "k", "G")
    assert 0 in unread(stage)


@pytest.mark.staged(size=(120, 60))
async def test_an_article_that_is_wholly_seen_is_read_once_it_has_the_keys(stage: Stage) -> None:
    for keys, first in ((("j", "k"), 0), (("l",), 1), (("J",), 2)):
        await stage.press(*keys)
        assert unread(stage) == list(range(first, len(TITLES_AS_LISTED)))


@pytest.mark.staged(size=(80, 24))
async def test_an_end_that_was_in_sight_before_the_terminal_got_smaller_does_not_count(stage: Stage) -> None:
    for size in ((200, 60), (80, 24)):
        await stage.pilot.resize_terminal(*size)
    await stage.press("enter")
    assert 0 in unread(stage)
    await stage.press("G")
    assert 0 not in unread(stage)


async def test_brackets_go_to_unread_articles_from_either_pane(stage: Stage) -> None:
    for index in (1, 2, 4):
        stage.screen.list_pane.go_to(index)
        await stage.press("m")
    stage.screen.list_pane.go_to(0)
    visited = []
    for key in ["right_square_bracket"] * 2 + ["l", "right_square_bracket"] + ["left_square_bracket"] * 3:
        await stage.press(key)
        visited.append(stage.screen.list_pane.rows.cursor)
    assert visited == [3, 5, 5, 6, 5, 3, 0]
    assert stage.open_title() == TITLES_AS_LISTED[0]
    await stage.press("left_square_bracket")
    stage.screen.list_pane.go_to(len(TITLES_AS_LISTED) - 1)
    await stage.press("right_square_bracket")
    assert stage.said()[-2:] == ["No more unread articles above", "No more unread articles below"]


# Filters


async def test_filters_by_state_are_in_the_header_and_escape_drops_them(stage: Stage) -> None:
    await stage.press("m", "j", "asterisk")
    for keys, words, titles in (
        (("U",), " only unread ", TITLES_AS_LISTED[1:]),
        (("U",), " unread hidden ", TITLES_AS_LISTED[:1]),
        (("U", "F"), " only starred ", TITLES_AS_LISTED[1:2]),
        (("F",), " starred hidden ", (TITLES_AS_LISTED[0], *TITLES_AS_LISTED[2:])),
        (("U", "escape"), " only unread ", TITLES_AS_LISTED[1:]),
        (("escape",), "10 articles", TITLES_AS_LISTED),
    ):
        await stage.press(*keys)
        assert words in stage.lines()[0]
        assert tuple(stage.titles()) == titles
    assert stage.cursor_title() == TITLES_AS_LISTED[2]  # the first that was neither read nor starred


async def test_an_article_whose_marks_change_stays_listed_until_the_cursor_leaves_it(stage: Stage) -> None:
    await stage.press("U", "j", "m")
    assert stage.titles() == list(TITLES_AS_LISTED)
    assert stage.screen.list_pane.rows.cursor == 1
    assert margins(stage, 1) == ("  ", "  ")
    await stage.press("j")
    assert stage.cursor_title() == stage.open_title() == TITLES_AS_LISTED[2]
    assert stage.titles() == [TITLES_AS_LISTED[0], *TITLES_AS_LISTED[2:]]
    await stage.press("m", "m", "j")
    assert stage.titles() == [TITLES_AS_LISTED[0], *TITLES_AS_LISTED[2:]]


# Other programs


async def test_what_another_reader_marks_is_seen_and_a_note_being_typed_is_kept(kept: Library) -> None:
    async with on_stage(kept, size=(110, 20)) as stage:
        with kept.another() as other:
            other.state.set_starred(1, True)
            await stage.until(lambda: margins(stage, 0) == (UNREAD, STARRED))
            assert "★ By" in stage.text()
            other.state.mark_listed_read(other.listing())
            await stage.until(lambda: margins(stage, 1) == ("  ", "  "))
            await stage.press("enter", "v", "w", "w", "n")
            other.annotations.set_tags(1, ["later"])
        await stage.until(lambda: "later" in stage.screen.article_pane.written.tags)
        await stage.press(*"Hm", "ctrl+s")
        assert [annotation.note for annotation in kept.annotations.of(1)] == ["Hm"]


@pytest.mark.parametrize("width", [110, 60])
async def test_an_article_that_is_removed_while_it_is_read_is_named_and_no_other_counts_as_read(
    kept: Library, width: int
) -> None:
    async with on_stage(kept, size=(width, 60)) as stage:
        await stage.press("enter")
        with kept.another() as other:
            other.remove([other.article(1).capture_key])
        # Enterprise is now the section with the most articles.
        await stage.until(lambda: stage.open_title() == TITLES_AS_LISTED[3])
        assert stage.said()[-1] == f"“{TITLES_AS_LISTED[0]}” was removed or corrected elsewhere"
        assert marked(kept) == (0, 0)
        await stage.press("enter")
        assert marked(kept) == (1, 0)


async def test_a_lock_holds_up_no_key_and_what_was_marked_is_written_then(
    kept: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_locked_stage(kept, monkeypatch, 60) as (stage, lock):
        await stage.pilot.press("m", "j", "asterisk", "j", "m", "m", "k", "k")
        # The lock is held all the while: no key has waited for it.
        assert stage.screen.writes.busy
        assert stage.screen.list_pane.cursor == 0
        lock.close()
        await stage.until(lambda: not stage.screen.writes.busy)
        assert marked(kept) == (1, 1)
        assert (margins(stage, 0), margins(stage, 1)) == (("  ", "  "), (UNREAD, STARRED))


async def test_a_mark_that_cannot_be_written_is_reported_and_a_place_is_tried_again(
    kept: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_locked_stage(kept, monkeypatch, 0.1) as (stage, lock):
        await stage.press("l", "space")
        stage.screen.save_position()
        await stage.settle()
        await stage.app.workers.wait_for_complete()
        assert stage.said() == []
        await stage.pilot.press("m")
        await stage.until(lambda: any("another program" in said for said in stage.said()))
        assert margins(stage, 0) == (UNREAD, "  ")
        assert "unread" not in stage.lines()[0]
        lock.close()
        stage.screen.save_position()
        await stage.settle()
        place = kept.last_position()
        assert place is not None
        assert (place.block, place.offset) == stage.screen.article_pane.view.position


async def test_reading_in_a_library_that_can_only_be_read_is_announced_once_and_fails_at_nothing(
    kept: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Library, "can_write", False)
    async with on_stage(kept, size=(110, 20)) as stage:
        await stage.step("l", "G", "J", "G")
        (said,) = stage.said()
        assert "can only be read" in said
    assert (marked(kept), kept.last_position()) == ((0, 0), None)


async def test_notes_and_tags_that_cannot_be_saved_stay_where_they_are_typed_until_they_can(
    kept: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_locked_stage(kept, monkeypatch, 0.1) as (stage, lock):
        for opening in (("w",), ("enter", "v", "w", "w", "n")):
            await stage.press(*opening, *"Hm", "ctrl+s")
            await stage.until(lambda: "Not saved" in stage.text())
            assert "another program" in stage.text()
            assert stage.app.screen.query_one(TextArea).text == "Hm"
            await stage.press("h", "escape")
            assert "again discards" in stage.text()
            await stage.press("escape", "escape")
        await stage.press("number_sign", *"later", "enter")
        await stage.until(lambda: "Not saved" in stage.text())
        assert stage.app.screen.query_one(Input).value == "later"
        lock.close()
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is stage.screen)
        assert kept.annotations.tags(1) == ("later",)
        lock = locked(kept)
        await stage.press("w", *"Hm", "ctrl+s")
        await stage.until(lambda: "Not saved" in stage.text())
        lock.close()
        await stage.press("ctrl+s")
        await stage.until(lambda: stage.app.screen is stage.screen)
        assert [annotation.note for annotation in kept.annotations.of(1)] == ["Hm"]


async def test_ctrl_q_in_an_unsaved_note_warns_before_it_quits_and_does_not_save(kept: Library) -> None:
    async with on_stage(kept, size=(110, 20)) as stage:
        await stage.press("w", "ctrl+q")
        assert not stage.app.is_running
    async with on_stage(kept, size=(110, 20)) as stage:
        await stage.press("w", *"Hm", "ctrl+q")
        assert stage.app.is_running
        assert "Not saved yet: Ctrl-s saves, Ctrl-q again discards what you typed" in stage.text()
        await stage.press("escape")
        assert "Esc again discards" in stage.text()
        await stage.press("ctrl+q")
        await stage.pilot.press("ctrl+q")
        await stage.until(lambda: not stage.app.is_running)
    assert kept.annotations.all() == ()


# Places


async def test_an_article_opens_where_it_was_left_and_the_last_one_is_not_only_passed_by(
    kept: Library,
) -> None:
    kept.state.save_positions([StoredPosition(2, 4, 0)])
    kept.state.save_positions([StoredPosition(1, 0, 0)])
    async with on_stage(kept, size=(110, 14)) as stage:
        await stage.until(lambda: stage.screen.session.position(2) is not None)
        assert stage.open_title() == TITLES_AS_LISTED[0]
        for keys in (("l", "space", "J", "h"), ("j", "j")):
            await stage.press(*keys)
            stage.screen.save_position()
            await stage.settle()
            place = kept.last_position()
            assert place is not None
            assert (place.key, place.block > 0) == (1, True)
        stage.screen.list_pane.go_to(stage.screen.list_pane.listing.index_of(2) or 0)
        assert stage.screen.article_pane.view.position.block == 4


# Reading on


async def test_space_at_the_end_leads_on_to_the_next_unread_article(stage: Stage) -> None:
    await stage.press("j", "m", "k", "l", "G")
    titles = stage.titles()
    assert "again" not in stage.lines()[-1]
    await stage.press("space")
    assert stage.open_title() == titles[0]
    assert "Space again: next unread article" in stage.lines()[-1]
    # Not in the list, where the key would not do that.
    await stage.press("h")
    assert "again" not in stage.lines()[-1]
    await stage.press("l", "k", "space")
    assert stage.open_title() == titles[0]
    await stage.press("space")
    assert stage.open_title() == titles[2]
    assert stage.screen.pane == "article"
    assert "again" not in stage.lines()[-1]
    # Where there is no footer, it is announced.
    await stage.press("z", "G", "space")
    assert "Space again: next unread article" in stage.said()
    await stage.press("z", "A", "G", "space", "space")
    assert "No more unread articles below" in stage.said()
