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
    chosen = []
    for group in groups:
        paid = group.group_id == SPONSORED_ID
        if (
            (filters.section is None or group.name == filters.section)
            and (filters.truncated is not Show.ONLY or group.truncated or filters.any_state is not None)
            and (filters.sponsor is None or paid)
            and (filters.sponsored is Show.ALL or paid is (filters.sponsored is Show.ONLY))
        ):
            chosen.append(group)
    return chosen


def needs_picking(filters: Filters, sort: Sort) -> bool:
    """Do the filters or the order need more than whole groups in order of arrival?"""
    whole_groups = Filters(
        filters.section, sponsored=filters.sponsored, words=filters.words, any_state=filters.any_state
    )
    return sort is not Sort.ADDED or filters != whole_groups or bool(folded_words(filters.words))


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
_BY = "instr(f.rest, ?) AND instr(', ' || substr(f.rest, instr(f.rest, char(10)) + 1) || ', ', ?)"
"""True if a folded name is one of the authors, on the line after the deck. The first test is a fast filter."""


def pick(
    database: Database, groups: Sequence[ListedGroup], filters: Filters, sort: Sort
) -> tuple[list[int], array[int]]:
    """Return how many articles of each group pass the filters, and their keys, group after group."""
    conditions, values = _conditions(database, filters)
    where = "".join(f" AND {condition}" for condition in conditions)
    join = " CROSS JOIN folded f ON f.key = a.key" if "f." in where or sort is Sort.TITLE else ""
    query = (
        f"SELECT a.key FROM articles a INDEXED BY articles_listed{join} WHERE a.group_id = ? AND a.seq IS NOT NULL"
        f"{where} ORDER BY {_ORDERS[sort]}"
    )
    counts: list[int] = []
    keys = array("q")
    for group in groups:
        before = len(keys)
        keys.extend(key for (key,) in database.rows(query, (group.group_id, *values)))
        counts.append(len(keys) - before)
    return counts, keys


def _conditions(database: Database, filters: Filters) -> tuple[list[str], list[Any]]:
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
    if filters.any_state is not None and conditions:
        conditions = [f"(a.key = ? OR ({' AND '.join(conditions)}))"]
        values.append(filters.any_state)
    for word in folded_words(filters.words):
        state = word.removeprefix(_IS)
        if state == word:
            conditions.append("(instr(f.title, ?) OR instr(f.rest, ?))")
            values += [word, word]
        elif state in _STATES:
            conditions.append(_STATES[state])
        elif not any(known.startswith(state) for known in _STATES):  # else it is still being typed
            conditions.append("0")
    if filters.author is not None:
        name = column(fold(filters.author))
        conditions.append(_BY)
        values += [name, f", {name}, "]
    if filters.sponsor:
        rows = database.all(
            "SELECT DISTINCT sponsor FROM articles INDEXED BY articles_listed"
            f" WHERE group_id = {SPONSORED_ID} AND seq IS NOT NULL AND sponsor IS NOT NULL"
        )
        folded = fold(filters.sponsor)
        conditions.append("a.sponsor IN (SELECT value FROM json_each(?))")
        values.append(json.dumps([spelling for (spelling,) in rows if fold(spelling) == folded]))
    elif filters.sponsor is not None:
        conditions.append("coalesce(a.sponsor, '') = ''")
    if filters.month is not None:
        conditions.append(f"coalesce(substr({DATE}, 1, 7), '') = ?")
        values.append(filters.month)
    return conditions, values
