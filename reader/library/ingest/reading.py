"""Reads files into captures that are ready to be written, in worker processes or in this one.

A file with many captures is read in parts, so that only one part is in memory at a time.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from reader.captures import InputFile, PageFilter, PictureRecord, read_file
from reader.errors import CaptureError, LibraryError
from reader.library.database.connection import Database
from reader.library.database.schema import (
    MOST_FOLDED,
    column,
    decode_hints,
    digest_of,
    encode_article,
    encode_hints,
    filter_text,
    fold,
    shown,
    shown_columns,
    to_bytes,
)
from reader.library.ingest.files import is_gone
from reader.library.search import indexing
from reader.library.state.corrections import corrected
from reader.library.stories.comparing import fingerprints_of
from reader.model import CRASH, SPONSORED, UNREADABLE, UNSECTIONED, Article, Capture, Page, Problem
from reader.parsing import PARSER_VERSION, parse_capture, parser_problem
from reader.sanitize import label_of
from reader.workers import SMALL, GivenUpError, LimitedCalls, WorkerLostError

# Preparing pages, which needs no library

_SPECIAL = frozenset((fold(UNSECTIONED), fold(SPONSORED)))


class PreparedArticle(NamedTuple):
    """An article that is ready to be written once its key and place are known."""

    group: str | None
    """The name of its section; None in the two special groups."""
    sponsored: bool
    truncated: bool
    columns: tuple[Any, ...]
    """position, identity, truncated, published, words, untitled, title, authors, sponsor, doubtful."""
    record: bytes
    digest: bytes
    title: str
    """The folded title."""
    rest: str
    """Deck and authors, folded, on a line each."""
    fingerprints: tuple[int, ...]
    """The result of `comparing.fingerprints_of`."""
    texts: tuple[str, ...]
    """The result of `indexing.texts`."""

    @property
    def published(self) -> str | None:
        """The printed date."""
        published: str | None = self.columns[3]
        return published


class Copy(NamedTuple):
    """What a copy of a known capture tells about it."""

    digest: bytes
    """The `text_digest` of the capture."""
    url: str | None
    captured: str | None
    place: str | None = None
    """The source of the copy, if the file that the capture came from is gone."""


class PreparedPage(NamedTuple):
    """A capture and its articles, ready to be written. Only numbers, texts and bytes, so that it pickles fast."""

    digest: bytes
    """The `text_digest` of the capture."""
    columns: tuple[Any, ...]
    """source, url, captured, encoding, partial, hints, text (compressed), parser."""
    partial: bool
    """True if the capture was read only in part."""
    articles: tuple[PreparedArticle, ...]

    @property
    def size(self) -> int:
        """Bytes of its packed text and its articles."""
        return len(self.columns[-2]) + sum(len(article.record) for article in self.articles)

    @property
    def as_copy(self) -> Copy:
        """What it tells about a capture with the same text."""
        return Copy(self.digest, self.columns[1], self.columns[2])

    @property
    def seen(self) -> str | None:
        """The day of the capture, or None if unknown."""
        captured: str | None = self.columns[2]
        return captured and captured[:10]


def text_digest(text: str) -> bytes:
    """Return the SHA-256 of a capture's text, by which the library recognises it."""
    return digest_of(to_bytes(text))


def prepare(capture: Capture, page: Page, digest: bytes | None = None) -> PreparedPage:
    """Encode and compress a page, and compute its digests, fingerprints and index texts.

    Pure, so it can run in another process. Pass the `digest` of the capture's text if it is known.
    """
    columns = (
        column(capture.source),
        _optional(capture.url),
        _optional(capture.captured),
        capture.encoding,
        _optional(capture.partial),
        encode_hints(capture.hints),
        zlib.compress(to_bytes(capture.text), 1),
        PARSER_VERSION,
    )
    articles = tuple(prepare_article(article) for article in page.articles)
    return PreparedPage(
        text_digest(capture.text) if digest is None else digest,
        columns,
        capture.partial is not None,
        articles,
    )


def _optional(text: str | None) -> str | None:
    return None if text is None else column(text)


def prepare_article(article: Article) -> PreparedArticle:
    """Prepare one article."""
    published, authors, sponsor = shown_columns(article)
    group = None
    # A section may be named like a special group.
    if article.sponsored is None and article.section is not None and fold(article.section) not in _SPECIAL:
        group = shown(article.section)
    identity = bytes.fromhex(article.id)
    columns = (
        article.position,
        identity,
        article.truncated is not None,
        published,
        article.words,
        article.headline is None,
        shown(article.title),
        authors,
        sponsor,
        article.doubtful,
    )
    record = encode_article(article)  # last, so that few copies of a huge article exist at once
    return PreparedArticle(
        group=group,
        sponsored=article.sponsored is not None,
        truncated=article.truncated is not None,
        columns=columns,
        record=record,
        digest=digest_of(record),
        title=column(fold(article.title[:MOST_FOLDED])),
        rest=filter_text(article),
        fingerprints=fingerprints_of(article, identity),
        texts=indexing.texts(article),
    )


# Reading files

PART_BYTES: Final = 1_000_000
"""Bytes of pages that fill a part."""
_PART_ITEMS: Final = 10_000
"""The most items of a part."""
_MOST_LOST: Final = 10
"""How many pages of a file may crash their process before the rest of the file is skipped."""


class Known(NamedTuple):
    """A capture that the library has."""

    articles: int
    again: PreparedPage | None = None
    """The capture read again, if an older parser had read it."""
    copy: Copy | None = None
    """What the library lacks of it, if anything."""


class FileEnd(NamedTuple):
    """The end of a file."""

    skipped_pages: int = 0
    """How many pages of other sites were skipped in it."""


ReadItem = PreparedPage | Known | Problem | PictureRecord | FileEnd


class Part(NamedTuple):
    """The next items of some files, in order."""

    items: list[ReadItem]
    pages_read: int = 0
    """Pages of the last file read so far; 0 at its end."""


class FileReader(AbstractContextManager["FileReader"]):
    """Reads files for a library, where it looks up known captures. Use it as a context, in one thread."""

    def __init__(self, library: Path, site: str | None = None, calls: LimitedCalls | None = None) -> None:
        """With `site`, read only its pages.

        `calls` parse long captures in a worker. Leave them out in a worker process, which can itself be killed.
        """
        self._calls = calls
        self._database = Database(library)
        self._site = site

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def read(self, files: Iterable[InputFile], skip: int | None = None) -> Iterator[Part]:
        """Yield what is in files, in parts with about `PART_BYTES` of pages.

        Anything that cannot be read or parsed becomes a problem; nothing is raised. With `skip`, that many pages of
        each file are left out, and every other page is a part of its own.
        """
        items: list[ReadItem] = []
        size = 0
        for file in files:
            pages = PageFilter(self._site, skip or 0)
            for item in self._items(file, pages):
                items.append(item)
                size += item.size if isinstance(item, PreparedPage) else 0
                if size >= PART_BYTES or len(items) >= _PART_ITEMS or skip is not None:
                    yield Part(items, 0 if isinstance(item, FileEnd) else pages.seen)
                    items, size = [], 0
        if items:
            yield Part(items)

    def _items(self, file: InputFile, pages: PageFilter) -> Iterator[ReadItem]:
        pictures: list[PictureRecord] = []
        try:
            for item in read_file(file, pages, pictures.append):
                yield item if isinstance(item, Problem) else self._read_capture(item)
                del item  # It may be large.
                yield from pictures
                pictures.clear()
        except CaptureError as error:
            yield Problem(error.source, UNREADABLE, error.reason)
        yield from pictures
        yield FileEnd(pages.other_sites)

    def _read_capture(self, capture: Capture) -> PreparedPage | Known | Problem:
        try:
            digest = text_digest(capture.text)
            row = self._database.first_row(
                "SELECT articles, parser, source, url, captured, encoding, partial, hints"
                " FROM captures WHERE digest = ?",
                (digest,),
            )
            copy = None
            if row is not None:
                articles, parser, source, url, captured, encoding, partial, hints = row
                here = column(capture.source)
                is_moved = here != source and here.startswith("/") and is_gone(source)
                if is_moved or (url is None and capture.url) or (captured is None and capture.captured):
                    place = here if is_moved else None
                    copy = Copy(digest, _optional(capture.url), _optional(capture.captured), place)
                if parser >= PARSER_VERSION:
                    return Known(articles, copy=copy)
                capture = Capture(source, capture.text, url, captured, encoding, partial, decode_hints(hints))
            page = read_capture(corrected(self._database, capture, digest), digest, self._calls)
        except (LibraryError, GivenUpError):
            raise
        except Exception as error:  # report any error and go on with the other captures
            return parser_problem(capture.source, error)
        if row is None or isinstance(page, Problem):
            return page
        return Known(len(page.articles), page, copy)


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
            return Problem(capture.source, CRASH, reason)
    try:
        return prepare(capture, parse_capture(capture), digest)
    except Exception as error:  # report any error and go on with the other captures
        return parser_problem(capture.source, error)


def read_by_worker(
    library: Path, site: str | None, files: Sequence[InputFile], size: int, calls: LimitedCalls
) -> Iterator[Part]:
    """Let a worker process read files of `size` bytes. Yields what it read, in order.

    A page that crashes or blocks the process becomes a problem, and all others are read.
    """
    done = pages_read = lost = 0
    careful = False
    """Is every page of every file read on its own, to find the one that crashes?"""
    while done < len(files):
        batch, skip = (files[done : done + 1], pages_read) if careful else (files[done:], None)
        try:
            for part in calls.each(size, _read_in_parts, library, site, batch, skip):
                yield part
                done += sum(isinstance(item, FileEnd) for item in part.items)
                pages_read = part.pages_read
            lost = 0
        except WorkerLostError as error:
            if careful:
                pages_read += 1
                lost += 1
                where = f"{error}: page {pages_read} of the file" if pages_read > 1 else str(error)
                reason = f"{where}; all else was read. Please report this with the file"
                yield Part([Problem(label_of(files[done].path), CRASH, reason)])
                if lost == _MOST_LOST:
                    yield Part([FileEnd()])
                    done += 1
                    pages_read = lost = 0
            careful = True


@lru_cache(maxsize=1)
def _reader(library: Path, site: str | None) -> FileReader:
    return FileReader(library, site)


def _read_in_parts(
    library: Path, site: str | None, files: Sequence[InputFile], skip: int | None = None
) -> Iterator[Part]:
    """In a worker process: read files; see `FileReader.read`."""
    return _reader(library, site).read(files, skip)
