"""Articles as tables for other programs: Parquet and SQLite, with one row per article."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

from reader.errors import ExportError
from reader.export.items import Export, ExportItem, text_of
from reader.export.provenance import in_words
from reader.extras import needs_extra

_COLUMNS: Final = {
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


def row_of(item: ExportItem) -> dict[str, Any]:
    """Return an article as a row: the values of `_COLUMNS`, in order."""
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
        "text": text_of(item),
        "words": article.words,
        "truncated": article.truncated is not None,
        "truncated_because": article.truncated and in_words(article.truncated),
        "sponsored": article.sponsored is not None,
        "sponsored_because": article.sponsored and in_words(article.sponsored),
        "sponsor": article.sponsor,
        "source": item.source,
        "url": item.url,
        "captured": item.captured,
        "captures": len(item.occurrences),
        "tags": list(item.tags),
    }


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
                file.write(json.dumps(row_of(item), ensure_ascii=False) + "\n")
        columns = ", ".join(f"{name}: '{kind}'" for name, kind in _COLUMNS.items())
        try:
            with duckdb.connect(":memory:") as database:
                database.execute(
                    f"COPY (SELECT * FROM read_json({_quoted(rows)}, format = 'newline_delimited', columns ="
                    f" {{{columns}}}, maximum_object_size = {min(_LONGEST_ROW, max(1 << 24, rows.stat().st_size))}))"
                    f" TO {_quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
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
        columns = ", ".join(f"{name} {_SQLITE_TYPES.get(kind, 'TEXT')}" for name, kind in _COLUMNS.items())
        places = ", ".join("?" * len(_COLUMNS))
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(f"CREATE TABLE articles (number INTEGER PRIMARY KEY, {columns})")
            database.executemany(f"INSERT INTO articles VALUES (NULL, {places})", _sqlite_rows(export))
            database.execute("CREATE INDEX articles_published ON articles (published)")
        _copy(path, out)


def _sqlite_rows(export: Export) -> Iterator[list[Any]]:
    for item in export.items:
        yield [
            json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
            for value in row_of(item).values()
        ]


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _copy(path: Path, out: BinaryIO) -> None:
    with path.open("rb") as file:
        shutil.copyfileobj(file, out)
