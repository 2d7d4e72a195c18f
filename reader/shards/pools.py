"""Shards made by processes of this machine; and how any of them are waited for."""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock, local
from types import TracebackType
from typing import Final, NamedTuple, Protocol, Self

from reader.captures import Found
from reader.errors import ReaderError
from reader.model import Problem
from reader.safe_text import clean
from reader.shards.making import Made, make, try_file
from reader.shards.plan import Shard
from reader.workers import LEAST_SPEED, SignsOfLife, Worker, WorkerLostError, answer

_AHEAD: Final = 4
"""Shards that are handed out a worker: one that ends soon finds the next at once, and few are held."""


class Pool(Protocol):
    """Anything that makes shards, as a context that ends it."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def size(self) -> int:
        """How many shards it makes at a time."""

    def submit(self, shard: Shard) -> Future[Made]:
        """Have it made, now or later."""


def make_all(pool: Pool, shards: Iterable[Shard], *, in_order: bool) -> Iterator[Made]:
    """What came of each shard, as they are finished or in their order; few are under way at any time.

    ReaderError when one cannot be made: those that are finished stay.
    """
    most = _AHEAD * pool.size
    waiting: deque[Future[Made]] = deque()
    for shard in shards:
        waiting.append(pool.submit(shard))
        while len(waiting) >= most:
            yield _next(waiting, in_order=in_order)
    while waiting:
        yield _next(waiting, in_order=in_order)


def _next(waiting: deque[Future[Made]], *, in_order: bool) -> Made:
    if in_order:
        future = waiting.popleft()
    else:
        done = wait(waiting, return_when=FIRST_COMPLETED).done
        future = next(one for one in waiting if one in done)
        waiting.remove(future)
    try:
        return future.result()
    except OSError as error:
        why = clean(error.strerror or str(error))
        raise ReaderError(f"a shard cannot be written ({why}); see to it and begin again") from error
    except CancelledError as error:
        raise ReaderError("the cluster is gone, or took its work back; see to it and begin again") from error


class Processes:
    """So many processes. One that dies is replaced, and the file that it died of becomes a problem of the shard."""

    def __init__(
        self, size: int, folder: Path, *, serve: Callable[[Connection, str], None] | None = None
    ) -> None:
        """`serve` is what each process does."""
        self.size = size
        self._serve = serve or make_asked
        self._folder = str(folder)
        self._minders = ThreadPoolExecutor(size, "shards")
        self._own = local()
        self._workers: set[Worker] = set()
        self._lock = Lock()
        self._ended = False

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
            worker.end(at_once=kind is not None)
        self._minders.shutdown()

    def submit(self, shard: Shard) -> Future[Made]:
        """Have a process make it, when one has time."""
        return self._minders.submit(self._make, shard)

    def _make(self, shard: Shard) -> Made:
        """Runs in a minder."""
        try:
            return self._ask(_Making(shard))
        except WorkerLostError:
            self._insist_on_going_on()
        fatal = []
        for item in shard.items:
            if isinstance(item, Found):
                try:
                    self._ask(_Trying(item, shard))
                except WorkerLostError as error:
                    self._insist_on_going_on()
                    reason = f"{error}; the other files were read. Please report this with the file"
                    fatal.append((item, Problem(clean(item.path), "crash", reason)))
        try:
            return self._ask(_Making(shard, tuple(fatal)))
        except WorkerLostError as error:
            raise ReaderError(f"{clean(shard.name)}: {error}; please report this with the files") from error

    def _insist_on_going_on(self) -> None:
        if self._ended:
            raise CancelledError

    def _ask(self, question: _Making | _Trying) -> Made:
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = Worker(self._serve, self._folder)
            self._keep(worker)
        try:
            found = pickle.loads(worker.ask(question, question.size / LEAST_SPEED))
        except WorkerLostError:
            self._own.worker = None
            with self._lock:
                self._workers.discard(worker)
            worker.end(at_once=True)
            raise
        if isinstance(found, Exception):
            raise found
        made: Made = found
        return made

    def _keep(self, worker: Worker) -> None:
        """Note a process that was started; it is ended if the pool was meanwhile."""
        with self._lock:
            self._workers.add(worker)
            if not self._ended:
                return
        worker.end(at_once=True)
        raise CancelledError


class _Making(NamedTuple):
    """To make a shard, but for the files that end whoever reads them."""

    shard: Shard
    fatal: tuple[tuple[Found, Problem], ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the files."""
        return sum(stamp.size for stamp in self.shard.stamps if stamp)


class _Trying(NamedTuple):
    """To read one file of a shard, to see whether that can be done."""

    file: Found
    shard: Shard

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return sum(
            stamp.size
            for item, stamp in zip(self.shard.items, self.shard.stamps, strict=True)
            if stamp and item == self.file
        )


def make_asked(pipe: Connection, folder: str) -> None:
    """What a process does: make shards until the pipe closes."""

    signs = SignsOfLife(pipe)

    def act(question: _Making | _Trying) -> object:
        try:
            if isinstance(question, _Trying):
                try_file(question.file, question.shard.wanted, signs.give)
                return None
            return make(question.shard, folder, fatal=dict(question.fatal), on_item=signs.give)
        except OSError as error:
            return error

    answer(pipe, act)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
