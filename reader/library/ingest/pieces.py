"""The files at some paths as work: which have to be read, a few at a time, and which the library knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from reader.captures import NOT_A_CAPTURE, Found, find_files
from reader.library.ingest import files as known_files
from reader.library.ingest.files import Known, Stamp
from reader.library.store import Library
from reader.model import Problem
from reader.sanitize import sanitize
from reader.workers import SMALL

PIECE_BYTES: Final = 1_000_000
_FILES, _UNCHANGED = 64, 2_000
"""What a piece of work holds at most, unless one file is longer."""


class Piece(NamedTuple):
    """Some files in a row: those to read, what the walk said, and how much was unchanged."""

    files: list[Found]
    stamps: list[Stamp | None]
    problems: list[Problem]
    unchanged: list[Known]

    @property
    def size(self) -> int:
        """Bytes of the files to read."""
        return sum(stamp.size for stamp in self.stamps if stamp)

    @property
    def is_small(self) -> bool:
        """Whether the program's own process may read its files."""
        return all(stamp is None or stamp.size <= SMALL for stamp in self.stamps) and self.size < PIECE_BYTES


def pieces_of(library: Library, paths: Iterable[str]) -> Iterator[Piece]:
    """The files at `paths` as work, in order."""
    piece = Piece([], [], [], [])
    size = 0
    own = _files_of(library)
    for found in find_files(paths):
        if isinstance(found, Problem):
            piece.problems.append(found)
        else:
            stamp = known_files.stamp_of(found)
            if stamp and stamp.file in own:
                # To open it, and so to close it, would release the locks that this process has on it.
                piece.problems.append(Problem(sanitize(found.path), NOT_A_CAPTURE, "the library itself"))
                continue
            known = stamp and known_files.look_up(library.database, stamp)
            if known:
                piece.unchanged.append(known)
            else:
                piece.files.append(found)
                piece.stamps.append(stamp)
                size += stamp.size if stamp else 0
        if (
            len(piece.files) >= _FILES
            or size >= PIECE_BYTES
            or len(piece.unchanged) + len(piece.problems) >= _UNCHANGED
        ):
            yield piece
            piece = Piece([], [], [], [])
            size = 0
    if any(piece):
        yield piece


def _files_of(library: Library) -> set[tuple[int, int]]:
    """The library's file and what SQLite keeps beside it, by device and inode."""
    names = (library.path.with_name(library.path.name + suffix) for suffix in ("", "-wal", "-shm"))
    stamps = (known_files.stamp_of(Found(str(name), explicit=True)) for name in names)
    return {stamp.file for stamp in stamps if stamp}
