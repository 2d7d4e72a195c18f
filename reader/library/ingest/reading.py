"""Reads files into captures that are ready to be written, in worker processes or in this one.

A file with many captures is read in parts, so that only one part is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final

from reader.captures import InputFile, PageFilter, PictureRecord, Site, read_file
from reader.errors import CaptureError, LibraryError
from reader.library.database.connection import Database
from reader.library.database.records import decode_hints
from reader.library.ingest.preparing import PreparedPage, prepare, text_digest
from reader.library.state.corrections import corrected
from reader.model import Capture, Problem
from reader.parsing import PARSER_VERSION, parse_capture, parser_problem
from reader.sanitize import sanitize
from reader.workers import SMALL, GivenUpError, LimitedCalls, WorkerLostError

PART_BYTES: Final = 1_000_000
"""Bytes of new text that fill a part."""
_MOST_LOST: Final = 10
"""How many pages of a file may crash their process before the rest of the file is skipped."""
_PART_OTHERS: Final = 10_000
"""Known captures or problems that fill a part."""


class FileRead:
    """The result of reading a file, or a part of one."""

    def __init__(self, *problems: Problem, more: bool = False) -> None:
        """With `more`, another part of the same file follows."""
        self.pages: list[PreparedPage] = []
        """New captures."""
        self.again: list[PreparedPage] = []
        """Known captures that an older parser had read, read again."""
        self.known: list[int] = []
        """The number of articles of each known capture."""
        self.problems = list(problems)
        self.pictures: list[PictureRecord] = []
        self.skipped_pages = 0
        """How many pages of other sites were skipped."""
        self.more = more
        self.items_read = 0
        """Pages of the file read so far, up to the end of this part."""
        self.new_size = 0
        """Bytes of the texts that were parsed."""

    @property
    def captures(self) -> int:
        """How many captures it has."""
        return len(self.pages) + len(self.again) + len(self.known)

    @property
    def articles(self) -> int:
        """How many articles these have."""
        return sum(len(page.articles) for page in chain(self.pages, self.again)) + sum(self.known)

    @property
    def is_full(self) -> bool:
        """True if the next capture belongs in another part."""
        return self.new_size >= PART_BYTES or max(len(self.known), len(self.problems)) >= _PART_OTHERS


class FileReader(AbstractContextManager["FileReader"]):
    """Reads files for a library, where it looks up known captures. Use it as a context, in one thread."""

    def __init__(self, library: Path, site: str | None = None, calls: LimitedCalls | None = None) -> None:
        """With `site`, read only its pages.

        `calls` parse long captures in a worker. Leave them out in a worker process, which can itself be killed.
        """
        self._calls = calls
        self._database = Database(library)
        self._site = None if site is None else Site(site)

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def read(self, file: InputFile, skip: int | None = None) -> Iterator[FileRead]:
        """Yield the captures of a file in one or more parts, each with about `PART_BYTES` of text.

        Anything that cannot be read or parsed becomes a problem; nothing is raised. With `skip`, that many pages are
        left out, and every other page is a part of its own.
        """
        part = FileRead()
        pages = PageFilter(self._site, skip or 0)
        pictures: list[PictureRecord] = []
        try:
            for item in read_file(file, pages, pictures.append):
                if isinstance(item, Problem):
                    part.problems.append(item)
                else:
                    try:
                        self._add_capture(item, part)
                    except (LibraryError, GivenUpError):
                        raise
                    except Exception as error:  # report any error and go on with the other captures
                        part.problems.append(parser_problem(item.source, error))
                del item  # It may be large: do not hold it while the part is being written.
                if part.is_full or len(pictures) >= _PART_OTHERS or skip is not None:
                    yield self._finished(part, pages, pictures, more=True)
                    part = FileRead()
        except CaptureError as error:
            part.problems.append(Problem(error.source, "unreadable", error.reason))
        yield self._finished(part, pages, pictures)

    def _finished(
        self, part: FileRead, pages: PageFilter, pictures: list[PictureRecord], *, more: bool = False
    ) -> FileRead:
        part.pictures, part.items_read, part.more = pictures.copy(), pages.seen, more
        pictures.clear()
        if self._site is not None:
            part.skipped_pages, self._site.skipped = self._site.skipped, 0
        return part

    def _add_capture(self, capture: Capture, part: FileRead) -> None:
        digest = text_digest(capture.text)
        row = self._database.first_row(
            "SELECT articles, parser, source, url, captured, encoding, partial, hints"
            " FROM captures WHERE digest = ?",
            (digest,),
        )
        if row is not None:
            articles, parser, source, url, captured, encoding, partial, hints = row
            if parser >= PARSER_VERSION:
                part.known.append(articles)
                return
            capture = Capture(source, capture.text, url, captured, encoding, partial, decode_hints(hints))
        part.new_size += len(capture.text.encode("utf-8", "surrogatepass"))
        prepared = read_capture(corrected(self._database, capture, digest), digest, self._calls)
        if isinstance(prepared, Problem):
            part.problems.append(prepared)
        else:
            (part.pages if row is None else part.again).append(prepared)


def read_capture(
    capture: Capture, digest: bytes, calls: LimitedCalls | None = None
) -> PreparedPage | Problem:
    """Parse and prepare a capture; any error becomes a problem.

    `calls` parse a long capture in a worker, with a time limit.
    """
    if calls is not None and len(capture.text) > SMALL:
        try:
            return calls.call(len(capture.text), read_capture, capture, digest)
        except WorkerLostError as error:
            reason = f"{error}; the other captures were read. Please report this with the file"
            return Problem(capture.source, "crash", reason)
    try:
        return prepare(capture, parse_capture(capture), digest)
    except Exception as error:  # report any error and go on with the other captures
        return parser_problem(capture.source, error)


def read_by_worker(
    library: Path, site: str | None, files: Sequence[InputFile], size: int, calls: LimitedCalls
) -> Iterator[list[FileRead]]:
    """Let a worker process read files of `size` bytes. Yields what it read, in order.

    A page that crashes or blocks the process becomes a problem, and all others are read.
    """
    done = items_read = lost = 0
    careful = False
    """Is every page of every file read on its own, to find the one that crashes?"""
    while done < len(files):
        batch, skip = (files[done : done + 1], items_read) if careful else (files[done:], None)
        try:
            for reads in calls.each(size, _read_in_parts, library, site, batch, skip):
                yield reads
                done += sum(not read.more for read in reads)
                items_read = reads[-1].items_read if reads[-1].more else 0
            lost = 0
        except WorkerLostError as error:
            if careful:
                items_read += 1
                lost += 1
                where = f"{error}: page {items_read} of the file" if items_read > 1 else str(error)
                reason = f"{where}; all else was read. Please report this with the file"
                problem = Problem(sanitize(files[done].path), "crash", reason)
                yield [FileRead(problem, more=lost < _MOST_LOST)]
                if lost == _MOST_LOST:
                    done += 1
                    items_read = lost = 0
            careful = True


@lru_cache(maxsize=1)
def _reader(library: Path, site: str | None) -> FileReader:
    return FileReader(library, site)


def _read_in_parts(
    library: Path, site: str | None, files: Sequence[InputFile], skip: int | None = None
) -> Iterator[list[FileRead]]:
    """In a worker process: read files. Yields whole files, up to a part of one. For `skip` see `FileReader.read`."""
    reads: list[FileRead] = []
    for file in files:
        for read in _reader(library, site).read(file, skip):
            reads.append(read)
            if read.more:
                yield reads
                reads = []
    if reads:
        yield reads
