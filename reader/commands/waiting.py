"""A line on stderr that says what a command is at, there only on a terminal and once it takes longer than a moment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Self, TextIO, TypeVar

_WAIT = 1.0
"""Seconds before the first word."""
_EVERY = 0.2
"""Seconds between two words."""
_CLEAR = "\r\x1b[K"

Item = TypeVar("Item")


class Waiting:
    """The line. A thread paints it, so that it stands there too while one long step holds up everything else."""

    def __init__(
        self, text: str = "", out: TextIO | None = None, pause: Callable[[float], bool] | None = None
    ) -> None:
        """`pause` waits for so many seconds, or until the line is not wanted any more, which it answers."""
        self._out = out or sys.stderr
        self._text = text
        self._painted = ""
        self._ended = Event()
        self._pause = pause or self._ended.wait
        self._lock = Lock()

    def __enter__(self) -> Self:
        if self._out.isatty() and os.environ.get("TERM") != "dumb":
            Thread(target=self._paint_all, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.clear()

    def say(self, text: str) -> None:
        """What the line says from now on."""
        self._text = text

    def clear(self) -> None:
        """Take the line away, for other text to be written; it comes back."""
        with self._lock:
            if self._painted:
                self._painted = ""
                self._write("")

    def _paint_all(self) -> None:
        delay = _WAIT
        while not self._pause(delay):
            delay = _EVERY
            with self._lock:
                if not self._ended.is_set() and self._text != self._painted:
                    self._painted = self._text
                    self._write(self._painted)

    def _write(self, text: str) -> None:
        encoding = self._out.encoding or "ascii"
        with suppress(OSError, ValueError):
            width = 80
            with suppress(OSError, ValueError):
                width = os.get_terminal_size(self._out.fileno()).columns
            self._out.write(_CLEAR + text[: width - 1].encode(encoding, "replace").decode(encoding))
            self._out.flush()


def amount(done: int, total: int | None, things: str) -> str:
    """How many of how many, in words: "1,200 of 40,000 articles"."""
    return f"{done:,} of {total:,} {things}" if total else f"{done:,} {things}"


def is_printed(output: str | None) -> bool:
    """Whether what is written to `output`, None or "-" for standard output, appears where a line would stand."""
    return output in (None, "-") and sys.stdout.isatty()


def counted(
    items: Iterable[Item],
    total: int | None,
    out: TextIO | None = None,
    pause: Callable[[float], bool] | None = None,
) -> Iterator[Item]:
    """The items, counted on a terminal as they go by; `total` is how many articles there are, None when unknown."""
    with Waiting("", out, pause) as line:
        for number, item in enumerate(items):
            line.say(amount(number, total, "articles"))
            yield item
