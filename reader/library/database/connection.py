"""One connection to a library file: opened with care, every SQLite error turned into a sentence."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any, NoReturn

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

Row = tuple[Any, ...]

_ASK_AGAIN = 0.002
"""Seconds between two tries to begin to write."""
_COPIED = 1_000
"""Pages copied in a step: others may write in between."""
_CHUNK = 1_000
_INSERTED = 100


class Database:
    """A connection for one thread. Everything it raises is a LibraryError, but for misuse, which is a bug."""

    @library_errors
    def __init__(self, path: Path, *, durable: bool = True) -> None:
        """Open the file at `path` as it is; `migrations.open_database` also brings it up to date.

        A file that is not `durable` need not outlive a power failure.
        """
        self.path = path
        self.durable = durable
        self._seen_damage = False
        self.commits = 0
        """How many transactions this connection has written."""
        try:
            self._opened = opening.connect(path, errors.BUSY_SECONDS)
        except RAISED_BY_SQLITE as error:
            raise explain(error, path) from error
        self._connection = self._opened.connection
        self.read_only = self._opened.read_only
        """Is neither the file nor its folder writable?"""
        try:
            self.run(f"PRAGMA synchronous={'NORMAL' if durable else 'OFF'}")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; again is no error."""
        with suppress(sqlite3.OperationalError):  # what could not be written at last is in the log still
            # Into a damaged file nothing more is written: the log beside it may be that of another library.
            opening.close(self._opened, keep_log=self._seen_damage)

    def interrupt(self) -> None:
        """End the query that another thread is running on this connection with `Interrupted`."""
        self._connection.interrupt()

    def change_stamp(self) -> int:
        """A number that is another after every change by this or any other connection; costs microseconds."""
        return self.number("PRAGMA data_version") << 32 | self.commits

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let `interrupt` end what is done within also when it comes between two queries."""
        # It ends all that begins until nothing runs any more, and this one runs: its second row is never read.
        try:
            running = self._connection.execute("SELECT 1 UNION ALL SELECT 2")
        except RAISED_BY_SQLITE as error:
            self._fail(error)
        try:
            yield
        finally:
            running.close()

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run a statement for its effect; how many rows it changed."""
        try:
            return self._connection.execute(statement, values).rowcount
        except RAISED_BY_SQLITE as error:
            self._fail(error)

    def run_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run a statement once for each of `rows`; how many rows were changed."""
        try:
            return self._connection.executemany(statement, rows).rowcount
        except RAISED_BY_SQLITE as error:
            self._fail(error)

    def insert(
        self, table: str, columns: str, rows: Sequence[Sequence[Any]], *, unless_there: bool = False
    ) -> None:
        """Insert `rows`, whose values are in the order of `columns` ("key, title"); or those `unless_there`.

        Many go in with each statement: SQLite then works long enough without the interpreter for other
        threads to get it. Handed over and taken back for every row, it is back before a waiting thread has
        woken.
        """
        places = f"({', '.join('?' * (columns.count(',') + 1))})"
        head = f"INSERT{' OR IGNORE' if unless_there else ''} INTO {table} ({columns}) VALUES "
        whole = len(rows) - len(rows) % _INSERTED
        statement = head + ", ".join([places] * _INSERTED)
        for start in range(0, whole, _INSERTED):
            self.run(statement, list(chain.from_iterable(rows[start : start + _INSERTED])))
        self.run_many(head + places, rows[whole:])

    def one(self, query: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""
        try:
            row: Row | None = self._connection.execute(query, values).fetchone()
        except RAISED_BY_SQLITE as error:
            self._fail(error)
        return row

    def number(self, query: str, values: Sequence[Any] = ()) -> int:
        """The only number of a query that always has one."""
        return self.numbers(query, values)[0]

    def numbers(self, query: str, values: Sequence[Any] = ()) -> tuple[int, ...]:
        """The only row of a query that always has one, all of it numbers."""
        row = self.one(query, values)
        if row is None or not all(isinstance(value, int) for value in row):
            raise damaged(self.path, "a number is missing")
        return row

    def json_rows(self, columns: str, source: str, values: Sequence[Any] = ()) -> list[list[Any]]:
        """A few rows of numbers and texts from a `source` ("FROM … WHERE …"), ordered by the first column.

        They come in one step: each step gives the interpreter away, and while another thread parses it takes
        that thread's turn to get it back, which a screen would feel for every row.
        """
        row = self.one(f"SELECT json_group_array(json_array({columns})) {source}", values)
        rows: list[list[Any]] = json.loads(row[0]) if row is not None else []
        rows.sort(key=itemgetter(0))
        return rows

    def all(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """Every row, where they are few."""
        try:
            return self._connection.execute(query, values).fetchall()
        except RAISED_BY_SQLITE as error:
            self._fail(error)

    def rows(self, query: str, values: Sequence[Any] = ()) -> Generator[Row, None, None]:
        """Every row, looked for when it is asked for; closing the iterator ends the query."""
        try:
            with closing(self._connection.execute(query, values)) as cursor:
                yield from cursor
        except RAISED_BY_SQLITE as error:
            self._fail(error)

    def chunks(self, query: str, values: Sequence[Any] = ()) -> Iterator[list[Row]]:
        """Every row, some at a time, so that other threads run in between."""
        try:
            cursor = self._connection.execute(query, values)
            while rows := cursor.fetchmany(_CHUNK):
                yield rows
        except RAISED_BY_SQLITE as error:
            self._fail(error)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that writes: all of it or nothing.

        While another is open anywhere, this waits for up to `BUSY_SECONDS`, asking often: SQLite itself asks
        ten times a second, and would never find the moment between two batches of an addition.
        """
        self.run("PRAGMA busy_timeout=0")
        try:
            self.retry_while_busy(lambda: self.run("BEGIN IMMEDIATE"))
        finally:
            self.run(f"PRAGMA busy_timeout={errors.BUSY_SECONDS * 1000:.0f}")
        yield from self._until_commit()
        self.commits += 1

    def retry_while_busy(self, action: Callable[[], object]) -> None:
        """Do what fails at once while another program writes, as soon as it does not, within `BUSY_SECONDS`."""
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
        """Copy the library as it is at this moment to `path`; others may write meanwhile.

        `on_progress` is told how many bytes of how many are copied.

        The copy is made beside and then takes the name, so that `path` never holds half a library. Whatever is
        there is replaced.
        """
        part = path.with_name(f"{path.name}.part")
        try:
            part.unlink(missing_ok=True)
            opening.make_private(part)
            with closing(sqlite3.connect(part, isolation_level=None)) as copy, self.reading():
                size = self.number("PRAGMA page_size")
                self.number("PRAGMA user_version")  # from here on it stands still for this connection
                self._connection.backup(
                    copy,
                    pages=_COPIED,
                    progress=lambda _, left, all_: on_progress((all_ - left) * size, all_ * size),
                )
            os.replace(part, path)  # noqa: PTH105
            _see_on_disk(path.parent)
        except RAISED_BY_SQLITE as error:
            raise explain(error, path) from error
        except OSError as error:
            raise LibraryError(f"{path}: the copy cannot be made ({error.strerror})") from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several queries that see the library at one moment."""
        self.run("BEGIN")
        yield from self._until_commit()

    def _until_commit(self) -> Iterator[None]:
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            # Should even this fail, SQLite rolls back when the file is next opened.
            with suppress(*RAISED_BY_SQLITE):
                self._connection.rollback()
            raise

    def _fail(self, error: BaseException) -> NoReturn:
        if isinstance(error, sqlite3.ProgrammingError):
            raise error
        explained = explain(error, self.path)
        self._seen_damage |= isinstance(explained, DamagedError)
        raise explained from error


def _see_on_disk(folder: Path) -> None:
    """Make sure that a file's new name outlives a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
