"""One file -> its captures, ready to be written: what a process of the crew does, and this one for a few files."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from reader.captures import Found, read_found
from reader.errors import CaptureError
from reader.library.database import Database
from reader.library.preparing import PreparedPage, prepare, text_digest
from reader.model import Capture, Problem
from reader.parsing import parse_capture
from reader.safe_text import clean

_REPR_LENGTH = 200


class FileRead(NamedTuple):
    """What one file came to."""

    pages: tuple[PreparedPage, ...] = ()
    """The captures that the library did not have."""
    known: tuple[int, ...] = ()
    """For each of those that it had, how many articles it has of it."""
    problems: tuple[Problem, ...] = ()
    size: int = 0
    """Bytes of text read, as UTF-8."""


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
        known: list[int] = []
        problems: list[Problem] = []
        size = 0
        try:
            for item in read_found(file):
                if isinstance(item, Problem):
                    problems.append(item)
                    continue
                size += len(item.text.encode("utf-8", "surrogatepass"))
                found = self._look_at(item)
                if isinstance(found, Problem):
                    problems.append(found)
                elif isinstance(found, int):
                    known.append(found)
                else:
                    pages.append(found)
        except CaptureError as error:
            problems.append(Problem(error.source, "unreadable", error.reason))
        return FileRead(tuple(pages), tuple(known), tuple(problems), size)

    def _look_at(self, capture: Capture) -> PreparedPage | Problem | int:
        """A new capture ready to be written, why it cannot be, or how many articles the library has of it."""
        digest = text_digest(capture.text)
        row = self._database.one("SELECT articles FROM captures WHERE digest = ?", (digest,))
        if row is not None:
            return int(row[0])
        try:
            return prepare(capture, parse_capture(capture), digest)
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
