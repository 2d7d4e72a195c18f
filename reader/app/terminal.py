"""The terminal as the program finds it: can the app start here, where do its keys come from, is it light or dark?

Nothing of Textual is imported, so that a command can ask before it loads the app. The question for the background's
colour is put before the app's modules are imported, and answered meanwhile.
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
from collections.abc import Mapping
from typing import Any, BinaryIO, Final, NamedTuple, Self, TextIO

QUESTION: Final = b"\x1b]11;?\x1b\\\x1b[c"
"""Asks for the background's colour, then for the kind of terminal, which every terminal answers."""
PATIENCE: Final = 1.0
"""Seconds to wait for an answer. Terminals answer at once, on slow lines later; what came after it would be keys."""
COLOUR: Final = re.compile(
    r"\x1b\]11;(?:rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})[^\x07\x1b]*|[^\x07\x1b]*)(?:\x07|\x1b\\)"
)
LAST: Final = re.compile(r"\x1b\[\?[0-9;]*c")
_MOST: Final = 4096


class Surroundings(NamedTuple):
    """What the app would be started in."""

    keyboard: bool
    """Keys can be read: standard input is a terminal, or a terminal can be opened in its place."""
    output: bool
    """Standard output is a terminal."""
    errors: bool
    """Standard error, to which the screen is written, is a terminal."""
    term: str
    """The kind of terminal as TERM names it; "" when it is not set."""
    encoding: str
    """The encoding of what is written to the terminal."""


def obstacles(around: Surroundings) -> tuple[str, ...]:
    """Why the app cannot start in these surroundings, each as a phrase; empty when it can."""
    found: list[str] = []
    if not around.keyboard:
        found.append("there is no terminal to read keys from")
    if not around.output:
        found.append("standard output is not a terminal")
    if not around.errors:
        found.append("standard error is not a terminal")
    if around.term in ("", "dumb", "unknown"):
        found.append(f"TERM is {around.term}" if around.term else "TERM is not set")
    if not _is_utf8(around.encoding):
        found.append(f"the terminal's encoding is {around.encoding or 'unknown'}, not UTF-8")
    return tuple(found)


def look() -> Surroundings:
    """The surroundings of this process."""
    return Surroundings(
        keyboard=_is_terminal(sys.__stdin__) or _has_terminal(),
        output=_is_terminal(sys.__stdout__),
        errors=_is_terminal(sys.__stderr__),
        term=os.environ.get("TERM", ""),
        encoding=getattr(sys.__stderr__, "encoding", None) or "",
    )


def sizes() -> tuple[int, int, int, int]:
    """Rows and columns of the terminal, then its width and height in pixels; zeros for what it does not say."""
    found = array.array("H", [0, 0, 0, 0])
    try:
        fcntl.ioctl(sys.__stderr__.fileno() if sys.__stderr__ else 2, termios.TIOCGWINSZ, found)
    except (OSError, ValueError):
        return 0, 0, 0, 0
    rows, columns, width, height = found
    return rows, columns, width, height


def take_standard_input() -> BinaryIO:
    """Put the terminal in the place of standard input, for keys; what was piped in is returned, to be read.

    Also `sys.stdin` reads what was piped in from then on. OSError when the process has no terminal.
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


def _is_utf8(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        return False


# Light or dark


class Background(NamedTuple):
    """What the terminal has answered."""

    light: bool | None = None
    """Whether its background is light; None when it does not say."""
    typed: str = ""
    """What was typed meanwhile."""


class BackgroundQuestion:
    """The question, from the moment it is put; while it is entered the terminal shows nothing that is typed."""

    def __init__(self, keyboard: int, screen: int) -> None:
        """`keyboard` and `screen` are descriptors of the terminal."""
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
            os.write(screen, QUESTION)
        except (termios.error, OSError):
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Put the terminal back as it was."""
        if self._before is not None:
            before, self._before = self._before, None
            try:
                termios.tcsetattr(self._keyboard, termios.TCSANOW, before)
            except termios.error:
                return

    def answer(self, environment: Mapping[str, str] | None = None, patience: float = PATIENCE) -> Background:
        """The terminal's answer, or else what COLORFGBG says."""
        if self._before is None:
            return Background(light_by_environment(os.environ if environment is None else environment))
        text = self._read(time.monotonic() + patience)
        self.close()
        colour = COLOUR.search(text)
        light = None if colour is None else is_light(colour)
        if light is None:
            light = light_by_environment(os.environ if environment is None else environment)
        return Background(light, LAST.sub("", COLOUR.sub("", text), 1))

    def _read(self, deadline: float) -> str:
        data = b""
        while len(data) < _MOST:
            left = deadline - time.monotonic()
            if not select.select([self._keyboard], [], [], max(0.0, left))[0]:
                break
            try:
                piece = os.read(self._keyboard, 1024)
            except OSError:
                break
            data += piece
            if not piece or LAST.search(data.decode("utf-8", "replace")):
                break
        return data.decode("utf-8", "replace")


def ask_background(environment: Mapping[str, str] | None = None) -> BackgroundQuestion | None:
    """Ask this process's terminal for its background; None where that is impossible, or nobody would answer."""
    environment = os.environ if environment is None else environment
    if (
        environment.get("TERM", "") in ("", "dumb", "linux")
        or sys.__stdin__ is None
        or sys.__stderr__ is None
    ):
        return None
    try:
        keyboard, screen = sys.__stdin__.fileno(), sys.__stderr__.fileno()
        # In the background the terminal is another's, and touching it would stop us.
        if not os.isatty(keyboard) or not os.isatty(screen) or os.tcgetpgrp(keyboard) != os.getpgrp():
            return None
    except (OSError, ValueError):
        return None
    return BackgroundQuestion(keyboard, screen)


def is_light(colour: re.Match[str]) -> bool | None:
    """Whether a colour that `COLOUR` has found is light; None when it is in another form."""
    if colour[1] is None:
        return None
    red, green, blue = (int(part, 16) / int("f" * len(part), 16) for part in colour.groups())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5


def light_by_environment(environment: Mapping[str, str]) -> bool | None:
    """Is the background light after COLORFGBG, whose last part is the number of its colour? None when unknown."""
    last = environment.get("COLORFGBG", "").rpartition(";")[2]
    return int(last) in (7, *range(9, 16)) if last.isascii() and last.isdecimal() else None
