"""The one way into a library: captures -> parse -> match -> rows and index, in batches.

`add` keeps files this way, and the app reads the paths it is given into a temporary library. This process reads the
first few files, so that there is something to show at once; worker processes read all others while this one writes.
The order of what is written depends on the files alone, so an addition that was interrupted and started again leaves
the library that an undisturbed one would have.
"""

from __future__ import annotations

import os
import pickle
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from reader.captures import (
    NOT_A_CAPTURE,
    PASSED_OVER,
    STANDARD_INPUT,
    Found,
    PathsOfSite,
    PictureRecord,
    Site,
    find_files,
)
from reader.library.database.connection import Database
from reader.library.ingest.files import (
    FileGroup,
    FileStamp,
    KnownFile,
    file_groups,
    note_pictures,
    remember_files,
    stamp_of,
)
from reader.library.ingest.preparing import PreparedPage
from reader.library.ingest.reading import FileRead, FileReader, read_by_worker
from reader.library.ingest.rereading import replace_pages
from reader.library.ingest.writing import add_prepared
from reader.model import Problem
from reader.workers import SMALL, GivenUpError, LimitedCalls, WorkerPool, processors

BATCH_ARTICLES: Final = 4_000
"""Articles of a transaction: enough to be written at little cost each, too few to hold the lock for long."""
BATCH_BYTES: Final = 32_000_000
"""Bytes of text of a transaction, so that memory stays flat when captures are long."""
_FIRST_ARTICLES: Final = 250
"""Articles of the first transaction, so that the one that writes need not wait long."""
_GROWTH: Final = 1.5
"""How many times as many each next one has."""
_BATCH_PICTURES: Final = 50_000
"""Records of pictures of a transaction."""
_FIRST_SECONDS, _MOST_SECONDS = 0.03, 0.5
"""What is read for the screen is written after this time, even if the batch is not full; each next one has twice as
long."""
_AHEAD: Final = 16
"""Groups of files that may wait beside those being read: about what is read while a batch is written."""


def batch_articles(number: int) -> int:
    """How many articles make a transaction full, the first one being number 0."""
    return min(BATCH_ARTICLES, int(_FIRST_ARTICLES * _GROWTH ** min(number, 16)))


class Progress(NamedTuple):
    """How far an addition has come."""

    files: int
    """Files read, or known to be unchanged."""
    captures: int
    """Captures in them."""
    articles: int
    """Articles in these."""
    problems: int
    kept: int
    """New captures that are written: these stay, whatever happens."""


class Summary(NamedTuple):
    """What an addition did."""

    files: int = 0
    """Files found, including those that could not be read."""
    unchanged: int = 0
    """Files not read, since they did not change since they were last read."""
    captures: int = 0
    """Captures in all these files."""
    new: int = 0
    """Captures that were new and are now kept."""
    known: int = 0
    """Captures that the library had already, or that were found twice."""
    again: int = 0
    """Known captures that a newer version of the parser has read otherwise."""
    partial: int = 0
    """New captures that were read only in part."""
    articles: int = 0
    """Articles in all captures found."""
    new_articles: int = 0
    """Those of them that the library had in no capture."""
    completed: int = 0
    """Articles that were cut off in the library, and are whole since a new capture has all of it."""
    truncated: int = 0
    """Articles of new captures that are cut off there."""
    sponsored: int = 0
    """Articles of new captures that were paid for."""
    problems: tuple[tuple[str, int], ...] = ()
    """Problems by kind, the most frequent first."""
    stopped: bool = False
    """True when `stop` ended it early."""


def ingest(
    database: Database,
    paths: Iterable[str],
    *,
    jobs: int | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_problem: Callable[[Problem], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> Summary:
    """Add the captures at `paths` that are new to the library.

    Of `PathsOfSite` only the pages of that site are added, and a file that has others is read again another time.
    A file of any length is read in flat memory, and counts as known once all of it is kept. A durable library
    keeps captures with their absolute paths.

    `jobs` processes read (`usual_jobs` by default), but the first files, if they are small. `on_progress` is called
    after some files and after each batch, `on_problem` for each problem. When `stop` returns True, what was read
    until then is kept. A LibraryError ends it, with every finished batch kept.
    """
    site = paths.site if isinstance(paths, PathsOfSite) else None
    if database.durable:
        # It is opened from any folder: there a path that was typed in another one would mean something else.
        paths = [os.path.abspath(path) if path not in ("", STANDARD_INPUT) else path for path in paths]  # noqa: PTH100
    paths = list(paths)
    batch = _Batch(database, on_progress, on_problem, site, clock)
    stopped = False
    groups = file_groups(database, paths)
    with closing(_read(database.path, paths, groups, jobs, site, stop)) as reads:
        try:
            for group, parts in reads:
                batch.add(group, parts)
                if stop():
                    raise GivenUpError
        except GivenUpError:
            stopped = True
    batch.end()
    return batch.summary(stopped=stopped)


def is_quick(paths: Iterable[str]) -> bool:
    """Is so little at `paths` that it can be read before a screen is drawn?"""
    size = 0
    for file in find_files(paths):
        if isinstance(file, Found):
            stamp = stamp_of(file)
            size += SMALL if stamp is None else stamp.size
        if size > SMALL or file == Found(STANDARD_INPUT, explicit=True):
            return False
    return True


def _read(
    library: Path,
    paths: Sequence[str],
    groups: Iterator[FileGroup],
    jobs: int | None,
    site: str | None,
    stop: Callable[[], bool],
) -> Generator[tuple[FileGroup, Sequence[FileRead]]]:
    """Yield what is read of each group's files, in order and in parts; GivenUpError once `stop` returns True."""
    with LimitedCalls(give_up=stop) as calls, FileReader(library, site, calls) as reader:
        for number, group in enumerate(groups):
            # Only this process can read its standard input.
            if STANDARD_INPUT not in paths and group.files and (number or not group.is_small):
                break
            yield group, ()
            for file in group.files:
                for part in reader.read(file):
                    yield group, (part,)
        else:
            return
    yield from _read_by_workers(library, chain([group], groups), jobs or usual_jobs(), site, stop)


def _read_by_workers(
    library: Path, groups: Iterable[FileGroup], jobs: int, site: str | None, stop: Callable[[], bool]
) -> Generator[tuple[FileGroup, Sequence[FileRead]]]:
    """The same by `jobs` processes."""
    begun: deque[tuple[FileGroup, Iterator[bytes]]] = deque()
    with WorkerPool(jobs) as pool:
        for group in groups:
            begun.append((group, pool.run(partial(_read_group, library, site, group), stop)))
            if len(begun) > jobs + _AHEAD:
                yield from _unpickled(*begun.popleft())
        while begun:
            yield from _unpickled(*begun.popleft())


def _read_group(library: Path, site: str | None, group: FileGroup, calls: LimitedCalls) -> Iterator[bytes]:
    if not group.files:
        return iter(())
    return read_by_worker(calls, library, site, group.files, group.size)


def _unpickled(group: FileGroup, pickled: Iterator[bytes]) -> Iterator[tuple[FileGroup, Sequence[FileRead]]]:
    yield group, ()
    for reads in pickled:
        yield group, pickle.loads(reads)


def usual_jobs() -> int:
    """A process for each processor that this one may use, but for one, which is left to this one."""
    return max(1, processors() - 1)


class _File:
    """Counts of the parts of one file."""

    def __init__(self) -> None:
        self.captures = self.articles = self.others = 0
        self._kinds: set[str] = set()

    def add(self, read: FileRead, captures: int, articles: int) -> None:
        self.captures += captures
        self.articles += articles
        self.others += read.others
        self._kinds.update(problem.kind for problem in read.problems)

    @property
    def is_whole(self) -> bool:
        """Is all of it kept, so that it need not be read again?

        What is passed over in a file is passed over each time; a page of another site may be wanted another time.
        """
        passed_over = {PASSED_OVER, NOT_A_CAPTURE} if self.captures else {PASSED_OVER}
        return not self.others and self._kinds <= passed_over


class _Batch:
    """What has been read and not yet written, and the counts of everything found."""

    def __init__(
        self,
        database: Database,
        on_progress: Callable[[Progress], None],
        on_problem: Callable[[Problem], None],
        site: str | None,
        clock: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._group: FileGroup | None = None
        self._site = None if site is None else Site(site)
        self._database = database
        self._on_progress = on_progress
        self._on_problem = on_problem
        self._counts: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._number = 0
        self._begin()

    def _begin(self) -> None:
        self._pages: list[PreparedPage] = []
        self._again: list[PreparedPage] = []
        self._problems: list[Problem] = []
        self._pictures: list[PictureRecord] = []
        self._files: list[tuple[FileStamp, KnownFile]] = []
        self._articles = self._size = 0
        self._since = self._clock()

    def add(self, group: FileGroup, reads: Iterable[FileRead]) -> None:
        """Add what was read of a group's files, in their order, and write when it is enough."""
        if group is not self._group:
            self._group = group
            self._begin_group(group)
        for read in reads:
            self._add(read)
            if self._is_due():
                self.write()
        self.report()

    def _begin_group(self, group: FileGroup) -> None:
        self._stamps = iter(group.stamps)
        self._file = _File()
        self._note(group.problems)
        for captures, articles in group.unchanged:
            self._counts.update(files=1, unchanged=1, captures=captures, known=captures, articles=articles)

    def _add(self, read: FileRead) -> None:
        """Add what was read of the next file, or a part of it."""
        captures = len(read.pages) + len(read.again) + len(read.known)
        article_count = sum(len(page.articles) for page in (*read.pages, *read.again))
        articles = article_count + sum(read.known)
        self._note(read.problems)
        self._counts.update(captures=captures, known=len(read.known) + len(read.again), articles=articles)
        self._pages += read.pages
        self._again += read.again
        self._pictures += read.pictures
        self._articles += article_count
        self._size += read.size
        self._file.add(read, captures, articles)
        if not read.more:
            self._counts["files"] += 1
            stamp = next(self._stamps)
            if stamp and self._file.is_whole:
                self._files.append((stamp, KnownFile(self._file.captures, self._file.articles)))
            if self._site:
                self._site.passed_over += self._file.others
            self._file = _File()

    def _is_due(self) -> bool:
        if self._articles >= batch_articles(self._number) or self._size >= BATCH_BYTES:
            return True
        if len(self._pictures) >= _BATCH_PICTURES:
            return True
        # A kept library depends on the files alone, not on how fast they were read: in the order of its lists, too.
        seconds = min(_MOST_SECONDS, _FIRST_SECONDS * 2 ** min(self._number, 16))
        return not self._database.durable and self._clock() - self._since >= seconds

    def end(self) -> None:
        """Write what is left."""
        if self._site and self._site.passed_over:
            self._on_problem(Problem(self._site.host, PASSED_OVER, self._site.summary, partial=True))
        self.write()
        self.report()

    def _note(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self._kinds[problem.kind] += 1
            self._on_problem(problem)
            self._problems.append(problem)

    def write(self) -> None:
        """Write the batch and begin the next."""
        database = self._database
        note_pictures(database, self._pictures)
        again = replace_pages(database, self._again)
        added = add_prepared(database, self._pages, self._problems)
        remember_files(database, self._files)
        self._counts.update(
            new=added.captures,
            known=added.known,
            again=again,
            partial=added.partial,
            new_articles=added.stories,
            completed=added.completed,
            truncated=added.truncated,
            sponsored=added.sponsored,
        )
        self._number += 1
        self._begin()

    def report(self) -> None:
        """Report how far it has come."""
        counts = self._counts
        self._on_progress(
            Progress(
                counts["files"], counts["captures"], counts["articles"], self._kinds.total(), counts["new"]
            )
        )

    def summary(self, *, stopped: bool) -> Summary:
        """The counts of everything found."""
        counts = {name: self._counts[name] for name in Summary._fields if name in self._counts}
        return Summary(**counts, problems=tuple(self._kinds.most_common()), stopped=stopped)
