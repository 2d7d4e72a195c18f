"""Searching a library: held to looking at every article, in pages, in stretches, whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.library import Hit, Interrupted, Library, Order, Results
from reader.library.search.parser import parse_query
from reader.model import Block, Figure, Reason
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.search.search_stage import Kept, matching, some_article

ARTICLES = 160
CLOCK = "reader.library.search.searcher.perf_counter"
Shelf = tuple[Library, list[Kept]]


def keys(results: Results) -> list[int]:
    return [hit.row.key for hit in results.hits]


def expected(shelf: Shelf, query: str, *, typing: bool = False) -> list[int]:
    node = parse_query(query, typing=typing, stems=True)
    assert node is not None
    return matching(node, shelf[1])


@pytest.fixture(scope="module")
def shelf() -> Iterator[Shelf]:
    """A library in which some articles are read and starred, and what is in it."""
    random = Random(4)
    with Library.temporary() as library:
        kept: list[Kept] = []
        for number in range(0, ARTICLES, 8):
            source = f"pile/{number // 80}/{number}.txt"
            articles = [some_article(random, number + n) for n in range(8)]
            add_pages(library, [a_page(source, *articles)])
            kept += [
                Kept(key, article, source, random.random() < 0.2, random.random() < 0.1)
                for key, article in enumerate(articles, number + 1)
            ]
        for one in kept:
            library.state.set_read(one.key, one.read)
            library.state.set_starred(one.key, one.starred)
        assert library.totals().articles == ARTICLES
        yield library, kept


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
TYPED = st.sampled_from(
    ("k", "kest", "kestrel", "fer", "th", "東", '"the', '"the k', '"the ke', '"of fer', "in:body ke", "is:tru", "-k")
)  # fmt: skip


def check(shelf: Shelf, query: str, limit: int, *, typing: bool) -> None:
    """All pages of a search together have what looking at each article finds."""
    library, after = shelf[0], None
    wanted, found = expected(shelf, query, typing=typing), []
    while True:
        results = library.search(query, limit=limit, after=after, typing=typing)
        assert after is not None or (results.count, results.capped) == (len(wanted), False)
        found += keys(results)
        after = results.after
        if after is None:
            break
    assert found == wanted
    assert [hit.row.key for hit in library.all_hits(query, typing=typing)] == wanted
    assert library.count_found(query, typing=typing) == (len(wanted), False)


@given(query=QUERIES, terms=st.sampled_from([1, 400]), limit=st.sampled_from((3, 17, 60)))
def test_a_search_finds_what_looking_at_each_finds(shelf: Shelf, query: str, terms: int, limit: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "reader.library.search.searcher.MOST_TERMS", terms
        )  # few or many for a word's beginning
        patch.setattr(CLOCK, lambda: 0.0)  # time is never up
        check(shelf, query, limit, typing=False)


@given(before=QUERIES, typed=TYPED, limit=st.sampled_from((7, 60)))
def test_what_is_typed_finds_what_looking_at_each_finds(
    shelf: Shelf, before: str, typed: str, limit: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CLOCK, lambda: 0.0)
        check(shelf, f"({before}) {typed}", limit, typing=True)


def test_counting_stops_after_a_moment_and_at_its_cap(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    library, _ = shelf
    all_of_them = len(expected(shelf, "the"))
    assert library.search("the", limit=2)[1:3] == (all_of_them, False)
    with monkeypatch.context() as patch:
        patch.setattr(CLOCK, count(0.0, 0.1).__next__)
        found, capped = library.search("the", limit=2)[1:3]
        assert capped
        assert 2 < found < all_of_them
    for cap in (all_of_them, all_of_them - 1):
        monkeypatch.setattr("reader.library.search.searcher.MOST_COUNTED", cap)
        assert library.search("the", limit=2)[1:3] == (cap, cap < all_of_them)
    assert library.count_found(" ", typing=True) == (0, False)
    assert library.search(" ", typing=True).hits == ()


def hits_of(query: str, **changes: Any) -> tuple[Hit, ...]:
    with Library.temporary() as library:
        add_pages(library, [a_page("a.txt", an_article(**changes))])
        return library.search(query).hits


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("kestrel's", "Kestrel’s outage"),
        ("cafe", "The CAFÉ"),
        ("CAFE\u0301", "the cafe"),
        ("strasse", "Straße"),
        ("京大", "東京大学"),
        ("ทย", "ภาษาไทย"),
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
    body = tuple(Block("paragraph", f"Sentence {n} of the story about lettuce on a roof.") for n in range(9))
    add_pages(
        library, [a_page("cut.txt", an_article(body=body[:4], truncated=Reason("marker", 4, "Keep Reading")))]
    )
    assert [hit.row.truncated for hit in library.search("is:truncated lettuce").hits] == [True]
    assert not library.search("is:whole").hits
    add_pages(library, [a_page("whole.txt", an_article(body=body))])
    assert not library.search("is:truncated").hits
    (hit,) = library.search("is:whole lettuce").hits
    assert hit.row.completed
    assert keys(library.search("in:cut.txt")) == keys(library.search("in:whole.txt")) == [hit.row.key]


def test_by_relevance_the_best_come_first(library: Library) -> None:
    texts = {
        "The harbor": "A ferry, and much else besides.",
        "The ferry": "A ferry is a ferry, say ferries.",
        "Nothing": "Nothing of the kind is in here.",
    }
    articles = [an_article(headline=title, body=(Block("paragraph", texts[title]),)) for title in texts]
    add_pages(library, [a_page("a.txt", *articles)])
    results = library.search("ferry", order=Order.RELEVANCE, limit=1)
    assert (keys(results), results.count) == ([2], 2)
    assert keys(library.search("ferry", order=Order.RELEVANCE, limit=1, after=results.after)) == [1]
    for query, best in (("is:unread OR ferry", 2), ("harbor OR nothing", 3)):
        assert keys(library.search(query, order=Order.RELEVANCE))[0] == best


@pytest.mark.parametrize(
    "query", ["kestrel OR is:read", "(is:read OR the) of", "kestrel -(the is:read)", "before:2021 OR ferry"]
)
def test_by_relevance_all_matches_are_ranked_whatever_is_asked_beside_words(shelf: Shelf, query: str) -> None:
    best = keys(shelf[0].search(query, order=Order.RELEVANCE, limit=ARTICLES))
    assert sorted(best) == sorted(expected(shelf, query))


def test_an_empty_library_has_no_matches_until_another_connection_adds_some(library: Library) -> None:
    for query in ("a", "-a", "is:read", "before:2021 OR a", "in:x", "k*"):
        assert library.search(query).count == 0
        assert library.search(query, typing=True, order=Order.RELEVANCE).hits == ()
    with library.another() as other:
        assert library.search("in:a.txt").count == library.search("lettuce").count == 0
        add_pages(other, [a_page("a.txt", an_article())])
        assert library.search("in:a.txt").count == library.search("lettuce").count == 1


def test_a_search_can_be_ended_between_two_queries_and_between_two_rows(shelf: Shelf) -> None:
    library, query = shelf[0], "the OR is:unread"

    def interrupt() -> float:
        library.interrupt()
        return 0.0

    with library._database.interruptible():
        library.interrupt()
        with pytest.raises(Interrupted):
            library.search(query)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CLOCK, interrupt)  # asked for at every row
        with pytest.raises(Interrupted):
            library.search(query)
    assert keys(library.search(query, limit=ARTICLES)) == expected(shelf, query)
