"""Pictures of the overview, and of looking for what is missing; see `test_app_snapshots` for how they are renewed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.app.screens import fetching
from reader.app.screens.main import MainScreen
from reader.library import Library
from tests.generated import pages
from tests.overview_stage import a_library
from tests.snapshots.test_app_snapshots import settled

SCREENS = [((120, 40), "ink"), ((80, 24), "none"), ((40, 12), "ink"), ((200, 60), "paper")]
IDS = ["120x40-ink", "80x24-none", "40x12-ink", "200x60-paper"]


@pytest.mark.parametrize(("size", "colours"), SCREENS, ids=IDS)
def test_overview(
    snap_compare: Any, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], colours: str
) -> None:
    async def pressed(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await pilot.press("v", "j", "j", "j", "l", "l")
        await pilot.pause()

    if colours == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    with Library.temporary() as library:
        library.add(pages(400))
        app = ReaderApp(library, theme="paper" if colours == "paper" else "ink")
        assert snap_compare(app, terminal_size=size, run_before=pressed)


@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=["80x24", "40x12"])
def test_looking_for_what_is_missing(
    snap_compare: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, size: tuple[int, int]
) -> None:
    async def pressed(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        main = pilot.app.screen
        assert isinstance(main, MainScreen)
        await main.run_action("fetch_openings")
        await pilot.pause()
        await pilot.pause()

    # The paths of the dialog are not those of the machine.
    words = ["missing", "--fetch", "--library", "/home/reader/data/library.sqlite"]
    monkeypatch.setattr(fetching, "words_for", lambda *_: words)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/reader/data")
    with a_library(tmp_path / "library.db") as library:
        assert snap_compare(ReaderApp(library), terminal_size=size, run_before=pressed)
