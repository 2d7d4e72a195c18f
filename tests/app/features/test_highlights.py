"""Selecting and highlighting in an article, notes, tags: with keys and with the mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from rich.style import Style

from reader.app.spoken.app import SpokenApp
from reader.library import Library
from reader.library.state import anchors
from reader.library.state.notes import Annotation, Color
from reader.model import Block
from tests.app.stage import Stage, a_library, on_stage, story
from tests.filling import add_pages
from tests.generated import a_page

TEXTS = (
    "The rooftop farms are not feeding anyone yet.",
    "Lettuce is 95 percent water, and the lamps cost more than the lettuce.",
    "Nobody had put the lamps into the plan.",
)
ALWAYS = 'The kettle of the ministry is "loud", said the plumber.'


def put(library: Library, source: str, headline: str, texts: tuple[str, ...]) -> None:
    body = tuple(Block("paragraph", text) for text in texts)
    add_pages(library, [a_page(source, story(0, "China", headline, body=body))])


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A kept library with two articles."""
    with Library.open(tmp_path / "library.db") as library:
        put(library, "one.txt", "The rooftop farms", TEXTS)
        put(library, "two.txt", "The kettle", (ALWAYS, "It boils at nine.", "The tea is for guests."))
        yield library


@pytest.fixture
async def stage(library: Library) -> AsyncIterator[Stage]:
    async with on_stage(library, size=(110, 24)) as stage:
        await stage.press("enter")
        yield stage


def written(stage: Stage) -> list[tuple[str, str, str]]:
    """What is highlighted in the open article: words, colour, note."""
    stored = stage.screen.article_pane.stored
    assert stored is not None
    return [(one.quote.text, one.color, one.note) for one in stage.screen.library.annotations.of(stored.key)]


def styled(stage: Stage, text: str) -> Style:
    """The style of a stretch of the screen that is drawn in one style."""
    for strip in stage.app.screen._compositor.render_strips():
        for segment in strip:
            if segment.text.strip() == text.strip():
                assert segment.style is not None
                return segment.style
    raise AssertionError(f"no stretch {text!r} on\n{stage.text()}")


def look(stage: Stage, color: Color) -> Style:
    return stage.screen.article_pane.view.style_of(f"highlight-{color}")


# Selecting with keys


@pytest.mark.parametrize(
    ("keys", "selected"),
    [
        ("v l l", "The"),
        ("v right right left", "Th"),
        ("v w h h", "The"),
        ("v e e", "The rooftop"),
        ("v w w b h h", "The"),
        ("v dollar_sign", TEXTS[0]),
        ("v dollar_sign 0 l", "Th"),
        ("v w v e", "rooftop"),
        ("v w v e o b", "The rooftop"),
        ("V", TEXTS[0]),
        ("V j j", TEXTS[0] + "\n" + TEXTS[1]),
        ("v j e V", TEXTS[0] + "\n" + TEXTS[1].removesuffix(" the lettuce.")),
        ("v G", "\n".join(TEXTS)),
        ("v G v g", "\n".join(TEXTS)),
        ("v G v k", ".\n" + TEXTS[2]),
        ("v pagedown", "\n".join(TEXTS)[: -len(TEXTS[2]) + 1]),
        ("slash 9 5 enter v e", "95"),
    ],
)
async def test_what_keys_select(stage: Stage, keys: str, selected: str) -> None:
    await stage.press(*keys.split())
    assert stage.screen.highlights.selected_text == selected
    await stage.press("escape")
    assert stage.screen.highlights.selected_text == ""
    assert stage.screen.pane == "article"


async def test_enter_highlights_in_the_colour_used_last(stage: Stage) -> None:
    await stage.press("v", "e", "enter")
    await stage.press("v", "w", "w", "v", "e", "2")
    await stage.press("v", "j", "0", "v", "e", "enter")
    assert [(text, color) for text, color, _ in written(stage)] == [
        ("The", "yellow"),
        ("farms", "green"),
        ("Lettuce", "green"),
    ]
    assert styled(stage, "The").bgcolor == look(stage, "yellow").bgcolor
    assert styled(stage, "farms").bgcolor == look(stage, "green").bgcolor
    assert any("u undoes it" in words for words in stage.said())
