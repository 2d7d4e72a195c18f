"""One file -> its captures, ready to be written: what a process of the crew does, and this one for a few files."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from reader.captures import Found, read_found
from reader.errors import CaptureError
from reader.library.corrections import corrected
from reader.library.database import Database
from reader.library.preparing import PreparedPage, prepare, text_digest
from reader.library.records import decode_hints
from reader.model import Capture, Problem
from reader.parsing import PARSER_VERSION, parse_capture
from reader.safe_text import clean

_REPR_LENGTH = 200


class FileRead(NamedTuple):
    """What one file came to."""

    pages: tuple[PreparedPage, ...] = ()
    """The captures that the library did not have."""
    again: tuple[PreparedPage, ...] = ()
    """Captures that the library has from an older version of the parser, read again."""
    known: tuple[int, ...] = ()
    """For each of those that it had, how many articles it has of it."""
    problems: tuple[Problem, ...] = ()
    size: int = 0
    """Bytes of text read, as UTF-8."""


class _Kept(NamedTuple):
    """A capture that the library has."""

    articles: int
    parser: int


class FileReader:
    """Reads files for one library, which it asks what it has; for use in one thread, as a context."""

    def __init__(self, library: Path) -> None:
        self._database = Database(library)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def read(self, file: Found) -> FileRead:
        """The captures of a file; whatever cannot be read or parsed of it is a problem, and nothing is raised."""
        pages: list[PreparedPage] = []
        again: list[PreparedPage] = []
        known: list[int] = []
        problems: list[Problem] = []
        size = 0
        try:
            for item in read_found(file):
                if isinstance(item, Problem):
                    problems.append(item)
                    continue
                size += len(item.text.encode("utf-8", "surrogatepass"))
                digest = text_digest(item.text)
                kept = self._look_up(digest)
                if kept and kept.parser >= PARSER_VERSION:
                    known.append(kept.articles)
                    continue
                prepared = self._prepare(self._as_kept(item, digest) if kept else item, digest)
                if isinstance(prepared, Problem):
                    problems.append(prepared)
                else:
                    (again if kept else pages).append(prepared)
        except CaptureError as error:
            problems.append(Problem(error.source, "unreadable", error.reason))
        return FileRead(tuple(pages), tuple(again), tuple(known), tuple(problems), size)

    def _look_up(self, digest: bytes) -> _Kept | None:
        row = self._database.one("SELECT articles, parser FROM captures WHERE digest = ?", (digest,))
        return None if row is None else _Kept(*row)

    def _as_kept(self, capture: Capture, digest: bytes) -> Capture:
        """A capture with this text as the library has it, whatever the file says now of where it is from."""
        row = self._database.one(
            "SELECT source, url, captured, encoding, partial, hints FROM captures WHERE digest = ?", (digest,)
        )
        if row is None:  # another program has just removed it
            return capture
        source, url, captured, encoding, partial, hints = row
        return Capture(source, capture.text, url, captured, encoding, partial, decode_hints(hints))

    def _prepare(self, capture: Capture, digest: bytes) -> PreparedPage | Problem:
        try:
            page = parse_capture(corrected(self._database, capture, digest))
            return prepare(capture, page, digest)
        except Exception as error:  # whatever it is, it is named, and the other captures still come
            return parser_problem(capture.source, error)


def parser_problem(source: str, error: Exception) -> Problem:
    """A page that the parser could not take."""
    return Problem(
        source, "parser", f"the parser failed on it, please report this: {repr(error)[:_REPR_LENGTH]}"
    )


def failed(file: Found, how: str) -> FileRead:
    """A file that ended the process which read it, or kept it too long."""
    reason = f"{how}; the other files were read. Please report this with the file"
    return FileRead(problems=(Problem(clean(file.path), "crash", reason),))
