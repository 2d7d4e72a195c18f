"""Makes many shards at a time: in processes on this machine, or on the machines of a Dask cluster (extra `cluster`)."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from reader import __version__
from reader.captures import is_url
from reader.errors import ReaderError
from reader.extras import needs_extra
from reader.model import Problem
from reader.parsing import PARSER_VERSION
from reader.sanitize import sanitize
from reader.shards import ShardFolder, ShardMade, Task, check_form, make_shard
from reader.workers import LimitedCalls, WorkerLostError, WorkerPool

Made = tuple[Task, ShardMade]

_AHEAD: Final = 8
"""Tasks submitted per worker, so that the next is ready when one is done."""
_CONNECT_SECONDS: Final = 15.0
_FIRST_WORKER_SECONDS: Final = 30.0
"""Seconds to wait for a first worker to start."""
_VERSION: Final = (__version__, PARSER_VERSION)


def make_shards(tasks: Iterable[Task], folder: str, jobs: int) -> Iterator[Made]:
    """Make the shards of all tasks with `jobs` processes of this machine, in order.

    A task that crashes its process, or takes too long, becomes a problem. ReaderError if a shard cannot be written;
    finished shards are kept.
    """

    def make(task: Task, calls: LimitedCalls) -> Iterator[ShardMade]:
        try:
            yield from filter(None, calls.each(task.size, make_shard, task, folder))
        except WorkerLostError as error:
            yield _lost(task, str(error))

    with WorkerPool(jobs) as pool:
        yield from _in_order(tasks, lambda task: partial(next, pool.run(partial(make, task))), _AHEAD * jobs)


def _lost(task: Task, how: str) -> ShardMade:
    """Return the result of a task that no worker could do."""
    return ShardMade(problems=(Problem(task.label, "crash", f"{how}, so none of its pages were kept"),))


def _in_order(
    tasks: Iterable[Task], begin: Callable[[Task], Callable[[], ShardMade]], ahead: int
) -> Iterator[Made]:
    """Begin up to `ahead` tasks, and yield what they made. `begin` returns a function that waits for the result."""
    begun: deque[tuple[Task, Callable[[], ShardMade]]] = deque()
    try:
        for task in tasks:
            begun.append((task, begin(task)))
            if len(begun) == ahead:
                task, result = begun.popleft()
                yield task, result()
        for task, result in begun:
            yield task, result()
    except OSError as error:
        why = sanitize(error.strerror or str(error))
        raise ReaderError(f"cannot write a shard ({why}); solve this and run the command again") from error


def make_shards_on_cluster(tasks: Iterable[Task], folder: str, address: str) -> Iterator[Made]:
    """Make the shards of all tasks with the workers of a Dask scheduler, in order.

    If a worker dies, another makes its shard; a task that ends every worker is a problem, and the others go on.
    ReaderError if a shard cannot be made; finished shards are kept.
    """
    folder = folder if is_url(folder) else os.path.abspath(folder)  # noqa: PTH100
    shards = ShardFolder(folder)
    # This program reports cluster problems itself, so silence Dask's loggers.
    logging.disable(logging.CRITICAL)
    try:
        with _connect(address) as client:

            def begin(task: Task) -> Callable[[], ShardMade]:
                # A partial, because the scheduler would search arguments for its own tasks.
                job = partial(make_on_worker, task, folder, _VERSION)
                return partial(_result, task, client.submit(job, pure=False, retries=3))

            for task, made in _in_order(tasks, begin, _AHEAD * sum(client.nthreads().values())):
                if made.name and not shards.has(made.name):
                    raise ReaderError(
                        f"{folder}: a shard that a worker wrote is missing; all machines must share this folder"
                        " under the same path"
                    )
                yield task, made
    finally:
        logging.disable(logging.NOTSET)


def _connect(address: str) -> Any:
    """Return a client of the scheduler, which has a worker at least."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ReaderError(needs_extra("--cluster", "cluster")) from error
    connect: Any = Client
    client = None
    try:
        client = connect(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        client.wait_for_workers(1, timeout=_FIRST_WORKER_SECONDS)
    except Exception as error:  # an invalid address can cause many kinds of errors
        if client is not None:
            client.close()
        raise ReaderError(
            f"{address}: no scheduler with workers answers there; start “dask scheduler” (its address looks like"
            f" tcp://host:8786) and “dask worker {address} --nthreads 1”; tls:// also needs the settings"
            " distributed.comm.tls on this machine"
        ) from error
    return client


def _result(task: Task, future: Any) -> ShardMade:
    """Wait for the result of a worker of the cluster."""
    from distributed import KilledWorker  # an optional extra

    try:
        made: ShardMade = future.result()
    except KilledWorker:
        return _lost(task, "every worker that read this died (out of memory?)")
    except ReaderError:
        raise
    except Exception as error:
        raise ReaderError(
            f"{task.label}: the cluster did not make its shard ({sanitize(repr(error))}); check that every worker has"
            f" Protocol Reader {__version__} with the same extras, and run the command again"
        ) from error
    return made


def make_on_worker(task: Task, folder: str, version: tuple[str, int]) -> ShardMade:
    """On a worker, make a shard. ReaderError if the worker has another version, or cannot find the captures."""
    if version != _VERSION:
        raise ReaderError(
            f"a worker has Protocol Reader {__version__}, but this machine has {version[0]}; install the same"
            " version, and restart the worker"
        )
    check_form(task.options.form)
    for file in task.files[:1]:
        if not is_url(file.path) and not Path(file.beside, file.path).exists():
            raise ReaderError(
                f"{sanitize(file.path)}: a worker cannot find this; captures must have the same path on all machines"
            )
    return next(filter(None, make_shard(task, folder)))
