"""Articles as a book: EPUB 3, chapters by section, nothing in it that moves or is fetched.

What is written depends on the pieces and on `About` alone, down to the byte (as far as zlib has one way to
compress). An article is in memory while it is written; of each, a line of the contents stays until the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import BinaryIO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from reader.export.epub_front import (
    CONTAINER,
    Contents,
    Counts,
    contents_page,
    cover_page,
    cover_picture,
    package,
    page,
)
from reader.export.facts import SPONSORED, UNSECTIONED, chapter
from reader.export.piece import About, Piece
from reader.export.xhtml import STYLE, article_markup


def write(pieces: Iterable[Piece], about: About, out: BinaryIO) -> None:
    """Write the book to `out`, which need not be able to go back."""
    identity = blake2b(digest_size=16)
    identity.update(f"{about.title}\0{about.date}".encode())
    chapters: dict[str, Contents] = {}
    counts = Counts()
    with ZipFile(out, "w") as book:
        put = _Putting(book, about)
        # Readers look for these bytes at the very start.
        put("mimetype", "application/epub+zip", ZIP_STORED)
        put("META-INF/container.xml", CONTAINER)
        put("EPUB/style.css", STYLE)
        for number, one in enumerate(pieces, 1):
            identity.update(one.id.encode())
            name = f"text/a{number:06}.xhtml"
            title = one.article.title
            put(f"EPUB/{name}", page(title, article_markup(one), kind="chapter", style="../style.css"))
            chapters.setdefault(chapter(one.article), Contents()).add(name, title)
            counts.add(one)
        ordered = sorted(chapters.items(), key=_standing)
        put("EPUB/cover.svg", cover_picture(about, counts))
        put("EPUB/cover.xhtml", cover_page(about))
        put("EPUB/nav.xhtml", "".join(contents_page(about, ordered)))
        uuid = UUID(bytes=identity.digest(), version=4)
        put("EPUB/package.opf", "".join(package(about, f"urn:uuid:{uuid}", ordered, counts)))


class _Putting:
    """Puts files into the book, all with the same date."""

    def __init__(self, book: ZipFile, about: About) -> None:
        self._book = book
        # A zip knows no year before 1980.
        self._date = (max(1980, about.date.year), about.date.month, about.date.day, 0, 0, 0)

    def __call__(self, name: str, text: str, method: int = ZIP_DEFLATED) -> None:
        info = ZipInfo(name, self._date)
        info.compress_type = method
        info.create_system = 3  # The same on every system.
        info.external_attr = 0o644 << 16
        self._book.writestr(info, text.encode())


def _standing(named: tuple[str, Contents]) -> tuple[int, str, str]:
    """Sections by name, then what has none, then what was paid for."""
    name = named[0]
    return (
        (UNSECTIONED, SPONSORED).index(name) + 1 if name in (UNSECTIONED, SPONSORED) else 0,
        name.casefold(),
        name,
    )
