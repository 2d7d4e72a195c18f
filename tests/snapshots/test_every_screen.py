"""Pictures of every screen at up to four sizes, and of six in every theme of our own.

After a change that is meant, look at the report and renew them: `pytest tests/snapshots --snapshot-update`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.app.themes import INK
from reader.settings import Settings
from tests.app.scenes import ALIKE, SCENES, Scene, go
from tests.app.stage import with_settings

SIZES = ((40, 12), (80, 24), (120, 40), (200, 60))
THEMED = ("list", "article", "search", "export", "why", "overview")
"""The scenes that are pictured in the other themes, and without colours."""

DIALOGS = (
    "sections", "authors", "help", "first-steps", "problems", "settings", "choice", "browse-menu", "export",
    "citation", "correcting", "fetching",
)  # fmt: skip
"""Dialogs on the largest screen are as on the one before, with more of the dimmed screen around them."""


def _pictured() -> Iterator[ParameterSet]:
    """Scenes at sizes at which they are arranged in another way; one that looks like another has one picture."""
    for scene in SCENES:
        sizes = SIZES[1:2] if scene.name in ALIKE else SIZES[:3] if scene.name in DIALOGS else SIZES
        for size in sizes if scene.pictured else ():
            yield pytest.param(scene, size, id=f"{scene.name}-{size[0]}x{size[1]}")


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without files, and a shell and folders that are called the same everywhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHELL", "/bin/sh")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", "/home/ada/.local/share")  # It is only named.


@pytest.mark.parametrize(("scene", "size"), _pictured())
def test_screen(snap_compare: Any, tmp_path: Path, scene: Scene, size: tuple[int, int]) -> None:
    _compare(snap_compare, tmp_path, scene, INK.name, size)


@pytest.mark.parametrize("theme", ["paper", "contrast", "none"])
@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene.name in THEMED], ids=THEMED)
def test_theme(snap_compare: Any, tmp_path: Path, scene: Scene, theme: str) -> None:
    _compare(snap_compare, tmp_path, scene, theme, (100, 30))


@pytest.mark.parametrize(
    ("name", "theme", "size"),
    [
        ("annotated", "paper", (80, 24)), ("selecting", "ink", (100, 30)), ("notes", "ink", (120, 40)),
        ("notes", "none", (40, 12)),
    ],
    ids=["annotated-paper", "selecting-ink", "notes-ink", "notes-none"],
)  # fmt: skip
def test_highlights(snap_compare: Any, tmp_path: Path, name: str, theme: str, size: tuple[int, int]) -> None:
    scene = next(scene for scene in SCENES if scene.name == name)
    _compare(snap_compare, tmp_path, scene, theme, size)


def _compare(snap_compare: Any, folder: Path, scene: Scene, theme: str, size: tuple[int, int]) -> None:
    """Compare a scene with its picture; the theme "none" is ours without colours."""

    async def run(pilot: Pilot[Any]) -> None:
        await go(pilot, *scene.keys)

    with pytest.MonkeyPatch.context() as patch, scene.library(folder) as library:
        if theme == "none":
            patch.setenv("NO_COLOR", "1")
            theme = INK.name
        settings = with_settings(Settings(dark_theme=theme))
        assert snap_compare(ReaderApp(library, in_force=settings), terminal_size=size, run_before=run)
