"""An ordered choice of articles, read a few rows at a time by index.

A listing is what the library held when it was made; articles that come later are in the next one. `KeptListing` has
whole groups in order of arrival: an index is a group and an ordinal, and nothing is held. `PickedListing` has single
articles in any order: the key of every row is held, eight bytes each.
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
"""The reading speed behind `ArticleRow.minutes`."""
_PAGE = 500
"""How many rows are read at once when all are wanted."""
_NEAR = 2_000
"""How many rows `find` looks at before it looks at all of them at once."""
COLUMNS = (
    "a.key, a.group_id, a.title, a.untitled, a.authors, a.words, a.truncated, a.sponsor, a.published,"
    f" a.completed, {READ}, {STARRED}"
)
_SPAN = "articles a INDEXED BY articles_listed WHERE a.group_id = ? AND a.seq BETWEEN ? AND ?"
"""Consecutive rows of a group, for `KeptListing._ordinals`."""
_FIRST_SPAN, _LAST_SPAN = 64, 4_096
"""How many rows a search reads first, and at most at once."""
_FEW = 4
"""Up to this many keys are searched one by one; for more one pass over all rows is faster."""
_MARKED = 50_000
"""How many keys go into one of the sources of all."""
_REPRESENTATIVES = (
    "json_each(?) j CROSS JOIN articles v ON v.key = j.value CROSS JOIN articles a ON a.key ="
    " CASE WHEN v.seq IS NOT NULL THEN v.key"
    " ELSE (SELECT f.key FROM articles f WHERE f.story = v.story AND f.seq IS NOT NULL) END"
    " WHERE a.seq IS NOT NULL"
)


class Group(NamedTuple):
    """A heading of a listing."""

    name: str
    count: int  # type: ignore[assignment]  # it hides the method of tuples
    """How many articles of the listing it has, at least 1."""
    first: int
    """Index of the first of them."""


class Segment(NamedTuple):
    """Consecutive rows of one group: its position in the listing, and their first and last index."""

    position: int
    first: int
    last: int


class Place(NamedTuple):
    """Where a story is listed: the key of its representative version, its group and its ordinal there."""

    key: int
    group_id: int
    seq: int


class ArticleRow(NamedTuple):
    """An article as a list shows it; long titles, author lines and sponsors are cut to 300 characters."""

    key: int
    group: str
    title: str
    untitled: bool
    """True when `title` is borrowed from the text, since the page prints no headline."""
    authors: str
    """The authors with commas between them; empty when nobody signed."""
    minutes: int
    """Reading time, at least 1."""
    truncated: bool
    sponsored: bool
    sponsor: str | None
    published: str | None
    """YYYY-MM-DD; None when the page prints no date."""
    completed: bool = False
    """True when it is whole and another capture has only its start."""
    unread: bool = True
    starred: bool = False


@methods_raise_library_errors
class Listing(ABC):
    """The articles that filters leave, by group, in an order; `Library.listing` makes it."""

    def __init__(
        self,
        database: Database,
        filters: Filters,
        sort: Sort,
        groups: Sequence[ListedGroup],
        counts: Sequence[int],
    ) -> None:
        """The first `counts[i]` articles of each of `groups`."""
        self.filters = filters
        self.sort = sort
        self._database = database
        self._ids = [group.group_id for group in groups]
        self._names = {group.group_id: group.name for group in groups}
        self._firsts = list(accumulate(counts, initial=0))
        """Index of each group's first row, and at the end the length."""
        self._found: tuple[tuple[str, ...], array[int]] | None = None
        self.groups = tuple(
            Group(group.name, count, first)
            for group, count, first in zip(groups, counts, self._firsts, strict=False)
            if count
        )
        """The groups that have rows, in order."""

    def __len__(self) -> int:
        return self._firsts[-1]

    def through(self, database: Database) -> Self:
        """The same listing read through another connection; `Library.bind` is the public way."""
        other = copy(self)
        other._database = database
        return other

    def rows(self, start: int, stop: int) -> list[ArticleRow]:
        """The rows from index `start` up to `stop`, as far as there are."""
        start, stop = max(start, 0), min(stop, len(self))
        return [self._row(row) for row in self._fetch(start, stop)] if start < stop else []

    def keys(self) -> Iterator[int]:
        """Yield the key of every row whose article is still there, in order."""
        for start in range(0, len(self), _PAGE):
            yield from (row.key for row in self.rows(start, start + _PAGE) if row.key)

    def index_of(self, key: int) -> int | None:
        """Where an article stands, by any version of it; None when it is not in this listing."""
        row = self._database.one(
            "SELECT f.key, f.group_id, f.seq FROM articles a CROSS JOIN articles f ON f.story = a.story"
            " AND f.seq IS NOT NULL WHERE a.key = ?",
            (key,),
        )
        return None if row is None else self._index_of(Place(*row), key)

    def find(self, start: int, step: int, words: str) -> int | None:
        """The nearest index from `start` itself on whose title has all the words; None when there is none.

        `step` is 1 to look down and -1 to look up; neither goes round the end. Near matches take a
        millisecond or two; else every title is looked at once, which takes some tenths of a second at
        1,000,000 articles (`Library.interrupt` ends it), and the matches are kept for the next call with the
        same words.
        """
        folded = folded_words(words)
        low, high = (start, len(self) - 1) if step > 0 else (0, min(start, len(self) - 1))
        low = max(low, 0)
        if not folded or low > high:
            return None
        if self._found is None or self._found[0] != folded:
            near = (low, min(high, low + _NEAR)) if step > 0 else (max(low, high - _NEAR), high)
            index = self._titled(*near, step, folded)
            if index is not None or near == (low, high):
                return index
            self._found = (folded, self._all_titled(folded))
        found = self._found[1]
        place = bisect_left(found, low) if step > 0 else bisect_right(found, high) - 1
        return found[place] if 0 <= place < len(found) and low <= found[place] <= high else None

    def seek_whole(self, start: int, step: int) -> int | None:
        """The nearest index from `start` itself on, down (1) or up (-1), neither truncated nor sponsored."""
        if self.filters.truncated is Show.ONLY:
            return None
        low, high = (start, len(self) - 1) if step > 0 else (0, start)
        for segment in self._segments(max(low, 0), min(high, len(self) - 1) + 1, step):
            if self._ids[segment.position] == SPONSORED_ID:
                continue
            index = self._first(segment, step, "a.truncated = 0")
            if index is not None:
                return index
        return None

    def seek_unread(self, start: int, step: int, within: int | None = None) -> int | None:
        """The nearest unread index from `start` itself on, down (1) or up (-1), at most `within` rows away.

        Some tenths of a second at 1,000,000 articles that are read; a millisecond or two within 2,000.
        """
        if self.filters.unread is Show.HIDE:
            return None
        reach = len(self) if within is None else within
        low, high = (start, start + reach) if step > 0 else (start - reach, start)
        for segment in self._segments(max(low, 0), min(high, len(self) - 1) + 1, step):
            index = self._first(segment, step, f"NOT {READ}")
            if index is not None:
                return index
        return None

    def _segments(self, start: int, stop: int, step: int = 1) -> Iterator[Segment]:
        """Yield the part of each group from index `start` up to `stop`, upwards with `step` -1."""
        positions = range(len(self._ids))
        for position in positions if step > 0 else reversed(positions):
            first, last = max(start, self._firsts[position]), min(stop, self._firsts[position + 1]) - 1
            if first <= last:
                yield Segment(position, first, last)

    def _row(self, row: Sequence[Any]) -> ArticleRow:
        return article_row(row, self._names)

    @abstractmethod
    def _fetch(self, start: int, stop: int) -> list[list[Any]]:
        """The rows `start` to `stop`, which exist, in order: a number that is not used, then `COLUMNS`."""

    @abstractmethod
    def _index_of(self, representative: Place, key: int) -> int | None:
        """Where the story of version `key` stands, whose version `representative` is listed now."""

    @abstractmethod
    def _titled(self, low: int, high: int, step: int, words: Sequence[str]) -> int | None:
        """The first, or with `step` -1 the last, index from `low` to `high` whose title has the words."""

    @abstractmethod
    def _all_titled(self, words: Sequence[str]) -> array[int]:
        """Every index whose title has the words, in order."""

    @abstractmethod
    def _first(self, segment: Segment, step: int, condition: str) -> int | None:
        """The first, or with `step` -1 the last, index of a segment whose article `a` meets a condition."""

    @abstractmethod
    def sources(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """The representatives of all that is listed, as what follows FROM in a query, with its values.

        They are `a` there, and a condition with AND can be added.
        """


def article_row(row: Sequence[Any], names: Mapping[int, str]) -> ArticleRow:
    """A row from an unused number and `COLUMNS`; `names` are those of the groups."""
    _, key, group_id, title, untitled, authors, words, truncated, sponsor, published, *state = row
    completed, read, starred = map(bool, state)
    return ArticleRow(
        key=key,
        group=names[group_id],
        title=title,
        untitled=bool(untitled),
        authors=authors,
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
    """A row in place of an article that is gone; the next listing does not have it."""
    return [number, 0, group_id, "…", 1, "", 0, 0, None, None, 0, 1, 0]


def direction(step: int) -> str:
    """The SQL for looking down (1) or up (-1)."""
    return "ASC" if step > 0 else "DESC"


@methods_raise_library_errors
class KeptListing(Listing):
    """Whole groups in order of arrival."""

    def _fetch(self, start: int, stop: int) -> list[list[Any]]:
        rows: list[list[Any]] = []
        for segment in self._segments(start, stop):
            group_id, first, last = self._ordinals(segment)
            found = self._database.json_rows(
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

    def _index_of(self, representative: Place, key: int) -> int | None:  # noqa: ARG002 (places are those of representatives)
        if representative.group_id not in self._names:
            return None
        position = self._ids.index(representative.group_id)
        index = self._firsts[position] + representative.seq
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
        indices: list[int] = []
        for rows in self._database.chunks(query, words):
            for group_id, seq in rows:
                first, end = spans.get(group_id, (0, 0))
                if first + seq < end:
                    indices.append(first + seq)
        return array("q", sorted(indices))

    def _first(self, segment: Segment, step: int, condition: str) -> int | None:
        row = self._database.one(
            f"SELECT a.seq FROM {_SPAN} AND {condition} ORDER BY a.seq {direction(step)} LIMIT 1",
            self._ordinals(segment),
        )
        return None if row is None else self._firsts[segment.position] + int(row[0])

    def sources(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """The representatives of all that is listed; see `Listing`."""
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
        """The articles of `keys`: the first `counts[0]` are of the first group, and so on."""
        super().__init__(database, filters, sort, groups, counts)
        self._keys = keys

    def _fetch(self, start: int, stop: int) -> list[list[Any]]:
        source = "FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
        rows = self._database.json_rows(f"j.key, {COLUMNS}", source, (self._as_json(start, stop),))
        if len(rows) < stop - start:
            found = {row[0]: row for row in rows}
            some = self._ids[0]
            rows = [found.get(n) or gone(n, some) for n in range(stop - start)]
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
        # Another version was listed, perhaps elsewhere.
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
        """The representatives of all that is listed, also if another version has become one; see `Listing`."""
        for start in range(0, len(self._keys), _MARKED):
            yield _REPRESENTATIVES, (self._as_json(start, start + _MARKED),)

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
    """Yield parts of a segment from one end, each longer than the last: a match is mostly near."""
    low, high, size = among.first, among.last, _FIRST_SPAN
    while low <= high:
        if step > 0:
            yield low, min(high, low + size - 1)
            low += size
        else:
            yield max(low, high - size + 1), high
            high -= size
        size = min(size * 4, _LAST_SPAN)


def make_listing(database: Database, filters: Filters, sort: Sort) -> Listing:
    """The articles the filters leave, each group sorted: see `Library.listing`."""
    if not needs_picking(filters, sort):
        groups = chosen_groups(read_groups(database), filters)
        return KeptListing(database, filters, sort, groups, [group.articles for group in groups])
    with database.reading():
        groups = chosen_groups(read_groups(database), filters)
        counts, keys = pick(database, groups, filters, sort)
    return PickedListing(database, filters, sort, groups, counts, keys)
