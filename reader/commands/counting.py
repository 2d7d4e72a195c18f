"""A line on stderr with how many articles are done, there only while it takes longer than a moment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import TextIO, TypeVar

_WAIT = 1.0
"""Seconds before the first word."""
_EVERY = 0.2
"""Seconds between two words."""
_CLEAR = "\r\x1b[K"

Item = TypeVar("Item")


def counted(
    items: Iterable[Item],
    total: int | None,
    out: TextIO | None = None,
    clock: Callable[[], float] = monotonic,
) -> Iterator[Item]:
    """The items, counted on a terminal as they go by; `total` is how many there are, None when unknown."""
    out = out or sys.stderr
    shown = out.isatty() and os.environ.get("TERM") != "dumb"
    due = clock() + _WAIT
    painted = False
    try:
        for number, item in enumerate(items):
            if shown and clock() >= due:
                out.write(f"{_CLEAR}{number:,}{f' of {total:,}' if total else ''} articles")
                out.flush()
                due, painted = clock() + _EVERY, True
            yield item
    finally:
        if painted:
            out.write(_CLEAR)
            out.flush()
