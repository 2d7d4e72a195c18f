"""Articles as markup that is valid both as HTML and as XML; web pages and feeds (Atom, JSON Feed 1.1) made of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from tempfile import SpooledTemporaryFile
from typing import Final

from reader.export.citations import SITE
from reader.export.items import (
    BodyPart,
    Export,
    ExportItem,
    TextRun,
    badges,
    body_parts,
    chapter,
    chapter_order,
    facts,
    figure_text,
    in_words,
    payment,
)
from reader.model import BlockKind

_IN_MEMORY: Final = 1 << 22
"""How many bytes of articles are kept in memory until the contents are known."""
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})

_BLOCKS: Final[dict[BlockKind, str]] = {
    "subhead": "<h3>{}</h3>",
    "quote": "<blockquote><p>{}</p></blockquote>",
    "signoff": '<p class="signoff">{}</p>',
    "paragraph": "<p>{}</p>",
}

STYLE: Final = """\
body { max-width: 38em; margin: 0 auto; padding: 1em; font-family: serif; line-height: 1.5; }
h1, h2, h3 { line-height: 1.2; }
article { margin: 0 0 4em; }
.untitled { font-style: italic; }
.kicker, .byline, .facts, figcaption { font-family: sans-serif; font-size: 0.85em; }
.kicker { text-transform: uppercase; letter-spacing: 0.05em; }
.badges, .paid, .ends { font-family: sans-serif; font-weight: bold; }
.deck { font-size: 1.15em; font-style: italic; }
.bios { border-top: 1px solid; margin-top: 2em; font-size: 0.9em; }
.facts { border-top: 1px solid; padding-top: 1em; }
.facts dt { font-weight: bold; }
.facts dd { margin: 0 0 0.4em 1em; overflow-wrap: anywhere; }
"""

_PAGE_HEAD: Final = """\
<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
{style}</style>
</head>
<body>
<h1>{title}</h1>
<p class="byline">Exported from page captures by Protocol Reader on {date}.</p>
"""

_FEED_ID: Final = "urn:protocol-reader:"
_ATOM_HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<title>{title}</title>
<id>urn:protocol-reader:export</id>
<updated>{updated}</updated>
<author><name>{site}</name></author>
<generator>Protocol Reader</generator>
"""


def web_page(export: Export) -> Iterator[str]:
    """One self-contained page: no scripts, pictures or foreign style sheets. With several articles it has contents."""
    contents: dict[str, list[str]] = {}
    with SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="") as articles:
        for item in export.items:
            articles.write(article_markup(item) + "\n")
            badges_shown = "".join(f" <small>{escape(badge)}</small>" for badge in badges(item.article))
            entry = f'<li><a href="#a-{item.id}">{escape(item.article.title)}</a>{badges_shown}</li>'
            contents.setdefault(chapter(item.article), []).append(entry)
        yield _PAGE_HEAD.format(title=escape(export.title), date=export.date.isoformat(), style=STYLE)
        if sum(map(len, contents.values())) > 1:
            yield "<nav>\n<h2>Contents</h2>\n"
            for name in sorted(contents, key=chapter_order):
                yield f"<h3>{escape(name)}</h3>\n<ul>\n" + "\n".join(contents[name]) + "\n</ul>\n"
            yield "</nav>\n"
        articles.seek(0)
        while text := articles.read(_IN_MEMORY):
            yield text
    yield "</body>\n</html>\n"


def escape(text: str) -> str:
    """Escape text for an element or a quoted attribute."""
    return text.translate(_ESCAPES)


def article_markup(item: ExportItem, pictures: Mapping[int, str] = {}) -> str:
    """The `article` element of an item, with the article's id.

    `pictures`: the addresses of picture files by the index of their figure. Other figures are words.
    """
    parts = "\n".join(_parts(item, pictures))
    return f'<article id="a-{item.id}">\n{parts}\n</article>'


def _parts(item: ExportItem, pictures: Mapping[int, str]) -> Iterator[str]:
    article = item.article
    if article.kicker:
        yield _element("p", "kicker", escape(article.kicker))
    yield _element("h2", "" if article.headline else "untitled", escape(article.title))
    if shown := badges(article):
        yield _element("p", "badges", " ".join(f"<strong>{escape(badge)}</strong>" for badge in shown))
    if article.deck:
        yield _element("p", "deck", escape(article.deck))
    byline = [escape(", ".join(article.authors))] if article.authors else []
    if article.published:
        byline.append(f'<time datetime="{article.published}">{article.published}</time>')
    if byline:
        yield _element("p", "byline", " · ".join(byline))
    if (paid := payment(article)) is not None:
        yield _element("p", "paid", escape(paid[0].upper() + paid[1:]) + ".")
    for number, figure in enumerate(article.figures):
        text = figure_text(figure)
        image = ""
        if number in pictures:
            text = "" if text == figure.alt else text
            image = f'<img src="{escape(pictures[number])}" alt="{escape(figure.alt or text)}"/>'
        caption = f": {escape(text)}" if text else ""
        if caption or figure.url:
            caption = f"<figcaption>{_run_markup(TextRun('Picture', figure.url))}{caption}</figcaption>"
        if image or caption:
            yield f"<figure>{image}{caption}</figure>"
    yield from map(_part_markup, body_parts(item))
    if article.truncated:
        yield _element("p", "ends", f"The text ends here: {escape(in_words(article.truncated))}.")
    if bios := "".join(f"<p>{escape(bio.text)}</p>" for bio in article.bios if bio.text):
        yield _element("aside", "bios", bios)
    rows = (
        f"<dt>{fact.name}</dt><dd>{_run_markup(TextRun(fact.text, fact.url))}</dd>" for fact in facts(item)
    )
    yield _element("dl", "facts", "".join(rows))


def _part_markup(part: BodyPart) -> str:
    texts = ["".join(map(_run_markup, runs)) for runs in part.texts]
    if part.kind == "item":
        items = "".join(f"<li>{text}</li>" for text in texts)
        return f"<ul>{items}</ul>" if part.start is None else f'<ol start="{part.start}">{items}</ol>'
    return _BLOCKS[part.kind].format(texts[0])


def _run_markup(run: TextRun) -> str:
    return escape(run.text) if run.url is None else f'<a href="{escape(run.url)}">{escape(run.text)}</a>'


def _element(name: str, css_class: str, markup: str) -> str:
    return f'<{name} class="{css_class}">{markup}</{name}>' if css_class else f"<{name}>{markup}</{name}>"


# Feeds


def atom(export: Export) -> Iterator[str]:
    """An Atom feed (RFC 4287) with whole texts, one entry per article."""
    yield _ATOM_HEAD.format(title=escape(export.title), updated=_moment(export.date.isoformat()), site=SITE)
    for item in export.items:
        article = item.article
        yield "<entry>\n"
        yield f"<title>{escape(article.title)}</title>\n"
        yield f"<id>{_FEED_ID}{item.id}</id>\n"
        yield f"<updated>{_moment(article.published or export.date.isoformat())}</updated>\n"
        if article.published:
            yield f"<published>{_moment(article.published)}</published>\n"
        for name in article.authors:
            yield f"<author><name>{escape(name)}</name></author>\n"
        if (address := item.own_url or item.url) is not None:
            yield f'<link rel="alternate" href="{escape(address)}"/>\n'
        for term in _categories(item):
            yield f'<category term="{escape(term)}"/>\n'
        if article.deck:
            yield f"<summary>{escape(article.deck)}</summary>\n"
        yield f'<content type="html">{escape(article_markup(item))}</content>\n</entry>\n'
    yield "</feed>\n"


def json_feed(export: Export) -> Iterator[str]:
    """A JSON Feed, with one object per article."""
    head = {"version": "https://jsonfeed.org/version/1.1", "title": export.title, "language": "en"}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "items": ['
    for number, item in enumerate(export.items):
        article = item.article
        fields = {
            "id": _FEED_ID + item.id,
            "url": item.own_url or item.url,
            "title": article.title,
            "content_html": article_markup(item),
            "summary": article.deck,
            "date_published": _moment(article.published) if article.published else None,
            "authors": [{"name": name} for name in article.authors],
            "tags": _categories(item),
        }
        known = {name: value for name, value in fields.items() if value}
        yield (",\n" if number else "\n") + json.dumps(known, ensure_ascii=False)
    yield "\n]}\n"


def _categories(item: ExportItem) -> list[str]:
    section = item.article.section
    return [*([section] if section else []), *badges(item.article), *item.tags]


def _moment(day: str) -> str:
    return f"{day}T00:00:00Z"
