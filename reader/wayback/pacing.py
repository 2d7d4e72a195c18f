"""When a request may be made: under 20 a minute, and later when the server refuses. Time comes from outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from reader.http_dates import moment_of

INTERVAL = 3.2
"""Seconds from one request's start to the next one's: at most 19 in any minute."""
FIRST_PAUSE = 60
"""Seconds to wait when the server first refuses without saying for how long; doubled each time."""
LONGEST_PAUSE = 3600
"""Seconds of the longest wait: when a server asks for more, the user is told instead."""


class Clock(NamedTuple):
    """Where the time comes from."""

    now: Callable[[], float] = time.time
    """Seconds since 1970."""
    sleep: Callable[[float], object] = time.sleep
    """Lets so many seconds pass."""


class Pace:
    """The moments at which requests may start, one after the other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: float | None = None

    def wait(self) -> None:
        """Let time pass until the next request may start."""
        if self._last is not None:
            # A clock that was set back must not make a long wait of it.
            rest = min(self._last + INTERVAL - self._clock.now(), INTERVAL)
            if rest > 0:
                self._clock.sleep(rest)
        self._last = self._clock.now()


class Refusals:
    """How long to wait after each refusal in a row."""

    def __init__(self) -> None:
        self.count = 0
        """Refusals since the last answer."""
        self._own = FIRST_PAUSE

    def refused(self, asked: float | None) -> float:
        """Seconds to wait now; `asked` is what Retry-After says.

        What the server asks for counts, for the first time: refused again after that, or told nothing, we
        wait a minute, two, four, up to an hour, and never less than asked.
        """
        self.count += 1
        if asked is not None and self.count == 1:
            return asked
        pause, self._own = self._own, min(2 * self._own, LONGEST_PAUSE)
        return max(pause, asked or 0)

    def answered(self) -> None:
        """The server answers again."""
        self.count, self._own = 0, FIRST_PAUSE


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait that a Retry-After header asks for, at least 0; None when it says nothing usable."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    moment = moment_of(text)
    return None if moment is None else max(0.0, moment.timestamp() - now)
