"""The raw text of a capture, and the output of a shell command that the article is piped to, with their screens."""

from __future__ import annotations

import os
import signal
from asyncio.subprocess import PIPE, STDOUT, create_subprocess_exec
from collections.abc import Mapping
from contextlib import suppress
from tempfile import TemporaryFile
from typing import ClassVar, NamedTuple

from reader.app.keymap import screen_bindings
from reader.app.messages import show_error, show_notice
from reader.app.text.document import Document, Part, ReadingPosition
from reader.app.widgets.line_view import LineView
from reader.app.widgets.screens import TextScreen
from reader.errors import LibraryError, explain
from reader.library import Library, StoredArticle
from reader.parsing.lines import with_plain_ends
from reader.permissions import Permission, require
from reader.sanitize import sanitize


def numbered_lines(text: str) -> Document:
    """A document of the lines of a text with their numbers, from 1 as in a parsed page."""
    lines = with_plain_ends(text).removesuffix("\n").split("\n")
    digits = max(3, len(str(len(lines))))
    blank = f"{'':{digits}}  "
    return Document(
        (),
        tail=[
            Part("text", line, 0, f"{number:{digits}}  ", blank, prefix_role="number")
            for number, line in enumerate(lines, 1)
        ],
    )


class RawView(LineView):
    """Shows a text of any length, in lines of any length."""

    LOOKS: ClassVar[Mapping[str, str]] = {**LineView.LOOKS, "text": "", "number": "text-muted"}

    def show(self, text: str, line: int = 1) -> None:
        """Show a text from a line on, counted from 1; the last line if there are fewer."""
        self.set_document(numbered_lines(text), ReadingPosition(line - 1, 0))


class RawScreen(TextScreen[None]):
    """Shows the capture of an article."""

    BINDINGS = screen_bindings("raw")
    SHOWS_ARTICLE = True

    def __init__(self, library: Library, stored: StoredArticle, line: int | None = None) -> None:
        """`line`: the first line to show, from 1; None for the first line of the article."""
        self._text_view = RawView()
        about = " · ".join(word for word in (stored.captured, stored.encoding, stored.partial) if word)
        super().__init__(self._text_view, sanitize(stored.source), sanitize(about))
        self._library = library
        self._stored = stored
        self._line = line or stored.article.first_line

    def on_mount(self) -> None:
        try:
            text = self._library.capture(self._stored.capture_key).text
        except LibraryError as error:
            show_error(self, str(error))
            self.dismiss(None)
            return
        self._text_view.show(text, self._line)


# Piping

MAX_OUTPUT = 1_000_000
"""Bytes of output that are kept; a command that prints more is stopped."""


class Outcome(NamedTuple):
    """Output and status of a command."""

    output: str
    status: int | None
    """Exit status, negative for a signal; None if it could not start."""
    cut: bool = False
    """Did it print more than is kept?"""


async def run_command(command: str, text: str) -> Outcome:
    """Run a command as typed in a shell, with `text` as its input, apart from the terminal.

    It can neither draw on the screen nor read keys. If it prints too much or is cancelled, it ends with all that it has
    started. NotPermittedError if this process may not run commands.
    """
    require(Permission.RUN_COMMANDS)
    try:
        # A file, not a pipe, so that writing never blocks if the command does not read its input.
        with TemporaryFile() as command_input:
            command_input.write(text.encode())
            command_input.seek(0)
            process = await create_subprocess_exec(
                *(shell(), "-c", command),
                stdin=command_input,
                stdout=PIPE,
                stderr=STDOUT,
                env={**os.environ, "TERM": "dumb", "NO_COLOR": "1", "PAGER": "cat"},
                start_new_session=True,
                # A full buffer would stop the reading, and `wait` waits until the end of the output has been read.
                limit=4 * MAX_OUTPUT,
            )
    except (OSError, ValueError) as error:
        return Outcome(str(error), None)
    assert process.stdout is not None
    output = bytearray()
    ended = False
    try:
        while len(output) <= MAX_OUTPUT and (chunk := await process.stdout.read(65_536)):
            output += chunk
        if len(output) <= MAX_OUTPUT:
            await process.wait()  # A command can close its output and go on.
            ended = True
    finally:
        if not ended:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    cut = len(output) > MAX_OUTPUT
    return Outcome(output[:MAX_OUTPUT].decode("utf-8", "replace"), await process.wait(), cut)


def shell() -> str:
    """The user's shell, or /bin/sh."""
    own = os.environ.get("SHELL", "")
    return own if os.path.isabs(own) and os.access(own, os.X_OK) else "/bin/sh"  # noqa: PTH117


class PipedScreen(TextScreen[None]):
    """Shows the output of a command; closes itself if it succeeds and prints nothing."""

    BINDINGS = screen_bindings("piped")

    def __init__(self, command: str, text: str) -> None:
        self._output = RawView()
        super().__init__(self._output, f"| {sanitize(command)}", "running…")
        self.closes = "stop"
        self._command = command
        self._text = text

    def on_mount(self) -> None:
        self.run_worker(self._run())

    async def _run(self) -> None:
        try:
            outcome = await run_command(self._command, self._text)
        except Exception as error:  # Otherwise the screen would wait for ever.
            outcome = Outcome(explain(error), None)
        if not outcome.output.strip() and outcome.status == 0 and self.is_active:
            show_notice(self, f"“{self._command}” finished without output", seconds=4)
            self.dismiss(None)
            return
        self.sub_title = f"failed with status {outcome.status}" if outcome.status else "done"
        if outcome.status is None:
            self.sub_title = "could not start"
        elif outcome.cut:
            self.sub_title = f"cut off after {MAX_OUTPUT:,} bytes"
        elif outcome.status < 0:
            self.sub_title = f"ended by signal {-outcome.status}"
        self.closes = "back"
        self.refresh_bars()
        self._output.show(outcome.output)
