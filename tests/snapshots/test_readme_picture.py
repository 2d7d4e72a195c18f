"""The pictures of the README and the manual: the samples, a search of them, the reasons for labels; an overview."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.library import Library
from tests.app.scenes import WAIT, go
from tests.filling import add_pages
from tests.generated import pages
from tests.paths import ROOT
from tests.snapshots.samples import from_root


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    """The samples, which no test changes."""
    with pytest.MonkeyPatch.context() as patch, Library.temporary() as library:
        library.ingest(from_root(patch))
        yield library


@pytest.fixture
def samples(library: Library, monkeypatch: pytest.MonkeyPatch) -> ReaderApp:
    """The app over the samples."""
    monkeypatch.chdir(ROOT)
    return ReaderApp(library, title="Samples")


def after(*keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Press keys once all is listed."""

    async def press(pilot: Pilot[Any]) -> None:
        await go(pilot, *keys)

    return press


def test_reading(snap_compare: Any, samples: ReaderApp) -> None:
    assert snap_compare(samples, terminal_size=(110, 34), run_before=after(*"jjj"))


def test_search(snap_compare: Any, samples: ReaderApp) -> None:
    keys = ("ctrl+f", *"company -is:sponsored", "down")
    assert snap_compare(samples, terminal_size=(110, 26), run_before=after(*keys))


def test_why(snap_compare: Any, samples: ReaderApp) -> None:
    assert snap_compare(samples, terminal_size=(110, 30), run_before=after(*"jjji", WAIT, "j"))


def test_overview(snap_compare: Any) -> None:
    with Library.temporary() as library:
        add_pages(library, pages(700))
        assert snap_compare(ReaderApp(library), terminal_size=(110, 36), run_before=after("v", WAIT, *"jjj"))


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
