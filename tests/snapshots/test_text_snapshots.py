"""A picture of an article whose lines are filled and whose words are broken.

After a change that is meant, look at the report and renew it: `pytest tests/snapshots --snapshot-update`.
"""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.app.main.screen import MainScreen
from reader.library import Library
from reader.model import Block, Link
from reader.settings import Settings
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.waiting import eventually

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
        await eventually(lambda: screen.article_pane.view.setting.hyphenate is not None)
        await pilot.pause()

    with Library.temporary() as library:
        add_pages(library, [a_page("pile/00.txt", ARTICLE)])
        settings = Settings(alignment="justified", hyphenation="en_US")
        assert snap_compare(ReaderApp(library, settings=settings), terminal_size=(80, 24), run_before=read)
