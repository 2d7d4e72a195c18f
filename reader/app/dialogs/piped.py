"""Piping the article to a shell command, and the screen that shows the output.

The command is run apart from the terminal: its output is collected, and it can neither draw on the screen nor read
keys. It ends with the app, and so does what it has started.
"""

from __future__ import annotations

import os
import select
import subprocess
from asyncio import to_thread
from tempfile import TemporaryFile
from threading import Event, Lock
from typing import ClassVar, NamedTuple

from textual.binding import BindingType

from reader.app.child_process import ChildProcess
from reader.app.dialogs.raw import RawView
from reader.app.notices import show_notice
from reader.app.screen_keys import screen_bindings
from reader.app.widgets.text_screen import TextScreen
from reader.errors import explain
from reader.permissions import Permission, require
from reader.sanitize import sanitize

MAX_OUTPUT = 1_000_000
"""Bytes of output that are kept; a command that prints more is stopped."""
_GRACE = 1
"""Seconds between asking a command to end and killing it."""
_POLL = 0.1
"""Seconds between two checks for a request to stop."""


class Outcome(NamedTuple):
    """Output and status of a command."""

    output: str
    status: int | None
    """Exit status, negative for a signal; None if it could not start."""
    cut: bool = False
    """Did it print more than is kept?"""
    stopped: bool = False
    """Was it stopped?"""


class PipedCommand:
    """A command with the article as its input. `run` blocks; `stop` is for another thread."""

    def __init__(self, command: str, text: str) -> None:
        """`command`: as typed in a shell; `text`: its input."""
        self._command = command
        self._text = text
        self._stop = Event()
        self._lock = Lock()
        self._tied: ChildProcess | None = None

    def run(self) -> Outcome:
        """Run the command to its end. Raises NotPermittedError if running commands is not permitted."""
        require(Permission.RUN_COMMANDS)
        environment = {**os.environ, "TERM": "dumb", "NO_COLOR": "1", "PAGER": "cat"}
        try:
            # A file, not a pipe, so that writing never blocks if the command does not read its input.
            with TemporaryFile() as command_input:
                command_input.write(self._text.encode())
                command_input.seek(0)
                with self._lock:
                    if self._stop.is_set():
                        return Outcome("", None, stopped=True)
                    self._tied = ChildProcess(
                        [shell(), "-c", self._command],
                        grace=_GRACE,
                        stdin=command_input,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT,
                        env=environment,
                    )
        except (OSError, ValueError) as error:
            return Outcome(str(error), None)
        return self._read_output(self._tied)

    def stop(self) -> None:
        """End the command and everything that it started, also in the background."""
        with self._lock:
            self._stop.set()
            if self._tied is not None:
                self._tied.end()

    def _read_output(self, tied: ChildProcess) -> Outcome:
        stream = tied.process.stdout
        assert stream is not None
        output = bytearray()
        with stream:
            # A process that has left the command's group may keep the pipe open: after `stop` nothing more is read.
            while len(output) <= MAX_OUTPUT and not self._stop.is_set():
                if select.select([stream], [], [], _POLL)[0]:
                    chunk = os.read(stream.fileno(), 65_536)
                    if not chunk:
                        break
                    output += chunk
        cut = len(output) > MAX_OUTPUT
        if cut:
            tied.end()
        status = tied.process.wait()
        return Outcome(output[:MAX_OUTPUT].decode("utf-8", "replace"), status, cut, self._stop.is_set())


def shell() -> str:
    """The user's shell, or /bin/sh."""
    own = os.environ.get("SHELL", "")
    return own if os.path.isabs(own) and os.access(own, os.X_OK) else "/bin/sh"  # noqa: PTH117


class PipedScreen(TextScreen):
    """Shows the output of a command; closes itself if it succeeds and prints nothing."""

    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("piped")

    def __init__(self, command: str, text: str) -> None:
        self._output = RawView()
        super().__init__(self._output, f"| {sanitize(command)}", "running…")
        self.below.state = self.below.state._replace(closes="stop")
        self._command = command
        self._piped = PipedCommand(command, text)

    def on_mount(self) -> None:
        """Run the command."""
        self.run_worker(self._run(), exit_on_error=False)

    def on_unmount(self) -> None:
        """Stop the command."""
        self._piped.stop()

    async def _run(self) -> None:
        try:
            outcome = await to_thread(self._piped.run)
        except Exception as error:  # Otherwise the screen would wait for ever.
            outcome = Outcome(explain(error), None)
        if not outcome.output.strip() and outcome.status == 0 and self.is_active:
            show_notice(self, f"“{self._command}” finished without output", seconds=4)
            self.dismiss(None)
            return
        self.above.state = self.above.state._replace(about=_in_words(outcome))
        self.below.state = self.below.state._replace(closes="back")
        self._output.show(outcome.output)


def _in_words(outcome: Outcome) -> str:
    """How the command ended."""
    if outcome.status is None:
        return "could not start"
    if outcome.cut:
        return f"cut off after {MAX_OUTPUT:,} bytes"
    if outcome.status < 0:
        return f"ended by signal {-outcome.status}"
    return f"failed with status {outcome.status}" if outcome.status else "done"
