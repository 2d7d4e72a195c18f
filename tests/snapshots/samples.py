"""What the pictures share: sample captures by paths that are alike everywhere, and the wait for a settled screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.main.screen import MainScreen
from reader.commands.common import sample_captures
from tests.paths import ROOT
from tests.waiting import eventually


def from_root(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths, seen from the project's folder, which becomes the current one."""
    monkeypatch.chdir(ROOT)
    return [str(Path(path).relative_to(ROOT)) for path in sample_captures()]


async def settled(pilot: Pilot[Any]) -> None:
    """Wait for the list and the titles, which come from a thread."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    await eventually(lambda: not screen.queries.busy("list") and not screen.queries.busy("title"))
    await pilot.pause()
