"""Text wrapped to lines, and words broken by dictionaries."""

from __future__ import annotations

import re
from itertools import accumulate, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from reader.app.text.wrapping import clusters, drawn, pieces, width_of, wrap

FAMILY = "👨‍👩‍👧‍👦"
GERMANY = "🇩🇪"
THUMB = "👍🏽"
E_ACUTE = "e\u0301"

alphabet = st.one_of(
    st.sampled_from(["a", "b", " ", " ", "-", "—", "’", "é", "中", "文", "。", "「", "」", "한", "ａ"]),
    st.sampled_from([FAMILY, GERMANY, THUMB, E_ACUTE, "❤️", "\u200d", "\u0301", "🇩", "1️⃣", "नि"]),
    st.characters(exclude_categories=["Cc", "Cs"]),
)
texts = st.lists(alphabet, max_size=120).map("".join)
plain_texts = st.text(st.sampled_from("ab -—’é."), max_size=200)
widths = st.integers(2, 100)


def lines_of(text: str, width: int) -> list[str]:
    return [drawn(text, span) for span in wrap(text, width)]


@given(texts | plain_texts, widths)
@example("-bbbbbb。", 7)
@example("", 10)
@example("     ", 3)
@example("a      b", 3)
@example("中" * 9 + "、、、、、、", 4)
def test_lines_hold_every_character_once_whole_and_fit_the_width(text: str, width: int) -> None:
    spans = wrap(text, width)
    assert (spans[0][0], spans[-1][1]) == (0, len(text))
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert all(end > start for start, end in spans) or spans == [(0, 0)]
    assert {start for start, _ in spans} <= {0, *accumulate(map(len, clusters(text)))}
    for line in lines_of(text, width):
        assert cell_len(line) <= width or len(clusters(line)) == 1


@given(st.text(st.sampled_from("abc d"), max_size=200), widths)
def test_a_line_ends_at_a_space_unless_a_word_is_too_long(text: str, width: int) -> None:
    for start, end in wrap(text, width)[:-1]:
        word = re.search(r"\S*$", text[start:end])
        assert word is not None
        assert text[end - 1] == " " or len(word[0]) == width


@given(texts)
def test_characters_add_up_to_the_text_and_its_width(text: str) -> None:
    found = clusters(text)
    assert "".join(found) == text
    assert width_of(text) == cell_len(text)


@pytest.mark.parametrize("whole", [FAMILY, GERMANY, THUMB, E_ACUTE, "❤️", "1️⃣"])
def test_what_is_seen_as_one_character_is_one(whole: str) -> None:
    assert clusters(f"a{whole}{whole}b") == ["a", whole, whole, "b"]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        # As full as they can be; a longer word is cut.
        ("The grocery giant said it would grow", 12, ["The grocery", "giant said", "it would", "grow"]),
        ("a supercalifragilistic word", 8, ["a", "supercal", "ifragili", "stic", "word"]),
        # Ideographs may be parted anywhere, but not before closing punctuation, and are two cells wide.
        ("会議は中国で。開かれた", 12, ["会議は中国", "で。開かれた"]),
        ("会議「中国」", 6, ["会議", "「中", "国」"]),
        ("中文中文 ab", 5, ["中文", "中文", "ab"]),
        # A dash between words ends a line, and one before a number does not.
        ("rooftop—farms", 9, ["rooftop—", "farms"]),
        ("fell by -25 then", 9, ["fell by", "-25 then"]),
    ],
)
def test_where_lines_end(text: str, width: int, lines: list[str]) -> None:
    assert lines_of(text, width) == lines


@given(texts, st.integers(80, 200))
@example("e\u0301" * 60, 81)
def test_pieces_hold_every_character_once_and_are_not_too_long(text: str, size: int) -> None:
    spans = pieces(text * 4, size)
    assert "".join((text * 4)[start:end] for start, end in spans) == text * 4
    assert all(end - start <= size for start, end in spans)
