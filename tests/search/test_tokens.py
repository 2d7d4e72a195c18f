"""The tokens that Python finds in a text are those that SQLite's tokenizer finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.library.database.schema import LEAD
from reader.library.search.indexing import indexed, special, spelled, tokens

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


def test_every_character_is_the_same_to_both(tokenize: Tokenize, thorough: bool) -> None:
    step = 1024
    end = 0x20000 + step  # Beyond there are only more ideographs, up to others that stand for some.
    blocks = [*range(0, end, step), *range(0x2F800, 0x30000, step)]
    # Of the ideographs, the syllables of Korean and what is not assigned, some are enough.
    few = [first for first in blocks if first < 0x3400 or (first >= 0xF800 and first % 0x1000 == 0)]
    for first in blocks if thorough else few:
        text = " ".join(f"q{chr(number)}z" for number in range(first, first + step))
        assert tokenize(indexed(text)) == [token.text for token in tokens(text)], hex(first)


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


def test_no_text_has_special_tokens() -> None:
    assert special("t") == (f"{LEAD}t",)
    assert not any(token.text == f"{LEAD}t" for token in tokens(f"{LEAD}t \ue000t"))
    assert special("s", "Next Up") == (f"{LEAD}snext", f"{LEAD}sup")


@given(text=st.text())
def test_any_text_is_the_same_to_both_and_tokens_lead_back_to_it(tokenize: Tokenize, text: str) -> None:
    found = tokens(text)
    assert tokenize(indexed(text)) == [token.text for token in found]
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert found == sorted(found, key=lambda token: token.start)
    for token in found:
        assert token.text in [other.text for other in tokens(text[token.start : token.end])]
    whole = spelled(text)
    assert whole.ends is None or len(whole.ends) == len(text)
