"""Protocol Reader for programs and notebooks: `reader.read_captures` and `reader.open_library`.

`reader.parse` needs none of this. Everything returned is a record whose fields are documented with its class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from os import PathLike, fsdecode
from pathlib import Path
from typing import NamedTuple

from reader import captures
from reader.errors import CaptureError, LibraryError
from reader.library import Library, Order, StoredArticle, Version
from reader.library.state.notes import Annotation
from reader.model import Page, Problem
from reader.parsing import parse_capture
from reader.sanitize import label_of
from reader.settings import command_for, library_path

AnyPath = str | bytes | PathLike[str] | PathLike[bytes]


class Found(NamedTuple):
    """An article that a search found."""

    stored: StoredArticle
    passage: str
    """The part of its text that matches, or else its beginning."""


def read_captures(
    paths: Iterable[AnyPath] | AnyPath, on_problem: Callable[[Problem], None] | None = None
) -> Iterator[Page]:
    """Yield the page of each capture at `paths` (files or folders), in order, one in memory at a time.

    `on_problem` receives whatever could not be read; without it, such files are skipped, but a path that does not exist
    is a CaptureError. Keeps nothing.
    """
    several = [fsdecode(path) for path in ([paths] if isinstance(paths, str | bytes | PathLike) else paths)]
    for item in captures.read_captures(several):
        if not isinstance(item, Problem):
            yield parse_capture(item)
        elif on_problem is not None:
            on_problem(item)
        elif item.kind == captures.MISSING and item.source in map(label_of, several):
            raise CaptureError(item.source, item.reason)


def open_library(path: AnyPath | None = None) -> OpenLibrary:
    """Open the library at `path`, or the one that `protocol-reader` uses.

    LibraryError if there is none; `protocol-reader add` makes one.
    """
    file = library_path() if path is None else Path(fsdecode(path))
    if not file.exists():
        raise LibraryError(f"{file}: there is no library; “{command_for(file, 'add PATH')}” makes one")
    return OpenLibrary(Library.open(file))


class OpenLibrary(AbstractContextManager["OpenLibrary"]):
    """An open library, for use in one thread; close it, or use it in a `with` statement.

    Every failure is a `reader.errors.LibraryError`. A query is written as in the program; `search` in the manual
    explains the language, and QueryError says what is wrong with one.
    """

    def __init__(self, library: Library) -> None:
        self._library = library

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the library. Closing twice is no error."""
        self._library.close()

    def __len__(self) -> int:
        """How many articles are listed: one for each story."""
        return self._library.totals().articles

    def __iter__(self) -> Iterator[StoredArticle]:
        return self.articles()

    def articles(self, query: str = "") -> Iterator[StoredArticle]:
        """Yield the listed article of each story (that matches a query), the newest first."""
        keys = self._library.found_keys(query) if query else self._library.newest_keys()
        for key in keys:
            yield self._library.article(key)

    def search(self, query: str, limit: int | None = None, *, by_relevance: bool = False) -> Iterator[Found]:
        """Yield the articles that match a query, with the passages that match; the newest first, or the best.

        ValueError if `limit` is negative.
        """
        if limit is not None and limit < 0:
            raise ValueError(f"limit must be None, 0 or more, not {limit}")
        order = Order.RELEVANCE if by_relevance else Order.NEWEST
        hits = islice(self._library.all_hits(query, order), limit)
        return (Found(self._library.article(hit.row.key), hit.passage) for hit in hits)

    def article(self, key: int) -> StoredArticle:
        """Return the article with a key. GoneError if it is not kept."""
        return self._library.article(key)

    def versions(self, key: int) -> tuple[Version, ...]:
        """Return all versions of an article's story, the fullest first, given the key of any."""
        return self._library.versions(key)

    def text_of_capture(self, capture_key: int) -> str:
        """Return the text of a capture as it was read, given `StoredArticle.capture_key`."""
        return self._library.capture(capture_key).text

    def highlights(self, key: int) -> tuple[Annotation, ...]:
        """Return the highlights and notes of an article's story, the oldest first."""
        return self._library.annotations.of(key)

    def tags(self, key: int | None = None) -> tuple[str, ...]:
        """Return the tags of an article's story, or without a key all tags of the library."""
        notes = self._library.annotations
        return tuple(tag.name for tag in notes.all_tags()) if key is None else notes.tags(key)
