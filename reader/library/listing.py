"""Lists of articles: filters, orders, listings read a few rows at a time by index, and the results of a search.

A listing is a snapshot: articles that are added later appear in the next one. It stores the key of every row, eight
bytes each. Only a listing of whole groups in order of arrival looks keys up when they are needed, so that the first
screen does not wait for all of them.
"""

import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from enum import Enum
from itertools import accumulate, pairwise
from typing import Any, Final, NamedTuple, Self

from reader.library.database.connection import Database
from reader.library.database.errors import methods_raise_library_errors
from reader.library.database.schema import DATE, SPONSORED_ID, column, fold, folded_words
from reader.model import UNSECTIONED, minutes_to_read

_READ = "EXISTS (SELECT 1 FROM read_articles WHERE read_articles.key = a.key)"
_STARRED = "EXISTS (SELECT 1 FROM starred_articles WHERE starred_articles.key = a.key)"
_PICKED: Final = "FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
_SEARCHED: Final = 4_000


class Show(Enum):
    """How a filter treats articles that have a badge or a mark."""

    ALL = "all"
    HIDE = "hide"
    ONLY = "only"


class Sort(Enum):
    """The order of articles within their group."""

    ADDED = "added"
    """In the order in which captures were added."""
    NEWEST = "newest"
    """By printed date, or else by the day of the capture, the newest first, those with neither last."""
    TITLE = "title"
    """By title, ignoring case, accents and opening punctuation."""
    LONGEST = "longest"


class Filters(NamedTuple):
    """Which articles are listed; the default `Filters()` lists all."""

    section: str | None = None
    """A name of `Library.sections()`; None for all."""
    truncated: Show = Show.ALL
    sponsored: Show = Show.ALL
    words: str = ""
    """Each must occur in title, deck or authors, also within a word, ignoring case and accents.

    `is:doubtful` and the other states of a query stand for the articles in that state, `-is:` for all others.
    """
    unread: Show = Show.ALL
    starred: Show = Show.ALL
    author: str | None = None
    """One of its authors, ignoring case and accents; "" for unsigned articles."""
    sponsor: str | None = None
    """Its sponsor, ignoring case and accents; "" for paid articles without a known sponsor."""
    month: str | None = None
    """YYYY-MM of its printed date; "" for articles without one."""
    pinned: int | None = None
    """Key of an article that is listed whether or not it is truncated, read or starred."""


# Which articles are listed

_ORDERS = {
    Sort.ADDED: "a.story",
    Sort.NEWEST: f"{DATE} DESC, a.story",
    Sort.TITLE: "ltrim(f.title, ' \"''([{-.#$*'), a.story",
    Sort.LONGEST: "a.words DESC, a.story",
}
_STATES = {
    "truncated": "a.truncated = 1",
    "whole": "a.truncated = 0",
    "sponsored": f"a.group_id = {SPONSORED_ID}",
    "unread": f"NOT {_READ}",
    "read": _READ,
    "starred": _STARRED,
    "doubtful": "a.doubtful = 1",
}
"""The condition of each state that the words of a filter may name; those of `search.parser.STATES`."""
_IS = "is:"
_BY = "instr(f.rest, ?) AND instr(', ' || substr(f.rest, instr(f.rest, char(10)) + 1) || ', ', ?)"
"""True if a folded name is one of the authors, on the line after the deck. The first test is a fast filter."""


class SectionCount(NamedTuple):
    """A group of the library and its number of articles."""

    name: str
    count: int  # type: ignore[assignment]  # hides a method of tuples
    group_id: int = 0


def read_groups(database: Database, *, by_name: bool = False) -> tuple[SectionCount, ...]:
    """Return the groups that have articles, in display order; see `Library.sections`."""
    rows = database.all("SELECT rank, name, articles, group_id FROM groups WHERE articles > 0")
    rows.sort(key=lambda row: (row[0], 0 if by_name else -row[2], row[1].casefold(), row[1]))
    return tuple(SectionCount(*group) for _, *group in rows)


def _chosen_groups(groups: Sequence[SectionCount], filters: Filters) -> list[SectionCount]:
    chosen = []
    for group in groups:
        paid = group.group_id == SPONSORED_ID
        if (
            (filters.section is None or group.name == filters.section)
            and (filters.sponsor is None or paid)
            and (filters.sponsored is Show.ALL or paid is (filters.sponsored is Show.ONLY))
        ):
            chosen.append(group)
    return chosen


def _pick(
    database: Database, groups: Sequence[SectionCount], filters: Filters, sort: Sort
) -> "tuple[list[int], array[int]]":
    """Return how many articles of each group pass the filters, and their keys, group after group."""
    conditions, values = _conditions(filters)
    where = "".join(f" AND {condition}" for condition in conditions)
    join = " CROSS JOIN folded f ON f.key = a.key" if "f." in where or sort is Sort.TITLE else ""
    query = (
        f"SELECT a.key FROM articles a INDEXED BY articles_listed{join} WHERE a.group_id = ? AND a.listed"
        f"{where} ORDER BY {_ORDERS[sort]}"
    )
    counts: list[int] = []
    keys = array("q")
    for group in groups:
        before = len(keys)
        keys.extend(key for (key,) in database.rows(query, (group.group_id, *values)))
        counts.append(len(keys) - before)
    return counts, keys


def _conditions(filters: Filters) -> tuple[list[str], list[Any]]:
    """Convert the filters on single articles to SQL on the article `a` and its folded texts `f`, with its values."""
    conditions: list[str] = []
    values: list[Any] = []
    for show, state in (
        (filters.truncated, "truncated"),
        (filters.unread, "unread"),
        (filters.starred, "starred"),
    ):
        if show is not Show.ALL:
            conditions.append(f"{'NOT ' * (show is Show.HIDE)}{_STATES[state]}")
    if filters.pinned is not None and conditions:
        conditions = [f"(a.key = ? OR ({' AND '.join(conditions)}))"]
        values.append(filters.pinned)
    for word in folded_words(filters.words):
        negation, is_state, state = word.partition(_IS)
        if not is_state or negation not in ("", "-"):
            conditions.append("(instr(f.title, ?) OR instr(f.rest, ?))")
            values += [word, word]
        elif state in _STATES:
            conditions.append(f"{'NOT ' * bool(negation)}{_STATES[state]}")
        elif not any(known.startswith(state) for known in _STATES):  # else it is still being typed
            conditions.append("NOT a.listed")  # none
    if filters.author is not None:
        name = column(fold(filters.author))
        conditions.append(_BY)
        values += [name, f", {name}, "]
    if filters.sponsor is not None:
        conditions.append("fold(coalesce(a.sponsor, '')) = ?")
        values.append(column(fold(filters.sponsor)))
    if filters.month is not None:
        conditions.append("coalesce(substr(a.published, 1, 7), '') = ?")
        values.append(filters.month)
    return conditions, values


# The listing


class Group(NamedTuple):
    """A heading of a listing."""

    name: str
    count: int  # type: ignore[assignment]  # hides a method of tuples
    """The number of its articles in the listing, at least 1."""
    first: int


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


_GONE: Final = ArticleRow(0, UNSECTIONED, "…", True, "", 1, False, False, None, None, unread=False)
"""The row of a removed article, which the next listing no longer has."""


@methods_raise_library_errors
class Listing:
    """The articles that pass some filters, by group and in order; made by `Library.listing`."""

    def __init__(self, database: Database, filters: Filters, sort: Sort, *, by_name: bool = False) -> None:
        """Select the articles; see `Library.listing`."""
        self.filters = filters
        self.sort = sort
        self._database = database
        self._keys: array[int] | None = None
        """The keys of the rows; None for whole groups in order of arrival."""
        of_groups = Filters(filters.section, sponsored=filters.sponsored, pinned=filters.pinned)
        has_words = bool(folded_words(filters.words))
        with database.reading():
            groups = _chosen_groups(read_groups(database, by_name=by_name), filters)
            counts = [group.count for group in groups]
            if sort is not Sort.ADDED or has_words or filters._replace(words="") != of_groups:
                counts, self._keys = _pick(database, groups, filters, sort)
        self._group_ids = [group.group_id for group in groups]
        self._firsts = list(accumulate(counts, initial=0))
        """The index of each group's first row, and finally the length."""
        self._title_matches: tuple[tuple[str, ...], array[int]] | None = None
        self.groups = tuple(
            Group(group.name, count, first)
            for group, count, first in zip(groups, counts, self._firsts, strict=False)
            if count
        )

    def __len__(self) -> int:
        return self._firsts[-1]

    def through(self, database: Database) -> Self:
        """Return the same listing, read through another connection. Use `Library.bind` outside the library."""
        other = copy(self)
        other._database = database
        return other

    def rows(self, start: int, stop: int) -> list[ArticleRow]:
        """Return the rows from index `start` up to `stop`, or to the end."""
        return rows_of(self._database, self._keys_between(start, stop))

    def keys(self) -> Sequence[int]:
        """Return the keys of all rows; articles may have been removed since."""
        return self._keys_between(0, len(self))

    def _keys_between(self, start: int, stop: int) -> "array[int]":
        """Return the keys of the rows from index `start` up to `stop`, or to the end; 0 for a removed article."""
        start = max(start, 0)
        if self._keys is not None:
            return self._keys[start : max(stop, 0)]
        keys = array("q")
        for group_id, (first, end) in zip(self._group_ids, pairwise(self._firsts), strict=True):
            count = min(stop, end) - max(start, first)
            if count > 0:
                rows = self._database.all(
                    "SELECT key FROM articles INDEXED BY articles_listed WHERE group_id = ? AND listed"
                    " ORDER BY story LIMIT ? OFFSET ?",
                    (group_id, count, max(start - first, 0)),
                )
                keys.extend([key for (key,) in rows] + [0] * (count - len(rows)))
        return keys

    def index_of(self, key: int) -> int | None:
        """Return the index of an article, given any version; None if it is not listed here."""
        versions = self._database.all(
            "SELECT f.key, f.group_id, f.listed, f.story FROM articles a CROSS JOIN articles f ON f.story = a.story"
            " WHERE a.key = ?1 ORDER BY f.listed DESC, f.key <> ?1, f.key",
            (key,),
        )
        if not versions or not versions[0][2]:
            return None
        representative, group_id, _, story = versions[0]
        if self._keys is not None:
            with suppress(ValueError):
                return self._keys.index(representative)
            # Another version was listed when this listing was made.
            listed = {version for version, *_ in versions}.intersection(self._keys)
            return next((self._keys.index(version) for version, *_ in versions if version in listed), None)
        if group_id not in self._group_ids:
            return None
        first, end = list(pairwise(self._firsts))[self._group_ids.index(group_id)]
        index = first + self._database.number(
            "SELECT count(*) FROM articles INDEXED BY articles_listed WHERE group_id = ? AND listed AND story < ?",
            (group_id, story),
        )
        return index if index < end else None

    def find(self, start: int, step: int, words: str) -> int | None:
        """Return the nearest index, from `start` on, whose title has all the words; None if there is none.

        `step` is 1 to search down and -1 to search up; the search does not wrap around. The first call with some words
        searches all titles, which takes half a second at 1,000,000 articles (`Library.interrupt` stops it).
        """
        folded = folded_words(words)
        if not folded:
            return None
        if self._title_matches is None or self._title_matches[0] != folded:
            query = f"SELECT key FROM folded WHERE {' AND '.join('instr(title, ?)' for _ in folded)}"
            titled = {key for (key,) in self._database.rows(query, folded)}
            keys = enumerate(self._keys_between(0, len(self)))
            self._title_matches = (folded, array("q", (index for index, key in keys if key in titled)))
        matches = self._title_matches[1]
        place = bisect_left(matches, start) if step > 0 else bisect_right(matches, start) - 1
        return matches[place] if 0 <= place < len(matches) else None

    def place_found(self, index: int) -> tuple[int, int]:
        """Return the number, from 1, of an index among the matches of the last `find`, and how many there are."""
        matches = () if self._title_matches is None else self._title_matches[1]
        return bisect_left(matches, index) + 1, len(matches)

    def seek_whole(self, start: int, step: int) -> int | None:
        """Return the nearest index, from `start` on, down (1) or up (-1), that is neither truncated nor sponsored."""
        if self.filters.truncated is Show.ONLY:
            return None
        return self._seek(start, step, f"a.truncated = 0 AND a.group_id <> {SPONSORED_ID}")

    def seek_unread(self, start: int, step: int) -> int | None:
        """Return the nearest unread index, from `start` on, down (1) or up (-1).

        Takes seconds if 1,000,000 articles are read.
        """
        if self.filters.unread is Show.HIDE:
            return None
        return self._seek(start, step, f"NOT {_READ}")

    def _seek(self, start: int, step: int, condition: str) -> int | None:
        order = "ASC" if step > 0 else "DESC"
        query = f"SELECT j.key {_PICKED} WHERE {condition} ORDER BY j.key {order} LIMIT 1"
        starts = range(max(start, 0), len(self), _SEARCHED) if step > 0 else range(start + 1, 0, -_SEARCHED)
        for place in starts:
            first, end = (place, place + _SEARCHED) if step > 0 else (max(place - _SEARCHED, 0), place)
            row = self._database.first_row(query, (json.dumps(self._keys_between(first, end).tolist()),))
            if row is not None:
                return first + int(row[0])
        return None


def rows_of(database: Database, keys: Sequence[int]) -> list[ArticleRow]:
    """Return the rows of these articles, in their order; just "…" for a removed one."""
    rows = [_GONE] * len(keys)
    for number, title, authors, words, *state, sponsor, published, key, group in database.all(
        "SELECT j.key, a.title, a.authors, a.words, a.untitled, a.truncated,"
        f" a.group_id = {SPONSORED_ID}, a.completed, NOT {_READ}, {_STARRED}, a.sponsor, a.published, a.key, g.name"
        f" {_PICKED} JOIN groups g USING (group_id)",
        (json.dumps(list(keys)),),
    ):
        untitled, truncated, sponsored, completed, unread, starred = map(bool, state)
        rows[number] = ArticleRow(
            key=key,
            group=group,
            title=str(title),  # A damaged row may have anything there.
            untitled=untitled,
            authors=str(authors),
            minutes=minutes_to_read(words),
            truncated=truncated,
            sponsored=sponsored,
            sponsor=sponsor,
            published=published,
            completed=completed,
            unread=unread,
            starred=starred,
        )
    return rows


# The results of a search, whose own modules take longer to load than the first screen waits

MOST_COUNTED = 10_000
MOST_RANKED = 2_000
"""How many of the newest matches are ranked by relevance."""


class Order(Enum):
    """The order of matches."""

    NEWEST = "newest"
    """By printed date, the newest first, undated ones last."""
    RELEVANCE = "relevance"
    """The newest `MOST_RANKED` matches by BM25, which favours rare words and words that an article uses often."""


class Hit(NamedTuple):
    """A matching article, with a passage to show."""

    row: ArticleRow
    passage: str
    """The part of its text, or of a note on it, that matches, or else its beginning; at most
    `passages.MOST_CHARACTERS`."""
    marks: tuple[tuple[int, int], ...] = ()
    """Start and end of each match in the passage, in order."""
    title_marks: tuple[tuple[int, int], ...] = ()
    annotation: int | None = None
    """The number of the highlight or note that the passage is from."""


class Results(NamedTuple):
    """A page of matches."""

    hits: tuple[Hit, ...]
    count: int  # type: ignore[assignment]  # hides a method of tuples
    """On the first page, the number of matching articles, or the least number if `capped`."""
    capped: bool
    """True if there may be more than `count`: counting stopped at `MOST_COUNTED` or took too long."""
    after: int | None
    """The `after` of the next page; None on the last."""
    query: str


class SavedSearch(NamedTuple):
    """A search under a name."""

    name: str
    query: str
