"""How far a fetching has come, said on stderr."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import Self

from reader.commands.common import complain
from reader.safe_text import clean
from reader.wayback.client import Waiting
from reader.wayback.pacing import Clock


class Line:
    """One line on stderr that changes; where that is no terminal, a line now and then."""

    def __init__(self, clock: Clock, every: int = 20) -> None:
        """Where stderr is no terminal, a line is said every so many pages; with 1 all that there is to say."""
        self._clock = clock
        self._every = every
        self._is_terminal = sys.stderr.isatty()
        self._is_shown = False
        self._next = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def show(self, text: str, done: int | None = None) -> None:
        """Show where things stand; `done` pages, when pages are being fetched."""
        if self._is_terminal:
            width = os.get_terminal_size(sys.stderr.fileno()).columns
            print(f"\r\x1b[K{clean(text)[: max(width - 1, 1)]}", end="", file=sys.stderr, flush=True)
            self._is_shown = True
        elif self._every == 1 or (done is not None and done >= self._next):
            complain(text)
            self._next = (done or 0) + self._every

    def wait(self, waiting: Waiting) -> None:
        """Say what is waited for, and until when."""
        text = waiting.why
        if waiting.seconds:
            until = time.strftime("%H:%M:%S", time.localtime(self._clock.now() + waiting.seconds))
            text = f"waiting until {until}: {waiting.why}"
        if self._is_terminal:
            self.show(text)
        else:
            complain(text)

    def clear(self) -> None:
        """Take the line away: something else is said."""
        if self._is_shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._is_shown = False


def duration(seconds: float) -> str:
    """A time that is still to pass, in words."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    hours, minutes = divmod(minutes, 60)
    return f"about {hours} h {minutes} min" if hours else f"about {minutes} min"
