"""How an article's body is set on the screen, and that nothing is lost by it: places, what is found, links."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.text.document import ReadingPosition
from reader.app.text.wrapping import PIECE
from reader.app.widgets.article_view import ArticleView
from reader.model import Block, Link
from reader.settings import Settings
from tests.app.stage import Stage
from tests.app.text.viewing import STORY, numbered, paragraphs, rows, stored, viewing
from tests.waiting import eventually

JUSTIFIED = Settings(alignment="justified", hyphenation="en_US")
TEXT = (
    "Manufacturing representatives and governmental authorities negotiated a complicated agreement about "
    "international telecommunications infrastructure, and the administration considered its consequences. "
)


async def set_as(view: ArticleView, pilot: Pilot[None], settings: Settings) -> None:
    """Set a text and wait for the dictionary."""
    view.apply_settings(settings)
    await pilot.pause()
    if settings.hyphenation != "off":
        await eventually(lambda: view.typesetting.hyphenate is not None)
    await pilot.pause()


def body_rows(view: ArticleView) -> list[str]:
    return [row.strip() for row in rows(view) if row.strip()]


def marked(view: ArticleView) -> list[str]:
    """What is underlined or reversed in each row."""
    found = []
    for y in range(view.size.height):
        parts = [
            segment.text
            for segment in view.render_line(y)
            if segment.style and (segment.style.underline or segment.style.reverse)
        ]
        if parts:
            found.append("".join(parts))
    return found


@pytest.mark.parametrize(
    "changed",
    [
        {"line_spacing": 2},
        {"hyphenation": "en_US"},
        {"text_width": 50, "line_spacing": 1, "paragraph_spacing": 0, "alignment": "justified"},
    ],
)
async def test_the_place_is_kept(changed: dict[str, Any]) -> None:
    async with viewing(numbered(400), (90, 30)) as (view, pilot, _):
        view.scroll_to(y=900)
        await pilot.pause()
        while not rows(view)[0].strip():
            await pilot.press("j")
        place, first = view.position, rows(view)[0].split()[0]
        await set_as(view, pilot, Settings()._replace(**changed))
        assert view.position == place
        assert first in " ".join(rows(view)[:2]).split()
        await pilot.resize_terminal(60, 20)
        await pilot.resize_terminal(90, 30)
        assert view.position == place
        await set_as(view, pilot, Settings())
        assert (view.position, rows(view)[0].split()[0]) == (place, first)


async def test_lines_and_paragraphs_are_as_far_apart_as_set() -> None:
    async with viewing(paragraphs("One.", "Two.", "Three."), (60, 30)) as (view, _, _):

        def gaps(**changed: Any) -> list[int]:
            view.apply_settings(Settings()._replace(**changed))
            text = [row.strip() for row in rows(view)]
            first, second, third = (text.index(word) for word in ("One.", "Two.", "Three."))
            return [second - first, third - second, text.index("─" * 55) - third]

        assert gaps() == [2, 2, 2]
        assert gaps(paragraph_spacing=3) == [4, 4, 4]
        assert gaps(paragraph_spacing=3, line_spacing=1) == [5, 5, 5]
        assert gaps(paragraph_spacing=0, line_spacing=1) == [2, 2, 3]
        # Close paragraphs are told apart by an indent; what follows the body is set off.
        assert gaps(paragraph_spacing=0) == [1, 1, 2]
        one, two = (next(row for row in rows(view) if word in row) for word in ("One.", "Two."))
        assert two.index("Two.") - one.index("One.") == 2


async def test_what_is_found_is_marked_across_a_hyphen_and_in_wide_gaps() -> None:
    async with viewing(paragraphs(TEXT * 3), (60, 30)) as (view, pilot, _):
        await set_as(view, pilot, JUSTIFIED)
        broken = next(row for row in body_rows(view) if row.endswith("-"))
        start = broken.split()[-1].removesuffix("-")
        word = next(word for word in TEXT.replace(",", "").replace(".", "").split() if word.startswith(start))
        view.finder.find(word)
        await pilot.pause()
        found = "|".join(marked(view))
        assert f"{start}-|{word.removeprefix(start)}" in found
        assert found.replace("-|", "").split("|").count(word) == 3
        filled = next(row for row in body_rows(view) if "  " in row and len(row) == 55)
        before, after = filled.split("  ", 1)
        phrase = f"{before.split()[-1]} {after.split()[0].removesuffix('-')}"
        view.finder.find(phrase)
        await pilot.pause()
        assert phrase.replace(" ", "  ") in marked(view)


async def test_links_are_underlined_where_they_stand() -> None:
    text = TEXT + TEXT
    start = text.index("complicated agreement")
    words = text.index("infrastructure", 150)
    article = STORY._replace(
        body=(Block("item", text), Block("quote", "Said elsewhere.")),
        figures=(),
        links=(
            Link(0, start, start + 21, "https://one.example/a"),
            Link(0, words, words + 14, "https://two.example/b"),
            Link(1, 5, 14, "https://three.example/"),
            # None of these is a place in the body, or an address.
            Link(0, 0, 5, "javascript:alert(1)"),
            Link(0, 500, 2, "https://four.example/"),
            Link(0, start + 2, start + 5, "https://four.example/"),
            Link(7, 0, 5, "https://four.example/"),
            Link(-1, 0, 5, "https://four.example/"),
        ),
    )  # fmt: skip
    async with viewing(stored(article), (62, 40)) as (view, pilot, _):
        for settings in (Settings(), JUSTIFIED, JUSTIFIED._replace(line_spacing=1, paragraph_spacing=0)):
            await set_as(view, pilot, settings)
            underlined = "".join("".join(marked(view)).replace("-", "").split())
            assert underlined == "complicatedagreementinfrastructureelsewhere"
            seen = view.links.visible()
            assert [link.url.split("/")[2] for link in seen] == [
                "one.example",
                "two.example",
                "three.example",
            ]
            drawn = rows(view)
            assert [drawn[link.y][link.x : link.x + 5] for link in seen] == ["compl", "infra", "elsew"]
            for link in seen:
                assert view.links.at(link.x, link.y) == link.url
                assert view.links.at(link.x - 1, link.y) is None
        assert view.links.at(0, 0) is None
        assert view.links.at(5, 10_000) is None


async def test_links_of_a_text_in_pieces_are_where_they_are() -> None:
    text = TEXT * (2 * PIECE // len(TEXT))
    at = text.index("considered", PIECE)
    article = STORY._replace(
        body=(Block("paragraph", text),), links=(Link(0, at, at + 10, "https://a.example/"),)
    )
    async with viewing(stored(article), (62, 40)) as (view, pilot, _):
        view.show(stored(article), ReadingPosition(0, at - 200))
        await pilot.pause()
        assert marked(view) == ["considered"]


# In the app


@pytest.mark.staged(settings=Settings(hyphenation="tlh"))
async def test_a_language_that_is_missing_is_said(stage: Stage) -> None:
    await stage.until(lambda: bool(stage.said()))
    assert stage.said() == ["There is no hyphenation for “tlh”; choose a language such as en_US, or off"]
