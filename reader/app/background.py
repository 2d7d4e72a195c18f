"""Whether the terminal is light or dark: asked before the app starts, answered while its modules are imported.

The question for the colour is followed by one that every terminal answers, so that nobody waits for an answer
that does not come. Nothing of Textual is imported.
"""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import time
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Self

QUESTION: Final = b"\x1b]11;?\x1b\\\x1b[c"
"""What is the background's colour? And: what are you?"""
PATIENCE: Final = 1.0
"""Seconds to wait for an answer. Terminals answer at once, on slow lines later; what came after it would be keys."""
COLOUR: Final = re.compile(
    r"\x1b\]11;(?:rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})[^\x07\x1b]*|[^\x07\x1b]*)(?:\x07|\x1b\\)"
)
LAST: Final = re.compile(r"\x1b\[\?[0-9;]*c")
_MOST: Final = 4096


class Background(NamedTuple):
    """What the terminal has told."""

    light: bool | None = None
    """Whether its background is light; None when it does not say."""
    typed: str = ""
    """What was typed meanwhile."""


class Asked:
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
        """What the terminal has told, or else what COLORFGBG says."""
        if self._before is None:
            return Background(told_by(os.environ if environment is None else environment))
        text = self._read(time.monotonic() + patience)
        self.close()
        colour = COLOUR.search(text)
        light = None if colour is None else is_light(colour)
        if light is None:
            light = told_by(os.environ if environment is None else environment)
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


def ask(environment: Mapping[str, str] | None = None) -> Asked | None:
    """Put the question to this process's terminal; None where that cannot be done, or nobody would answer."""
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
    return Asked(keyboard, screen)


def is_light(colour: re.Match[str]) -> bool | None:
    """Whether a colour that `COLOUR` has found is light; None when it is in another form."""
    if colour[1] is None:
        return None
    red, green, blue = (int(part, 16) / int("f" * len(part), 16) for part in colour.groups())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5


def told_by(environment: Mapping[str, str]) -> bool | None:
    """What COLORFGBG says, whose last part is the number of the background's colour; None when it does not."""
    last = environment.get("COLORFGBG", "").rpartition(";")[2]
    return int(last) in (7, *range(9, 16)) if last.isascii() and last.isdecimal() else None
