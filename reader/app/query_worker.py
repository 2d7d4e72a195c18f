"""One thread with its own connection for the questions to the library that would keep a screen waiting."""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Callable, Generator
from concurrent.futures import CancelledError, Future
from threading import Condition, Thread
from typing import Any, TypeVar

from reader.errors import LibraryError, explain
from reader.library import Interrupted, Library

Result = TypeVar("Result")
Question = Callable[[Library], Result]
"""Asks its library. The query worker handles Interrupted and other LibraryErrors."""


class Answer(Future[Result]):
    """The answer to a question, to be awaited.

    Awaiting it raises CancelledError if a newer question has replaced this one, or if it has failed.
    """

    def __await__(self) -> Generator[Any, None, Result]:
        return wrap_future(self).__await__()


class QueryWorker:
    """Answers the newest question of each kind; an older question of that kind is ended or never asked.

    A question that can wait is ended by any other, too.
    """

    def __init__(self, library: Library, on_error: Callable[[LibraryError], None]) -> None:
        """`on_error` is called in the query worker's thread."""
        self._library = library
        self._on_error = on_error
        self._changed = Condition()
        self._waiting: dict[str, tuple[Question[Any], Answer[Any]]] = {}
        self._asking: str | None = None
        self._can_wait: set[str] = set()
        """Kinds of questions that any other question ends."""
        self._own: Library | None = None
        self._closed = False
        self._thread: Thread | None = None

    def ask(self, kind: str, question: Question[Result], *, can_wait: bool = False) -> Answer[Result]:
        """Ask a question soon, instead of any earlier one of this `kind` and of all that can wait."""
        answer: Answer[Result] = Answer()
        with self._changed:
            if self._closed:
                answer.cancel()
                return answer
            for other in self._can_wait:
                self._drop(other)
            if kind in self._waiting:
                self._waiting[kind][1].cancel()
            self._waiting[kind] = question, answer
            ended = self._asking == kind or self._asking in self._can_wait
            if can_wait:
                self._can_wait.add(kind)
            if ended and self._own is not None:
                self._own.interrupt()
            self._changed.notify()
        if self._thread is None:
            # A daemon: should it hang in the file system, the program can still end.
            self._thread = Thread(target=self._run, name="query-worker", daemon=True)
            self._thread.start()
        return answer

    def busy(self, kind: str | None = None) -> bool:
        """Whether a question of this kind, or of any kind, is waiting or being asked."""
        with self._changed:
            if kind is None:
                return bool(self._waiting) or self._asking is not None
            return kind in self._waiting or self._asking == kind

    def close(self) -> None:
        """End the thread, and the question it is asking."""
        with self._changed:
            self._stop()
            if self._own is not None:
                self._own.interrupt()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def _stop(self) -> None:
        self._closed = True
        for kind in [*self._waiting]:
            self._drop(kind)

    def _drop(self, kind: str) -> None:
        if kind in self._waiting:
            self._waiting.pop(kind)[1].cancel()

    def _run(self) -> None:
        try:
            own = self._library.another()
        except LibraryError as error:
            self._on_error(error)
            with self._changed:
                self._stop()
            return
        with own:
            self._own = own
            while (waiting := self._next()) is not None:
                question, answer = waiting
                if answer.set_running_or_notify_cancel():
                    self._put(question, answer, own)
            with self._changed:
                self._own = None

    def _next(self) -> tuple[Question[Any], Answer[Any]] | None:
        with self._changed:
            self._asking = None
            while not self._waiting:
                if self._closed:
                    return None
                self._changed.wait()
            self._asking = next(iter(self._waiting))
            return self._waiting.pop(self._asking)

    def _put(self, question: Question[Result], answer: Answer[Result], own: Library) -> None:
        while True:
            try:
                answer.set_result(question(own))
                return
            except Interrupted:
                # The interruption may have been meant for the question before this one.
                with self._changed:
                    if self._closed or self._asking in self._waiting or self._asking in self._can_wait:
                        break
            except LibraryError as error:
                self._on_error(error)
                break
            except Exception as error:  # Whatever it is, the next question is answered.
                self._on_error(LibraryError(explain(error)))
                break
        answer.set_exception(CancelledError())
