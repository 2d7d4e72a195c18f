"""Pictures of the dialogs that send articles elsewhere; see `test_app_snapshots` for how they are renewed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.app.screens.main import MainScreen
from reader.app.screens.piped import PipedScreen
from tests.app_stage import PROBLEMS, a_library

SIZES = [(40, 12), (80, 24), (120, 40)]
IDS = ["40x12", "80x24", "120x40"]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without files, and a shell that says the same everywhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHELL", "/bin/sh")


async def pressed(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys and wait for what a command says to them."""
    await pilot.press(*keys)
    await pilot.pause()
    main = pilot.app.screen_stack[0]
    assert isinstance(main, MainScreen)
    while main.clerk.busy("list"):
        await pilot.pause(0.01)
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES, ids=IDS)
@pytest.mark.parametrize(
    ("keys", "colours"),
    [
        (["j", "e"], "ink"),
        (["j", "e"], "paper"),
        (["j", "e"], "none"),
        (["1", "e", *["j"] * 12, "tab"], "ink"),
        (["j", "Y"], "ink"),
        (["j", "Y", "G"], "ink"),
    ],
    ids=["export", "export-paper", "export-none", "listed", "citation", "bibtex"],
)
def test_dialogs(
    snap_compare: Any, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], keys: list[str], colours: str
) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await pressed(pilot, *keys)

    if colours == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    with a_library(PROBLEMS) as library:
        app = ReaderApp(library, theme="paper" if colours == "paper" else "ink")
        assert snap_compare(app, terminal_size=size, run_before=run)


def test_a_file_in_the_way(snap_compare: Any, tmp_path: Path) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await pressed(pilot, "e", "tab", "ctrl+u", *"/dev/null", "enter")

    with a_library(PROBLEMS) as library:
        assert snap_compare(ReaderApp(library), terminal_size=(40, 12), run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_what_a_command_says(snap_compare: Any, size: tuple[int, int]) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await pressed(pilot, "vertical_line", *"sed -n 1,9p", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, PipedScreen)
        await screen.workers.wait_for_complete()
        await pilot.pause()

    with a_library(PROBLEMS) as library:
        assert snap_compare(ReaderApp(library), terminal_size=size, run_before=run)


def test_typing_a_command(snap_compare: Any) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await pressed(pilot, "vertical_line", *"wc -w")

    with a_library(PROBLEMS) as library:
        assert snap_compare(ReaderApp(library), terminal_size=(80, 24), run_before=run)
