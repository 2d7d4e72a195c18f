"""Makes many shards at a time: in processes on this machine, or on the machines of a Dask cluster (extra `cluster`)."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from queue import LifoQueue, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from reader import __version__
from reader.captures import is_url, storage_at
from reader.errors import ReaderError
from reader.model import Problem
from reader.parsing import PARSER_VERSION
from reader.sanitize import sanitize
from reader.shard_folder import ShardFolder
from reader.shards import ShardMade, Task, is_possible, make_shard, try_file
from reader.workers import LEAST_SPEED, SignsOfLife, Worker, WorkerLostError, answer

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Made = TypeVar("Made")

_AHEAD: Final = 4
"""Tasks handed out for each worker, so that one that is done has the next at once."""
_CONNECT_SECONDS: Final = 15.0
_FIRST_WORKER_SECONDS: Final = 30.0
"""How long to wait for a first worker, which may be starting."""
_RETRIES: Final = 3
_VERSION: Final = (__version__, PARSER_VERSION)
_INSTALL: Final = f"pip install 'protocol-reader[cluster]=={__version__}', and restart it"


class LocalProcesses:
    """Processes on this machine, as a context that ends them.

    One that dies or hangs is replaced, and the file that it read becomes a problem of its shard.
    """

    def __init__(self, size: int, folder: str) -> None:
        """The processes are started as they are needed."""
        self.size = size
        self._folder = folder
        self._threads = ThreadPoolExecutor(size, "shards")
        self._idle: LifoQueue[Worker | None] = LifoQueue()
        for _ in range(size):
            self._idle.put(None)
        self._ending = Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        self._ending.set()
        self._threads.shutdown(cancel_futures=True)
        for _ in range(self.size):
            if worker := self._idle.get():
                worker.end(at_once=kind is not None)

    def submit(self, task: Task) -> Future[ShardMade]:
        """Have a process make a shard."""
        return self._threads.submit(self._make, task)

    def result(self, task: Task, future: Future[ShardMade]) -> ShardMade:  # noqa: ARG002
        """The shard that was made."""
        return future.result()

    def _make(self, task: Task) -> ShardMade:
        with suppress(WorkerLostError):
            return self._call(task.size, make_shard, task, self._folder)
        # One of the files ended the process: each is tried alone, and the shard is made of the others.
        items = list(task.items)
        for number, (item, stamp) in enumerate(zip(task.items, task.stamps, strict=True)):
            if not isinstance(item, Problem):
                try:
                    self._call(stamp[0] if stamp else 0, try_file, task, item)
                except WorkerLostError as error:
                    reason = f"{error}; the other files were read. Please report this with the file"
                    items[number] = Problem(sanitize(item.path), "crash", reason)
        try:
            return self._call(task.size, make_shard, task._replace(items=tuple(items)), self._folder)
        except WorkerLostError as error:
            raise ReaderError(f"{task.label}: {error}; please report this with the files") from error

    def _call(self, size: int, function: Callable[..., Made], *args: object) -> Made:
        """Call a function in a process, which counts as hung when it takes too long for one capture."""
        worker = self._idle.get()
        try:
            worker = worker or Worker(serve_calls)
            question = (function, args)
            packed = worker.ask(question, size / LEAST_SPEED, give_up=self._ending.is_set)
        except BaseException:
            if worker:
                worker.end(at_once=True)
            worker = None
            raise
        finally:
            self._idle.put(worker)
        result, error = pickle.loads(packed)
        if error:
            raise error
        made: Made = result
        return made


def serve_calls(pipe: Connection) -> None:
    """In a process: call functions until the pipe closes, with a sign of life after each capture."""
    signs = SignsOfLife(pipe)

    def act(question: tuple[Callable[..., object], tuple[object, ...]]) -> tuple[object, OSError | None]:
        function, args = question
        try:
            return function(*args, signs.give), None
        except (OSError, ReaderError) as error:
            return None, error if isinstance(error, OSError) else OSError(str(error))

    answer(pipe, act)


class Cluster:
    """The workers of a Dask scheduler, as a context that leaves them."""

    def __init__(self, address: str, folder: str, paths: Sequence[str], form: str) -> None:
        """Connect, and check every worker. ReaderError when one of them could not make shards of `paths`.

        `folder` is a URL or an absolute path.
        """
        self._folder = folder
        # What happens to the cluster is reported by this program, in its own words. Dask sets up its own loggers.
        logging.disable(logging.CRITICAL)
        self._client = _connect(address)
        self._futures: set[Any] = set()
        try:
            self._check_workers(address, paths, form)
            self.size = sum(self._client.nthreads().values())
        except BaseException:
            self._client.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        with suppress(Exception):  # The scheduler may be gone.
            self._client.cancel(list(self._futures))
        self._client.close()
        logging.disable(logging.NOTSET)

    def submit(self, task: Task) -> Any:
        """Have a worker make a shard; another one if that worker dies."""
        # Pickled, so that the scheduler does not look for its own tasks in it.
        future = self._client.submit(
            make_on_worker, pickle.dumps(task), self._folder, _VERSION, pure=False, retries=_RETRIES
        )
        self._futures.add(future)
        return future

    def result(self, task: Task, future: Any) -> ShardMade:
        """The shard that was made. A task that ends every worker is a problem, and the others go on."""
        from distributed import KilledWorker
        from distributed.comm.core import CommClosedError

        self._futures.discard(future)
        try:
            made: ShardMade = future.result()
        except KilledWorker:
            reason = "every worker that read it was ended (has it memory enough?); the other shards were made"
            return ShardMade(settled=False).with_problem(Problem(task.label, "crash", reason))
        except CommClosedError as error:  # It is an OSError, but not of the disk.
            raise CancelledError from error
        except (OSError, CancelledError):
            raise
        except Exception as error:
            raise ReaderError(f"{task.label}: a worker failed on it ({sanitize(repr(error))})") from error
        return made

    def _check_workers(self, address: str, paths: Sequence[str], form: str) -> None:
        try:
            self._client.wait_for_workers(1, timeout=_FIRST_WORKER_SECONDS)
        except TimeoutError as error:
            raise ReaderError(
                f"{address}: the scheduler has no worker; start some: dask worker {address} --nthreads 1"
            ) from error
        there = [path if is_url(path) else os.path.abspath(path) for path in paths]  # noqa: PTH100
        there = [path for path in there if is_url(path) or Path(path).exists()]
        folder = ShardFolder(self._folder)
        probe = folder.put_probe()
        try:
            for function, args in (
                (import_module, (__name__,)),
                (fault_of_worker, (_VERSION, self._folder, probe, there, form)),
            ):
                answers = self._client.run(function, *args, on_error="return")
                for worker, fault in answers.items():
                    if isinstance(fault, ImportError):
                        fault = f"Protocol Reader {__version__} is not installed there ({fault}); {_INSTALL}"
                    elif isinstance(fault, BaseException):
                        fault = f"it cannot be asked what it has ({fault!r})"
                    if isinstance(fault, str):
                        raise ReaderError(f"worker {sanitize(worker)}: {sanitize(fault)}")
        finally:
            folder.remove(probe)


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise ReaderError(
            "--cluster needs the extra `cluster`: pip install 'protocol-reader[cluster]'"
        ) from error
    connect: Any = Client
    try:
        return connect(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except Exception as error:  # An address that makes no sense fails in many ways.
        tls = "; TLS needs the settings distributed.comm.tls here too" if address.startswith("tls:") else ""
        raise ReaderError(
            f"{address}: no scheduler answers there; start one: dask scheduler (its address is like"
            f" tcp://host:8786){tls}"
        ) from error


def fault_of_worker(
    version: tuple[str, int], folder: str, probe: str, paths: Sequence[str], form: str
) -> str | None:
    """On a worker: what keeps it from making shards; None for nothing. `probe` is a new file in `folder`."""
    if version != _VERSION:
        return f"it has Protocol Reader {__version__}, and this is {version[0]}; install the same, and restart it"
    if not is_possible(form):
        return "the extra for this form of shards is not installed there: pip install 'protocol-reader[zstd,parquet]'"
    try:
        if not ShardFolder(folder).has(probe):
            return f"it does not see {folder}; shards go into a folder that all machines share, under the same path"
        for path in paths:
            if is_url(path):
                storage_at(path)
            elif not Path(path).exists():
                return (
                    f"it does not see {path}; captures lie where all machines find them, under the same path"
                )
    except ReaderError as error:
        return str(error)
    return None


def make_on_worker(task: bytes, folder: str, version: tuple[str, int]) -> ShardMade:
    """On a worker: make a shard. RuntimeError when the worker, which may be new, has another version."""
    if version != _VERSION:
        raise RuntimeError(f"a worker has Protocol Reader {__version__}, and was asked by {version[0]}")
    return make_shard(pickle.loads(task), folder)


Pool = LocalProcesses | Cluster


def make_shards(pool: Pool, tasks: Iterable[Task]) -> Iterator[tuple[Task, ShardMade]]:
    """Make the shards of all tasks, of which few are under way at any time; they come as they are finished.

    ReaderError when one cannot be made; finished shards are kept.
    """
    finished: SimpleQueue[tuple[Task, Any]] = SimpleQueue()
    under_way = 0
    for task in tasks:
        pool.submit(task).add_done_callback(partial(_put, finished, task))
        under_way += 1
        if under_way == _AHEAD * pool.size:
            yield _next(pool, finished)
            under_way -= 1
    for _ in range(under_way):
        yield _next(pool, finished)


def _put(finished: SimpleQueue[tuple[Task, Any]], task: Task, future: Any) -> None:
    finished.put((task, future))


def _next(pool: Pool, finished: SimpleQueue[tuple[Task, Any]]) -> tuple[Task, ShardMade]:
    task, future = finished.get()
    try:
        return task, pool.result(task, future)
    except OSError as error:
        why = sanitize(error.strerror or str(error))
        raise ReaderError(f"a shard cannot be written ({why}); see to it and begin again") from error
    except CancelledError as error:
        raise ReaderError("the cluster is gone, or took its work back; see to it and begin again") from error
