"""Which story an identity is of; apart from what else stories are found by, since the first screen needs no more."""

from __future__ import annotations

from reader.library.database.connection import Database


def identity_clue(identity: bytes) -> int:
    """The clue that versions with the same words share."""
    return int.from_bytes(identity[:6], "big")


def face_of(database: Database, identity: bytes) -> int | None:
    """The key of the face of a story with this identity; None when no capture has it."""
    row = database.one(
        "SELECT f.key FROM clues c CROSS JOIN articles a ON a.key = c.key AND a.identity = ?"
        " CROSS JOIN articles f ON f.story = a.story AND f.seq IS NOT NULL WHERE c.clue = ? LIMIT 1",
        (identity, identity_clue(identity)),
    )
    return None if row is None else int(row[0])
