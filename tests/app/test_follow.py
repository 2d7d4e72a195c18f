"""Links of the text: chosen by letters, clicked, and told of in the footer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.app.main.links import COPY, LETTERS, LinkChoice, labels, link_choice_pieces
from reader.app.text.parts import VisibleLink
from reader.app.text.wrapping import width_of
from reader.library import Library
from reader.model import Block, Capture, Link
from tests.app.stage import Stage, on_stage
from tests.filling import add_pages
from tests.generated import a_page, an_article

ONE, TWO, THREE = "https://one.example/a?b=1", "https://two.example/b", "https://three.example/"
WORDS = "A study says so, another does not, and a third was lost."
STORY = an_article(
    headline="A lamp for the ferry",
    body=(
        Block("paragraph", WORDS),
        *(Block("paragraph", f"Paragraph {number}.") for number in range(40)),
        Block("paragraph", "The last word."),
    ),
    links=(
        Link(0, 2, 7, ONE),
        Link(0, 17, 24, TWO),
        Link(41, 4, 8, THREE),
        Link(0, 41, 46, "javascript:alert(1)"),
    ),
)
MANY = an_article(
    headline="All of them",
    body=(Block("paragraph", " ".join(f"w{number}" for number in range(30))),),
    links=tuple(
        Link(0, start, start + 2, f"https://n{number}.example/")
        for number, start in enumerate([3 * n for n in range(10)] + [30 + 4 * n for n in range(20)])
    ),
)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    with Library.temporary() as library:
        for number, article in enumerate((STORY, MANY, an_article(headline="Plain"))):
            capture, page = a_page(f"{number}.txt", article, text=f"{number}")
            add_pages(library, [(Capture(capture.source, capture.text), page)])
        async with on_stage(library, size=(110, 24)) as stage:
            yield stage


def addresses(commands: list[list[str]]) -> list[str]:
    return [words[-1] for words in commands]


def letters(stage: Stage) -> list[str]:
    """What is drawn over links, from top to bottom."""
    view = stage.screen.article_pane.view
    return [
        segment.text
        for y in range(view.size.height)
        for segment in view.render_line(y)
        if segment.style and segment.style.reverse and segment.text.strip()
    ]


def footer(stage: Stage) -> str:
    return stage.lines()[-1]


# Letters


@given(st.integers(0, 700))
def test_no_label_is_the_start_of_another(count: int) -> None:
    found = labels(count)
    assert len({*found}) == len(found) == count
    assert len({len(label) for label in found}) <= 1
    assert {*"".join(found)} <= {*LETTERS}
    assert COPY not in "".join(found)
    assert all(len(label) == 1 for label in found) == (count <= len(LETTERS))


@given(st.integers(1, 40), st.integers(38, 200), st.booleans())
def test_the_footer_fits_and_names_what_it_can(count: int, width: int, copies: bool) -> None:
    links = {
        label: VisibleLink(0, 0, f"https://{'n' * (number % 50)}{number}.example/path")
        for number, label in enumerate(labels(count))
    }
    pieces = link_choice_pieces(LinkChoice(links, copies=copies), width)
    text = "".join(piece.text for piece in pieces)
    assert width_of(text) <= width
    assert ("copy" if copies else "open") in text
    assert f"{labels(count)[0]} " in text
    assert "://" not in text


# On the screen


async def test_each_link_in_sight_gets_a_letter_that_opens_it(
    stage: Stage, commands: list[list[str]]
) -> None:
    await stage.press("semicolon")
    assert letters(stage) == ["f", "j"]
    assert "f one.example" in footer(stage)
    assert "j two.example" in footer(stage)
    assert "A ftudy says so, jnother does not" in stage.text()
    await stage.press("j")
    assert addresses(commands) == [TWO]
    assert letters(stage) == []
    assert WORDS[:30] in stage.text()
    assert stage.said() == ["two.example/b opened in the browser"]
    assert "move" in footer(stage)


async def test_y_before_the_letters_copies(stage: Stage, commands: list[list[str]]) -> None:
    await stage.press("l", "semicolon", "y")
    assert footer(stage).split()[0] == "copy"
    await stage.press("f")
    assert stage.app.clipboard == ONE
    assert commands == []
    await stage.press("semicolon", "y", "y", "F")
    assert addresses(commands) == [ONE]


async def test_letters_can_be_left(stage: Stage, commands: list[list[str]]) -> None:
    for key in ("escape", "q", "semicolon", "k"):
        await stage.press("l", "semicolon", key)
        assert letters(stage) == []
        assert stage.screen.pane == "article"
        assert commands == []
    assert stage.said() == ["No link has the letters “k”"]
    await stage.press("J")
    assert stage.cursor_title() == "All of them"


async def test_what_is_no_letter_leaves_and_does_what_it_does(stage: Stage) -> None:
    await stage.press("l", "semicolon", "down")
    assert letters(stage) == []
    assert stage.screen.article_pane.view.where[0] == 2
    await stage.press("semicolon", "space")
    assert letters(stage) == []
    assert stage.screen.article_pane.view.where[0] > 2
    await stage.press("g", "semicolon", "question_mark", "escape")
    assert letters(stage) == []


async def test_scrolling_by_mouse_and_a_resize_leave(stage: Stage) -> None:
    await stage.press("l", "semicolon")
    stage.screen.article_pane.view.scroll_to(y=1)
    await stage.settle()
    assert letters(stage) == []
    assert "scroll" in footer(stage)
    await stage.press("g", "semicolon")
    await stage.pilot.resize_terminal(100, 20)
    await stage.settle()
    assert letters(stage) == []
    await stage.press("j")
    assert stage.screen.article_pane.view.where[0] == 2


async def test_many_links_have_two_letters(stage: Stage, commands: list[list[str]]) -> None:
    await stage.press("J", "semicolon")
    assert len(letters(stage)) > len(LETTERS)
    assert {len(label) for label in letters(stage)} == {2}
    await stage.press("j")
    assert {label[0] for label in letters(stage)} == {"j"}
    await stage.press("backspace")
    assert {label[0] for label in letters(stage)} >= {"f", "j"}
    await stage.press("j", "d")
    assert addresses(commands) == ["https://n26.example/"]


async def test_links_in_sight_are_meant_and_without_one_that_is_said(
    stage: Stage, commands: list[list[str]]
) -> None:
    await stage.press("l", "G", "semicolon", "f")
    assert addresses(commands) == [THREE]
    await stage.press("g", "space", "semicolon", "h", "G", "semicolon")
    none = "No link is visible; L lists all links of the article"
    assert stage.said()[1:] == [none, "No link is visible"]
    assert letters(stage) == []
    await stage.press("g")
    await stage.pilot.resize_terminal(60, 24)  # The list alone.
    await stage.press("semicolon")
    assert stage.said()[-1] == none


# The mouse


async def test_a_link_is_told_under_the_mouse_and_opened_by_a_click(
    stage: Stage, commands: list[list[str]]
) -> None:
    view = stage.screen.article_pane.view
    link = view.links.visible()[0]
    await stage.pilot.hover("#article", offset=(link.x + 2, link.y))
    await stage.settle()
    assert "→ one.example/a?b=1" in footer(stage)
    await stage.pilot.hover("#article", offset=(link.x - 1, link.y))
    await stage.settle()
    assert "one.example" not in footer(stage)
    await stage.pilot.click("#article", offset=(link.x + 2, link.y))
    await stage.settle()
    assert addresses(commands) == [ONE]
    await stage.pilot.click("#article", offset=(link.x - 1, link.y))
    # The third link leads nowhere that could be opened.
    third = WORDS.index("third") - WORDS.index("study")
    await stage.pilot.click("#article", offset=(link.x + third, link.y))
    await stage.settle()
    assert addresses(commands) == [ONE]
