"""Fetching missing articles from a web archive: a dialog that asks first, and the process that does it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from shlex import join
from threading import Lock, Thread
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

import reader
from reader.app.keys import hint
from reader.app.notices import show_notice
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import drawn, wrap
from reader.app.widgets.chooser import DialogBox
from reader.errors import SettingsError
from reader.permissions import Permission, require
from reader.sanitize import host_of, many, sanitize
from reader.settings import WAYBACK, WAYBACK_VARIABLE, user_paths

LINES: Final = 200
"""Lines of output that are kept."""
_MAX_LINE: Final = 2_000
"""Longer lines of output, in characters, are split."""
_PREFIX: Final = "protocol-reader: "


class RecoveryChanged(Message):
    """The process has printed something, or has ended."""


class Recovery:
    """One run of `protocol-reader missing --fetch`."""

    def __init__(self, words: Sequence[str], changed: Callable[[], object]) -> None:
        """`words`: the arguments; `changed` is called in another thread after each line and at the end."""
        self.words = tuple(words)
        self._lines: deque[str] = deque(maxlen=LINES)
        self.status: int | None = None
        """The exit status once it has ended, negative for a signal."""
        self.stopping = False
        """Has it been asked to stop?"""
        self._changed = changed
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None

    @property
    def running(self) -> bool:
        """Is it still running?"""
        return self.status is None

    def start(self) -> None:
        """Start the process; if that fails, the reason is its output.

        NotPermittedError where fetching is not permitted.
        """
        require(Permission.FETCH)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "reader", *self.words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            self._add(f"could not start: {error}")
            self.status = 1
            self._changed()
            return
        Thread(target=self._listen, args=(self._process,), name="recovery", daemon=True).start()

    def stop(self) -> None:
        """Stop the process; what it has fetched is kept."""
        if self._process is not None and self.running:
            self.stopping = True
            # It ends as after Ctrl-C, and prints how to continue.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGINT)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as out:
            for line in iter(partial(out.readline, _MAX_LINE), ""):
                self._add(line)
                self._changed()
        self.status = process.wait()
        self._changed()

    def _add(self, line: str) -> None:
        text = sanitize(line).strip().removeprefix(_PREFIX)
        if text:
            with self._lock:
                self._lines.append(text)

    def output(self) -> list[str]:
        """The lines it has printed so far."""
        with self._lock:
            return list(self._lines)


def _environment() -> dict[str, str]:
    """The app's environment, with this package on the path, and output that is plain and not buffered."""
    here = str(Path(reader.__file__).parent.parent)
    paths = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH", ""))))
    return {
        **os.environ,
        "PYTHONPATH": paths,
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "TERM": "dumb",
    }


class FetchScreen(ModalScreen[None]):
    """Asks, starts the process, and shows its output; closing the dialog does not stop it."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    FetchScreen {
        align: center middle;
        & > #dialog { max-width: 84; max-height: 20; }
        & #output { height: 1fr; padding: 0 1; color: $foreground; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("fetching")

    def __init__(
        self,
        openings: int,
        words: Sequence[str],
        recovery: Recovery | None,
        start: Callable[[Sequence[str]], Recovery],
    ) -> None:
        """`openings`: how many articles are missing; `words`: the command; `recovery`: the last run, if any."""
        super().__init__()
        self._openings = openings
        self._words = words
        self.recovery = recovery
        self._start = start
        self._output = Static(id="output", markup=False)
        self._box = DialogBox("Wayback Machine")

    def compose(self) -> ComposeResult:
        """Yield the output in a frame."""
        with self._box:
            yield self._output

    def on_mount(self) -> None:
        """Show the progress once there is a size."""
        self.call_after_refresh(self.show_progress)

    def on_resize(self, _: events.Resize) -> None:
        """Show as much as fits."""
        self.call_after_refresh(self.show_progress)

    def show_progress(self) -> None:
        """Update the dialog."""
        width, height = max(10, self._output.content_size.width), max(1, self._output.content_size.height)
        if self.recovery is None:
            lines = fitting(question(self._openings, self._words), width, height)
            keys = hint("{panes.read} starts · {out.address} copies command · {panes.back} closes")
        else:
            # The last lines that fit.
            lines = [row for line in self.recovery.output() for row in _wrapped(line, width)][-height:]
            if not self.recovery.running:
                keys = hint("{panes.back} closes · {panes.read} starts again")
            elif self.recovery.stopping:
                keys = "stopping…"
            else:
                keys = hint("{panes.back} closes, fetching continues · {fetching.stop} stops")
        self._output.update(Content("\n".join(lines)))
        self._box.show_keys(keys)

    def action_start(self) -> None:
        """Start, unless a run is going on."""
        if self.recovery is None or not self.recovery.running:
            self.recovery = self._start(self._words)
            self.show_progress()

    def action_stop(self) -> None:
        """Stop the run; what was fetched is kept."""
        if self.recovery is not None:
            self.recovery.stop()
            self.show_progress()

    def action_copy(self) -> None:
        """Copy the command to the clipboard."""
        if self.recovery is None:
            self.app.copy_to_clipboard(command(self._words))
            show_notice(self, "Command copied to the clipboard")


def words_for(library: str, wayback: str) -> list[str]:
    """The arguments that fetch for a library; the archive is among them if it is not the default."""
    words = ["missing", "--fetch", "--library", library]
    server = os.environ.get(WAYBACK_VARIABLE) or wayback
    return words if server == WAYBACK else [*words, "--server", server]


def command(words: Sequence[str]) -> str:
    """The command as typed in a shell."""
    return join(["protocol-reader", *words])


def question(openings: int, words: Sequence[str]) -> list[str]:
    """Explain the search before it starts, in paragraphs, the most important first."""
    server = words[words.index("--server") + 1] if "--server" in words else WAYBACK
    host = sanitize(host_of(server) or server)
    paragraphs = [
        f"{many(openings, 'article has', 'articles have')} only an opening. Look for the rest at {host}?",
        "This asks for the list of protocol.com’s pages, then fetches those whose addresses fit the headlines, at under"
        " 20 requests a minute. It may take hours. Nothing has been requested yet.",
        "You can stop it at any time; it continues from there next time. Quitting Protocol Reader stops it.",
    ]
    try:
        paragraphs.append(
            f"Captures are stored in {sanitize(str(user_paths().data / 'wayback'))} and added to this library."
        )
    except SettingsError as error:
        paragraphs.append(str(error))
    return [*paragraphs, f"In the shell: {sanitize(command(words))}"]


def fitting(paragraphs: Sequence[str], width: int, height: int) -> list[str]:
    """Wrap as many paragraphs as fit, with empty lines between them if those fit, too."""
    laid: list[list[str]] = []
    for paragraph in paragraphs:
        lines = _wrapped(paragraph, width)
        if laid and sum(map(len, laid)) + len(lines) > height:
            break
        laid.append(lines)
    airy = sum(map(len, laid)) + len(laid) - 1 <= height
    return [line for n, lines in enumerate(laid) for line in ([""] if n and airy else []) + lines][:height]


def _wrapped(text: str, width: int) -> list[str]:
    return [drawn(text, span) for span in wrap(text, width)]
