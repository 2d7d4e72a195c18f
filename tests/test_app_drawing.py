"""What the terminal shows when events come too fast: sequences that once went wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events
from textual.command import CommandPalette
from textual.widgets._toast import Toast

from tests.app_stage import a_library
from tests.drawn_terminal import DrawnTerminal
from tests.random_events import RandomEvent, StayingApp, play
from tests.scenes import SCENES, go, settled

LARGE, WIDE = RandomEvent("size", x=100, y=60, pause=0.2), RandomEvent("size", x=160, y=45)


@pytest.mark.parametrize(
    ("scene", "key"),
    [("article", "h"), ("list", "l"), ("list", "z"), ("why", "tab"), ("versions", "tab"), ("find", "escape")],
)
async def test_a_key_that_comes_with_a_resize(scene: str, key: str, tmp_path: Path) -> None:
    shown = next(one for one in SCENES if one.name == scene)
    await play(shown, tmp_path, [LARGE, WIDE, RandomEvent("key", key)])


async def test_a_terminal_that_is_another_size_for_a_moment_is_drawn_again(tmp_path: Path) -> None:
    small = RandomEvent("size", x=30, y=10)
    await play(SCENES[0], tmp_path, [LARGE, small, LARGE])


async def test_a_screen_that_is_closed_twice_closes_no_other() -> None:
    with a_library() as library:
        app = StayingApp(library, driver=DrawnTerminal)
        async with app.run_test(headless=False, size=(100, 30)) as pilot:
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
    with a_library() as library:
        app = StayingApp(library, driver=DrawnTerminal)
        async with app.run_test(headless=False, size=(100, 30)):
            app.action_command_palette()
            while len(app.screen_stack) > 1:
                app.pop_screen()


async def test_the_palette_may_be_opened_again_while_it_closes() -> None:
    with a_library() as library:
        app = StayingApp(library, driver=DrawnTerminal)
        async with app.run_test(headless=False, size=(100, 30)) as pilot:
            await go(pilot, "ctrl+p")
            app.screen.dismiss()
            app.action_command_palette()
            await settled(pilot)
            assert isinstance(app.screen, CommandPalette)


async def test_a_click_on_what_has_just_been_removed_does_nothing() -> None:
    with a_library() as library:
        app = StayingApp(library, driver=DrawnTerminal)
        async with app.run_test(headless=False, size=(100, 30), notifications=True) as pilot:
            app.notify("The court reads the lease")
            await settled(pilot)
            await pilot.pause(0.1)
            toast = app.screen.query_one(Toast)
            x, y = toast.region.center
            await toast.remove()
            down = events.MouseDown(
                None,
                int(x),
                int(y),
                0,
                0,
                button=1,
                shift=False,
                meta=False,
                ctrl=False,
                screen_x=x,
                screen_y=y,
            )
            app.screen._forward_event(down)


async def test_a_notification_is_gone_after_its_time_whoever_asks_where_things_are() -> None:
    with a_library() as library:
        app = StayingApp(library, driver=DrawnTerminal)
        async with app.run_test(headless=False, size=(100, 30), notifications=True) as pilot:
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
