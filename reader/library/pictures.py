"""Where the pictures of archived pages are: records of WARC files that were noted when their captures were read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # The first screen opens a library without what reads captures.
    from reader.captures import PictureRecord
    from reader.library.database.connection import Database


def note(database: Database, records: Iterable[PictureRecord]) -> None:
    """Keep where pictures are, in one transaction; of records with one address in an archive, the last."""
    by_archive: dict[str, list[PictureRecord]] = defaultdict(list)
    for record in records:
        by_archive[record.source].append(record)
    if not by_archive:
        return
    with database.writing():
        for source, noted in by_archive.items():
            database.run("INSERT OR IGNORE INTO archives (source) VALUES (?)", (source,))
            archive = database.number("SELECT archive FROM archives WHERE source = ?", (source,))
            database.run_many(
                "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?)",
                [(record.key, archive, *record.offset) for record in noted],
            )


def offsets(
    database: Database, source: str, file: str, keys: Sequence[bytes]
) -> dict[bytes, list[tuple[int, int, int]]]:
    """Where the pictures of a capture may be, by the `address_key`s of their addresses: `FileOffset`s.

    `source` is the capture's, and `file` the part of it that names the file on the disk: another WARC in the same
    file may have what its own has not.
    """
    own = source.rpartition(":")[0]
    query = (
        "SELECT start, packed, skipped FROM pictures JOIN archives USING (archive) WHERE address = ?1"
        " AND (source = ?2 OR substr(source, 1, length(?3)) = ?3) ORDER BY source <> ?2, archive"
    )
    found = {key: database.all(query, (key, own, f"{file}/")) for key in keys}
    return {
        key: [(start, packed, skipped) for start, packed, skipped in rows]
        for key, rows in found.items()
        if rows
    }


def forget_unused(database: Database) -> None:
    """In the open transaction: forget the pictures of archives of which no capture is kept."""
    unused = {source: archive for archive, source in database.all("SELECT archive, source FROM archives")}
    if not unused:
        return
    for rows in database.chunks("SELECT source FROM captures"):
        for (source,) in rows:
            unused.pop(source.rpartition(":")[0], None)
    for archive in unused.values():
        database.run("DELETE FROM pictures WHERE archive = ?", (archive,))
        database.run("DELETE FROM archives WHERE archive = ?", (archive,))
