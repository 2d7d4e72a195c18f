"""Stores the reader's marks, in step with the representative versions of stories.

A mark belongs to an identity; a story has the marks of all its versions' identities. `read_faces` and `starred_faces`
hold the keys of the representatives of stories that are read, or starred.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Final, Literal

from reader.library.database.connection import Database
from reader.library.database.records import identity_fingerprint
from reader.library.stories.placing import Changes

Flag = Literal["read", "starred"]

FLAG_TABLES: Final[dict[Flag, str]] = {"read": "read_faces", "starred": "starred_faces"}
"""The table of representatives for each flag."""
IDENTITY_BYTES: Final = 8


def update(database: Database, changes: Changes) -> None:
    """In the open transaction, update the marks of representatives from their stories' identities."""
    representatives = [*changes.listed, *changes.touched]
    if not representatives and not changes.unlisted:
        return
    database.run("UPDATE counters SET content = content + 1")
    if database.first_row("SELECT 1 FROM marks LIMIT 1") is None:
        return
    _unlist(database, changes.unlisted)
    _refresh(database, representatives)


def share(database: Database, old: bytes, new: bytes) -> None:
    """In the open transaction, copy the marks of identity `old` to `new`, before an `update`."""
    row = database.first_row("SELECT read, starred FROM marks WHERE identity = ?", (old,))
    if row is not None:
        database.run(
            "INSERT INTO marks VALUES (?, ?, ?) ON CONFLICT (identity) DO UPDATE SET"
            " read = max(read, excluded.read), starred = max(starred, excluded.starred)",
            (new, *row),
        )
    for one, other in (("?1, other", "one"), ("one, ?1", "other")):
        partner = "other" if other == "one" else "one"
        database.run(
            f"INSERT OR IGNORE INTO apart SELECT {one} FROM apart WHERE {other} = ?2 AND {partner} != ?1",
            (new, old),
        )


def story_identities(database: Database, story: int) -> list[bytes]:
    """Return the identities of a story's versions."""
    rows = database.all("SELECT DISTINCT identity FROM articles WHERE story = ? ORDER BY 1", (story,))
    return [identity for (identity,) in rows]


def split_identities(identities: bytes) -> list[bytes]:
    """Split a byte string of identities, as the log has them."""
    return [identities[i : i + IDENTITY_BYTES] for i in range(0, len(identities), IDENTITY_BYTES)]


def changing(database: Database, flag: Flag, story: int, on: bool) -> list[bytes]:
    """Return the identities of a story whose flag is not yet `on`."""
    rows = database.all(
        "SELECT DISTINCT identity FROM articles LEFT JOIN marks USING (identity)"
        f" WHERE story = ? AND coalesce({flag}, 0) <> ? ORDER BY 1",
        (story, on),
    )
    return [identity for (identity,) in rows]


def change(database: Database, flag: Flag, identities: Sequence[bytes], on: bool) -> None:
    """In the open transaction, set or clear a flag of identities and of the representatives of their stories."""
    database.run("CREATE TEMP TABLE given (identity BLOB PRIMARY KEY, clue INTEGER NOT NULL) WITHOUT ROWID")
    clues = [(identity, identity_fingerprint(identity)) for identity in identities]
    database.insert("given", "identity, clue", clues, ignore_existing=True)
    if on:
        database.run(
            f"INSERT INTO marks (identity, {flag}) SELECT identity, 1 FROM given WHERE true"
            f" ON CONFLICT (identity) DO UPDATE SET {flag} = 1"
        )
    else:
        ours = "identity IN (SELECT identity FROM given)"
        database.run(f"UPDATE marks SET {flag} = 0 WHERE {ours}")
        database.run(f"DELETE FROM marks WHERE {ours} AND NOT read AND NOT starred")
    # The representatives of the stories with these identities, and perhaps a few others.
    representatives = database.all(
        "SELECT DISTINCT f.key FROM given g CROSS JOIN clues c ON c.clue = g.clue"
        " CROSS JOIN articles a ON a.key = c.key"
        " CROSS JOIN articles f ON f.story = a.story AND f.seq IS NOT NULL"
    )
    database.run("DROP TABLE given")
    _refresh(database, [key for (key,) in representatives], [flag])


def mark_read(database: Database, keys: Iterable[int]) -> tuple[list[bytes], int]:
    """In the open transaction, mark the unread stories of these versions as read.

    Return the identities that were marked, and the number of the stories.
    """
    stories = database.all(
        "SELECT DISTINCT f.story FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
        " CROSS JOIN articles f ON f.story = a.story AND f.seq IS NOT NULL"
        " WHERE NOT EXISTS (SELECT 1 FROM read_faces r WHERE r.key = f.key)",
        (json.dumps(list(keys)),),
    )
    identities = database.all(
        "SELECT DISTINCT identity FROM json_each(?) j CROSS JOIN articles a ON a.story = j.value ORDER BY 1",
        (json.dumps([story for (story,) in stories]),),
    )
    marked = [identity for (identity,) in identities]
    change(database, "read", marked, True)
    return marked, len(stories)


def _unlist(database: Database, keys: Sequence[int], flags: Iterable[Flag] = FLAG_TABLES) -> None:
    for flag in flags:
        database.run(
            f"DELETE FROM {FLAG_TABLES[flag]} WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )


def _refresh(
    database: Database, representatives: Sequence[int], flags: Collection[Flag] = tuple(FLAG_TABLES)
) -> None:
    """Find out again whether the stories of these representatives are read or starred."""
    _unlist(database, representatives, flags)
    for flag in flags:
        database.run(
            f"INSERT INTO {FLAG_TABLES[flag]} SELECT j.value FROM json_each(?) j"
            " CROSS JOIN articles f ON f.key = j.value CROSS JOIN articles v ON v.story = f.story"
            f" CROSS JOIN marks m ON m.identity = v.identity AND m.{flag} GROUP BY j.value",
            (json.dumps(list(representatives)),),
        )
