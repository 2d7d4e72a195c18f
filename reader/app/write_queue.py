"""A background thread that writes to the library on a connection of its own: every task, in order.

Another program may lock the library for seconds. Neither the screen nor the query worker has to wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Any, Protocol, TypeVar

from reader.errors import LibraryError, explain
from reader.library import Library

Result = TypeVar("Result")
Task = Callable[[Library], Result]
"""Writes to the library that it gets."""


class Write(Protocol):
    """Queues a task at once. Awaiting it returns the task's result, or raises LibraryError."""

    def __call__(self, task: Task[Result]) -> Awaitable[Result]:
        """Queue the task."""


class WriteQueue:
    """Runs every task, in order."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._changed = Condition()
        self._waiting: deque[tuple[Task[Any], Future[Any]]] = deque()
        self._writing = False
        self._closed = False
        self._errors: list[LibraryError] = []
        """Errors after the queue was closed."""
        self._thread: Thread | None = None

    def do(self, task: Task[Result]) -> Future[Result]:
        """Run a task soon; the future gets its result, or the LibraryError that stopped it.

        On a closed queue nothing runs, and the future is cancelled.
        """
        future: Future[Result] = Future()
        with self._changed:
            if self._closed:
                future.cancel()
                return future
            # Not cancellable from here on: a screen that closes must not lose the reader's marks.
            future.set_running_or_notify_cancel()
            self._waiting.append((task, future))
            self._changed.notify()
            if self._thread is None:
                # A daemon, so that the program can end even if the file system hangs.
                self._thread = Thread(target=self._run, name="write-queue", daemon=True)
                self._thread.start()
        return future

    @property
    def busy(self) -> bool:
        """Is a task waiting or running?"""
        with self._changed:
            return bool(self._waiting) or self._writing

    def close(self) -> None:
        """Accept no more tasks; run those that wait, until one of them fails."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def finish(self, seconds: float) -> LibraryError | None:
        """Close the queue and wait up to `seconds`; return an error if some tasks were not written."""
        self.close()
        if self._thread is not None:
            self._thread.join(seconds)
        with self._changed:
            if self._errors:
                return self._errors[0]
            if self._waiting or self._writing:
                return LibraryError(f"{self._library.path}: another program is using the library")
            return None

    def _run(self) -> None:
        library: Library | None = None
        try:
            while (entry := self._next()) is not None:
                task, future = entry
                try:
                    library = library or self._library.another()
                    result = task(library)
                except LibraryError as error:
                    self._fail(future, error)
                except Exception as error:  # One bad task must not stop the queue.
                    self._fail(future, LibraryError(explain(error)))
                else:
                    future.set_result(result)
        finally:
            if library is not None:
                library.close()

    def _next(self) -> tuple[Task[Any], Future[Any]] | None:
        with self._changed:
            self._writing = False
            while not self._waiting:
                if self._closed:
                    return None
                self._changed.wait()
            self._writing = True
            return self._waiting.popleft()

    def _fail(self, future: Future[Any], error: LibraryError) -> None:
        """Report an error. On a closed queue, keep it for `finish` and drop the rest, which would fail too."""
        with self._changed:
            if self._closed:
                self._errors.append(error)
                self._waiting.clear()
        future.set_exception(error)
