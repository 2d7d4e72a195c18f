"""Chooses the representative version of each story and its place in a group, and counts the groups."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from reader.library.database.connection import Database
from reader.library.database.records import identity_fingerprint
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


class _Listed(NamedTuple):
    """A version that was listed before a change."""

    key: int
    home: int
    """The group of its own section."""
    group_id: int
    seq: int
    completed: int


class Places:
    """Assigns places in groups and frees them, within one transaction; `close` writes what has changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        rows = database.all("SELECT group_id, name, articles FROM groups")
        self._ids: dict[str, int] = {name: group_id for group_id, name, _ in rows}
        self._counts: dict[int, int] = {group_id: count for group_id, _, count in rows}
        self._holes: dict[int, set[int]] = {}
        """Free places, by the groups that have changed."""

    def group(self, name: str) -> int:
        """Return the group of a section, creating it if necessary."""
        group_id = self._ids.get(name)
        if group_id is None:
            group_id = max(self._counts) + 1
            self._database.run("INSERT INTO groups (group_id, name) VALUES (?, ?)", (group_id, name))
            self._ids[name] = group_id
            self._counts[group_id] = 0
        return group_id

    def change(self, group_id: int) -> set[int]:
        """Count the articles of a group again in the end. Return its free places."""
        return self._holes.setdefault(group_id, set())

    def take(self, group_id: int) -> int:
        """Return a free place in a group: one that was left, or else the next."""
        if holes := self.change(group_id):
            return holes.pop()
        self._counts[group_id] += 1
        return self._counts[group_id] - 1

    def leave(self, group_id: int, seq: int) -> None:
        """Free a place."""
        self.change(group_id).add(seq)

    def close(self) -> None:
        """Move the last versions of each changed group into its free places, and write the counts."""
        for group_id, holes in self._holes.items():
            end = self._counts[group_id]
            keep = self._counts[group_id] = end - len(holes)
            last = (seq for seq in range(end - 1, keep - 1, -1) if seq not in holes)
            self._database.run_many(
                "UPDATE articles SET seq = ? WHERE group_id = ? AND seq = ?",
                [
                    (to, group_id, seq)
                    for to, seq in zip(sorted(h for h in holes if h < keep), last, strict=True)
                ],
            )
            self._database.run(
                "UPDATE groups SET articles = ?1, truncated = (SELECT count(*) FROM articles a WHERE a.group_id = ?2"
                " AND a.seq IS NOT NULL AND a.truncated) WHERE group_id = ?2",
                (keep, group_id),
            )
        self._holes.clear()


def refresh(database: Database, places: Places, stories: Iterable[int], new: Collection[int]) -> Changes:
    """Choose the representative and the place of each of `stories`, whose versions have changed, and merge its facts.

    `new` are versions that have just begun a story and have a place already. Runs in the open transaction, before
    `places.close()`.
    """
    story_list = json.dumps(sorted(stories))
    listed: dict[int, list[_Listed]] = {}
    for story, *row in database.all(
        "SELECT a.story, a.key, a.home, a.group_id, a.seq, a.completed FROM json_each(?) j"
        " CROSS JOIN articles a ON a.story = j.value AND a.seq IS NOT NULL"
        " ORDER BY j.key, a.truncated, a.words DESC, a.key",
        (story_list,),
    ):
        listed.setdefault(story, []).append(_Listed(*row))
    now_listed = dict.fromkeys(new)
    unlisted: list[int] = []
    touched: list[int] = []
    newly_completed: list[int] = []
    counts: dict[int, int] = {}
    """How many versions the stories of representatives have."""
    updates: list[tuple[int, int | None, int, int, int]] = []
    for story, key, truncated, any_truncated, group_id, *old_row, count in database.all(
        _REPRESENTATIVES, (story_list,)
    ):
        before = listed.get(story, [])
        in_group = [version for version in before if version.group_id == group_id]
        # The story stays at the place of its representative, or else of its oldest listed version.
        holder = min(in_group, key=lambda version: (version.key != key, version.key), default=None)
        for version in before:
            if version is not holder:
                places.leave(version.group_id, version.seq)
        seq = places.take(group_id) if holder is None else holder.seq
        places.change(group_id)
        completed = int(not truncated and any_truncated)
        new_row = (group_id, seq, count, completed)
        if tuple(old_row) != new_row:
            updates.append((*new_row, key))
        for other in before:
            if other.key != key:
                updates.append((other.home, None, 1, 0, other.key))
                if other.key in now_listed:
                    del now_listed[other.key]
                else:
                    unlisted.append(other.key)
        if completed and not any(version.completed for version in before):
            newly_completed.append(key)
        if old_row[1] is None:
            now_listed[key] = None
        elif key not in now_listed:
            touched.append(key)
        counts[key] = count
    database.run_many(
        "UPDATE articles SET group_id = ?, seq = ?, version_count = ?, completed = ? WHERE key = ?", updates
    )
    merged = merging.update(database, counts, unlisted)
    return Changes(list(now_listed), unlisted, touched, merged=merged, completed=newly_completed)


_FULLEST: Final = f"WHERE v.story = j.value {{}} ORDER BY {FULLEST_FIRST} LIMIT 1"
# A story is listed in the group of its representative, or if that has no section, of the fullest version that has one.
_REPRESENTATIVES: Final = f"""
    SELECT j.value, f.key, f.truncated, (SELECT max(truncated) FROM articles v WHERE v.story = j.value),
    CASE f.home WHEN {UNSECTIONED_ID} THEN coalesce((SELECT home FROM articles v
        {_FULLEST.format(f"AND v.home NOT IN ({UNSECTIONED_ID}, {SPONSORED_ID})")}), f.home) ELSE f.home END,
    f.group_id, f.seq, f.version_count, f.completed, (SELECT count(*) FROM articles v WHERE v.story = j.value)
    FROM json_each(?) j CROSS JOIN articles f ON f.key = (SELECT v.key FROM articles v {_FULLEST.format("")})
    ORDER BY j.key"""


def representative_key(database: Database, identity: bytes) -> int | None:
    """Return the key of the representative of the story with this identity, or None if no capture has it."""
    row = database.first_row(
        "SELECT f.key FROM fingerprints c CROSS JOIN articles a ON a.key = c.key AND a.identity = ?"
        " CROSS JOIN articles f ON f.story = a.story AND f.seq IS NOT NULL WHERE c.fingerprint = ? LIMIT 1",
        (identity, identity_fingerprint(identity)),
    )
    return None if row is None else int(row[0])
