"""An article's text as the input of a command that the reader has typed: what the command then says.

The command is run by the reader's shell, apart from the terminal: what it writes is collected, and it can
neither draw on the screen nor read keys. It ends with the app, and so does what it has started.
"""

from __future__ import annotations

import os
import select
import subprocess
from tempfile import TemporaryFile
from threading import Event, Lock
from typing import NamedTuple

from reader.app.tied import TiedProcess
from reader.permissions import Permission, require

MOST_OUTPUT = 1_000_000
"""How many bytes of what a command says are kept; it is ended when it says more."""
_GRACE = 1
"""Seconds between asking a command to end and killing it."""
_LOOKS = 0.1
"""Seconds between two looks whether the command is to be stopped."""


class Outcome(NamedTuple):
    """What came of a command."""

    output: str
    status: int | None
    """Its exit status, negative for a signal; None when it could not be started."""
    cut: bool = False
    """Whether it said more than is kept."""
    stopped: bool = False
    """Whether it was stopped."""


class Piped:
    """One command, run in a thread of the caller's."""

    def __init__(self, command: str, text: str) -> None:
        """`command` as one types it in a shell."""
        self._command = command
        self._text = text
        self._stop = Event()
        self._lock = Lock()
        self._tied: TiedProcess | None = None

    def run(self) -> Outcome:
        """Run it to its end; NotPermittedError where no command may be run."""
        require(Permission.RUN_COMMANDS)
        environment = {**os.environ, "TERM": "dumb", "NO_COLOR": "1", "PAGER": "cat"}
        try:
            # A file, not a pipe: a command that reads none of it, or slowly, keeps nobody waiting.
            with TemporaryFile() as given:
                given.write(self._text.encode())
                given.seek(0)
                with self._lock:
                    if self._stop.is_set():
                        return Outcome("", None, stopped=True)
                    self._tied = TiedProcess(
                        [shell(), "-c", self._command],
                        grace=_GRACE,
                        stdin=given,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT,
                        env=environment,
                    )
        except (OSError, ValueError) as error:
            return Outcome(str(error), None)
        return self._listen(self._tied)

    def stop(self) -> None:
        """From another thread: end the command and all that it started, also what it has left behind."""
        with self._lock:
            self._stop.set()
            if self._tied is not None:
                self._tied.end()

    def _listen(self, tied: TiedProcess) -> Outcome:
        stream = tied.process.stdout
        assert stream is not None
        said = bytearray()
        with stream:
            # What has left the command's group may hold the pipe for ever: a command that is stopped is not read.
            while len(said) <= MOST_OUTPUT and not self._stop.is_set():
                if select.select([stream], [], [], _LOOKS)[0]:
                    some = os.read(stream.fileno(), 65_536)
                    if not some:
                        break
                    said += some
        cut = len(said) > MOST_OUTPUT
        if cut:
            tied.end()
        status = tied.process.wait()
        return Outcome(said[:MOST_OUTPUT].decode("utf-8", "replace"), status, cut, self._stop.is_set())


def shell() -> str:
    """The reader's shell, or the system's."""
    own = os.environ.get("SHELL", "")
    return own if os.path.isabs(own) and os.access(own, os.X_OK) else "/bin/sh"  # noqa: PTH117
