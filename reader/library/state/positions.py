"""Stores where a reader stopped in each article, and finds articles by a line of their capture.

When a capture is parsed again, its articles get new keys, but its lines stay the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.stories.placing import representative_key

MOST_POSITIONS = 10_000
"""The most positions that are kept; the oldest is dropped."""


class StoredPosition(NamedTuple):
    """A reading position, and the article it is in."""

    key: int
    """A version of the article's story."""
    block: int
    """The block of the body, from 0; negative above the body."""
    offset: int
    """The offset of a character in the block."""


class SavedSearch(NamedTuple):
    """A search under a name."""

    name: str
    query: str


class LineRef(NamedTuple):
    """A line of a capture, which need not be kept."""

    capture: bytes
    """The digest of the capture's text, as `preparing.text_digest` makes it."""
    line: int
    """Number of the line, from 1."""


def newest(database: Database, most: int) -> Iterator[StoredPosition]:
    """Yield the last `most` positions, the newest first, without those in removed articles."""
    rows = database.all("SELECT identity, block, offset FROM places ORDER BY turn DESC LIMIT ?", (most,))
    for identity, block, offset in rows:
        if (key := representative_key(database, identity)) is not None:
            yield StoredPosition(key, block, offset)


def write(database: Database, positions: Iterable[StoredPosition]) -> None:
    """In the open transaction, store positions, the newest last; those in unknown articles are ignored."""
    for position in positions:
        database.run(
            "INSERT OR REPLACE INTO places (identity, block, offset)"
            " SELECT identity, ?, ? FROM articles WHERE key = ?",
            (position.block, position.offset, position.key),
        )
    database.run("DELETE FROM places WHERE turn <= (SELECT max(turn) FROM places) - ?", (MOST_POSITIONS,))


def move(database: Database, old: bytes, new: bytes, blocks: Sequence[int]) -> None:
    """In the open transaction, move the position in identity `old` to `new`.

    `blocks` maps each block of the old body to the same block in the new one.
    """
    row = database.first_row("SELECT block FROM places WHERE identity = ?", (old,))
    if row is not None:
        block = blocks[row[0]] if 0 <= row[0] < len(blocks) else row[0]
        values = (new, block, old)
        database.run("UPDATE OR REPLACE places SET identity = ?, block = ? WHERE identity = ?", values)
