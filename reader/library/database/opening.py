"""Opens connections to library files. Each file is checked before SQLite may touch it, and so is the log beside it.

SQLite trusts any write-ahead log with the right name. A log of another library, or an old one beside a restored backup,
would overwrite pages of the file at the next checkpoint. It can be detected because capture keys are never reused,
counts of changes only grow, and a library's own log does not damage it.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections import Counter
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from threading import Lock

from reader.errors import LibraryError
from reader.library.database.errors import RAISED_BY_SQLITE, DamagedError, ForeignError, NewerError, explain
from reader.library.database.schema import APPLICATION_ID, SCHEMA_VERSION
from reader.permissions import create_private_file

_MAGIC = b"SQLite format 3\0"
_ALONE, _TOGETHER = "immutable=1", "mode=ro"
"""How SQLite opens a file without its log, and with it."""
Identity = tuple[int, int]
"""A file's device and inode."""

_lock = Lock()
_open: Counter[Identity] = Counter()
"""This process's number of connections to each file."""
_damaged: set[Identity] = set()
"""The open files in which this process has seen damage."""


def connect(path: Path, timeout: float) -> tuple[sqlite3.Connection, Identity | None]:
    """Connect to the file, after checking its first bytes (see `check_marks`). Return what `close` needs.

    The check is skipped while this process has another connection, which did it before. Under POSIX, closing the file
    descriptor of the check would release all locks of the process on the file. Another process could then believe it is
    the last one, and delete the log in use.
    """
    with _lock:
        file = _identity(path)
        if file is None or not _open[file]:
            _check_header(path)
            if _is_plainly_foreign(path):  # SQLite would write it into the file
                raise DamagedError(
                    f"{log_of(path)}: this is the log of another library, or of an older state of this one; "
                    "“protocol-reader check --mend” moves it aside"
                )
        writable = os.access(path, os.W_OK) or os.access(path.parent, os.W_OK)
        read_only = file is not None and not writable
        if file is None:
            make_private(path)
        # Without a log, SQLite needs no locks and makes no files.
        mode = _TOGETHER if _has_log(path) else _ALONE
        address = f"{path.absolute().as_uri()}?{mode}" if read_only else path
        # No isolation level: `Database` begins transactions itself.
        connection = sqlite3.connect(address, timeout=timeout, isolation_level=None, uri=read_only)
        file = _identity(path)
        if file is not None:
            _open[file] += 1
    return connection, file


def keep_log(file: Identity) -> None:
    """Keep `close` from writing the log into a damaged file: the log may be the damage."""
    with _lock:
        _damaged.add(file)


def close(path: Path, connection: sqlite3.Connection, file: Identity | None) -> None:
    """Close a connection. The last one to a file writes the log into it (see `keep_log`)."""
    with _lock, ExitStack() as until_closed:
        if file in _damaged:
            with suppress(sqlite3.Error):
                # A read-only connection that closes last leaves the log as it is.
                last = until_closed.enter_context(closing(_connect(path, _TOGETHER)))
                last.execute("SELECT 1 FROM sqlite_schema").fetchone()
        connection.close()
        if file is not None:
            _open[file] -= 1
            if not _open[file]:
                _damaged.discard(file)


def _identity(path: Path) -> Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def make_private(path: Path) -> None:
    """Create an empty file that only its owner may read. SQLite gives the files beside it the same mode.

    If that fails, SQLite fails too and says why.
    """
    with suppress(OSError):
        os.close(create_private_file(path))


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


# The write-ahead log


def log_of(path: Path) -> Path:
    """Return the path of a library's write-ahead log, which need not exist."""
    return path.with_name(f"{path.name}-wal")


def is_foreign(path: Path) -> bool:
    """Does the log not belong to the library? Also reads the whole file to see if only the log damages it."""
    if _is_plainly_foreign(path):
        return True
    return _has_log(path) and not _is_sound(path, _TOGETHER) and _is_sound(path, _ALONE)


def _has_log(path: Path) -> bool:
    """Does a log have changes that are not yet in the file?"""
    try:
        return log_of(path).stat().st_size > 0
    except OSError:
        return False


def _is_plainly_foreign(path: Path) -> bool:
    """Quick check: do a few rows show that the log is not the library's own? Takes a millisecond or two."""
    # Check twice: while another program writes the log into the file, a view may be half old and half new.
    return _has_log(path) and _contradicts(path) and _contradicts(path)


def _contradicts(path: Path) -> bool:
    counts = "SELECT last_article, content FROM counters"
    ends = "(SELECT min(capture_key) FROM captures UNION SELECT max(capture_key) FROM captures)"
    with suppress(*RAISED_BY_SQLITE, TypeError):
        with closing(_connect(path, _ALONE)) as connection:
            before = connection.execute(counts).fetchone()
            captures = dict(
                connection.execute(f"SELECT capture_key, digest FROM captures WHERE capture_key IN {ends}")
            )
        with closing(_connect(path, _TOGETHER)) as connection:
            if connection.execute(counts).fetchone() < before:
                return True
            # A capture may be removed, but its key is never reused.
            query = "SELECT 1 FROM captures WHERE capture_key = ? AND digest <> ?"
            return any(connection.execute(query, item).fetchone() for item in captures.items())
    return False


def _is_sound(path: Path, mode: str) -> bool:
    """Is the structure of the file sound? LibraryError if that cannot be found out, as with an unreadable log."""
    try:
        with closing(_connect(path, mode)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except RAISED_BY_SQLITE as error:
        explained = explain(error, path)
        if isinstance(explained, DamagedError):
            return False
        raise explained from error


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
