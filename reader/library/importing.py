"""Captures -> parser -> library, batch by batch, so that the first can be read while the rest arrives.

A thread that fills while an app draws should run inside `sharing_the_processor()`: parsing is pure Python,
and with the interpreter's usual 5 ms between threads a key would wait that long, several times over. How
often threads change is a matter of the whole process, so `fill` leaves it alone and whoever starts the thread
decides.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from reader.captures import PictureRecord, read_captures
from reader.errors import CaptureError, LibraryError
from reader.library import pictures
from reader.library.corrections import corrected
from reader.library.preparing import PreparedPage, text_digest
from reader.library.reading import read_capture
from reader.library.store import Library
from reader.library.writing import knows
from reader.model import Capture, Problem
from reader.worker import GivenUpError, LimitedCalls

FIRST_PAGES, FIRST_SECONDS = 5, 0.03
"""The first batch is written after so many pages or so long, for the screen to have something at once."""
BATCH_ARTICLES, BATCH_SECONDS = 2_000, 0.2
"""Later ones; both small enough for a transaction of well under 50 ms."""
_BATCH_PICTURES = 10_000
_BATCH_BYTES = 8_000_000
"""A batch of long captures is written sooner, so that memory stays flat."""
_SHARED_SECONDS = 0.0001
"""Less than a page takes to parse: between pages threads change too briefly for another to notice."""
_COUNTED = ("captures", "known", "partial", "articles", "truncated", "sponsored")


class Progress(NamedTuple):
    """How far a fill has come; what it counts is in the library already."""

    captures: int
    """Captures read, known ones included."""
    articles: int
    """New articles."""
    problems: int
    bytes_done: int
    """Bytes of text read, as UTF-8."""
    done: bool
    """True in the last report, also after `stop`."""


class Summary(NamedTuple):
    """What a fill did."""

    captures: int
    """New captures, now kept."""
    known: int
    """Captures the library had already, or met twice in this fill."""
    partial: int
    """New captures of which only a part was kept."""
    articles: int
    """New articles."""
    truncated: int
    """How many of these are cut off."""
    sponsored: int
    """How many of these were paid for."""
    problems: tuple[tuple[str, int], ...]
    """Problems met by kind, the most frequent first; those the library had already count too."""
    bytes_done: int
    stopped: bool
    """True when `stop` ended it early."""


def fill(
    library: Library,
    paths: Iterable[str],
    *,
    on_progress: Callable[[Progress], None],
    stop: Callable[[], bool],
    clock: Callable[[], float] = time.monotonic,
) -> Summary:
    """Read the captures at `paths`, tell their articles apart and keep them.

    `on_progress` is called after each batch, in this thread. `stop` is asked before each capture; what was
    read until then is kept. A page the parser cannot take becomes a problem of the kind "parser". A
    LibraryError ends the fill, with every finished batch kept.
    """
    stopped = False
    try:
        with LimitedCalls(give_up=stop) as calls:
            batch = _Batch(library, on_progress, clock, calls)
            for item in _items(paths, batch.pictures.append):
                if stop():
                    stopped = True
                    break
                batch.take(item)
    except GivenUpError:
        stopped = True
    except LibraryError:
        raise
    except BaseException:
        # Reading broke off: what was read before is worth keeping.
        batch.write(done=True)
        raise
    batch.write(done=True)
    return batch.summary(stopped)


@contextmanager
def sharing_the_processor() -> Iterator[None]:
    """While it is open, a thread that wants the interpreter asks for it after 0.1 ms, not after five."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, _SHARED_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _items(paths: Iterable[str], on_picture: Callable[[PictureRecord], None]) -> Iterator[Capture | Problem]:
    """What the formats read; a capture that they could not even name as a problem becomes one here."""
    try:
        yield from read_captures(paths, on_picture=on_picture)
    except CaptureError as error:
        yield Problem(error.source, "unreadable", error.reason)


class _Batch:
    """What has been read and is not yet written, and the counts of all that was."""

    def __init__(
        self,
        library: Library,
        on_progress: Callable[[Progress], None],
        clock: Callable[[], float],
        calls: LimitedCalls,
    ) -> None:
        self._library = library
        self._on_progress = on_progress
        self._clock = clock
        self._calls = calls
        self._pages: list[PreparedPage] = []
        self._problems: list[Problem] = []
        self.pictures: list[PictureRecord] = []
        """Records of pictures that were met since the last batch."""
        self._articles = 0
        self._bytes = 0
        self._since = clock()
        self._first = True
        self._counts: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()

    def take(self, item: Capture | Problem) -> None:
        """Parse a capture that is new, note a problem, and write the batch when it is due."""
        if isinstance(item, Problem):
            self._problems.append(item)
        else:
            self._take_capture(item)
        if self._due():
            self.write()

    def write(self, *, done: bool = False) -> None:
        """Keep the batch in one transaction, begin the next and report."""
        pictures.note(self._library.database, self.pictures)
        self.pictures.clear()
        added = self._library.add_prepared(self._pages, self._problems)
        for name in _COUNTED:
            self._counts[name] += getattr(added, name)
        self._kinds.update(problem.kind for problem in self._problems)
        self._pages = []
        self._problems = []
        self._articles = self._bytes = 0
        self._since = self._clock()
        self._first = False
        self._on_progress(
            Progress(
                captures=self._counts["captures"] + self._counts["known"],
                articles=self._counts["articles"],
                problems=self._kinds.total(),
                bytes_done=self._counts["bytes"],
                done=done,
            )
        )

    def summary(self, stopped: bool) -> Summary:
        """The counts of everything written."""
        counts = {name: self._counts[name] for name in _COUNTED}
        kinds = tuple(self._kinds.most_common())
        return Summary(**counts, problems=kinds, bytes_done=self._counts["bytes"], stopped=stopped)

    def _take_capture(self, capture: Capture) -> None:
        size = len(capture.text.encode("utf-8", "surrogatepass"))
        self._counts["bytes"] += size
        digest = text_digest(capture.text)
        if knows(self._library.database, digest):
            self._counts["known"] += 1
            return
        capture = corrected(self._library.database, capture, digest)
        page = read_capture(capture, digest, self._calls)
        if isinstance(page, Problem):
            self._problems.append(page)
            return
        self._pages.append(page)
        self._articles += len(page.articles)
        self._bytes += size

    def _due(self) -> bool:
        if not self._pages and not self._problems:
            return False
        waited = self._clock() - self._since
        if self._first:
            return len(self._pages) >= FIRST_PAGES or waited >= FIRST_SECONDS
        full = self._articles >= BATCH_ARTICLES or self._bytes >= _BATCH_BYTES
        full = full or len(self.pictures) >= _BATCH_PICTURES
        return full or waited >= BATCH_SECONDS
