"""Searching while somebody types: every key of many queries, in a library whose words are spread as in a language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from time import perf_counter

from reader.errors import QueryError
from reader.library import Library
from tests.benchmarks import Figure, Place, notify
from tests.benchmarks.wording import build, vocabulary

_ROWS = 20
"""Matches that a screen shows."""


def search(place: Place) -> Iterator[Figure]:
    """Every key of the queries below, until their results are there, passages included.

    The budgets are for 100,000 articles.
    """
    path = place.library or place.folder / "worded.db"
    if not path.exists():
        notify(f"building a library of {place.articles:,} articles with many words")
        build(path, place.articles)
    with Library.open(path) as library:

        def type_query(query: str) -> None:
            with suppress(QueryError):
                library.search(query, limit=_ROWS, typing=True)

        every: list[float] = []
        for name, queries in _queries().items():
            keys = [query[:length] for query in queries for length in range(1, len(query) + 1)]
            notify(f"typing {len(queries)} queries with {name}, {len(keys)} keys")
            # The fastest of some, since other programs slow the others down.
            spent = [min(_ms(type_query, key) for _ in range(place.runs)) for key in keys]
            every += spent
            slowest = keys[spent.index(max(spent))]
            yield Figure(f"typing {name}: the slowest key, {slowest}", spent, "ms", quantile=1)
        yield Figure("typing any of them: median", every, "ms", budget=5)
        yield Figure("typing any of them: 99 of 100 keys", every, "ms", budget=50, quantile=0.99)


def _ms(work: Callable[[str], None], query: str) -> float:
    start = perf_counter()
    work(query)
    return 1000 * (perf_counter() - start)


def _queries() -> dict[str, list[str]]:
    """Whole queries by what is in them; the words are as frequent as their place in the vocabulary says."""
    words = vocabulary()
    common = [word for word in words[:60] if len(word) > 4]
    known = [word for word in words[60:3_000] if len(word) >= 8]
    rare = [word for word in words[100_000:300_000] if len(word) >= 8]
    name = words[3_100]
    return {
        "common words": ["the", *_some(common, 6)],
        "middling words": _some(known, 12),
        "rare words": _some(rare, 10),
        "two words": [f"{common[0]} {word}" for word in _some(known, 6)],
        "phrases": [
            '"of the', '"the company said', f'"in {known[3]}', f'"{known[0]} the {known[1]}', '"market just workers"',
        ],
        "fields": [
            "section:enterprise the", f"author:{name} company", "is:truncated company", "before:2021-06 people",
            "after:2022 in:headline the", f"is:sponsored sponsor:{name}", "in:0000007 the", "in:pile/0011 the",
        ],
        "exclusions": ["-the", "company -the", "the -of -and", f"-{rare[0]}", "-is:truncated -section:china"],
        "states": ["is:read the", "is:unread the", "is:starred company", "the -is:read", "is:read OR is:starred"],
        "combinations": [
            '(company OR people) "of the" -market after:2021', "in:headline the of and", "inter* trans* com* -con*",
            "before:2021 OR company is:whole", f"is:read OR {rare[1]}",
        ],
    }  # fmt: skip


def _some(words: Sequence[str], count: int) -> list[str]:
    """So many of `words`, the first one and others at even distances."""
    return list(words[:: len(words) // count][:count])
