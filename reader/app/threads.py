"""The background threads: queries of the library, where the latest wins; writes, in order; the reading of captures."""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack
from queue import Queue
from threading import Condition, Event, Thread
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from reader.app.messages import Failed, Filled, Filling
from reader.errors import LibraryError, explain
from reader.library import Interrupted, Library
from reader.model import Problem

if TYPE_CHECKING:
    from textual.message import Message

    from reader.library.ingest.writing import Summary


Result = TypeVar("Result")
Query = Callable[[Library], Result]
"""Reads the library that it gets. The query worker handles Interrupted and other LibraryErrors."""

POLL_SECONDS = 0.5
"""Seconds between two looks of a screen for changes of the library, also by other programs."""


class Answer(Future[Result]):
    """The result of a query, to be awaited.

    Awaiting raises CancelledError if a newer query has replaced this one, or if it has failed.
    """

    def __await__(self) -> Generator[Any, None, Result]:
        return wrap_future(self).__await__()


class QueryWorker:
    """Runs the latest query of each kind, and interrupts or drops older queries of that kind."""

    def __init__(self, library: Library, on_error: Callable[[LibraryError], object]) -> None:
        """`on_error` is called in the query worker's thread."""
        self._library = library
        self._on_error = on_error
        self._changed = Condition()
        self._waiting: dict[str, tuple[Query[Any], Answer[Any]]] = {}
        self._running: str | None = None
        """The kind of the query that runs now."""
        self._connection: Library | None = None
        self._closed = False
        # A daemon, so that the program can end even if the file system hangs.
        self._thread = Thread(target=self._run, name="query-worker", daemon=True)

    def ask(self, kind: str, query: Query[Result]) -> Answer[Result]:
        """Run a query soon. It replaces earlier ones of its `kind`."""
        answer: Answer[Result] = Answer()
        with self._changed:
            if self._closed:
                answer.cancel()
                return answer
            if kind in self._waiting:
                self._waiting[kind][1].cancel()
            self._waiting[kind] = query, answer
            if self._running == kind and self._connection is not None:
                self._connection.interrupt()
            self._changed.notify()
            if self._thread.ident is None:
                self._thread.start()
        return answer

    def busy(self, kind: str | None = None) -> bool:
        with self._changed:
            kinds = {*self._waiting, self._running} - {None}
        return bool(kinds) if kind is None else kind in kinds

    def close(self) -> None:
        """Stop the thread, and interrupt the query that runs."""
        with self._changed:
            self._stop()
            if self._connection is not None:
                self._connection.interrupt()
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout=2)

    def _stop(self) -> None:
        self._closed = True
        for _, answer in self._waiting.values():
            answer.cancel()
        self._waiting.clear()

    def _run(self) -> None:
        try:
            with self._library.another() as library:
                self._connection = library
                while (waiting := self._next()) is not None:
                    query, answer = waiting
                    if answer.set_running_or_notify_cancel():
                        self._run_query(query, answer, library)
                with self._changed:
                    self._connection = None
        except LibraryError as error:
            self._on_error(error)
            with self._changed:
                self._stop()

    def _next(self) -> tuple[Query[Any], Answer[Any]] | None:
        with self._changed:
            self._running = None
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            self._running = next(iter(self._waiting))
            return self._waiting.pop(self._running)

    def _run_query(self, query: Query[Result], answer: Answer[Result], library: Library) -> None:
        while True:
            try:
                library.retry_full_disk()
                answer.set_result(query(library))
                return
            except Interrupted:
                # The interrupt may have been meant for the query before: then run this one again.
                with self._changed:
                    if self._closed or self._running in self._waiting:
                        break
            except Exception as error:  # One bad query must not stop the worker.
                self._on_error(error if isinstance(error, LibraryError) else LibraryError(explain(error)))
                break
        answer.set_exception(CancelledError())


# Writes

Task = Callable[[Library], Result]
"""Writes to the library that it gets."""


class Write(Protocol):
    """Queues a task at once. Calls `report` with its result once it has run, or shows its error."""

    def __call__(self, task: Task[Result], report: Callable[[Result], object]) -> None:
        """Queue the task."""


class WriteQueue:
    """Runs every task, in order. Its methods are for one thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._tasks: Queue[tuple[Task[Any], Future[Any]] | None] = Queue()
        """None for the end."""
        self._closed = False
        self._failure: LibraryError | None = None
        """Why the last task was not written; None if it was."""
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
        if self._failure is not None:
            return self._failure
        if self._thread.is_alive():
            return LibraryError(
                f"{self._library.path}: it takes too long; perhaps another program is using the library"
            )
        return None

    def _run(self) -> None:
        with ExitStack() as stack:
            library: Library | None = None
            while (entry := self._tasks.get()) is not None:
                task, future = entry
                try:
                    library = library or stack.enter_context(self._library.another())
                    future.set_result(task(library))
                    self._failure = None
                except Exception as error:  # One bad task must not stop the queue.
                    self._failure = error if isinstance(error, LibraryError) else LibraryError(explain(error))
                    future.set_exception(self._failure)
                self._tasks.task_done()
                if self._closed and self._failure is not None:
                    break  # The rest would fail too.


# Reading captures


class Loader:
    """Reads the captures at some paths in one thread, and always reports its end."""

    def __init__(self, library: Library, paths: Sequence[str], post: Callable[[Message], object]) -> None:
        """`post` is called in the thread: with `Filling` for each batch, then with `Filled` or `Failed`."""
        self._library = library
        self._paths = paths
        self._post = post
        self._stop = Event()
        # A daemon, so that a slow capture does not delay the end of the program.
        self._thread = Thread(target=self._run, name="loader", daemon=True)
        self.failure: Problem | None = None
        """Why reading stopped early; None unless it did."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1)

    def _run(self) -> None:
        def report(so_far: Summary) -> None:
            self._post(Filling(so_far.captures))

        try:
            with self._library.another() as library:
                library.ingest(self._paths, on_progress=report, stop=self._stop.is_set)
        except BaseException as error:  # Always report the end, or the app would wait forever.
            reason = explain(error)
            source = self._paths[0] if len(self._paths) == 1 else f"{len(self._paths)} paths"
            self.failure = Problem(source, "stopped", f"reading stopped: {reason}", partial=True)
            self._post(Failed(f"Reading the captures stopped: {reason}", filling=True))
        else:
            self._post(Filled())
