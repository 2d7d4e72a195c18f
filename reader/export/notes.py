"""A reader's highlights, notes and tags: Markdown with YAML front matter, JSON Lines and CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from reader.export.data import csv_row
from reader.export.items import Export, ExportItem, Note
from reader.export.text import escape_markdown, front_matter

_CSV_COLUMNS: Final = (
    "id", "title", "authors", "section", "published", "url", "source", "tags", "quote", "before", "after", "color",
    "note", "made",
)  # fmt: skip


def notes_markdown(export: Export) -> Iterator[str]:
    """A single article with the facts about it as YAML front matter, or several below one another, each with its own.

    Obsidian, Logseq and Zotero read the front matter of files with one article: save them in a folder.
    """
    for number, item in enumerate(export.items):
        yield ("\n" if number else "") + front_matter(item)
        yield "\n\n".join(_markdown_blocks(item)) + "\n"


def notes_json(export: Export) -> Iterator[str]:
    """One object, on one line, per article."""
    for item in export.items:
        article = item.article
        fields: dict[str, Any] = {
            "id": item.id,
            "title": article.title,
            "authors": list(article.authors),
            "section": article.section,
            "published": article.published,
            "url": item.url,
            "source": item.source,
            "tags": list(item.tags),
            "note": "\n\n".join(note.text for note in item.notes if not note.quote) or None,
            "highlights": [note._asdict() for note in item.notes if note.quote],
        }
        yield json.dumps(fields, ensure_ascii=False) + "\n"


def notes_csv(export: Export) -> Iterator[str]:
    """A row of headings, then a row a highlight or note; a row without both for an article that has only tags."""
    yield csv_row(_CSV_COLUMNS)
    for item in export.items:
        article = item.article
        about = (
            item.id,
            article.title,
            "; ".join(article.authors),
            article.section or "",
            article.published or "",
            item.url or "",
            item.source,
            "; ".join(item.tags),
        )
        for note in item.notes or (Note("", "", "", "", "", ""),):
            yield csv_row(
                (
                    *about,
                    note.quote,
                    note.before,
                    note.after,
                    note.color if note.quote else "",
                    note.text,
                    note.made,
                )
            )


def _markdown_blocks(item: ExportItem) -> Iterator[str]:
    yield f"# {escape_markdown(item.article.title)}"
    for note in item.notes:
        if not note.quote:
            yield _lines(note.text)
    for note in item.notes:
        if note.quote:
            before = f"…{escape_markdown(note.before)}" if note.before else ""
            after = f"{escape_markdown(note.after)}…" if note.after else ""
            first, *others = note.quote.split("\n")
            marked = [f"=={escape_markdown(text.replace('==', '= ='))}==" for text in (first, *others)]
            quoted = "\n>\n".join(f"> {text}" for text in marked)
            yield f"> {before}{quoted.removeprefix('> ')}{after}"
            yield f"*{note.color}, {note.made[:10]}*"
            if note.text:
                yield _lines(note.text)


def _lines(text: str) -> str:
    """A note as Markdown that keeps its line breaks."""
    return "\\\n".join(escape_markdown(line) for line in text.split("\n")).replace("\\\n\\\n", "\n\n")
