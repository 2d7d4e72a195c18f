"""One long file shared among processes: one takes its pages out, in chunks, and the others read them.

To take a page out of an archive is a small part of the work: its text is still to be read out of its markup, and its
articles to be told apart. What a chunk holds depends on the file alone.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Final, NamedTuple

from reader.captures import Found, PictureRecord, RawPage, Site, Tally, walk_found
from reader.errors import CaptureError
from reader.library.reading import FileRead, PageItem
from reader.model import Problem

CHUNK_BYTES: Final = 1_000_000
"""Bytes of pages that make a chunk full: what is read in less than a second."""
_CHUNK_ITEMS: Final = 500
"""Pages and problems that do, too."""


class Walk(NamedTuple):
    """Asks a process to take the pages out of a file; after it, for the next chunk of them."""

    file: Found
    chunk_bytes: int


class Pages(NamedTuple):
    """Asks a process to read a chunk."""

    packed: bytes
    """Its items, pickled: see `items_of`."""


class Chunk(NamedTuple):
    """What the one that takes a file apart answers."""

    packed: bytes
    """The next items, pickled; none where there are none."""
    tally: Tally | None
    """A tally that ends behind them, if places in it wait for pages to be read."""
    others: int
    """Pages of other sites that it has passed over since the last chunk."""
    more: bool
    """Whether another chunk may follow."""


def chunks(walk: Walk, wanted: str | None) -> Iterator[Chunk]:
    """What there is in a file, in order. `wanted` is the site whose pages are; None when all are."""
    site = None if wanted is None else Site(wanted)
    items: list[PageItem] = []
    size = 0

    def made(tally: Tally | None = None, *, more: bool = True) -> Chunk:
        nonlocal size
        packed = pack(items) if items else b""
        others = 0
        if site:
            others, site.passed_over = site.passed_over, 0
        items.clear()
        size = 0
        return Chunk(packed, tally, others, more)

    try:
        for item in walk_found(walk.file, site):
            if not isinstance(item, Tally):
                items.append(item)
                size += _size(item)
            elif item.waits:
                yield made(item)
            else:
                items += item.problems()
            del item  # It may be long.
            if size >= walk.chunk_bytes or len(items) >= _CHUNK_ITEMS:
                yield made()
    except CaptureError as error:
        items.append(Problem(error.source, "unreadable", error.reason))
    yield made(more=False)


def pack(items: list[PageItem]) -> bytes:
    """Items as they go from process to process."""
    return pickle.dumps(items, pickle.HIGHEST_PROTOCOL)


def items_of(packed: bytes) -> list[PageItem]:
    """The items of a chunk."""
    items: list[PageItem] = pickle.loads(packed)
    return items


def failed_page(item: PageItem, how: str) -> FileRead:
    """A page that ended the process which read it, or kept it too long."""
    reason = f"{how}; the other pages were read. Please report this with the file"
    return FileRead(problems=(Problem(item.source, "crash", reason),), more=True)


def _size(item: PageItem) -> int:
    if isinstance(item, Problem):
        return len(item.reason)
    if isinstance(item, PictureRecord):
        return 0
    return len(item.data if isinstance(item, RawPage) else item.text)
