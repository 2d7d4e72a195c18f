"""Pictures of the why screen; see `test_app_snapshots` for how they are renewed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.app.screens.main import MainScreen
from reader.app.screens.why import WhyScreen
from reader.library import corrections
from tests.corrections_stage import a_library, spot
from tests.why_stage import KINDS

SCREENS = [
    ((120, 40), "ink"),
    ((80, 24), "ink"),
    ((40, 12), "ink"),
    ((120, 40), "paper"),
    ((80, 24), "none"),
    ((200, 60), "ink"),
]
IDS = ["120x40-ink", "80x24-ink", "40x12-ink", "120x40-paper", "80x24-none", "200x60-ink"]


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys and wait for what other threads do about them."""
    main = pilot.app.screen_stack[0]
    assert isinstance(main, MainScreen)
    for key in keys:
        await pilot.press(key)
        for shown in pilot.app.screen_stack:
            while main.scribe.busy or main.clerk.busy("list"):
                await pilot.pause(0.01)
            while isinstance(shown, WhyScreen) and any(map(shown.clerk.busy, KINDS)):
                await pilot.pause(0.01)
        await pilot.pause()
        await pilot.pause()


@pytest.mark.parametrize(("size", "colours"), SCREENS, ids=IDS)
def test_why(
    snap_compare: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    size: tuple[int, int],
    colours: str,
) -> None:
    async def pressed(pilot: Pilot[Any]) -> None:
        await press(pilot, "i", "n")

    if colours == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    with a_library(tmp_path) as library:
        library.state.correct(spot("The fish"), corrections.label("caption"), "The fish hall of Vellmouth")
        app = ReaderApp(library, theme="paper" if colours == "paper" else "ink")
        assert snap_compare(app, terminal_size=size, run_before=pressed)


@pytest.mark.parametrize("size", [(120, 40), (40, 12)], ids=["120x40", "40x12"])
def test_correcting(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    async def pressed(pilot: Pilot[Any]) -> None:
        await press(pilot, "i", "j", "enter", *"a")

    with a_library(tmp_path) as library:
        assert snap_compare(ReaderApp(library), terminal_size=size, run_before=pressed)
