"""Phrases while they are typed: held to looking at every article, whichever way they are found and counted."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader.library import Library, Results
from reader.library import checking as checking_module
from reader.library.checking import Checking, has_phrase
from reader.library.search import searcher as searching_module
from reader.library.search.parser import read_query
from reader.library.search.query import Phrase
from reader.library.stepping import Steps
from reader.library.walking import Walked
from reader.model import Bio, Block
from tests.generated import a_page
from tests.search_stage import WORDS, Shelf, Told, matches_phrase, some_article

ARTICLES = 160
BEFORE = ("of", "the", "Keen", "keen’s", "東")
BEHIND = (
    "ferry", "Ferries", "ferrets", "fern", "kestrelwing", "Kestrels", "kestreet", "kestle", "kesh", "Café", "cafétière",
    "cafard",
)  # fmt: skip
BEGINNINGS = ("kest", "kestrel", "ferr", "cafe", "kes", "kestrelw", "ferre", "zzzz", "東")
"""The first four stand for several words, and words that begin nearly so are there too."""
AROUND = (
    "{}", "{}", "{}", "is:truncated {}", "-naive {}", "section:china {}", "before:2022 {}", "is:unread {}",
    "(of OR ferry) {}",
)  # fmt: skip


@pytest.fixture(scope="module")
def shelf() -> Iterator[Shelf]:
    random = Random(9)

    def words(most: int) -> str:
        pairs = (f"{random.choice(BEFORE)} {random.choice(BEHIND)}" for _ in range(random.randint(0, most)))
        return ", ".join(pairs)

    with Library.temporary() as library:
        told: list[Told] = []
        for number in range(0, ARTICLES, 8):
            made = [
                some_article(random, number + n)._replace(
                    headline=words(1) or None,
                    body=(
                        Block("paragraph", f"N{number + n}n {words(3)}"),
                        Block("paragraph", words(2) or "the"),
                    ),
                    bios=(Bio("Zoë Vu", f"Zoë Vu, {words(2)}"),) if n == 0 else (),
                )
                for n in range(8)
            ]
            library.add([a_page(f"{number}.txt", *made)])
            told += [
                Told(key, one, f"{number}.txt", read=False, starred=False)
                for key, one in enumerate(made, number + 1)
            ]
        yield Shelf(library, told)


def keys(results: Results) -> list[int]:
    return [hit.row.key for hit in results.hits]


@settings(max_examples=300, deadline=None)
@given(
    words=st.lists(st.sampled_from(BEFORE), min_size=1, max_size=2),
    beginning=st.sampled_from(BEGINNINGS),
    around=st.sampled_from(AROUND),
    part=st.sampled_from(("", "in:body ", "in:headline ", "in:authors ")),
    read=st.sampled_from(((2, 1), (9, 1), (9, 4), (400, 40))),
    size=st.tuples(st.sampled_from((1, 5, 8, 30)), st.integers(0, 16)),
)
def test_a_phrase_that_is_typed_finds_what_looking_at_each_finds(
    shelf: Shelf, words: list[str], beginning: str, around: str, part: str, read: tuple[int, int], size: tuple[int, int]
) -> None:  # fmt: skip
    (most, batch), (limit, late) = read, size
    query = around.format(f'{part}"{" ".join([*words, beginning])}')
    node = read_query(query, typing=True).node
    expected = [] if node is None else shelf.expected_of(node)
    looks = 0

    def clock() -> float:
        """The time, which is over after so many looks."""
        nonlocal looks
        looks += 1
        return perf_counter() + 10 * (0 < late <= looks)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checking_module, "MOST_READ", most)
        patch.setattr(checking_module, "_AT_ONCE", batch)
        for module in ("checking", "stepping", "walking"):
            patch.setattr(f"reader.library.{module}.perf_counter", clock)
        found: list[int] = []
        after: int | None = None
        for _ in range(2 * ARTICLES):
            looks = 0
            results = shelf.library.search(query, limit=limit, after=after, typing=True)
            if not results.capped:
                assert results.count == len(expected)
            assert results.count <= len(expected)
            found += keys(results)
            after = results.after
            if after is None:
                break
        assert found == expected


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 100_000),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from(((), ("body",), ("deck", "captions"), ("authors",))),
)
def test_an_article_is_read_as_the_index_reads_it(
    seed: int, words: list[str], prefix: bool, parts: tuple[str, ...]
) -> None:
    node = read_query(f'"{" ".join(words)}"').node
    assert isinstance(node, Phrase)
    phrase = Phrase(node.tokens, prefix, parts)
    article = some_article(Random(seed), 1)
    assert has_phrase(article, phrase) is matches_phrase(phrase, article)


@pytest.mark.parametrize("query", ['"of ferr', '"the kest', "is:truncated cafe", "kes", "of OR is:read"])
def test_what_is_typed_is_counted_when_there_is_time(shelf: Shelf, query: str) -> None:
    node = read_query(query, typing=True).node
    assert node is not None
    assert shelf.library.count_found(query, typing=True) == (len(shelf.expected_of(node)), False)


def test_nothing_typed_is_nothing_counted(shelf: Shelf) -> None:
    assert shelf.library.count_found(" ", typing=True) == (0, False)


def test_counting_ends_at_its_cap(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching_module, "MOST_COUNTED", 3)
    assert shelf.library.count_found("of") == (3, True)


def test_which_way_a_query_is_found(monkeypatch: pytest.MonkeyPatch, shelf: Shelf) -> None:
    chosen: list[str] = []
    walk_of = searching_module.Searcher._walk

    def told(self: searching_module.Searcher, *given: object) -> object:
        walk = walk_of(self, *given)  # type: ignore[arg-type]
        chosen.append(type(walk).__name__)
        return walk

    monkeypatch.setattr(searching_module.Searcher, "_walk", told)
    for query, typing in (
        ('"of ferr', True),
        ('"of ferr"*', False),
        ("kestrel", True),
        ('is:read "of ferr', True),
    ):
        shelf.library.search(query, typing=typing)
    assert chosen == [Checking.__name__, "Steps", "Walk", "Walk"]


def test_where_the_phrases_themselves_were_not_looked_up_the_next_page_goes_on(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    newest = Steps.newest

    def late(self: Steps, below: int, limit: int, seconds: float, *, dense: bool = False) -> Walked:
        if self._way.match == self._way.wide:
            return newest(self, below, limit, seconds, dense=dense)
        return Walked([], below - 1)

    monkeypatch.setattr(checking_module, "MOST_READ", 2)
    monkeypatch.setattr(checking_module, "_AT_ONCE", 1)
    monkeypatch.setattr(Steps, "newest", late)
    results = shelf.library.search('"of ferr', limit=30, typing=True)
    assert results.until is not None
    assert results.after is not None
    assert results.capped
