"""Adds captures to a library in batches: read, parse, match, write rows and index.

`add` uses it to keep files, and the app to read its paths into a temporary library. This process reads a few small
files itself; of more, worker processes read, while this one writes. The order of writing depends only on the files, so
an interrupted run that is repeated gives the same library as an uninterrupted one.
"""

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from functools import partial
from typing import Final

from reader.captures import (
    EMPTY_FOLDER,
    MISSING,
    NOT_A_CAPTURE,
    PASSED_OVER,
    STANDARD_INPUT,
    Columns,
    InputFile,
    PictureRecord,
    SelectedPaths,
    find_files,
    other_sites_problem,
)
from reader.library.database.connection import Database
from reader.library.database.errors import library_errors
from reader.library.ingest.files import (
    FileGroup,
    FileStamp,
    file_groups,
    forget_problems,
    forget_problems_of_gone_files,
    keys_of_problems,
    note_pictures,
    note_problems,
    remember_files,
    stamp_of,
)
from reader.library.ingest.reading import (
    Copy,
    FileEnd,
    FileReader,
    Known,
    Part,
    PreparedPage,
    ReadItem,
    read_by_worker,
)
from reader.library.ingest.removing import remove_cut_captures, remove_replaced, replace_pages
from reader.library.ingest.writing import Summary, add_pages, take_from_copies
from reader.model import Problem
from reader.sanitize import label_of
from reader.workers import SMALL, GivenUpError, LimitedCalls, WorkerPool, processors

BATCH_ARTICLES: Final = 2_000
"""Articles in a transaction: enough for a low cost per article, too few to hold the lock for long."""
BATCH_BYTES: Final = 16_000_000
"""Bytes of packed texts and of articles in a transaction, so that memory use stays flat even if captures are long."""
_BATCH_PICTURES: Final = 50_000
"""Picture records in a transaction."""
_SCREEN_SECONDS: Final = 0.2
"""A batch for the screen is written after this time, even if it is not full."""
_AHEAD: Final = 16
"""Groups of files that may wait while others are read: about as many as are read while a batch is written."""


def ingest(
    database: Database,
    paths: Iterable[str],
    *,
    jobs: int | None = None,
    on_progress: Callable[[Summary], None] = lambda _: None,
    on_problem: Callable[[Problem], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Summary:
    """Add the new captures at `paths` to the library.

    With `SelectedPaths`, only the pages of that site are added, and files with other pages will be read again next
    time. Memory use does not depend on file sizes. A file counts as unchanged once all of it is kept. A durable
    library stores absolute paths.

    This process reads the files if they are few and small; else `jobs` processes do (by default as many as the
    processors that this process may use). `on_progress` receives the counts so far, now and then; `on_problem`
    each problem. Once `stop` returns True, what was read is written, and adding ends; the next run goes on from there.
    A LibraryError ends it too; finished batches are kept.
    """
    site, columns = (paths.site, paths.columns) if isinstance(paths, SelectedPaths) else (None, Columns())
    if database.durable:
        # The library may be opened from any folder, where a relative path would mean something else.
        paths = [os.path.abspath(path) if path not in ("", STANDARD_INPUT) else path for path in paths]  # noqa: PTH100
        forget_problems_of_gone_files(database)
    paths = SelectedPaths(paths, site, columns)
    batch = _Batch(database, on_progress, on_problem, site)
    # Only this process can read its standard input.
    here = STANDARD_INPUT in paths or is_quick(paths)
    reads = _read(database, file_groups(database, paths), here, jobs or processors(), site, stop)
    with closing(reads), suppress(GivenUpError):
        for item in reads:
            batch.add(item)
            if stop():
                break
    return batch.end(stopped=stop())


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
    database: Database,
    groups: Iterator[FileGroup],
    here: bool,
    jobs: int,
    site: str | None,
    stop: Callable[[], bool],
) -> Generator[FileGroup | Part]:
    """Yield each group of files, followed by what is in them, in order. GivenUpError once `stop` returns True.

    This process reads them if it is `here`, else `jobs` workers do.
    """
    if here:
        with LimitedCalls(give_up=stop) as calls, FileReader(database.path, site, calls) as reader:
            for group in groups:
                yield group
                for file in group.files:
                    yield from reader.read([file])
        return
    with WorkerPool(jobs) as pool:
        begun: deque[tuple[FileGroup, Iterator[Part]]] = deque()
        for group in groups:
            job = partial(read_by_worker, database.path, site, group.files, group.size)
            begun.append((group, pool.run(job, stop)))
            if len(begun) > jobs + _AHEAD:
                first, parts = begun.popleft()
                yield first
                yield from parts
        for first, parts in begun:
            yield first
            yield from parts


class _Batch:
    """Collects what was read until it is written, and counts everything."""

    def __init__(
        self,
        database: Database,
        on_progress: Callable[[Summary], None],
        on_problem: Callable[[Problem], None],
        site: str | None,
    ) -> None:
        self._database = database
        self._on_progress = on_progress
        self._on_problem = on_problem
        self._site = site
        self._other_sites = 0
        self._counts: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()
        self._file_counts: Counter[str] = Counter()
        """The counts of the current file, of which further parts may follow."""
        self._file_kinds: set[str] = set()
        """The kinds of its problems."""
        self._begin()

    def _begin(self) -> None:
        self._pages: dict[bytes, PreparedPage] = {}
        self._again: dict[bytes, PreparedPage] = {}
        self._copies: list[Copy] = []
        self._problems: list[Problem] = []
        self._read_again: list[str] = []
        """Files whose earlier problems are no longer true."""
        self._pictures: list[PictureRecord] = []
        self._files: list[tuple[FileStamp, int, int]] = []
        self._articles = self._size = 0
        self._since = time.monotonic()

    def add(self, item: FileGroup | Part) -> None:
        """Add a group of files, or the next part of its files, and write when the batch is full."""
        if isinstance(item, FileGroup):
            self._read_again += (label_of(file.path) for file in item.files)
            self._stamps = iter(item.stamps)
            self._note(item.problems)
            for captures, articles in item.unchanged:
                self._counts.update(
                    files=1, unchanged=1, captures=captures, known=captures, articles=articles
                )
        else:
            for read in item.items:
                self._add(read)
                self._write_if_due()
        self._on_progress(self._summary())

    def _add(self, item: ReadItem) -> None:
        """Add the next item of the current file."""
        if isinstance(item, Problem):
            self._note([item])
            self._file_kinds.add(item.kind)
        elif isinstance(item, PictureRecord):
            self._pictures.append(item)
        elif isinstance(item, FileEnd):
            self._end_file(item.skipped_pages)
        elif isinstance(item, Known):
            if item.again is not None:
                self._take(item.again, self._again)
            if item.copy is not None:
                self._copies.append(item.copy)
            self._count(item.articles, known=1)
        elif item.digest in self._pages:
            self._copies.append(item.as_copy)
            self._count(len(item.articles), known=1)
        else:
            self._take(item, self._pages)
            self._count(len(item.articles))

    def _take(self, page: PreparedPage, pages: dict[bytes, PreparedPage]) -> None:
        pages[page.digest] = page
        self._articles += len(page.articles)
        self._size += page.size

    def _count(self, articles: int, **more: int) -> None:
        self._counts.update(captures=1, articles=articles, **more)
        self._file_counts.update(captures=1, articles=articles)

    def _end_file(self, skipped_pages: int) -> None:
        self._counts["files"] += 1
        stamp = next(self._stamps)
        file = self._file_counts
        # Parts that are not pages are skipped every time. Pages of other sites may be wanted another time.
        harmless = {PASSED_OVER, NOT_A_CAPTURE} if file["captures"] else {PASSED_OVER}
        if stamp and not skipped_pages and self._file_kinds <= harmless:
            self._files.append((stamp, file["captures"], file["articles"]))
        self._other_sites += skipped_pages
        self._file_counts.clear()
        self._file_kinds.clear()

    def _note(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            if problem.is_skipped:
                self._skipped[problem.skip_reason] += 1
            else:
                self._kinds[problem.kind] += 1
            self._on_problem(problem)
            # A mistyped path is no problem of the library.
            if problem.kind not in (MISSING, EMPTY_FOLDER) or not self._database.durable:
                self._problems.append(problem)

    def _write_if_due(self) -> None:
        # A kept library must depend only on the files, not on reading speed, and so must the order of its lists.
        late = not self._database.durable and time.monotonic() - self._since >= _SCREEN_SECONDS
        if (
            late
            or self._articles >= BATCH_ARTICLES
            or self._size >= BATCH_BYTES
            or len(self._copies) >= BATCH_ARTICLES
            or len(self._pictures) >= _BATCH_PICTURES
        ):
            self._write()

    @library_errors
    def _write(self) -> None:
        """Write the batch in one transaction, if there is anything to write, and start the next."""
        database = self._database
        batch = (
            self._pages, self._again, self._copies, self._problems, self._read_again, self._pictures, self._files
        )  # fmt: skip
        if not any(batch):
            return
        with database.writing():
            note_pictures(database, self._pictures)
            self._counts["again"] += replace_pages(database, self._again.values())
            forget_problems(database, keys_of_problems(database, self._read_again))
            note_problems(database, self._problems)
            counts, known = add_pages(database, self._pages.values())
            self._counts.update(counts)
            self._counts.update(take_from_copies(database, [*known, *self._copies]))
            remove_replaced(database, self._pages.values())
            remember_files(database, self._files)
        self._begin()

    def end(self, *, stopped: bool) -> Summary:
        """Write the last batch, and return the counts of everything."""
        if self._other_sites:
            problem = other_sites_problem(self._site, self._other_sites)
            self._skipped[problem.skip_reason] += 1
            self._on_problem(problem)
        self._write()
        remove_cut_captures(self._database)
        summary = self._summary()._replace(stopped=stopped)
        self._on_progress(summary)
        return summary

    def _summary(self) -> Summary:
        problems, skipped = tuple(self._kinds.most_common()), tuple(self._skipped.most_common())
        return Summary(**self._counts, problems=problems, skipped=skipped, stopped=False)
