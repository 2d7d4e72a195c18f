"""Reads Parquet with one page per row, in batches, with DuckDB (extra `parquet`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from reader.captures.jsonl import COLUMNS, NAME_COLUMNS, read_row, without_text
from reader.captures.results import Items, ReadPage, Tally
from reader.captures.shard import MARK, read_columns
from reader.captures.source import CutShortError, Source, seekable
from reader.extras import needs_extra
from reader.model import Capture, Problem
from reader.sanitize import sanitize

_BATCH: Final = 64
DUCKDB: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
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
    settings = DUCKDB | {"memory_limit": "512MB"}
    try:
        with seekable(source) as descriptor, duckdb.connect(":memory:", config=settings) as database:
            # Pass the descriptor's path, because DuckDB treats some characters in paths as wildcards.
            for item in _read_rows(source, database, f"/dev/fd/{descriptor}", read_page):
                pages += isinstance(item, Capture)
                yield item
    except duckdb.Error as error:
        source.stop("damaged", _damage(error))
    if source.cut:
        yield source.cut._replace(partial=pages > 0)


def _damage(error: Exception) -> str:
    reason = sanitize(str(error).partition("\n")[0])[:_LONGEST_REASON]
    return f"its Parquet data cannot be read ({reason}); get a new copy"


def _read_rows(source: Source, database: Any, path: str, read_page: ReadPage) -> Items:
    described = database.execute("describe select * from read_parquet(?)", [path]).fetchall()
    names: list[str] = [row[0] for row in described]
    if MARK in names:
        yield from read_columns(source.parts(_fetched(database, "select *", path)), source)
        return
    # Columns with a default name, and columns that the user has named or that contain such a one.
    wanted = [f"{column.lower()}." for column in source.columns]
    names = [
        name
        for name in names
        if name.lower() in COLUMNS or any(column.startswith(f"{name.lower()}.") for column in wanted)
    ]
    if not names:
        reason = f"every row is {without_text(source.columns)}; {NAME_COLUMNS}"
        yield Problem(source.label, "no page", reason)
        return
    tally = Tally(source.label, "row")
    number = 0

    def read(values: dict[str, Any]) -> Items:
        if not (yield from read_row(values, source, number, read_page)):
            tally.skip(without_text(source.columns))

    columns = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    for number, values in enumerate(source.parts(_fetched(database, f"select {columns}", path)), 1):
        yield from tally.collect(read(values), number)
    if not number and not source.cut:
        yield Problem(source.label, "no page", "it has no rows")
    yield from tally.problems()


def _fetched(database: Any, selected: str, path: str) -> Iterator[dict[str, Any]]:
    import duckdb  # It is an extra.

    try:
        cursor = database.execute(f"{selected} from read_parquet(?)", [path])
        names = [column[0] for column in cursor.description]
        while rows := cursor.fetchmany(_BATCH):
            for values in rows:
                yield dict(zip(names, values, strict=True))
    except duckdb.Error as error:
        raise CutShortError("damaged", _damage(error)) from error
