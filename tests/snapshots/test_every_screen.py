"""Pictures of every screen at four sizes, and of six in every theme of our own.

After a change that is meant, look at the report and renew them: `pytest tests/snapshots --snapshot-update`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.app.dialogs import fetching
from reader.app.themes import INK, THEMES
from reader.settings import Settings
from tests.app.scenes import SCENES, Scene, go

SIZES = ((40, 12), (80, 24), (120, 40), (200, 60))
THEMED = ("list", "article", "search", "export", "why", "overview")
"""The scenes that are pictured in the other themes, and without colours."""
_OTHERS = [theme.name for theme in THEMES if theme is not INK]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without files, and a shell and folders that are called the same everywhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHELL", "/bin/sh")
    monkeypatch.setenv("XDG_DATA_HOME", "/home/ada/.local/share")  # It is only named.
    monkeypatch.setattr(fetching, "words_for", lambda _, __: ["missing", "--fetch"])


@pytest.mark.parametrize("size", SIZES, ids=[f"{columns}x{lines}" for columns, lines in SIZES])
@pytest.mark.parametrize(
    "scene",
    [scene for scene in SCENES if scene.pictured],
    ids=[scene.name for scene in SCENES if scene.pictured],
)
def test_screen(snap_compare: Any, tmp_path: Path, scene: Scene, size: tuple[int, int]) -> None:
    _compare(snap_compare, tmp_path, scene, INK.name, size)


@pytest.mark.parametrize("theme", [*_OTHERS, "none"])
@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene.name in THEMED], ids=THEMED)
def test_theme(
    snap_compare: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scene: Scene, theme: str
) -> None:
    if theme == "none":
        monkeypatch.setenv("NO_COLOR", "1")
        theme = INK.name
    _compare(snap_compare, tmp_path, scene, theme, (100, 30))


@pytest.mark.parametrize(
    ("name", "theme", "size"),
    [
        ("annotated", "paper", (80, 24)), ("selecting", "ink", (100, 30)), ("notes", "ink", (120, 40)),
        ("notes", "none", (40, 12)),
    ],
    ids=["annotated-paper", "selecting-ink", "notes-ink", "notes-none"],
)  # fmt: skip
def test_highlights(
    snap_compare: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    theme: str,
    size: tuple[int, int],
) -> None:
    if theme == "none":
        monkeypatch.setenv("NO_COLOR", "1")
        theme = INK.name
    scene = next(scene for scene in SCENES if scene.name == name)
    _compare(snap_compare, tmp_path, scene, theme, size)


def _compare(snap_compare: Any, folder: Path, scene: Scene, theme: str, size: tuple[int, int]) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await go(pilot, *scene.keys)

    with scene.library(folder) as library:
        assert snap_compare(
            ReaderApp(library, settings=Settings(dark_theme=theme)), terminal_size=size, run_before=run
        )
