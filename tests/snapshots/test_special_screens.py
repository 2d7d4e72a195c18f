"""Pictures of an article with its picture, of one that is justified, and of what is seen beside a screen reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.app.main.screen import MainScreen
from reader.app.spoken import SpokenApp
from reader.library import Library
from reader.model import Block, Link
from reader.settings import Settings
from tests.app.scenes import go, settled
from tests.app.stage import a_library, with_settings
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.snapshots.samples import from_root
from tests.waiting import eventually

pytest.importorskip("PIL")
pytest.importorskip("textual_image")


@pytest.mark.usefixtures("every_frame")
@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=["80x24", "40x12"])
def test_picture(snap_compare: Any, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    page = next(path for path in from_root(monkeypatch) if Path(path).suffix == ".html")

    async def read(pilot: Pilot[Any]) -> None:
        await pilot.press("enter", *(["j"] * 8 if size[1] < 20 else []))
        await settled(pilot)
        for _ in range(3):
            await eventually(lambda: not any(it.group.endswith("pictures") for it in pilot.app.workers))
            await pilot.pause()
        await settled(pilot)

    with Library.temporary() as library:
        library.ingest([page])
        app = ReaderApp(library, in_force=with_settings(Settings(pictures="on", picture_protocol="blocks")))
        assert snap_compare(app, terminal_size=size, run_before=read)


# Pictures of what a reader for a screen reader shows to those who look at it


@pytest.mark.parametrize("press", [["j"], ["enter"]], ids=["list", "article"])
def test_spoken(snap_compare: Any, press: list[str]) -> None:
    async def pressed(pilot: Pilot[Any]) -> None:
        await go(pilot, *press)

    with a_library() as library:
        assert snap_compare(SpokenApp(library), terminal_size=(80, 24), run_before=pressed)


# A picture of an article whose lines are filled and whose words are broken


TEXT = (
    "The grocery giant said it would grow lettuce for a city, and investors remembered the presentation in which "
    "every whiteboard, photograph and spreadsheet promised transformation. “Nobody has weighed it yet,” said an "
    "engineer formerly responsible for the infrastructure, who asked not to be identified.",
    "Representatives of the municipal administration had negotiated an agreement about electricity, according to "
    "a study published last week; a lawyer for the company did not answer.",
)
ARTICLE = an_article(
    headline="The rooftop farms are not feeding anyone yet",
    deck="Investors were promised lettuce. The lamps cost more than that.",
    body=(
        Block("paragraph", TEXT[0]),
        Block("subhead", "What went wrong"),
        Block("item", "The lamps cost more than the lettuce, said the people who had signed the original agreement."),
        Block("item", "Water."),
        Block("paragraph", TEXT[1]),
    ),
    links=(Link(4, TEXT[1].index("a study"), TEXT[1].index(" published"), "https://study.example/"),),
)  # fmt: skip


def test_a_justified_article(snap_compare: Any) -> None:
    async def read(pilot: Pilot[Any]) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        await pilot.press("l")
        await pilot.app.workers.wait_for_complete()
        await eventually(lambda: screen.article_pane.view.typesetting.hyphenate is not None)
        await pilot.pause()

    with Library.temporary() as library:
        add_pages(library, [a_page("pile/00.txt", ARTICLE)])
        settings = Settings(alignment="justified", hyphenation="en_US")
        assert snap_compare(
            ReaderApp(library, in_force=with_settings(settings)), terminal_size=(80, 24), run_before=read
        )
