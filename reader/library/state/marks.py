"""Stores the reader's marks and reading positions, and the log of the reader's actions, which undo and redo go through.

A mark belongs to an identity; a story has the marks of all its versions' identities. `read_articles` and
`starred_articles` hold the keys of the representatives of stories that are read, or starred. A position belongs to an
identity too: when a capture is parsed again, its articles get new keys.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple

from reader.library.database.connection import Database
from reader.library.stories.representatives import Changes, representative_key, representatives_of

Flag = Literal["read", "starred"]

FLAG_TABLES: Final[dict[Flag, str]] = {"read": "read_articles", "starred": "starred_articles"}
IDENTITY_BYTES: Final = 8
MOST_POSITIONS: Final = 10_000
"""The most positions that are kept; the oldest is dropped."""


class StoredPosition(NamedTuple):
    """A reading position, and the article it is in."""

    key: int
    """A version of the article's story."""
    block: int
    """The block of the body, from 0; negative above the body."""
    offset: int


def update(database: Database, changes: Changes) -> None:
    """In the open transaction, update the marks of representatives from their stories' identities."""
    keys = [*changes.listed, *changes.touched, *changes.unlisted]
    if keys:
        database.run("UPDATE counters SET content = content + 1")
        _refresh(database, keys)


def _refresh(database: Database, keys: Sequence[int]) -> None:
    """Update the marks of these versions; only representatives have any."""
    values = (json.dumps(keys),)
    for flag, table in FLAG_TABLES.items():
        database.run(f"DELETE FROM {table} WHERE key IN (SELECT value FROM json_each(?))", values)
        database.run(
            f"INSERT INTO {table} SELECT j.value FROM json_each(?) j"
            " CROSS JOIN articles f ON f.key = j.value AND f.listed CROSS JOIN articles v ON v.story = f.story"
            f" CROSS JOIN marks m ON m.identity = v.identity AND m.{flag} GROUP BY j.value",
            values,
        )


def share(database: Database, old: bytes, new: bytes) -> None:
    """In the open transaction, give identity `new` what the reader added to `old`, before an `update`."""
    database.run(
        "INSERT INTO marks SELECT ?1, read, starred FROM marks WHERE identity = ?2 ON CONFLICT (identity) DO UPDATE"
        " SET read = max(read, excluded.read), starred = max(starred, excluded.starred)",
        (new, old),
    )
    for table, values in (
        ("annotated", "?1, number"),
        ("tags", "?1, tag"),
        ("noted", "?1, story, title, source"),
    ):
        database.run(
            f"INSERT OR IGNORE INTO {table} SELECT {values} FROM {table} WHERE identity = ?2", (new, old)
        )
    for pair in ("?1, other", "other, ?1"):
        database.run(
            f"INSERT OR IGNORE INTO apart SELECT {pair} FROM apart WHERE one = ?2 AND other != ?1", (new, old)
        )


def story_identities(database: Database, key: int) -> list[bytes]:
    """Return the identities of the story of a version; none if it is not kept."""
    rows = database.all(
        "SELECT DISTINCT identity FROM articles WHERE story = (SELECT story FROM articles WHERE key = ?) ORDER BY 1",
        (key,),
    )
    return [identity for (identity,) in rows]


def split_identities(identities: bytes) -> list[bytes]:
    """Split a byte string of identities, as the log has them."""
    return [identities[i : i + IDENTITY_BYTES] for i in range(0, len(identities), IDENTITY_BYTES)]


def changing(database: Database, flag: Flag, stories: Sequence[int], on: bool) -> list[bytes]:
    """Return the identities of these stories whose flag is not yet `on`."""
    rows = database.all(
        "SELECT DISTINCT identity FROM json_each(?) j CROSS JOIN articles a ON a.story = j.value"
        f" LEFT JOIN marks USING (identity) WHERE coalesce({flag}, 0) <> ? ORDER BY 1",
        (json.dumps(stories), on),
    )
    return [identity for (identity,) in rows]


def change(database: Database, flag: Flag, identities: Sequence[bytes], on: bool) -> None:
    """In the open transaction, set or clear a flag of identities and of the representatives of their stories."""
    rows = [(identity,) for identity in identities]
    if on:
        database.run_many(
            f"INSERT INTO marks (identity, {flag}) VALUES (?, 1) ON CONFLICT (identity) DO UPDATE SET {flag} = 1",
            rows,
        )
    else:
        database.run_many(f"UPDATE marks SET {flag} = 0 WHERE identity = ?", rows)
        database.run_many("DELETE FROM marks WHERE identity = ? AND NOT read AND NOT starred", rows)
    _refresh(database, representatives_of(database, identities))


def unread_stories(database: Database, keys: Iterable[int]) -> list[int]:
    """Return the unread stories of these versions."""
    rows = database.all(
        "SELECT DISTINCT f.story FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
        " CROSS JOIN articles f ON f.story = a.story AND f.listed"
        " WHERE NOT EXISTS (SELECT 1 FROM read_articles r WHERE r.key = f.key)",
        (json.dumps(sorted(keys)),),
    )
    return [story for (story,) in rows]


def newest_positions(database: Database, most: int) -> Iterator[StoredPosition]:
    """Yield the last `most` positions, the newest first, without those in removed articles."""
    rows = database.all("SELECT identity, block, offset FROM places ORDER BY turn DESC LIMIT ?", (most,))
    for identity, block, offset in rows:
        if (key := representative_key(database, identity)) is not None:
            yield StoredPosition(key, block, offset)


def write_positions(database: Database, positions: Iterable[StoredPosition]) -> None:
    """In the open transaction, store positions, the newest last; those in unknown articles are ignored."""
    for position in positions:
        database.run(
            "INSERT OR REPLACE INTO places (identity, block, offset)"
            " SELECT identity, ?, ? FROM articles WHERE key = ?",
            (position.block, position.offset, position.key),
        )
    database.run("DELETE FROM places WHERE turn <= (SELECT max(turn) FROM places) - ?", (MOST_POSITIONS,))


def move_position(database: Database, old: bytes, new: bytes, blocks: Sequence[int]) -> None:
    """In the open transaction, move the position in identity `old` to `new`.

    `blocks` maps each block of the old body to the same block in the new one.
    """
    row = database.first_row("SELECT block FROM places WHERE identity = ?", (old,))
    if row is not None:
        block = blocks[row[0]] if 0 <= row[0] < len(blocks) else row[0]
        values = (new, block, old)
        database.run("UPDATE OR REPLACE places SET identity = ?, block = ? WHERE identity = ?", values)


# The log of all actions

MOST_ACTIONS = 1_000
"""The most actions that are kept; the oldest are dropped."""
_LONGEST_TITLE = 60

ActionKind = Literal[
    "read", "unread", "star", "unstar", "searches", "split", "correction", "annotation", "tags"
]


class Action(NamedTuple):
    """One entry of the log."""

    number: int
    kind: ActionKind
    words: str
    """A description for the reader, such as "starred “…”"."""
    change: bytes
    """The change, in a form that depends on the kind."""


def log_action(database: Database, kind: ActionKind, words: str, change: bytes) -> str:
    """In the open transaction, log an action and return its description.

    Actions that were undone before can no longer be redone.
    """
    database.run("DELETE FROM actions WHERE undone")
    database.run("INSERT INTO actions (kind, words, change) VALUES (?, ?, ?)", (kind, words, change))
    database.run("DELETE FROM actions WHERE number <= (SELECT max(number) FROM actions) - ?", (MOST_ACTIONS,))
    _count_change(database)
    database.known_actions.add(hash(latest_action(database, undone=False)))
    return words


def latest_action(database: Database, *, undone: bool) -> Action | None:
    """Return the action to undo next, or, if `undone`, the undone action to redo next."""
    order = "undone ORDER BY number" if undone else "NOT undone ORDER BY number DESC"
    row = database.first_row(f"SELECT number, kind, words, change FROM actions WHERE {order} LIMIT 1")
    return None if row is None else Action(*row)


def set_undone(database: Database, action: Action, undone: bool) -> None:
    """In the open transaction, log that an action was undone, or redone."""
    database.run("UPDATE actions SET undone = ? WHERE number = ?", (undone, action.number))
    _count_change(database)


def _count_change(database: Database) -> None:
    # Tells other connections that the reader's marks in their lists are out of date.
    database.run("UPDATE counters SET state = state + 1")


def short_title(title: str) -> str:
    """Cut a title to the length that the log quotes."""
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"
