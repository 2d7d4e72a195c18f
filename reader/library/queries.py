"""What a listing may be asked for, and the SQL that answers: filters, orders and the keys they choose."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from enum import Enum
from itertools import chain
from typing import NamedTuple

from reader.library.database import Database
from reader.library.folding import folded_words
from reader.library.schema import SPONSORED_ID
from reader.library.schema_seen import DATE


class Show(Enum):
    """What a filter does with the articles that have a badge."""

    ALL = "all"
    HIDE = "hide"
    ONLY = "only"


class Sort(Enum):
    """The order of articles within their group."""

    KEPT = "kept"
    """In order of arrival."""
    NEWEST = "newest"
    """By printed date, else by the day of the capture, the latest first; those with neither last."""
    TITLE = "title"
    """By title without case, accents and opening marks."""
    LONGEST = "longest"
    """By words of body, most first."""


class Filters(NamedTuple):
    """What an article must be to be listed; the plain `Filters()` lists every one."""

    section: str | None = None
    """A name of `Library.sections()`; None for all."""
    truncated: Show = Show.ALL
    sponsored: Show = Show.ALL
    words: str = ""
    """Each must occur in title, deck or authors, alone or within a word, case and accents aside."""
    unread: Show = Show.ALL
    starred: Show = Show.ALL


class ListedGroup(NamedTuple):
    """A group at the moment a listing was made."""

    group_id: int
    name: str
    articles: int
    truncated: int


def read_groups(database: Database) -> list[ListedGroup]:
    """The groups that have articles, in the order they are shown."""
    rows = database.page("rank, name, group_id, articles, truncated", "FROM groups WHERE articles > 0")
    rows.sort(key=lambda row: (row[0], row[1].casefold(), row[1]))
    return [ListedGroup(group_id, name, articles, cut) for _, name, group_id, articles, cut in rows]


def chosen_groups(groups: Sequence[ListedGroup], filters: Filters) -> list[ListedGroup]:
    """The groups that section and sponsored leave: sponsored is a matter of whole groups."""

    def chosen(group: ListedGroup) -> bool:
        if filters.section is not None and group.name != filters.section:
            return False
        if filters.truncated is Show.ONLY and not group.truncated:
            return False
        return filters.sponsored is Show.ALL or (group.group_id == SPONSORED_ID) is (
            filters.sponsored is Show.ONLY
        )

    return [group for group in groups if chosen(group)]


def needs_picking(filters: Filters, sort: Sort) -> bool:
    """Whether single articles must be picked, where whole groups in order of arrival will not do."""
    shows = (filters.truncated, filters.unread, filters.starred)
    return sort is not Sort.KEPT or shows != (Show.ALL,) * 3 or bool(folded_words(filters.words))


READ = "EXISTS (SELECT 1 FROM read_faces WHERE read_faces.key = a.key)"
"""The condition that the story of the face `a` is read."""
STARRED = "EXISTS (SELECT 1 FROM starred_faces WHERE starred_faces.key = a.key)"
"""The condition that the story of the face `a` is starred."""


_ORDERS = {
    Sort.KEPT: "a.seq",
    Sort.NEWEST: f"{DATE} DESC, a.seq",
    Sort.TITLE: "ltrim(f.title, ' \"''([{-.#$*'), a.seq",
    Sort.LONGEST: "a.words DESC, a.seq",
}
_TRUNCATED = {Show.ALL: "", Show.HIDE: " AND a.truncated = 0", Show.ONLY: " AND a.truncated = 1"}
_UNREAD = {Show.ALL: "", Show.HIDE: f" AND {READ}", Show.ONLY: f" AND NOT {READ}"}
_STARRED = {Show.ALL: "", Show.HIDE: f" AND NOT {STARRED}", Show.ONLY: f" AND {STARRED}"}


def pick(
    database: Database, groups: Sequence[ListedGroup], filters: Filters, sort: Sort
) -> tuple[list[int], array[int]]:
    """The keys the filters leave, group after group in the order given, and how many each group has."""
    words = folded_words(filters.words)
    if words and filters.section is None:
        picked = _pick_by_words(database, groups, words, filters, sort)
    else:
        picked = [_pick_from_group(database, group, words, filters, sort) for group in groups]
    keys = array("q")
    for part in picked:
        keys.extend(part)
    return [len(part) for part in picked], keys


def _pick_from_group(
    database: Database, group: ListedGroup, words: Sequence[str], filters: Filters, sort: Sort
) -> array[int]:
    """One group's keys, read along the index of ordinals."""
    join = " CROSS JOIN folded f ON f.key = a.key" if words or sort is Sort.TITLE else ""
    query = (
        f"SELECT a.key FROM articles a INDEXED BY articles_listed{join} WHERE a.group_id = ? AND a.seq IS NOT NULL"
        f"{_badges(filters)}{_words_condition(words)} ORDER BY {_ORDERS[sort]}"
    )
    keys = array("q")
    for rows in database.chunks(query, (group.group_id, *_words_values(words))):
        keys.extend(chain.from_iterable(rows))
    return keys


def _pick_by_words(
    database: Database, groups: Sequence[ListedGroup], words: Sequence[str], filters: Filters, sort: Sort
) -> list[array[int]]:
    """Every group's keys, read through the folded texts once: only matches are looked up and sorted."""
    query = (
        "SELECT a.group_id, a.key FROM folded f CROSS JOIN articles a ON a.key = f.key"
        f" WHERE a.seq IS NOT NULL{_words_condition(words)}{_badges(filters)}"
        f" ORDER BY {_ORDERS[sort]}"
    )
    picked = {group.group_id: array("q") for group in groups}
    for rows in database.chunks(query, _words_values(words)):
        for group_id, key in rows:
            if group_id in picked:
                picked[group_id].append(key)
    return list(picked.values())


def _badges(filters: Filters) -> str:
    """The conditions on single articles but for words."""
    return _TRUNCATED[filters.truncated] + _UNREAD[filters.unread] + _STARRED[filters.starred]


def _words_condition(words: Sequence[str]) -> str:
    return " AND (instr(f.title, ?) OR instr(f.rest, ?))" * len(words)


def _words_values(words: Sequence[str]) -> list[str]:
    return [word for word in words for _ in range(2)]


def title_condition(words: Sequence[str]) -> str:
    """The condition that every one of `words` occurs in the folded title `f.title`."""
    return " AND ".join("instr(f.title, ?)" for _ in words)
