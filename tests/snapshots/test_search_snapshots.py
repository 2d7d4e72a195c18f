"""Pictures of the search and versions screens; see `test_app_snapshots` for how they are renewed."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.app.screens.main import MainScreen
from reader.app.screens.search import SearchScreen
from reader.app.screens.versions import VersionsScreen
from tests import versions_stage
from tests.app_stage import PROBLEMS, a_library

SCREENS = [
    ((120, 40), "ink"),
    ((80, 24), "ink"),
    ((120, 40), "paper"),
    ((40, 12), "ink"),
    ((80, 24), "none"),
    ((200, 60), "ink"),
]
IDS = ["120x40-ink", "80x24-ink", "120x40-paper", "40x12-ink", "80x24-none", "200x60-ink"]


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys and wait for what other threads do about them."""
    main = pilot.app.screen_stack[0]
    assert isinstance(main, MainScreen)
    for key in keys:
        await pilot.press(key)
        shown = pilot.app.screen
        clerk = shown.clerk if isinstance(shown, SearchScreen | VersionsScreen) else main.clerk
        while main.scribe.busy or any(
            clerk.busy(kind) for kind in ("search", "more", "open", "differences", "list")
        ):
            await pilot.pause(0.01)
        await pilot.pause()


def app_with(library: Any, colours: str, monkeypatch: pytest.MonkeyPatch) -> ReaderApp:
    if colours == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    return ReaderApp(library, theme="paper" if colours == "paper" else "ink")


@pytest.mark.parametrize(("size", "colours"), SCREENS, ids=IDS)
def test_hits(
    snap_compare: Any, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], colours: str
) -> None:
    async def pressed(pilot: Pilot[Any]) -> None:
        await press(pilot, "ctrl+f", *"the plan", "down")

    with a_library(PROBLEMS) as library:
        app = app_with(library, colours, monkeypatch)
        assert snap_compare(app, terminal_size=size, run_before=pressed)


@pytest.mark.parametrize(
    ("keys", "size"),
    [
        (["ctrl+f"], (120, 40)),
        (["ctrl+f", "down"], (40, 12)),
        (["ctrl+f", *"plan is:hole", "home"], (80, 24)),
        (["ctrl+f", *"zebra"], (80, 24)),
        (["ctrl+f", *"judge", "ctrl+s"], (80, 24)),
        (["ctrl+f", *"judge", "enter", "n"], (120, 40)),
        (["ctrl+f", *"ninth", "enter"], (40, 12)),
    ],
    ids=["starts", "starts-narrow", "fault", "no-match", "saving", "hit", "hit-narrow"],
)
def test_search(snap_compare: Any, keys: list[str], size: tuple[int, int]) -> None:
    async def pressed(pilot: Pilot[Any]) -> None:
        await press(pilot, *keys)

    with a_library(PROBLEMS) as library:
        assert snap_compare(ReaderApp(library), terminal_size=size, run_before=pressed)


def test_saved_searches(snap_compare: Any) -> None:
    async def pressed(pilot: Pilot[Any]) -> None:
        await press(pilot, "s", "pagedown", "up")

    with a_library(PROBLEMS) as library:
        library.state.save_search("Courts", "judge -section:policy")
        library.state.save_search("lamps", "lamps")
        assert snap_compare(ReaderApp(library), terminal_size=(80, 24), run_before=pressed)


@pytest.mark.parametrize(("size", "colours"), SCREENS, ids=IDS)
def test_versions(
    snap_compare: Any, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], colours: str
) -> None:
    async def pressed(pilot: Pilot[Any]) -> None:
        await press(pilot, "d")

    with versions_stage.a_library() as library:
        app = app_with(library, colours, monkeypatch)
        assert snap_compare(app, terminal_size=size, run_before=pressed)


@pytest.mark.parametrize(
    "keys",
    [[], ["d", "j", "enter"], ["d", "j", "n"], ["j", "d"]],
    ids=["completed", "another-version", "cut-off", "one-version"],
)
def test_story(snap_compare: Any, keys: list[str]) -> None:
    async def pressed(pilot: Pilot[Any]) -> None:
        await press(pilot, *keys)

    with versions_stage.a_library() as library:
        assert snap_compare(ReaderApp(library), terminal_size=(100, 30), run_before=pressed)
