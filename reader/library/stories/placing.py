"""Chooses the representative version of each story and its place in a group, and counts the groups."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.database.schema import FULLEST_FIRST, SPONSORED_ID, UNSECTIONED_ID
from reader.library.stories import merging
from reader.library.stories.merging import Merged


class Changes(NamedTuple):
    """What a transaction changed in stories, as keys of versions; the index and the reader's marks follow it."""

    listed: Sequence[int] = ()
    """New representatives of their stories."""
    unlisted: Sequence[int] = ()
    """Former representatives; their rows may be deleted."""
    touched: Sequence[int] = ()
    """Representatives that remain, though the versions or the group of their stories changed."""
    texts: Mapping[int, tuple[str, ...]] = {}
    """The index texts (`search.indexing.texts`) of articles that this transaction wrote or removed."""
    merged: Mapping[int, Merged] = {}
    """Listed or formerly listed versions for which other facts of other versions count now."""
    completed: Sequence[int] = ()
    """Representatives whose stories this transaction completed: another capture has only the start."""


class Member(NamedTuple):
    """A version, with what decides whether it is listed."""

    story: int
    key: int
    truncated: int
    words: int
    home: int
    """The group of its own section."""
    group_id: int
    seq: int | None
    occurrences: int
    completed: int

    @property
    def fullness(self) -> tuple[int, int, int]:
        """Sort key: complete before cut off, then the most words, then the first kept."""
        return self.truncated, -self.words, self.key


_COLUMNS = "a.story, a.key, a.truncated, a.words, a.home, a.group_id, a.seq, a.sightings, a.completed"


class Places:
    """Assigns places in groups and frees them, within one transaction; `close` writes what has changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: dict[str, int] = {}
        self._counts: dict[int, int] = {}
        self._truncated: dict[int, int] = {}
        self._changed: set[int] = set()
        self._holes: dict[int, set[int]] = {}
        for group_id, name, count, truncated in database.all(
            "SELECT group_id, name, articles, truncated FROM groups"
        ):
            self._ids[name] = group_id
            self._counts[group_id] = count
            self._truncated[group_id] = truncated

    def group(self, name: str) -> int:
        """Return the group of a section, creating it if necessary."""
        group_id = self._ids.get(name)
        if group_id is None:
            group_id = max(self._counts) + 1
            self._database.run("INSERT INTO groups (group_id, name) VALUES (?, ?)", (group_id, name))
            self._ids[name] = group_id
            self._counts[group_id] = self._truncated[group_id] = 0
        return group_id

    def take(self, group_id: int, truncated: int) -> int:
        """Return a free place in a group: one that was left, or else the next."""
        self._changed.add(group_id)
        self._truncated[group_id] += truncated
        if holes := self._holes.get(group_id):
            return holes.pop()
        self._counts[group_id] += 1
        return self._counts[group_id] - 1

    def leave(self, group_id: int, seq: int, truncated: int) -> None:
        """Free a place."""
        self._changed.add(group_id)
        self._truncated[group_id] -= truncated
        self._holes.setdefault(group_id, set()).add(seq)

    def hand_over(self, group_id: int, before: int, after: int) -> None:
        """Count a place that passes from one version to another in the same group."""
        if before != after:
            self._changed.add(group_id)
            self._truncated[group_id] += after - before

    def close(self) -> None:
        """Move the last versions of each group into its free places, and write the counts."""
        for group_id, holes in self._holes.items():
            self._fill(group_id, holes)
        self._holes.clear()
        self._database.run_many(
            "UPDATE groups SET articles = ?, truncated = ? WHERE group_id = ?",
            [(self._counts[group], self._truncated[group], group) for group in sorted(self._changed)],
        )
        self._changed.clear()

    def _fill(self, group_id: int, holes: set[int]) -> None:
        end = self._counts[group_id]
        keep = end - len(holes)
        last = (seq for seq in range(end - 1, keep - 1, -1) if seq not in holes)
        moves = [
            (to, group_id, seq) for to, seq in zip(sorted(h for h in holes if h < keep), last, strict=True)
        ]
        self._database.run_many("UPDATE articles SET seq = ? WHERE group_id = ? AND seq = ?", moves)
        self._counts[group_id] = keep


def refresh(database: Database, places: Places, stories: Iterable[int]) -> Changes:
    """Choose the representative and the place of each of `stories`, whose versions have changed, and merge its facts.

    Runs in the open transaction, before `places.close()`.
    """
    newly_listed: list[int] = []
    unlisted: list[int] = []
    touched: list[int] = []
    newly_completed: list[int] = []
    story_list = json.dumps(sorted(stories))
    rows = database.all(
        "SELECT fullest, (SELECT count(*) FROM articles v WHERE v.story = number),"
        " (SELECT max(truncated) FROM articles v WHERE v.story = number) FROM"
        " (SELECT j.value AS number, (SELECT key FROM articles v WHERE v.story = j.value"
        f" ORDER BY {FULLEST_FIRST} LIMIT 1) AS fullest FROM json_each(?) j) WHERE fullest IS NOT NULL",
        (story_list,),
    )
    representatives = _members(database, "a.key = j.value", json.dumps([key for key, _, _ in rows]))
    listed: dict[int, list[Member]] = {}
    for member in _members(database, "a.story = j.value AND a.seq IS NOT NULL", story_list):
        listed.setdefault(member.story, []).append(member)
    updates: list[tuple[int, int | None, int, int, int]] = []
    for representative, (_, count, truncated) in zip(representatives, rows, strict=True):
        before = sorted(listed.get(representative.story, ()), key=lambda version: version.fullness)
        group_id = _group_of(database, representative)
        seq = _place(places, representative, before, group_id)
        completed = int(not representative.truncated and truncated)
        new_row = (group_id, seq, count, completed)
        if (
            representative.group_id,
            representative.seq,
            representative.occurrences,
            representative.completed,
        ) != new_row:
            updates.append((*new_row, representative.key))
        others = [version for version in before if version.key != representative.key]
        updates += [(other.home, None, 1, 0, other.key) for other in others]
        unlisted.extend(other.key for other in others)
        if completed and not any(version.completed for version in before):
            newly_completed.append(representative.key)
        (newly_listed if representative.seq is None else touched).append(representative.key)
    database.run_many(
        "UPDATE articles SET group_id = ?, seq = ?, sightings = ?, completed = ? WHERE key = ?", updates
    )
    merged = merging.update(database, [version.key for version in representatives], unlisted)
    return Changes(newly_listed, unlisted, touched, merged=merged, completed=newly_completed)


def _members(database: Database, condition: str, values: str) -> list[Member]:
    """Return the versions `a` that meet a condition, for each value `j` in turn."""
    query = f"SELECT {_COLUMNS} FROM json_each(?) j CROSS JOIN articles a ON {condition} ORDER BY j.key"
    return [Member(*row) for row in database.all(query, (values,))]


def _group_of(database: Database, representative: Member) -> int:
    """Return the group of a story: its representative's, or if that has no section, that of the fullest that does."""
    if representative.home != UNSECTIONED_ID:
        return representative.home
    row = database.first_row(
        f"SELECT home FROM articles WHERE story = ? AND home NOT IN ({UNSECTIONED_ID}, {SPONSORED_ID})"
        f" ORDER BY {FULLEST_FIRST} LIMIT 1",
        (representative.story,),
    )
    return UNSECTIONED_ID if row is None else int(row[0])


def _place(places: Places, representative: Member, listed: Sequence[Member], group_id: int) -> int:
    """Return the place of a story in its group: one that a version has there, or else a new one. Free the rest."""
    holders = [version for version in listed if version.group_id == group_id]
    holder = (
        representative
        if representative in holders
        else min(holders, key=lambda version: version.key, default=None)
    )
    for version in listed:
        if version != holder and version.seq is not None:
            places.leave(version.group_id, version.seq, version.truncated)
    if holder is None or holder.seq is None:
        return places.take(group_id, representative.truncated)
    places.hand_over(group_id, holder.truncated, representative.truncated)
    return holder.seq
