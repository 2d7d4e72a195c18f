"""An ordered choice of articles, read a few rows at a time by index.

`KeptListing` is made of whole groups in order of arrival and costs nothing to make: an index becomes a group and an
ordinal. `PickedListing` holds the key of every row. Both are what the library held when they were made; articles
that come later are in the next listing.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from copy import copy
from itertools import accumulate
from typing import NamedTuple, Self

from reader.library.database import Database, Row
from reader.library.folding import folded_words
from reader.library.queries import Filters, ListedGroup, Show, Sort, title_condition
from reader.library.schema import SPONSORED_ID

WORDS_A_MINUTE = 230
"""How fast `ArticleRow.minutes` takes a reader to be."""
_NEAR = 2_000
"""How many rows `find` looks at before it looks at all of them at once."""
_COLUMNS = "a.key, a.group_id, a.title, a.untitled, a.authors, a.words, a.truncated, a.sponsor, a.published"


class Group(NamedTuple):
    """A heading of a listing."""

    name: str
    count: int
    """How many articles of the listing it has, at least 1."""
    first: int
    """Index of the first of them."""


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

    def index_of(self, key: int) -> int | None:
        """Where an article stands; None when it is not in this listing."""
        row = self._database.one("SELECT group_id, seq FROM articles WHERE key = ?", (key,))
        if row is None or row[0] not in self._names:
            return None
        position = self._ids.index(row[0])
        return self._index_in(self._firsts[position], self._firsts[position + 1], key, row[1])

    def find(self, start: int, step: int, words: str) -> int | None:
        """The nearest index from `start` itself on whose title has all the words; None when there is none.

        `step` is 1 to look down and -1 to look up; neither goes round the end. Near matches take a millisecond;
        else every title is looked at once and the matches are kept for the next call with the same words, which
        takes some tenths of a second at 1,000,000 articles (`Library.interrupt` ends it).
        """
        wanted = folded_words(words)
        low, high = (start, len(self) - 1) if step > 0 else (0, min(start, len(self) - 1))
        low = max(low, 0)
        if not wanted or low > high:
            return None
        if self._found is None or self._found[0] != wanted:
            near = (low, min(high, low + _NEAR)) if step > 0 else (max(low, high - _NEAR), high)
            index = self._titled(*near, step, wanted)
            if index is not None or near == (low, high):
                return index
            self._found = (wanted, self._all_titled(wanted))
        found = self._found[1]
        place = bisect_left(found, low) if step > 0 else bisect_right(found, high) - 1
        return found[place] if 0 <= place < len(found) and low <= found[place] <= high else None

    def seek_whole(self, start: int, step: int) -> int | None:
        """The nearest index from `start` itself on, down (1) or up (-1), neither truncated nor sponsored."""
        if self.filters.truncated is Show.ONLY:
            return None
        low, high = (start, len(self) - 1) if step > 0 else (0, start)
        for position, first, last in self._segments(max(low, 0), min(high, len(self) - 1) + 1, step):
            if self._ids[position] == SPONSORED_ID:
                continue
            index = self._whole(position, first, last, step)
            if index is not None:
                return index
        return None

    def _segments(self, start: int, stop: int, step: int = 1) -> Iterator[tuple[int, int, int]]:
        """The groups that the indices `start` to `stop` touch: position and the first and last index touched."""
        positions = range(len(self._ids))
        for position in positions if step > 0 else reversed(positions):
            first, last = max(start, self._firsts[position]), min(stop, self._firsts[position + 1]) - 1
            if first <= last:
                yield position, first, last

    def _row(self, row: Row) -> ArticleRow:
        key, group_id, title, untitled, authors, words, truncated, sponsor, published = row
        return ArticleRow(
            key=key,
            group=self._names[group_id],
            title=title,
            untitled=bool(untitled),
            authors=authors,
            minutes=max(1, round(words / WORDS_A_MINUTE)),
            truncated=bool(truncated),
            sponsored=group_id == SPONSORED_ID,
            sponsor=sponsor,
            published=published,
        )

    @abstractmethod
    def _fetch(self, start: int, stop: int) -> list[Row]:
        """The columns of the rows `start` to `stop`, which exist."""

    @abstractmethod
    def _index_in(self, first: int, end: int, key: int, seq: int | None) -> int | None:
        """Where a key stands whose group has the indices `first` to before `end`."""

    @abstractmethod
    def _titled(self, low: int, high: int, step: int, words: Sequence[str]) -> int | None:
        """The first, or with `step` -1 the last, index from `low` to `high` whose title has the words."""

    @abstractmethod
    def _all_titled(self, words: Sequence[str]) -> array[int]:
        """Every index whose title has the words, in order."""

    @abstractmethod
    def _whole(self, position: int, first: int, last: int, step: int) -> int | None:
        """The first, or with `step` -1 the last, index of a group's from `first` to `last` not truncated."""


class KeptListing(Listing):
    """Whole groups in order of arrival."""

    def _fetch(self, start: int, stop: int) -> list[Row]:
        rows: list[Row] = []
        for position, first, last in self._segments(start, stop):
            rows += self._database.all(
                f"SELECT {_COLUMNS} FROM articles a INDEXED BY articles_listed"
                " WHERE a.group_id = ? AND a.seq BETWEEN ? AND ? ORDER BY a.seq",
                self._ordinals(position, first, last),
            )
        return rows

    def _ordinals(self, position: int, first: int, last: int) -> tuple[int, int, int]:
        """The group and its ordinals for indices that are all in it."""
        offset = self._firsts[position]
        return self._ids[position], first - offset, last - offset

    def _index_in(self, first: int, end: int, key: int, seq: int | None) -> int | None:
        return None if seq is None or first + seq >= end else first + seq

    def _titled(self, low: int, high: int, step: int, words: Sequence[str]) -> int | None:
        query = (
            "SELECT a.seq FROM articles a INDEXED BY articles_listed CROSS JOIN folded f ON f.key = a.key"
            f" WHERE a.group_id = ? AND a.seq BETWEEN ? AND ? AND {title_condition(words)}"
            f" ORDER BY a.seq {_direction(step)} LIMIT 1"
        )
        for position, first, last in self._segments(low, high + 1, step):
            row = self._database.one(query, (*self._ordinals(position, first, last), *words))
            if row is not None:
                return self._firsts[position] + int(row[0])
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

    def _whole(self, position: int, first: int, last: int, step: int) -> int | None:
        row = self._database.one(
            "SELECT a.seq FROM articles a INDEXED BY articles_listed WHERE a.group_id = ?"
            f" AND a.seq BETWEEN ? AND ? AND a.truncated = 0 ORDER BY a.seq {_direction(step)} LIMIT 1",
            self._ordinals(position, first, last),
        )
        return None if row is None else self._firsts[position] + int(row[0])


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

    def _fetch(self, start: int, stop: int) -> list[Row]:
        return self._database.all(
            f"SELECT {_COLUMNS} FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value ORDER BY j.key",
            (self._as_json(start, stop),),
        )

    def _as_json(self, start: int, stop: int) -> str:
        return json.dumps(self._keys[start:stop].tolist())

    def _index_in(self, first: int, end: int, key: int, seq: int | None) -> int | None:
        try:
            return self._keys.index(key, first, end)
        except ValueError:
            return None

    def _titled(self, low: int, high: int, step: int, words: Sequence[str]) -> int | None:
        row = self._database.one(
            "SELECT j.key FROM json_each(?) j CROSS JOIN folded f ON f.key = j.value"
            f" WHERE {title_condition(words)} ORDER BY j.key {_direction(step)} LIMIT 1",
            (self._as_json(low, high + 1), *words),
        )
        return None if row is None else low + int(row[0])

    def _all_titled(self, words: Sequence[str]) -> array[int]:
        query = f"SELECT f.key FROM folded f WHERE {title_condition(words)}"
        titled = {key for rows in self._database.chunks(query, words) for (key,) in rows}
        return array("q", (index for index, key in enumerate(self._keys) if key in titled))

    def _whole(self, position: int, first: int, last: int, step: int) -> int | None:
        starts = range(first, last + 1, _NEAR) if step > 0 else range(last, first - 1, -_NEAR)
        for start in starts:
            low, high = (
                (start, min(last, start + _NEAR - 1)) if step > 0 else (max(first, start - _NEAR + 1), start)
            )
            row = self._database.one(
                "SELECT j.key FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
                f" WHERE a.truncated = 0 ORDER BY j.key {_direction(step)} LIMIT 1",
                (self._as_json(low, high + 1),),
            )
            if row is not None:
                return low + int(row[0])
        return None


def _direction(step: int) -> str:
    return "ASC" if step > 0 else "DESC"
