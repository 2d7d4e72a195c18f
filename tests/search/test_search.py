"""Searching a library: held to looking at every article, in pages, in stretches, whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.library import Hit, Interrupted, Library, Order, Results
from reader.library.database.connection import Database
from reader.library.search.parser import parse_query
from reader.model import Block, Figure, Reason
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.search.search_stage import Shelf, Told, some_article

ARTICLES = 240
CUT = Reason("marker", 4, "Keep Reading")


def database_of(library: Library) -> Database:
    return library._database


def keys(results: Results) -> list[int]:
    return [hit.row.key for hit in results.hits]


@pytest.fixture(scope="module")
def shelf() -> Iterator[Shelf]:
    """A library in which some articles are read and starred, and what is in it."""
    random = Random(4)
    made = [some_article(random, number) for number in range(ARTICLES)]
    with Library.temporary() as library:
        told: list[Told] = []
        for number in range(0, ARTICLES, 8):
            source = f"pile/{number // 80}/{number}.txt"
            add_pages(library, [a_page(source, *made[number : number + 8])])
            told += [
                Told(key, article, source, random.random() < 0.2, random.random() < 0.1)
                for key, article in enumerate(made[number : number + 8], number + 1)
            ]
        for one in told:
            library.state.set_read(one.key, one.read)
            library.state.set_starred(one.key, one.starred)
        assert sum(group.count for group in library.listing().groups) == ARTICLES
        yield Shelf(library, told)


ATOMS = st.sampled_from(
    [
        "kestrel", "the", "of", "cafe", "café", "ke*", "k*", "kest*", "kestrels*", "ferr*", "東", "東京", '"the of"',
        '"kestrel s"', '"of the" ', '"the k"*', '"東京 京"', "naive", "huarong", "nimbus", "zzz", "section:china",
        'section:"next up"', "section:n*", "section:unsectioned", "section:sponsored", "author:huar*", "author:lian",
        'author:"bram sørli"', "sponsor:pay", "is:truncated", "is:whole", "is:sponsored", "is:read", "is:unread",
        "is:starred", "before:2021", "after:2021-06", "before:2021-06-15", "after:2022", "in:pile/1", "in:6.txt",
        "in:nowhere", "in:headline the", "in:body kestrel of", "in:captions ke*", "in:authors vu",
    ]
)  # fmt: skip
QUERIES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
        inner.filter(lambda query: not query.startswith(("in:h", "in:b", "in:c", "in:a", "-"))).map(
            lambda query: f"-{query}"
        ),
    ),
    max_leaves=5,
)


@given(query=QUERIES, terms=st.sampled_from([1, 400]), limit=st.integers(1, 60))
def test_a_search_finds_what_looking_at_each_finds(shelf: Shelf, query: str, terms: int, limit: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # Few or many terms for the beginning of a word.
        patch.setattr("reader.library.search.plan.MOST_TERMS", terms)
        patch.setattr("reader.library.search.searcher.perf_counter", lambda: 0.0)  # time is never up
        expected = shelf.expected(query)
        found: list[int] = []
        results = shelf.library.search(query, limit=limit)
        while True:
            assert (results.count, results.capped) == (len(expected), False)
            found += keys(results)
            if results.after is None:
                break
            results = shelf.library.search(query, limit=limit, after=results.after)
        assert found == expected


TYPED = st.sampled_from(
    ("k", "kest", "kestrel", "fer", "th", "東", '"the', '"the k', '"the ke', '"of fer', "in:body ke", "is:tru", "-k")
)  # fmt: skip


@given(before=QUERIES, typed=TYPED, limit=st.sampled_from((1, 8, 60)))
def test_what_is_typed_finds_what_looking_at_each_finds(
    shelf: Shelf, before: str, typed: str, limit: int
) -> None:
    query = f"({before}) {typed}"
    node = parse_query(query, typing=True, stems=True)
    assert node is not None
    expected = shelf.expected_of(node)
    found: list[int] = []
    after: int | None = None
    while True:
        results = shelf.library.search(query, limit=limit, after=after, typing=True)
        assert results.count == len(expected) or (results.capped and results.count < len(expected))
        found += keys(results)
        after = results.after
        if after is None:
            break
    assert found == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reader.library.search.searcher.perf_counter", lambda: 0.0)  # time is never up
        assert shelf.library.count_found(query, typing=True) == (len(expected), False)


def test_nothing_typed_is_nothing_counted(shelf: Shelf) -> None:
    assert shelf.library.count_found(" ", typing=True) == (0, False)


def hits_of(query: str, **changes: Any) -> tuple[Hit, ...]:
    with Library.temporary() as library:
        add_pages(library, [a_page("a.txt", an_article(**changes))])
        return library.search(query).hits


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("kestrel's", "Kestrel’s outage"),
        ("KESTREL’S", "kestrel's outage"),
        ("cafe", "The CAFÉ"),
        ("CAFÉ", "the cafe"),
        ("strasse", "Straße"),
        ("京大", "東京大学"),
        ("ทย", "ภาษาไทย"),
        ("국어", "한국어는"),
        ("москва", "МОСКВА"),
    ],
)
def test_case_accents_quotes_and_other_scripts(query: str, text: str) -> None:
    (hit,) = hits_of(query, body=(Block("paragraph", text),))
    assert hit.marks


def test_a_phrase_goes_on_over_lines_and_not_into_a_caption() -> None:
    body = (Block("paragraph", "They sold the ferry"), Block("paragraph", "terminal to a choir."))
    figures = (Figure(None, "Choir of the harbor", None),)
    assert hits_of('"ferry terminal"', body=body, figures=figures)
    assert not hits_of('"a choir choir"', body=body, figures=figures)
    assert not hits_of('"whitlock rufus"', authors=("Anders Whitlock", "Rufus Haas"))


def test_is_whole_holds_for_a_story_that_any_capture_has_whole(library: Library) -> None:
    teaser = [Block("paragraph", f"Sentence {n} of the story about lettuce on a roof.") for n in range(9)]
    cut = an_article(body=tuple(teaser[:4]), truncated=CUT)
    whole = an_article(body=tuple(teaser))
    add_pages(library, [a_page("cut.txt", cut)])
    assert [hit.row.truncated for hit in library.search("is:truncated lettuce").hits] == [True]
    assert not library.search("is:whole").hits
    add_pages(library, [a_page("whole.txt", whole)])
    assert not library.search("is:truncated").hits
    (hit,) = library.search("is:whole lettuce").hits
    assert hit.row.completed
    assert keys(library.search("in:cut.txt")) == keys(library.search("in:whole.txt")) == [hit.row.key]


def test_by_relevance_the_best_come_first(library: Library) -> None:
    add_pages(
        library,
        [
            a_page(
                "a.txt",
                an_article(
                    headline="The harbor", body=(Block("paragraph", "A ferry, and much else besides."),)
                ),
                an_article(
                    headline="The ferry", body=(Block("paragraph", "A ferry is a ferry, say ferries."),)
                ),
                an_article(headline="Nothing", body=(Block("paragraph", "Nothing of the kind is in here."),)),
            )
        ],
    )
    results = library.search("ferry", order=Order.RELEVANCE, limit=1)
    assert (keys(results), results.count) == ([2], 2)
    assert keys(library.search("ferry", order=Order.RELEVANCE, limit=1, after=results.after)) == [1]


def test_by_relevance_all_matches_are_ranked_whatever_is_asked_beside_words(shelf: Shelf) -> None:
    for query in (
        "kestrel OR is:read",
        "(is:read OR the) of",
        "kestrel -(the is:read)",
        "before:2021 OR ferry",
    ):
        best = keys(shelf.library.search(query, order=Order.RELEVANCE, limit=ARTICLES))
        assert sorted(best) == sorted(shelf.expected(query))
    without, both = Library.temporary(), ("is:unread OR ferry", "ferry OR harbor")
    with without as library:
        body = [
            (Block("paragraph", text),) for text in ("One ferry here.", "Ferry after ferry.", "A harbor.")
        ]
        add_pages(library, [a_page("a.txt", *(an_article(headline=None, body=part) for part in body))])
        assert [keys(library.search(query, order=Order.RELEVANCE))[0] for query in both] == [2, 3]


def test_counting_stops_at_its_cap(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader.library.search.searcher.MOST_COUNTED", 4)
    add_pages(library, [a_page("a.txt", *(an_article() for _ in range(4)))])
    assert library.search("weighed", limit=2)[1:3] == (4, False)
    add_pages(library, [a_page("b.txt", an_article())])
    assert library.search("weighed", limit=2)[1:3] == (4, True)


def test_a_library_without_articles_has_no_matches(library: Library) -> None:
    for query in ("a", "-a", "is:read", "before:2021 OR a", "in:x", "k*"):
        assert library.search(query).count == 0
        assert library.search(query, typing=True, order=Order.RELEVANCE).hits == ()


def test_changes_of_another_connection_are_found(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.db") as library, library.another() as other:
        assert library.search("in:a.txt").count == library.search("lettuce").count == 0
        add_pages(other, [a_page("a.txt", an_article())])
        assert library.search("in:a.txt").count == library.search("lettuce").count == 1


def test_a_search_can_be_ended(library: Library) -> None:
    add_pages(library, [a_page("a.txt", an_article())])
    database = database_of(library)
    with database.interruptible():
        library.interrupt()  # between two queries
        with pytest.raises(Interrupted):
            library.search("lettuce")
    assert library.search("lettuce").count == 1


def test_a_search_can_be_ended_between_two_rows(shelf: Shelf) -> None:
    def interrupt() -> float:
        shelf.library.interrupt()
        return 0.0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reader.library.search.searcher.perf_counter", interrupt)  # asked for at every row
        with pytest.raises(Interrupted):
            shelf.library.search("the OR is:unread")
    assert keys(shelf.library.search("the OR is:unread", limit=ARTICLES)) == shelf.expected(
        "the OR is:unread"
    )
