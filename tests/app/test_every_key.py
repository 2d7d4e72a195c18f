"""Every key of every screen is pressed, with nothing going wrong, and every action is in the palette."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen

from reader.app.app import ReaderApp
from tests.app.scenes import SCENES, Scene, go, settled

ALIKE = {"annotated", "author", "sponsor", "hit", "search-fault", "overview-months"}
"""Scenes that have the keys of another one."""
ENDS = {"app.quit", "app.suspend_process", "leave", "quit", "suspend_process"}
"""Actions after which there is no screen; they have tests of their own."""


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No browser, no clipboard's window, no archive, a folder without files, and settings of this test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("PROTOCOL_READER_WAYBACK", "http://127.0.0.1:9")
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"):
        monkeypatch.delenv(variable, raising=False)


def keys_of(app: ReaderApp) -> Iterator[str]:
    """The keys that do something here, but for those that end the program."""
    for key, active in app.screen.active_bindings.items():
        if active.binding.action.partition("(")[0] not in ENDS:
            yield key


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


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
async def test_every_key_is_offered_and_does_no_harm(scene: Scene, tmp_path: Path, thorough: bool) -> None:
    if scene.name in ALIKE and not thorough:
        pytest.skip("has the keys of another scene: only with --thorough")
    with scene.library(tmp_path) as library:
        app = ReaderApp(library)
        async with app.run_test(size=(100, 30)) as pilot:
            await go(pilot, *scene.keys)
            seen = app.screen
            keys = list(keys_of(app))
            assert len(keys) > 3
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


@pytest.mark.parametrize(
    ("scene", "title"),
    [
        ("list", "Protocol Reader"),
        ("why", "Why"),
        ("versions", "Versions"),
        ("overview", "Overview"),
        ("raw", "pile"),
    ],
)
async def test_a_click_on_the_title_opens_the_palette(scene: str, title: str, tmp_path: Path) -> None:
    shown = next(one for one in SCENES if one.name == scene)
    with shown.library(tmp_path) as library:
        app = ReaderApp(library)
        async with app.run_test(size=(100, 30)) as pilot:
            await go(pilot, *shown.keys)
            assert title in app.screen._compositor.render_strips()[0].text
            await pilot.click(offset=(3, 0))
            await pilot.pause()
            assert isinstance(app.screen, CommandPalette)
