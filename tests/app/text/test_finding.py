"""Finding words in a document, and in an article as it is shown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.app.text.document import Document, Part, ReadingPosition
from reader.app.text.places import (
    LONGEST_QUERY,
    Match,
    find_folded,
    find_matches,
    folded_query,
    place_matches,
)
from reader.app.text.wrapping import PIECE
from tests.app.text.viewing import numbered, rows, viewing


def found(query: str, text: str) -> list[str]:
    return [text[start:end] for start, end in find_folded(folded_query(query), text)]


@pytest.mark.parametrize(
    ("query", "text", "what"),
    [
        ("cafe", "Café CAFE cafe\u0301 cafés", ["Café", "CAFE", "cafe\u0301", "café"]),
        ("Café", "cafe", ["cafe"]),
        ("it's", "It’s it's ITʼS", ["It’s", "it's", "ITʼS"]),
        ('"so"', "“So” «so»", ["“So”", "«so»"]),
        ("a-b", "a–b a‐b", ["a–b", "a‐b"]),
        ("strasse", "Straße STRASSE", ["Straße", "STRASSE"]),
        ("straße", "strasse", ["strasse"]),
        ("office", "oﬃce", ["oﬃce"]),
        ("wait...", "Wait…", ["Wait…"]),
        (".", "Wait…", ["…"]),
        ("s", "Maß", ["ß"]),
        ("  two   words ", "two words", ["two words"]),
        ("[bold]", "x [bold] y", ["[bold]"]),
        (".*", "a.*b", [".*"]),
        ("zoë", "ZOE Zoë", ["ZOE", "Zoë"]),
        ("đ", "Đặng", ["Đ"]),
        ("中国", "会議は中国で", ["中国"]),
        ("absent", "present", []),
        ("", "anything", []),
        ("   ", "a   b", []),
    ],
)
def test_what_is_found(query: str, text: str, what: list[str]) -> None:
    assert found(query, text) == what


@given(st.text(max_size=2 * LONGEST_QUERY))
def test_no_query_is_too_odd_and_every_text_finds_itself(query: str) -> None:
    text = " ".join(query.split())[:LONGEST_QUERY]
    assert bool(found(query, text)) is bool(folded_query(query))


def matches_in(*texts: str, query: str) -> tuple[Document, list[Match]]:
    document = Document([Part("paragraph", text) for text in texts])
    return document, find_matches(document, folded_query(query))


def test_known_matches_are_those_of_a_search_also_in_paragraphs_of_many_pieces() -> None:
    texts = ("needle " * PIECE, "nothing", "a needle", "x" * PIECE + "needle")
    document, searched = matches_in(*texts, query="needle")
    places = [
        (ReadingPosition(block - len(texts), match.start()), len("needle"))
        for block, text in enumerate(texts)
        for match in re.finditer("needle", text)
    ]
    assert place_matches(document, places) == searched
    assert len(searched) == len(places)


async def test_each_letter_searches_again_from_where_the_search_began() -> None:
    async with viewing(numbered(300)) as (view, pilot, app):
        view.scroll_to(y=view.flow.row(*view.document.find(ReadingPosition(100, 0))))  # type: ignore[union-attr]
        await pilot.pause()
        view.finder.find("§2")  # The first from here on is that of paragraph 200.
        view.finder.find("§21")
        await pilot.pause()
        assert any("§210 " in row for row in rows(view))
        view.finder.find("§21 lorem")  # Wraps around to the start.
        await pilot.pause()
        assert app.found[-1] == (1, 1)
        assert any("§21 " in row for row in rows(view))
        view.finder.find("")
        await pilot.pause()
        assert app.found[-1] is None
