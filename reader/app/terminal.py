"""Inspects the terminal: can the app start here, where do keys come from, is the background light or dark?

Textual is not imported, so that a command can ask before it loads the app. The query for the background's colour
is sent before the app's modules are imported; the terminal answers meanwhile.
"""

from __future__ import annotations

import array
import codecs
import fcntl
import io
import os
import re
import select
import sys
import termios
import time
from contextlib import suppress
from typing import Any, BinaryIO, Final, NamedTuple, Self, TextIO

QUERY: Final = b"\x1b]11;?\x1b\\\x1b[c"
"""Asks for the background's colour, then for the device attributes, which every terminal answers."""
PATIENCE: Final = 1.0
"""Seconds to wait for the answer; only a slow connection takes long. A later answer would be read as keys."""
COLOUR: Final = re.compile(
    r"\x1b\]11;(?:rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})[^\x07\x1b]*|[^\x07\x1b]*)(?:\x07|\x1b\\)"
)
DEVICE_ATTRIBUTES: Final = re.compile(r"\x1b\[\?[0-9;]*c")
_MAX_BYTES: Final = 4096


def obstacles() -> tuple[str, ...]:
    """List, as phrases, why the app cannot start on the terminal of this process; empty when it can."""
    reasons: list[str] = []
    term, encoding = os.environ.get("TERM", ""), getattr(sys.__stderr__, "encoding", None) or ""
    if not _is_terminal(sys.__stdin__) and not _has_terminal():
        reasons.append("there is no terminal to read keys from")
    if not _is_terminal(sys.__stdout__):
        reasons.append("standard output is not a terminal")
    if not _is_terminal(sys.__stderr__):  # The screen is written to it.
        reasons.append("standard error is not a terminal")
    if term in ("", "dumb", "unknown"):
        reasons.append(f"TERM is {term}" if term else "TERM is not set")
    if not encoding or codecs.lookup(encoding).name != "utf-8":
        reasons.append(f"the terminal's encoding is {encoding or 'unknown'}, not UTF-8")
    return tuple(reasons)


def window_size() -> tuple[int, int, int, int]:
    """Rows, columns, and width and height in pixels of the terminal; zeros for what is unknown."""
    size = array.array("H", [0, 0, 0, 0])
    try:
        fcntl.ioctl(sys.__stderr__.fileno() if sys.__stderr__ else 2, termios.TIOCGWINSZ, size)
    except (OSError, ValueError):
        return 0, 0, 0, 0
    rows, columns, width, height = size
    return rows, columns, width, height


def read_keys_from_terminal() -> BinaryIO:
    """Read keys from the terminal although standard input is piped; return the piped data as a file.

    From then on `sys.stdin` reads the piped data, too. OSError when the process has no terminal.
    """
    terminal = os.open(os.ctermid(), os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        piped = os.dup(0)
        os.dup2(terminal, 0)
    finally:
        os.close(terminal)
    data = io.BufferedReader(io.FileIO(piped))
    sys.stdin = io.TextIOWrapper(data)
    return data


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # The stream is closed.
        return False


def _has_terminal() -> bool:
    try:
        os.close(os.open(os.ctermid(), os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


# Light or dark


class Background(NamedTuple):
    """The terminal's answer about its background."""

    light: bool | None = None
    """Is the background light? None when unknown."""
    typed: str = ""
    """Keys that were typed before the answer came."""


class BackgroundQuery:
    """A query for the background's colour, sent when it is created. Until it is closed, typed keys are not echoed."""

    def __init__(self, keyboard: int, screen: int) -> None:
        """`keyboard` and `screen` are file descriptors of the terminal."""
        self._keyboard = keyboard
        self._before: list[Any] | None = None
        try:
            before = termios.tcgetattr(keyboard)
            quiet = termios.tcgetattr(keyboard)
            quiet[3] &= ~(termios.ECHO | termios.ICANON)
            quiet[0] &= ~termios.ICRNL
            quiet[6][termios.VMIN] = 1
            termios.tcsetattr(keyboard, termios.TCSANOW, quiet)
            self._before = before
            os.write(screen, QUERY)
        except (termios.error, OSError):
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Restore the terminal."""
        before, self._before = self._before, None
        if before is not None:
            with suppress(termios.error):
                termios.tcsetattr(self._keyboard, termios.TCSANOW, before)

    def answer(self, patience: float = PATIENCE) -> Background:
        """Wait for the terminal's answer."""
        text, deadline = "", time.monotonic() + patience
        data = b""
        while self._before is not None and len(data) < _MAX_BYTES and not DEVICE_ATTRIBUTES.search(text):
            seconds_left = max(0.0, deadline - time.monotonic())
            if not select.select([self._keyboard], [], [], seconds_left)[0]:
                break
            try:
                piece = os.read(self._keyboard, 1024)
            except OSError:
                break
            if not piece:
                break
            data += piece
            text = data.decode("utf-8", "replace")
        self.close()
        colour = COLOUR.search(text)
        light = None if colour is None else is_light(colour)
        return Background(light, DEVICE_ATTRIBUTES.sub("", COLOUR.sub("", text), 1))


def ask_background() -> BackgroundQuery | None:
    """Ask the terminal for its background's colour; None where that is impossible or would get no answer."""
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "linux") or sys.__stdin__ is None or sys.__stderr__ is None:
        return None
    try:
        keyboard, screen = sys.__stdin__.fileno(), sys.__stderr__.fileno()
        # A background process would be stopped if it touched the terminal.
        if not os.isatty(keyboard) or not os.isatty(screen) or os.tcgetpgrp(keyboard) != os.getpgrp():
            return None
    except (OSError, ValueError):
        return None
    return BackgroundQuery(keyboard, screen)


def is_light(colour: re.Match[str]) -> bool | None:
    """Is the colour in a match of `COLOUR` light? None if its format is unknown."""
    if colour[1] is None:
        return None
    red, green, blue = (int(part, 16) / int("f" * len(part), 16) for part in colour.groups())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5
