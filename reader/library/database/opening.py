"""Opens connections to library files: a file is checked once before SQLite may touch it."""

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
"""How many connections this process has to a file, by device and inode."""


class Opened(NamedTuple):
    """A connection, and which file it is to."""

    path: Path
    connection: sqlite3.Connection
    file: list[_Identity]
    """Empty once it is closed."""
    read_only: bool
    """Is neither the file nor its folder writable?"""


def connect(path: Path, timeout: float) -> Opened:
    """A connection to the file, which is refused by what its first bytes say: see `check_marks`.

    They are not read while another connection of this process is open, which has had them read. Closing the
    descriptor that it takes would release all locks that the process has on the file (that is how POSIX has it), and
    another process would take itself for the last one and delete the log that is being written.
    """
    with _lock:
        file = _identity(path)
        if file is None or not _open[file]:
            _check_header(path)
            if is_plainly_foreign(path):  # SQLite would write it into the file
                raise DamagedError(
                    f"{log_of(path)}: a log of another library, or of an older state of this one; "
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
    """Close a connection; again is no error. The last one would write the log into the file: not if `keep_log`."""
    with _lock:
        other = None
        if keep_log and opened.file:
            with suppress(sqlite3.Error):
                # The last one to close now is one that may not write.
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
    """Make an empty file that its owner alone may read; SQLite gives what it makes beside it the same mode.

    Where that fails, SQLite fails too, and says why.
    """
    with suppress(OSError):
        os.close(create_private_file(path, may_exist=True))


def _reading(path: Path) -> str:
    """How SQLite opens a file that cannot be written, in a folder that cannot be written."""
    if not has_log(path):
        return "immutable=1"  # it asks for no locks and makes no files
    if path.with_name(f"{path.name}-shm").exists():
        return "mode=ro"
    raise LibraryError(
        f"{path}: the latest changes are in {log_of(path).name} beside it, and to read them its folder has to be "
        "written; copy both files to a folder of yours and name that library with --library"
    )


def _check_header(path: Path) -> None:
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
        raise ForeignError(
            f"{path}: not a library of Protocol Reader; move the file aside or name another with --library. "
            "If it was one, “protocol-reader check --mend” makes a library of what is intact in it"
        )
    check_marks(path, int.from_bytes(head[68:72], "big"), int.from_bytes(head[60:64], "big"))


def check_marks(path: Path, application: int, version: int) -> None:
    """Raise ForeignError or NewerError for the file of another program or of a newer version of this one."""
    if application not in (0, APPLICATION_ID) or (application == 0 and version):
        raise ForeignError(f"{path}: a database of another program; name another file with --library")
    if version > SCHEMA_VERSION:
        raise NewerError(
            f"{path}: made by a newer Protocol Reader (library version {version}, this program reads up to "
            f"{SCHEMA_VERSION}); update the program. The file was not changed"
        )
