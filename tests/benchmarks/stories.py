"""Finding the same story again: of made-up starts those that are missed, of lookalikes those that are joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from reader.library import Library
from tests.benchmarks.figures import Figure, Quantity, tell
from tests.filling import add_pages, sql
from tests.generated import a_page
from tests.library.same_story import WRITERS, Pair, Writer, a_lookalike, a_pair

PAIRS = 10_000
_BATCH = 1_000
_SEED = 51_966
_MOST_MISSED = 0.5
"""Percent of the starts."""


def stories(_: int = 1) -> Iterator[Figure]:
    """Both kinds of pairs through the library's own write path, shuffled."""
    tell(f"{PAIRS:,} starts and their whole stories")
    together, of_others = _judge(a_pair)
    missed = 100 - 100 * together / PAIRS
    yield Figure(f"starts missed, of {PAIRS:,}", Quantity([missed], "%"), None, _MOST_MISSED)
    yield Figure("  joined with another pair's", Quantity([float(of_others)], "pairs"), None, 0)
    tell(f"{PAIRS:,} pairs of stories that begin alike")
    together, of_others = _judge(a_lookalike)
    yield Figure(f"lookalikes joined, of {PAIRS:,}", Quantity([float(together)], "pairs"), None, 0)
    yield Figure("  joined with another pair's", Quantity([float(of_others)], "pairs"), None, 0)


def _judge(make: Callable[[Random, Writer], Pair]) -> tuple[int, int]:
    """How many pairs the library has as one story, and how many stories it has that are of several pairs."""
    random = Random(_SEED)
    pairs = [make(random, WRITERS[n % len(WRITERS)]) for n in range(PAIRS)]
    versions = [(n, version) for n, pair in enumerate(pairs) for version in pair[:2]]
    random.shuffle(versions)
    with Library.temporary() as library:
        for start in range(0, len(versions), _BATCH):
            batch = versions[start : start + _BATCH]
            add_pages(
                library, [a_page(f"{start + place}-{n}", version) for place, (n, version) in enumerate(batch)]
            )
        rows = sql(library, "SELECT story, source FROM articles JOIN captures USING (capture_key)")
    found: dict[int, set[int]] = {}
    of: dict[int, set[int]] = {n: set() for n in range(PAIRS)}
    for story, source in rows:
        n = int(source.partition("-")[2])
        found.setdefault(story, set()).add(n)
        of[n].add(story)
    return sum(len(them) == 1 for them in of.values()), sum(len(them) > 1 for them in found.values())
