"""Writes articles as an EPUB 3 book with one chapter per section, without scripts or external resources.

Pictures are in it as files, as far as the captures have them and up to a size. The bytes depend only on the export (as
long as zlib compresses alike). Only one article is in memory at a time, with the table of contents of the others.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator, Mapping
from hashlib import blake2b
from typing import BinaryIO, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from reader.export.citations import SITE
from reader.export.items import Export, ExportItem
from reader.export.pictures import PictureKind, picture_kind
from reader.export.provenance import badges, chapter, chapter_order
from reader.export.xhtml import STYLE, article_markup, escape
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
_PICTURE_STYLE: Final = "img { max-width: 100%; }\n"
_MAX_PICTURES_BYTES: Final = 50 << 20
"""The size of all pictures of a book; the articles behind them have words instead."""
_COVER_WIDTH: Final = 600
_TITLE_LINE: Final = 20
"""Characters of the title on a line of the cover."""
_TITLE_LINES: Final = 7
_INK: Final = "#1b1b1b"
_PAPER: Final = "#f6f1e7"

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
            book.add(f"EPUB/{name}", _page(title, markup, kind="chapter", style="../style.css"))
            chapters.setdefault(chapter(item.article), {})[name] = " · ".join([title, *badges(item.article)])
            truncated += item.article.truncated is not None
            sponsored += item.article.sponsored is not None
            days.update(filter(None, [item.article.published]))
        chapters = dict(sorted(chapters.items(), key=lambda entry: chapter_order(entry[0])))
        span = f"{min(days)} – {max(days)}" if len(days) > 1 else "".join(days)
        counts = f"{many(articles, 'article')}, {truncated:,} truncated, {sponsored:,} sponsored"
        book.add("EPUB/cover.svg", _cover_picture(export, span, counts))
        image = f'<img src="cover.svg" alt="{escape(export.title)}"/>'
        cover = f'<p style="text-align: center;">{image}</p>'
        book.add("EPUB/cover.xhtml", _page(export.title, cover, kind="cover"))
        book.add("EPUB/nav.xhtml", _page(export.title, _contents(export, chapters), kind="frontmatter"))
        identity.update(b"".join(book.pictures))
        uuid = UUID(bytes=identity.digest(), version=4)
        about = f"Articles of {SITE} from captures of its pages: {counts}."
        about += f" Published {span}." if span else ""
        package = _package(export, uuid, about, chapters, book.pictures.values())
        book.add("EPUB/package.opf", "".join(package))


class _Book:
    """A zip file whose members all have the date of the export."""

    def __init__(self, zipped: ZipFile, export: Export) -> None:
        self.pictures: dict[bytes, tuple[str, PictureKind]] = {}
        """The names and kinds of its picture files, each there once, by the digest of their content."""
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

    def add_pictures(self, item: ExportItem) -> dict[int, str]:
        """Add the pictures of an article; return their addresses from its page, by the index of their figure.

        After the first picture that finds no room, none are looked for.
        """
        addresses: dict[int, str] = {}
        if not item.article.figures or not self._room:
            return addresses
        for number, data in sorted(item.pictures().items()):
            kind = picture_kind(data)
            if kind is None:
                continue
            digest = blake2b(data, digest_size=16).digest()
            if digest not in self.pictures:
                if len(data) > self._room:
                    self._room = 0
                    break
                self._room -= len(data)
                self.pictures[digest] = f"pictures/p{digest.hex()}{kind.suffix}", kind
                self.add(f"EPUB/{self.pictures[digest][0]}", data, ZIP_STORED)
            addresses[number] = f"../{self.pictures[digest][0]}"
        return addresses


def _page(title: str, body: str, *, kind: str, style: str = "style.css") -> str:
    """A page of the book; `body` is markup."""
    return _PAGE.format(title=escape(title), body=body, kind=kind, style=style)


def _cover_picture(export: Export, span: str, counts: str) -> str:
    """The cover with title, dates and counts, as SVG."""
    lines = textwrap.wrap(export.title, _TITLE_LINE, max_lines=_TITLE_LINES, placeholder=" …") or [SITE]
    texts = [_cover_text(220 + 62 * number, 48, line, "bold") for number, line in enumerate(lines)]
    texts += [_cover_text(700, 30, span), _cover_text(750, 22, counts)]
    texts.append(_cover_text(840, 20, f"Exported by Protocol Reader, {export.date.isoformat()}"))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_COVER_WIDTH} 900" width="{_COVER_WIDTH}"'
        f' height="900"><title>{escape(export.title)}</title>\n'
        f'<rect width="{_COVER_WIDTH}" height="900" fill="{_PAPER}"/>'
        f'<rect x="40" y="110" width="{_COVER_WIDTH - 80}" height="6" fill="{_INK}"/>\n'
        + "\n".join(filter(None, texts))
        + "\n</svg>\n"
    )


def _cover_text(y: int, size: int, text: str, weight: str = "normal") -> str:
    if not text:
        return ""
    return (
        f'<text x="{_COVER_WIDTH // 2}" y="{y}" font-family="serif" font-size="{size}" font-weight="{weight}"'
        f' text-anchor="middle" fill="{_INK}">{escape(text)}</text>'
    )


def _contents(export: Export, chapters: Chapters) -> str:
    """The table of contents, chapter by chapter."""
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
    export: Export,
    uuid: UUID,
    about: str,
    chapters: Chapters,
    pictures: Collection[tuple[str, PictureKind]],
) -> Iterator[str]:
    """The package document: the book's metadata, its files and their order."""
    modes = '<meta property="schema:accessMode">textual</meta>'
    summary = "Text alone, in reading order, with a table of contents."
    if pictures:
        modes += '\n<meta property="schema:accessMode">visual</meta>'
        summary = (
            "Text in reading order, with a table of contents. Pictures have the site’s own descriptions."
        )
    yield f"""\
<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{uuid}</dc:identifier>
<dc:title>{escape(export.title)}</dc:title>
<dc:language>en</dc:language>
<dc:creator>{SITE}</dc:creator>
<dc:date>{export.date.isoformat()}</dc:date>
<dc:description>{escape(about)}</dc:description>
<meta property="dcterms:modified">{export.date.isoformat()}T00:00:00Z</meta>
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
    files = [file for titles in chapters.values() for file in titles]
    for file in files:
        yield f'<item id="{_manifest_id(file)}" href="{file}" media-type="application/xhtml+xml"/>\n'
    for name, kind in pictures:
        identifier = name.removeprefix("pictures/").removesuffix(kind.suffix)
        yield f'<item id="{identifier}" href="{name}" media-type="{kind.media_type}"/>\n'
    yield '</manifest>\n<spine>\n<itemref idref="cover"/>\n<itemref idref="nav"/>\n'
    for file in files:
        yield f'<itemref idref="{_manifest_id(file)}"/>\n'
    yield "</spine>\n</package>\n"


def _manifest_id(file: str) -> str:
    return file.removeprefix("text/").removesuffix(".xhtml")
