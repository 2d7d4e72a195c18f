"""Articles, openings and notes for people: plain text, Markdown, web pages, and feeds (Atom, JSON Feed 1.1)."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import Final

from reader.export.citations import SITE
from reader.export.data import record
from reader.export.items import (
    UNNAMED,
    BodyPart,
    Export,
    ExportItem,
    TextRun,
    badges,
    chapter_order,
    figure_text,
    in_words,
    lines_of,
)
from reader.model import Article, BlockKind, Figure, Page
from reader.sanitize import many

WIDTH: Final = 72
RULE: Final = "─" * WIDTH
BETWEEN: Final = f"\n{RULE}\n\n"
_FRONT_MATTER: Final = (
    "title", "authors", "published", "section", "truncated", "sponsored", "sponsor", "url", "source", "captured",
    "tags",
)  # fmt: skip
_WRAPPED_AT_ONCE: Final = 50_000
"""Characters. Longer paragraphs are wrapped piecemeal, because textwrap needs many times their memory."""
_MARKDOWN_SPECIAL = {ord(mark): f"\\{mark}" for mark in "\\`*_[]<>&~|#$^{}"}
_MARKDOWN_SPECIAL_AT_START: Final = re.compile(r"^(?:([-+=:%!])|(\d+)([.)]))")


# Plain text


def item_text(item: ExportItem) -> str:
    """An article and every fact about its origin."""
    origin = [_wrap(f"{fact.name}: {fact.text}") for fact in item.facts()]
    return "\n\n".join([*_paragraphs(item.article), "\n".join(origin)]) + "\n"


def page_text(page: Page) -> str:
    """Every article of a page, each below a rule; "" if the page has none."""
    return "".join(f"{RULE}\n{article_text(article, page.url or page.source)}\n" for article in page.articles)


def article_text(article: Article, source: str) -> str:
    """An article and its source, in lines of at most WIDTH columns."""
    end = f"From {source}, {lines_of(article)}"
    return "\n\n".join([*_paragraphs(article), end]) + "\n"


def opening_text(item: ExportItem) -> str:
    """A story of which only the opening is known: what is known of it, and where it was seen."""
    article, address, cut = item.article, item.own_address, item.article.truncated
    details = [article.section, ", ".join(article.authors), article.published]
    details.append(f"{many(article.words, 'word')} known")
    lines = [article.title, "  " + " · ".join(filter(None, details))]
    if article.sponsored:
        lines.append(f"  paid for by {article.sponsor or UNNAMED}")
    if cut:
        lines.append(f"  truncated: {in_words(cut)}" + (f" (“{cut.text}”)" if cut.text else ""))
    if address:
        lines.append(f"  own page: {address}")
    for seen in item.occurrences:
        captured = f", captured {seen.captured}" if seen.captured else ""
        lines.append(f"  seen in {seen.source}{captured}")
        if seen.url and seen.url not in (address, seen.source):
            lines.append(f"    at {seen.url}")
    return "\n".join(lines) + "\n"


def notes_text(item: ExportItem) -> str:
    """The tags, highlights and notes of an article."""
    byline = " · ".join(filter(None, [_byline(item.article), *badges(item.article), item.source]))
    lines = [item.article.title, f"  {byline}"]
    if item.tags:
        lines.append(f"  {' '.join(f'#{tag}' for tag in item.tags)}")
    for note in item.notes:
        if note.quote:
            before, after = note.before and f"…{note.before}", note.after and f"{note.after}…"
            quote = note.quote.replace("\n", " ¶ ")
            where = "" if note.source == item.source else f" (in {note.source})"
            lines.append(f"  {note.color}: {before}[{quote}]{after}{where}")
        lines += [f"    {line}" for line in note.note.splitlines()]
    return "\n".join(lines) + "\n"


def _after_picture(figure: Figure, text: str) -> str:
    """The text of a picture as it follows the word “Picture”; a credit alone begins with a word and colon itself."""
    return text and f"{': ' if figure.caption or not figure.credit else ' — '}{text}"


def _byline(article: Article) -> str:
    return " · ".join(filter(None, [", ".join(article.authors), article.published]))


def _paragraphs(article: Article) -> Iterator[str]:
    shown_badges = " ".join(f"[{badge}]" for badge in badges(article))
    kicker_line = "   ".join(filter(None, [(article.kicker or "").upper(), shown_badges]))
    head = (article.headline or "", article.deck or "", _byline(article))
    yield from filter(None, [kicker_line, *map(_wrap, head)])
    if article.sponsored:
        payer = article.sponsor or UNNAMED
        yield _wrap(f"Paid for by {payer}: {in_words(article.sponsored)} (line {article.sponsored.line}).")
    for figure in article.figures:
        yield _wrap(f"[Picture{_after_picture(figure, figure_text(figure))}]")
    for block in article.body:
        yield _wrap(block.text, "• " if block.kind == "item" and not block.text[:1].isdigit() else "")
    if article.truncated:
        yield _wrap(f"[The text ends here: {in_words(article.truncated)}, line {article.truncated.line}.]")
    for bio in article.bios:
        yield _wrap(bio.text)


def _wrap(text: str, bullet: str = "") -> str:
    indent = " " * len(bullet)
    lines: list[str] = []
    for segment in _segments(text):
        lines += textwrap.wrap(
            segment,
            WIDTH,
            initial_indent=indent if lines else bullet,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def _segments(text: str) -> Iterator[str]:
    """The text divided at spaces, where it is longer than can be wrapped at once."""
    start = 0
    while len(text) - start > _WRAPPED_AT_ONCE:
        end = text.rfind(" ", start, start + _WRAPPED_AT_ONCE)
        end = end if end > start else start + _WRAPPED_AT_ONCE
        yield text[start:end]
        start = end
    yield text[start:]


# Markdown (CommonMark). No text of an article can become markup.


def markdown(export: Export) -> Iterator[str]:
    """The articles one after the other, with rules between them; a single one with YAML front matter."""
    items = iter(export.items)
    first = list(islice(items, 2))
    if len(first) == 1:
        yield front_matter(first[0])
    for number, item in enumerate(chain(first, items)):
        yield ("\n---\n\n" if number else "") + "\n\n".join(_markdown_blocks(item)) + "\n"


def front_matter(item: ExportItem) -> str:
    """The facts about an article as YAML, for programs that keep notes."""
    known = record(item)
    # A JSON string or list is valid YAML, whatever is in it.
    lines = [
        f"{name}: {json.dumps(known[name], ensure_ascii=False)}" for name in _FRONT_MATTER if known[name]
    ]
    return "\n".join(["---", *lines, "---", "", ""])


def escape_markdown(text: str) -> str:
    """Markdown that shows exactly this text, wherever in a line it stands."""
    escaped = text.translate(_MARKDOWN_SPECIAL)  # A pattern needs a hundred bytes for each mark.
    return _MARKDOWN_SPECIAL_AT_START.sub(
        lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}", escaped
    )


def _markdown_blocks(item: ExportItem) -> Iterator[str]:
    article = item.article
    kicker_line = [escape_markdown(article.kicker)] if article.kicker else []
    kicker_line += [f"**{escape_markdown(badge)}**" for badge in badges(article)]
    if kicker_line:
        yield " · ".join(kicker_line)
    yield f"# {escape_markdown(article.title)}"
    if article.deck:
        yield f"*{escape_markdown(article.deck)}*"
    if byline := _byline(article):
        yield escape_markdown(byline)
    if (paid := item.payment) is not None:
        yield f"> {escape_markdown(paid[0].upper() + paid[1:])}."
    for figure in article.figures:
        text = figure_text(figure)
        if text or figure.url:
            link = _markdown_run(TextRun("Picture", figure.url))
            yield f"\\[{link}{_after_picture(figure, escape_markdown(text))}\\]"
    for part in item.body_parts():
        yield _markdown_part(part)
    if article.truncated:
        yield f"**\\[The text ends here: {escape_markdown(in_words(article.truncated))}.\\]**"
    for bio in article.bios:
        if bio.text:
            yield escape_markdown(bio.text)
    yield "\n".join(f"- {fact.name}: {_markdown_run(TextRun(fact.text, fact.url))}" for fact in item.facts())


def _markdown_part(part: BodyPart) -> str:
    texts = ["".join(map(_markdown_run, runs)) for runs in part.texts]
    if part.kind != "item":
        return {"subhead": "## ", "quote": "> "}.get(part.kind, "") + texts[0]
    if part.start is None:
        return "\n".join(f"- {text}" for text in texts)
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, part.start))


def _markdown_run(run: TextRun) -> str:
    text = escape_markdown(run.text)
    # Between angle brackets only "&" could change an address.
    return text if run.url is None else f"[{text}](<{run.url.replace('&', '&amp;')}>)"


def notes_markdown(item: ExportItem) -> str:
    """The notes of an article, with the facts about it as YAML front matter.

    Obsidian, Logseq and Zotero read the front matter of files with one article: save them in a folder.
    """
    return front_matter(item) + "\n\n".join(_note_blocks(item)) + "\n"


def _note_blocks(item: ExportItem) -> Iterator[str]:
    yield f"# {escape_markdown(item.article.title)}"
    for note in item.notes:
        if note.quote:
            before = f"…{escape_markdown(note.before)}" if note.before else ""
            after = f"{escape_markdown(note.after)}…" if note.after else ""
            lines = note.quote.replace("==", "= =").split("\n")
            quoted = "==\n>\n> ==".join(map(escape_markdown, lines))
            yield f"> {before}=={quoted}=={after}"
            where = "" if note.source == item.source else f", in {escape_markdown(note.source)}"
            yield f"*{note.color}, {note.made[:10]}{where}*"
        if note.note:
            yield _note_lines(note.note)


def _note_lines(text: str) -> str:
    """A note as Markdown that keeps its line breaks."""
    return "\\\n".join(escape_markdown(line) for line in text.split("\n")).replace("\\\n\\\n", "\n\n")


# Markup that is valid both as HTML and as XML

_IN_MEMORY: Final = 1 << 22
"""How many bytes of articles are kept in memory until the contents are known."""
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})

_BLOCK_MARKUP: Final[dict[BlockKind, str]] = {
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

_WEB_PAGE_HEAD: Final = """\
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
_UNKNOWN: Final = "1970-01-01"
"""Atom requires a date, and one that stays: with that of the export, news readers would show the entry as updated."""
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
            contents.setdefault(item.chapter, []).append(entry)
        yield _WEB_PAGE_HEAD.format(title=escape(export.title), date=export.date.isoformat(), style=STYLE)
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
    parts = "\n".join(_article_elements(item, pictures))
    return f'<article id="a-{item.id}">\n{parts}\n</article>'


def _article_elements(item: ExportItem, pictures: Mapping[int, str]) -> Iterator[str]:
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
    if (paid := item.payment) is not None:
        yield _element("p", "paid", escape(paid[0].upper() + paid[1:]) + ".")
    for number, figure in enumerate(article.figures):
        text = figure_text(figure)
        image = ""
        if number in pictures:
            text = "" if text == figure.alt else text
            image = f'<img src="{escape(pictures[number])}" alt="{escape(figure.alt or text)}"/>'
        caption = _after_picture(figure, escape(text))
        if caption or figure.url:
            caption = f"<figcaption>{_run_markup(TextRun('Picture', figure.url))}{caption}</figcaption>"
        if image or caption:
            yield f"<figure>{image}{caption}</figure>"
    yield from map(_part_markup, item.body_parts())
    if article.truncated:
        yield _element("p", "ends", f"The text ends here: {escape(in_words(article.truncated))}.")
    if bios := "".join(f"<p>{escape(bio.text)}</p>" for bio in article.bios if bio.text):
        yield _element("aside", "bios", bios)
    rows = (
        f"<dt>{fact.name}</dt><dd>{_run_markup(TextRun(fact.text, fact.url))}</dd>" for fact in item.facts()
    )
    yield _element("dl", "facts", "".join(rows))


def _part_markup(part: BodyPart) -> str:
    texts = ["".join(map(_run_markup, runs)) for runs in part.texts]
    if part.kind == "item":
        items = "".join(f"<li>{text}</li>" for text in texts)
        return f"<ul>{items}</ul>" if part.start is None else f'<ol start="{part.start}">{items}</ol>'
    return _BLOCK_MARKUP[part.kind].format(texts[0])


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
        yield f"<updated>{_moment(article.published or (item.captured or _UNKNOWN)[:10])}</updated>\n"
        if article.published:
            yield f"<published>{_moment(article.published)}</published>\n"
        for name in article.authors:
            yield f"<author><name>{escape(name)}</name></author>\n"
        if (address := item.own_address) is not None:
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
            "url": item.own_address,
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
