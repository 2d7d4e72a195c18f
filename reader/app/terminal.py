"""The terminal as the program finds it: may the app start here, and where do its keys come from?

Nothing of Textual is imported, so that a command can ask before it pays for the app.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import BinaryIO, NamedTuple, TextIO


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
    import array
    import fcntl
    import termios

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
