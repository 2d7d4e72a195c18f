"""`add`: files -> the kept library, by a crew of processes that read and one that writes, in large batches.

What is written, and in what order, depends on the files alone: batches are counted in articles and bytes, not in
seconds. An addition that was broken off and begun again leaves the library that an undisturbed one would have.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain, islice
from typing import Final, NamedTuple

from reader.captures import NOT_A_CAPTURE, PASSED_OVER, STANDARD_INPUT, PathsOfSite, PictureRecord, Site
from reader.library import known_files, pictures
from reader.library.crew import Crew
from reader.library.known_files import Known, Stamp
from reader.library.pieces import Piece, pieces_of
from reader.library.preparing import PreparedPage
from reader.library.reading import FileRead, FileReader
from reader.library.rereading import replace
from reader.library.store import Library
from reader.library.writing import add_prepared
from reader.model import Problem
from reader.worker import GivenUpError, LimitedCalls, processors

BATCH_ARTICLES: Final = 4_000
"""Articles of a transaction: enough to be written at little cost each, too few to hold the lock for long."""
_FIRST_ARTICLES: Final = 250
"""Articles of the first transaction, so that the one that writes need not wait long."""
_GROWTH: Final = 1.5
"""How many times as many each next one has."""
_BATCH_BYTES: Final = 32_000_000
"""Bytes of text of a transaction, so that memory stays flat when captures are long."""
_BATCH_PICTURES: Final = 50_000
"""Records of pictures of a transaction."""
_FEW: Final = 16
"""So many files are read sooner than a process has started."""


def batch_articles(number: int) -> int:
    """How many articles make a transaction full, the first one being number 0."""
    return min(BATCH_ARTICLES, int(_FIRST_ARTICLES * _GROWTH ** min(number, 16)))


class Progress(NamedTuple):
    """How far an addition has come."""

    files: int
    """Files read, or known to be unchanged."""
    articles: int
    """Articles in them."""
    problems: int
    kept: int
    """New captures that are written: these stay, whatever happens."""


class Summary(NamedTuple):
    """What an addition did."""

    files: int = 0
    """Files met, those that could not be read included."""
    unchanged: int = 0
    """Files not read, since they did not change since they were last read."""
    captures: int = 0
    """Captures in all these files."""
    new: int = 0
    """Captures that were new and are now kept."""
    known: int = 0
    """Captures that the library had already, or that were met twice."""
    again: int = 0
    """Known captures that a newer version of the parser has read otherwise."""
    partial: int = 0
    """New captures of which only a part was kept."""
    articles: int = 0
    """Articles in all captures met."""
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


def add_files(
    library: Library,
    paths: Iterable[str],
    *,
    jobs: int | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_problem: Callable[[Problem], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Summary:
    """Keep the captures at `paths`, as many as are new.

    Of `PathsOfSite` only the pages of that site are, and a file that has others is read again another time.
    A file of any length is read in flat memory, and counts as known once all of it is kept. Captures are kept with
    their absolute paths.

    `jobs` processes read them (`usual_jobs` by default), beside one that takes the pages out of long files; none is
    started for a few files. `on_progress` is
    called after some files, `on_problem` for each problem. `stop` is asked as often: what was read until then is
    kept. A LibraryError ends it, with every finished batch kept.
    """
    site = paths.site if isinstance(paths, PathsOfSite) else None
    # The library is opened from any folder: there a path that was typed in another one would mean something else.
    paths = [os.path.abspath(path) if path not in ("", STANDARD_INPUT) else path for path in paths]  # noqa: PTH100
    pieces = pieces_of(library, paths)
    batch = _Batch(library, on_progress, on_problem, site)
    first = list(islice(pieces, 2))
    few = len(first) < 2 and all(len(piece.files) <= _FEW and piece.is_small for piece in first)
    work = chain(first, pieces)
    # Standard input is this process's own.
    if few or STANDARD_INPUT in paths:
        stopped = _read_here(library, work, batch, stop, site)
    else:
        # The pages of a long file give the one that writes so little to do that they have its processor, too.
        size = (jobs, 0) if jobs else (usual_jobs(), processors() - usual_jobs())
        stopped = _read_by_crew(library, work, batch, stop, size, site)
    batch.end()
    return batch.summary(stopped=stopped)


def _read_here(
    library: Library, work: Iterable[Piece], batch: _Batch, stop: Callable[[], bool], site: str | None
) -> bool:
    with LimitedCalls(give_up=stop) as calls, FileReader(library.path, site, calls) as reader:
        for piece in work:
            batch.begin(piece)
            for file in piece.files:
                try:
                    for read in reader.read(file):
                        if stop():
                            return True
                        batch.take(read)
                except GivenUpError:
                    return True
            batch.report()
    return False


def _read_by_crew(
    library: Library,
    work: Iterable[Piece],
    batch: _Batch,
    stop: Callable[[], bool],
    size: tuple[int, int],
    site: str | None,
) -> bool:
    begun: Piece | None = None
    with Crew[Piece](size[0], library.path, site=site, spare=size[1]) as crew:
        for piece, answer in crew.read(work, stop):
            if stop():
                crew.abandon()
                return True
            if piece is not begun:
                batch.begin(piece)
                begun = piece
            for read in answer:
                batch.take(read)
            batch.report()
        return crew.abandoned


def usual_jobs() -> int:
    """A process for each processor that this one may use, but for one, which is left to this one."""
    return max(1, processors() - 1)


class _File:
    """A file of which parts are being taken in."""

    def __init__(self) -> None:
        self.captures = self.articles = self.others = 0
        self._kinds: set[str] = set()

    def take(self, read: FileRead, captures: int, articles: int) -> None:
        self.captures += captures
        self.articles += articles
        self.others += read.others
        self._kinds.update(problem.kind for problem in read.problems)

    @property
    def is_whole(self) -> bool:
        """Whether all in it is kept, so that it need not be read again.

        What is passed over in a file is so each time; what is of another site may be wanted another time.
        """
        passed_over = {PASSED_OVER, NOT_A_CAPTURE} if self.captures else {PASSED_OVER}
        return not self.others and self._kinds <= passed_over


class _Batch:
    """What has been read and is not yet written, and the counts of all that was."""

    def __init__(
        self,
        library: Library,
        on_progress: Callable[[Progress], None],
        on_problem: Callable[[Problem], None],
        site: str | None,
    ) -> None:
        self._site = None if site is None else Site(site)
        self._library = library
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
        self._files: list[tuple[Stamp, Known]] = []
        self._articles = self._size = 0

    def begin(self, piece: Piece) -> None:
        """Take in what is known of a piece of work; what was read of its files, in their order, is to follow."""
        self._stamps = iter(piece.stamps)
        self._file = _File()
        self._note(piece.problems)
        self._counts["files"] += len(piece.files) + len(piece.unchanged)
        for captures, articles in piece.unchanged:
            self._counts.update(unchanged=1, captures=captures, known=captures, articles=articles)

    def take(self, read: FileRead) -> None:
        """Take in what was read of the next file, or a part of it, and write when it is enough."""
        captures = len(read.pages) + len(read.again) + len(read.known)
        found = sum(len(page.articles) for page in (*read.pages, *read.again))
        articles = found + sum(read.known)
        self._note(read.problems)
        self._counts.update(captures=captures, known=len(read.known) + len(read.again), articles=articles)
        self._pages += read.pages
        self._again += read.again
        self._pictures += read.pictures
        self._articles += found
        self._size += read.size
        self._file.take(read, captures, articles)
        if not read.more:
            stamp = next(self._stamps)
            if stamp and self._file.is_whole:
                self._files.append((stamp, Known(self._file.captures, self._file.articles)))
            if self._site:
                self._site.passed_over += self._file.others
            self._file = _File()
        full = self._size >= _BATCH_BYTES or len(self._pictures) >= _BATCH_PICTURES
        if full or self._articles >= batch_articles(self._number):
            self.write()

    def end(self) -> None:
        """Write what is left."""
        if self._site and self._site.passed_over:
            self._on_problem(Problem(self._site.host, PASSED_OVER, self._site.summary, partial=True))
        self.write()

    def _note(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self._kinds[problem.kind] += 1
            self._on_problem(problem)
            self._problems.append(problem)

    def write(self) -> None:
        """Keep the batch in one transaction and begin the next."""
        database = self._library.database
        pictures.note(database, self._pictures)
        again = replace(database, self._again)
        added = add_prepared(database, self._pages, self._problems)
        known_files.remember(database, self._files)
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
        self.report()

    def report(self) -> None:
        """Say how far it has come."""
        counts = self._counts
        self._on_progress(Progress(counts["files"], counts["articles"], self._kinds.total(), counts["new"]))

    def summary(self, *, stopped: bool) -> Summary:
        """The counts of everything met."""
        counts = {name: self._counts[name] for name in Summary._fields if name in self._counts}
        return Summary(**counts, problems=tuple(self._kinds.most_common()), stopped=stopped)
