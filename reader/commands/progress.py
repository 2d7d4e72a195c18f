"""Lines on stderr that show what a command is doing: only on a terminal, and removed when it is done.

rich is imported when a line first appears: it takes 35 ms, and most commands end before that.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import ceil
from threading import Event, RLock, Thread, Timer
from typing import TYPE_CHECKING, Final, Self, TextIO, TypeVar

from reader.sanitize import many, sanitize

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, Task

DELAY: Final = 1.0
"""Seconds before a line appears."""
_EVERY: Final = 0.1
"""Seconds between two updates, which take longer than reading a small file does."""
_BAR_WIDTH: Final = 20
_WIDTH_OF_PACE: Final = 34
"""Columns that speed and times take at most, usually."""
_SLOW: Final = 10
"""Below this speed, decimals matter."""

Item = TypeVar("Item")


class StatusLine:
    """A line that says what is being done, how fast and for how long; with a bar and the time left if there is a total.

    Times are those of the moment at which the line is drawn, several times a second: a long step does not look like a
    standstill, and the time left grows with it.
    """

    def __init__(self, text: str = "", out: TextIO | None = None, delay: float = DELAY) -> None:
        """The line appears after `delay` seconds, even during a single long step."""
        self._out = out or sys.stderr
        self._text = text
        self._done = self._count = 0
        self._total: int | None = None
        self._things = ""
        self._entered = time.monotonic()
        self._start: tuple[float, int, int] | None = None
        """When this step was first updated, and what was done and counted then."""
        self._progress: Progress | None = None
        self._is_due = False
        self._lock = RLock()
        self._timer = Timer(delay, self._appear)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._entered = time.monotonic()
        if is_shown(self._out):
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._is_due = False
            self.clear()

    def update(
        self, text: str, done: int = 0, total: int | None = None, things: str = "", count: int | None = None
    ) -> None:
        """Show this text from now on; `done` of `total` is drawn as a bar, and gives the time left.

        The speed is in `things` a second, of which there are `count` so far (default: `done`).
        """
        count = done if count is None else count
        if self._start is None or done < self._done:
            self._start = time.monotonic(), done, count
        self._text, self._done, self._total, self._things, self._count = text, done, total, things, count
        if self._is_due:
            self._paint()

    def clear(self) -> None:
        """Remove the line before other output; the next update shows it again."""
        with self._lock:
            if self._progress is not None:
                self._progress.stop()

    def refresh(self) -> None:
        """Draw the line now instead of at the next of a few times a second."""
        if self._progress is not None and self._is_due:
            self._progress.refresh()

    def _pace(self) -> str:
        """Speed since the start of the step, time since the line was made, and time left."""
        now = time.monotonic()
        words = [_clock(now - self._entered)]
        start, done_before, count_before = self._start or (now, 0, 0)
        if self._things and self._count > count_before and now > start:
            speed = (self._count - count_before) / (now - start)
            words.insert(0, f"{speed:,.{1 if speed < _SLOW else 0}f} {self._things}/s")
        if self._total and done_before < self._done < self._total:
            left = (self._total - self._done) * (now - start) / (self._done - done_before)
            words.append(f"{_clock(ceil(left))} left")
        return " · ".join(words)

    def _appear(self) -> None:
        with self._lock:
            if not self._timer.finished.is_set():  # `__exit__` cancels it.
                self._is_due = True
                if self._text:
                    self._paint()

    def _paint(self) -> None:
        with self._lock:
            if self._progress is None:
                self._progress = _new_progress(self._out)
            progress = self._progress
            room = progress.console.width - len(self._text) - _WIDTH_OF_PACE
            progress.columns = _columns(self._pace, with_bar=bool(self._total) and room > _BAR_WIDTH)
            progress.update(
                progress.tasks[0].id,
                description=sanitize(self._text),
                completed=self._done,
                total=self._total,
            )
            progress.start()


def _new_progress(out: TextIO) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    class PlainConsole(Console):
        """Leaves the cursor visible: a command that is killed could not show it again."""

        def show_cursor(self, show: bool = True) -> bool:
            return show

    progress = Progress(
        console=PlainConsole(file=out, force_terminal=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    progress.add_task("", total=None)
    return progress


def _columns(pace: Callable[[], str], *, with_bar: bool) -> tuple[ProgressColumn, ...]:
    from rich.progress import BarColumn, ProgressColumn, TextColumn
    from rich.text import Text

    class PaceColumn(ProgressColumn):
        """Shows the pace of the moment."""

        def render(self, task: Task) -> Text:  # noqa: ARG002
            return Text(f"· {pace()}", no_wrap=True)

    text = TextColumn("{task.description}", markup=False)
    return (BarColumn(_BAR_WIDTH), text, PaceColumn()) if with_bar else (text, PaceColumn())


def _clock(seconds: float) -> str:
    """A time as "0:07" or "1:02:30"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class ProgressLine:
    """A status line for reading captures: files, articles, problems and speed."""

    def __init__(self, paths: Sequence[str], out: TextIO | None = None, delay: float = DELAY) -> None:
        """Meanwhile the files in `paths` are counted in a thread, for the time left."""
        self._line = StatusLine("reading…", out, delay)
        self._paths = paths
        self._is_shown = is_shown(out or sys.stderr)
        self._total: int | None = None
        self._next_update = 0.0
        self._ended = Event()

    def __enter__(self) -> Self:
        if self._is_shown:
            Thread(target=self._count, daemon=True).start()
        self._line.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._line.__exit__()

    def show(self, files: int, articles: int, problems: int) -> None:
        """Show the progress."""
        now = time.monotonic()
        if not self._is_shown or now < self._next_update:
            return
        self._next_update = now + _EVERY
        total = max(self._total, files) if self._total else None
        parts = [amount(files, total, "files"), many(articles, "article")]
        if problems:
            parts.append(many(problems, "problem"))
        # A large file may take minutes, during which only articles are counted.
        self._line.update(" · ".join(parts), files, total, "articles", articles)

    def clear(self) -> None:
        """Remove the line before other output."""
        self._line.clear()

    def _count(self) -> None:
        count = 0
        for path in self._paths:
            count += not os.path.isdir(path)  # noqa: PTH112 (as it was named)
            for _, _, names in os.walk(path):
                if self._ended.is_set():
                    return
                count += len(names)
        self._total = count


def is_shown(out: TextIO) -> bool:
    """Can a status line be drawn on `out`?"""
    return out.isatty() and os.environ.get("TERM") != "dumb"


def is_printed(output: str | None) -> bool:
    """Does `output` (None or "-" for standard output) appear on the terminal, where the line would be in the way?"""
    return output in (None, "-") and sys.stdout.isatty()


def counted(items: Iterable[Item], total: int | None, line: StatusLine | None = None) -> Iterator[Item]:
    """The items, with their count on a status line; `total` is None when unknown."""
    with line or StatusLine() as shown:
        yield from count_on(shown, items, total)


def count_on(line: StatusLine, items: Iterable[Item], total: int | None) -> Iterator[Item]:
    """The items, with their count on a status line that stays for what is done with them afterwards."""
    for number, item in enumerate(items):
        line.update(amount(number, total, "articles"), number, total, "articles")
        yield item
    line.update("finishing…")


def amount(done: int, total: int | None, things: str) -> str:
    """For example "1,200 of 40,000 articles"."""
    return f"{done:,} of {total:,} {things}" if total else f"{done:,} {things}"
