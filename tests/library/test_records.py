"""Articles and hints come back from their bytes as they went in; folding forgets case, accents and marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.library import fold, folded_words
from reader.library.database.records import (
    MOST_WORDS,
    decode_article,
    decode_hints,
    encode_article,
    encode_hints,
)
from reader.model import Article, Bio, Block, Figure, LineHint, Link, Reason

TEXT = st.text(alphabet=st.characters(), max_size=20)  # every code point, lone surrogates too
MAYBE = st.none() | TEXT
REASON = st.builds(Reason, TEXT, st.integers(1, 10**7), TEXT)
ARTICLE = st.builds(
    Article,
    position=st.integers(0, 10**6),
    kind=st.sampled_from(["story", "newsletter"]),
    kicker=MAYBE,
    section=MAYBE,
    headline=MAYBE,
    deck=MAYBE,
    authors=st.lists(TEXT, max_size=3).map(tuple),
    published=MAYBE,
    figures=st.lists(st.builds(Figure, MAYBE, MAYBE, MAYBE, MAYBE), max_size=3).map(tuple),
    body=st.lists(
        st.builds(Block, st.sampled_from(["paragraph", "subhead", "item", "quote", "signoff"]), TEXT),
        max_size=4,
    ).map(tuple),
    bios=st.lists(st.builds(Bio, MAYBE, TEXT), max_size=2).map(tuple),
    truncated=st.none() | REASON,
    sponsored=st.none() | REASON,
    sponsor=MAYBE,
    first_line=st.integers(1, 10**7),
    last_line=st.integers(1, 10**7),
    links=st.lists(
        st.builds(Link, st.integers(-1, 9), st.integers(0, 9), st.integers(1, 99), TEXT), max_size=2
    ).map(tuple),
    confidence=st.none() | st.floats(0.5, 1),
    own_id=st.none(),
)


@given(ARTICLE)
def test_an_article_comes_back_as_it_was(article: Article) -> None:
    back = decode_article(encode_article(article))
    assert back == article
    assert repr(back) == repr(article)  # the same records again, not plain tuples
    assert hash(back) == hash(article)


@given(st.lists(st.builds(LineHint, st.integers(1, 10**7), TEXT, TEXT), max_size=3).map(tuple))
def test_hints_come_back_as_they_were(hints: tuple[LineHint, ...]) -> None:
    assert repr(decode_hints(encode_hints(hints))) == repr(hints)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Kestrel Cloud", "kestrel cloud"),
        ("CAFÉ Sørli naïve", "cafe sørli naive"),
        ("Cloud’s “night” — shift…", 'cloud\'s "night" - shift...'),
        ("Straße", "strasse"),
        ("İzmir", "izmir"),
        ("℡", "tel"),
        ("ﬁn", "fin"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(TEXT, TEXT)
def test_folding_forgets_capitals_and_changes_nothing_again(one: str, other: str) -> None:
    folded = fold(one + other)
    assert fold(folded) == folded.casefold() == folded


def test_words_are_folded_and_each_counts_once() -> None:
    assert folded_words("  Café\tcafe  CLOUD ") == ("cafe", "cloud")
    assert folded_words(" \n") == ()
    assert len(folded_words(" ".join(map(str, range(1000))))) == MOST_WORDS
