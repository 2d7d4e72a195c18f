"""Fetching missing articles from a web archive: a dialog that asks first, and the process that does it."""

from __future__ import annotations

import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process, create_subprocess_exec
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

import reader
from reader.addresses import host_of
from reader.app.keymap import screen_bindings
from reader.app.widgets.chooser import DIALOG_BREAKPOINTS, DialogBox
from reader.errors import SettingsError
from reader.permissions import Permission, require
from reader.sanitize import many, sanitize
from reader.settings import user_paths

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
        self._process: Process | None = None

    @property
    def running(self) -> bool:
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

    AUTO_FOCUS = "VerticalScroll"
    HORIZONTAL_BREAKPOINTS = DIALOG_BREAKPOINTS
    DEFAULT_CSS = """
    FetchScreen {
        align: center middle;
        & > #dialog { max-width: 84; max-height: 20; }
        & VerticalScroll { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
        & #output { color: $foreground; }
    }
    """
    BINDINGS = screen_bindings("fetching")

    def __init__(
        self,
        openings: int,
        wayback: str,
        recovery: Recovery | None,
        start: Callable[[], Recovery],
    ) -> None:
        """`openings`: how many stories are truncated; `wayback`: the archive; `recovery`: the last run, if any."""
        super().__init__()
        self._question = _question(openings, wayback)
        self.recovery = recovery
        self._start = start
        self._output = Static(id="output", markup=False)
        self._scroll = VerticalScroll(self._output)
        self._box = DialogBox("Wayback Machine")

    def compose(self) -> ComposeResult:
        with self._box:
            yield self._scroll

    def on_mount(self) -> None:
        self.show_progress()

    def show_progress(self) -> None:
        if self.recovery is None:
            text = self._question
            keys = "{panes.read} starts · {panes.back} closes"
        else:
            text = "\n".join(self.recovery.output)
            self._scroll.scroll_end(animate=False)
            if not self.recovery.running:
                keys = "{panes.back} closes · {panes.read} starts again"
            elif self.recovery.stopping:
                keys = "stopping…"
            else:
                keys = "{panes.back} closes, fetching continues · {fetching.stop} stops"
        self._output.update(Content(text))
        self._box.show_keys(keys)

    def action_start(self) -> None:
        if self.recovery is None or not self.recovery.running:
            self.recovery = self._start()
            self.show_progress()

    def action_stop(self) -> None:
        if self.recovery is not None:
            self.recovery.stop()
            self.show_progress()


def _question(openings: int, wayback: str) -> str:
    try:
        stored = f"Captures are stored in {user_paths().data / 'wayback'} and added to this library."
    except SettingsError as error:
        stored = str(error)
    return (
        f"{many(openings, 'story is', 'stories are')} truncated in every capture. Look for the rest at"
        f" {sanitize(host_of(wayback) or wayback)}?\n\n"
        "This asks for the list of protocol.com’s pages, then fetches those whose addresses fit the headlines, at under"
        " 20 requests a minute. It may take hours. Nothing has been requested yet.\n\n"
        "You can stop it at any time; it continues from there next time. Quitting Protocol Reader stops it.\n\n"
        f"{sanitize(stored)}"
    )
