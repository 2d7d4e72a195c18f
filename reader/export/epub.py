"""Writes articles as an EPUB 3 book with one chapter per section, without scripts or external resources.

Pictures are in it as files, as far as the captures have them and up to a size. The bytes depend only on the export (as
long as zlib compresses alike). Only one article is in memory at a time, with the table of contents of the others.
"""

from __future__ import annotations

import struct
import textwrap
from collections.abc import Collection, Iterator, Mapping
from hashlib import blake2b
from pathlib import PurePath
from typing import BinaryIO, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from reader.export.citations import SITE
from reader.export.documents import STYLE, article_markup, escape
from reader.export.items import Export, ExportItem, badges, chapter_order
from reader.sanitize import many

_CONTAINER: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_PAGE: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" type="text/css" href="{style}"/></head>
<body epub:type="{kind}">
{body}
</body>
</html>
"""
_COVER: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 900" width="600" height="900"><title>{title}</title>
<rect width="600" height="900" fill="#f6f1e7"/><rect x="40" y="110" width="520" height="6" fill="#1b1b1b"/>
{lines}
</svg>
"""
_COVER_LINE: Final = (
    '<text x="300" y="{y}" font-family="serif" font-size="{size}" font-weight="{weight}"'
    ' text-anchor="middle" fill="#1b1b1b">{text}</text>'
)
_TITLE_LINE: Final = 20
_TITLE_LINES: Final = 7
_PACKAGE_HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{uuid}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:language>en</dc:language>
<dc:creator>{site}</dc:creator>
<dc:date>{date}</dc:date>
<dc:description>{about}</dc:description>
<meta property="dcterms:modified">{date}T00:00:00Z</meta>
{modes}
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">{summary}</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
<item id="picture" href="cover.svg" media-type="image/svg+xml" properties="cover-image"/>
<item id="style" href="style.css" media-type="text/css"/>
"""
_TEXTUAL: Final = '<meta property="schema:accessMode">textual</meta>'
_VISUAL: Final = '\n<meta property="schema:accessMode">visual</meta>'
_TEXT_ALONE: Final = "Text alone, in reading order, with a table of contents."
_WITH_PICTURES: Final = (
    "Text in reading order, with a table of contents. Pictures have the site’s own descriptions."
)
_PICTURE_STYLE: Final = "img { max-width: 100%; }\n"

_MAX_PICTURES_BYTES: Final = 50 << 20
"""The size of all pictures of a book; the articles behind them have words instead."""
_MAX_PICTURE_BYTES: Final = 2 << 20
_MAX_PIXELS: Final = 40_000_000
"""The largest width times height of a picture: a small file can take a lot of memory when it is decoded."""
_MEDIA_TYPES: Final = {
    ".png": "image/png", ".jpg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"
}  # fmt: skip
"""The kinds of picture files that a book may contain, by their suffixes. SVG is excluded: it can contain scripts."""
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The markers of segments that give the size."""
_END_BYTES: Final = 64
"""Where the end of a picture file is looked for: some programs add a few bytes."""

Chapters = Mapping[str, Mapping[str, str]]
"""For each chapter, the titles and badges of its articles by the names of their files, all in reading order."""


def write_book(export: Export, out: BinaryIO) -> None:
    """Write the book to `out`, which need not be seekable."""
    identity = blake2b(digest_size=16)
    identity.update(f"{export.title}\0{export.date}".encode())
    chapters: dict[str, dict[str, str]] = {}
    days: set[str] = set()
    articles = truncated = sponsored = 0
    with ZipFile(out, "w") as zipped:
        book = _Book(zipped, export)
        # Reading systems look for these bytes at the very start.
        book.add("mimetype", "application/epub+zip", ZIP_STORED)
        book.add("META-INF/container.xml", _CONTAINER)
        book.add("EPUB/style.css", STYLE + _PICTURE_STYLE)
        for articles, item in enumerate(export.items, 1):
            identity.update(item.id.encode())
            name = f"text/a{articles:06}.xhtml"
            title = item.article.title
            markup = article_markup(item, book.add_pictures(item))
            book.add_page(name, title, markup, kind="chapter", style="../style.css")
            chapters.setdefault(item.chapter, {})[name] = " · ".join([title, *badges(item.article)])
            truncated += item.article.truncated is not None
            sponsored += item.article.sponsored is not None
            days.update(filter(None, [item.article.published]))
        chapters = dict(sorted(chapters.items(), key=lambda entry: chapter_order(entry[0])))
        span = f"{min(days)} – {max(days)}" if len(days) > 1 else "".join(days)
        counts = f"{many(articles, 'article')}, {truncated:,} truncated, {sponsored:,} sponsored"
        book.add("EPUB/cover.svg", _cover_picture(export, span, counts))
        image = f'<img src="cover.svg" alt="{escape(export.title)}"/>'
        book.add_page(
            "cover.xhtml", export.title, f'<p style="text-align: center;">{image}</p>', kind="cover"
        )
        book.add_page("nav.xhtml", export.title, _contents(export, chapters), kind="frontmatter")
        identity.update(b"".join(book.pictures))
        uuid = UUID(bytes=identity.digest(), version=4)
        about = f"Articles of {SITE} from captures of its pages: {counts}."
        about += f" Published {span}." if span else ""
        package = _package(export, uuid, about, chapters, book.pictures.values())
        book.add("EPUB/package.opf", "".join(package))


class _Book:
    """A zip file whose members all have the date of the export."""

    def __init__(self, zipped: ZipFile, export: Export) -> None:
        self.pictures: dict[bytes, str] = {}
        """The names of its picture files, each there once, by the digest of their content."""
        self._zipped = zipped
        # A zip file cannot express a year before 1980.
        self._date = (max(1980, export.date.year), export.date.month, export.date.day, 0, 0, 0)
        self._room = _MAX_PICTURES_BYTES

    def add(self, name: str, content: str | bytes, compression: int = ZIP_DEFLATED) -> None:
        info = ZipInfo(name, self._date)
        info.compress_type = compression
        info.create_system = 3  # The same on every system.
        info.external_attr = 0o644 << 16
        self._zipped.writestr(info, content.encode() if isinstance(content, str) else content)

    def add_page(self, name: str, title: str, body: str, *, kind: str, style: str = "style.css") -> None:
        self.add(f"EPUB/{name}", _PAGE.format(title=escape(title), body=body, kind=kind, style=style))

    def add_pictures(self, item: ExportItem) -> dict[int, str]:
        """Add the pictures of an article; return their addresses from its page, by the index of their figure.

        After the first picture that finds no room, none are looked for.
        """
        addresses: dict[int, str] = {}
        if not item.article.figures or not self._room:
            return addresses
        for number, data in sorted(item.pictures().items()):
            suffix = picture_suffix(data)
            if not suffix:
                continue
            digest = blake2b(data, digest_size=16).digest()
            if digest not in self.pictures:
                if len(data) > self._room:
                    self._room = 0
                    break
                self._room -= len(data)
                self.pictures[digest] = f"pictures/p{digest.hex()}{suffix}"
                self.add(f"EPUB/{self.pictures[digest]}", data, ZIP_STORED)
            addresses[number] = f"../{self.pictures[digest]}"
        return addresses


def _cover_picture(export: Export, span: str, counts: str) -> str:
    title = textwrap.wrap(export.title, _TITLE_LINE, max_lines=_TITLE_LINES, placeholder=" …") or [SITE]
    lines = [(220 + 62 * number, 48, "bold", text) for number, text in enumerate(title)]
    lines += [(700, 30, "normal", span), (750, 22, "normal", counts)]
    lines.append((840, 20, "normal", f"Exported by Protocol Reader, {export.date.isoformat()}"))
    return _COVER.format(
        title=escape(export.title),
        lines="\n".join(
            _COVER_LINE.format(y=y, size=size, weight=weight, text=escape(text))
            for y, size, weight, text in lines
            if text
        ),
    )


def _contents(export: Export, chapters: Chapters) -> str:
    parts = [f'<nav epub:type="toc" id="toc" role="doc-toc">\n<h1>{escape(export.title)}</h1>\n<ol>\n']
    if not chapters:
        parts.append('<li><a href="cover.xhtml">No article</a></li>\n')
    for name, titles in chapters.items():
        parts.append(f"<li><span>{escape(name)}</span>\n<ol>\n")
        parts += [f'<li><a href="{file}">{escape(title)}</a></li>\n' for file, title in titles.items()]
        parts.append("</ol></li>\n")
    first = next((file for titles in chapters.values() for file in titles), "cover.xhtml")
    parts.append(
        '</ol>\n</nav>\n<nav epub:type="landmarks" hidden="hidden"><ol>'
        '<li><a epub:type="cover" href="cover.xhtml">Cover</a></li>'
        '<li><a epub:type="toc" href="nav.xhtml">Contents</a></li>'
        f'<li><a epub:type="bodymatter" href="{first}">Articles</a></li></ol></nav>'
    )
    return "".join(parts)


def _package(
    export: Export, uuid: UUID, about: str, chapters: Chapters, pictures: Collection[str]
) -> Iterator[str]:
    yield _PACKAGE_HEAD.format(
        uuid=uuid,
        title=escape(export.title),
        site=SITE,
        date=export.date.isoformat(),
        about=escape(about),
        modes=_TEXTUAL + _VISUAL if pictures else _TEXTUAL,
        summary=_WITH_PICTURES if pictures else _TEXT_ALONE,
    )
    pages = {file: PurePath(file).stem for titles in chapters.values() for file in titles}
    for file, identifier in pages.items():
        yield f'<item id="{identifier}" href="{file}" media-type="application/xhtml+xml"/>\n'
    for picture in map(PurePath, pictures):
        yield f'<item id="{picture.stem}" href="{picture}" media-type="{_MEDIA_TYPES[picture.suffix]}"/>\n'
    yield '</manifest>\n<spine>\n<itemref idref="cover"/>\n<itemref idref="nav"/>\n'
    for identifier in pages.values():
        yield f'<itemref idref="{identifier}"/>\n'
    yield "</spine>\n</package>\n"


def picture_suffix(data: bytes) -> str:
    """The suffix for a picture file; "" if it is of no kind for books, too large or cut off.

    Only the header is read, since decoding untrusted pictures needs a process of its own.
    """
    if len(data) > _MAX_PICTURE_BYTES:
        return ""
    try:
        suffix, width, height = _picture_header(data)
    except struct.error:  # it ends within its header
        return ""
    return suffix if 0 < width * height <= _MAX_PIXELS else ""


def _picture_header(data: bytes) -> tuple[str, int, int]:
    """The suffix, width and height of a picture file; "" and no pixels if it is not whole."""
    end = data[-_END_BYTES:]
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR" and b"IEND" in end:
        return ".png", *struct.unpack_from(">2L", data, 16)
    if data.startswith((b"GIF87a", b"GIF89a")) and b";" in end:
        return ".gif", *struct.unpack_from("<2H", data, 6)
    if data.startswith(b"RIFF"):
        size, kind, chunk = struct.unpack_from("<L4s4s", data, 4)
        if kind == b"WEBP" and size + 8 <= len(data):
            return ".webp", *_webp_size(chunk, data)
    if data.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in end:
        position = 2
        while data[position : position + 1] == b"\xff":
            kind, length = struct.unpack_from(">BH", data, position + 1)
            if kind in _JPEG_FRAMES:
                height, width = struct.unpack_from(">2H", data, position + 5)
                return ".jpg", width, height
            position += 2 + length
    return "", 0, 0


def _webp_size(chunk: bytes, data: bytes) -> tuple[int, int]:
    """The width and height of a WebP file with this first chunk; no pixels if it is of no known kind."""
    if chunk == b"VP8 ":
        width, height = struct.unpack_from("<2H", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if chunk == b"VP8L":
        (bits,) = struct.unpack_from("<L", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    return 0, 0
