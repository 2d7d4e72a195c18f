"""A line on stderr that says how far a long command has come, there only while it runs and only on a terminal."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Thread
from time import monotonic
from typing import NamedTuple, Self, TextIO

_EVERY = 0.1
"""Seconds between two paintings."""
_REMEMBERED = 10.0
"""Seconds over which the speed is taken."""
_BAR = 20
_CLEAR = "\r\x1b[K"


class State(NamedTuple):
    """What the line says."""

    files: int
    total: int | None
    """How many files there are; None while they are being counted."""
    articles: int
    problems: int
    speed: float
    """Files a second; 0 when unknown."""


def line(state: State, width: int) -> str:
    """The line in at most `width` columns: what has no room is left out, the least important first."""
    total = max(state.total, state.files) if state.total else None
    files = f"{state.files:,} of {total:,} files" if total else f"{state.files:,} files"
    parts = [files, f"{state.articles:,} articles"]
    if state.problems:
        parts.append(f"{state.problems:,} problem{'s' if state.problems > 1 else ''}")
    if total and state.speed:
        parts.append(f"{_clock((total - state.files) / state.speed)} left")
    if state.speed:
        parts.append(f"{state.speed:,.0f} files/s")
    while len(parts) > 1 and len(" · ".join(parts)) > width:
        parts.pop()
    text = " · ".join(parts)
    if total and len(text) + _BAR + 1 <= width:
        full = round(_BAR * state.files / total)
        text = f"{'█' * full}{'░' * (_BAR - full)} {text}"
    return text[:width]


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class ProgressLine:
    """Paints the line; as a context it takes it away at the end. Does nothing where stderr is no terminal."""

    def __init__(
        self, paths: Sequence[str], out: TextIO | None = None, clock: Callable[[], float] = monotonic
    ) -> None:
        """`paths` are counted meanwhile, for the time left."""
        self._out = out or sys.stderr
        self._clock = clock
        self._shown = self._out.isatty() and os.environ.get("TERM") != "dumb"
        self._seen: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._painted = float("-inf")
        self._ended = Event()
        self._total: int | None = None
        if self._shown:
            Thread(target=self._count, args=(paths,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.clear()

    def show(self, files: int, articles: int, problems: int) -> None:
        """Say how far it is, unless that was said a moment ago."""
        now = self._clock()
        if not self._shown or now - self._painted < _EVERY:
            return
        self._painted = now
        self._seen.append((now, files))
        while len(self._seen) > 2 and now - self._seen[0][0] > _REMEMBERED:
            self._seen.popleft()
        since, before = self._seen[0]
        speed = (files - before) / (now - since) if now > since else 0.0
        try:
            width = os.get_terminal_size(self._out.fileno()).columns
        except (OSError, ValueError):
            width = 80
        state = State(files, self._total, articles, problems, speed)
        self._write(_CLEAR + self._plain(line(state, width - 1)))

    def clear(self) -> None:
        """Take the line away, for other text to be written; the next `show` paints it again."""
        if self._shown and self._painted > float("-inf"):
            self._write(_CLEAR)
            self._painted = float("-inf")

    def _plain(self, text: str) -> str:
        """`text` as the terminal's encoding can say it."""
        encoding = self._out.encoding or "ascii"
        return text.encode(encoding, "replace").decode(encoding)

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()

    def _count(self, paths: Sequence[str]) -> None:
        count = 0
        for path in paths:
            count += not os.path.isdir(path)  # noqa: PTH112 (as it was named)
            for _, _, names in os.walk(path):
                if self._ended.is_set():
                    return
                count += len(names)
        self._total = count
