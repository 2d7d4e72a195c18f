"""Pictures of what a reader for a screen reader shows to those who look at it."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.spoken.app import SpokenApp
from tests.app_stage import a_library
from tests.snapshots.samples import settled


@pytest.mark.parametrize("press", [["j"], ["enter"]], ids=["list", "article"])
def test_spoken(snap_compare: Any, press: list[str]) -> None:
    with a_library() as library:
        app = SpokenApp(library)

        async def pressed(pilot: Pilot[Any]) -> None:
            await settled(pilot)
            await pilot.press(*press)
            await settled(pilot)

        assert snap_compare(app, terminal_size=(80, 24), run_before=pressed)
