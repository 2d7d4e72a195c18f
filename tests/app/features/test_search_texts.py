"""What the search screen says at a width."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.app.search.bars import Fault, RuleState, SearchFooterState, footer, rule
from reader.app.search.hits import around, marked
from reader.app.text.wrapping import width_of
from reader.app.widgets.bars import Piece
from reader.library.database.schema import LEAD
from reader.library.search.tokens import indexed, special, spelled, tokens

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
    line = said(rule(RuleState(stories, capped), 80))
    assert len(line) == 80
    assert f" {words} · newest first " in line


def test_a_narrow_rule_keeps_the_count() -> None:
    line = said(rule(RuleState(10_000, True), 24))
    assert len(line) == 24
    assert "over 10,000 stories" in line
    assert len(said(rule(RuleState(), 24))) == 24


@pytest.mark.parametrize(
    ("before", "width", "line"),
    [
        (4, 80, " " * 12 + "^^^^^^^ is: takes whole or truncated"),
        (32, 50, " " * 11 + "is: takes whole or truncated ^^^^^^^"),
        (4, 30, " is: takes whole or truncated"),  # There is no room on either side.
    ],
)
def test_a_fault_is_pointed_at_and_told_beside(before: int, width: int, line: str) -> None:
    fault = Fault("is: takes whole or truncated", 0, 7)
    assert said(rule(RuleState(fault=fault, column=8, before=before, cells=7), width)) == line


@pytest.mark.parametrize("width", [16, 40, 80, 120, 200])
@pytest.mark.parametrize("typing", [True, False])
@pytest.mark.parametrize("starts", [True, False])
def test_the_footer_always_says_the_way_back(width: int, typing: bool, starts: bool) -> None:
    line = said(footer(SearchFooterState(typing, starts, 3), width))
    assert "Esc back" in line
    assert width_of(line) == width


# The tokens that Python finds in a text are those that SQLite's tokenizer finds


Tokenize = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def tokenize() -> Iterator[Tokenize]:
    """What SQLite makes of a text, with the tokenizer of the index."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(
            "CREATE VIRTUAL TABLE t USING fts5(x, content='',"
            f" tokenize=\"unicode61 remove_diacritics 2 tokenchars '{LEAD}'\")"
        )
        database.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")

        def tokenize(text: str) -> list[str]:
            database.execute("INSERT INTO t (t) VALUES ('delete-all')")
            database.execute("INSERT INTO t (rowid, x) VALUES (1, ?)", (text,))
            return [token for (token,) in database.execute("SELECT term FROM v ORDER BY offset")]

        yield tokenize


def test_every_character_is_the_same_to_both(tokenize: Tokenize) -> None:
    step = 1024
    for first in range(0, 0x30000, step):
        text = " ".join(f"q{chr(number)}z" for number in range(first, first + step))
        assert tokenize(indexed(text)) == [token.text for token in tokens(text)], hex(first)


@given(text=st.text())
def test_any_text_is_the_same_to_both(tokenize: Tokenize, text: str) -> None:
    found = tokens(text)
    assert tokenize(indexed(text)) == [token.text for token in found]
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert found == sorted(found, key=lambda token: token.start)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kestrel’s CAFÉ", ["kestrel", "s", "cafe"]),
        ("Łódź—Straße", ["łodz", "strasse"]),
        ("ﬁnal ﾃｽﾄ", ["final", "テ", "ス", "ト"]),
        ("東京大学", ["東", "京", "大", "学"]),
        ("한국 iPhone手机", ["한", "국", "iphone", "手", "机"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("Αθήνα Москва", ["αθηνα", "москва"]),
        ("co\u200doperate", ["cooperate"]),
    ],
)
def test_tokens_are_folded(text: str, expected: list[str]) -> None:
    assert [token.text for token in tokens(text)] == expected


def test_every_letter_of_other_scripts_is_found(tokenize: Tokenize) -> None:
    for text in ("हिन्दी", "தமிழ்", "ខ្មែរ", "𐐷𐐲"):
        assert len(tokens(text)) >= 2
        assert tokenize(indexed(text)) == [token.text for token in tokens(text)]


def test_no_text_has_special_tokens() -> None:
    assert special("t") == (f"{LEAD}t",)
    assert not any(token.text == f"{LEAD}t" for token in tokens(f"{LEAD}t \ue000t"))
    assert special("s", "Next Up") == (f"{LEAD}snext", f"{LEAD}sup")


@given(text=st.text())
def test_tokens_lead_back_to_what_they_stand_for(text: str) -> None:
    for token in tokens(text):
        assert token.text in [other.text for other in tokens(text[token.start : token.end])]
    whole = spelled(text)
    assert whole.ends is None or len(whole.ends) == len(text)
