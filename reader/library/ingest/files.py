"""Files that need not be read again: none of them has changed since all that is in it was kept."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable
from typing import NamedTuple

from reader.captures import Found
from reader.library.database.connection import Database
from reader.parsing import PARSER_VERSION

_FRESH = 2_000_000_000
"""Nanoseconds since its last change within which a file may change again and show the same time."""


class Stamp(NamedTuple):
    """A file at one moment."""

    path: bytes
    """Its absolute path."""
    stamp: bytes
    """Its size and its times of change: a file that changed has another."""
    size: int
    """In bytes."""
    file: tuple[int, int]
    """Its device and inode."""
    fresh: bool
    """True when it changed a moment ago, so that the stamp may come to stand for other content."""


class Known(NamedTuple):
    """What an unchanged file holds."""

    captures: int
    articles: int


def stamp_of(file: Found) -> Stamp | None:
    """The stamp of a file as it is now; None for what is no regular file, which reading it will name."""
    try:
        found = os.stat(file.path, follow_symlinks=file.explicit)  # noqa: PTH116 (as it is opened)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Stamp(
        os.fsencode(os.path.abspath(file.path)),  # noqa: PTH100 (as text, without looking at the disk)
        f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}".encode(),
        found.st_size,
        (found.st_dev, found.st_ino),
        time.time_ns() - found.st_mtime_ns < _FRESH,
    )


def look_up(database: Database, stamp: Stamp) -> Known | None:
    """What the library has of an unchanged file; None when it must be read."""
    row = database.one(
        "SELECT captures, articles FROM files WHERE path = ? AND stamp = ? AND parser = ?",
        (stamp.path, stamp.stamp, PARSER_VERSION),
    )
    return None if row is None else Known(*row)


def remember(database: Database, files: Iterable[tuple[Stamp, Known]]) -> None:
    """Note files all of whose captures are kept by now."""
    rows = [(s.path, s.stamp, PARSER_VERSION, *known) for s, known in files if not s.fresh]
    if rows:
        with database.writing():
            database.run_many("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", rows)


def forget(database: Database) -> None:
    """In the open transaction: read every file again, since some of what was kept no longer is."""
    database.run("DELETE FROM files")
