"""Articles as tables for other programs: Parquet and SQLite, with one row per article."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from reader.errors import ExportError
from reader.export.data import json_line, record
from reader.export.items import Export
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
                file.write(
                    json_line({name: value for name, value in record(item).items() if name in _COLUMNS})
                )
        columns = ", ".join(f"{name}: '{kind}'" for name, kind in _COLUMNS.items())
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
        columns = ", ".join(f"{name} {_SQLITE_TYPES.get(kind, 'TEXT')}" for name, kind in _COLUMNS.items())
        places = ", ".join(f":{name}" for name in _COLUMNS)
        rows = (
            {
                name: json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
                for name, value in record(item).items()
            }
            for item in export.items
        )
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(f"CREATE TABLE articles (number INTEGER PRIMARY KEY, {columns})")
            database.executemany(f"INSERT INTO articles VALUES (NULL, {places})", rows)
            database.execute("CREATE INDEX articles_published ON articles (published)")
        _copy(path, out)


def _copy(path: Path, out: BinaryIO) -> None:
    with path.open("rb") as file:
        shutil.copyfileobj(file, out)
