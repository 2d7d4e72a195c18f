"""Events that come faster than the screen: keys in bursts, and what the terminal shows then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input
from textual.widgets._toast import Toast

from reader.app.dialogs import piped
from reader.app.dialogs.menus import WelcomeScreen
from reader.app.dialogs.piped import Outcome
from tests.app.drawn_terminal import DrawnTerminal
from tests.app.random_events import RandomEvent, StayingApp, play
from tests.app.scenes import SCENES, go, settled
from tests.app.stage import Stage, a_library

pytestmark = pytest.mark.staged(size=(110, 20))


async def type_at_once(stage: Stage, keys: str) -> None:
    names = {"/": "slash", "?": "question_mark", "|": "vertical_line", "\r": "enter", "\t": "tab"}
    for key in keys:
        stage.app.post_message(events.Key(names.get(key, key), key))
    await stage.settle()


@pytest.mark.parametrize("before", [[], ["f1"]], ids=["list", "first steps"])
@pytest.mark.parametrize("first", ["/", "f", "s", "?"])
async def test_what_follows_in_one_burst_is_text(stage: Stage, first: str, before: list[str]) -> None:
    await stage.press(*before)
    assert isinstance(stage.app.screen, WelcomeScreen) == bool(before)
    # As keys, these would sort, show the raw capture and quit.
    await type_at_once(stage, f"{first}Srq")
    assert stage.app.screen.query_one(Input).value == "Srq"
    assert stage.app.is_running


@pytest.mark.parametrize("before", [[], ["f1"]], ids=["list", "first steps"])
async def test_commands_in_one_burst_are_carried_out_in_order(stage: Stage, before: list[str]) -> None:
    await stage.press(*before)
    await type_at_once(stage, "jjlhk")
    assert stage.app.focused is stage.screen.list_pane.rows
    assert stage.screen.list_pane.rows.cursor == 1
    assert "A permit for a battery" in stage.text()


async def test_enter_comes_after_all_that_was_typed_before_it(stage: Stage) -> None:
    await type_at_once(stage, "frooftop\r")
    assert stage.screen.list_pane.view.filters.words == "rooftop"
    assert not stage.screen.prompt.is_open


async def test_a_command_is_run_as_it_was_typed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[str] = []

    async def run(command: str, _: str) -> Outcome:
        commands.append(command)
        return Outcome("", 0)

    monkeypatch.setattr(piped, "run_command", run)
    await type_at_once(stage, "|wc -w\r")
    assert commands == ["wc -w"]


@asynccontextmanager
async def drawn() -> AsyncIterator[tuple[StayingApp, Pilot[None]]]:
    """An app on a terminal that keeps what is drawn."""
    with a_library() as library:
        app = StayingApp(library, driver=DrawnTerminal)
        async with app.run_test(headless=False, size=(100, 30), notifications=True) as pilot:
            yield app, pilot


LARGE, WIDE = RandomEvent("size", x=100, y=60, pause=0.2), RandomEvent("size", x=160, y=45)


@pytest.mark.parametrize(
    ("scene", "key"),
    [("article", "h"), ("list", "z"), ("why", "tab"), ("find", "escape")],
)
async def test_a_key_that_comes_with_a_resize(scene: str, key: str, tmp_path: Path) -> None:
    shown = next(one for one in SCENES if one.name == scene)
    await play(shown, tmp_path, [LARGE, WIDE, RandomEvent("key", key)])


async def test_a_terminal_that_is_another_size_for_a_moment_is_drawn_again(tmp_path: Path) -> None:
    small = RandomEvent("size", x=30, y=10)
    await play(SCENES[0], tmp_path, [LARGE, small, LARGE])


async def test_a_screen_that_is_closed_twice_closes_no_other() -> None:
    async with drawn() as (app, pilot):
        await go(pilot, "v")
        below = app.screen
        await go(pilot, "ctrl+p")
        palette = app.screen
        assert palette is not below
        palette.dismiss()
        palette.dismiss()
        await settled(pilot)
        assert app.screen is below


async def test_the_palette_may_be_closed_before_it_is_mounted() -> None:
    async with drawn() as (app, _):
        app.action_command_palette()
        while len(app.screen_stack) > 1:
            app.pop_screen()


async def test_the_palette_may_be_opened_again_while_it_closes() -> None:
    async with drawn() as (app, pilot):
        await go(pilot, "ctrl+p")
        app.screen.dismiss()
        app.action_command_palette()
        await settled(pilot)
        assert isinstance(app.screen, CommandPalette)


async def test_a_click_on_what_has_just_been_removed_does_nothing() -> None:
    async with drawn() as (app, pilot):
        app.notify("The court reads the lease")
        await settled(pilot)
        await pilot.pause(0.1)
        toast = app.screen.query_one(Toast)
        x, y = toast.region.center
        await toast.remove()
        at: Any = {"screen_x": x, "screen_y": y, "button": 1, "shift": False, "meta": False, "ctrl": False}
        app.screen._forward_event(events.MouseDown(None, int(x), int(y), 0, 0, **at))


async def test_a_notification_is_gone_after_its_time_whoever_asks_where_things_are() -> None:
    async with drawn() as (app, pilot):
        terminal = app._driver
        assert isinstance(terminal, DrawnTerminal)
        await go(pilot, "enter", "z")
        app.notify("The court reads the lease")
        await settled(pilot)
        await pilot.pause(0.1)
        assert "The court reads the lease" in "\n".join(terminal.lines)
        app.clear_notifications()
        for _ in range(40):
            await asyncio.sleep(0)
            # A widget that is not to be seen says that it has changed, and is looked for before the next layout.
            hidden = app.screen.query_one("#list")
            app.screen._compositor.update_widgets({hidden})
            assert not hidden.region
        await settled(pilot)
        await pilot.pause(0.1)
        assert "The court reads the lease" not in "\n".join(terminal.lines)
