"""The README's picture: the sample captures as they open, a few articles down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reader.app.app import ReaderApp
from reader.cli import sample_captures
from reader.library import Library
from reader.library.importing import fill
from tests.snapshots.test_app_snapshots import settled


def test_reading(snap_compare: Any) -> None:
    with Library.temporary() as library:
        fill(library, sample_captures(), on_progress=lambda _: None, stop=lambda: False)
        app = ReaderApp(library, title="Samples")
        assert snap_compare(app, terminal_size=(110, 34), press=["j", "j", "j"], run_before=settled)


def test_the_readme_shows_it() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    picture = "tests/snapshots/__snapshots__/test_readme_picture/test_reading.svg"
    assert f"]({picture})" in readme
    assert (Path(__file__).parents[2] / picture).is_file()
