"""A background thread that runs slow library queries on a connection of its own; the latest query wins."""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Callable, Generator
from concurrent.futures import CancelledError, Future
from threading import Condition, Thread
from typing import Any, TypeVar

from reader.errors import LibraryError, explain
from reader.library import Interrupted, Library

Result = TypeVar("Result")
Query = Callable[[Library], Result]
"""Reads the library that it gets. The query worker handles Interrupted and other LibraryErrors."""


class Answer(Future[Result]):
    """The result of a query, to be awaited.

    Awaiting raises CancelledError if a newer query has replaced this one, or if it has failed.
    """

    def __await__(self) -> Generator[Any, None, Result]:
        return wrap_future(self).__await__()


class QueryWorker:
    """Runs the latest query of each kind, and interrupts or drops older queries of that kind."""

    def __init__(self, library: Library, on_error: Callable[[LibraryError], None]) -> None:
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
        """Is a query of this kind, or of any kind, waiting or running?"""
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
