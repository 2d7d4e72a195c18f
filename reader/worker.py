"""A process that answers questions over a pipe, while the one that asks goes on.

It is spawned, never forked: a program that has threads may start it. It sees the end of its pipe when this program
dies, however that happens, and ends too. Ctrl-C is not for it: whoever asks decides what becomes of it.
"""

from __future__ import annotations

import pickle
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from reader.errors import ReaderError
from reader.failures import is_debugging, trace

_STARTING = 60.0
"""Seconds that a process has to start."""
_READY = b"ready"
_ENDING = 2.0
"""Seconds that a process has to end by itself."""


class WorkerLostError(Exception):
    """A process died or hung; the message says which."""


class Worker:
    """One process and the pipe to it."""

    def __init__(self, serve: Callable[..., None], *given: object, patience: float | None = None) -> None:
        """The process runs `serve(pipe, *given)`, which ends in `answer`. It counts as hung when an answer takes
        more than `patience` seconds; None waits for as long as it lives. ReaderError when none can be started.
        """
        context = get_context("spawn")
        self._patience = patience
        self._ready = False
        self._pipe, other = context.Pipe()
        self._process: BaseProcess = context.Process(target=_serve, args=(serve, other, *given), daemon=True)
        try:
            self._process.start()
        except OSError as error:
            raise ReaderError(
                f"no process can be started to read captures ({error.strerror}); try again, with --jobs 1"
            ) from error
        other.close()

    def ask(self, question: object, more_patience: float = 0.0) -> bytes:
        """The answer of the process, pickled; WorkerLostError when it died or took too long.

        `more_patience` are seconds beyond those that any question may take.
        """
        patience = None if self._patience is None else self._patience + more_patience
        try:
            if not self._ready:
                self._wait_for_start()
            self._pipe.send(question)
            if not self._pipe.poll(patience):
                raise WorkerLostError(f"reading it took over {patience:.0f} seconds")
            return self._pipe.recv_bytes()
        except (OSError, EOFError, ValueError) as error:
            self._process.join(_ENDING)
            code = self._process.exitcode
            how = f"signal {-code}" if code is not None and code < 0 else f"status {code}"
            raise WorkerLostError(f"reading it ended the process that read it ({how})") from error

    def _wait_for_start(self) -> None:
        if not self._pipe.poll(_STARTING):
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


def _serve(serve: Callable[..., None], pipe: Connection, *given: object) -> None:
    """In the process: what goes wrong ends it, and whoever asked says so; a traceback only where it is wanted."""
    try:
        serve(pipe, *given)
    except Exception as error:
        if is_debugging():
            sys.stderr.write(trace(error))
        sys.exit(1)


def no_interrupts() -> None:
    """Ctrl-C reaches every process of a terminal: it is for the one that writes to act on it.

    Blocked in a thread, it is blocked in the processes which that thread starts, from their first moment.
    """
    # The first process that a program spawns has this started, which lets interrupts through again.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def answer(pipe: Connection, act: Callable[[Any], object]) -> None:
    """In the process: answer each question with what `act` makes of it, until the pipe closes."""
    with suppress(EOFError, OSError):
        pipe.send_bytes(_READY)
        while True:
            pipe.send_bytes(pickle.dumps(act(pipe.recv()), pickle.HIGHEST_PROTOCOL))
