"""One thread with its own connection that writes to the library: every task, in order.

Another program may lock the library for seconds. Neither the screen nor the query worker waits for that.
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
"""Writes through the library it is given."""


class Write(Protocol):
    """Puts a task into the queue at once; awaiting it gives the task's result, or raises LibraryError."""

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
        self._lost: list[LibraryError] = []
        self._thread: Thread | None = None

    def do(self, task: Task[Result]) -> Future[Result]:
        """Run a task soon: the future has its result, or the LibraryError that stopped it.

        Once the queue is closed, the future is cancelled and nothing is run.
        """
        future: Future[Result] = Future()
        with self._changed:
            if self._closed:
                future.cancel()
                return future
            # From here on it cannot be cancelled: a screen that closes must not stop what the reader marked.
            future.set_running_or_notify_cancel()
            self._waiting.append((task, future))
            self._changed.notify()
            if self._thread is None:
                # A daemon: should it hang in the file system, the program can still end.
                self._thread = Thread(target=self._run, name="write-queue", daemon=True)
                self._thread.start()
        return future

    @property
    def busy(self) -> bool:
        """Whether a task waits or runs."""
        with self._changed:
            return bool(self._waiting) or self._writing

    def close(self) -> None:
        """Take no more tasks; those that wait are run, until one of them fails."""
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
                task, future = entry
                try:
                    own = own or self._library.another()
                    result = task(own)
                except LibraryError as error:
                    self._fail(future, error)
                except Exception as error:  # Whatever it is, the next task is run.
                    self._fail(future, LibraryError(explain(error)))
                else:
                    future.set_result(result)
        finally:
            if own is not None:
                own.close()

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
        """After the screen has closed, `finish` reports the error, and the rest would fail as well."""
        with self._changed:
            if self._closed:
                self._lost.append(error)
                self._waiting.clear()
        future.set_exception(error)
