"""Searching while somebody types: every key of many queries, in a library whose words are spread as in a language."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from time import perf_counter

from reader.errors import QueryError
from reader.library import Library, Order
from tests.benchmarks.figures import Figure, Quantity, tell
from tests.benchmarks.screen import Place
from tests.benchmarks.wording import build, vocabulary

ROWS = 20
"""Matches that a screen shows."""
_MEDIAN, _MOST = 5.0, 50.0
"""Milliseconds that half of all keys and 99 of 100 may take, with 100,000 articles."""
_SHORT, _LONG = 4, 8


def search(runs: int, place: Place) -> Iterator[Figure]:
    """Every key of the queries below, until their results are there, passages included."""
    path = _library(place)
    with Library.open(path) as library, closing(sqlite3.connect(path)) as plain:
        articles = library.totals().articles
        every: list[float] = []
        baseline: list[float] = []
        for name, queries in _queries().items():
            keys = [query[:length] for query in queries for length in range(1, len(query) + 1)]
            tell(f"typing {len(queries)} queries with {name}, {len(keys)} keys")
            spent = [_key(library, key, runs) for key in keys]
            every += spent
            baseline += [_plain(plain) for _ in range(runs)]
            worst = keys[max(range(len(keys)), key=spent.__getitem__)]
            yield Figure(f"typing {name}, {articles:,} articles: median", Quantity(spent, "ms"))
            yield Figure(f"  the slowest key: {worst}", Quantity(spent, "ms", 1))
        yield Figure(
            f"typing any of them, {articles:,} articles: median", Quantity(every, "ms"), None, _MEDIAN
        )
        yield Figure(
            "  the same ÷ finding the newest of a common word",
            Quantity(every, "ms"),
            Quantity(baseline, "ms"),
        )
        yield Figure("  99 of 100 keys", Quantity(every, "ms", 0.99), None, _MOST)
        words = "company people"
        ranked = [
            _spent(lambda: library.search(words, order=Order.RELEVANCE, limit=ROWS)) for _ in range(runs)
        ]
        yield Figure("two common words by relevance", Quantity(ranked, "ms"), Quantity(baseline, "ms"))


def _library(place: Place) -> Path:
    if place.given is not None:
        return place.given
    path = place.folder / f"{place.articles}-worded.db"
    if not path.exists():
        tell(f"building a library of {place.articles:,} articles with many words")
        build(path, place.articles)
    return path


def _key(library: Library, query: str, runs: int) -> float:
    """Milliseconds for a key, the fastest of some, since other programs slow the others down."""

    def typed() -> None:
        with suppress(QueryError):
            library.search(query, limit=ROWS, typing=True)

    return min(_spent(typed) for _ in range(runs))


def _plain(database: sqlite3.Connection) -> float:
    """The newest rows of a common word, as SQLite finds them, without counting or showing any."""
    query = "SELECT rowid FROM search WHERE search MATCH 'company' ORDER BY rowid DESC LIMIT ?"
    return _spent(lambda: database.execute(query, (ROWS,)).fetchall())


def _spent(do: Callable[[], object]) -> float:
    start = perf_counter()
    do()
    return 1_000 * (perf_counter() - start)


def _queries() -> dict[str, list[str]]:
    """Whole queries by what is in them; the words are as frequent as their place in the vocabulary says."""
    words = vocabulary()
    common = [word for word in words[:60] if len(word) > _SHORT]
    known = [word for word in words[60:3_000] if len(word) >= _LONG]
    rare = [word for word in words[100_000:300_000] if len(word) >= _LONG]
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
