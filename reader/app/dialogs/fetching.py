"""Fetching missing articles from a web archive: a dialog that asks first, and the process that does it."""

from __future__ import annotations

import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process, create_subprocess_exec
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from shlex import join
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
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
_PREFIX: Final = "protocol-reader: "


class Recovery:
    """One run of `protocol-reader missing --fetch`."""

    def __init__(self, words: Sequence[str]) -> None:
        """`words`: the arguments."""
        self._words = words
        self.output: deque[str] = deque(maxlen=LINES)
        """The last lines that it has printed; if it could not start, the reason."""
        self.status: int | None = None
        """The exit status once it has ended, negative for a signal."""
        self.stopping = False
        """Has it been asked to stop?"""
        self._process: Process | None = None

    @property
    def running(self) -> bool:
        """Is it still running?"""
        return self.status is None

    async def run(self, changed: Callable[[], object]) -> None:
        """Run the process, and call `changed` after each line and at the end.

        NotPermittedError where fetching is not permitted.
        """
        require(Permission.FETCH)
        paths = (str(Path(reader.__file__).parent.parent), os.environ.get("PYTHONPATH", ""))
        own = {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "TERM": "dumb"}
        try:
            process = self._process = await create_subprocess_exec(
                *(sys.executable, "-P", "-m", "reader", *self._words),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=STDOUT,
                env={**os.environ, **own, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
                start_new_session=True,
            )
        except OSError as error:
            self.output.append(f"could not start: {error}")
            self.status = 1
        else:
            assert process.stdout is not None
            while not process.stdout.at_eof():
                line = b""
                with suppress(ValueError):  # A line longer than the stream's buffer is left out.
                    line = await process.stdout.readline()
                if text := sanitize(line.decode("utf-8", "replace")).strip().removeprefix(_PREFIX):
                    self.output.append(text)
                    changed()
            self.status = await process.wait()
        changed()

    def stop(self) -> None:
        """Stop the process; what it has fetched is kept."""
        if self._process is not None and self.running:
            self.stopping = True
            # It ends as after Ctrl-C, and prints how to continue.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGINT)


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

    def on_resize(self) -> None:
        """Show as much as fits, once the output has its size."""
        self.call_after_refresh(self.show_progress)

    def show_progress(self) -> None:
        """Update the dialog."""
        width, height = max(10, self._output.content_size.width), max(1, self._output.content_size.height)
        if self.recovery is None:
            lines = _fitting(_question(self._openings, self._words), width, height)
            keys = hint("{panes.read} starts · {out.address} copies command · {panes.back} closes")
        else:
            # The last lines that fit.
            lines = [row for line in self.recovery.output for row in _wrapped(line, width)][-height:]
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
            self.app.copy_to_clipboard(_command(self._words))
            show_notice(self, "Command copied to the clipboard")


def words_for(library: str, wayback: str) -> list[str]:
    """The arguments that fetch for a library; the archive is among them if it is not the default."""
    words = ["missing", "--fetch", "--library", library]
    server = os.environ.get(WAYBACK_VARIABLE) or wayback
    return words if server == WAYBACK else [*words, "--server", server]


def _command(words: Sequence[str]) -> str:
    """The command as typed in a shell."""
    return join(["protocol-reader", *words])


def _question(openings: int, words: Sequence[str]) -> list[str]:
    """Explain the search before it starts, in paragraphs, the most important first."""
    server = words[words.index("--server") + 1] if "--server" in words else WAYBACK
    try:
        stored = f"Captures are stored in {user_paths().data / 'wayback'} and added to this library."
    except SettingsError as error:
        stored = str(error)
    return [
        f"{many(openings, 'article has', 'articles have')} only an opening. Look for the rest at"
        f" {sanitize(host_of(server) or server)}?",
        "This asks for the list of protocol.com’s pages, then fetches those whose addresses fit the headlines, at under"
        " 20 requests a minute. It may take hours. Nothing has been requested yet.",
        "You can stop it at any time; it continues from there next time. Quitting Protocol Reader stops it.",
        sanitize(stored),
        f"In the shell: {sanitize(_command(words))}",
    ]


def _fitting(paragraphs: Sequence[str], width: int, height: int) -> list[str]:
    """Wrap as many paragraphs as fit, with empty lines between them if those fit, too."""
    laid: list[list[str]] = []
    for lines in (_wrapped(paragraph, width) for paragraph in paragraphs):
        if laid and sum(map(len, laid)) + len(lines) > height:
            break
        laid.append(lines)
    if sum(map(len, laid)) + len(laid) - 1 <= height:
        laid[1:] = [["", *lines] for lines in laid[1:]]
    return list(chain.from_iterable(laid))[:height]


def _wrapped(text: str, width: int) -> list[str]:
    return [drawn(text, span) for span in wrap(text, width)]
