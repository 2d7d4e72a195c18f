"""Worker processes: function calls with a time limit, one at a time or in a pool.

Workers are spawned, not forked, because this program has threads. A worker ends with this program, however that dies:
it notices that its pipe is closed, and on Linux the kernel kills it even while it is busy. Ctrl-C reaches only this
process, which decides what to do.

Neither `concurrent.futures` (no time limit, and one crash breaks the whole pool) nor pebble (LGPL) can replace this.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from inspect import isgenerator
from queue import Empty, Full, Queue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Self, TypeVar

from reader.errors import ReaderError, is_debugging, trace

# `multiprocessing` and `concurrent.futures` are imported with the first process: that takes 9 ms, and the first screen
# needs neither.
if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

PATIENCE: Final = 60.0
"""Seconds that a worker may take for one result."""
LEAST_SPEED: Final = 1_000_000
"""The lowest acceptable speed in bytes per second, so that large inputs may take longer than `PATIENCE`."""
SMALL: Final = 256_000
"""Texts and files up to this size (in characters or bytes) are read without a worker."""

Given = ParamSpec("Given")
Made = TypeVar("Made")

_STARTING: Final = 60.0
"""Seconds that a worker may take to start."""
_POLL_SECONDS: Final = 0.1
"""Seconds between two checks whether a result is still needed."""
_RESULTS_AHEAD: Final = 4
"""How many results of a job may wait to be taken."""
_ENDING: Final = 2.0
"""Seconds that a closed worker may take to end."""


class WorkerLostError(Exception):
    """A worker died or took too long; the message says which."""


class GivenUpError(Exception):
    """A result is no longer needed."""


class LimitedCalls:
    """Calls functions in one worker process, and replaces it when a call ends it or takes too long.

    The process starts with the first call. Use it as a context, in one thread.
    """

    def __init__(self, patience: float = PATIENCE, *, give_up: Callable[[], bool] = lambda: False) -> None:
        """`patience`: seconds per result. `give_up` is polled: once it returns True, calls raise GivenUpError."""
        self._patience = patience
        self._give_up = give_up
        self._process: BaseProcess | None = None
        self._pipe: Connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def call(
        self, size: int, function: Callable[Given, Made], *args: Given.args, **more: Given.kwargs
    ) -> Made:
        """Call a module-level function on an input of about `size` bytes; return its result or raise its exception.

        WorkerLostError if the worker dies or takes too long. ReaderError if none can be started.
        """
        result: Made = next(self._results(size, function, args, more))
        return result

    def each(
        self, size: int, function: Callable[Given, Iterator[Made]], *args: Given.args, **more: Given.kwargs
    ) -> Iterator[Made]:
        """Yield the items of a module-level generator function, with the time limit for each item."""
        return self._results(size, function, args, more)

    def _results(self, size: int, function: Callable[..., Any], args: Any, more: Any) -> Iterator[Any]:
        is_intact = False
        try:
            if self._process is None:
                self._start()
            try:
                self._pipe.send((function, args, more))
            except OSError as error:  # the worker died since the last call
                raise WorkerLostError(self._how_it_ended()) from error
            while True:
                kind, result = self._receive(
                    self._patience + size / LEAST_SPEED, "reading it took over {:.0f} seconds"
                )
                is_intact = kind != "item"
                if kind == "error":
                    raise result
                if kind == "end":
                    return
                yield result
                if kind == "result":
                    return
        finally:
            if not is_intact:
                self.end()

    def _start(self) -> None:
        from multiprocessing import get_context

        context = get_context("spawn")
        self._pipe, other_end = context.Pipe()
        self._process = context.Process(target=_work, args=(other_end,), daemon=True)
        try:
            with _no_interrupts():
                self._process.start()
        except OSError as error:
            self._process = None
            raise ReaderError(
                f"cannot start a process to read captures ({error.strerror}); try again, with --jobs 1"
            ) from error
        other_end.close()
        self._receive(_STARTING, "the process to read it took over {:.0f} seconds to start")

    def _receive(self, seconds: float, too_long: str) -> tuple[str, Any]:
        """Return the next message of the worker: its kind and a result."""
        deadline = time.monotonic() + seconds
        try:
            while not self._pipe.poll(max(0.0, min(_POLL_SECONDS, deadline - time.monotonic()))):
                if self._give_up():
                    raise GivenUpError
                if time.monotonic() >= deadline:
                    raise WorkerLostError(too_long.format(seconds))
            message: tuple[str, Any] = self._pipe.recv()
        except (OSError, EOFError) as error:
            raise WorkerLostError(self._how_it_ended()) from error
        return message

    def _how_it_ended(self) -> str:
        assert self._process is not None
        self._process.join(_ENDING)
        code = self._process.exitcode
        if code is None:
            return "the process that was reading it stopped responding"
        how = f"signal {-code}" if code < 0 else f"status {code}"
        return f"the process that was reading it crashed ({how})"

    def end(self) -> None:
        """Kill the process, if there is one; the next call starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            self._pipe.close()
            process.join()


class WorkerPool:
    """Several workers, each used by a thread of its own. Use it as a context, which kills them at its end."""

    def __init__(self, size: int, patience: float = PATIENCE) -> None:
        """`patience`: seconds per result."""
        from concurrent.futures import ThreadPoolExecutor

        self._patience = patience
        self._threads = ThreadPoolExecutor(size, "worker")
        self._ended = threading.Event()
        self._own = threading.local()
        self._calls: list[LimitedCalls] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._threads.shutdown(cancel_futures=True)
        for calls in self._calls:
            calls.end()

    def run(
        self, job: Callable[[LimitedCalls], Iterable[Made]], stop: Callable[[], bool] = lambda: False
    ) -> Iterator[Made]:
        """Run `job` as soon as a thread is free, and yield its results in order. The job calls the thread's worker.

        Only a few results are buffered, so that memory use stays flat. GivenUpError once `stop` returns True.
        """
        results: Queue[Made | None] = Queue(_RESULTS_AHEAD)
        future = self._threads.submit(self._put_all, job, results)
        return _taken(results, future, stop)

    def _put_all(self, job: Callable[[LimitedCalls], Iterable[Made]], results: Queue[Made | None]) -> None:
        """In a thread, run a job, and mark the end of its results with None."""
        calls: LimitedCalls | None = getattr(self._own, "calls", None)
        if calls is None:
            calls = self._own.calls = LimitedCalls(self._patience, give_up=self._ended.is_set)
            self._calls.append(calls)
        try:
            for result in job(calls):
                self._put(result, results)
        finally:
            with suppress(GivenUpError):
                self._put(None, results)

    def _put(self, result: Made | None, results: Queue[Made | None]) -> None:
        while not self._ended.is_set():
            with suppress(Full):
                results.put(result, timeout=_POLL_SECONDS)
                return
        raise GivenUpError


def _taken(results: Queue[Made | None], future: Future[None], stop: Callable[[], bool]) -> Iterator[Made]:
    """Yield results until None ends them, then raise the job's exception, if any."""
    while True:
        try:
            result = results.get(timeout=_POLL_SECONDS)
        except Empty:
            if stop():
                raise GivenUpError from None
            continue
        if result is None:
            future.result()
            return
        yield result


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Block Ctrl-C, which a terminal sends to all processes, in processes started within the block."""
    from multiprocessing import resource_tracker

    # Start the resource tracker first, since its start unblocks interrupts. It needs the file number of sys.stderr,
    # which the app's has not.
    with redirect_stderr(sys.__stderr__):
        resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection) -> None:
    """In a worker, execute the calls from the pipe until it closes. Print tracebacks only if debugging."""
    _end_with_parent()
    try:
        pipe.send(("ready", None))
        while True:
            function, args, more = pipe.recv()
            for message in _messages(function, args, more):
                pipe.send(message)
    except (EOFError, OSError):  # the program is gone, or no longer needs the worker
        pass
    except Exception as error:
        if is_debugging():
            sys.stderr.write(trace(error))
        sys.exit(1)


def _messages(function: Callable[..., Any], args: Any, more: Any) -> Iterator[tuple[str, Any]]:
    """Call a function, and yield its result, or all items of a generator and an end, or the exception."""
    try:
        result = function(*args, **more)
        if not isgenerator(result):
            yield "result", result
            return
        for item in result:
            yield "item", item
        yield "end", None
    except Exception as error:  # raised again in the calling process
        yield "error", error


def _end_with_parent() -> None:
    """Let the kernel kill this process when its parent dies, since a busy worker does not notice a closed pipe."""
    from multiprocessing import parent_process

    parent = parent_process()
    if sys.platform != "linux" or parent is None:
        return
    # Only the parent holds the other end of this pipe. Unlike PR_SET_PDEATHSIG, it does not depend on a thread.
    lifeline: int = parent.sentinel
    with suppress(OSError):
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:  # the parent died before
        os._exit(1)


def processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
