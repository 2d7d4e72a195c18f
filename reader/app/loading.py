"""Reads captures into a library in a thread, while the app shows those already read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import TYPE_CHECKING

from reader.app.messages import Failed, Filled, Filling
from reader.errors import explain
from reader.library import Library
from reader.model import Problem

if TYPE_CHECKING:
    from textual.message import Message

    from reader.library.ingest.engine import Progress


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
        """Start reading."""
        self._thread.start()

    def stop(self) -> None:
        """Stop reading."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1)

    def _run(self) -> None:
        def report(progress: Progress) -> None:
            self._post(Filling(progress.captures))

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
