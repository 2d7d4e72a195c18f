"""The jump list: back and forth through what was read."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader.library import Library
from tests.app.features.test_notes_screen import FARMS, KETTLE, highlight, put
from tests.app.stage import TITLES_AS_LISTED, Stage, on_stage

pytestmark = pytest.mark.staged(size=(110, 20))
BACK, FORTH = "less_than_sign", "greater_than_sign"


async def test_it_goes_back_and_forth_through_what_was_read_not_through_what_the_cursor_passed(
    stage: Stage,
) -> None:
    await stage.press("enter", "escape", "j", "j", "enter", "escape", "j", "j", "j", "enter")
    titles = [TITLES_AS_LISTED[index] for index in (5, 2, 0)]
    for title in titles:
        assert stage.open_title() == title
        await stage.press(BACK)
    assert stage.open_title() == titles[-1]
    assert stage.said() == ["There is no article to go back to"]
    # It leads to the place that was left, and reading on forgets what was ahead.
    await stage.press("j", "j", "j", "j")
    line = stage.screen.article_pane.view.where[0]
    for title in reversed(titles[:-1]):
        await stage.press(FORTH)
        assert stage.open_title() == stage.cursor_title() == title
    await stage.press(FORTH)
    assert "There is no article to go forward to" in stage.said()
    await stage.press(BACK, BACK)
    assert stage.open_title() == titles[-1]
    assert stage.screen.article_pane.view.where[0] == line
    await stage.press("h", "G", "enter", FORTH)
    assert stage.cursor_title() == TITLES_AS_LISTED[-1]
    # From the list, the first step back leads to what was read last.
    await stage.press("escape", "k", "k", BACK)
    assert stage.open_title() == TITLES_AS_LISTED[-1]
    assert stage.screen.pane == "article"
    await stage.press(BACK)
    assert stage.open_title() == titles[-1]


async def test_it_leads_back_from_a_highlight_to_the_place_in_the_same_article(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.db") as library:
        key = put(library, "one.txt", "The rooftop farms", FARMS)
        highlight(library, key, FARMS, 41, "the water")
        async with on_stage(library, size=(100, 20)) as stage:
            await stage.press("enter", "j", "j", "j")
            line = stage.screen.article_pane.view.where[0]
            await stage.press("H")
            await stage.until(lambda: not stage.screen.queries.busy("notes"))
            await stage.press("enter")
            assert stage.screen.article_pane.view.where[0] > line
            await stage.press(BACK)
            assert stage.screen.article_pane.view.where[0] == line
            await stage.press(FORTH)
            assert "Nobody had put the water into the plan." in stage.text()


async def test_what_is_gone_is_passed_over(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.db") as library:
        put(library, "one.txt", "The rooftop farms", FARMS)
        put(library, "two.txt", "The kettle", KETTLE)
        put(library, "three.txt", "The café", ("A café in Vellmouth sells tea by the word.",))
        async with on_stage(library, size=(100, 20)) as stage:
            await stage.press("enter", "J", "J")
            with library.another() as other:
                other.remove(other.captures_from(["two.txt"])["two.txt"])
            await stage.settle()
            stage.screen.poll()
            await stage.settle()
            await stage.press(BACK)
            assert stage.open_title() == "The rooftop farms"
            assert stage.said() == []
