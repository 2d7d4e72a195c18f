"""Reads Parquet with one page per row, in batches, with DuckDB (extra `parquet`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from reader.captures.results import Items, ReadPage, Tally, catch_failures, skipped_parts
from reader.captures.rows import COLUMNS, NAME_COLUMNS, read_row, row_of, without_text
from reader.captures.selection import Columns
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
    return CutShortError("damaged", f"its Parquet data cannot be read ({reason}); get a new copy")


def _read_rows(source: Source, database: Any, path: str, read_page: ReadPage) -> Items:
    described = database.execute("describe select * from read_parquet(?)", [path]).fetchall()
    found_names: list[str] = [row[0] for row in described]
    if MARK in found_names:
        yield from read_columns(_rows(source, database, "select *", path), source)
        return
    names = [name for name in found_names if _is_wanted(name.lower(), source.columns)]
    if not names:
        reason = f"every row is {without_text(source.columns)}; {NAME_COLUMNS}"
        yield Problem(source.label, "no page", reason)
        return
    tally = Tally(source.label, "row")
    empty: Counter[str] = Counter()
    columns = ", ".join(_quoted(name) for name in names)
    number = 0
    for number, values in enumerate(_rows(source, database, f"select {columns}", path), 1):
        items = catch_failures(_read_one(values, source, number, empty, read_page), source.label)
        yield from tally.collect(items, number)
    if not number and not source.cut:
        yield Problem(source.label, "no page", "it has no rows")
    yield from tally.problems()
    yield from skipped_parts(source.label, "row", empty)


def _is_wanted(name: str, named: Columns) -> bool:
    """Return whether a column has one of the default names, or is or contains a named column."""
    return name in COLUMNS or any(f"{wanted.lower()}.".startswith(f"{name}.") for wanted in named)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _read_one(
    values: dict[str, Any], source: Source, number: int, empty: Counter[str], read_page: ReadPage
) -> Items:
    if row := row_of(values, source.columns):
        yield from read_row(row, source, number, read_page)
    else:
        empty[without_text(source.columns)] += 1


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
