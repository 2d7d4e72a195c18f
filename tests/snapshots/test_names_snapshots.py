"""Pictures of the choosers and pages of authors and sponsors; see `test_app_snapshots` for how they are renewed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.app.screens.main import MainScreen
from reader.library import Library
from reader.model import Bio
from tests.app_stage import KEEP_READING, body, pages
from tests.generated import a_page, an_article

NEW = "Lian Huarong covers China, roofs and what grows on them. Before that she wrote about lifts."
OLD = "Lian Huarong is an intern at Protocol."


@pytest.fixture
def library() -> Iterator[Library]:
    more = (
        an_article(
            headline="The lift that knows your floor",
            body=body("lift", "stairs", "floor"),
            published="2022-11-02",
            authors=("Lian Huarong", "Bram Haas"),
            bios=(Bio("Lian Huarong", NEW), Bio("Bram Haas", "Bram Haas is an editor.")),
        ),
        an_article(
            headline=None,
            body=body("vote", "count", "clerk"),
            published="2020-02-20",
            section="Policy",
            authors=("Oksana Vu", "Lian Huarong"),
            bios=(Bio("Lian Huarong", OLD),),
            truncated=KEEP_READING,
        ),
    )
    with Library.temporary() as library:
        library.add(pages())
        library.add([a_page("pile/lifts.html", more[0]), a_page("pile/intern.html", more[1])])
        yield library


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys and wait for what the clerk finds out."""
    main = pilot.app.screen_stack[0]
    assert isinstance(main, MainScreen)
    for key in keys:
        await pilot.press(key)
        while any(main.clerk.busy(kind) for kind in ("names", "profile", "list")):
            await pilot.pause(0.01)
        await pilot.pause()
        await pilot.pause()


@pytest.mark.parametrize(
    ("keys", "size", "colours"),
    [
        ("a", (80, 24), "paper"),
        ("a enter j", (120, 40), "ink"),
        ("a enter j", (80, 24), "none"),
        ("a enter", (40, 12), "paper"),
        ("dollar_sign enter", (100, 24), "paper"),
    ],
    ids=["authors", "author-120x40", "author-80x24-none", "author-40x12", "sponsor"],
)
def test_names(
    library: Library,
    snap_compare: Any,
    monkeypatch: pytest.MonkeyPatch,
    keys: str,
    size: tuple[int, int],
    colours: str,
) -> None:
    if colours == "none":
        monkeypatch.setenv("NO_COLOR", "1")

    async def pressed(pilot: Pilot[Any]) -> None:
        await press(pilot, *keys.split())

    app = ReaderApp(library, theme="paper" if colours == "paper" else "ink")
    assert snap_compare(app, terminal_size=size, run_before=pressed)
