"""Filters and orders of a listing, and the SQL that selects the articles."""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from reader.library.database.connection import Database
from reader.library.database.records import column, fold, folded_words
from reader.library.database.schema import DATE, SPONSORED_ID


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
    """By number of words, most first."""


class Filters(NamedTuple):
    """Which articles are listed; the default `Filters()` lists all."""

    section: str | None = None
    """A name of `Library.sections()`; None for all."""
    truncated: Show = Show.ALL
    sponsored: Show = Show.ALL
    words: str = ""
    """Each must occur in title, deck or authors, also within a word, ignoring case and accents.

    `is:doubtful` and the other states of a query stand for the articles in that state.
    """
    unread: Show = Show.ALL
    starred: Show = Show.ALL
    author: str | None = None
    """One of its authors, ignoring case and accents; "" for unsigned articles."""
    sponsor: str | None = None
    """Its sponsor, ignoring case and accents; "" for paid articles without a known sponsor."""
    month: str | None = None
    """YYYY-MM of its date (see `Sort.NEWEST`); "" for undated articles."""
    any_state: int | None = None
    """Key of an article that is listed whether or not it is truncated, read or starred."""


class ListedGroup(NamedTuple):
    """A group when the listing was made."""

    group_id: int
    name: str
    articles: int
    truncated: int


def read_groups(database: Database, *, by_name: bool = False) -> list[ListedGroup]:
    """Return the groups that have articles, in display order.

    Sections come first, those with the most articles before others, or all in order of their names; then Unsectioned
    and Sponsored.
    """
    rows = database.json_rows("rank, name, group_id, articles, truncated", "FROM groups WHERE articles > 0")
    rows.sort(key=lambda row: (row[0], 0 if by_name else -row[3], row[1].casefold(), row[1]))
    return [ListedGroup(group_id, name, articles, cut) for _, name, group_id, articles, cut in rows]


def chosen_groups(groups: Sequence[ListedGroup], filters: Filters) -> list[ListedGroup]:
    """Return the groups that pass the filters section, sponsored and sponsor. Paid articles form one group."""

    def chosen(group: ListedGroup) -> bool:
        if filters.section is not None and group.name != filters.section:
            return False
        if filters.truncated is Show.ONLY and not group.truncated and filters.any_state is None:
            return False
        paid = group.group_id == SPONSORED_ID
        if filters.sponsor is not None and not paid:
            return False
        return filters.sponsored is Show.ALL or paid is (filters.sponsored is Show.ONLY)

    return [group for group in groups if chosen(group)]


def needs_picking(filters: Filters, sort: Sort) -> bool:
    """Do the filters or the order need more than whole groups in order of arrival?"""
    shows = (filters.truncated, filters.unread, filters.starred)
    named = (filters.author, filters.sponsor, filters.month)
    return (
        sort is not Sort.ADDED
        or shows != (Show.ALL,) * 3
        or named != (None,) * 3
        or bool(folded_words(filters.words))
    )


READ = "EXISTS (SELECT 1 FROM read_faces WHERE read_faces.key = a.key)"
"""True if the story of the representative `a` is read."""
STARRED = "EXISTS (SELECT 1 FROM starred_faces WHERE starred_faces.key = a.key)"
"""True if the story of the representative `a` is starred."""


_ORDERS = {
    Sort.ADDED: "a.seq",
    Sort.NEWEST: f"{DATE} DESC, a.seq",
    Sort.TITLE: "ltrim(f.title, ' \"''([{-.#$*'), a.seq",
    Sort.LONGEST: "a.words DESC, a.seq",
}
_TRUNCATED = {Show.ALL: "", Show.HIDE: " AND a.truncated = 0", Show.ONLY: " AND a.truncated = 1"}
_UNREAD = {Show.ALL: "", Show.HIDE: f" AND {READ}", Show.ONLY: f" AND NOT {READ}"}
_STATES = {
    "truncated": "a.truncated = 1",
    "whole": "a.truncated = 0",
    "sponsored": f"a.group_id = {SPONSORED_ID}",
    "unread": f"NOT {READ}",
    "read": READ,
    "starred": STARRED,
    "doubtful": "EXISTS (SELECT 1 FROM articles d INDEXED BY articles_doubtful WHERE d.key = a.key AND d.doubtful)",
}
"""The condition of each state that the words of a filter may name; those of `query.STATES`."""
_IS = "is:"
_BY = " AND instr(f.rest, ?) AND instr(', ' || substr(f.rest, instr(f.rest, char(10)) + 1) || ', ', ?)"
"""True if a folded name is one of the authors, on the line after the deck. The first test is a fast filter."""
_STARRED = {Show.ALL: "", Show.HIDE: f" AND NOT {STARRED}", Show.ONLY: f" AND {STARRED}"}


class _RowCondition(NamedTuple):
    """The filters on single articles as an SQL condition on the article `a`, with its values."""

    condition: str
    values: tuple[Any, ...]
    texts: bool
    """True if it also uses the folded texts `f`."""


def pick(
    database: Database, groups: Sequence[ListedGroup], filters: Filters, sort: Sort
) -> tuple[list[int], array[int]]:
    """Return how many articles of each group pass the filters, and their keys, group after group."""
    where = _row_condition(database, filters)
    picked = [_pick_from_group(database, group, where, sort) for group in groups]
    keys = array("q")
    for part in picked:
        keys.extend(part)
    return [len(part) for part in picked], keys


def _pick_from_group(database: Database, group: ListedGroup, where: _RowCondition, sort: Sort) -> array[int]:
    """Return the keys of one group, read along the index of places."""
    join = " CROSS JOIN folded f ON f.key = a.key" if where.texts or sort is Sort.TITLE else ""
    query = (
        f"SELECT a.key FROM articles a INDEXED BY articles_listed{join} WHERE a.group_id = ? AND a.seq IS NOT NULL"
        f"{where.condition} ORDER BY {_ORDERS[sort]}"
    )
    return array("q", (key for (key,) in database.rows(query, (group.group_id, *where.values))))


def _row_condition(database: Database, filters: Filters) -> _RowCondition:
    """Convert the filters to a condition, with all spellings of the sponsor in the library."""
    condition = _TRUNCATED[filters.truncated] + _UNREAD[filters.unread] + _STARRED[filters.starred]
    values: list[Any] = []
    if filters.any_state is not None and condition:
        condition = f" AND (a.key = ? OR ({condition.removeprefix(' AND ')}))"
        values.append(filters.any_state)
    words = []
    for word in folded_words(filters.words):
        if word.startswith(_IS):
            condition += _state_condition(word.removeprefix(_IS))
        else:
            words.append(word)
    for word in words:
        condition += " AND (instr(f.title, ?) OR instr(f.rest, ?))"
        values += [word, word]
    if filters.author is not None:
        name = column(fold(filters.author))
        condition += _BY
        values += [name, f", {name}, "]
    if filters.sponsor:
        condition += " AND a.sponsor IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(_spellings(database, filters.sponsor)))
    elif filters.sponsor is not None:
        condition += " AND coalesce(a.sponsor, '') = ''"
    if filters.month is not None:
        condition += f" AND coalesce(substr({DATE}, 1, 7), '') = ?"
        values.append(filters.month)
    return _RowCondition(condition, tuple(values), bool(words) or filters.author is not None)


def _state_condition(name: str) -> str:
    """Return the condition of a state; none for the beginning of a name, which is still being typed."""
    if name in _STATES:
        return f" AND {_STATES[name]}"
    return "" if any(state.startswith(name) for state in _STATES) else " AND 0"


def _spellings(database: Database, sponsor: str) -> list[str]:
    """Return the spellings of the sponsor in listed articles."""
    rows = database.all(
        "SELECT DISTINCT sponsor FROM articles INDEXED BY articles_listed"
        " WHERE group_id = ? AND seq IS NOT NULL AND sponsor IS NOT NULL",
        (SPONSORED_ID,),
    )
    folded = fold(sponsor)
    return [spelling for (spelling,) in rows if fold(spelling) == folded]


def title_condition(words: Sequence[str]) -> str:
    """Return the condition that all `words` occur in the folded title `f.title`."""
    return " AND ".join("instr(f.title, ?)" for _ in words)
