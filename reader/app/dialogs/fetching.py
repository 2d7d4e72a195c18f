"""Looking for missing stories in a web archive: asked first, done in a process of its own, watched or left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from shlex import join
from threading import Lock, Thread
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

import reader
from reader.app.keys import hint
from reader.app.notices import show_notice
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import drawn, wrap
from reader.app.tied import TiedProcess
from reader.app.widgets.chooser import Dialog
from reader.errors import SettingsError
from reader.permissions import Permission, require
from reader.sanitize import host_of, many, sanitize
from reader.settings import WAYBACK, WAYBACK_VARIABLE, user_paths

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


class FetchScreen(Dialog[None]):
    """Asks, starts, and shows what is said; closing it stops nothing."""

    DEFAULT_CSS = """
    FetchScreen {
        & > #dialog { max-width: 84; max-height: 20; }
        & #said { height: 1fr; padding: 0 1; color: $foreground; }
        & #note { height: 1; padding: 0 1; color: $text-muted; }
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
        """`openings`: how many stories are known only so; `words`: the command; `recovery`: a run that there was."""
        super().__init__()
        self._openings = openings
        self._words = words
        self.recovery = recovery
        self._start = start
        self._said = Static(id="said", markup=False)
        self._note = Static(id="note", markup=False)

    def compose(self) -> ComposeResult:
        """The dialog's parts."""
        dialog = Vertical(id="dialog")
        dialog.border_title = Content("In the Wayback Machine")
        with dialog:
            yield self._said
            yield self._note

    def on_mount(self) -> None:
        """Say how it stands."""
        self.call_after_refresh(self.show_progress)

    def on_resize(self, _: events.Resize) -> None:
        """Say what there is room for."""
        self.call_after_refresh(self.show_progress)

    def show_progress(self) -> None:
        """Bring the dialog up to date."""
        width, height = max(10, self._said.content_size.width), max(1, self._said.content_size.height)
        if self.recovery is None:
            lines = fitting(asked(self._openings, self._words), width, height)
            note = hint("{panes.read} begins · {out.address} copies it · {panes.back} closes")
        else:
            # Of what was said the end, as much as there is room for.
            lines = [line for said in self.recovery.said() for line in _wrapped(said, width)][-height:]
            if self.recovery.running:
                stopping = self.recovery.stopping
                note = (
                    "stopping…"
                    if stopping
                    else hint("{panes.back} leaves it to go on · {fetching.stop} stops it")
                )
            else:
                note = hint("{panes.back} closes · {panes.read} looks again")
        self._said.update(Content("\n".join(lines)))
        self._note.update(Content(note))

    def action_start(self) -> None:
        """Begin, unless it is going on."""
        if self.recovery is None or not self.recovery.running:
            self.recovery = self._start(self._words)
            self.show_progress()

    def action_stop(self) -> None:
        """Stop what is going on; what was fetched is kept."""
        if self.recovery is not None:
            self.recovery.stop()
            self.show_progress()

    def action_copy(self) -> None:
        """Send the command to the clipboard."""
        if self.recovery is None:
            self.app.copy_to_clipboard(command(self._words))
            show_notice(self, "The command is sent to the clipboard")


def words_for(library: str, wayback: str) -> list[str]:
    """The command for a library, and an archive where that is not the usual one."""
    words = ["missing", "--fetch", "--library", library]
    server = os.environ.get(WAYBACK_VARIABLE) or wayback
    return words if server == WAYBACK else [*words, "--server", server]


def command(words: Sequence[str]) -> str:
    """The command as one types it."""
    return join(["protocol-reader", *words])


def asked(openings: int, words: Sequence[str]) -> list[str]:
    """What is going to be done, in paragraphs, the most important first."""
    server = words[words.index("--server") + 1] if "--server" in words else WAYBACK
    host = sanitize(host_of(server) or server)
    said = [
        f"{many(openings, 'article is', 'articles are')} known only by the opening. Look for them at {host}?",
        "It is asked for its list of protocol.com’s pages, then for the pages whose addresses fit the headlines: under"
        " 20 requests a minute, so it may take hours. Nothing has been asked yet.",
        "It can be stopped, and goes on where it was the next time; leaving Protocol Reader stops it.",
    ]
    try:
        said.append(
            f"Captures are kept in {sanitize(str(user_paths().data / 'wayback'))} and added to this library."
        )
    except SettingsError as error:
        said.append(str(error))
    return [*said, f"The same from the shell: {sanitize(command(words))}"]


def fitting(paragraphs: Sequence[str], width: int, height: int) -> list[str]:
    """As many paragraphs as there is room for, with empty lines between them if these find room too."""
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
