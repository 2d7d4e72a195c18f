"""Pictures of the first steps, and of what a reader for a screen reader shows to those who look at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.app.spoken.app import SpokenApp
from reader.settings.memory import Memory
from tests.app_stage import a_library
from tests.snapshots.test_app_snapshots import settled


@pytest.mark.parametrize("press", [["j"], ["enter"]], ids=["list", "article"])
def test_spoken(snap_compare: Any, press: list[str]) -> None:
    with a_library() as library:
        app = SpokenApp(library)

        async def pressed(pilot: Pilot[Any]) -> None:
            await settled(pilot)
            await pilot.press(*press)
            await settled(pilot)

        assert snap_compare(app, terminal_size=(80, 24), run_before=pressed)


@pytest.mark.parametrize("size", [(40, 12), (110, 30)], ids=["40x12", "110x30"])
def test_first_steps(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    with a_library() as library:
        app = ReaderApp(library, memory=Memory(tmp_path, ""))
        assert snap_compare(app, terminal_size=size, run_before=settled)
