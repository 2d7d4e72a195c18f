"""Pictures of the screens at four sizes, in both themes and without colours.

After a change that is meant, look at the report and renew them: `pytest tests/snapshots --snapshot-update`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.app.screens.main import MainScreen
from reader.library import Library
from tests.app_stage import PROBLEMS, a_library

SIZES = [(40, 12), (80, 24), (120, 40), (200, 60)]


@pytest.fixture
def library() -> Iterator[Library]:
    with a_library(PROBLEMS) as library:
        yield library


async def settled(pilot: Pilot[Any]) -> None:
    """Wait for the clerk, whose answers come from a thread."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    while screen.clerk.busy("list") or screen.clerk.busy("title"):
        await pilot.pause(0.01)
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES, ids=["40x12", "80x24", "120x40", "200x60"])
@pytest.mark.parametrize("colours", ["ink", "paper", "none"])
def test_main(
    library: Library, snap_compare: Any, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], colours: str
) -> None:
    if colours == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    app = ReaderApp(library, theme="paper" if colours == "paper" else "ink")
    assert snap_compare(app, terminal_size=size, press=["j", "j", "j"], run_before=settled)


@pytest.mark.parametrize(
    ("press", "size"),
    [
        (["question_mark"], (80, 24)),
        (["question_mark"], (40, 12)),
        (["s", "f", "i"], (80, 24)),
        (["P", "j"], (80, 24)),
        (["G", "r"], (80, 24)),
        (["j", "t", "2"], (120, 24)),
        (["f", "z", "e", "b", "r", "a"], (100, 24)),
        (["l", "slash", "l", "e", "t"], (80, 24)),
        (["enter"], (40, 12)),
        (["G", "z"], (100, 24)),
    ],
    ids=[
        "help",
        "help-narrow",
        "sections",
        "problems",
        "raw",
        "kept",
        "no-match",
        "find",
        "article-narrow",
        "zen",
    ],
)
def test_screens(library: Library, snap_compare: Any, press: list[str], size: tuple[int, int]) -> None:
    async def pressed(pilot: Pilot[Any]) -> None:
        await pilot.press(*press)
        await settled(pilot)

    assert snap_compare(ReaderApp(library), terminal_size=size, run_before=pressed)


def test_an_empty_library(snap_compare: Any) -> None:
    with Library.temporary() as library:
        assert snap_compare(ReaderApp(library), terminal_size=(80, 24))
