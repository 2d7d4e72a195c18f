"""Stores the reader's marks, in step with the representative versions of stories.

A mark belongs to an identity; a story has the marks of all its versions' identities. `read_faces` and `starred_faces`
hold the keys of the representatives of stories that are read, or starred. Many identities are passed as one byte
string, eight bytes each, in order: SQLite can split and join that without the interpreter, which stays free for the
screen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from reader.library.database.connection import Database
from reader.library.stories.fingerprints import identity_fingerprint
from reader.library.stories.placing import Changes

Flag = Literal["read", "starred"]

FLAG_TABLES: Final[dict[Flag, str]] = {"read": "read_faces", "starred": "starred_faces"}
"""The table of representatives for each flag."""
IDENTITY_BYTES: Final = 8
_FEW = 2_000
"""Up to this many identities are looked up one by one; beyond that, a scan of all articles is faster."""
_GIVEN = (
    f"WITH RECURSIVE at(i) AS (SELECT 1 WHERE ? > 0 UNION ALL SELECT i + {IDENTITY_BYTES} FROM at"
    f" WHERE i + {IDENTITY_BYTES} <= ?), given(identity) AS (SELECT substr(?, i, {IDENTITY_BYTES}) FROM at)"
)


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


def rename(database: Database, old: bytes, new: bytes) -> None:
    """In the open transaction, transfer everything that belongs to identity `old` to `new`, before an `update`.

    Needed when a newer parser finds different words in the same lines. Earlier actions can no longer be undone then,
    since the log names the old identities.
    """
    share(database, old, new)
    database.run("DELETE FROM marks WHERE identity = ?", (old,))
    database.run("DELETE FROM apart WHERE one = ?1 OR other = ?1", (old,))
    database.run("UPDATE OR REPLACE places SET identity = ? WHERE identity = ?", (new, old))
    database.run("DELETE FROM actions")


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


def story_identities(database: Database, story: int) -> bytes:
    """Return the identities of a story's versions."""
    return _packed(database, "SELECT identity FROM articles WHERE story = ?", (story,))


def split_identities(identities: bytes) -> list[bytes]:
    """Split a byte string of identities."""
    return [identities[i : i + IDENTITY_BYTES] for i in range(0, len(identities), IDENTITY_BYTES)]


def changing(database: Database, flag: Flag, identities: bytes, on: bool) -> bytes:
    """Return the identities whose flag is not yet `on`."""
    marked = f"EXISTS (SELECT 1 FROM marks m WHERE m.identity = given.identity AND m.{flag})"
    query = f"SELECT identity FROM given WHERE {'NOT ' if on else ''}{marked}"
    return _packed(database, query, _given(identities), head=_GIVEN)


def change(database: Database, flag: Flag, identities: bytes, on: bool) -> None:
    """In the open transaction, set or clear a flag of identities and of the representatives of their stories."""
    _mark(database, flag, identities, on)
    if len(identities) <= _FEW * IDENTITY_BYTES:
        _refresh(database, _representatives(database, split_identities(identities)))
        return
    if not on:
        database.run(f"DELETE FROM {FLAG_TABLES[flag]}")
    _add_marked(database, flag)


def mark_representatives_read(
    database: Database, sources: Iterable[tuple[str, Sequence[object]]]
) -> tuple[bytes, int]:
    """In the open transaction, mark the stories of unread representatives as read.

    A source is a FROM clause (without FROM) with its conditions, where `a` are representatives. Return the identities
    that were marked, and the number of their stories.
    """
    database.run("CREATE TEMP TABLE IF NOT EXISTS chosen (key INTEGER PRIMARY KEY)")
    database.run("DELETE FROM chosen")
    for source, values in sources:
        database.run(
            f"INSERT OR IGNORE INTO chosen SELECT a.key FROM {source}"
            " AND NOT EXISTS (SELECT 1 FROM read_faces r WHERE r.key = a.key)",
            values,
        )
    identities = _packed(
        database,
        "SELECT identity FROM chosen JOIN articles USING (key) UNION ALL"
        " SELECT v.identity FROM chosen CROSS JOIN articles a ON a.key = chosen.key AND a.sightings > 1"
        " CROSS JOIN articles v ON v.story = a.story AND v.seq IS NULL",
    )
    count = database.number("SELECT count(*) FROM chosen")
    database.run("INSERT OR IGNORE INTO read_faces SELECT key FROM chosen")
    database.run("DROP TABLE chosen")
    change(database, "read", identities, True)
    return identities, count


def _packed(database: Database, query: str, values: Sequence[object] = (), *, head: str = "") -> bytes:
    """Return the column `identity` of a query as one byte string, in order, without duplicates."""
    row = database.first_row(
        f"{head} SELECT group_concat(hex(identity), '') FROM"
        f" (SELECT identity FROM ({query}) GROUP BY identity ORDER BY identity)",
        values,
    )
    return bytes.fromhex(row[0]) if row is not None and row[0] else b""


def _given(identities: bytes) -> tuple[int, int, bytes]:
    return len(identities), len(identities), identities


def _mark(database: Database, flag: Flag, identities: bytes, on: bool) -> None:
    """Set or clear a flag. Identities without flags have no row."""
    given, other = _given(identities), "starred" if flag == "read" else "read"
    if on:
        database.run(
            f"{_GIVEN} INSERT INTO marks (identity, {flag}) SELECT identity, 1 FROM given WHERE true"
            f" ON CONFLICT (identity) DO UPDATE SET {flag} = 1",
            given,
        )
        return
    ours = "identity IN (SELECT identity FROM given)"
    database.run(f"{_GIVEN} DELETE FROM marks WHERE {ours} AND NOT {other}", given)
    if database.first_row(f"SELECT 1 FROM marks WHERE {other} LIMIT 1") is not None:
        database.run(f"{_GIVEN} UPDATE marks SET {flag} = 0 WHERE {ours}", given)


def _representatives(database: Database, identities: Iterable[bytes]) -> list[int]:
    """Return the representatives of the stories with these identities, and perhaps a few others."""
    rows = database.all(
        "SELECT DISTINCT f.key FROM json_each(?) j CROSS JOIN clues c ON c.clue = j.value"
        " CROSS JOIN articles a ON a.key = c.key"
        " CROSS JOIN articles f ON f.story = a.story AND f.seq IS NOT NULL",
        (json.dumps([identity_fingerprint(identity) for identity in identities]),),
    )
    return [key for (key,) in rows]


def _unlist(database: Database, keys: Sequence[int]) -> None:
    if keys:
        listed = json.dumps(list(keys))
        for table in FLAG_TABLES.values():
            database.run(f"DELETE FROM {table} WHERE key IN (SELECT value FROM json_each(?))", (listed,))


def _refresh(database: Database, representatives: Sequence[int]) -> None:
    """Find out again whether the stories of these representatives are read or starred."""
    if not representatives:
        return
    _unlist(database, representatives)
    rows = database.all(
        "SELECT j.value, max(m.read), max(m.starred) FROM json_each(?) j"
        " CROSS JOIN articles f ON f.key = j.value CROSS JOIN articles v ON v.story = f.story"
        " CROSS JOIN marks m ON m.identity = v.identity GROUP BY j.value",
        (json.dumps(list(representatives)),),
    )
    database.run_many("INSERT INTO read_faces VALUES (?)", [(key,) for key, read, _ in rows if read])
    database.run_many("INSERT INTO starred_faces VALUES (?)", [(key,) for key, _, starred in rows if starred])


def _add_marked(database: Database, flag: Flag) -> None:
    """Scan all articles, and add the representatives of stories with a flag to its table."""
    table = FLAG_TABLES[flag]
    marked = f"EXISTS (SELECT 1 FROM marks m WHERE m.identity = v.identity AND m.{flag})"
    database.run(
        f"INSERT INTO {table} SELECT v.key FROM articles v WHERE v.seq IS NOT NULL"
        f" AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.key = v.key) AND {marked}"
    )
    database.run(
        f"INSERT OR IGNORE INTO {table} SELECT f.key FROM articles v"
        f" CROSS JOIN articles f ON f.story = v.story AND f.seq IS NOT NULL WHERE v.seq IS NULL AND {marked}"
    )
