"""Worker processes: function calls with a time limit, one at a time or in a pool.

A worker is a new interpreter, not a fork, because this program has threads. It takes functions, by their names, and
their arguments from a pipe. If it takes too long, the kernel ends it with an alarm that it sets itself, so this also
holds when this program dies; an idle worker notices that its pipe is closed. Ctrl-C reaches only this process, which
decides what to do.

Neither `concurrent.futures` (no time limit, and one crash breaks the whole pool) nor pebble (LGPL) can replace this.
`multiprocessing` would run the main script again in each worker: one without `if __name__ == "__main__":` would start
workers for ever.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from inspect import isgenerator
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from reader.errors import ReaderError, is_debugging, trace

# These are imported with the first process: that takes 9 ms, and the first screen needs none of them.
if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection
    from subprocess import Popen

PATIENCE: Final = 60.0
"""Seconds that a worker may take for one result."""
LEAST_SPEED: Final = 1_000_000
"""The lowest acceptable speed in bytes per second, so that large inputs may take longer than `PATIENCE`."""
SMALL: Final = 256_000
"""Texts and files up to this size (in characters or bytes) are read without a worker."""

Given = ParamSpec("Given")
Made = TypeVar("Made")

_POLL_SECONDS: Final = 0.1
"""Seconds between two checks whether a result is still needed."""
_RESULTS_AHEAD: Final = 4
"""How many results of a job may wait to be taken."""
_LATE: Final = 60.0
"""Seconds to wait for a worker that starts slowly, or is stopped and does not notice its alarm."""
_ENDING: Final = 2.0
"""Seconds that a closed worker may take to end."""
_PROGRAM: Final = (
    "import os, sys; number, nice, *sys.path = sys.argv[1:]; os.nice(int(nice));"
    " from reader.workers import work; work(int(number))"
)
"""The program of a worker, whose arguments are the number of its pipe, its niceness and the import path."""
_NICENESS: Final = 5
"""Of the workers of a pool: whatever takes their results, or shows them, goes first."""


class WorkerLostError(Exception):
    """A worker died or took too long; the message says which."""


class GivenUpError(Exception):
    """A result is no longer needed."""


class LimitedCalls(AbstractContextManager["LimitedCalls"]):
    """Calls functions in one worker process, and replaces it when a call ends it or takes too long.

    The process starts with the first call. Use it as a context, in one thread.
    """

    def __init__(
        self, patience: float = PATIENCE, *, give_up: Callable[[], bool] = lambda: False, niceness: int = 0
    ) -> None:
        """`patience`: seconds per result. `give_up` is polled: once it returns True, calls raise GivenUpError."""
        self._niceness = niceness
        self._patience = patience
        self._give_up = give_up
        self._process: Popen[bytes] | None = None
        self._pipe: Connection

    def __exit__(self, *_: object) -> None:
        self.end()

    def call(
        self, size: int, function: Callable[Given, Made], *args: Given.args, **more: Given.kwargs
    ) -> Made:
        """Call a module-level function on an input of about `size` bytes; return its result or raise its exception.

        WorkerLostError if the worker dies or takes too long. ReaderError if none can be started.
        """
        made: Made
        (made,) = self.each(size, function, *args, **more)  # type: ignore[arg-type]
        return made

    def each(
        self, size: int, function: Callable[Given, Iterator[Made]], *args: Given.args, **more: Given.kwargs
    ) -> Iterator[Made]:
        """Yield the items of a module-level generator function, with the time limit for each item."""
        limit = self._patience + size / LEAST_SPEED
        is_idle = False
        try:
            process = self._process = self._process or self._started()
            try:
                self._pipe.send((limit, function, args, more))
                while (message := self._receive(limit))[0] == "item":
                    yield message[1]
            except (OSError, EOFError) as error:
                raise WorkerLostError(_how_it_ended(process, limit)) from error
            is_idle = True
            if message[0] == "error":
                raise message[1]
        finally:
            if not is_idle:
                self.end()

    def _started(self) -> Popen[bytes]:
        from multiprocessing.connection import Pipe
        from subprocess import DEVNULL, Popen

        self._pipe, other_end = Pipe()
        number = other_end.fileno()
        words = [sys.executable, "-c", _PROGRAM, str(number), str(self._niceness), *sys.path]
        # A terminal sends Ctrl-C to all processes; this one is blocked in the worker, which inherits the mask.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return Popen(words, stdin=DEVNULL, pass_fds=[number])
        except OSError as error:
            raise ReaderError(
                f"cannot start a process to read captures ({error.strerror}); try again, with --jobs 1"
            ) from error
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            other_end.close()

    def _receive(self, limit: float) -> tuple[str, Any]:
        """Return the next message of the worker: kind and result. EOFError if its alarm did not end it in time."""
        # Counted, so that the time while this program is suspended does not matter.
        for _ in range(int((limit + _LATE) / _POLL_SECONDS)):
            if self._pipe.poll(_POLL_SECONDS):
                message: tuple[str, Any] = self._pipe.recv()
                return message
            if self._give_up():
                raise GivenUpError
        raise EOFError

    def end(self) -> None:
        """Kill the process, if there is one; the next call starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            self._pipe.close()
            _wait_for(process)


def _wait_for(process: Popen[bytes]) -> int | None:
    """Return the exit status of a process that should end; None if it does not."""
    from subprocess import TimeoutExpired

    with suppress(TimeoutExpired):
        return process.wait(_ENDING)
    return None


def _how_it_ended(process: Popen[bytes], limit: float) -> str:
    code = _wait_for(process)
    if code is None:
        return "the process that was reading it stopped responding"
    if code == -signal.SIGALRM:
        return f"reading it took over {limit:.0f} seconds"
    how = f"signal {-code}" if code < 0 else f"status {code}"
    return f"the process that was reading it crashed ({how})"


class WorkerPool(AbstractContextManager["WorkerPool"]):
    """Several workers, each used by a thread of its own. Use it as a context, which kills them at its end."""

    def __init__(self, size: int, patience: float = PATIENCE) -> None:
        """`patience`: seconds per result."""
        from concurrent.futures import ThreadPoolExecutor

        self._threads = ThreadPoolExecutor(size, "worker")
        self._ended = threading.Event()
        self._free = [
            LimitedCalls(patience, give_up=self._ended.is_set, niceness=_NICENESS) for _ in range(size)
        ]

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._threads.shutdown(cancel_futures=True)
        for calls in self._free:
            calls.end()

    def run(
        self, job: Callable[[LimitedCalls], Iterable[Made]], stop: Callable[[], bool] = lambda: False
    ) -> Iterator[Made]:
        """Run `job` as soon as a thread is free, and yield its results in order. The job calls the thread's worker.

        Only a few results are buffered, so that memory use stays flat. GivenUpError once `stop` returns True.
        """
        results: Queue[Made | None] = Queue(_RESULTS_AHEAD)
        return _taken(results, self._threads.submit(self._put_all, job, results), stop)

    def _put_all(self, job: Callable[[LimitedCalls], Iterable[Made]], results: Queue[Made | None]) -> None:
        """In a thread, run a job, and mark the end of its results with None."""
        calls = self._free.pop()
        try:
            for result in job(calls):
                self._put(result, results)
        finally:
            self._free.append(calls)
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


def work(number: int) -> None:
    """In a worker, execute the calls from the pipe until it closes. Print tracebacks only if debugging.

    `number` is the file descriptor of its end of the pipe.
    """
    from multiprocessing.connection import Connection

    pipe: Connection = Connection(number)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(
        signal.SIG_UNBLOCK, {signal.SIGALRM}
    )  # whoever started this program may have blocked it
    try:
        while True:
            limit, *call = pipe.recv()
            for message in _messages(limit, *call):
                pipe.send(message)
    except (EOFError, OSError):  # the program is gone, or no longer needs the worker
        pass
    except Exception as error:
        if is_debugging():
            sys.stderr.write(trace(error))
        sys.exit(1)


def _messages(limit: float, function: Callable[..., Any], args: Any, more: Any) -> Iterator[tuple[str, Any]]:
    """Call a function, and yield its result, or all items if it is a generator, and an end, or the exception.

    An alarm ends the process if one of them takes longer than `limit` seconds.
    """
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        result = function(*args, **more)
        for item in result if isgenerator(result) else (result,):
            signal.setitimer(signal.ITIMER_REAL, 0)
            yield "item", item
            signal.setitimer(signal.ITIMER_REAL, limit)
        message: tuple[str, Any] = "end", None
    except Exception as error:  # raised again in the calling process
        message = "error", error
    signal.setitimer(signal.ITIMER_REAL, 0)
    yield message


def processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
