"""Lines on stderr that show what a command is doing: only on a terminal, and removed when it is done.

Not drawn by rich: it hides the cursor, which a killed program leaves hidden, and its time left stands still during a
long step.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from math import ceil
from threading import Event, Lock, Thread
from typing import Final, Self, TypeVar

from reader.commands.common import Status, complain
from reader.model import NOT_A_CAPTURE, Problem
from reader.sanitize import many, sanitize

DELAY: Final = 1.0
"""Seconds before a line appears."""
_EVERY: Final = 0.1
"""Seconds between two drawings."""
_BAR: Final = 20
"""Columns."""
_SLOW: Final = 10
"""Below this speed, decimals matter."""
_NAMED_ENDINGS: Final = 5
_ERASE: Final = "\r\x1b[K"

Item = TypeVar("Item")


class StatusLine:
    """A line that says what is being done, how fast and for how long; with a bar and the time left if there is a total.

    A thread draws it several times a second, with the times of that moment: a long step does not look like a
    standstill, and the time left grows with it.
    """

    def __init__(self, text: str = "", *, shown: bool = True, delay: float = DELAY) -> None:
        """The line appears after `delay` seconds, even during a single long step; never if not `shown`."""
        self.is_shown = shown and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        """Is there a terminal on which it appears?"""
        self.failures = 0
        """How many failures were named."""
        self._delay = delay
        self._text = text
        self._things = ""
        self._done = self._count = 0
        self._total: int | None = None
        self._entered = time.monotonic()
        self._start: tuple[float, int, int] | None = None
        """When this step was first updated, and what was done and counted then."""
        self._is_hidden = self._is_drawn = False
        self._lock = Lock()
        self._ended = Event()

    def __enter__(self) -> Self:
        self._entered = time.monotonic()
        if self.is_shown:
            Thread(target=self._keep_drawing, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
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
        self._is_hidden = False

    def clear(self) -> None:
        """Remove the line before other output; the next update shows it again."""
        with self._lock:
            self._is_hidden = True
            if self._is_drawn:
                self._write(_ERASE)
            self._is_drawn = False

    def complain(self, sentence: str) -> None:
        """Remove the line, and name a failure on stderr."""
        self.failures += 1
        self.clear()
        complain(sentence)

    def _keep_drawing(self) -> None:
        wait = self._delay
        while not self._ended.wait(wait):
            wait = _EVERY
            with self._lock:
                if self._text and not self._is_hidden and not self._ended.is_set():
                    self._is_drawn = True
                    self._write(f"{_ERASE}{self._line()}")

    def _line(self) -> str:
        """The text, with a bar, the speed since the start of the step, the time so far, and the time left."""
        now = time.monotonic()
        start, done_before, count_before = self._start or (now, 0, 0)
        words = [sanitize(self._text)]
        if self._things and self._count > count_before and now > start:
            speed = (self._count - count_before) / (now - start)
            words.append(f"{speed:,.{1 if speed < _SLOW else 0}f} {self._things}/s")
        words.append(_clock(now - self._entered))
        if self._total and done_before < self._done < self._total:
            left = (self._total - self._done) * (now - start) / (self._done - done_before)
            words.append(f"{_clock(ceil(left))} left")
        line = " · ".join(words)
        try:
            width = os.get_terminal_size(sys.stderr.fileno()).columns
        except (OSError, ValueError):
            width = shutil.get_terminal_size().columns
        if self._total and width - len(line) > _BAR + 1:
            bar = "━" * round(_BAR * min(1, self._done / self._total))
            line = f"{bar:─<{_BAR}} {line}"
        return line[: width - 1]

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # The stream may be closed.
            sys.stderr.write(text)
            sys.stderr.flush()


def _clock(seconds: float) -> str:
    """A time as "0:07" or "1:02:30"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class ProgressLine(StatusLine):
    """A status line for reading captures: files, articles, problems and speed. It reports the problems, too.

    Its counts are kept also where it is not shown.
    """

    def __init__(self, paths: Sequence[str], *, shown: bool = True, delay: float = DELAY) -> None:
        """Meanwhile the files in `paths` are counted in a thread, for the time left."""
        super().__init__("reading…", shown=shown, delay=delay)
        self.files = self.pages = self.articles = 0
        """How many have been read."""
        self._paths = paths
        self._total_files = 0
        self._first_skipped = ""
        self._skipped: Counter[str] = Counter()
        """The files in folders that are not captures, by file name ending."""

    def __enter__(self) -> Self:
        if self.is_shown:
            Thread(target=self._count_files, daemon=True).start()
        return super().__enter__()

    def show(self) -> None:
        """Show the counts as they are now."""
        if self.is_shown:
            total = max(self._total_files, self.files) if self._total_files else None
            parts = [amount(self.files, total, "files"), many(self.articles, "article")]
            parts += [many(self.failures, "problem")] if self.failures else []
            # A large file may take minutes, during which only articles are counted.
            self.update(" · ".join(parts), self.files, total, "articles", self.articles)

    def report(self, problem: Problem) -> None:
        """Count and report a problem; files that are not captures are summarized at the end."""
        if problem.kind == NOT_A_CAPTURE:
            self._first_skipped = self._first_skipped or problem.source
            self._skipped[os.path.splitext(problem.source)[1] or "no ending"] += 1  # noqa: PTH122
            return
        self.failures += not problem.is_skipped
        self.clear()
        complain(f"{problem.source}: {problem.reason}")

    def finish(self, *, something: bool) -> int:
        """Report the files that are not captures; return the exit status, given whether `something` was read."""
        if self._skipped:
            named = self._skipped.most_common(_NAMED_ENDINGS)
            kinds = [f"{count:,} {ending}" for ending, count in named]
            if rest := self._skipped.total() - sum(count for _, count in named):
                kinds.append(f"{rest:,} more")
            files = many(self._skipped.total(), "file that is not a capture", "files that are not captures")
            complain(
                f"skipped in folders: {files} ({', '.join(kinds)}), such as {self._first_skipped};"
                " if one of them is a capture, name it on the command line"
            )
        if not self.failures:
            return Status.DONE
        return Status.IN_PART if something else Status.NOTHING_READ

    def _count_files(self) -> None:
        count = 0
        for path in self._paths:
            count += not os.path.isdir(path)  # noqa: PTH112 (as it was named)
            for _, _, names in os.walk(path):
                if self._ended.is_set():
                    return
                count += len(names)
        self._total_files = count


def counted(items: Iterable[Item], total: int | None, line: StatusLine) -> Iterator[Item]:
    """The items, with their count on a status line that stays for what is done with them afterwards."""
    for number, item in enumerate(items):
        line.update(amount(number, total, "articles"), number, total, "articles")
        yield item
    line.update("finishing…")


def amount(done: int, total: int | None, things: str) -> str:
    """For example "1,200 of 40,000 articles"."""
    return f"{done:,} of {total:,} {things}" if total else f"{done:,} {things}"
