"""Chooses the representative version of each story and its group, and counts the groups."""

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
    completed: int


class Groups:
    """Finds and adds groups, within one transaction; `count` counts those that have changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: dict[str, int] = dict(database.all("SELECT name, group_id FROM groups"))
        self.changed: set[int] = set()
        """The groups whose listed articles have changed."""

    def find(self, name: str) -> int:
        """Return the group of a section, creating it if necessary."""
        if name not in self._ids:
            self._ids[name] = max(self._ids.values()) + 1
            self._database.run("INSERT INTO groups (group_id, name) VALUES (?, ?)", (self._ids[name], name))
        return self._ids[name]

    def count(self) -> None:
        """Count the articles of the changed groups again."""
        self._database.run_many(
            "UPDATE groups SET (articles, truncated) = (SELECT count(*), coalesce(sum(truncated), 0) FROM articles a"
            " WHERE a.group_id = groups.group_id AND a.listed) WHERE group_id = ?",
            [(group_id,) for group_id in self.changed],
        )
        self.changed.clear()


def refresh(database: Database, groups: Groups, stories: Iterable[int], new: Collection[int]) -> Changes:
    """Choose the representative and the group of each of `stories`, whose versions have changed, and merge its facts.

    `new` are versions that have just begun a story and are listed already. Runs in the open transaction, before
    `groups.count()`.
    """
    story_list = json.dumps(sorted(stories))
    listed: dict[int, list[_Listed]] = {}
    for story, *row in database.all(
        "SELECT a.story, a.key, a.home, a.group_id, a.completed FROM json_each(?) j"
        " CROSS JOIN articles a ON a.story = j.value AND a.listed"
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
    updates: list[tuple[int, ...]] = []
    for story, key, truncated, any_truncated, group_id, *old_row, count in database.all(
        _REPRESENTATIVES, (story_list,)
    ):
        before = listed.get(story, [])
        groups.changed.update((group_id, *(version.group_id for version in before)))
        completed = int(not truncated and any_truncated)
        new_row = (group_id, 1, completed)
        if tuple(old_row) != new_row:
            updates.append((*new_row, key))
        for other in before:
            if other.key != key:
                updates.append((other.home, 0, 0, other.key))
                if other.key in now_listed:
                    del now_listed[other.key]
                else:
                    unlisted.append(other.key)
        if completed and not any(version.completed for version in before):
            newly_completed.append(key)
        if not old_row[1]:
            now_listed[key] = None
        elif key not in now_listed:
            touched.append(key)
        counts[key] = count
    database.run_many(
        "UPDATE articles SET group_id = ?, listed = ?, completed = ? WHERE key = ?",
        updates,
    )
    merged = merging.update(database, counts, unlisted)
    return Changes(list(now_listed), unlisted, touched, merged=merged, completed=newly_completed)


_FULLEST: Final = f"WHERE v.story = j.value {{}} ORDER BY {FULLEST_FIRST} LIMIT 1"
# A story is listed in the group of its representative, or if that has no section, of the fullest version that has one.
_REPRESENTATIVES: Final = f"""
    SELECT j.value, f.key, f.truncated, (SELECT max(truncated) FROM articles v WHERE v.story = j.value),
    CASE f.home WHEN {UNSECTIONED_ID} THEN coalesce((SELECT home FROM articles v
        {_FULLEST.format(f"AND v.home NOT IN ({UNSECTIONED_ID}, {SPONSORED_ID})")}), f.home) ELSE f.home END,
    f.group_id, f.listed, f.completed, (SELECT count(*) FROM articles v WHERE v.story = j.value)
    FROM json_each(?) j CROSS JOIN articles f ON f.key = (SELECT v.key FROM articles v {_FULLEST.format("")})
    ORDER BY j.key"""


def representative_key(database: Database, identity: bytes) -> int | None:
    """Return the key of the representative of the story with this identity, or None if no capture has it."""
    row = database.first_row(
        "SELECT f.key FROM fingerprints c CROSS JOIN articles a ON a.key = c.key AND a.identity = ?"
        " CROSS JOIN articles f ON f.story = a.story AND f.listed WHERE c.fingerprint = ? LIMIT 1",
        (identity, identity_fingerprint(identity)),
    )
    return None if row is None else int(row[0])
