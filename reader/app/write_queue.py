"""A background thread that writes to the library on a connection of its own: every task, in order.

Another program may lock the library for seconds. Neither the screen nor the query worker has to wait.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import ExitStack
from queue import Queue
from threading import Thread
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
    """Runs every task, in order. Its methods are for one thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._tasks: Queue[tuple[Task[Any], Future[Any]] | None] = Queue()
        """None for the end."""
        self._closed = False
        self._errors: list[LibraryError] = []
        """The error that ended a closed queue."""
        # A daemon, so that the program can end even if the file system hangs.
        self._thread = Thread(target=self._run, name="write-queue", daemon=True)

    def do(self, task: Task[Result]) -> Future[Result]:
        """Run a task soon; the future gets its result, or the LibraryError that stopped it.

        On a closed queue nothing runs, and the future is cancelled.
        """
        future: Future[Result] = Future()
        if self._closed:
            future.cancel()
            return future
        # Not cancellable from here on: a screen that closes must not lose the reader's marks.
        future.set_running_or_notify_cancel()
        self._tasks.put((task, future))
        if self._thread.ident is None:
            self._thread.start()
        return future

    @property
    def busy(self) -> bool:
        """Is a task waiting or running?"""
        return not self._closed and self._tasks.unfinished_tasks > 0

    def close(self) -> None:
        """Accept no more tasks; run those that wait, until one of them fails."""
        if not self._closed:
            self._closed = True
            self._tasks.put(None)

    def finish(self, seconds: float) -> LibraryError | None:
        """Close the queue and wait up to `seconds`; return an error if some tasks were not written."""
        self.close()
        if self._thread.ident is not None:
            self._thread.join(seconds)
        if self._errors:
            return self._errors[0]
        if self._thread.is_alive():
            return LibraryError(
                f"{self._library.path}: it takes too long; perhaps another program is using the library"
            )
        return None

    def _run(self) -> None:
        with ExitStack() as stack:
            library: Library | None = None
            # After an error, a closed queue drops the rest, which would fail too.
            while not self._errors and (entry := self._tasks.get()) is not None:
                task, future = entry
                try:
                    library = library or stack.enter_context(self._library.another())
                    future.set_result(task(library))
                except Exception as error:  # One bad task must not stop the queue.
                    failure = error if isinstance(error, LibraryError) else LibraryError(explain(error))
                    if self._closed:
                        self._errors.append(failure)
                    future.set_exception(failure)
                self._tasks.task_done()
