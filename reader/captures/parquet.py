"""Reads Parquet with one page per row, in batches, with DuckDB (extra `parquet`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from reader.captures.results import Items, ReadPage, Tally, catch_failures, skipped_parts
from reader.captures.rows import COLUMNS, HTML_COLUMNS, NO_TEXT, TEXT_COLUMNS, read_row, row_of
from reader.captures.shard import MARK, read_columns
from reader.captures.source import CutShortError, Source, seekable
from reader.extras import needs_extra
from reader.model import Capture, Problem
from reader.sanitize import sanitize

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


def read_parquet(source: Source, read_page: ReadPage) -> Items:
    """Read the captures in the rows, in order, then the problems, one of each kind."""
    try:
        import duckdb  # It is an extra.
    except ImportError:
        yield Problem(source.label, "needs an extra", needs_extra("Parquet", "parquet"))
        return
    pages = 0
    try:
        with seekable(source) as descriptor, duckdb.connect(":memory:", config=_SETTINGS) as database:
            # Pass the descriptor's path, because DuckDB treats some characters in paths as wildcards.
            path = f"/dev/fd/{descriptor}"
            for item in _read_rows(source, database, path, read_page):
                pages += isinstance(item, Capture)
                yield item
    except CutShortError as error:
        source.stop(error.kind, error.reason)
    except duckdb.Error as error:
        cut = _damaged(error)
        source.stop(cut.kind, cut.reason)
    if source.cut:
        yield source.cut._replace(partial=pages > 0)


def _damaged(error: Exception) -> CutShortError:
    reason = sanitize(str(error).partition("\n")[0])[:_LONGEST_REASON]
    return CutShortError("damaged", f"its Parquet data cannot be read ({reason}); get it again")


def _read_rows(source: Source, database: Any, path: str, read_page: ReadPage) -> Items:
    described = database.execute("describe select * from read_parquet(?)", [path]).fetchall()
    found_names = {row[0] for row in described}
    if MARK in found_names:
        yield from read_columns(_rows(source, database, "select *", path), source)
        return
    names = [name for name in COLUMNS if name in found_names]
    if not any(name in TEXT_COLUMNS + HTML_COLUMNS for name in names):
        yield Problem(source.label, "no page", f"every row is {NO_TEXT}; convert it first")
        return
    tally = Tally(source.label, "row")
    empty: Counter[str] = Counter()
    columns = ", ".join(f'"{name}"' for name in names)
    number = 0
    for number, values in enumerate(_rows(source, database, f"select {columns}", path), 1):
        items = catch_failures(_read_one(values, source, number, empty, read_page), source.label)
        yield from tally.collect(items, number)
    if not number and not source.cut:
        yield Problem(source.label, "no page", "there is no row in it")
    yield from tally.problems()
    yield from skipped_parts(source.label, "row", empty)


def _read_one(
    values: dict[str, Any], source: Source, number: int, empty: Counter[str], read_page: ReadPage
) -> Items:
    if row := row_of(values):
        yield from read_row(row, source, number, read_page)
    else:
        empty[NO_TEXT] += 1


def _rows(source: Source, database: Any, selected: str, path: str) -> Iterator[dict[str, Any]]:
    """Yield the rows as mappings by column name. An error cuts off the rest."""
    return source.parts(_fetched(database, f"{selected} from read_parquet(?)", path))


def _fetched(database: Any, query: str, path: str) -> Iterator[dict[str, Any]]:
    import duckdb  # It is an extra.

    try:
        cursor = database.execute(query, [path])
        names = [column[0] for column in cursor.description]
        while rows := cursor.fetchmany(_BATCH):
            for values in rows:
                yield dict(zip(names, values, strict=True))
    except duckdb.Error as error:
        raise _damaged(error) from error
