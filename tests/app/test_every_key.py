"""Every action of every screen is asked for by a key, with nothing going wrong, and is in the palette."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual._xterm_parser import XTermParser
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen

from reader.app.app import ReaderApp
from reader.app.dialogs.help import HelpScreen
from reader.app.dialogs.lists import PaletteScreen
from reader.library import Library
from tests.app.scenes import SCENES, Scene, every_scene, go, settled
from tests.app.stage import on_stage

pytestmark = pytest.mark.usefixtures("nowhere")
SAME_KEYS = {"article", "manual"}
"""Scenes with the keys of the list, and of a raw capture."""
ENDS = {"app.quit", "app.suspend_process", "leave", "quit", "suspend_process"}
"""Actions after which there is no screen; they have tests of their own."""


def keys_of(app: ReaderApp, every: bool) -> list[str]:
    """The keys that do something here, but for those that end the program; unless `every`, one for each action."""
    actions = {
        key: active.binding.action
        for key, active in app.screen.active_bindings.items()
        if active.binding.action.partition("(")[0] not in ENDS
    }
    return list(actions) if every else list({action: key for key, action in actions.items()}.values())


def not_offered(app: ReaderApp) -> list[str]:
    """The keys whose actions the palette does not offer."""
    offered = {command.title.casefold() for command in app.get_system_commands(app.screen)}
    return [
        key
        for key, active in app.screen.active_bindings.items()
        # Not what Textual brings along, moving, which the wheel does, sections by number, and the palette itself.
        if (name := active.binding.id)
        and not name.startswith(("move.", "filter.section_"))
        and active.binding.action != "app.command_palette"
        and active.binding.description.casefold() not in offered
    ]


async def back_to(pilot: Pilot[Any], scene: Scene, seen: Screen[Any]) -> None:
    """To the scene's screen again, from wherever a key has led."""
    app = pilot.app
    while len(app.screen_stack) > 1 and app.screen is not seen:
        await app.pop_screen()
    if app.screen is not seen:
        await go(pilot, "escape", "escape", "escape", "0", "g", *scene.keys)


@pytest.mark.usefixtures("every_frame")
@every_scene
async def test_every_key_is_offered_and_does_no_harm(scene: Scene, tmp_path: Path, thorough: bool) -> None:
    if scene.name in SAME_KEYS and not thorough:
        pytest.skip("another scene has the same keys: --thorough")
    with scene.library(tmp_path) as library:
        app = ReaderApp(library)
        async with app.run_test(size=(100, 30)) as pilot:
            await go(pilot, *scene.keys)
            seen = app.screen
            widths = {strip.cell_length for strip in seen._compositor.render_strips()}
            assert widths == {100}, "a line too wide moves the frame beside it"
            suspend = app.screen.active_bindings["ctrl+z"].binding.action
            assert suspend == ("undo" if scene.name == "note" else "app.suspend_process")
            keys = keys_of(app, thorough)
            assert len(keys) > 3
            keys = keys if thorough else keys[SCENES.index(scene) % 5 :: 5]
            if not isinstance(seen, ModalScreen):  # It takes no other keys than its own, and names them.
                assert not_offered(app) == []
            for key in keys:
                await pilot.press(key)
                await settled(pilot)
                assert app.is_running, key
                if app.screen is not seen:
                    await back_to(pilot, scene, seen)
                    assert type(app.screen) is type(seen), key
                    seen = app.screen
            assert app._exception is None


async def test_a_click_on_the_title_opens_the_palette(library: Library) -> None:
    async with on_stage(library, size=(100, 30)) as stage:
        for keys, title in (((), "Protocol Reader"), (("i",), "Why"), (("escape", "r"), "pile")):
            await stage.press(*keys)
            assert title in stage.lines()[0]
            await stage.pilot.click(offset=(3, 0))
            await stage.pilot.pause()
            stage.top(PaletteScreen)
            await stage.press("escape")


async def test_enter_right_after_typing_runs_only_what_matches(library: Library) -> None:
    async with on_stage(library) as stage:
        await stage.press("ctrl+p", *"zen")
        await stage.until(lambda: "Zen: show only the article" in stage.text())
        await stage.press("escape")
        for typed, screen in (("no such command", PaletteScreen), ("manual", HelpScreen)):
            for message in XTermParser().feed(f"\x10{typed}\r"):  # As a terminal sends what is pasted.
                stage.app.post_message(message)
            await stage.until(lambda screen=screen: isinstance(stage.app.screen, screen))  # type: ignore[misc]
            assert len(stage.app.screen_stack) == 2
            assert stage.said() == []
            await stage.press("escape")


async def test_the_palette_of_a_note_lists_what_is_of_use_and_runs_it(library: Library) -> None:
    async with on_stage(library) as stage:
        await stage.step("enter", "w", "x")
        listed = [
            (command.title, command.help) for command in stage.app.get_system_commands(stage.app.screen)
        ]
        assert listed[1:] == [("Undo", "Ctrl-z"), ("Redo", "Ctrl-y"), ("Save", "Ctrl-s"), ("Close", "Esc")]
        await stage.press("ctrl+p", *"undo")
        await stage.until(lambda: "Ctrl-z" in stage.text())
        await stage.press("enter")
        await stage.until(lambda: "Write your note here" in stage.text())
