"""Searches find other forms of words, and suggest another spelling where nothing matches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reader.library import Library
from reader.library.search.searcher import find_places
from reader.model import Block
from tests.filling import add_pages
from tests.generated import a_page, an_article

TEXTS = {
    "Run": "Nobody runs a ferry here.",
    "Running": "She keeps running in the harbor.",
    "Runway": "The runway is short.",
    "Hope": "He hopes for hopeful harbors.",
    "Hoping": "Hoping is no plan.",
    "Tries": "A crew tries again.",
    "Trial": "The trial is over.",
}


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    with Library.temporary() as library:
        pages = [
            a_page(
                f"{title}.txt", an_article(headline=title, body=(Block("paragraph", text),), authors=(name,))
            )
            for (title, text), name in zip(TEXTS.items(), ["Ada Runs", *["Bo Vik"] * 6], strict=True)
        ]
        add_pages(library, pages)
        yield library


def titles(library: Library, query: str, *, typing: bool = False) -> set[str]:
    return {hit.row.title for hit in library.search(query, typing=typing).hits}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("run", {"Run", "Running"}),
        ("hoped", {"Hope", "Hoping"}),
        ("trying", {"Tries"}),
        ("in:body runs", {"Run", "Running"}),
        ("harbors -run", {"Hope"}),
        ("(ran OR tried)", {"Tries"}),
        # Exact: in quotes, with a star, and names.
        ('"runs"', {"Run"}),
        ('"running in"', {"Running"}),
        ("runs*", {"Run"}),
        ("runw*", {"Runway"}),
        ("author:runs", {"Run"}),
        ("author:running", set()),
    ],
)
def test_words_are_found_by_their_stem(library: Library, query: str, found: set[str]) -> None:
    assert titles(library, query) == found


def test_without_stems_words_are_found_as_they_are(library: Library) -> None:
    library.stems = False
    try:
        assert titles(library, "runs") == {"Run"}
        assert titles(library, "hoped") == set()
        assert library.another().stems is False
    finally:
        library.stems = True


def test_the_forms_are_marked(library: Library) -> None:
    (hit,) = library.search("is:whole in:body hoped -harbro hope harbors").hits
    assert [hit.passage[start:end] for start, end in hit.marks] == ["hopes", "hopeful", "harbors"]
    article = an_article(headline="Runs", body=(Block("paragraph", "Running, a runner on a runway runs."),))
    text = article.body[0].text
    places = [(start, end) for block, start, end in find_places(article, "runs ", stems=True) if block == 0]
    assert [text[start:end] for start, end in places] == ["Running", "runs"]


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("harbro", "harbor"),
        ("Runnign harbor", "running harbor"),
        ("runwayy", "runway"),
        ("runwayyss", None),
        ('"the runwya is"', '"the runway is"'),
        ("author:vikk ferry", None),  # No article of his has the word.
        ("author:runss ferry", "author:runs ferry"),
        ("harbors -xylophone zeppelin", None),
        ("runway trial", None),  # Both words are known.
        ("-harbro", None),
    ],
)
def test_another_spelling_is_suggested(library: Library, query: str, suggestion: str | None) -> None:
    assert library.suggestion(query) == suggestion


def test_a_word_that_is_typed_is_a_beginning(library: Library) -> None:
    assert titles(library, "runs", typing=True) == {"Run", "Running"}
    assert titles(library, "run", typing=True) == {"Run", "Running", "Runway"}
    assert library.suggestion("runn", typing=True) is None  # It goes on as running.
    assert library.suggestion("runnway", typing=True) == "runway"
    assert library.suggestion('"the runnway', typing=True) == '"the runway'
