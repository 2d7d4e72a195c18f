"""The versions screen: versions listed, compared and split off; and the document of the differences."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from reader.app.text.finding import KnownMatches
from reader.app.versions.differences import MAX_PARAGRAPH, Comparison, comparison
from reader.app.versions.screen import VersionsScreen
from reader.library import Library
from reader.library.stories.differences import Difference, differences
from reader.model import Block
from tests.app.features.versions_stage import HEADLINE, a_library, pages
from tests.app.stage import Stage, on_stage, story
from tests.filling import add_pages
from tests.library.same_story import edits, keep, start
from tests.waiting import eventually


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    with a_library() as library:
        async with on_stage(library, size=(120, 40)) as stage:
            yield stage


def screen(stage: Stage) -> VersionsScreen:
    assert isinstance(stage.app.screen, VersionsScreen)
    return stage.app.screen


async def press(stage: Stage, *keys: str) -> None:
    """Press keys and wait until what they ask for is compared, written and drawn."""
    for key in keys:
        await stage.press(key)
        await compared(stage)


async def compared(stage: Stage) -> None:
    """Wait until what differs is known and drawn."""
    if isinstance(shown := stage.app.screen, VersionsScreen):
        await eventually(lambda: not shown.queries.busy("differences"))
    await stage.settle()


def sources(stage: Stage) -> list[str]:
    rows = screen(stage).versions.model
    return [row.version.source for row in rows.rows(0, len(rows))]


def right(stage: Stage) -> str:
    """What stands beside the list, as one line."""
    return " ".join(" ".join(line.split("│")[-1] for line in stage.lines()[1:-1]).split())


# In the list and in the pane


async def test_a_completed_story_has_its_badge(stage: Stage) -> None:
    row = next(y for y, line in enumerate(stage.lines()) if HEADLINE in line.split("│")[0])
    assert stage.lines()[row + 1].split("│")[0].rstrip().endswith("WHOLE")
    assert "WHOLE · from another capture" in stage.text()
    assert "Cut off in another capture; this is the full text, from pile/edited.txt. d shows them." in right(
        stage
    )
    assert "Seen in 3 captures: d shows them, and how they differ" in stage.text()
    assert "TRUNCATED" not in stage.text()


async def test_a_story_seen_once_says_nothing_of_it(stage: Stage) -> None:
    await press(stage, "j")
    assert "WHOLE ·" not in stage.text()
    assert "Seen in" not in stage.text()


# The screen


async def test_versions_are_listed_the_fullest_first_with_the_reasons(stage: Stage) -> None:
    await press(stage, "d")
    assert sources(stage) == ["pile/edited.txt", "pile/harbor.txt", "pile/front-page.txt"]
    text = stage.text()
    assert "BASE · LISTED" in stage.lines()[1]
    assert "TRUNCATED · 40 words · May 10, 2022" in text
    assert "the first that was kept" in text
    assert "3 versions" in stage.lines()[0]


async def test_two_versions_are_compared_word_by_word(stage: Stage) -> None:
    await press(stage, "d")
    assert screen(stage).versions.cursor == 1
    assert "only in [-harbor.txt-] {+edited.txt+} −2 +3 words" in right(stage)
    assert "the harbor" not in right(stage).partition("{+")[0]
    assert "[-over-] {+before+} the [-winter.-] {+autumn fair.+}" in right(stage)


async def test_what_only_the_whole_text_has_is_marked(stage: Stage) -> None:
    await press(stage, "d", "j")
    assert "{+The harbor master, who keeps the ledger" in right(stage)
    assert "{+By the time the council met" in right(stage)
    assert "−0 +68 words" in right(stage)


async def test_differences_are_struck_through_and_underlined(stage: Stage) -> None:
    await press(stage, "d", "N")
    styles = {}
    for strip in stage.app.screen._compositor.render_strips():
        for segment in strip:
            styles[segment.text.strip()] = segment.style
    removed, added = styles["over-]"], styles["before+}"] if "before+}" in styles else styles["{+before+}"]
    assert removed is not None
    assert removed.strike
    assert added is not None
    assert added.underline


async def test_n_goes_from_difference_to_difference(stage: Stage) -> None:
    await press(stage, "d")
    assert stage.lines()[-1].rstrip().endswith("1 of 2")
    await press(stage, "n")
    assert stage.lines()[-1].rstrip().endswith("2 of 2")
    await press(stage, "n")
    assert stage.lines()[-1].rstrip().endswith("1 of 2")


async def test_any_two_can_be_compared(stage: Stage) -> None:
    await press(stage, "d", "G", "space")
    assert screen(stage).versions.cursor == 0
    assert "only in [-edited.txt-] {+front-page.txt+}" in right(stage)
    await press(stage, "j")
    assert "only in [-harbor.txt-] {+front-page.txt+} −67 +0 words" in right(stage)
    await press(stage, "j")
    assert "This is the version that the others are compared with." in right(stage)


async def test_one_version_alone_says_so(stage: Stage) -> None:
    await press(stage, "j", "d")
    assert "There is one version only" in stage.text()
    assert "1 version " in stage.lines()[0]
    await press(stage, "x", "u", "space", "n", "escape")
    assert stage.app.screen is stage.screen


async def test_the_differences_can_be_scrolled() -> None:
    with a_library() as library:
        async with on_stage(library, size=(80, 16)) as stage:
            await press(stage, "d")
            top = screen(stage).view.where[0]
            await press(stage, "tab", "j", "j")
            assert screen(stage).view.where[0] == top + 2
            await press(stage, "g")
            assert screen(stage).view.where[0] == 1
            await press(stage, "tab", "ctrl+d")
            assert screen(stage).view.where[0] > 1
            assert screen(stage).versions.cursor == 1


async def test_a_version_is_read_and_says_that_it_is_one(stage: Stage) -> None:
    await press(stage, "d", "G", "enter")
    assert stage.app.screen is stage.screen
    assert stage.screen.pane == "article"
    assert stage.screen.article_pane.stored is not None
    assert stage.screen.article_pane.stored.source == "pile/front-page.txt"
    assert (
        "This is the version from pile/front-page.txt. Esc goes back to the one in the list, from pile/edited.txt."
        in right(stage)
    )
    assert "TRUNCATED" in stage.text()
    await press(stage, "escape")
    assert stage.screen.article_pane.stored.source == "pile/edited.txt"
    assert stage.screen.pane == "article"
    await press(stage, "escape")
    assert stage.screen.pane == "list"


async def test_the_way_back_survives_comparing_again(stage: Stage) -> None:
    await press(stage, "d", "G", "enter", "d")
    assert sources(stage)[screen(stage).versions.cursor or 0] == "pile/front-page.txt"
    await press(stage, "escape", "escape")
    assert stage.screen.article_pane.stored is not None
    assert stage.screen.article_pane.stored.source == "pile/edited.txt"


# Splitting


async def test_a_wrong_match_is_split_off_and_put_back(stage: Stage) -> None:
    await press(stage, "d", "j", "x")
    assert stage.said() == [
        "Not the same story: pile/front-page.txt is an article of its own now; u puts it back"
    ]
    assert "NOT THE SAME STORY" in stage.text()
    assert "2 versions" in stage.lines()[0]
    library = stage.screen.library
    assert len(library.versions(2)) == 2
    await press(stage, "u")
    assert stage.said()[-1] == "The same story again: pile/front-page.txt is back"
    assert "NOT THE SAME STORY" not in stage.text()
    assert len(library.versions(2)) == 3


async def test_the_list_follows_a_split(stage: Stage) -> None:
    await press(stage, "d", "j", "x", "escape")
    await stage.until(lambda: len(stage.screen.list_pane.listing) == 3)
    assert stage.titles().count(HEADLINE) == 2
    rows = [y for y, line in enumerate(stage.lines()) if HEADLINE[:10] in line.split("│")[0]]
    assert any("TRUNCATED" in stage.lines()[row + 1] for row in rows)


async def test_the_version_that_is_read_can_be_split_off(stage: Stage) -> None:
    await press(stage, "d", "G", "space", "g", "x")
    assert sources(stage) == ["pile/harbor.txt", "pile/front-page.txt", "pile/edited.txt"]
    await press(stage, "escape")
    assert stage.app.screen is stage.screen


async def test_the_last_version_is_not_split_off(stage: Stage) -> None:
    await press(stage, "d", "x", "x", "x")
    assert "1 version " in stage.lines()[0]
    assert len(sources(stage)) == 3


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (200, 60)])
async def test_it_fits_every_screen(size: tuple[int, int]) -> None:
    with a_library() as library:
        async with on_stage(library, size=size) as stage:
            await press(stage, "d")
            text = stage.text()
            assert "harbor.txt" in text
            assert "[-" in text
            assert "Esc back" in stage.lines()[-1]
            await stage.pilot.resize_terminal(100, 30)
            await stage.settle()
            assert "│" in stage.lines()[5]


async def test_what_the_article_says_of_its_versions_follows_a_split(stage: Stage) -> None:
    await press(stage, "d", "j", "x", "escape")
    assert stage.screen.pane == "list"
    assert "Cut off in another capture" not in right(stage)
    assert "Seen in 2 captures" in stage.text()
    await press(stage, "u")
    await stage.until(lambda: "Seen in 3 captures" in stage.text())
    assert "Cut off in another capture" in right(stage)


async def test_a_whole_text_that_comes_while_the_start_is_read_is_offered() -> None:
    start, whole, *_ = pages()
    with Library.temporary() as library:
        add_pages(library, [start])
        async with on_stage(library, size=(120, 40)) as stage:
            await press(stage, "l")
            assert "The capture ends here." in stage.text()
            add_pages(library, [whole])
            await stage.until(lambda: "This is the version from pile/front-page.txt." in right(stage))
            assert "The capture ends here." in stage.text()
            assert len(stage.screen.list_pane.listing) == 1
            await press(stage, "escape")
            assert "Cut off in another capture" in right(stage)


# A story in many captures


async def test_many_versions_are_walked_split_and_joined() -> None:
    with Library.temporary() as library:
        keep(library, [*edits(400), start()])
        async with on_stage(library, size=(120, 40)) as stage:
            assert "Seen in 401 captures" in stage.text()
            await press(stage, "d")
            assert "401 versions" in stage.lines()[0]
            assert "BASE · LISTED" in stage.lines()[1]
            await press(stage, "G")
            assert screen(stage).versions.cursor == 400
            assert "pile/00400.txt" in stage.text()
            assert "TRUNCATED" in stage.text()
            assert "+0 words" not in right(stage)
            await press(stage, "k", "k", "space")
            assert screen(stage).versions.cursor == 0
            await press(stage, "g", "x")
            assert stage.said()[-1].startswith("Not the same story: pile/")
            assert "400 versions" in stage.lines()[0]
            await press(stage, "G")
            assert "NOT THE SAME STORY" in stage.text()
            await press(stage, "u")
            assert "401 versions" in stage.lines()[0]
            await press(stage, "G", "enter")
            assert "This is the version from pile/00400.txt." in right(stage)


async def test_an_article_of_many_versions_is_followed() -> None:
    with Library.temporary() as library:
        keep(library, [*edits(30), start()])
        async with on_stage(library, size=(120, 40)) as stage:
            keep(library, [start()])
            await stage.until(lambda: "Seen in 32 captures" in stage.text())
            assert "Cut off in 2 other captures" in right(stage)


def paragraphs(found: Comparison) -> list[str]:
    return [text for unit in range(len(found.document)) if (text := found.document.text(unit))]


def begin(found: Comparison) -> list[str]:
    """What stands where differences begin."""
    places = map(found.document.find, found.changes)
    return [found.document.text(unit)[offset:].split()[0] for unit, offset in places]


def styled(found: Comparison, unit: int) -> list[tuple[str, str]]:
    laid = found.document.lay_out(unit, 80)
    return [(span.role, laid.text[span.start : span.end]) for span in laid.styled]


def test_what_was_replaced_stands_before_what_replaces_it_and_is_one_difference() -> None:
    found = comparison(
        [
            Difference("same", "body", "The lamps cost "),
            Difference("removed", "body", "more "),
            Difference("added", "body", "much less "),
            Difference("same", "body", "than the lettuce."),
        ]
    )
    assert paragraphs(found) == ["TEXT", "The lamps cost [-more-] {+much less+} than the lettuce."]
    assert begin(found) == ["[-more-]"]
    assert (found.removed, found.added) == (1, 2)
    assert styled(found, 2) == [("removed", "[-more-]"), ("added", "{+much less+}")]


def test_the_end_of_a_paragraph_is_replaced_in_its_place() -> None:
    found = comparison(
        [
            Difference("same", "body", "Over the "),
            Difference("removed", "body", "winter.\n\n"),
            Difference("added", "body", "autumn fair.\n\n"),
            Difference("same", "body", "Then."),
        ]
    )
    assert paragraphs(found) == ["TEXT", "Over the [-winter.-] {+autumn fair.+}", "Then."]


def test_a_removed_paragraph_stands_by_itself() -> None:
    found = comparison(
        [
            Difference("same", "body", "One.\n\n"),
            Difference("removed", "body", "Two.\n\n"),
            Difference("same", "body", "Three."),
        ]
    )
    assert paragraphs(found) == ["TEXT", "One.", "[-Two.-]", "Three."]


def test_each_paragraph_has_its_own_marks() -> None:
    found = comparison(
        [Difference("same", "body", "One."), Difference("added", "body", "\n\nTwo three.\n\nFour.")]
    )
    assert paragraphs(found) == ["TEXT", "One.", "{+Two three.+}", "{+Four.+}"]
    assert begin(found) == ["{+Two"]
    assert found.added == 3


def test_parts_have_their_names_and_end_a_difference() -> None:
    found = comparison(
        [
            Difference("removed", "headline", "Old words"),
            Difference("added", "headline", "New words"),
            Difference("added", "deck", "A deck."),
            Difference("same", "body", "Text."),
        ]
    )
    assert paragraphs(found) == [
        "HEADLINE",
        "[-Old words-] {+New words+}",
        "DECK",
        "{+A deck.+}",
        "TEXT",
        "Text.",
    ]
    assert begin(found) == ["[-Old", "{+A"]


def test_without_a_difference_it_says_so() -> None:
    found = comparison([Difference("same", "body", "Text.")])
    assert "The two versions have the same words." in paragraphs(found)
    assert list(found.changes) == []


def test_a_long_paragraph_is_laid_out_in_pieces_that_keep_their_marks() -> None:
    words = "lamp " * MAX_PARAGRAPH
    found = comparison([Difference("added", "body", words)])
    units = range(2, len(found.document))
    assert len(units) > 3
    assert all(found.document.text(unit).startswith("{+") for unit in units)
    assert begin(found) == ["{+lamp"]
    assert found.added == MAX_PARAGRAPH


def test_nothing_that_a_terminal_would_obey_comes_through() -> None:
    found = comparison([Difference("removed", "body", "a\x1b[31mb")])
    assert "\x1b" not in "".join(paragraphs(found))


def test_parts_that_are_the_same_are_left_out_but_for_the_text() -> None:
    old, new = (
        story(
            0,
            "Power",
            "The harbor",
            authors=(author,),
            body=(Block("paragraph", "One."), Block("item", "Two.")),
        )
        for author in ("Ada Reef", "Bo Reef")
    )
    assert paragraphs(comparison(differences(old, new))) == [
        "AUTHORS",
        "[-Ada-] {+Bo+} Reef",
        "TEXT",
        "One.",
        "Two.",
    ]


def test_a_difference_in_the_last_paragraph_alone_can_be_gone_to() -> None:
    found = comparison(
        [
            Difference("same", "body", "Lamps and "),
            Difference("removed", "body", "lettuce."),
            Difference("added", "body", "rent."),
        ]
    )
    known = KnownMatches(found.document, ((place, 2) for place in found.changes))
    assert known.first() == (2, 0)
    assert known.marks(2) == [(10, 12)]
