"""Remembers the files of captures: which must be read again, their problems, and where in archives the pictures are."""

import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from reader.captures import NOT_A_CAPTURE, STANDARD_INPUT, InputFile, PictureRecord, find_files
from reader.library.database.connection import Database, Row
from reader.library.database.schema import column
from reader.model import Problem
from reader.parsing import PARSER_VERSION
from reader.sanitize import label_of

_FRESH: Final = 2_000_000_000
"""A file that changed within this many nanoseconds may change again without a new timestamp."""
_GROUP_BYTES: Final = 1_000_000
"""The most bytes in a group of files, unless a single file is larger."""
_GROUP_FILES: Final = 64
_GROUP_UNCHANGED: Final = 2_000
"""The most unchanged files and problems in a group."""


class FileStamp(NamedTuple):
    """A file at one moment."""

    path: bytes
    """Its absolute path."""
    stamp: bytes
    """Its size and change times, which differ once the file changes."""
    size: int
    """In bytes."""
    file: tuple[int, int]
    """Its device and inode."""
    fresh: bool
    """True if it changed a moment ago, so that other content may get the same stamp."""


def stamp_of(file: InputFile) -> FileStamp | None:
    """Return the current stamp of a file; None for standard input, and for what is no regular file."""
    if file.path == STANDARD_INPUT:  # There may be a file of this name.
        return None
    try:
        status = os.stat(file.path, follow_symlinks=file.explicit)  # noqa: PTH116 (as it is opened)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    columns = file.columns if any(file.columns) else ()  # with other columns, it has other pages
    return FileStamp(
        os.fsencode(os.path.abspath(file.path)),  # noqa: PTH100 (as text, without looking at the disk)
        " ".join(map(str, (status.st_size, status.st_mtime_ns, status.st_ctime_ns, *columns))).encode(),
        status.st_size,
        (status.st_dev, status.st_ino),
        time.time_ns() - status.st_mtime_ns < _FRESH,
    )


def remember_files(database: Database, files: Iterable[tuple[FileStamp, int, int]]) -> None:
    """In the open transaction, store the stamps of wholly kept files, with their numbers of captures and articles."""
    rows = [(stamp.path, stamp.stamp, PARSER_VERSION, *counts) for stamp, *counts in files if not stamp.fresh]
    database.run_many("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", rows)


class FileGroup(NamedTuple):
    """Consecutive files that are read together, with unchanged files and problems found among them."""

    files: list[InputFile]
    stamps: list[FileStamp | None]
    problems: list[Problem]
    unchanged: list[Row]
    """The numbers of captures and articles of each unchanged file."""

    @property
    def size(self) -> int:
        """The size of the files to read, in bytes."""
        return sum(stamp.size for stamp in self.stamps if stamp)


def file_groups(database: Database, paths: Iterable[str]) -> Iterator[FileGroup]:
    """Yield the files at `paths` in groups, in order."""
    group, size = FileGroup([], [], [], []), 0
    names = (f"{database.path}{suffix}" for suffix in ("", "-wal", "-shm"))
    own = {stamp.file for name in names if (stamp := stamp_of(InputFile(name, explicit=True)))}
    for file in find_files(paths):
        if isinstance(file, Problem):
            group.problems.append(file)
        elif (stamp := stamp_of(file)) and stamp.file in own:
            # Opening and closing it would release the locks that this process has on it.
            group.problems.append(Problem(label_of(file.path), NOT_A_CAPTURE, "the library itself"))
        elif stamp and (
            known := database.first_row(
                "SELECT captures, articles FROM files WHERE path = ? AND stamp = ? AND parser = ?",
                (stamp.path, stamp.stamp, PARSER_VERSION),
            )
        ):
            group.unchanged.append(known)
        else:
            group.files.append(file)
            group.stamps.append(stamp)
            size += stamp.size if stamp else 0
        if (
            len(group.files) >= _GROUP_FILES
            or size >= _GROUP_BYTES
            or len(group.unchanged) + len(group.problems) >= _GROUP_UNCHANGED
        ):
            yield group
            group, size = FileGroup([], [], [], []), 0
    if any(group):
        yield group


def note_pictures(database: Database, records: Sequence[PictureRecord]) -> None:
    """In the open transaction, store the offsets of pictures. Of an address in an archive, the last record counts."""
    sources = dict.fromkeys(record.source for record in records)
    database.run_many("INSERT OR IGNORE INTO archives (source) VALUES (?)", [(source,) for source in sources])
    database.run_many(
        "INSERT OR REPLACE INTO pictures SELECT ?, archive, ?, ?, ? FROM archives WHERE source = ?",
        [(record.key, *record.offset, record.source) for record in records],
    )


def picture_offsets(
    database: Database, source: str, file: str, keys: Sequence[bytes]
) -> dict[bytes, list[Row]]:
    """Return the `FileOffset`s where the pictures of a capture may be, by `address_key`.

    `source` is the capture's, and `file` the part of it that names the file on disk. Pictures may also be in another
    WARC inside the same file.
    """
    own = source.rpartition(":")[0]
    query = (
        "SELECT start, packed, skipped FROM pictures JOIN archives USING (archive) WHERE address = ?1"
        " AND (source = ?2 OR substr(source, 1, length(?3)) = ?3) ORDER BY source <> ?2, archive"
    )
    rows = {key: database.all(query, (key, own, f"{file}/")) for key in keys}
    return {key: places for key, places in rows.items() if places}


def forget_unused_pictures(database: Database) -> None:
    """In the open transaction, delete the picture offsets of archives without kept captures."""
    database.run(
        "DELETE FROM archives AS a WHERE NOT EXISTS (SELECT 1 FROM captures c"
        " WHERE c.source > a.source || ':' AND c.source < a.source || ';')"
    )
    database.run("DELETE FROM pictures WHERE archive NOT IN (SELECT archive FROM archives)")


# Problems


def keys_of_problems(database: Database, sources: Iterable[str]) -> list[int]:
    """Return the keys of the problems of files or folders, and of what is in them."""
    # "0" comes after "/", and ";" after ":".
    query = (
        "SELECT key FROM problems WHERE source = ?1 OR source > ?1 || '/' AND source < ?1 || '0'"
        " OR source > ?1 || ':' AND source < ?1 || ';'"
    )
    return [key for source in sources for (key,) in database.all(query, (column(source),))]


def note_problems(database: Database, problems: Iterable[Problem]) -> None:
    """In the open transaction, store problems."""
    database.run_many(
        "INSERT OR IGNORE INTO problems (source, kind, reason, partial) VALUES (?, ?, ?, ?)",
        [(column(source), kind, column(reason), partial) for source, kind, reason, partial in problems],
    )


def forget_problems(database: Database, keys: Iterable[int]) -> None:
    """In the open transaction, forget problems by their keys."""
    database.run_many("DELETE FROM problems WHERE key = ?", [(key,) for key in keys])


def forget_problems_of_gone_files(database: Database) -> None:
    """Forget the problems of files that no longer exist."""
    rows = database.all("SELECT key, source FROM problems")
    gone = [key for key, source in rows if is_gone(source)]
    if gone:
        with database.writing():
            forget_problems(database, gone)


def is_gone(source: str) -> bool:
    """Are both gone: the file at this absolute path, and any archive that could hold it?"""
    return source.startswith("/") and not os.path.lexists(source) and file_of(source) is None


def file_of(source: str) -> tuple[str, str] | None:
    """Split a source into the file that holds the capture, and the rest; None if the file is gone.

    The rest is a member ("2022/page.html"), a record (":12"), or nothing. Of several files that the source can mean,
    it is the one with the longest path.
    """
    path, _, record = source.rpartition(":")
    possible = [(source, "")]
    if record.isdecimal():
        possible.append((path, f":{record}"))
    at = len(source)
    while (at := source.rfind("/", 0, at)) > 0:
        possible.append((source[:at], source[at + 1 :]))
    for file in possible:
        with suppress(ValueError):  # a path with a NUL
            if os.path.isfile(file[0]):  # noqa: PTH113 (Path does not keep a path's spelling)
                return file
    return None
