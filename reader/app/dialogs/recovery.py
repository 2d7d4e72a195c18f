"""Looking for missing stories in the background: a process of its own, and what it says. The screen only reads it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from typing import Final

from textual.message import Message

import reader
from reader.app.tied import TiedProcess
from reader.permissions import Permission, require
from reader.sanitize import sanitize

LINES: Final = 200
"""How many lines of what it says are kept."""
_LONGEST: Final = 2_000
"""The most characters of one line."""
_GRACE: Final = 10
"""Seconds that it has to end in good order."""
_NAME: Final = "protocol-reader: "


class RecoveryTold(Message):
    """The process has said something, or has ended."""


class Recovery:
    """One run of `protocol-reader missing --fetch`."""

    def __init__(self, words: Sequence[str], told: Callable[[], object]) -> None:
        """`words` come after the program's name; `told` is called in another thread when there is news."""
        self.words = tuple(words)
        self._lines: deque[str] = deque(maxlen=LINES)
        self.status: int | None = None
        """Its exit status, once it has ended; negative for a signal."""
        self.stopping = False
        """Whether it has been asked to stop."""
        self._told = told
        self._lock = Lock()
        self._tied: TiedProcess | None = None

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.status is None

    def start(self) -> None:
        """Begin; what keeps it from beginning is said as if it had said so.

        NotPermittedError where nothing may be fetched.
        """
        require(Permission.FETCH)
        try:
            self._tied = TiedProcess(
                [sys.executable, "-P", "-m", "reader", *self.words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=_environment(),
                # As Ctrl-C would end it: it then says how to go on.
                ending=signal.SIGINT,
                grace=_GRACE,
            )
        except OSError as error:
            self._say(f"it could not be started: {error}")
            self.status = 1
            self._told()
            return
        Thread(target=self._listen, args=(self._tied,), name="recovery", daemon=True).start()

    def stop(self) -> None:
        """Ask it to stop: what it has fetched is kept."""
        if self._tied is not None and self.running:
            self.stopping = True
            self._tied.end()

    def _listen(self, tied: TiedProcess) -> None:
        process = tied.process
        assert process.stdout is not None
        with process.stdout as out:
            for line in iter(partial(out.readline, _LONGEST), ""):
                self._say(line)
                self._told()
        self.status = process.wait()
        tied.end()
        self._told()

    def _say(self, line: str) -> None:
        said = sanitize(line).strip().removeprefix(_NAME)
        if said:
            with self._lock:
                self._lines.append(said)

    def said(self) -> list[str]:
        """What it has said so far, the last line last."""
        with self._lock:
            return list(self._lines)


def _environment() -> dict[str, str]:
    """That of the app, in which this program is found, and nothing is held back or drawn."""
    here = str(Path(reader.__file__).parent.parent)
    paths = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH", ""))))
    return {
        **os.environ,
        "PYTHONPATH": paths,
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "TERM": "dumb",
    }
