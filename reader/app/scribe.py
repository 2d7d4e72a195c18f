"""One thread with its own connection that writes what the reader marks: all of it, one after the other.

Another program may hold the library for seconds. The screen does not wait for that, nor do the clerk's
questions; what waits here is written in the order it was asked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread

from reader.errors import LibraryError
from reader.failures import explain
from reader.library import Library

Task = Callable[[Library], object]
"""Writes through its library and posts what came of it; a LibraryError is for the scribe."""
OnError = Callable[[LibraryError], None]
"""Called in the scribe's thread."""


class Scribe:
    """Does every task, in order."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._changed = Condition()
        self._waiting: deque[tuple[Task, OnError]] = deque()
        self._writing = False
        self._closed = False
        self._lost: list[LibraryError] = []
        self._thread: Thread | None = None

    def do(self, task: Task, on_error: OnError) -> None:
        """Have a task done soon; when it cannot be, `on_error` is told why."""
        with self._changed:
            if self._closed:
                return
            self._waiting.append((task, on_error))
            self._changed.notify()
            if self._thread is None:
                # A daemon: should it hang in the file system, the program can still end.
                self._thread = Thread(target=self._run, name="scribe", daemon=True)
                self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a task waits or is being done."""
        with self._changed:
            return bool(self._waiting) or self._writing

    def close(self) -> None:
        """Take no more tasks; those that wait are done, until one of them cannot be."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def finish(self, seconds: float) -> LibraryError | None:
        """Close and wait, at most so long; why something was not written, None when all was."""
        self.close()
        if self._thread is not None:
            self._thread.join(seconds)
        with self._changed:
            if self._lost:
                return self._lost[0]
            if self._waiting or self._writing:
                return LibraryError(f"{self._library.path}: another program keeps the library busy")
            return None

    def _run(self) -> None:
        own: Library | None = None
        try:
            while (entry := self._next()) is not None:
                task, on_error = entry
                try:
                    own = own or self._library.another()
                    task(own)
                except LibraryError as error:
                    self._tell(error, on_error)
                except Exception as error:  # Whatever it is, the next task is done.
                    self._tell(LibraryError(explain(error)), on_error)
        finally:
            if own is not None:
                own.close()

    def _next(self) -> tuple[Task, OnError] | None:
        with self._changed:
            self._writing = False
            while not self._waiting:
                if self._closed:
                    return None
                self._changed.wait()
            self._writing = True
            return self._waiting.popleft()

    def _tell(self, error: LibraryError, on_error: OnError) -> None:
        """Of what fails once the screen is gone, the program is told at its end; the rest would fail as well."""
        with self._changed:
            if self._closed:
                self._lost.append(error)
                self._waiting.clear()
                return
        on_error(error)
