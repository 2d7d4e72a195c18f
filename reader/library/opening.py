"""Connections of this process to library files: a file is looked at before SQLite may touch it, but once."""

from __future__ import annotations

import sqlite3
import stat
from collections import Counter
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from reader.errors import LibraryError
from reader.library.schema import APPLICATION_ID

_MAGIC = b"SQLite format 3\0"
_Identity = tuple[int, int]

_lock = Lock()
_open: Counter[_Identity] = Counter()
"""How many connections this process has to a file, by device and inode."""


class Opened(NamedTuple):
    """A connection, and which file it is to."""

    connection: sqlite3.Connection
    file: list[_Identity]
    """Empty once it is closed."""


def connect(path: Path, timeout: float, newest: int) -> Opened:
    """A connection to the file, which is refused by what its first bytes say: see `check_marks`.

    They are not read while another connection of this process is open, which has had them read. Closing the
    descriptor that it takes would release all locks that the process has on the file (that is how POSIX has it), and
    another process would take itself for the last one and delete the log that is being written.
    """
    with _lock:
        file = _identity(path)
        if file is None or not _open[file]:
            _check_header(path, newest)
        # No isolation level: transactions begin where the Database says so.
        connection = sqlite3.connect(path, timeout=timeout, isolation_level=None)
        file = _identity(path)
        if file is not None:
            _open[file] += 1
    return Opened(connection, [] if file is None else [file])


def close(opened: Opened) -> None:
    """Close a connection; again is no error."""
    with _lock:
        opened.connection.close()
        while opened.file:
            _open[opened.file.pop()] -= 1


def _identity(path: Path) -> _Identity | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _check_header(path: Path, newest: int) -> None:
    """Refuse what is plainly no library of ours, without letting SQLite touch it."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise LibraryError(f"{path}: not a file; name another with --library")
        with path.open("rb") as file:
            head = file.read(72)
    except FileNotFoundError:
        return
    except OSError as error:
        raise LibraryError(f"{path}: the library cannot be read ({error.strerror})") from error
    if not head:
        return
    if not head.startswith(_MAGIC) or len(head) < 72:
        raise LibraryError(
            f"{path}: not a library of Protocol Reader; move the file aside or name another with --library"
        )
    check_marks(path, int.from_bytes(head[68:72], "big"), int.from_bytes(head[60:64], "big"), newest)


def check_marks(path: Path, application: int, version: int, newest: int) -> None:
    """Refuse the file of another program or of a newer version of this one, whose `newest` is that of the schema."""
    if application not in (0, APPLICATION_ID) or (application == 0 and version):
        raise LibraryError(f"{path}: a database of another program; name another file with --library")
    if version > newest:
        raise LibraryError(
            f"{path}: made by a newer Protocol Reader (library version {version}, this program reads up to "
            f"{newest}); update the program. The file was not changed"
        )
