"""A book's cover, contents and package: what is written once all articles are known."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from reader.export.citing import SITE
from reader.export.piece import About, Piece
from reader.export.xhtml import described, escape

CONTAINER = """\
<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_PAGE = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" type="text/css" href="{style}"/></head>
<body epub:type="{kind}">
{body}
</body>
</html>
"""
_COVER_WIDTH, _TITLE_LINE, _TITLE_LINES = 600, 20, 7
_INK, _PAPER = "#1b1b1b", "#f6f1e7"


class Contents:
    """A chapter's articles: where each is, and its line in the contents."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.titles: list[str] = []

    def add(self, name: str, title: str) -> None:
        """One more article."""
        self.names.append(name)
        self.titles.append(title)


class Counts:
    """How many articles there are, and from when."""

    def __init__(self) -> None:
        self.articles = self.truncated = self.sponsored = 0
        self.first: str | None = None
        self.last: str | None = None

    def add(self, one: Piece) -> None:
        """One more article."""
        article = one.article
        self.articles += 1
        self.truncated += article.truncated is not None
        self.sponsored += article.sponsored is not None
        if when := article.published:
            self.first = min(self.first or when, when)
            self.last = max(self.last or when, when)

    @property
    def span(self) -> str:
        """The days of the first and the last article; "" when none is dated."""
        if self.first is None or self.last is None:
            return ""
        return self.first if self.first == self.last else f"{self.first} – {self.last}"

    @property
    def words(self) -> str:
        """The numbers in words."""
        return described((self.articles, self.truncated, self.sponsored))


def page(title: str, body: str, *, kind: str, style: str = "style.css") -> str:
    """A page of the book around `body`, which is markup."""
    return _PAGE.format(title=escape(title), body=body, kind=kind, style=style)


def cover_picture(about: About, counts: Counts) -> str:
    """The cover: title, dates and how much there is."""
    lines = textwrap.wrap(about.title, _TITLE_LINE, max_lines=_TITLE_LINES, placeholder=" …") or [SITE]
    texts = [_text(220 + 62 * number, 48, line, "bold") for number, line in enumerate(lines)]
    texts += [_text(700, 30, counts.span), _text(750, 22, counts.words)]
    texts.append(_text(840, 20, f"Exported by Protocol Reader, {about.date.isoformat()}"))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_COVER_WIDTH} 900" width="{_COVER_WIDTH}"'
        f' height="900"><title>{escape(about.title)}</title>\n'
        f'<rect width="{_COVER_WIDTH}" height="900" fill="{_PAPER}"/>'
        f'<rect x="40" y="110" width="{_COVER_WIDTH - 80}" height="6" fill="{_INK}"/>\n'
        + "\n".join(filter(None, texts))
        + "\n</svg>\n"
    )


def cover_page(about: About) -> str:
    """The cover as the first page."""
    picture = f'<p style="text-align: center;"><img src="cover.svg" alt="{escape(about.title)}"/></p>'
    return page(about.title, picture, kind="cover")


def contents_page(about: About, chapters: Sequence[tuple[str, Contents]]) -> Iterator[str]:
    """The contents, chapter by chapter."""
    before, _, after = page(about.title, "\0", kind="frontmatter").partition("\0")
    yield before
    yield f'<nav epub:type="toc" id="toc" role="doc-toc">\n<h1>{escape(about.title)}</h1>\n<ol>\n'
    if not chapters:
        yield '<li><a href="cover.xhtml">No article</a></li>\n'
    for name, contents in chapters:
        yield f"<li><span>{escape(name)}</span>\n<ol>\n"
        for file, title in zip(contents.names, contents.titles, strict=True):
            yield f'<li><a href="{file}">{escape(title)}</a></li>\n'
        yield "</ol></li>\n"
    first = chapters[0][1].names[0] if chapters else "cover.xhtml"
    yield (
        '</ol>\n</nav>\n<nav epub:type="landmarks" hidden="hidden"><ol>'
        '<li><a epub:type="cover" href="cover.xhtml">Cover</a></li>'
        '<li><a epub:type="toc" href="nav.xhtml">Contents</a></li>'
        f'<li><a epub:type="bodymatter" href="{first}">Articles</a></li></ol></nav>'
    )
    yield after


def package(
    about: About, identity: str, chapters: Sequence[tuple[str, Contents]], counts: Counts
) -> Iterator[str]:
    """What the book is, what is in it and in which order it is read."""
    span = f" Published {counts.span}." if counts.span else ""
    description = f"Articles of {SITE} from captures of its pages: {counts.words}.{span}"
    yield f"""\
<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">{identity}</dc:identifier>
<dc:title>{escape(about.title)}</dc:title>
<dc:language>en</dc:language>
<dc:creator>{SITE}</dc:creator>
<dc:date>{about.date.isoformat()}</dc:date>
<dc:description>{escape(description)}</dc:description>
<meta property="dcterms:modified">{about.date.isoformat()}T00:00:00Z</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">Text alone, in reading order, with a table of contents.</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
<item id="picture" href="cover.svg" media-type="image/svg+xml" properties="cover-image"/>
<item id="style" href="style.css" media-type="text/css"/>
"""
    names = [name for _, contents in chapters for name in contents.names]
    for name in names:
        yield f'<item id="{_id(name)}" href="{name}" media-type="application/xhtml+xml"/>\n'
    yield '</manifest>\n<spine>\n<itemref idref="cover"/>\n<itemref idref="nav"/>\n'
    for name in names:
        yield f'<itemref idref="{_id(name)}"/>\n'
    yield "</spine>\n</package>\n"


def _id(name: str) -> str:
    return name.removeprefix("text/").removesuffix(".xhtml")


def _text(y: int, size: int, text: str, weight: str = "normal") -> str:
    if not text:
        return ""
    return (
        f'<text x="{_COVER_WIDTH // 2}" y="{y}" font-family="serif" font-size="{size}" font-weight="{weight}"'
        f' text-anchor="middle" fill="{_INK}">{escape(text)}</text>'
    )
