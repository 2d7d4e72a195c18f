"""Opens library files and connects to them; explains every SQLite error.

Each file is checked before SQLite may touch it, and so is the log beside it. SQLite trusts any write-ahead log with the
right name. A log of another library, or an old one beside a restored backup, would overwrite pages of the file at the
next checkpoint. It can be detected because capture keys are never reused, counts of changes only grow, and a library's
own log does not damage it.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from threading import get_ident
from typing import Any

from reader.errors import LibraryError
from reader.library.database import errors
from reader.library.database.errors import (
    RAISED_BY_SQLITE,
    DamagedError,
    ForeignError,
    NewerError,
    damaged,
    explain,
    is_full,
    library_errors,
    sqlite_code,
)
from reader.library.database.schema import PAGE_BYTES, SCHEMA_VERSION, TABLES, VIEWS, fold
from reader.permissions import LIBRARY_ID, create_private_file
from reader.settings import command_for

Row = tuple[Any, ...]

_ASK_AGAIN = 0.002
_SIGNAL_STEPS = 10_000
"""Steps of SQLite between two looks at signals: some milliseconds."""
_COPIED = 1_000
"""Pages to copy at a time; others may write in between."""
_MAGIC = b"SQLite format 3\0"
_ALONE, _TOGETHER = "immutable=1", "mode=ro"
"""How SQLite opens a file without its log, and with it."""

Identity = tuple[int, int]

_damaged: set[Identity] = set()
"""The files in which this process has seen damage. It keeps their logs, which may be the damage."""


class Database:
    """A connection for one thread. It raises only LibraryErrors, except for our bugs."""

    @library_errors
    def __init__(self, path: Path, *, durable: bool = True) -> None:
        """Open the file at `path` as it is; `open_database` also creates its tables.

        A file that is not `durable` need not survive a power failure.
        """
        self.path = path
        self.durable = durable
        self.known_actions: set[int] = set()
        """Hashes of the logged actions that this connection has made, or described to its reader."""
        self._thread = get_ident()
        self._is_closed = False
        try:
            self._connection, full = _open_file(path)
            self._file = _identity(path)
            self._full = None if full is None else explain(full, path)
            """Why nothing can be written: the disk had no room for SQLite's files beside the library."""
        except RAISED_BY_SQLITE as error:
            raise explain(error, path) from error
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection. Closing twice is no error."""
        file, self._file, self._is_closed = self._file, None, True
        with suppress(sqlite3.OperationalError):  # changes that could not be written stay in the log
            _close_file(self.path, self._connection, file)

    def version(self) -> int:
        """Return the version of the tables, 0 if there are none.

        ForeignError or NewerError if the tables are not those of this program.
        """
        with self.reading():  # at one moment: another program may be making the file
            application = self.number("PRAGMA application_id")
            version = self.number("PRAGMA user_version")
            tables = self.number("SELECT count(*) FROM sqlite_schema")
        # The header of the file was checked before SQLite touched it, but the log may say otherwise.
        _check_marks(self.path, application, version, has_tables=bool(tables))
        return version

    def another(self) -> Database:
        """Open a second connection to the same file; LibraryError if that is no longer in its place."""
        self._check_place()
        return open_database(self.path, durable=self.durable)

    def retry_full_disk(self) -> None:
        """If the disk was too full for more than reading, connect again. No query may be running."""
        if self._full is None:
            return
        with self._explained():
            connection, full = _open_file(self.path)
            if full is None:
                connection, self._connection, self._full = self._connection, connection, None
                self._prepare()
            connection.close()

    def _prepare(self) -> None:
        self._connection.create_function("fold", 1, fold, deterministic=True)
        self.run(f"PRAGMA synchronous={'NORMAL' if self.durable else 'OFF'}")

    def _check_place(self) -> None:
        """Raise LibraryError if the file was moved or replaced since it was opened."""
        if self._file is not None and _identity(self.path) != self._file:
            raise LibraryError(
                f"{self.path}: the library was moved, deleted or replaced while it was open, so nothing more is saved; "
                "put it back, or quit and open it where it is now, with any -wal file that was beside it"
            )

    def interrupt(self) -> None:
        """Stop the query that another thread runs on this connection; it raises `Interrupted` there."""
        self._connection.interrupt()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let `interrupt` stop the block even if it comes between two queries."""
        # An interrupt also stops new queries while another is running, as this one is: its second row is never read.
        with self._explained():
            running = self._connection.execute("SELECT 1 UNION ALL SELECT 2")
        try:
            yield
        finally:
            running.close()

    @contextmanager
    def stopped_by_signals(self) -> Iterator[None]:
        """Let Ctrl-C stop a long query of the block at once, not only when the query ends."""
        # While SQLite calls a Python function, Python handles signals; an error in the function stops the query.
        self._connection.set_progress_handler(lambda: False, _SIGNAL_STEPS)
        try:
            yield
        except errors.Interrupted:
            raise KeyboardInterrupt from None
        finally:
            self._connection.set_progress_handler(None, 0)

    def run(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Run a statement for its effect."""
        with self._explained():
            self._connection.execute(statement, values)

    def run_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each of `rows`."""
        with self._explained():
            self._connection.executemany(statement, rows)

    def insert(self, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        """Insert `rows`, whose values are in the order of `columns` ("key, title")."""
        places = ", ".join("?" * (columns.count(",") + 1))
        self.run_many(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)

    def first_row(self, query: str, values: Sequence[Any] = ()) -> Row | None:
        """Return the first row, or None."""
        with self._explained():
            row: Row | None = self._connection.execute(query, values).fetchone()
            return row

    def number(self, query: str, values: Sequence[Any] = ()) -> int:
        """Return the single number that a query always gives."""
        return self.numbers(query, values)[0]

    def numbers(self, query: str, values: Sequence[Any] = ()) -> tuple[int, ...]:
        """Return the single row of numbers that a query always gives."""
        row = self.first_row(query, values)
        if row is None or not all(isinstance(value, int) for value in row):
            raise damaged(self.path, "a number is missing")
        return row

    def all(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """Return all rows; for queries with few."""
        return list(self.rows(query, values))

    def rows(self, query: str, values: Sequence[Any] = ()) -> Generator[Row, None, None]:
        """Yield the rows lazily. Closing the iterator ends the query."""
        with self._explained(), closing(self._connection.execute(query, values)) as cursor:
            yield from cursor

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Run the block as one transaction that writes all or nothing.

        Waits up to `BUSY_SECONDS` for other writers, and retries often: SQLite itself retries ten times a second, and
        would never catch the moment between two batches of `add`.
        """
        self._check_place()  # SQLite would go on writing the moved file, and its log at the old place
        self.retry_full_disk()
        if self._full is not None:
            raise self._full
        self.run("PRAGMA busy_timeout=0")
        try:
            self.retry_while_busy(lambda: self.run("BEGIN IMMEDIATE"))
        finally:
            self.run(f"PRAGMA busy_timeout={errors.BUSY_SECONDS * 1000:.0f}")
        yield from self._until_commit()

    def retry_while_busy(self, action: Callable[[], object]) -> None:
        """Repeat an action that fails while another program writes, until it succeeds or `BUSY_SECONDS` are over."""
        deadline = time.monotonic() + errors.BUSY_SECONDS
        while True:
            try:
                action()
                return
            except LibraryError as error:
                busy = sqlite_code(error.__cause__) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
                if not busy or time.monotonic() > deadline:
                    raise
            time.sleep(_ASK_AGAIN)

    def copy_to(self, path: Path, on_progress: Callable[[int, int], None]) -> None:
        """Copy a snapshot of the library to `path`, replacing any file there; others may write meanwhile.

        `on_progress` receives the bytes copied so far and the total.

        The copy is written beside `path` and then renamed, so that `path` never holds half a library.
        """
        part = path.with_name(f"{path.name}.part")
        try:
            part.unlink(missing_ok=True)
            os.close(create_private_file(part))
            with closing(sqlite3.connect(part, isolation_level=None)) as copy, self.reading():
                size = self.number("PRAGMA page_size")
                self.number("PRAGMA user_version")  # from here on, this connection sees one state
                copy.execute("PRAGMA journal_mode=OFF")  # A copy that fails is removed, and so is no journal.
                self._connection.backup(
                    copy,
                    pages=_COPIED,
                    progress=lambda _, left, all_: on_progress((all_ - left) * size, all_ * size),
                )
            os.replace(part, path)  # noqa: PTH105
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)  # so that the new name survives a power failure
            finally:
                os.close(folder)
        except RAISED_BY_SQLITE as error:
            raise explain(error, path) from error
        except OSError as error:
            raise LibraryError(f"{path}: cannot make the copy ({error.strerror})") from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let all queries in the block see the same state of the library."""
        self.run("BEGIN")
        yield from self._until_commit()

    def _until_commit(self) -> Iterator[None]:
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            # If even this fails, SQLite rolls back when the file is next opened.
            with suppress(*RAISED_BY_SQLITE):
                self._connection.rollback()
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError as error:
            if self._is_closed:
                raise LibraryError(f"{self.path}: the library is closed; open it again") from error
            if get_ident() != self._thread:
                where = "an open library can only be used in the thread that opened it"
                raise LibraryError(f"{self.path}: {where}; open it again in this one") from error
            raise  # a bug
        except RAISED_BY_SQLITE as error:
            explained = explain(error, self.path)
            if isinstance(explained, DamagedError) and self._file is not None:
                _damaged.add(self._file)
            raise explained from error


# Opening and closing files


@library_errors
def open_database(path: Path, *, durable: bool = True) -> Database:
    """Open the library at `path`, and create its tables if it has none. For `durable` see `Database`.

    ForeignError, NewerError or DamagedError if the file cannot be used.
    """
    database = Database(path, durable=durable)
    try:
        if not database.version():
            _create(database)
    except BaseException:
        database.close()
        raise
    return database


def _create(database: Database) -> None:
    """Create all tables, or none; and what other programs need, unless the library is temporary."""
    database.run(f"PRAGMA page_size={PAGE_BYTES}")
    # SQLite itself does not wait for another program that does the same.
    database.retry_while_busy(lambda: database.run("PRAGMA journal_mode=WAL"))
    with database.writing():
        if not database.number("PRAGMA user_version"):  # Another program may have just created them.
            for statement in TABLES:
                database.run(statement)
            for name, query in VIEWS.items() if database.durable else ():
                database.run(f"CREATE VIEW {name} AS {query}")
            database.run(f"PRAGMA application_id={LIBRARY_ID}")
            database.run(f"PRAGMA user_version={SCHEMA_VERSION}")
    if database.durable:
        # Move the marks into the file itself, where a version that must not open it can read them.
        database.run("PRAGMA wal_checkpoint(TRUNCATE)")


def _open_file(path: Path) -> tuple[sqlite3.Connection, sqlite3.Error | None]:
    """Connect to the file, after checking its header (see `_check_marks`) and its log.

    Also return the error of a disk that is so full that the file can only be read.
    """
    _check_header(path)
    if _is_plainly_foreign(path):  # SQLite would write it into the file
        raise DamagedError(
            f"{log_of(path)}: this is the log of another library, or of an older state of this one; "
            f"“{command_for(path, 'check --mend')}” moves it aside"
        )
    exists = _identity(path) is not None
    # Without a log, SQLite needs no locks and makes no files.
    mode = _TOGETHER if _has_log(path) else _ALONE
    if exists and not os.access(path, os.W_OK) and not os.access(path.parent, os.W_OK):
        return _connect(path, mode), None
    if not exists:
        # Only its owner may read it, and the files beside it, to which SQLite gives the same mode.
        with suppress(OSError):  # SQLite then fails too, and says why.
            os.close(create_private_file(path))
    # No isolation level: `Database` begins transactions itself.
    connection = sqlite3.connect(path, timeout=errors.BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("SELECT 1 FROM sqlite_schema")
    except sqlite3.Error as error:
        if is_full(error) and mode == _ALONE:
            connection.close()
            return _connect(path, mode), error
    return connection, None


def _close_file(path: Path, connection: sqlite3.Connection, file: Identity | None) -> None:
    """Close a connection. The last one to a file writes the log into it, unless the file is damaged."""
    with ExitStack() as until_closed:
        if file in _damaged:
            with suppress(sqlite3.Error):
                # A read-only connection that closes last leaves the log as it is.
                last = until_closed.enter_context(closing(_connect(path, _TOGETHER)))
                last.execute("SELECT 1 FROM sqlite_schema").fetchone()
        connection.close()


def _identity(path: Path) -> Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _check_header(path: Path) -> None:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise LibraryError(f"{path}: not a file; choose another with --library")
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        # SQLite looks: if this process has the file open, closing it here would release all locks on it.
        with closing(_connect(path, _ALONE)) as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
    except FileNotFoundError:
        return
    except OSError as error:
        raise LibraryError(f"{path}: the library cannot be read ({error.strerror})") from error
    except sqlite3.Error as error:
        if sqlite_code(error) != sqlite3.SQLITE_NOTADB or _is_marked(path):
            return  # opening it says what is wrong
        raise _no_library(path) from error
    if status.st_size == 1:  # SQLite takes it for empty, and would write over it
        raise _no_library(path)
    _check_marks(path, application, version)


def _is_marked(path: Path) -> bool:
    """Do the first bytes say that a file is a library? Only of a broken one: closing it releases all locks on it."""
    with path.open("rb") as file:
        head = file.read(72)
    return head.startswith(_MAGIC) and head[68:] == LIBRARY_ID.to_bytes(4, "big")


def _no_library(path: Path) -> ForeignError:
    return ForeignError(
        f"{path}: not a library of Protocol Reader; move the file away or choose another with --library. "
        f"If it used to be one, “{command_for(path, 'check --mend')}” makes a new library from the intact parts"
    )


def _check_marks(path: Path, application: int, version: int, *, has_tables: bool = False) -> None:
    """Raise ForeignError or NewerError for a file of another program or of another version of this one."""
    if application not in (0, LIBRARY_ID) or (application == 0 and (version or has_tables)):
        raise ForeignError(
            f"{path}: this database belongs to another program; choose another file with --library"
        )
    if not 0 <= version <= SCHEMA_VERSION:
        raise NewerError(
            f"{path}: a newer Protocol Reader made this library (library version {version}, this program reads up to "
            f"{SCHEMA_VERSION}); update the program. The file was not changed"
        )
    if 0 < version < SCHEMA_VERSION:
        raise ForeignError(
            f"{path}: a Protocol Reader from before the first release made this library (library version {version}, "
            f"this program reads {SCHEMA_VERSION}); “{command_for(path, 'check --mend')}” makes a new library of what "
            "is in it, and keeps this file beside it"
        )


# The write-ahead log


def log_of(path: Path) -> Path:
    """Return the path of a library's write-ahead log, which need not exist; that of a link is beside its target."""
    path = Path(os.path.realpath(path))
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
    address = f"{path.absolute().as_uri()}?{mode}"
    return sqlite3.connect(address, timeout=errors.BUSY_SECONDS, isolation_level=None, uri=True)
