"""The README's pictures: the sample captures, a few articles down, a search of them, and why one was read as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.cli import sample_captures
from reader.library import Library
from reader.library.importing import fill
from tests.snapshots.test_app_snapshots import settled
from tests.snapshots.test_search_snapshots import press
from tests.snapshots.test_why_snapshots import press as press_on_why


def test_reading(snap_compare: Any) -> None:
    with Library.temporary() as library:
        fill(library, sample_captures(), on_progress=lambda _: None, stop=lambda: False)
        app = ReaderApp(library, title="Samples")
        assert snap_compare(app, terminal_size=(110, 34), press=["j", "j", "j"], run_before=settled)


def test_search(snap_compare: Any) -> None:
    with Library.temporary() as library:
        fill(library, sample_captures(), on_progress=lambda _: None, stop=lambda: False)
        app = ReaderApp(library, title="Samples")

        async def search(pilot: Pilot[Any]) -> None:
            await settled(pilot)
            await press(pilot, "ctrl+f", *"company -is:sponsored", "down")

        assert snap_compare(app, terminal_size=(110, 26), run_before=search)


def test_why(snap_compare: Any) -> None:
    with Library.temporary() as library:
        fill(library, sample_captures(), on_progress=lambda _: None, stop=lambda: False)
        app = ReaderApp(library, title="Samples")

        async def why(pilot: Pilot[Any]) -> None:
            await settled(pilot)
            await press_on_why(pilot, "j", "j", "j", "i", "j", "j")

        assert snap_compare(app, terminal_size=(110, 30), run_before=why)


def test_the_readme_shows_them() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for name in ("test_reading", "test_search", "test_why"):
        picture = f"tests/snapshots/__snapshots__/test_readme_picture/{name}.svg"
        assert f"]({picture})" in readme
        assert (Path(__file__).parents[2] / picture).is_file()
