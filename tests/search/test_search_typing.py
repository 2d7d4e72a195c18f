"""Phrases while they are typed: held to looking at every article."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.library import Library, Results
from reader.library.search.parser import parse_query
from reader.model import Bio, Block
from tests.filling import add_pages
from tests.generated import a_page
from tests.search.search_stage import Shelf, Told, some_article

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
            add_pages(library, [a_page(f"{number}.txt", *made)])
            told += [
                Told(key, one, f"{number}.txt", read=False, starred=False)
                for key, one in enumerate(made, number + 1)
            ]
        yield Shelf(library, told)


def keys(results: Results) -> list[int]:
    return [hit.row.key for hit in results.hits]


@given(
    words=st.lists(st.sampled_from(BEFORE), min_size=1, max_size=2),
    beginning=st.sampled_from(BEGINNINGS),
    around=st.sampled_from(AROUND),
    part=st.sampled_from(("", "in:body ", "in:headline ", "in:authors ")),
    limit=st.sampled_from((1, 5, 8, 30)),
)
def test_a_phrase_that_is_typed_finds_what_looking_at_each_finds(
    shelf: Shelf, words: list[str], beginning: str, around: str, part: str, limit: int
) -> None:
    query = around.format(f'{part}"{" ".join([*words, beginning])}')
    node = parse_query(query, typing=True, stems=True)
    expected = [] if node is None else shelf.expected_of(node)
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


@pytest.mark.parametrize(
    "query", ['"of ferr', '"the kest', "is:truncated cafe", "kes", "of OR is:read", "of OR before:2021"]
)
def test_what_is_typed_is_counted_when_there_is_time(
    shelf: Shelf, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.library.search.searcher.perf_counter", lambda: 0.0)
    node = parse_query(query, typing=True, stems=True)
    assert node is not None
    assert shelf.library.count_found(query, typing=True) == (len(shelf.expected_of(node)), False)


def test_nothing_typed_is_nothing_counted(shelf: Shelf) -> None:
    assert shelf.library.count_found(" ", typing=True) == (0, False)
