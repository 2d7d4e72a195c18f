"""Articles as feeds for news readers: Atom (RFC 4287) and JSON Feed 1.1, with whole texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from reader.export.citations import SITE
from reader.export.items import Export, ExportItem
from reader.export.provenance import badges
from reader.export.xhtml import article_markup, escape

_ID: Final = "urn:protocol-reader:"
_ATOM_HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<title>{title}</title>
<id>urn:protocol-reader:export</id>
<updated>{updated}</updated>
<author><name>{site}</name></author>
<generator>Protocol Reader</generator>
"""


def atom(export: Export) -> Iterator[str]:
    """An Atom feed, with one entry per article."""
    yield _ATOM_HEAD.format(title=escape(export.title), updated=_moment(None, export.date), site=SITE)
    for item in export.items:
        yield "\n".join(_entry(item, export.date)) + "\n"
    yield "</feed>\n"


def json_feed(export: Export) -> Iterator[str]:
    """A JSON Feed, with one object per article."""
    head = {"version": "https://jsonfeed.org/version/1.1", "title": export.title, "language": "en"}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "items": ['
    for number, item in enumerate(export.items):
        yield (",\n" if number else "\n") + json.dumps(_object(item), ensure_ascii=False)
    yield "\n]}\n"


def _entry(item: ExportItem, day: date) -> Iterator[str]:
    article = item.article
    yield "<entry>"
    yield f"<title>{escape(article.title)}</title>"
    yield f"<id>{_ID}{item.id}</id>"
    yield f"<updated>{_moment(article.published, day)}</updated>"
    if article.published:
        yield f"<published>{_moment(article.published, day)}</published>"
    for name in article.authors:
        yield f"<author><name>{escape(name)}</name></author>"
    if (address := item.own_url or item.url) is not None:
        yield f'<link rel="alternate" href="{escape(address)}"/>'
    for term in _categories(item):
        yield f'<category term="{escape(term)}"/>'
    if article.deck:
        yield f"<summary>{escape(article.deck)}</summary>"
    yield f'<content type="html">{escape(article_markup(item))}</content>'
    yield "</entry>"


def _object(item: ExportItem) -> dict[str, Any]:
    article = item.article
    fields: dict[str, Any] = {
        "id": _ID + item.id,
        "url": item.own_url or item.url,
        "title": article.title,
        "content_html": article_markup(item),
        "summary": article.deck,
        "date_published": _moment(article.published, date.min) if article.published else None,
        "authors": [{"name": name} for name in article.authors],
        "tags": list(_categories(item)),
    }
    return {name: value for name, value in fields.items() if value}


def _categories(item: ExportItem) -> Iterator[str]:
    if item.article.section:
        yield item.article.section
    yield from badges(item.article)
    yield from item.tags


def _moment(day: str | None, otherwise: date) -> str:
    return f"{day or otherwise.isoformat()}T00:00:00Z"
