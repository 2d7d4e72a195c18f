"""One connection to a library file. Opens the file safely and explains every SQLite error."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from reader.errors import LibraryError
from reader.library.database import errors, opening
from reader.library.database.errors import (
    RAISED_BY_SQLITE,
    DamagedError,
    damaged,
    explain,
    library_errors,
    sqlite_code,
)
from reader.permissions import create_private_file

Row = tuple[Any, ...]
OnProgress = Callable[[str, int, int], None]
"""Receives what is being worked on ("articles", "stories"), how many of them are done, and how many there are."""

_ASK_AGAIN = 0.002
"""Seconds between two attempts to start writing."""
_SIGNAL_STEPS = 10_000
"""Steps of SQLite between two looks at signals: some milliseconds."""
_COPIED = 1_000
"""Pages to copy at a time; others may write in between."""


class Database:
    """A connection for one thread. It raises only LibraryErrors, except for misuse, which is a bug."""

    @library_errors
    def __init__(self, path: Path, *, durable: bool = True) -> None:
        """Open the file at `path` as it is; `tables.open_database` also creates its tables.

        A file that is not `durable` need not survive a power failure.
        """
        self.path = path
        self.durable = durable
        try:
            self._connection, self._file = opening.connect(path, errors.BUSY_SECONDS)
        except RAISED_BY_SQLITE as error:
            raise explain(error, path) from error
        try:
            self.run(f"PRAGMA synchronous={'NORMAL' if durable else 'OFF'}")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection. Closing twice is no error."""
        file, self._file = self._file, None
        with suppress(sqlite3.OperationalError):  # changes that could not be written stay in the log
            opening.close(self.path, self._connection, file)

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

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run a statement for its effect. Return how many rows it changed."""
        with self._explained():
            return self._connection.execute(statement, values).rowcount

    def run_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run a statement once for each of `rows`. Return how many rows were changed."""
        with self._explained():
            return self._connection.executemany(statement, rows).rowcount

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
        with self._explained():
            return self._connection.execute(query, values).fetchall()

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

    def copy_to(self, path: Path, on_progress: Callable[[int, int], None] = lambda _done, _all: None) -> None:
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
        except sqlite3.ProgrammingError:  # misuse, which is a bug
            raise
        except RAISED_BY_SQLITE as error:
            explained = explain(error, self.path)
            if isinstance(explained, DamagedError) and self._file is not None:
                opening.keep_log(self._file)
            raise explained from error
