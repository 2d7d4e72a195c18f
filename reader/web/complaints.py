"""Errors of the server as lines on stderr: few, short and sanitized, whatever visitors do."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp.http import HttpProcessingError

from reader.sanitize import sanitize

LOGGERS: Final = ("aiohttp", "asyncio", "textual-serve", "reader.web")
"""Who reports errors while the server runs."""
MOST_LINES: Final = 10
"""In a period."""
PERIOD: Final = 60.0
"""Seconds."""
_LONGEST: Final = 300
"""Characters of a line."""


def is_error(record: logging.LogRecord) -> bool:
    """Whether it is an error of ours: aiohttp reports requests that are no HTTP, too, which it has refused."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


class Complaints(logging.Handler):
    """Prints errors; when there are too many, only their number."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.addFilter(is_error)
        self._began = 0.0
        self._printed = 0
        self._left_out = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line, unless there have been enough."""
        if record.created - self._began >= PERIOD:
            self.end_period()
            self._began = record.created
        if self._printed >= MOST_LINES:
            self._left_out += 1
            return
        self._printed += 1
        error = record.exc_info[1] if record.exc_info else None
        # What a request holds is not printed as it is; asyncio's further lines are for developers.
        said, _, _ = record.getMessage().partition("\n")
        _print(f"{said}{f' ({error!r})' if error else ''}")

    def end_period(self) -> None:
        """Say how many errors were not printed, and begin anew."""
        if self._left_out:
            _print(f"{self._left_out:,} more errors were not shown")
        self._printed = self._left_out = 0


@contextmanager
def printed() -> Iterator[None]:
    """Print errors of the server while the block runs."""
    complaints = Complaints()
    for name in LOGGERS:
        logging.getLogger(name).addHandler(complaints)
    try:
        yield
    finally:
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(complaints)
        complaints.end_period()


def _print(said: str) -> None:
    line = sanitize(said)
    print(f"protocol-reader: {line[:_LONGEST]}{'…' * (len(line) > _LONGEST)}", file=sys.stderr)
