"""Opens connections to library files. Each file is checked before SQLite may touch it."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections import Counter
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from reader.errors import LibraryError
from reader.library.database.errors import DamagedError, ForeignError, NewerError
from reader.library.database.foreign_log import has_log, is_plainly_foreign, log_of
from reader.library.database.schema import APPLICATION_ID, SCHEMA_VERSION
from reader.permissions import create_private_file

_MAGIC = b"SQLite format 3\0"
_Identity = tuple[int, int]

_lock = Lock()
_open: Counter[_Identity] = Counter()
"""This process's number of connections to each file, by device and inode."""


class Opened(NamedTuple):
    """A connection, and the file it belongs to."""

    path: Path
    connection: sqlite3.Connection
    file: list[_Identity]
    """Empty once it is closed."""
    read_only: bool
    """Is neither the file nor its folder writable?"""


def connect(path: Path, timeout: float) -> Opened:
    """Connect to the file, after checking its first bytes (see `check_marks`).

    The check is skipped while this process has another connection, which did it before. Under POSIX, closing the file
    descriptor of the check would release all locks of the process on the file. Another process could then believe to
    be the last one and delete the log in use.
    """
    with _lock:
        file = _identity(path)
        if file is None or not _open[file]:
            _check_header(path)
            if is_plainly_foreign(path):  # SQLite would write it into the file
                raise DamagedError(
                    f"{log_of(path)}: this is the log of another library, or of an older state of this one; "
                    "“protocol-reader check --mend” moves it aside"
                )
        read_only = file is not None and not may_be_written(path)
        if file is None:
            make_private(path)
        address = f"{path.absolute().as_uri()}?{_reading(path)}" if read_only else path
        # No isolation level: `Database` begins transactions itself.
        connection = sqlite3.connect(address, timeout=timeout, isolation_level=None, uri=read_only)
        file = _identity(path)
        if file is not None:
            _open[file] += 1
    return Opened(path, connection, [] if file is None else [file], read_only)


def close(opened: Opened, *, keep_log: bool = False) -> None:
    """Close a connection; closing twice is no error. The last one writes the log into the file, unless `keep_log`."""
    with _lock:
        other = None
        if keep_log and opened.file:
            with suppress(sqlite3.Error):
                # Let a read-only connection be the last to close.
                other = sqlite3.connect(f"{opened.path.absolute().as_uri()}?mode=ro", uri=True)
                other.execute("SELECT 1 FROM sqlite_schema").fetchone()
        opened.connection.close()
        if other is not None:
            other.close()
        while opened.file:
            _open[opened.file.pop()] -= 1


def _identity(path: Path) -> _Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def may_be_written(path: Path) -> bool:
    """May this process write the file or its folder?"""
    return os.access(path, os.W_OK) or os.access(path.parent, os.W_OK)


def make_private(path: Path) -> None:
    """Create an empty file that only its owner may read. SQLite gives the files beside it the same mode.

    If that fails, SQLite fails too and says why.
    """
    with suppress(OSError):
        os.close(create_private_file(path, may_exist=True))


def _reading(path: Path) -> str:
    """Return the URI options with which SQLite opens a read-only file in a read-only folder."""
    if not has_log(path):
        return "immutable=1"  # SQLite then takes no locks and makes no files
    if path.with_name(f"{path.name}-shm").exists():
        return "mode=ro"
    raise LibraryError(
        f"{path}: the latest changes are in {log_of(path).name} beside it, and reading them needs a writable "
        "folder; copy both files to a folder of your own and open that copy with --library"
    )


def _check_header(path: Path) -> None:
    """Refuse a file that is clearly not our library, without letting SQLite touch it."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise LibraryError(f"{path}: not a file; choose another with --library")
        with path.open("rb") as file:
            head = file.read(72)
    except FileNotFoundError:
        return
    except OSError as error:
        raise LibraryError(f"{path}: the library cannot be read ({error.strerror})") from error
    if not head:
        return
    if not head.startswith(_MAGIC) or len(head) < 72:
        raise ForeignError(
            f"{path}: not a library of Protocol Reader; move the file away or choose another with --library. "
            "If it used to be one, “protocol-reader check --mend” makes a new library from the intact parts"
        )
    check_marks(path, int.from_bytes(head[68:72], "big"), int.from_bytes(head[60:64], "big"))


def check_marks(path: Path, application: int, version: int, *, has_tables: bool = False) -> None:
    """Raise ForeignError or NewerError for a file of another program or of another version of this one."""
    if application not in (0, APPLICATION_ID) or (application == 0 and (version or has_tables)):
        raise ForeignError(
            f"{path}: this database belongs to another program; choose another file with --library"
        )
    if version > SCHEMA_VERSION:
        raise NewerError(
            f"{path}: a newer Protocol Reader made this library (library version {version}, this program reads up to "
            f"{SCHEMA_VERSION}); update the program. The file was not changed"
        )
    if 0 < version < SCHEMA_VERSION:
        raise ForeignError(
            f"{path}: a Protocol Reader from before the first release made this library (library version {version}, "
            f"this program reads {SCHEMA_VERSION}); “protocol-reader check --mend” makes a new library of what is in "
            "it, and keeps this file beside it"
        )
