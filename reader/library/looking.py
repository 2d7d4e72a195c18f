"""Conditions that the index does not know: states of articles and places of captures.

Where few articles are so, these few are looked up in the index; else the matches of the index are looked up in
the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from reader.library.database import Database
from reader.library.queries import READ, STARRED
from reader.library.search.plan import Look
from reader.library.search.query import Condition, ordinal
from reader.library.search.schema import KEY_BITS, KEY_MASK

FEW: Final = 2_000
"""Up to so many articles are looked up in the index one by one."""
_MOST_RANGES: Final = 50
"""Up to so many ranges of keys are written into a query."""
_REMEMBERED: Final = 16

_ROWS = {"read": READ, "unread": f"NOT {READ}", "starred": STARRED}
_FACES = {"read": "read_faces", "starred": "starred_faces"}
_IN = "(instr(lower(c.source), ?) OR instr(lower(coalesce(c.url, '')), ?))"

Range = tuple[int, int]
"""The first key and the one behind the last."""


class Places:
    """The versions that captures hold whose path or address has something in it, remembered while nothing changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._moment = -1
        self._known: dict[str, list[Range]] = {}

    def ranges(self, value: str) -> list[Range]:
        """The keys of these versions, in order."""
        moment = self._database.moment()
        if moment != self._moment or len(self._known) >= _REMEMBERED:
            self._moment, self._known = moment, {}
        if value not in self._known:
            rows = self._database.page(
                "first_article, articles",
                f"FROM captures c INDEXED BY captures_named WHERE articles AND {_IN}",
                (value, value),
            )
            joined: list[Range] = []
            for first, count in rows:
                if joined and joined[-1][1] == first:
                    joined[-1] = joined[-1][0], first + count
                else:
                    joined.append((first, first + count))
            self._known[value] = joined
        return self._known[value]


class Looking:
    """The conditions of one alternative."""

    def __init__(self, database: Database, looks: Sequence[Look], places: Places) -> None:
        self._database = database
        self._looks = looks
        self._places = places
        self._chosen: list[int] | None = None
        self._is_chosen = False

    @property
    def joined(self) -> tuple[str, str, list[Any]]:
        """What joins and limits the rows of `search` to those that fulfil the conditions, and its values."""
        if not self._looks:
            return "", "", []
        conditions, values = self._conditions()
        return f" CROSS JOIN articles a ON a.key = search.rowid & {KEY_MASK}", conditions, values

    def chosen(self) -> list[int] | None:
        """The rowids of all articles that fulfil the conditions, lowest first; None when they are not few."""
        if not self._is_chosen:
            self._is_chosen = True
            self._chosen = self._choose() if self._looks else None
        return self._chosen

    def _choose(self) -> list[int] | None:
        for look in self._looks:
            source = self._source(look)
            if not source:
                continue
            number = self._database.number(f"SELECT count(*) FROM (SELECT 1 {source} LIMIT ?)", (FEW + 1,))
            if number <= FEW:
                conditions, values = self._conditions()
                rows = self._database.page("a.key, a.published", f"{source}{conditions}", values)
                return sorted({ordinal(published) << KEY_BITS | key for key, published in rows})
        return None

    def _source(self, look: Look) -> str:
        """Where the articles are listed that fulfil a condition; "" when nowhere, or when they are surely many."""
        kind, value = look.condition
        if kind == "in":
            ranges = self._places.ranges(value) if look.holds else []
            if not look.holds or sum(stop - first for first, stop in ranges) > 2 * FEW:
                return ""
            return (
                "FROM (SELECT DISTINCT story FROM articles v WHERE "
                f"{_within('v.key', ranges)}) v JOIN articles a ON a.story = v.story AND a.seq IS NOT NULL WHERE TRUE"
            )
        if not look.holds:
            kind = "read" if kind == "unread" else ""
        faces = _FACES.get(kind)
        return (
            f"FROM {faces} f CROSS JOIN articles a ON a.key = f.key WHERE a.seq IS NOT NULL" if faces else ""
        )

    def _conditions(self) -> tuple[str, list[Any]]:
        """The conditions on a row `a`, each with AND before it, and their values."""
        written = " AND a.seq IS NOT NULL"
        values: list[Any] = []
        for condition, holds in self._looks:
            if condition.kind == "in":
                text, own = self._in(condition)
                values += own
            else:
                text = f"({_ROWS[condition.kind]})"
            written += f" AND {'' if holds else 'NOT '}{text}"
        return written, values

    def _in(self, condition: Condition) -> tuple[str, list[Any]]:
        ranges = self._places.ranges(condition.value)
        if len(ranges) <= _MOST_RANGES:
            within = _within("v.key", ranges)
            return f"EXISTS (SELECT 1 FROM articles v WHERE v.story = a.story AND {within})", []
        return (
            "EXISTS (SELECT 1 FROM articles v JOIN captures c ON c.capture_key = v.capture_key"
            f" WHERE v.story = a.story AND {_IN})",
            [condition.value, condition.value],
        )


def _within(column: str, ranges: Sequence[Range]) -> str:
    """That a column is in one of some ranges."""
    return (
        f"({' OR '.join(f'{column} >= {first} AND {column} < {stop}' for first, stop in ranges) or 'FALSE'})"
    )
