"""What was written goes from the log into the library file in a thread, while the next batch is written.

SQLite by itself does that within each commit of a large batch, and the one that writes waits for the disk.
"""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import Final, Self

from reader.errors import LibraryError
from reader.library.database import Database

_MOST_PAGES: Final = 10_000
"""With more pages in the log, the one that writes waits once until it is empty: 80 MB."""


class Checkpoints:
    """Of one connection that writes large batches; a context, after which it is as before. For one thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed = Condition()
        self._wanted = self._ended = False
        self._pages = 0
        """In the log, as far as it is known."""
        self._thread = Thread(target=self._work, args=(database.path,), name="checkpoints", daemon=True)

    def __enter__(self) -> Self:
        self._usual = self._database.number("PRAGMA wal_autocheckpoint")
        self._database.run("PRAGMA wal_autocheckpoint=0")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._thread.join()
        with suppress(LibraryError):  # as when SQLite does it by itself: the log has all that was written
            self._database.run(f"PRAGMA wal_autocheckpoint={self._usual}")
            _empty_log(self._database)

    def committed(self) -> None:
        """A batch has been written."""
        with self._changed:
            while (
                self._wanted
            ):  # a disk that is slower than the one that writes: the log must not grow for ever
                self._changed.wait()
            if self._pages > _MOST_PAGES:
                with suppress(LibraryError):
                    self._pages = _empty_log(self._database)
            else:
                self._wanted = True
                self._changed.notify_all()

    def _work(self, path: Path) -> None:
        try:
            with closing(Database(path, as_is=True)) as database:
                while self._wait():
                    with suppress(LibraryError):
                        self._pages = _empty_log(database, all_of_it=False)
                    self._done()
        except LibraryError:
            self._pages = _MOST_PAGES + 1  # then the one that writes does it
        finally:
            with self._changed:
                self._ended, self._wanted = True, False
                self._changed.notify_all()

    def _wait(self) -> bool:
        with self._changed:
            while not self._wanted and not self._ended:
                self._changed.wait()
            return not self._ended

    def _done(self) -> None:
        with self._changed:
            self._wanted = False
            self._changed.notify_all()


def _empty_log(database: Database, *, all_of_it: bool = True) -> int:
    """Copy what is in the log; how many pages it will have at the next write when nobody else is at it."""
    row = database.one("PRAGMA wal_checkpoint(PASSIVE)")
    if row is None:
        return 0
    _, pages, copied = row
    return 0 if all_of_it and pages == copied else int(pages)
