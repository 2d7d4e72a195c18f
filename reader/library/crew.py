"""Processes that read captures and tell their articles apart, while this one writes.

Each is minded by a thread, which asks it to read some files and waits for the answer. One that dies or does not
answer is replaced, and its files are asked for again one by one, so that the file that did it is known: it becomes
a problem, and the others are read.

What is read of a file of some length comes in parts. Few of them wait until it is their turn, and the process reads on
when one was taken: however long the files are, memory stays flat. A long one is shared: one more process takes its
pages out, and all others read them (`reader.library.sharing`).
"""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import BoundedSemaphore, Lock
from types import TracebackType
from typing import Final, Generic, NamedTuple, Protocol, Self, TypeVar

from reader.captures import Found, Late, Tally
from reader.library.answers import Answers
from reader.library.reading import FileRead, FileReader, failed
from reader.library.sharing import CHUNK_BYTES, Chunk, Pages, Walk, chunks, failed_page, items_of, pack
from reader.worker import LEAST_SPEED, PATIENCE, GivenUpError, Worker, WorkerLostError, answer

_AHEAD = 16
"""Pieces of work that may wait beside the one that each process does: about what is read while a batch is written."""
_PARTS_AHEAD: Final = 4
"""Parts of a file that may wait beside those that processes are at."""

Question = Sequence[Found] | Walk | Pages
_GO_ON: Final[Question] = ()
"""Asks for the next part."""


class Work(Protocol):
    """Anything that names files to read."""

    @property
    def files(self) -> Sequence[Found]:
        """The files, some of which may turn out to be none."""

    @property
    def is_long(self) -> bool:
        """Whether it is one file that is better shared."""


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


class Crew(Generic[SomeWork]):
    """So many processes; use it as a context, which ends them. Made and used in one thread."""

    def __init__(
        self,
        size: int,
        library: Path,
        *,
        site: str | None = None,
        spare: int = 0,
        patience: float = PATIENCE,
        serve: Callable[[Connection, Path, str | None], None] | None = None,
    ) -> None:
        """`library` is the file whose captures need not be read again, `site` the one whose pages are wanted.

        `spare` processes more read the pages of a long file, which give the one that writes less to do. `serve` is
        what each process does.
        """
        self._size = size
        self._spare = spare
        self._library = library
        self._site = site
        self._patience = patience
        self._serve = serve or answer_all
        self._minders = ThreadPoolExecutor(size + spare, "reading")
        self._may_read = BoundedSemaphore(size)
        # In one thread, so that the minders have the work in its order: none can wait for what comes later.
        self._handing_out = ThreadPoolExecutor(1, "handing-out")
        self._workers: set[Worker] = set()
        self._idle: list[Worker] = []
        self._answers: deque[Answers] = deque()
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
        self._handing_out.shutdown(wait=False, cancel_futures=True)
        self._minders.shutdown(wait=False, cancel_futures=True)
        for answers in self._answers:
            answers.end()
        for worker in workers:
            worker.end(at_once=self._abandoned or kind is not None)
        self._handing_out.shutdown()
        self._minders.shutdown()

    @property
    def abandoned(self) -> bool:
        """Whether not all was read."""
        return self._abandoned

    def abandon(self) -> None:
        """Let go of what is being read: the context then ends at once."""
        self._abandoned = True

    def read(
        self, work: Iterable[SomeWork], stop: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[SomeWork, Answer]]:
        """Each piece of work with what was read of its files, in order; few are held at any time.

        Of a long file the parts come one by one, each with the same piece. Once `stop` says so, no answer is waited
        for any more: the rest is abandoned.
        """
        try:
            yield from self._read_all(work, stop)
        except GivenUpError:
            self.abandon()

    def _read_all(
        self, work: Iterable[SomeWork], stop: Callable[[], bool]
    ) -> Iterator[tuple[SomeWork, Answer]]:
        pieces: deque[SomeWork] = deque()
        for piece in work:
            pieces.append(piece)
            answers = Answers(_PARTS_AHEAD + (self._size + self._spare if piece.is_long else 0))
            self._answers.append(answers)
            self._handing_out.submit(self._hand_out, piece, answers)
            if len(pieces) > self._size + _AHEAD:
                yield from self._next(pieces, stop)
        while pieces:
            yield from self._next(pieces, stop)

    def _next(self, pieces: deque[SomeWork], stop: Callable[[], bool]) -> Iterator[tuple[SomeWork, Answer]]:
        late: list[Late] = []
        for part in self._answers[0].parts(stop):
            yield pieces[0], _reads(part, late)
        self._answers.popleft()
        pieces.popleft()

    def _hand_out(self, piece: SomeWork, answers: Answers) -> None:
        """Give a piece to the minders, whole or in chunks."""
        try:
            if piece.is_long:
                self._share(piece.files[0], answers)
            else:
                self._minders.submit(self._read, piece.files, answers)
        except BaseException as error:  # whatever it is, the one that takes the answers is told
            answers.end(error)

    def _share(self, file: Found, answers: Answers) -> None:
        """Have one process take the pages out of a file, and the others read them."""
        question: Question = Walk(file, CHUNK_BYTES)
        others, more = 0, True
        last = FileRead()
        try:
            with self._worker() as worker:
                while more and not self._ended:
                    chunk: Chunk = pickle.loads(worker.ask(question, _extra_patience([file])))
                    if chunk.packed:
                        answers.put(self._minders.submit(self._read_pages, chunk.packed), len(chunk.packed))
                    if chunk.tally is not None:
                        answers.put(chunk.tally)
                    others, more = others + chunk.others, chunk.more
                    question = _GO_ON
        except WorkerLostError as error:
            last = failed(file, str(error))
        answers.put(pickle.dumps([last._replace(others=others)]))
        answers.end()

    def _read_pages(self, packed: bytes, *, again: bool = False) -> bytes:
        """Runs in a minder: have a chunk read, and if that fails each page `again`, to find out on which it does."""
        try:
            with self._worker() as worker:
                return worker.ask(Pages(packed), len(packed) / LEAST_SPEED)
        except WorkerLostError as error:
            items = [] if self._ended else items_of(packed)
            if items and again:
                return pickle.dumps([failed_page(items[0], str(error))])
        each = (pickle.loads(self._read_pages(pack([item]), again=True)) for item in items)
        return pickle.dumps([read for reads in each for read in reads])

    def _read(self, files: Sequence[Found], answers: Answers) -> None:
        """Runs in a minder: ask its process for all there is to know of some files.

        What it answers stays packed until it is its turn: that takes less memory, and none of the time of the
        threads' common interpreter, which the one that writes needs.
        """
        try:
            if files:
                with self._may_read:
                    self._ask(files, answers)
            else:
                answers.put(pickle.dumps([]))
        except BaseException as error:  # whatever it is, the one that takes the answers is told
            answers.end(error)
        else:
            answers.end()

    def _ask(self, files: Sequence[Found], answers: Answers) -> None:
        """Ask for files, and find out which one the process fails on."""
        told = _Told(0, False, b"")
        try:
            question: Question = files
            with self._worker() as worker:
                while question is files or told.more:
                    told = pickle.loads(worker.ask(question, _extra_patience(files)))
                    answers.put(told.packed)
                    if self._ended:
                        return
                    question = _GO_ON
        except WorkerLostError as error:
            if self._ended:
                return
            left = files[told.files :]
            if told.more or len(left) == 1:
                answers.put(pickle.dumps([failed(left[0], str(error))]))
                left = left[1:]
            for file in left:
                self._ask([file], answers)

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        """A process that nobody asks at the moment. One that is lost is ended."""
        with self._lock:
            if self._ended:
                raise WorkerLostError("it was given up")
            worker = self._idle.pop() if self._idle else None
        if worker is None:
            worker = Worker(self._serve, self._library, self._site, patience=self._patience)
            self._keep(worker)
        try:
            yield worker
        except BaseException:
            with self._lock:
                self._workers.discard(worker)
            worker.end(at_once=True)
            raise
        with self._lock:
            self._idle.append(worker)

    def _keep(self, worker: Worker) -> None:
        """Note a process that was started; it is ended if the crew was meanwhile."""
        with self._lock:
            self._workers.add(worker)
            if not self._ended:
                return
        worker.end(at_once=True)
        raise WorkerLostError("it was given up")


def _reads(part: bytes | Tally, late: list[Late]) -> Answer:
    """What is in a part; what a tally counts is kept in `late` until it ends."""
    if isinstance(part, Tally):
        part.settle(late)
        return [FileRead(problems=tuple(part.problems()), more=True)]
    reads: Answer = pickle.loads(part)
    late += (one for read in reads for one in read.late)
    return reads


def _extra_patience(files: Sequence[Found]) -> float:
    """Seconds that reading files may take for their length."""
    size = 0
    for file in files:
        with suppress(OSError, ValueError):
            size += os.stat(file.path).st_size  # noqa: PTH116 (as it is opened)
    return size / LEAST_SPEED


def answer_all(pipe: Connection, library: Path, site: str | None = None) -> None:
    """What a process of the crew does: answer until the pipe closes."""
    with FileReader(library, site) as reader:
        walking: Iterator[object] = iter(())

        def act(question: Question) -> object:
            nonlocal walking
            if isinstance(question, Pages):
                return list(reader.read_items(items_of(question.packed)))
            if isinstance(question, Walk):
                walking = chunks(question, site)
            elif question:
                walking = _told(reader, question)
            return next(walking)

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
