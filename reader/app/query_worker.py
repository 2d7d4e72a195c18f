"""One thread with its own connection that reads the library where a screen would have to wait."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread

from reader.errors import LibraryError, explain
from reader.library import Interrupted, Library

Question = Callable[[Library], None]
"""Reads the library it is given and posts the answer as a message; the query worker handles its LibraryErrors."""


class QueryWorker:
    """Answers the latest question of each kind; an older one of that kind is interrupted or dropped.

    A question that can wait is interrupted by any other.
    """

    def __init__(self, library: Library, on_error: Callable[[LibraryError], None]) -> None:
        """`on_error` is called in the query worker's thread."""
        self._library = library
        self._on_error = on_error
        self._changed = Condition()
        self._waiting: dict[str, Question] = {}
        self._asking: str | None = None
        self._can_wait: set[str] = set()
        """Kinds of questions that any other one ends."""
        self._own: Library | None = None
        self._closed = False
        self._thread: Thread | None = None

    def ask(self, kind: str, question: Question, *, can_wait: bool = False) -> None:
        """Ask a question in place of any earlier one of this `kind` and of all that can wait."""
        with self._changed:
            if self._closed:
                return
            for other in self._can_wait:
                self._waiting.pop(other, None)
            self._waiting[kind] = question
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

    def busy(self, kind: str | None = None) -> bool:
        """Whether a question of this kind, or of any, waits or is being asked."""
        with self._changed:
            if kind is None:
                return bool(self._waiting) or self._asking is not None
            return kind in self._waiting or self._asking == kind

    def close(self) -> None:
        """End the thread, and the question it is asking."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            if self._own is not None:
                self._own.interrupt()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def _run(self) -> None:
        try:
            own = self._library.another()
        except LibraryError as error:
            self._on_error(error)
            return
        with own:
            self._own = own
            while (question := self._next()) is not None:
                self._put(question, own)
            with self._changed:
                self._own = None

    def _next(self) -> Question | None:
        with self._changed:
            self._asking = None
            while not self._waiting:
                if self._closed:
                    return None
                self._changed.wait()
            self._asking = next(iter(self._waiting))
            return self._waiting.pop(self._asking)

    def _put(self, question: Question, own: Library) -> None:
        while True:
            try:
                question(own)
                return
            except Interrupted:
                # The interruption may have been meant for the question before this one.
                with self._changed:
                    if self._closed or self._asking in self._waiting or self._asking in self._can_wait:
                        return
            except LibraryError as error:
                self._on_error(error)
                return
            except Exception as error:  # Whatever it is, the next question is answered.
                self._on_error(LibraryError(explain(error)))
                return
