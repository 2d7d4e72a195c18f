"""The differences of two versions as paragraphs with marks."""

from __future__ import annotations

from reader.app.text.finding import Known
from reader.app.versions.differences import LONGEST, Comparison, comparison
from reader.library.stories.differences import Difference, differences
from reader.model import Block
from tests.app_stage import story


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
    words = "lamp " * LONGEST
    found = comparison([Difference("added", "body", words)])
    units = range(2, len(found.document))
    assert len(units) > 3
    assert all(found.document.text(unit).startswith("{+") for unit in units)
    assert begin(found) == ["{+lamp"]
    assert found.added == LONGEST


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
    known = Known(found.document, ((place, 2) for place in found.changes))
    assert known.first() == (2, 0)
    assert known.marks(2) == [(10, 12)]
