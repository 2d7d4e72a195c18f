"""Versions that the reader has taken out of their stories, as pairs of identities that are apart."""

from __future__ import annotations

from collections.abc import Callable

from reader.library.changes import Changes
from reader.library.database.connection import Database
from reader.library.search import indexing
from reader.library.state import marks
from reader.library.stories import stories
from reader.library.stories.identities import face_of

_PAIR = 2 * marks.IDENTITY_BYTES


def change(database: Database, key: int, how: Callable[[Database, int], Changes]) -> bytes:
    """In the open transaction: split version `key` or put it back, as `how` does.

    Returns the pairs that are apart now and were not, or the other way round, sixteen bytes each.
    """
    before = _pairs(database, key)
    changes = how(database, key)
    changed = before ^ _pairs(database, key)
    _follow(database, changes)
    return b"".join(sorted(changed))


def set_apart(database: Database, pairs: bytes, apart: bool) -> None:
    """In the open transaction: have pairs of identities apart, or not, and make their stories anew."""
    join, part = "DELETE FROM apart WHERE one = ? AND other = ?", "INSERT OR IGNORE INTO apart VALUES (?, ?)"
    named: dict[bytes, bytes] = {}
    for start in range(0, len(pairs), marks.IDENTITY_BYTES):
        identity = pairs[start : start + marks.IDENTITY_BYTES]
        named.setdefault(identity, marks.present(database, identity))
    rows = []
    for start in range(0, len(pairs), _PAIR):
        one, other = (
            pairs[start : start + marks.IDENTITY_BYTES],
            pairs[start + marks.IDENTITY_BYTES : start + _PAIR],
        )
        rows.append((named[one], named[other]))
    database.run_many(part if apart else join, rows)
    faces = {face_of(database, identity) for identity in named.values()}
    _follow(database, stories.regroup(database, [key for key in faces if key is not None]))


def _pairs(database: Database, key: int) -> set[bytes]:
    rows = database.all(
        "SELECT one, other FROM articles JOIN apart ON identity IN (one, other) WHERE key = ?", (key,)
    )
    return {one + other for one, other in rows}


def _follow(database: Database, changes: Changes) -> None:
    indexing.update(database, changes)
    marks.settle(database, changes)
