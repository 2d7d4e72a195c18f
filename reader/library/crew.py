"""Processes that read captures and tell their articles apart, while this one writes.

Each is minded by a thread, which asks it to read some files and waits for the answer. One that dies or does not
answer is replaced, and its files are asked for again one by one, so that the file that did it is known: it becomes
a problem, and the others are read.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock, local
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from reader.captures import Found
from reader.library.reading import FileRead, FileReader, failed
from reader.worker import Worker, WorkerLostError, answer, no_interrupts

PATIENCE = 120.0
"""Seconds that a process may take for one answer before it counts as hung."""
_AHEAD = 16
"""Pieces of work that may wait beside the one that each process does: about what is read while a batch is written."""


class Work(Protocol):
    """Anything that names files to read."""

    @property
    def files(self) -> Sequence[Found]:
        """The files, some of which may turn out to be none."""


SomeWork = TypeVar("SomeWork", bound=Work)
Answer = list[FileRead]


class Crew(Generic[SomeWork]):
    """So many processes; use it as a context, which ends them. Made and used in one thread."""

    def __init__(
        self,
        size: int,
        library: Path,
        *,
        patience: float = PATIENCE,
        serve: Callable[[Connection, Path], None] | None = None,
    ) -> None:
        """`library` is the file whose captures need not be read again; `serve` is what each process does."""
        self._size = size
        self._library = library
        self._patience = patience
        self._serve = serve or answer_all
        self._minders = ThreadPoolExecutor(size, "reading", no_interrupts)
        self._own = local()
        self._workers: set[Worker] = set()
        self._lock = Lock()
        self._ended = self._abandoned = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._ended = True
            workers = list(self._workers)
        self._minders.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.end(at_once=self._abandoned or kind is not None)
        self._minders.shutdown()

    def abandon(self) -> None:
        """Let go of what is being read: the context then ends at once."""
        self._abandoned = True

    def read(self, work: Iterable[SomeWork]) -> Iterator[tuple[SomeWork, Answer]]:
        """Each piece of work with what was read of its files, in order; few are held at any time."""
        waiting: deque[tuple[SomeWork, Future[list[bytes]]]] = deque()
        for piece in work:
            waiting.append((piece, self._minders.submit(self._read, piece.files)))
            if len(waiting) > self._size + _AHEAD:
                done, future = waiting.popleft()
                yield done, _unpacked(future.result())
        while waiting:
            done, future = waiting.popleft()
            yield done, _unpacked(future.result())

    def _read(self, files: Sequence[Found]) -> list[bytes]:
        """Runs in a minder: ask its process, and find out which file it fails on.

        What it answers stays packed until it is its turn: that takes less memory, and none of the time of the
        threads' common interpreter, which the one that writes needs.
        """
        if not files:
            return []
        try:
            return [self._worker().ask(files)]
        except WorkerLostError as error:
            self._forget()
            if self._ended:
                return []
            if len(files) > 1:
                return [part for file in files for part in self._read([file])]
            return [pickle.dumps([failed(files[0], str(error))])]

    def _worker(self) -> Worker:
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = Worker(self._serve, self._library, patience=self._patience)
            with self._lock:
                self._workers.add(worker)
            self._own.worker = worker
        return worker

    def _forget(self) -> None:
        worker: Worker = self._own.worker
        self._own.worker = None
        with self._lock:
            self._workers.discard(worker)
        worker.end(at_once=True)


def _unpacked(packed: Sequence[bytes]) -> Answer:
    return [read for part in packed for read in pickle.loads(part)]


def answer_all(pipe: Connection, library: Path) -> None:
    """What a process of the crew does: answer until the pipe closes."""
    with FileReader(library) as reader:
        answer(pipe, lambda files: list(map(reader.read, files)))
