"""Stores where a reader stopped in each article, and finds articles by a line of their capture.

When a capture is parsed again, its articles get new keys, but its lines stay the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.database.records import decode_article
from reader.library.stories.fingerprints import representative_key

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


def share(database: Database, old: bytes, new: bytes, blocks: Sequence[int]) -> None:
    """In the open transaction, copy the position in identity `old` to `new`, as the newest.

    `blocks` maps each block of the old body to the same block in the new one.
    """
    row = database.first_row("SELECT block, offset FROM places WHERE identity = ?", (old,))
    if row is not None:
        block, offset = row
        known = blocks[block] if 0 <= block < len(blocks) else block
        values = (new, known, offset)
        database.run("INSERT OR REPLACE INTO places (identity, block, offset) VALUES (?, ?, ?)", values)


def line_of(database: Database, key: int) -> LineRef | None:
    """Return the line where an article begins, or None if the article is gone or unreadable."""
    row = database.first_row(
        "SELECT c.digest, r.record FROM articles a JOIN records r USING (key)"
        " JOIN captures c USING (capture_key) WHERE a.key = ?",
        (key,),
    )
    with suppress(ValueError, TypeError):
        if row is not None:
            return LineRef(row[0], decode_article(row[1]).first_line)
    return None


def article_at(database: Database, line: LineRef) -> int | None:
    """Return the article that contains a line, or else the nearest; None if the capture has none or is not kept."""
    row = database.first_row("SELECT first_article, articles FROM captures WHERE digest = ?", (line.capture,))
    if row is None:
        return None
    first, count = row
    best: tuple[int, int, int] | None = None
    for key, record in database.all(
        "SELECT key, record FROM records WHERE key >= ? AND key < ?", (first, first + count)
    ):
        with suppress(ValueError, TypeError):
            article = decode_article(record)
            away = max(article.first_line - line.line, line.line - article.last_line, 0)
            # If two articles contain the line, take the inner one: a message in a newsletter.
            size = article.last_line - article.first_line
            if best is None or (away, size) < best[:2]:
                best = away, size, key
    return None if best is None else best[2]


def capture_digest(database: Database, capture_key: int) -> bytes | None:
    """Return the digest of a capture's text, or None if the capture is gone."""
    row = database.first_row("SELECT digest FROM captures WHERE capture_key = ?", (capture_key,))
    return None if row is None else bytes(row[0])
