"""An ordered selection of articles, read a few rows at a time by index.

A listing is a snapshot: articles that are added later appear in the next one. `KeptListing` has whole groups in order
of arrival: an index corresponds to a group and a place in it, and nothing is stored. `PickedListing` has single
articles in any order, and stores the key of every row, eight bytes each.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from itertools import accumulate
from typing import Any, NamedTuple, Self

from reader.library.database.connection import Database
from reader.library.database.errors import methods_raise_library_errors
from reader.library.database.records import folded_words
from reader.library.database.schema import SPONSORED_ID
from reader.library.listings.filters import (
    READ,
    STARRED,
    Filters,
    ListedGroup,
    Show,
    Sort,
    chosen_groups,
    needs_picking,
    pick,
    read_groups,
    title_condition,
)

WORDS_A_MINUTE = 230
"""The reading speed for `ArticleRow.minutes`, in words per minute."""
_PAGE = 500
"""How many rows to read at a time when reading all."""
COLUMNS = (
    "a.key, a.group_id, a.title, a.untitled, a.authors, a.words, a.truncated, a.sponsor, a.published,"
    f" a.completed, {READ}, {STARRED}"
)
_SPAN = "articles a INDEXED BY articles_listed WHERE a.group_id = ? AND a.seq BETWEEN ? AND ?"
"""Consecutive rows of a group, for `KeptListing._ordinals`."""
_SEARCHED = 4_000
"""How many rows of a `PickedListing` are searched at a time."""
_FEW = 4
"""Up to this many keys are looked up one by one; beyond that, a scan of all rows is faster."""
_MARKED = 50_000
"""How many keys go into one of the `sources`."""
_REPRESENTATIVES = (
    "json_each(?) j CROSS JOIN articles v ON v.key = j.value CROSS JOIN articles a ON a.key ="
    " CASE WHEN v.seq IS NOT NULL THEN v.key"
    " ELSE (SELECT f.key FROM articles f WHERE f.story = v.story AND f.seq IS NOT NULL) END"
    " WHERE a.seq IS NOT NULL"
)


class Group(NamedTuple):
    """A heading of a listing."""

    name: str
    count: int  # type: ignore[assignment]  # hides a method of tuples
    """The number of its articles in the listing, at least 1."""
    first: int
    """The index of its first article."""


class Segment(NamedTuple):
    """Consecutive rows of one group: the group's position in the listing, and the first and last index of the rows."""

    position: int
    first: int
    last: int


class Place(NamedTuple):
    """Where a story is listed: the key of its representative, its group and its place there."""

    key: int
    group_id: int
    seq: int


class ArticleRow(NamedTuple):
    """An article as a row of a list. Long titles, author lines and sponsors are cut to 300 characters."""

    key: int
    group: str
    title: str
    untitled: bool
    """True if `title` is taken from the text, since the page prints no headline."""
    authors: str
    """The authors, separated by commas; empty if it is unsigned."""
    minutes: int
    """The reading time, at least 1."""
    truncated: bool
    sponsored: bool
    sponsor: str | None
    published: str | None
    """YYYY-MM-DD; None if the page prints no date."""
    completed: bool = False
    """True if it is complete and another capture has only its start."""
    unread: bool = True
    starred: bool = False


@methods_raise_library_errors
class Listing(ABC):
    """The articles that pass some filters, by group and in order; made by `Library.listing`."""

    def __init__(
        self,
        database: Database,
        filters: Filters,
        sort: Sort,
        groups: Sequence[ListedGroup],
        counts: Sequence[int],
    ) -> None:
        """List the first `counts[i]` articles of each of `groups`."""
        self.filters = filters
        self.sort = sort
        self._database = database
        self._ids = [group.group_id for group in groups]
        self._names = {group.group_id: group.name for group in groups}
        self._firsts = list(accumulate(counts, initial=0))
        """The index of each group's first row, and finally the length."""
        self._title_matches: tuple[tuple[str, ...], array[int]] | None = None
        self.groups = tuple(
            Group(group.name, count, first)
            for group, count, first in zip(groups, counts, self._firsts, strict=False)
            if count
        )
        """The groups that have rows, in order."""

    def __len__(self) -> int:
        return self._firsts[-1]

    def through(self, database: Database) -> Self:
        """Return the same listing, read through another connection. Use `Library.bind` outside the library."""
        other = copy(self)
        other._database = database
        return other

    def rows(self, start: int, stop: int) -> list[ArticleRow]:
        """Return the rows from index `start` up to `stop`, or to the end."""
        start, stop = max(start, 0), min(stop, len(self))
        return [self._row(row) for row in self._fetch(start, stop)] if start < stop else []

    def keys(self) -> Iterator[int]:
        """Yield the keys of all rows whose articles still exist, in order."""
        for start in range(0, len(self), _PAGE):
            yield from (row.key for row in self.rows(start, start + _PAGE) if row.key)

    def index_of(self, key: int) -> int | None:
        """Return the index of an article, given any version; None if it is not listed here."""
        row = self._database.first_row(
            "SELECT f.key, f.group_id, f.seq FROM articles a CROSS JOIN articles f ON f.story = a.story"
            " AND f.seq IS NOT NULL WHERE a.key = ?",
            (key,),
        )
        return None if row is None else self._index_of(Place(*row), key)

    def find(self, start: int, step: int, words: str) -> int | None:
        """Return the nearest index, from `start` on, whose title has all the words; None if there is none.

        `step` is 1 to search down and -1 to search up; the search does not wrap around. The first call with some words
        searches all titles, which takes a few tenths of a second at 1,000,000 articles (`Library.interrupt` stops it).
        """
        folded = folded_words(words)
        if not folded:
            return None
        if self._title_matches is None or self._title_matches[0] != folded:
            self._title_matches = (folded, self._all_titled(folded))
        matches = self._title_matches[1]
        place = bisect_left(matches, start) if step > 0 else bisect_right(matches, start) - 1
        return matches[place] if 0 <= place < len(matches) else None

    def seek_whole(self, start: int, step: int) -> int | None:
        """Return the nearest index, from `start` on, down (1) or up (-1), that is neither truncated nor sponsored."""
        if self.filters.truncated is Show.ONLY:
            return None
        return self._seek(start, step, f"a.truncated = 0 AND a.group_id <> {SPONSORED_ID}")

    def seek_unread(self, start: int, step: int) -> int | None:
        """Return the nearest unread index, from `start` on, down (1) or up (-1).

        Takes a few tenths of a second if 1,000,000 articles are read.
        """
        if self.filters.unread is Show.HIDE:
            return None
        return self._seek(start, step, f"NOT {READ}")

    def _seek(self, start: int, step: int, condition: str) -> int | None:
        low, high = (start, len(self) - 1) if step > 0 else (0, start)
        for segment in self._segments(max(low, 0), min(high, len(self) - 1) + 1, step):
            index = self._first(segment, step, condition)
            if index is not None:
                return index
        return None

    def _segments(self, start: int, stop: int, step: int = 1) -> Iterator[Segment]:
        """Yield the segment of each group from index `start` up to `stop`, in reverse order if `step` is -1."""
        positions = range(len(self._ids))
        for position in positions if step > 0 else reversed(positions):
            first, last = max(start, self._firsts[position]), min(stop, self._firsts[position + 1]) - 1
            if first <= last:
                yield Segment(position, first, last)

    def _row(self, row: Sequence[Any]) -> ArticleRow:
        return article_row(row, self._names)

    @abstractmethod
    def _fetch(self, start: int, stop: int) -> list[list[Any]]:
        """Return the existing rows `start` to `stop` in order: an unused number, then `COLUMNS`."""

    @abstractmethod
    def _index_of(self, representative: Place, key: int) -> int | None:
        """Return the index of the story of version `key`, now represented by `representative`."""

    @abstractmethod
    def _all_titled(self, words: Sequence[str]) -> array[int]:
        """Return all indexes whose titles have the words, in order."""

    @abstractmethod
    def _first(self, segment: Segment, step: int, condition: str) -> int | None:
        """Return the first index (the last if `step` is -1) of a segment whose article `a` meets a condition."""

    @abstractmethod
    def sources(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """Yield FROM clauses (without FROM) that together select all listed representatives, with their values.

        The articles are called `a`, and a condition with AND can be appended.
        """


def article_row(row: Sequence[Any], names: Mapping[int, str]) -> ArticleRow:
    """Make a row from an unused number and `COLUMNS`; `names` are the group names."""
    _, key, group_id, title, untitled, authors, words, truncated, sponsor, published, *state = row
    completed, read, starred = map(bool, state)
    return ArticleRow(
        key=key,
        group=names[group_id],
        title=str(title),  # A damaged row may have anything there.
        untitled=bool(untitled),
        authors=str(authors),
        minutes=max(1, round(words / WORDS_A_MINUTE)),
        truncated=bool(truncated),
        sponsored=group_id == SPONSORED_ID,
        sponsor=sponsor,
        published=published,
        completed=completed,
        unread=not read,
        starred=starred,
    )


def gone(number: int, group_id: int) -> list[Any]:
    """Return a placeholder row for a removed article, which the next listing no longer has."""
    return [number, 0, group_id, "…", 1, "", 0, 0, None, None, 0, 1, 0]


def direction(step: int) -> str:
    """Return the SQL order for searching down (1) or up (-1)."""
    return "ASC" if step > 0 else "DESC"


@methods_raise_library_errors
class KeptListing(Listing):
    """Whole groups in order of arrival."""

    def _fetch(self, start: int, stop: int) -> list[list[Any]]:
        rows: list[list[Any]] = []
        for segment in self._segments(start, stop):
            group_id, first, last = self._ordinals(segment)
            group_rows = self._database.json_rows(
                f"a.seq, {COLUMNS}",
                f"FROM {_SPAN}",
                (group_id, first, last),
            )
            # Places are dense, so only the last ones can be missing.
            group_rows += [gone(seq, group_id) for seq in range(first + len(group_rows), last + 1)]
            rows += group_rows
        return rows

    def _ordinals(self, segment: Segment) -> tuple[int, int, int]:
        """Return the group of a segment, and its first and last place there."""
        offset = self._firsts[segment.position]
        return self._ids[segment.position], segment.first - offset, segment.last - offset

    def _index_of(self, representative: Place, key: int) -> int | None:  # noqa: ARG002 (the place belongs to the representative)
        if representative.group_id not in self._names:
            return None
        position = self._ids.index(representative.group_id)
        index = self._firsts[position] + representative.seq
        return index if index < self._firsts[position + 1] else None

    def _all_titled(self, words: Sequence[str]) -> array[int]:
        query = (
            "SELECT a.group_id, a.seq FROM folded f CROSS JOIN articles a ON a.key = f.key"
            f" WHERE a.seq IS NOT NULL AND {title_condition(words)}"
        )
        spans = {group: (self._firsts[i], self._firsts[i + 1]) for i, group in enumerate(self._ids)}
        indices: list[int] = []
        for group_id, seq in self._database.rows(query, words):
            first, end = spans.get(group_id, (0, 0))
            if first + seq < end:
                indices.append(first + seq)
        return array("q", sorted(indices))

    def _first(self, segment: Segment, step: int, condition: str) -> int | None:
        row = self._database.first_row(
            f"SELECT a.seq FROM {_SPAN} AND {condition} ORDER BY a.seq {direction(step)} LIMIT 1",
            self._ordinals(segment),
        )
        return None if row is None else self._firsts[segment.position] + int(row[0])

    def sources(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """Yield the sources of whole groups; see `Listing`."""
        for segment in self._segments(0, len(self)):
            yield _SPAN, self._ordinals(segment)


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
        """List the articles of `keys`: the first `counts[0]` belong to the first group, and so on."""
        super().__init__(database, filters, sort, groups, counts)
        self._keys = keys

    def _fetch(self, start: int, stop: int) -> list[list[Any]]:
        source = "FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
        rows = self._database.json_rows(f"j.key, {COLUMNS}", source, (self._as_json(start, stop),))
        if len(rows) < stop - start:
            by_number = {row[0]: row for row in rows}
            any_group = self._ids[0]
            rows = [by_number.get(n) or gone(n, any_group) for n in range(stop - start)]
        return rows

    def _as_json(self, start: int, stop: int) -> str:
        return json.dumps(self._keys[start:stop].tolist())

    def _index_of(self, representative: Place, key: int) -> int | None:
        if representative.group_id in self._names:
            position = self._ids.index(representative.group_id)
            with suppress(ValueError):
                return self._keys.index(
                    representative.key, self._firsts[position], self._firsts[position + 1]
                )
        # Another version was listed when this listing was made, perhaps in another group.
        rows = self._database.all(
            "SELECT key FROM articles WHERE story = (SELECT story FROM articles WHERE key = ?)"
            " ORDER BY key <> ?, key",
            (representative.key, key),
        )
        versions = [version for (version,) in rows]
        if len(versions) > _FEW:
            listed = set(versions).intersection(self._keys)
            versions = [version for version in versions if version in listed][:1]
        for version in versions:
            with suppress(ValueError):
                return self._keys.index(version)
        return None

    def _all_titled(self, words: Sequence[str]) -> array[int]:
        query = f"SELECT f.key FROM folded f WHERE {title_condition(words)}"
        titled = {key for (key,) in self._database.rows(query, words)}
        return array("q", (index for index, key in enumerate(self._keys) if key in titled))

    def _first(self, segment: Segment, step: int, condition: str) -> int | None:
        query = (
            f"SELECT j.key FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value WHERE {condition}"
            f" ORDER BY j.key {direction(step)} LIMIT 1"
        )
        starts = range(segment.first, segment.last + 1, _SEARCHED)
        for start in starts if step > 0 else reversed(starts):
            stop = min(start + _SEARCHED, segment.last + 1)
            row = self._database.first_row(query, (self._as_json(start, stop),))
            if row is not None:
                return start + int(row[0])
        return None

    def sources(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """Yield the sources of the stories' current representatives; see `Listing`."""
        for start in range(0, len(self._keys), _MARKED):
            yield _REPRESENTATIVES, (self._as_json(start, start + _MARKED),)


def make_listing(database: Database, filters: Filters, sort: Sort, *, by_name: bool = False) -> Listing:
    """Make a listing; see `Library.listing`."""
    if not needs_picking(filters, sort):
        groups = chosen_groups(read_groups(database, by_name=by_name), filters)
        return KeptListing(database, filters, sort, groups, [group.articles for group in groups])
    with database.reading():
        groups = chosen_groups(read_groups(database, by_name=by_name), filters)
        counts, keys = pick(database, groups, filters, sort)
    return PickedListing(database, filters, sort, groups, counts, keys)
