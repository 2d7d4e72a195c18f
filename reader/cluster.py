"""Makes many shards at a time: in processes on this machine, or on the machines of a Dask cluster (extra `cluster`)."""

from __future__ import annotations

import logging
import os
import pickle
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from reader import __version__
from reader.captures import is_url, storage_at
from reader.errors import ReaderError
from reader.extras import install_command, needs_extra
from reader.model import Problem
from reader.parsing import PARSER_VERSION
from reader.sanitize import sanitize
from reader.shards import ShardFolder, ShardMade, Task, is_possible, make_shard
from reader.workers import LimitedCalls, WorkerLostError, WorkerPool

Made = tuple[Task, ShardMade]

_AHEAD: Final = 8
"""Tasks submitted per worker, so that the next is ready when one is done."""
_PROTOCOLS: Final = ("tcp", "tls", "ws", "wss", "ucx")
"""Schemes of a Dask scheduler's address."""
_CONNECT_SECONDS: Final = 15.0
_FIRST_WORKER_SECONDS: Final = 30.0
"""Seconds to wait for a first worker to start."""
_RETRIES: Final = 3
_VERSION: Final = (__version__, PARSER_VERSION)
_INSTALL: Final = f"pip install 'protocol-reader[cluster]=={__version__}', and restart it"


def make_shards(tasks: Iterable[Task], folder: str, jobs: int) -> Iterator[Made]:
    """Make the shards of all tasks with `jobs` processes of this machine, in order.

    A file that crashes its process, or takes too long, becomes a problem of its shard. ReaderError if a shard cannot
    be made; finished shards are kept.
    """
    begun: deque[tuple[Task, Iterator[ShardMade]]] = deque()
    with WorkerPool(jobs) as pool, _explained():
        for task in tasks:
            begun.append((task, pool.run(partial(_make_by_worker, task, folder))))
            if len(begun) == _AHEAD * jobs:
                task, made = begun.popleft()
                yield task, next(made)
        for task, made in begun:
            yield task, next(made)


def _make_by_worker(task: Task, folder: str, calls: LimitedCalls) -> Iterator[ShardMade]:
    """In a thread, make a shard, and leave out files that crash the worker."""

    def make(task: Task, folder: str) -> ShardMade:
        return _last(calls.each(task.size, make_shard, task, folder))

    try:
        yield make(task, folder)
        return
    except WorkerLostError:
        items = list(task.items)
    with TemporaryDirectory() as trial:
        for number, item in enumerate(items):
            if isinstance(item, Problem):
                continue
            try:
                make(task._replace(items=(item,)), trial)
            except WorkerLostError as error:
                reason = f"{error}; the other files were read. Please report this with the file"
                items[number] = Problem(sanitize(item.path), "crash", reason)
    try:
        yield make(task._replace(items=tuple(items)), folder)
    except WorkerLostError as error:
        raise ReaderError(f"{task.label}: {error}; please report this with the files") from error


def _last(steps: Iterable[ShardMade | None]) -> ShardMade:
    made = deque(steps, maxlen=1).pop()
    assert made is not None
    return made


@contextmanager
def _explained() -> Iterator[None]:
    """Raise a ReaderError for an error of a disk or of a cluster."""
    try:
        yield
    except OSError as error:
        why = sanitize(error.strerror or str(error))
        raise ReaderError(f"cannot write a shard ({why}); solve this and run the command again") from error
    except CancelledError as error:
        raise ReaderError(
            "the cluster stopped or cancelled the work; check it and run the command again"
        ) from error


def make_shards_on_cluster(
    tasks: Iterable[Task], folder: str, address: str, paths: Sequence[str], form: str
) -> Iterator[Made]:
    """Make the shards of all tasks with the workers of a Dask scheduler, as they are finished.

    Every worker is checked first. If one dies, another makes its shard; a task that ends every worker is a problem, and
    the others go on. ReaderError if a shard cannot be made; finished shards are kept.
    """
    folder = _as_seen_everywhere(folder)
    shards = ShardFolder(folder)
    # This program reports cluster problems itself, so silence Dask's loggers.
    logging.disable(logging.CRITICAL)
    try:
        with _connect(address) as client, _explained():
            _check_workers(client, address, [_as_seen_everywhere(path) for path in paths], form)
            for task, made in _made_on(client, tasks, folder):
                if made.name and not shards.has(made.name):
                    raise ReaderError(
                        f"{folder}: a shard that a worker wrote is missing; all machines must share this folder"
                        " under the same path"
                    )
                yield task, made
    finally:
        logging.disable(logging.NOTSET)


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise ReaderError(needs_extra("--cluster", "cluster")) from error
    tls = (
        "; TLS also needs the settings distributed.comm.tls on this machine"
        if address.startswith("tls:")
        else ""
    )
    unreachable = ReaderError(
        f"{address}: no scheduler answers there; start one with “dask scheduler” (its address looks like"
        f" tcp://host:8786){tls}"
    )
    scheme, separator, _ = address.partition("://")
    if separator and scheme not in _PROTOCOLS:
        raise unreachable  # A client of Dask would start threads first, and may leave them behind.
    connect: Any = Client
    try:
        return connect(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except Exception as error:  # an invalid address can cause many kinds of errors
        raise unreachable from error


def _as_seen_everywhere(path: str) -> str:
    return path if is_url(path) else os.path.abspath(path)  # noqa: PTH100


def _made_on(client: Any, tasks: Iterable[Task], folder: str) -> Iterator[Made]:
    from distributed import as_completed

    ahead = _AHEAD * sum(client.nthreads().values())
    under_way: dict[Any, Task] = {}
    finished: Any = as_completed(loop=client.loop)  # type: ignore[no-untyped-call]
    for task in tasks:
        # Pickled, so that the scheduler does not search it for its own tasks.
        future = client.submit(
            make_on_worker, pickle.dumps(task), folder, _VERSION, pure=False, retries=_RETRIES
        )
        under_way[future] = task
        finished.add(future)
        if len(under_way) == ahead:
            future = next(finished)
            yield _result(under_way.pop(future), future)
    for future in finished:
        yield _result(under_way.pop(future), future)


def _result(task: Task, future: Any) -> Made:
    from distributed import KilledWorker
    from distributed.comm.core import CommClosedError

    try:
        return task, future.result()
    except KilledWorker:
        reason = "every worker that read this died (out of memory?); the other shards were made"
        return task, ShardMade(problems=(Problem(task.label, "crash", reason),), failures=1)
    except CommClosedError as error:  # this is an OSError, but not of the disk
        raise CancelledError from error
    except (OSError, CancelledError):
        raise
    except Exception as error:
        raise ReaderError(f"{task.label}: a worker failed ({sanitize(repr(error))})") from error


def make_on_worker(task: bytes, folder: str, version: tuple[str, int]) -> ShardMade:
    """On a worker, make a shard. RuntimeError if the worker has another version; it may have joined later."""
    if version != _VERSION:
        raise RuntimeError(f"a worker has Protocol Reader {__version__}, but this machine has {version[0]}")
    return _last(make_shard(pickle.loads(task), folder))


def _check_workers(client: Any, address: str, paths: Sequence[str], form: str) -> None:
    """Raise ReaderError if there is no worker, or if any of them cannot make shards."""
    try:
        client.wait_for_workers(1, timeout=_FIRST_WORKER_SECONDS)
    except TimeoutError as error:
        raise ReaderError(
            f"{address}: the scheduler has no workers; start some with “dask worker {address} --nthreads 1”"
        ) from error
    paths = [path for path in paths if is_url(path) or Path(path).exists()]
    # A worker without this program cannot even run the second check.
    check = partial(fault_of_worker, _VERSION, paths, form)
    for worker, fault in [
        *client.run(import_module, __name__, on_error="return").items(),
        *client.run(check, on_error="return").items(),
    ]:
        if isinstance(fault, ImportError):
            fault = f"Protocol Reader {__version__} is not installed there ({fault}); {_INSTALL}"
        elif isinstance(fault, BaseException):
            fault = f"checking it failed ({fault!r})"
        if isinstance(fault, str):
            raise ReaderError(f"worker {sanitize(worker)}: {sanitize(fault)}")


def fault_of_worker(version: tuple[str, int], paths: Sequence[str], form: str) -> str | None:
    """On a worker, return why it cannot make shards; None if it can."""
    if version != _VERSION:
        return (
            f"it has Protocol Reader {__version__}, but this machine has {version[0]}; "
            "install the same version, and restart it"
        )
    if not is_possible(form):
        return f"the extra for this shard format is not installed there: {install_command('zstd', 'parquet')}"
    try:
        for path in paths:
            if not is_url(path) and not Path(path).exists():
                return f"it cannot find {path}; captures must have the same path on all machines"
            storage_at(path)
    except ReaderError as error:
        return str(error)
    return None
