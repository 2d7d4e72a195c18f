"""Adds captures to a library in batches: read, parse, match, write rows and index.

`add` uses it to keep files, and the app to read its paths into a temporary library. This process reads the first few
files, so that the screen has something to show at once; worker processes read the others while this one writes. The
order of writing depends only on the files, so an interrupted run that is repeated gives the same library as an
uninterrupted one.
"""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from reader.captures import (
    MISSING,
    NOT_A_CAPTURE,
    PASSED_OVER,
    STANDARD_INPUT,
    Columns,
    InputFile,
    PictureRecord,
    SelectedPaths,
    Site,
    find_files,
    label_of,
)
from reader.library.database.connection import Database
from reader.library.ingest.files import (
    FileGroup,
    FileStamp,
    file_groups,
    forget_problems_of_gone_files,
    note_pictures,
    remember_files,
    stamp_of,
)
from reader.library.ingest.preparing import PreparedPage
from reader.library.ingest.reading import FileRead, FileReader, read_by_worker
from reader.library.ingest.writing import Summary, add_prepared, knows
from reader.model import Problem
from reader.workers import SMALL, GivenUpError, LimitedCalls, WorkerPool, processors

BATCH_ARTICLES: Final = 4_000
"""Articles in a transaction: enough for a low cost per article, too few to hold the lock for long."""
FIRST_ARTICLES: Final = 250
"""Articles in the first transaction, so that writing starts early."""
GROWTH: Final = 0.5
"""How many articles a further transaction has, as a share of those that the library has.

The result of adding depends somewhat on what comes in one transaction. That depends only on the library and on the new
captures, so an interrupted run goes on with the same transactions.
"""
BATCH_BYTES: Final = 16_000_000
"""Bytes of packed texts and of articles in a transaction, so that memory use stays flat even if captures are long."""
_BATCH_PICTURES: Final = 50_000
"""Picture records in a transaction, which has nothing else."""
_SCREEN_SECONDS: Final = 0.2
"""A batch for the screen is written after this time, even if it is not full."""
_AHEAD: Final = 16
"""Groups of files that may wait while others are read: about as many as are read while a batch is written."""


class Progress(NamedTuple):
    """The progress of adding."""

    files: int
    """Files that were read or are unchanged."""
    captures: int
    """Captures in these files."""
    articles: int
    """Articles in these captures."""
    problems: int
    kept: int
    """New captures that are written and will stay, whatever happens."""


def ingest(
    database: Database,
    paths: Iterable[str],
    *,
    jobs: int | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_problem: Callable[[Problem], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Summary:
    """Add the new captures at `paths` to the library.

    With `SelectedPaths`, only the pages of that site are added, and files with other pages will be read again next
    time. Memory use does not depend on file sizes. A file counts as unchanged once all of it is kept. A durable
    library stores absolute paths.

    This process reads the first files if they are small; `jobs` processes (by default `usual_jobs`) read the rest.
    `on_progress` is called now and then and after each batch, `on_problem` for each problem. Once `stop` returns True,
    adding ends, and the next run goes on from the last batch. A LibraryError ends it too; finished batches are kept.
    """
    site, columns = (paths.site, paths.columns) if isinstance(paths, SelectedPaths) else (None, Columns())
    if database.durable:
        # The library may be opened from any folder, where a relative path would mean something else.
        paths = [os.path.abspath(path) if path not in ("", STANDARD_INPUT) else path for path in paths]  # noqa: PTH100
    paths = SelectedPaths(paths, site, columns)
    batch = _Batch(database, on_progress, on_problem, site)
    if database.durable:
        forget_problems_of_gone_files(database)
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
    batch.end(stopped=stopped)
    return batch.summary(stopped=stopped)


def is_quick(paths: Iterable[str]) -> bool:
    """Are the files at `paths` small enough to be read before the first screen?"""
    size = 0
    for file in find_files(paths):
        if isinstance(file, InputFile):
            stamp = stamp_of(file)
            size += SMALL if stamp is None else stamp.size
        if size > SMALL or file == InputFile(STANDARD_INPUT, explicit=True):
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
    """Yield the parts of each group's files, in order. GivenUpError once `stop` returns True."""
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
    """Do the same as `_read` with `jobs` processes."""
    begun: deque[tuple[FileGroup, Iterator[list[FileRead]]]] = deque()
    with WorkerPool(jobs) as pool:
        for group in groups:
            begun.append((group, pool.run(partial(_read_group, library, site, group), stop)))
            if len(begun) > jobs + _AHEAD:
                yield from _reads_of(*begun.popleft())
        while begun:
            yield from _reads_of(*begun.popleft())


def _read_group(
    library: Path, site: str | None, group: FileGroup, calls: LimitedCalls
) -> Iterator[list[FileRead]]:
    if not group.files:
        return iter(())
    return read_by_worker(calls, library, site, group.files, group.size)


def _reads_of(
    group: FileGroup, results: Iterator[list[FileRead]]
) -> Iterator[tuple[FileGroup, Sequence[FileRead]]]:
    yield group, ()
    for reads in results:
        yield group, reads


def usual_jobs() -> int:
    """Return the default number of worker processes: one less than the processors that this process may use."""
    return max(1, processors() - 1)


class _FileCounts:
    """Adds up the parts of one file."""

    def __init__(self) -> None:
        self.captures = self.articles = self.skipped_pages = 0
        self._kinds: set[str] = set()

    def add(self, read: FileRead, captures: int, articles: int) -> None:
        self.captures += captures
        self.articles += articles
        self.skipped_pages += read.skipped_pages
        self._kinds.update(problem.kind for problem in read.problems)

    @property
    def is_complete(self) -> bool:
        """True if all of the file is kept, so that it need not be read again.

        Parts that are not pages are skipped every time. Pages of other sites may be wanted another time.
        """
        harmless = {PASSED_OVER, NOT_A_CAPTURE} if self.captures else {PASSED_OVER}
        return not self.skipped_pages and self._kinds <= harmless


class _Batch:
    """Collects what was read until it is written, and counts everything."""

    def __init__(
        self,
        database: Database,
        on_progress: Callable[[Progress], None],
        on_problem: Callable[[Problem], None],
        site: str | None,
    ) -> None:
        self._group: FileGroup | None = None
        self._site = None if site is None else Site(site)
        self._database = database
        self._on_progress = on_progress
        self._on_problem = on_problem
        self._counts: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()
        self._begin()

    def _begin(self) -> None:
        self._pages: list[PreparedPage] = []
        self._digests: set[bytes] = set()
        self._again: list[PreparedPage] = []
        self._problems: list[Problem] = []
        self._read_again: list[str] = []
        """Files whose earlier problems are no longer true."""
        self._pictures: list[PictureRecord] = []
        self._files: list[tuple[FileStamp, int, int]] = []
        self._articles = self._size = 0
        kept = self._database.number("SELECT last_article FROM counters")
        self._most_articles = min(BATCH_ARTICLES, max(FIRST_ARTICLES, int(kept * GROWTH)))
        self._since = time.monotonic()

    def add(self, group: FileGroup, reads: Iterable[FileRead]) -> None:
        """Add parts of a group's files, in order, and write when the batch is full."""
        if group is not self._group:
            self._group = group
            self._begin_group(group)
        for read in reads:
            self._add(read)
            self._write_if_due()
        self.report()

    def _begin_group(self, group: FileGroup) -> None:
        self._read_again += (label_of(file.path) for file in group.files)
        self._stamps = iter(group.stamps)
        self._file = _FileCounts()
        self._note(group.problems)
        for captures, articles in group.unchanged:
            self._counts.update(files=1, unchanged=1, captures=captures, known=captures, articles=articles)

    def _add(self, read: FileRead) -> None:
        """Add the next file, or a part of it."""
        captures = len(read.pages) + len(read.again) + len(read.known)
        article_count = sum(len(page.articles) for page in (*read.pages, *read.again))
        articles = article_count + sum(read.known)
        self._note(read.problems)
        self._counts.update(captures=captures, known=len(read.known) + len(read.again), articles=articles)
        self._pictures += read.pictures
        if len(self._pictures) >= _BATCH_PICTURES:
            note_pictures(self._database, self._pictures)
            self._pictures = []
        self._again += read.again
        self._articles += sum(len(page.articles) for page in read.again)
        self._size += sum(page.size for page in read.again)
        for page in read.pages:
            self._write_if_due()
            self._add_page(page)
        self._file.add(read, captures, articles)
        if not read.more:
            self._counts["files"] += 1
            stamp = next(self._stamps)
            if stamp and self._file.is_complete:
                self._files.append((stamp, self._file.captures, self._file.articles))
            if self._site:
                self._site.skipped += self._file.skipped_pages
            self._file = _FileCounts()

    def _add_page(self, page: PreparedPage) -> None:
        # The reader is ahead of the writer: it does not know of all captures that are kept by now.
        if page.digest in self._digests or knows(self._database, page.digest):
            self._counts["known"] += 1
            return
        self._digests.add(page.digest)
        self._pages.append(page)
        self._articles += len(page.articles)
        self._size += page.size

    def _write_if_due(self) -> None:
        if self._is_due():
            self.write()

    def _is_due(self) -> bool:
        if self._articles >= self._most_articles or self._size >= BATCH_BYTES:
            return True
        # A kept library must depend only on the files, not on reading speed, and so must the order of its lists.
        return not self._database.durable and time.monotonic() - self._since >= _SCREEN_SECONDS

    def end(self, *, stopped: bool) -> None:
        """Write the last batch. If adding was `stopped`, leave it to the next run, which has all of it."""
        if self._site and self._site.skipped:
            self._on_problem(Problem(self._site.host, PASSED_OVER, self._site.summary, partial=True))
        if not (stopped and self._database.durable):
            self.write()
        self.report()

    def _note(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            if problem.is_skipped:
                self._skipped[problem.skip_reason] += 1
            else:
                self._kinds[problem.kind] += 1
            self._on_problem(problem)
            # A mistyped path is no problem of the library.
            if problem.kind != MISSING or not self._database.durable:
                self._problems.append(problem)

    def write(self) -> None:
        """Write the batch and start the next."""
        database = self._database
        note_pictures(database, self._pictures)
        if self._again:
            from reader.library.ingest.rereading import replace_pages  # Only then: loading it takes 3 ms.

            self._counts["again"] += replace_pages(database, self._again)
        added = add_prepared(database, self._pages, self._problems, self._read_again)
        remember_files(database, self._files)
        for name in ("new", "known", "partial", "new_articles", "completed", "truncated", "sponsored"):
            self._counts[name] += getattr(added, name)
        self._begin()

    def report(self) -> None:
        """Report the progress."""
        counts = self._counts
        self._on_progress(
            Progress(
                counts["files"], counts["captures"], counts["articles"], self._kinds.total(), counts["new"]
            )
        )

    def summary(self, *, stopped: bool) -> Summary:
        """Return the counts of everything."""
        counts = {name: self._counts[name] for name in Summary._fields if name in self._counts}
        kinds, reasons = tuple(self._kinds.most_common()), tuple(self._skipped.most_common())
        return Summary(**counts, problems=kinds, skipped=reasons, stopped=stopped)
