"""Processes that do work for this one: `WorkerPool` has several, `LimitedCalls` one for a call that may take too long.

A process is spawned, never forked: a program that has threads may start it. When this program dies, however that
happens, it sees the end of its pipe and ends; on Linux the kernel ends it, whatever it is doing. Ctrl-C is not for it:
whoever asks decides what becomes of it.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from queue import Empty, Full, Queue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Self, TypeVar

from reader.errors import ReaderError
from reader.failures import is_debugging, trace

# `multiprocessing` takes 9 ms to import, which the first screen would wait for: it is imported with the first process.
if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

PATIENCE: Final = 60.0
"""Seconds that a process may take for one answer before it counts as hung."""
LEAST_SPEED: Final = 1_000_000
"""Bytes that it reads a second at least: a long answer may take longer."""
SMALL: Final = 256_000
"""Characters of a text, or bytes of a file, that the program's own process may read."""

Given = ParamSpec("Given")
Made = TypeVar("Made")

_STARTING = 60.0
"""Seconds that a process has to start."""
_READY = b"ready"
_BUSY = b"busy"
_BUSY_SECONDS = 1.0
"""Seconds between two signs that a process goes on."""
_LOOK_SECONDS = 0.1
"""Seconds between two looks whether an answer is still wanted."""
_RESULTS_AHEAD = 4
"""Results of a job that may wait to be taken."""
_ENDING = 2.0
"""Seconds that a process has to end by itself."""


class WorkerLostError(Exception):
    """A process died or hung; the message says which."""


class GivenUpError(Exception):
    """An answer was no longer wanted."""


class Worker:
    """One process and the pipe to it."""

    def __init__(self, serve: Callable[..., None], *given: object, patience: float = PATIENCE) -> None:
        """The process runs `serve(pipe, *given)`, which ends in `answer`. It counts as hung when neither an answer
        nor a sign that it goes on comes for `patience` seconds. ReaderError when none can be started.
        """
        from multiprocessing import get_context

        context = get_context("spawn")
        self._patience = patience
        self._ready = False
        self._pipe, other = context.Pipe()
        self._process: BaseProcess = context.Process(target=_serve, args=(serve, other, *given), daemon=True)
        try:
            with _no_interrupts():
                self._process.start()
        except OSError as error:
            raise ReaderError(
                f"no process can be started to read captures ({error.strerror}); try again, with --jobs 1"
            ) from error
        other.close()

    def ask(
        self, question: object, more_patience: float = 0.0, *, give_up: Callable[[], bool] | None = None
    ) -> bytes:
        """The answer of the process, pickled; WorkerLostError when it died or took too long.

        `more_patience` are seconds beyond those that any question may take. GivenUpError once `give_up` says so; it
        is asked every now and then.
        """
        patience = self._patience + more_patience
        try:
            if not self._ready:
                self._wait_for_start(give_up)
            self._pipe.send(question)
            while True:
                if not self._comes(patience, give_up):
                    raise WorkerLostError(f"reading it took over {patience:.0f} seconds")
                if (answer := self._pipe.recv_bytes()) != _BUSY:
                    return answer
        except (OSError, EOFError, ValueError) as error:
            self._process.join(_ENDING)
            code = self._process.exitcode
            if code is None:
                raise WorkerLostError("the process that read it no longer answers") from error
            how = f"signal {-code}" if code < 0 else f"status {code}"
            raise WorkerLostError(f"reading it ended the process that read it ({how})") from error

    def _comes(self, patience: float, give_up: Callable[[], bool] | None) -> bool:
        """Wait for something to come through the pipe; whether it does within so many seconds."""
        if give_up is None:
            return self._pipe.poll(patience)
        until = time.monotonic() + patience
        while not self._pipe.poll(max(0.0, min(_LOOK_SECONDS, until - time.monotonic()))):
            if give_up():
                raise GivenUpError
            if time.monotonic() >= until:
                return False
        return True

    def _wait_for_start(self, give_up: Callable[[], bool] | None) -> None:
        if not self._comes(_STARTING, give_up):
            raise WorkerLostError(
                f"the process that was to read it took over {_STARTING:.0f} seconds to start"
            )
        self._pipe.recv_bytes()
        self._ready = True

    def end(self, *, at_once: bool) -> None:
        """End the process; again is no error."""
        if at_once:
            self._process.kill()
        with suppress(OSError):
            self._pipe.close()
        self._process.join(_ENDING)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


class LimitedCalls:
    """Calls of functions that are ended when they take too long: they run in a process of their own.

    It is started for the first call. Use it as a context, in one thread.
    """

    def __init__(self, patience: float = PATIENCE, *, give_up: Callable[[], bool] | None = None) -> None:
        """`patience` is how many seconds a call may take; `give_up` says when none is wanted any more."""
        self._patience = patience
        self._give_up = give_up
        self._worker: Worker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def call(
        self, size: int, function: Callable[Given, Made], *args: Given.args, **more: Given.kwargs
    ) -> Made:
        """What a module's function returns or raises, given about `size` bytes.

        WorkerLostError when it takes too long or ends its process; the next call has another. GivenUpError once
        none is wanted.
        """
        if self._worker is None:
            self._worker = Worker(_answer_calls, patience=self._patience)
        try:
            question = (function, args, more)
            made, error = pickle.loads(self._worker.ask(question, size / LEAST_SPEED, give_up=self._give_up))
        except BaseException:
            self.end()
            raise
        if error is not None:
            raise error
        result: Made = made
        return result

    def end(self) -> None:
        """End the process; the next call has another."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end(at_once=True)


class WorkerPool:
    """Several processes, each with a thread that asks it. Use it as a context, which ends them at once."""

    def __init__(self, size: int, patience: float = PATIENCE) -> None:
        """`patience` is how many seconds a call may take."""
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
        """What `job` yields, in order: it runs in a thread, as soon as one is free, and calls its process.

        Few results wait to be taken, so that memory stays flat. GivenUpError once `stop` says that none is waited for.
        """
        results: Queue[Made | None] = Queue(_RESULTS_AHEAD)
        future = self._threads.submit(self._put_all, job, results)
        return _taken(results, future, stop)

    def _put_all(self, job: Callable[[LimitedCalls], Iterable[Made]], results: Queue[Made | None]) -> None:
        """Runs in a thread."""
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
                results.put(result, timeout=_LOOK_SECONDS)
                return
        raise GivenUpError


def _taken(results: Queue[Made | None], future: Future[None], stop: Callable[[], bool]) -> Iterator[Made]:
    """Take results until None ends them; raise what the job has raised."""
    while True:
        try:
            result = results.get(timeout=_LOOK_SECONDS)
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
    """Keep Ctrl-C from a process that is started: it reaches every process of a terminal, and is for the first."""
    from multiprocessing import resource_tracker

    # The first process that a program spawns has this started, which lets interrupts through again. It asks
    # sys.stderr for its number, and the app's has none.
    with redirect_stderr(sys.__stderr__):
        resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(serve: Callable[..., None], pipe: Connection, *given: object) -> None:
    """In the process: what goes wrong ends it, and whoever asked says so; a traceback only where it is wanted."""
    _end_with_parent()
    try:
        serve(pipe, *given)
    except Exception as error:
        if is_debugging():
            sys.stderr.write(trace(error))
        sys.exit(1)


def _end_with_parent() -> None:
    """Have the kernel kill this process when its parent dies: deep in a slow pattern it would see no pipe's end."""
    from multiprocessing import parent_process

    parent = parent_process()
    if sys.platform != "linux" or parent is None:
        return
    # The parent alone holds the other end of this pipe. Unlike PR_SET_PDEATHSIG, it does not end with a thread.
    lifeline: int = parent.sentinel
    with suppress(OSError):
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:  # It died before that.
        os._exit(1)


def answer(pipe: Connection, act: Callable[[Any], object]) -> None:
    """In the process: answer each question with what `act` makes of it, until the pipe closes."""
    with suppress(EOFError, OSError):
        pipe.send_bytes(_READY)
        while True:
            pipe.send_bytes(pickle.dumps(act(pipe.recv()), pickle.HIGHEST_PROTOCOL))


class SignsOfLife:
    """In the process: tells the one that asks that a long answer is being worked on."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._last = time.monotonic()

    def give(self) -> None:
        """Give a sign, unless one was given a moment ago."""
        now = time.monotonic()
        if now - self._last >= _BUSY_SECONDS:
            self._last = now
            self._pipe.send_bytes(_BUSY)


def _answer_calls(pipe: Connection) -> None:
    def act(question: tuple[Callable[..., object], tuple[object, ...], dict[str, object]]) -> object:
        function, args, more = question
        try:
            return function(*args, **more), None
        except Exception as error:  # whatever it is, it is raised where the function was called
            return None, error

    answer(pipe, act)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
