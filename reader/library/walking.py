"""The matches of a plan, newest first, a stretch of the index at a time and no longer than allowed.

SQLite looks for the next match however long that takes: where hardly any article matches and each must be looked
at (-the), half a second at 1,000,000. So the index is walked in stretches, and between them there is a clock.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from math import inf
from time import perf_counter
from typing import NamedTuple

from reader.library.database import Database
from reader.library.looking import Looking, Places
from reader.library.search.plan import Alternative
from reader.library.search.query import LAST_DAY, ordinal
from reader.library.search.schema import KEY_BITS, KEY_MASK

BEHIND = LAST_DAY << KEY_BITS
"""A rowid behind those of all articles."""
_SAMPLED = 512
"""How many articles tell how all of them are spread over the days."""
_STRETCH = 8_000
"""About how many articles the first stretch has."""
_LOOKED_UP = 1_000
"""The same where rows must be looked up."""
_ONE_BY_ONE = 4
"""How many articles at most are looked up in the index one by one in a stretch: up to a millisecond each."""
_GATHERED = 10_001
"""How many matches are kept of an alternative that takes as long however many are asked for."""
_GROWTH = 64
"""How many times as long as the one before a stretch may be."""


class Walked(NamedTuple):
    """What a walk found."""

    rowids: list[int]
    """The matches, highest first."""
    end: int
    """Every match from here on has been found; 0 when all have, or as many as were wanted."""


class Spread:
    """How articles are spread over rowids, from a sample of them."""

    def __init__(self, database: Database) -> None:
        self.articles = database.number("SELECT last_article FROM counters")
        count = min(_SAMPLED, self.articles)
        keys = [1 + number * self.articles // count for number in range(count)]
        rows = database.page(
            "a.key, a.published",
            "FROM json_each(?) j JOIN articles a ON a.key = j.value",
            (json.dumps(keys),),
        )
        self._rowids = sorted(rowid_of(published, key) for key, published in rows)

    def holds(self, articles: int) -> bool:
        """Whether it is good enough for a library that has now given so many keys."""
        return self.articles <= articles <= self.articles * 1.25

    def below(self, rowid: int, articles: float) -> int:
        """A rowid with about so many articles between it and `rowid`; 0 when there are fewer."""
        place = bisect_left(self._rowids, rowid) - max(1, articles * len(self._rowids) / self.articles)
        return self._rowids[int(place)] if place > 0 else 0


def rowid_of(published: str | None, key: int) -> int:
    """The rowid of an article in the index."""
    return ordinal(published) << KEY_BITS | key


class Walk:
    """Walks through the matches of a plan."""

    def __init__(
        self, database: Database, alternatives: Sequence[Alternative], spread: Spread, places: Places
    ) -> None:
        self._database = database
        self._spread = spread
        self._ways = [(way, Looking(database, way.looks, places)) for way in alternatives]
        self._stretch: float = _LOOKED_UP if any(way.looks for way in alternatives) else _STRETCH
        self._known: dict[Alternative, tuple[list[int], int]] = {}
        self.at_once = any(way.at_once for way in alternatives) and all(
            way.at_once or not way.looks for way in alternatives
        )
        """Whether it is best to ask for everything at once, since each question takes as long."""
        if self.at_once:
            self._stretch = inf

    def newest(self, below: int, limit: int, seconds: float) -> Walked:
        """The `limit` highest matches below a rowid, as far as they are found in so long."""
        found: list[int] = []
        for start, stop in self._stretches(below, seconds):
            if stop <= start:
                return Walked(found, stop)
            matches = {
                rowid for way in self._ways for rowid in self._within(*way, start, stop, limit - len(found))
            }
            found += sorted(matches, reverse=True)[: limit - len(found)]
            if len(found) == limit:
                break
        return Walked(found, 0)

    def count(self, limit: int, seconds: float) -> tuple[int, bool]:
        """How many matches there are up to `limit`, and whether that is all of them."""
        alone = len(self._ways) == 1 and not self._ways[0][0].looks
        count = 0
        for start, stop in self._stretches(BEHIND, seconds):
            if stop <= start:
                return count, False
            if alone:
                count += self._count(self._ways[0][0], start, stop, limit - count)
            else:
                count += len(
                    {rowid for way in self._ways for rowid in self._within(*way, start, stop, limit - count)}
                )
            if count >= limit:
                return limit, False
        return count, True

    def _stretches(self, below: int, seconds: float) -> Iterator[tuple[int, int]]:
        """Start and stop of stretches down to the last; a last empty one at where the time was over."""
        begun = perf_counter()
        stop = below
        size: float = self._stretch
        while stop > 0:
            start = max([self._spread.below(stop, size), *self._chosen_below(stop)])
            before = perf_counter()
            yield start, stop
            now = perf_counter()
            stop = start
            left = seconds - (now - begun)
            if left <= 0 and stop > 0:
                yield stop, stop
                return
            size *= min(_GROWTH, max(1, left / 2 / max(now - before, 1e-6)))

    def _chosen_below(self, stop: int) -> Iterator[int]:
        """Where a stretch must start to have no more than `_ONE_BY_ONE` that are looked up one by one."""
        for way, looking in self._ways:
            chosen = None if way.slow else looking.chosen()
            place = bisect_left(chosen, stop) if chosen else 0
            if chosen and place > _ONE_BY_ONE:
                yield chosen[place - _ONE_BY_ONE]

    def _bounds(self, way: Alternative, start: int, stop: int) -> tuple[int, int]:
        return max(start, way.first << KEY_BITS), min(stop, way.last << KEY_BITS)

    def _within(self, way: Alternative, looking: Looking, start: int, stop: int, limit: int) -> list[int]:
        """The highest matches of one alternative from `start` to before `stop`, in any order."""
        start, stop = self._bounds(way, start, stop)
        if start >= stop or limit <= 0:
            return []
        if way.at_once and not way.looks:
            found, covered = self._gathered(way)
            some = found[bisect_left(found, start) : bisect_left(found, stop)]
            if covered <= start or len(some) >= limit:
                return some[-limit:]
        chosen = None if way.slow else looking.chosen()
        if chosen is not None:
            return self._among(way, chosen[bisect_left(chosen, start) : bisect_left(chosen, stop)], limit)
        join, conditions, values = looking.joined
        row = self._database.one(
            "SELECT json_group_array(found) FROM (SELECT search.rowid AS found FROM search"
            f"{join} WHERE search MATCH ? AND search.rowid >= ? AND search.rowid < ?{conditions}"
            " ORDER BY search.rowid DESC LIMIT ?)",
            (way.match, start, stop, *values, limit),
        )
        return json.loads(row[0]) if row is not None else []

    def _gathered(self, way: Alternative) -> tuple[list[int], int]:
        """The highest matches of an alternative that is best asked for all of them, lowest first, and from where on."""
        if way not in self._known:
            row = self._database.one(
                "SELECT json_group_array(found) FROM (SELECT rowid AS found FROM search"
                " WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?)",
                (way.match, _GATHERED),
            )
            found: list[int] = sorted(json.loads(row[0])) if row is not None else []
            self._known[way] = found, found[0] if len(found) == _GATHERED else 0
        return self._known[way]

    def _among(self, way: Alternative, rowids: Sequence[int], limit: int) -> list[int]:
        """The highest `limit` of some rowids that match."""
        found: list[int] = []
        end = len(rowids)
        while end and len(found) < limit:
            some = rowids[max(0, end - 2 * limit) : end]
            end -= len(some)
            row = self._database.one(
                "SELECT json_group_array(search.rowid) FROM json_each(?) j"
                " CROSS JOIN search ON search.rowid = j.value WHERE search MATCH ?",
                (json.dumps(some), way.match),
            )
            found += sorted(json.loads(row[0]) if row is not None else [], reverse=True)
        return found[:limit]

    def _count(self, way: Alternative, start: int, stop: int, limit: int) -> int:
        start, stop = self._bounds(way, start, stop)
        if start >= stop:
            return 0
        return self._database.number(
            "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? AND rowid >= ? AND rowid < ? LIMIT ?)",
            (way.match, start, stop, limit),
        )


def key_of(rowid: int) -> int:
    """The key of the article with a rowid in the index."""
    return rowid & KEY_MASK
