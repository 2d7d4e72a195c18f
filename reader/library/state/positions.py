"""Where the reader stopped: a place for each article, the newest last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reader.library.database.connection import Database
from reader.library.state.state_records import ReadingPlace
from reader.library.stories.identities import face_of

MOST_PLACES = 10_000
"""How many places are kept; the oldest goes."""


def newest(database: Database, most: int) -> Iterator[ReadingPlace]:
    """The places of articles that are kept, the newest first; one for each of the last `most`."""
    rows = database.all("SELECT identity, block, offset FROM places ORDER BY turn DESC LIMIT ?", (most,))
    for identity, block, offset in rows:
        if (key := face_of(database, identity)) is not None:
            yield ReadingPlace(key, block, offset)


def last(database: Database) -> ReadingPlace | None:
    """Where the reader was last, in any article that is kept."""
    return next(newest(database, 20), None)


def of_story(database: Database, key: int) -> ReadingPlace | None:
    """The newest place in any version of the story that the version `key` is of."""
    row = database.one(
        "SELECT p.block, p.offset FROM articles a CROSS JOIN articles v ON v.story = a.story"
        " CROSS JOIN places p ON p.identity = v.identity WHERE a.key = ? ORDER BY p.turn DESC LIMIT 1",
        (key,),
    )
    return None if row is None else ReadingPlace(key, *row)


def write(database: Database, places: Iterable[ReadingPlace]) -> None:
    """In the open transaction: keep places, the last of them as the newest; those of unknown keys are left out."""
    for place in places:
        database.run(
            "INSERT OR REPLACE INTO places (identity, block, offset)"
            " SELECT identity, ?, ? FROM articles WHERE key = ?",
            (place.block, place.offset, place.key),
        )
    database.run("DELETE FROM places WHERE turn <= (SELECT max(turn) FROM places) - ?", (MOST_PLACES,))


def share(database: Database, old: bytes, new: bytes, blocks: Sequence[int]) -> None:
    """In the open transaction: give the place in identity `old` to `new` as well, as the newest.

    `blocks` says for each block of the old body which of the new one it is.
    """
    row = database.one("SELECT block, offset FROM places WHERE identity = ?", (old,))
    if row is not None:
        block, offset = row
        known = blocks[block] if 0 <= block < len(blocks) else block
        values = (new, known, offset)
        database.run("INSERT OR REPLACE INTO places (identity, block, offset) VALUES (?, ?, ?)", values)
