"""Articles, openings and notes for programs and spreadsheets: JSON Lines, CSV, Parquet and SQLite."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from io import StringIO
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

from reader.errors import ExportError
from reader.export.items import Export, ExportItem, in_words
from reader.extras import needs_extra
from reader.permissions import LIBRARY_ID

CSV_COLUMNS: Final = (
    "id", "title", "section", "authors", "published", "words", "truncated", "sponsored", "sponsor", "deck",
    "text", "completeness", "payment", "source", "url", "captured", "captures", "tags",
)  # fmt: skip
_OPENING_COLUMNS: Final = (
    "title", "section", "authors", "published", "words", "why", "sponsor", "address", "captures", "seen_at",
    "seen_in",
)  # fmt: skip
"""`words` is how many are known, `address` the story's own page; `seen_at` lists the pages that show its opening."""
_OPENING_FACTS: Final = ("title", "headline", "section", "authors", "published", "words")
_NOTE_FIELDS: Final = (
    "id", "title", "authors", "section", "published", "truncated", "sponsored", "sponsor", "url", "source", "tags",
)  # fmt: skip
_NOTE_COLUMNS: Final = (*_NOTE_FIELDS, "quote", "before", "after", "color", "note", "made")
_TABLE_COLUMNS: Final = {
    "id": "VARCHAR", "title": "VARCHAR", "headline": "VARCHAR", "kicker": "VARCHAR", "section": "VARCHAR",
    "kind": "VARCHAR", "authors": "VARCHAR[]", "published": "DATE", "deck": "VARCHAR", "text": "VARCHAR",
    "words": "BIGINT", "truncated": "BOOLEAN", "truncated_because": "VARCHAR", "sponsored": "BOOLEAN",
    "sponsored_because": "VARCHAR", "sponsor": "VARCHAR", "source": "VARCHAR", "url": "VARCHAR",
    "captured": "VARCHAR", "captures": "BIGINT", "tags": "VARCHAR[]",
}  # fmt: skip
"""The columns, with their types in DuckDB. In SQLite lists are JSON arrays."""
_SQLITE_TYPES: Final = {"BIGINT": "INTEGER", "BOOLEAN": "INTEGER"}
_LONGEST_ROW: Final = 1 << 30
"""The most bytes of a row that DuckDB may expect."""
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Characters that make a spreadsheet read a cell as a formula; some accept the wide forms too."""


def record(item: ExportItem) -> dict[str, Any]:
    """The facts about an article by column name; each format chooses from them.

    `completeness` says whether the text is whole, `payment` who paid, each with its evidence; `captures` is a number.
    """
    article = item.article
    return {
        "id": item.id,
        "title": article.title,
        "headline": article.headline,
        "kicker": article.kicker,
        "section": article.section,
        "kind": article.kind,
        "authors": list(article.authors),
        "published": article.published,
        "deck": article.deck,
        "text": "\n\n".join(block.text for block in article.body if block.text),
        "words": article.words,
        "truncated": article.truncated is not None,
        "truncated_because": article.truncated and in_words(article.truncated),
        "sponsored": article.sponsored is not None,
        "sponsored_because": article.sponsored and in_words(article.sponsored),
        "sponsor": article.sponsor,
        "completeness": item.completeness,
        "payment": item.payment,
        "source": item.source,
        "url": item.url,
        "captured": item.captured,
        "captures": len(item.occurrences),
        "tags": list(item.tags),
    }


def json_line(value: dict[str, Any]) -> str:
    """An object on a line of its own."""
    return json.dumps(value, ensure_ascii=False) + "\n"


def csv_rows(columns: Sequence[str], records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A row of headings, then a row for each record; no cell is a formula."""
    rows = ([_cell(values[name]) for name in columns] for values in records)
    for row in chain([columns], rows):
        out = StringIO()
        csv.writer(out).writerow(row)
        yield out.getvalue()


def _cell(value: Any) -> str:
    """A value as text, with an apostrophe in front if a spreadsheet might take it for a formula."""
    if value is None or isinstance(value, bool):
        return "yes" if value else "" if value is None else "no"
    text = "; ".join(value) if isinstance(value, list) else str(value)
    is_formula = text.lstrip().startswith(_FORMULA_STARTS) or text.startswith(_FORMULA_STARTS)
    return f"'{text}" if is_formula else text


# Articles


def article_json(item: ExportItem) -> str:
    """A line with an object: the article as `parse` prints it, and its origin."""
    return json_line(
        {
            **item.article.to_json(),
            "id": item.id,
            "words": item.article.words,
            "tags": list(item.tags),
            "source": item.source,
            "url": item.url,
            "captured": item.captured,
            "partial": item.partial,
            "merged": dict(item.merged),
            "occurrences": [occurrence._asdict() for occurrence in item.occurrences],
        }
    )


def csv_table(export: Export) -> Iterator[str]:
    """One row per article; blank lines separate the paragraphs of its text."""
    return csv_rows(CSV_COLUMNS, map(record, export.items))


# Tables


def parquet(export: Export, out: BinaryIO) -> None:
    """Write a Parquet file. ExportError without the extra."""
    try:
        import duckdb  # It is an extra.
    except ImportError as error:
        raise ExportError(needs_extra("Parquet", "parquet")) from error
    with TemporaryDirectory(prefix="protocol-reader-") as folder:
        rows, target = Path(folder, "rows.jsonl"), Path(folder, "articles.parquet")
        with rows.open("w", encoding="utf-8") as file:
            for item in export.items:
                file.write(json_line(record(item)))
        columns = ", ".join(f"{name}: '{kind}'" for name, kind in _TABLE_COLUMNS.items())
        size = min(_LONGEST_ROW, max(1 << 24, rows.stat().st_size))
        try:
            with duckdb.connect(":memory:") as database:
                database.execute(
                    f"COPY (SELECT * FROM read_json($rows, format = 'newline_delimited', columns = {{{columns}}},"
                    f" maximum_object_size = {size})) TO $target (FORMAT parquet, COMPRESSION zstd)",
                    {"rows": str(rows), "target": str(target)},
                )
        except duckdb.Error as error:
            raise ExportError(
                f"the Parquet file could not be made: {str(error).partition(chr(10))[0]}"
            ) from error
        _copy(target, out)


def plain_database(export: Export, out: BinaryIO) -> None:
    """Write an SQLite file with a table `articles`."""
    with TemporaryDirectory(prefix="protocol-reader-") as folder:
        path = Path(folder, "articles.db")
        columns = ", ".join(
            f"{name} {_SQLITE_TYPES.get(kind, 'TEXT')}" for name, kind in _TABLE_COLUMNS.items()
        )
        places = ", ".join(f":{name}" for name in _TABLE_COLUMNS)
        rows = (
            {
                name: json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
                for name, value in record(item).items()
            }
            for item in export.items
        )
        try:
            with closing(sqlite3.connect(path)) as database, database:
                database.execute(f"CREATE TABLE articles (number INTEGER PRIMARY KEY, {columns})")
                database.executemany(f"INSERT INTO articles VALUES (NULL, {places})", rows)
                database.execute("CREATE INDEX articles_published ON articles (published)")
        except sqlite3.Error as error:
            raise OSError(f"{error}: check the disk, and any limit of file sizes") from error
        _copy(path, out)


def is_library(path: Path) -> bool:
    """Is this file a library of Protocol Reader?"""
    # SQLite looks: if this process has the library open, closing the file itself would release its locks.
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as database:
            return bool(database.execute("PRAGMA application_id").fetchone() == (LIBRARY_ID,))
    except sqlite3.Error:
        return False


def _copy(path: Path, out: BinaryIO) -> None:
    with path.open("rb") as file:
        shutil.copyfileobj(file, out)


# Openings


def opening_json(item: ExportItem) -> str:
    """A line with an object: what to search for, why it is cut off, and the captures that show it."""
    article, cut, known = item.article, item.article.truncated, record(item)
    return json_line(
        {
            **{name: known[name] for name in _OPENING_FACTS},
            "because": in_words(cut) if cut else "",
            "evidence": cut.text if cut else "",
            "sponsor": article.sponsor,
            "sponsored": article.sponsored is not None,
            "address": item.own_address,
            "seen": [
                {"source": seen.source, "url": seen.url, "captured": seen.captured}
                for seen in item.occurrences
            ],
        }
    )


def openings_csv(export: Export) -> Iterator[str]:
    """One row per story."""
    return csv_rows(
        _OPENING_COLUMNS,
        (
            {
                **record(item),
                "why": in_words(item.article.truncated) if item.article.truncated else "",
                "sponsor": item.article.sponsor or ("unknown" if item.article.sponsored else ""),
                "address": item.own_address,
                "seen_at": " ".join(dict.fromkeys(seen.url for seen in item.occurrences if seen.url)),
                "seen_in": "; ".join(dict.fromkeys(seen.source for seen in item.occurrences)),
            }
            for item in export.items
        ),
    )


# Notes


def notes_json(item: ExportItem) -> str:
    """A line with an object: an article with its tags, highlights and notes."""
    known = record(item)
    return json_line(
        {
            **{name: known[name] for name in _NOTE_FIELDS},
            "note": "\n\n".join(note.note for note in item.notes if not note.quote) or None,
            "highlights": [note._asdict() for note in item.notes if note.quote],
        }
    )


def notes_csv(export: Export) -> Iterator[str]:
    """One row per highlight or note; a row without both for an article that has only tags."""
    nothing = dict.fromkeys(_NOTE_COLUMNS)
    return csv_rows(
        _NOTE_COLUMNS,
        (
            {**nothing, **record(item), **note}
            for item in export.items
            for note in (
                [{**note._asdict(), "color": note.color if note.quote else ""} for note in item.notes] or [{}]
            )
        ),
    )
