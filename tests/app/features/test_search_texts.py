"""What the search screen says at a width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.app.search.bars import count_line, fault_line, footer
from reader.app.text.wrapping import around, marked, width_of
from reader.app.widgets.bars import Piece

PASSAGE = "The lamps cost more than the lettuce, and nobody had put the water into the plan."


def said(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("word", "width", "shown"),
    [
        ("water", 100, PASSAGE),
        ("lamps", 20, "The lamps cost more…"),
        ("water", 30, "…put the water into the plan."),
    ],
)
def test_a_passage_is_cut_around_its_match(word: str, width: int, shown: str) -> None:
    start = PASSAGE.index(word)
    assert around(PASSAGE, [(start, start + len(word))], width)[0] == shown


def test_wide_letters_count_double() -> None:
    shown, marks = around("水" * 30 + "灯" + "水" * 30, [(30, 31)], 20)
    assert width_of(shown) <= 20
    assert [shown[a:b] for a, b in marks] == ["灯"]


@given(st.text(min_size=1), st.data(), st.integers(4, 80))
def test_no_passage_is_wider_than_asked_and_marks_stay_in_it(
    text: str, data: st.DataObject, width: int
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    shown, marks = around(text, [(start, end)], width)
    assert width_of(shown) <= width
    assert all(0 <= a <= b <= len(shown) for a, b in marks)
    assert all(shown[a:b] in text for a, b in marks)


def test_marks_cut_a_text_into_pieces() -> None:
    assert list(marked("a lamp here", [(2, 6)], "plain", "match")) == [
        ("plain", "a "),
        ("match", "lamp"),
        ("plain", " here"),
    ]
    assert list(marked("lamp", [(0, 4)], "plain", "match")) == [("match", "lamp")]
    assert list(marked("lamp", [(0, 3), (1, 9), (7, 9)], "p", "m")) == [("m", "lam"), ("m", "p")]
    assert list(marked("", [], "plain", "match")) == []


@pytest.mark.parametrize(
    ("stories", "capped", "words"),
    [
        (0, False, "no story"),
        (1, False, "1 story"),
        (1234, False, "1,234 stories"),
        (10_000, True, "over 10,000 stories"),
    ],
)
def test_the_rule_counts(stories: int, capped: bool, words: str) -> None:
    line = said(count_line((stories, capped), "newest first", 80))
    assert len(line) == 80
    assert f" {words} · newest first " in line


def test_a_narrow_rule_keeps_the_count() -> None:
    line = said(count_line((10_000, True), "newest first", 24))
    assert len(line) == 24
    assert "over 10,000 stories" in line
    assert len(said(count_line(None, "newest first", 24))) == 24


@pytest.mark.parametrize(
    ("column", "width", "line"),
    [
        (12, 80, " " * 12 + "^^^^^^^ is: takes whole or truncated"),
        (40, 50, " " * 11 + "is: takes whole or truncated ^^^^^^^"),
        (12, 30, " is: takes whole or truncated"),  # There is no room on either side.
    ],
)
def test_a_fault_is_pointed_at_and_told_beside(column: int, width: int, line: str) -> None:
    assert said(fault_line("is: takes whole or truncated", column, 7, width)) == line


@pytest.mark.parametrize("width", [16, 40, 80, 120, 200])
@pytest.mark.parametrize("typing", [True, False])
@pytest.mark.parametrize("starts", [True, False])
def test_the_footer_always_says_the_way_back(width: int, typing: bool, starts: bool) -> None:
    line = said(footer(width, typing=typing, starts=starts, at=3))
    assert "Esc back" in line
    assert width_of(line) == width
