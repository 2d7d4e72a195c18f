"""Listings of whole groups in order of arrival: an index is a group and an ordinal, and nothing is held."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from reader.library.database.errors import methods_raise_library_errors
from reader.library.listings.filters import title_condition
from reader.library.listings.listing import COLUMNS, Listing, Place, Segment, direction, gone

_SPAN = "articles a INDEXED BY articles_listed WHERE a.group_id = ? AND a.seq BETWEEN ? AND ?"
"""Consecutive rows of a group, for `KeptListing._ordinals`."""


@methods_raise_library_errors
class KeptListing(Listing):
    """Whole groups in order of arrival."""

    def _fetch(self, start: int, stop: int) -> list[list[Any]]:
        rows: list[list[Any]] = []
        for segment in self._segments(start, stop):
            group_id, first, last = self._ordinals(segment)
            found = self._database.page(
                f"a.seq, {COLUMNS}",
                f"FROM {_SPAN}",
                (group_id, first, last),
            )
            # Places are dense: only the last ones can have gone since.
            found += [gone(seq, group_id) for seq in range(first + len(found), last + 1)]
            rows += found
        return rows

    def _ordinals(self, segment: Segment) -> tuple[int, int, int]:
        """The group, and the first and the last ordinal in it."""
        offset = self._firsts[segment.position]
        return self._ids[segment.position], segment.first - offset, segment.last - offset

    def _index_of(self, face: Place, key: int) -> int | None:  # noqa: ARG002 (places are those of faces)
        if face.group_id not in self._names:
            return None
        position = self._ids.index(face.group_id)
        index = self._firsts[position] + face.seq
        return index if index < self._firsts[position + 1] else None

    def _titled(self, low: int, high: int, step: int, words: Sequence[str]) -> int | None:
        query = (
            "SELECT a.seq FROM articles a INDEXED BY articles_listed CROSS JOIN folded f ON f.key = a.key"
            f" WHERE a.group_id = ? AND a.seq BETWEEN ? AND ? AND {title_condition(words)}"
            f" ORDER BY a.seq {direction(step)} LIMIT 1"
        )
        for segment in self._segments(low, high + 1, step):
            row = self._database.one(query, (*self._ordinals(segment), *words))
            if row is not None:
                return self._firsts[segment.position] + int(row[0])
        return None

    def _all_titled(self, words: Sequence[str]) -> array[int]:
        query = (
            "SELECT a.group_id, a.seq FROM folded f CROSS JOIN articles a ON a.key = f.key"
            f" WHERE a.seq IS NOT NULL AND {title_condition(words)}"
        )
        spans = {group: (self._firsts[i], self._firsts[i + 1]) for i, group in enumerate(self._ids)}
        found: list[int] = []
        for rows in self._database.chunks(query, words):
            for group_id, seq in rows:
                first, end = spans.get(group_id, (0, 0))
                if first + seq < end:
                    found.append(first + seq)
        return array("q", sorted(found))

    def _first(self, segment: Segment, step: int, condition: str) -> int | None:
        row = self._database.one(
            f"SELECT a.seq FROM {_SPAN} AND {condition} ORDER BY a.seq {direction(step)} LIMIT 1",
            self._ordinals(segment),
        )
        return None if row is None else self._firsts[segment.position] + int(row[0])

    def sources(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """The faces of all that is listed; see `Listing`."""
        for segment in self._segments(0, len(self)):
            yield _SPAN, self._ordinals(segment)
