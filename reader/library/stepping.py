"""The matches of phrases, newest first, some at a time.

SQLite goes on to the next match however far that is, whatever bound it is given, and to that of a phrase it may be
the whole library. So these are asked for by number, which costs no more than the way to the last of them, and the
first tells how many can be had in the time that is left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import perf_counter

from reader.library.database import Database
from reader.library.search.plan import Alternative
from reader.library.search.schema import KEY_BITS
from reader.library.walking import Walked

_GROWTH = 64
"""How many times as many as the step before one may ask for."""


class Steps:
    """Walks through the matches of an alternative without conditions on rows."""

    def __init__(self, database: Database, way: Alternative) -> None:
        self._database = database
        self._way = way
        self.at_once = way.at_once
        """Whether it is best to ask for everything at once, since each question takes as long."""

    def newest(self, below: int, limit: int, seconds: float, *, dense: bool = False) -> Walked:
        """The `limit` highest matches below a rowid, as far as they are found in so long; `dense` if they are close."""
        found: list[int] = []
        for number in self._numbers(limit if dense else 1, limit, seconds):
            some = self._highest(found[-1] if found else below, number)
            found += some
            if len(some) < number:
                return Walked(found, 0)
        return Walked(found, 0 if len(found) == limit else found[-1])

    def count(self, limit: int, seconds: float) -> tuple[int, bool]:
        """How many matches there are up to `limit`, and whether that is all of them."""
        count, last = 0, -1
        for number in self._numbers(1, limit, seconds):
            more, last = self._following(last, number)
            count += more
            if more < number:
                return count, True
        return count, False

    def _numbers(self, first: int, limit: int, seconds: float) -> Iterator[int]:
        """How many matches to ask for, one step after the other, while there is time."""
        begun = perf_counter()
        number = limit if self.at_once else min(first, limit)
        asked = 0
        while asked < limit:
            before = perf_counter()
            yield number
            now = perf_counter()
            asked += number
            spent, left = max(now - before, 1e-6), seconds - (now - begun)
            if left < spent / 2:
                return
            number = min(limit - asked, int(number * min(_GROWTH, max(1, left / 2 / spent))))

    def _highest(self, below: int, number: int) -> list[int]:
        first, last = self._way.first << KEY_BITS, min(below, self._way.last << KEY_BITS)
        row = self._database.one(
            "SELECT json_group_array(found) FROM (SELECT rowid AS found FROM search"
            " WHERE search MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?)",
            (self._way.match, first, last, number),
        )
        return sorted(json.loads(row[0]), reverse=True) if row is not None else []

    def _following(self, behind: int, number: int) -> tuple[int, int]:
        """How many matches there are behind a rowid, up to a number, and which is the last of them."""
        first, last = max(behind + 1, self._way.first << KEY_BITS), self._way.last << KEY_BITS
        row = self._database.one(
            "SELECT count(*), coalesce(max(found), 0) FROM (SELECT rowid AS found FROM search"
            " WHERE search MATCH ? AND rowid >= ? AND rowid < ? LIMIT ?)",
            (self._way.match, first, last, number),
        )
        return (row[0], row[1]) if row is not None else (0, 0)
