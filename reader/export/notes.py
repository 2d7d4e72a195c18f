"""A reader's highlights, notes and tags: Markdown with YAML front matter, JSON Lines and CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reader.export.data import csv_rows, json_line, record
from reader.export.items import Export, ExportItem
from reader.export.text import escape_markdown, front_matter

_JSON_FIELDS: Final = ("id", "title", "authors", "section", "published", "url", "source", "tags")
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
        known = record(item)
        yield json_line(
            {
                **{name: known[name] for name in _JSON_FIELDS},
                "note": "\n\n".join(note.text for note in item.notes if not note.quote) or None,
                "highlights": [note._asdict() for note in item.notes if note.quote],
            }
        )


def notes_csv(export: Export) -> Iterator[str]:
    """One row per highlight or note; a row without both for an article that has only tags."""
    nothing = dict.fromkeys(_CSV_COLUMNS)
    return csv_rows(
        _CSV_COLUMNS,
        (
            {**nothing, **record(item), **note}
            for item in export.items
            for note in (
                [
                    {**note._asdict(), "note": note.text, "color": note.color if note.quote else ""}
                    for note in item.notes
                ]
                or [{}]
            )
        ),
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
            lines = note.quote.replace("==", "= =").split("\n")
            quoted = "==\n>\n> ==".join(map(escape_markdown, lines))
            yield f"> {before}=={quoted}=={after}"
            yield f"*{note.color}, {note.made[:10]}*"
            if note.text:
                yield _lines(note.text)


def _lines(text: str) -> str:
    """A note as Markdown that keeps its line breaks."""
    return "\\\n".join(escape_markdown(line) for line in text.split("\n")).replace("\\\n\\\n", "\n\n")
