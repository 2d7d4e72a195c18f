"""Listings of single articles in any order: the key of every row is held, eight bytes each."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from reader.library.database.connection import Database
from reader.library.database.errors import methods_raise_library_errors
from reader.library.listings.filters import Filters, ListedGroup, Sort, title_condition
from reader.library.listings.listing import COLUMNS, Listing, Place, Segment, direction, gone

_FIRST_SPAN, _LAST_SPAN = 64, 4_096
"""How many rows a search looks at first, and at most at once."""
_FEW = 4
"""So many keys are looked for one by one; for more it is quicker to look at every row once."""
_MARKED = 50_000
"""How many keys go into one of the sources of all."""
_FACES = (
    "json_each(?) j CROSS JOIN articles v ON v.key = j.value CROSS JOIN articles a ON a.key ="
    " CASE WHEN v.seq IS NOT NULL THEN v.key"
    " ELSE (SELECT f.key FROM articles f WHERE f.story = v.story AND f.seq IS NOT NULL) END"
    " WHERE a.seq IS NOT NULL"
)


@methods_raise_library_errors
class PickedListing(Listing):
    """Single articles in any order, by their keys."""

    def __init__(
        self,
        database: Database,
        filters: Filters,
        sort: Sort,
        groups: Sequence[ListedGroup],
        counts: Sequence[int],
        keys: array[int],
    ) -> None:
        """The articles of `keys`: the first `counts[0]` are of the first group, and so on."""
        super().__init__(database, filters, sort, groups, counts)
        self._keys = keys

    def _fetch(self, start: int, stop: int) -> list[list[Any]]:
        source = "FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
        rows = self._database.page(f"j.key, {COLUMNS}", source, (self._as_json(start, stop),))
        if len(rows) < stop - start:
            found = {row[0]: row for row in rows}
            some = self._ids[0]
            rows = [found.get(n) or gone(n, some) for n in range(stop - start)]
        return rows

    def _as_json(self, start: int, stop: int) -> str:
        return json.dumps(self._keys[start:stop].tolist())

    def _index_of(self, face: Place, key: int) -> int | None:
        if face.group_id in self._names:
            position = self._ids.index(face.group_id)
            with suppress(ValueError):
                return self._keys.index(face.key, self._firsts[position], self._firsts[position + 1])
        # Another version was listed, perhaps elsewhere.
        rows = self._database.all(
            "SELECT key FROM articles WHERE story = (SELECT story FROM articles WHERE key = ?)"
            " ORDER BY key <> ?, key",
            (face.key, key),
        )
        versions = [version for (version,) in rows]
        if len(versions) > _FEW:
            listed = set(versions).intersection(self._keys)
            versions = [version for version in versions if version in listed][:1]
        for version in versions:
            with suppress(ValueError):
                return self._keys.index(version)
        return None

    def _titled(self, low: int, high: int, step: int, words: Sequence[str]) -> int | None:
        condition = f"folded f ON f.key = j.value WHERE {title_condition(words)}"
        return self._first_where(condition, words, Segment(0, low, high), step)

    def _all_titled(self, words: Sequence[str]) -> array[int]:
        query = f"SELECT f.key FROM folded f WHERE {title_condition(words)}"
        titled = {key for rows in self._database.chunks(query, words) for (key,) in rows}
        return array("q", (index for index, key in enumerate(self._keys) if key in titled))

    def _first(self, segment: Segment, step: int, condition: str) -> int | None:
        return self._first_where(f"articles a ON a.key = j.value WHERE {condition}", (), segment, step)

    def sources(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """The faces of all that is listed, also where another version is the face now; see `Listing`."""
        for start in range(0, len(self._keys), _MARKED):
            yield _FACES, (self._as_json(start, start + _MARKED),)

    def _first_where(self, condition: str, values: Sequence[str], among: Segment, step: int) -> int | None:
        """The first, or with `step` -1 the last, row of a segment that a join with its keys `j` leaves."""
        order = f"ORDER BY j.key {direction(step)} LIMIT 1"
        query = f"SELECT j.key FROM json_each(?) j CROSS JOIN {condition} {order}"
        for low, high in _spans(among, step):
            row = self._database.one(query, (self._as_json(low, high + 1), *values))
            if row is not None:
                return low + int(row[0])
        return None


def _spans(among: Segment, step: int) -> Iterator[tuple[int, int]]:
    """A segment piece by piece from one end, the pieces growing: what is sought is mostly near."""
    low, high, size = among.first, among.last, _FIRST_SPAN
    while low <= high:
        if step > 0:
            yield low, min(high, low + size - 1)
            low += size
        else:
            yield max(low, high - size + 1), high
            high -= size
        size = min(size * 4, _LAST_SPAN)
