"""Keys that work on every screen, and the way back from a search."""

from __future__ import annotations

import pytest

from reader.app.dialogs.export import ExportScreen
from reader.app.dialogs.help import HelpScreen
from reader.app.dialogs.settings import SettingsScreen
from reader.app.main.screen import MainScreen
from reader.app.search import SearchScreen
from reader.library import Filters, Show
from tests.app.stage import Stage

SCREENS = {
    "versions": ("d",),
    "why": ("i",),
    "raw": ("r",),
    "overview": ("v",),
    "profile": ("a", "enter"),
}
"""The keys that open each screen from the main one."""
pytestmark = pytest.mark.staged(size=(110, 30))


async def opened(stage: Stage, *keys: str) -> None:
    """Open a screen other than the main one."""
    for key in keys:
        await stage.press(key)
        await stage.until(lambda: not isinstance(stage.app.screen, MainScreen))


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(
            keys, id=name, marks=[pytest.mark.thorough] if name in ("versions", "overview", "why") else []
        )
        for name, keys in SCREENS.items()
    ],
)
async def test_the_keys_of_every_screen(stage: Stage, keys: tuple[str, ...]) -> None:
    await opened(stage, *keys)
    below = stage.app.screen
    # Search, export, find and star work over it, or say why not.
    await stage.press("ctrl+f")
    stage.top(SearchScreen)
    await stage.press(*"battery", "escape", "e")
    stage.top(ExportScreen)
    await stage.press("escape")
    assert stage.app.screen is below
    await stage.press("slash")
    if keys == SCREENS["overview"]:
        assert stage.said() == ["There is nothing to find on this screen; Ctrl-f searches the library"]
    else:
        assert "find in this text" in stage.lines()[-1]
        await stage.press("escape")
        assert "Esc back" in stage.lines()[-1]
    await stage.press("asterisk")
    assert stage.app.screen is below
    has_article = keys in (SCREENS["versions"], SCREENS["why"], SCREENS["raw"])
    has_list = keys == SCREENS["profile"]
    assert stage.said()[-1].startswith(
        "Starred" if has_article or has_list else "There is no article to star"
    )
    row = stage.screen.library.row(stage.screen.list_pane.key or 0)
    assert row is not None
    assert has_list or row.starred == has_article
    # Help lists its keys, and runs one, also of those that work everywhere.
    await stage.press("question_mark", *"app.settings", "enter")
    stage.top(SettingsScreen)
    await stage.press("escape", "question_mark")
    stage.top(HelpScreen)
    assert "Keys of this screen" in stage.text()
    await stage.press(*"panes.back", "enter")
    await stage.until(lambda: below not in stage.app.screen_stack)
    # A hit that is searched from there is read on the main screen, and so is what the overview opens.
    await opened(stage, *keys)
    await stage.press("ctrl+f", *"battery", "enter")
    await stage.until(lambda: stage.app.screen is stage.screen)
    assert stage.open_title() == "A permit for a battery"
    assert stage.app.screen_stack == [stage.screen]
    if keys != SCREENS["overview"]:
        await opened(stage, *keys)
        await stage.press("v", "j", "enter")
        await stage.until(lambda: stage.app.screen is stage.screen)
        assert stage.screen.list_pane.view.filters != Filters()


async def test_help_lists_keys_that_only_its_screen_has(stage: Stage) -> None:
    await opened(stage, "d")
    await stage.press("question_mark", *"version")
    assert "read this version" in stage.text()
    await stage.step("escape", "escape", "question_mark", *"read this version")
    assert "read this version" not in "\n".join(stage.lines()[4:])
    await stage.step("escape", "escape", "ctrl+c")
    assert stage.said() == ["Ctrl-q quits at once"]


@pytest.mark.parametrize("opens", [*"ivB"])
async def test_a_key_that_its_screen_does_not_bind_does_nothing_after_it_closes(
    stage: Stage, opens: str
) -> None:
    await stage.press(opens)
    assert stage.app.screen is not stage.screen
    await stage.type_at_once("tq")
    assert stage.app.screen is stage.screen
    assert stage.screen.list_pane.view.filters == Filters()


# The way back from a search


async def test_after_a_search_escape_leads_back_to_where_it_began(stage: Stage) -> None:
    await stage.press("t", "t", "j", "j", "enter", "j")
    where = stage.open_title(), stage.screen.pane, stage.screen.article_pane.view.where
    await stage.press("ctrl+f", *"battery", "enter")
    await stage.until(lambda: stage.app.screen is stage.screen)
    assert stage.open_title() == "A permit for a battery"
    assert "Esc results" in stage.lines()[-1]
    await stage.press("escape")
    assert len(stage.app.screen_stack) == 2
    await stage.press("escape")
    assert stage.app.screen is stage.screen
    assert (stage.open_title(), stage.screen.pane, stage.screen.article_pane.view.where) == where
    assert stage.screen.list_pane.view.filters.truncated is Show.HIDE


async def test_escape_leads_back_from_a_result_outside_the_filter_in_any_order(stage: Stage) -> None:
    await stage.step("S", "1", "j")
    where = stage.titles(), stage.open_title()
    await stage.step("ctrl+f", *"weather", "enter")
    assert (stage.open_title(), "Esc results" in stage.lines()[-1]) == ("Who owns the weather data?", True)
    await stage.step("escape", "escape")
    assert (stage.titles(), stage.open_title()) == where
