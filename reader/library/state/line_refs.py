"""Articles by a line of their capture's text: what stays when a capture is read anew and its keys are others."""

from __future__ import annotations

from contextlib import suppress

from reader.library.database.connection import Database
from reader.library.database.errors import library_errors
from reader.library.database.records import decode_article
from reader.library.state.state_records import Spot


@library_errors
def spot_of(database: Database, key: int) -> Spot | None:
    """Where article `key` begins; None when there is none any more, or it cannot be read."""
    row = database.one(
        "SELECT c.digest, r.record FROM articles a JOIN records r USING (key)"
        " JOIN captures c USING (capture_key) WHERE a.key = ?",
        (key,),
    )
    with suppress(ValueError, TypeError):
        if row is not None:
            return Spot(row[0], decode_article(row[1]).first_line)
    return None


@library_errors
def key_at(database: Database, spot: Spot) -> int | None:
    """The article that has the line, else the one nearest to it; None when the capture has none, or is not kept."""
    row = database.one("SELECT first_article, articles FROM captures WHERE digest = ?", (spot.capture,))
    if row is None:
        return None
    first, count = row
    best: tuple[int, int, int] | None = None
    for key, record in database.all(
        "SELECT key, record FROM records WHERE key >= ? AND key < ?", (first, first + count)
    ):
        with suppress(ValueError, TypeError):
            article = decode_article(record)
            away = max(article.first_line - spot.line, spot.line - article.last_line, 0)
            # Of two around the line, the one inside the other: a message in a newsletter.
            size = article.last_line - article.first_line
            if best is None or (away, size) < best[:2]:
                best = away, size, key
    return None if best is None else best[2]


@library_errors
def kept_at(database: Database, capture: bytes) -> tuple[int, str] | None:
    """The key and the source of the capture with this text; None while none is kept."""
    row = database.one("SELECT capture_key, source FROM captures WHERE digest = ?", (capture,))
    return None if row is None else (row[0], row[1])


@library_errors
def capture_of(database: Database, capture_key: int) -> bytes | None:
    """The digest of a capture's text; None when it is not kept any more."""
    row = database.one("SELECT digest FROM captures WHERE capture_key = ?", (capture_key,))
    return None if row is None else bytes(row[0])
