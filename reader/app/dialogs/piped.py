"""An article's text as the input of a command, and the command's output, to be scrolled through."""

from __future__ import annotations

import os
import select
import subprocess
from tempfile import TemporaryFile
from threading import Event, Lock
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen

from reader.app.dialogs.raw import RawView, at_any_width, scrolling_hints
from reader.app.notices import show_notice
from reader.app.screen_keys import screen_bindings
from reader.app.tied import TiedProcess
from reader.app.widgets.bar_texts import Piece
from reader.app.widgets.bars import Bar
from reader.errors import explain
from reader.permissions import Permission, require
from reader.sanitize import sanitize

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


_CLOSE = "close"
Pieces = tuple[Piece, ...]


class PipedScreen(Screen[None]):
    """Waits for the command; one that says nothing and fails in nothing leaves no screen behind."""

    AUTO_FOCUS = "RawView"
    DEFAULT_CSS = """
    PipedScreen RawView { height: 1fr; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("piped")

    class Ended(Message):
        """The command has ended."""

        def __init__(self, outcome: Outcome) -> None:
            super().__init__()
            self.outcome = outcome

    def __init__(self, command: str, text: str) -> None:
        super().__init__()
        self._command = command
        self._piped = Piped(command, text)
        self._view = RawView()
        self._above: Bar[Pieces] = Bar(at_any_width, ())
        self._below: Bar[Pieces] = Bar(at_any_width, ())

    def compose(self) -> ComposeResult:
        """A line above, the output, a line below."""
        self._say("running…")
        self._hint("stop")
        yield from (self._above, self._view, self._below)

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._run, thread=True, exit_on_error=False)

    def on_unmount(self) -> None:
        """Nothing goes on unseen."""
        self._piped.stop()

    def _run(self) -> None:
        try:
            outcome = self._piped.run()
        except Exception as error:  # Whatever it is, the screen must not go on waiting.
            outcome = Outcome(explain(error), None)
        self.post_message(self.Ended(outcome))

    @on(Ended)
    def _show(self, message: Ended) -> None:
        outcome = message.outcome
        if not outcome.output.strip() and outcome.status == 0 and self.is_active:
            show_notice(self, f"“{self._command}” is done; it said nothing", seconds=4)
            self.dismiss(None)
            return
        self._say(_in_words(outcome))
        self._hint("back")
        self._view.show(outcome.output)

    def _say(self, about: str) -> None:
        self._above.state = (
            Piece(f" | {sanitize(self._command)}", "bar--title"),
            Piece(f"  {about}", "bar--muted"),
        )

    def _hint(self, does: str) -> None:
        self._below.state = scrolling_hints(_CLOSE, does)

    def action_close(self) -> None:
        """Back to the article; a command that still runs is stopped."""
        self.dismiss(None)


def _in_words(outcome: Outcome) -> str:
    """How the command ended."""
    if outcome.status is None:
        return "could not be started"
    if outcome.cut:
        return f"cut off after {MOST_OUTPUT:,} bytes"
    if outcome.status < 0:
        return f"ended by signal {-outcome.status}"
    return f"failed with status {outcome.status}" if outcome.status else "done"
