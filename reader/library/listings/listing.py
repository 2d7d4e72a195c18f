"""An ordered selection of articles, read a few rows at a time by index.

A listing is a snapshot: articles that are added later appear in the next one. In a listing of whole groups in order of
arrival, an index corresponds to a group and a place in it, and nothing is stored. Any other listing stores the key of
every row, eight bytes each.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from itertools import accumulate
from typing import Any, Final, NamedTuple, Self

from reader.library.database.connection import Database
from reader.library.database.errors import methods_raise_library_errors
from reader.library.database.records import folded_words
from reader.library.database.schema import SPONSORED_ID, UNSECTIONED_ID
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
)

WORDS_A_MINUTE: Final = 230
"""The reading speed for `ArticleRow.minutes`, in words per minute."""
_COLUMNS: Final = (
    "a.key, a.group_id, a.title, a.untitled, a.authors, a.words, a.truncated, a.sponsor, a.published,"
    f" a.completed, {READ}, {STARRED}"
)
_WHOLE: Final = "articles a INDEXED BY articles_listed WHERE a.group_id = ? AND a.seq BETWEEN ? AND ?"
_PICKED: Final = "json_each(?) j CROSS JOIN articles a ON a.key = j.value WHERE 1"
_SEARCHED: Final = 4_000
"""How many stored keys are searched at a time."""


class Group(NamedTuple):
    """A heading of a listing."""

    name: str
    count: int  # type: ignore[assignment]  # hides a method of tuples
    """The number of its articles in the listing, at least 1."""
    first: int
    """The index of its first article."""


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


class _Segment(NamedTuple):
    """Consecutive rows of one group, as SQL."""

    group_id: int
    source: str
    """A FROM clause with conditions, without FROM; the articles are called `a`."""
    values: Sequence[Any]
    column: str
    """The column that numbers the rows in order."""
    base: int
    """The difference between the index of a row in the listing and its number."""


@methods_raise_library_errors
class Listing:
    """The articles that pass some filters, by group and in order; made by `Library.listing`."""

    def __init__(
        self, database: Database, filters: Filters, sort: Sort, groups: Sequence[ListedGroup]
    ) -> None:
        """Select from these groups."""
        self.filters = filters
        self.sort = sort
        self._database = database
        self._names = {group.group_id: group.name for group in groups}
        self._keys: array[int] | None = None
        """The keys of the rows; None for whole groups in order of arrival."""
        counts = [group.articles for group in groups]
        if needs_picking(filters, sort):
            counts, self._keys = pick(database, groups, filters, sort)
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
        rows: list[ArticleRow] = []
        for index, segment in self._segments(start, stop):
            found = {
                number + segment.base: values
                for number, *values in self._database.json_rows(
                    f"{segment.column}, {_COLUMNS}", f"FROM {segment.source}", segment.values
                )
            }
            rows += [_article_row(found.get(n) or _gone(segment.group_id), self._names) for n in index]
        return rows

    def keys(self) -> Iterator[int]:
        """Yield the keys of all rows whose articles still exist, in order."""
        for _, segment in self._segments(0, len(self)):
            query = f"SELECT a.key FROM {segment.source} ORDER BY {segment.column}"
            yield from array("q", (key for (key,) in self._database.rows(query, segment.values)))

    def index_of(self, key: int) -> int | None:
        """Return the index of an article, given any version; None if it is not listed here."""
        versions = self._database.all(
            "SELECT f.key, f.group_id, f.seq FROM articles a CROSS JOIN articles f ON f.story = a.story"
            " WHERE a.key = ?1 ORDER BY f.seq IS NULL, f.key <> ?1, f.key",
            (key,),
        )
        if not versions or versions[0][2] is None:
            return None
        representative, group_id, seq = versions[0]
        if self._keys is not None:
            with suppress(ValueError):
                return self._keys.index(representative)
            # Another version was listed when this listing was made.
            listed = {version for version, *_ in versions}.intersection(self._keys)
            return next((self._keys.index(version) for version, *_ in versions if version in listed), None)
        if group_id not in self._names:
            return None
        position = list(self._names).index(group_id)
        index: int = self._firsts[position] + seq
        return index if index < self._firsts[position + 1] else None

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

    def _all_titled(self, words: Sequence[str]) -> array[int]:
        """Return all indexes whose titles have the words, in order."""
        query = (
            "SELECT a.key, a.group_id, a.seq FROM folded f CROSS JOIN articles a ON a.key = f.key"
            f" WHERE a.seq IS NOT NULL AND {' AND '.join('instr(f.title, ?)' for _ in words)}"
        )
        rows = self._database.rows(query, words)
        if self._keys is not None:
            titled = {key for key, *_ in rows}
            return array("q", (index for index, key in enumerate(self._keys) if key in titled))
        spans = {group: (self._firsts[i], self._firsts[i + 1]) for i, group in enumerate(self._names)}
        indices: list[int] = []
        for _, group_id, seq in rows:
            first, end = spans.get(group_id, (0, 0))
            if first + seq < end:
                indices.append(first + seq)
        return array("q", sorted(indices))

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
        span = (start, len(self)) if step > 0 else (0, start + 1)
        for _, segment in self._segments(*span, step):
            row = self._database.first_row(
                f"SELECT {segment.column} FROM {segment.source} AND {condition}"
                f" ORDER BY 1 {'ASC' if step > 0 else 'DESC'} LIMIT 1",
                segment.values,
            )
            if row is not None:
                return segment.base + int(row[0])
        return None

    def _segments(self, start: int, stop: int, step: int = 1) -> Iterator[tuple[range, _Segment]]:
        """Yield the rows from index `start` up to `stop` in parts, in reverse order if `step` is -1."""
        parts = list(enumerate(self._names))
        for position, group_id in parts if step > 0 else reversed(parts):
            base = self._firsts[position]
            index = range(max(start, base, 0), min(stop, self._firsts[position + 1]))
            if self._keys is None:
                if index:
                    values = (group_id, index[0] - base, index[-1] - base)
                    yield index, _Segment(group_id, _WHOLE, values, "a.seq", base)
                continue
            starts = range(index.start, index.stop, _SEARCHED)
            for first in starts if step > 0 else reversed(starts):
                chunk = range(first, min(first + _SEARCHED, index.stop))
                keys = json.dumps(self._keys[chunk.start : chunk.stop].tolist())
                yield chunk, _Segment(group_id, _PICKED, (keys,), "j.key", first)


def _article_row(values: Sequence[Any], names: Mapping[int, str]) -> ArticleRow:
    """Make a row from `_COLUMNS`; `names` are the group names."""
    key, group_id, title, untitled, authors, words, truncated, sponsor, published, *state = values
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


def rows_of(database: Database, keys: Sequence[int]) -> list[ArticleRow]:
    """Return the rows of these articles, in their order; just "…" for a removed one."""
    names: dict[int, str] = dict(database.all("SELECT group_id, name FROM groups"))
    found = {
        number: values
        for number, *values in database.json_rows(
            f"j.key, {_COLUMNS}",
            "FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value",
            (json.dumps(list(keys)),),
        )
    }
    return [_article_row(found.get(number) or _gone(UNSECTIONED_ID), names) for number in range(len(keys))]


def _gone(group_id: int) -> list[Any]:
    """Return the values of a placeholder for a removed article, which the next listing no longer has."""
    return [0, group_id, "…", 1, "", 0, 0, None, None, 0, 1, 0]


def make_listing(database: Database, filters: Filters, sort: Sort, *, by_name: bool = False) -> Listing:
    """Make a listing; see `Library.listing`."""
    with database.reading():
        return Listing(
            database, filters, sort, chosen_groups(read_groups(database, by_name=by_name), filters)
        )
