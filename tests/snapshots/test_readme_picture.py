"""The pictures of the README and the manual: the samples, a search of them, the reasons for labels; an overview."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.library import Library
from tests.app.scenes import go
from tests.filling import add_pages
from tests.generated import pages
from tests.paths import ROOT
from tests.snapshots.samples import from_root, settled


def test_reading(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library.temporary() as library:
        library.ingest(from_root(monkeypatch))
        app = ReaderApp(library, title="Samples")
        assert snap_compare(app, terminal_size=(110, 34), press=["j", "j", "j"], run_before=settled)


def test_search(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library.temporary() as library:
        library.ingest(from_root(monkeypatch))
        app = ReaderApp(library, title="Samples")

        async def search(pilot: Pilot[Any]) -> None:
            await settled(pilot)
            await go(pilot, "ctrl+f", *"company -is:sponsored", "down")

        assert snap_compare(app, terminal_size=(110, 26), run_before=search)


def test_why(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library.temporary() as library:
        library.ingest(from_root(monkeypatch))
        app = ReaderApp(library, title="Samples")

        async def why(pilot: Pilot[Any]) -> None:
            await settled(pilot)
            await go(pilot, *"jjji")
            await go(pilot, "j")

        assert snap_compare(app, terminal_size=(110, 30), run_before=why)


def test_overview(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library.temporary() as library:
        add_pages(library, pages(700))
        app = ReaderApp(library)

        async def look_over(pilot: Pilot[Any]) -> None:
            await settled(pilot)
            await go(pilot, "v", "j", "j", "j")

        assert snap_compare(app, terminal_size=(110, 36), run_before=look_over)


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("test_reading", "README.md"),
        ("test_search", "reader/manual/search.md"),
        ("test_why", "reader/manual/reading.md"),
        ("test_overview", "reader/manual/library.md"),
    ],
)
def test_a_document_shows_each(name: str, document: str) -> None:
    picture = f"tests/snapshots/__snapshots__/test_readme_picture/{name}.svg"
    assert f"{picture})" in (ROOT / document).read_text(encoding="utf-8")
    assert (ROOT / picture).is_file()
