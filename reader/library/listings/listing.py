"""An ordered choice of articles, read a few rows at a time by index.

A listing is what the library held when it was made; articles that come later are in the next one. What all
listings share is here; `kept_listing` and `picked_listing` know how an index becomes an article.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from itertools import accumulate
from typing import Any, NamedTuple, Self

from reader.library.database.connection import Database
from reader.library.database.errors import methods_raise_library_errors
from reader.library.database.schema import SPONSORED_ID
from reader.library.folding import folded_words
from reader.library.listings.filters import READ, STARRED, Filters, ListedGroup, Show, Sort

WORDS_A_MINUTE = 230
"""How fast `ArticleRow.minutes` takes a reader to be."""
_NEAR = 2_000
"""How many rows `find` looks at before it looks at all of them at once."""
COLUMNS = (
    "a.key, a.group_id, a.title, a.untitled, a.authors, a.words, a.truncated, a.sponsor, a.published,"
    f" a.completed, {READ}, {STARRED}"
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
    """Where a story is listed: the key of its face, its group and its ordinal there."""

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
        """What the indices from `start` up to `stop` have of each group, upwards with `step` -1."""
        positions = range(len(self._ids))
        for position in positions if step > 0 else reversed(positions):
            first, last = max(start, self._firsts[position]), min(stop, self._firsts[position + 1]) - 1
            if first <= last:
                yield Segment(position, first, last)

    def _row(self, row: Sequence[Any]) -> ArticleRow:
        return article_row(row, self._names)

    @abstractmethod
    def _fetch(self, start: int, stop: int) -> list[list[Any]]:
        """The rows `start` to `stop`, which exist, in order: a number of no account, then `COLUMNS`."""

    @abstractmethod
    def _index_of(self, face: Place, key: int) -> int | None:
        """Where the story of version `key` stands, whose version `face` is listed now."""

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
        """The faces of all that is listed, as what follows FROM in a query, with its values.

        They are `a` there, and a condition with AND can be added.
        """


def article_row(row: Sequence[Any], names: Mapping[int, str]) -> ArticleRow:
    """A number of no account and `COLUMNS` as a row; `names` are those of the groups."""
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
    """A row for an article that is no more where the listing had it; the next listing will not have it."""
    return [number, 0, group_id, "…", 1, "", 0, 0, None, None, 0, 1, 0]


def direction(step: int) -> str:
    """The SQL for looking down (1) or up (-1)."""
    return "ASC" if step > 0 else "DESC"
