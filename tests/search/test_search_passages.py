"""What is shown of a match: its marks are what the index matched, in the text as it is."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reader.app.text.article_lines import article_document
from reader.app.text.document import Document, ReadingPosition
from reader.library import Library, StoredArticle
from reader.library.search.indexing import tokens
from reader.library.search.parser import Phrase, parse_query, phrases_in
from reader.library.search.passages import MOST_CHARACTERS, passage, places, plain_phrases
from reader.library.search.searcher import find_places
from reader.model import Article, Bio, Block, Figure, Reason
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.search.search_stage import WORDS, matches_phrase, some_article

PARAGRAPH = "For years the lettuce was sold as fresh, and nobody asked. " * 6


def fits(phrase: Phrase, marked: str) -> bool:
    found = [token.text for token in tokens(marked)]
    if not phrase.prefix:
        return found == list(phrase.tokens)
    return found[:-1] == list(phrase.tokens[:-1]) and found[-1].startswith(phrase.tokens[-1])


def a_long_one(*texts: str, **changes: Any) -> Article:
    return an_article(body=tuple(Block("paragraph", text) for text in texts))._replace(**changes)


WORDS_ASKED = st.sampled_from(
    ["kestrel", "kestrel's", "ke*", "cafe", "CAFÉ", "the", "f*", "京", "東京", "naive", "x"]
)


@given(st.integers(0, 10_000), WORDS_ASKED)
def test_one_word_is_marked_where_the_index_matches_it(seed: int, query: str) -> None:
    article = some_article(Random(seed), 1)
    node = parse_query(query)
    (phrase,) = phrases_in(node)
    phrases = plain_phrases(node)
    found = places(article, phrases)
    assert bool(found) is matches_phrase(phrase, article)
    document = article_document_of(article)
    for block, start, end in found:
        unit, offset = document.find(ReadingPosition(block, start))
        assert fits(phrase, document.text(unit)[offset : offset + end - start])
    shown = passage(article, phrases)
    assert len(shown.text) <= MOST_CHARACTERS
    assert all(fits(phrase, shown.text[start:end]) for start, end in shown.marks)


def article_document_of(article: Article) -> Document:
    return article_document(StoredArticle(1, article, "a.txt", None, None, 1, "utf-8", None))


@given(st.text(max_size=600), st.lists(st.sampled_from([*WORDS, "the of"]), min_size=1, max_size=3))
def test_passages_and_marks_stay_within_any_text(text: str, words: list[str]) -> None:
    article = a_long_one(f"{text} {words[0]} {text}")
    shown = passage(article, plain_phrases(parse_query(" ".join(words))))
    assert len(shown.text) <= MOST_CHARACTERS
    ends = [end for mark in shown.marks for end in mark]
    assert ends == sorted(ends)
    assert all(0 <= start < end <= len(shown.text) for start, end in shown.marks)
    assert shown.marks


def test_a_passage_has_what_is_looked_for_close_together() -> None:
    article = a_long_one("A ferry. " + PARAGRAPH, PARAGRAPH + "The harbor and its ferry closed. " + PARAGRAPH)
    shown = passage(article, plain_phrases(parse_query("ferry harbor")))
    assert {shown.text[start:end] for start, end in shown.marks} == {"ferry", "harbor"}
    assert shown.text.startswith("…")
    assert shown.text.endswith("…")
    article = a_long_one(PARAGRAPH, deck="The harbor at night", figures=(Figure(None, "A glacier", None),))
    assert passage(article, plain_phrases(parse_query("harbor"))).text == "The harbor at night"
    assert passage(article, plain_phrases(parse_query("glacier"))).text == "A glacier"
    beginning = passage(article, plain_phrases(parse_query("is:whole lian")))
    assert PARAGRAPH.startswith(beginning.text.removesuffix("…"))
    assert not beginning.marks


def test_places_are_those_of_the_article_as_it_is_drawn() -> None:
    article = a_long_one(
        "They sold the ferry",
        "terminal. A ferry terminal is large.",
        headline="The ferry terminal",
        deck="A ferry terminal",
        authors=("Ferry Terminal", "Lian Ferry", "Ferry Haas"),
        figures=(Figure("Ferry at night", None, None), Figure(None, "The ferry", "Photo: Ferry Vu")),
        bios=(Bio("Ferry Haas", "Ferry Haas likes ferries."), Bio("Lian", "likes the ferry")),
        truncated=Reason("marker", 9, "Keep Reading"),
        sponsored=Reason("label", 9, "A message"),
    )
    document = article_document_of(article)
    found = []
    for block, start, end in find_places(article, "ferry"):
        unit, offset = document.find(ReadingPosition(block, start))
        found.append((unit, document.text(unit)[offset : offset + end - start].lower()))
    texts = [document.text(unit).lower() for unit in range(len(document))]
    assert found == [
        (unit, "ferry")
        for unit, text in enumerate(texts)
        for _ in range(text.replace("ferries", "").count("ferry"))
    ]
    phrase = find_places(article, '"the ferry terminal"')
    assert phrase == [(-6, 0, 18), (0, 10, 19), (1, 0, 8)]
    for query in ("", "is:", "(", "-ferry is:whole"):
        assert find_places(article, query) == []


def test_titles_are_marked_as_what_they_are(library: Library) -> None:
    add_pages(
        library,
        [
            a_page(
                "a.txt",
                an_article(headline="The lettuce"),
                an_article(headline=None, body=(Block("paragraph", "The lettuce is borrowed."),)),
            )
        ],
    )
    assert [hit.title_marks for hit in library.search("lettuce").hits] == [((4, 11),), ((4, 11),)]
    assert [hit.title_marks for hit in library.search("in:body lettuce").hits] == [((4, 11),)]
