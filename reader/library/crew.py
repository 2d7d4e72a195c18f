"""Processes that read captures and tell their articles apart, while this one writes.

Each is minded by a thread, which asks it to read some files and waits for the answer. One that dies or does not
answer is replaced, and its files are asked for again one by one, so that the file that did it is known: it becomes
a problem, and the others are read.

What is read of a long file comes in parts. Few of them wait until it is their turn, and the process reads on when one
was taken: however long the files are, memory stays flat.
"""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Condition, Lock, local
from types import TracebackType
from typing import Final, Generic, NamedTuple, Protocol, Self, TypeVar

from reader.captures import Found
from reader.library.reading import FileRead, FileReader, failed
from reader.worker import Worker, WorkerLostError, answer, no_interrupts

PATIENCE = 120.0
"""Seconds that a process may take for one answer before it counts as hung."""
_AHEAD = 16
"""Pieces of work that may wait beside the one that each process does: about what is read while a batch is written."""
_PARTS_AHEAD: Final = 4
"""Parts of a long file that may wait."""
_LEAST_SPEED: Final = 1_000_000
"""Bytes a second of a file that are read at least: a long one may hold nothing that is wanted until its end."""
_GO_ON: Final[Sequence[Found]] = ()
"""Asks for the next part."""


class Work(Protocol):
    """Anything that names files to read."""

    @property
    def files(self) -> Sequence[Found]:
        """The files, some of which may turn out to be none."""


SomeWork = TypeVar("SomeWork", bound=Work)
Answer = list[FileRead]


class _Told(NamedTuple):
    """What a process answers: of some files, or a part of the last of them."""

    files: int
    """How many are read to their end."""
    more: bool
    """Whether another part of one more follows."""
    packed: bytes
    """The FileReads, pickled."""


class _Answers:
    """What was read of one piece of work and is not yet taken, packed."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: deque[bytes] = deque()
        self._ended = False
        self._error: BaseException | None = None

    def put(self, packed: bytes) -> None:
        """Add a part, once there is room for it; nothing is added after the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or len(self._waiting) < _PARTS_AHEAD)
            if not self._ended:
                self._waiting.append(packed)
                self._changed.notify_all()

    def end(self, error: BaseException | None = None) -> None:
        """No more comes; `error` is raised where more was expected."""
        with self._changed:
            self._ended, self._error = True, self._error or error
            self._changed.notify_all()

    def __iter__(self) -> Iterator[bytes]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or self._waiting)
                if not self._waiting:
                    if self._error:
                        raise self._error
                    return
                packed = self._waiting.popleft()
                self._changed.notify_all()
            yield packed


class Crew(Generic[SomeWork]):
    """So many processes; use it as a context, which ends them. Made and used in one thread."""

    def __init__(
        self,
        size: int,
        library: Path,
        *,
        site: str | None = None,
        patience: float = PATIENCE,
        serve: Callable[[Connection, Path, str | None], None] | None = None,
    ) -> None:
        """`library` is the file whose captures need not be read again, `site` the one whose pages are wanted.

        `serve` is what each process does.
        """
        self._size = size
        self._library = library
        self._site = site
        self._patience = patience
        self._serve = serve or answer_all
        self._minders = ThreadPoolExecutor(size, "reading", no_interrupts)
        self._own = local()
        self._workers: set[Worker] = set()
        self._answers: deque[_Answers] = deque()
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
        for answers in self._answers:
            answers.end()
        for worker in workers:
            worker.end(at_once=self._abandoned or kind is not None)
        self._minders.shutdown()

    def abandon(self) -> None:
        """Let go of what is being read: the context then ends at once."""
        self._abandoned = True

    def read(self, work: Iterable[SomeWork]) -> Iterator[tuple[SomeWork, Answer]]:
        """Each piece of work with what was read of its files, in order; few are held at any time.

        Of a long file the parts come one by one, each with the same piece.
        """
        pieces: deque[SomeWork] = deque()
        for piece in work:
            pieces.append(piece)
            self._answers.append(_Answers())
            self._minders.submit(self._read, piece.files, self._answers[-1])
            if len(pieces) > self._size + _AHEAD:
                yield from self._next(pieces)
        while pieces:
            yield from self._next(pieces)

    def _next(self, pieces: deque[SomeWork]) -> Iterator[tuple[SomeWork, Answer]]:
        for packed in self._answers[0]:
            yield pieces[0], pickle.loads(packed)
        self._answers.popleft()
        pieces.popleft()

    def _read(self, files: Sequence[Found], answers: _Answers) -> None:
        """Runs in a minder: ask its process for all there is to know of some files.

        What it answers stays packed until it is its turn: that takes less memory, and none of the time of the
        threads' common interpreter, which the one that writes needs.
        """
        try:
            if files:
                self._ask(files, answers)
            else:
                answers.put(pickle.dumps([]))
        except BaseException as error:  # whatever it is, the one that takes the answers is told
            answers.end(error)
        else:
            answers.end()

    def _ask(self, files: Sequence[Found], answers: _Answers) -> None:
        """Ask for files, and find out which one the process fails on."""
        told = _Told(0, False, b"")
        try:
            question = files
            while question is files or told.more:
                told = pickle.loads(self._worker().ask(question, _extra_patience(files)))
                answers.put(told.packed)
                if self._ended:
                    return
                question = _GO_ON
        except WorkerLostError as error:
            self._forget()
            if self._ended:
                return
            left = files[told.files :]
            if told.more or len(left) == 1:
                answers.put(pickle.dumps([failed(left[0], str(error))]))
                left = left[1:]
            for file in left:
                self._ask([file], answers)

    def _worker(self) -> Worker:
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = Worker(self._serve, self._library, self._site, patience=self._patience)
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


def _extra_patience(files: Sequence[Found]) -> float:
    """Seconds that reading files may take for their length."""
    size = 0
    for file in files:
        with suppress(OSError, ValueError):
            size += os.stat(file.path).st_size  # noqa: PTH116 (as it is opened)
    return size / _LEAST_SPEED


def answer_all(pipe: Connection, library: Path, site: str | None = None) -> None:
    """What a process of the crew does: answer until the pipe closes."""
    with FileReader(library, site) as reader:
        reading: Iterator[_Told] = iter(())

        def act(files: Sequence[Found]) -> _Told:
            nonlocal reading
            if files:
                reading = _told(reader, files)
            return next(reading)

        answer(pipe, act)


def _told(reader: FileReader, files: Sequence[Found]) -> Iterator[_Told]:
    """What is read of files: all at once, or in parts as long as there are more."""
    reads: Answer = []
    for number, file in enumerate(files):
        for read in reader.read(file):
            reads.append(read)
            if read.more:
                yield _Told(number, True, pickle.dumps(reads, pickle.HIGHEST_PROTOCOL))
                reads = []
    yield _Told(len(files), False, pickle.dumps(reads, pickle.HIGHEST_PROTOCOL))
