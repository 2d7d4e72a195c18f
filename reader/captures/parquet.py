"""Parquet: one page a row, read in batches with the help of DuckDB (extra `parquet`)."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from reader.captures import shard
from reader.captures.items import Items
from reader.captures.raw_page import RawPage
from reader.captures.rows import COLUMNS, HTML_COLUMNS, NO_TEXT, TEXT_COLUMNS, read_row, row_of
from reader.captures.source import CutShortError, Source
from reader.captures.spool import seekable
from reader.captures.tally import Tally, passed_over
from reader.model import Capture, Problem
from reader.safe_text import clean

_BATCH: Final = 64
"""Rows at once."""
_SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "512MB",
    "threads": "1",
    "preserve_insertion_order": "true",
}
_LONGEST_REASON: Final = 200


def read(source: Source) -> Items:
    """The captures in the rows, in order; its problems last, each kind once."""
    try:
        import duckdb
    except ImportError:
        reason = "Parquet needs the extra `parquet`: pip install 'protocol-reader[parquet]'"
        yield Problem(source.label, "needs an extra", reason)
        return
    pages = 0
    try:
        with seekable(source) as descriptor, duckdb.connect(":memory:", config=_SETTINGS) as database:
            # By its number, since a path may hold what stands for other files.
            path = f"/dev/fd/{descriptor}"
            for item in _read_rows(source, database, path):
                pages += isinstance(item, Capture | RawPage)
                yield item
    except CutShortError as error:
        yield Problem(source.label, error.kind, error.reason, partial=pages > 0)
    except duckdb.Error as error:
        reason = clean(str(error).partition("\n")[0])[:_LONGEST_REASON]
        yield Problem(
            source.label,
            "damaged",
            f"its Parquet data cannot be read ({reason}); get it anew",
            partial=pages > 0,
        )
    if source.cut:
        yield source.cut._replace(partial=pages > 0)


def _read_rows(source: Source, database: Any, path: str) -> Items:
    described = database.execute("describe select * from read_parquet(?)", [path]).fetchall()
    found_names = {row[0] for row in described}
    if shard.MARK in found_names:
        yield from _read_shard(source, database, path)
        return
    names = [name for name in COLUMNS if name in found_names]
    if not any(name in TEXT_COLUMNS + HTML_COLUMNS for name in names):
        yield Problem(source.label, "no page", f"every row is {NO_TEXT}; convert it first")
        return
    tally = Tally(source.label, "row")
    empty: Counter[str] = Counter()
    columns = ", ".join(f'"{name}"' for name in names)
    found = database.execute(f"select {columns} from read_parquet(?)", [path])
    number = 0
    while rows := found.fetchmany(_BATCH):
        for values in rows:
            number += 1
            if row := row_of(dict(zip(names, values, strict=True))):
                yield from tally.collect(read_row(row, source, number), number)
            else:
                empty[NO_TEXT] += 1
    if not number:
        yield Problem(source.label, "no page", "there is no row in it")
    yield tally
    yield from passed_over(source.label, "row", empty)


def _read_shard(source: Source, database: Any, path: str) -> Items:
    tally = Tally(source.label, "row")
    found = database.execute("select * from read_parquet(?)", [path])
    names = [column[0] for column in found.description]
    number = 0
    while rows := found.fetchmany(_BATCH):
        for values in rows:
            number += 1
            yield from shard.read_columns(dict(zip(names, values, strict=True)), source, tally, number)
    yield from tally.problems()
