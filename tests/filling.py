"""Puts pages into a library without reading files, and looks at its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from reader.library import Library
from reader.library.database.schema import FACETS, INDEX, KEY_BITS, PARTS
from reader.library.ingest import writing
from reader.library.ingest.files import note_problems
from reader.library.ingest.reading import prepare
from reader.library.search.indexing import texts
from reader.model import Capture, Page, Problem


def add_pages(
    library: Library, pages: Iterable[tuple[Capture, Page]], problems: Iterable[Problem] = ()
) -> None:
    """Add captures with their pages, and problems, in one transaction, as `ingest` does with a batch."""
    with library._database.writing():
        prepared = {page.digest: page for page in [prepare(*page) for page in pages]}
        writing.add_pages(library._database, prepared.values())
        note_problems(library._database, problems)


def marked(library: Library) -> tuple[int, int]:
    """How many stories are read, and how many are starred."""
    totals = library.totals()
    return totals.read, totals.starred


def indexes_its_articles(library: Library) -> bool:
    """Does the search index have exactly the words of the listed articles? A second index tells."""
    listing = library.listing()
    with closing(sqlite3.connect(library.path)) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE temp.anew USING {INDEX}")
        connection.execute("CREATE VIRTUAL TABLE temp.anew_words USING fts5vocab(temp, anew, instance)")
        for row in listing.rows(0, len(listing)):
            day, *parts = texts(library.article(row.key).article)
            columns = f"rowid, {', '.join(PARTS)}, {FACETS}"
            values = (int(day) << KEY_BITS | row.key, *parts)
            connection.execute(f"INSERT INTO temp.anew ({columns}) VALUES (?{', ?' * len(parts)})", values)
        indexed, expected = (
            sorted(connection.execute(f"SELECT term, doc, col, offset FROM {table}"))
            for table in ("search_words", "temp.anew_words")
        )
    return indexed == expected


def content(library: Library, *without: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a library by table, but for tables whose names begin like one of `without`."""
    names = [name for (name,) in sql(library, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {
        name: sorted(sql(library, f"SELECT * FROM {name}"), key=repr)
        for name in names
        if not name.startswith(("sqlite_", "search", *without))
    }


def sql(library: Library | Path, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a statement on the file of a library, behind its back; the rows it returns."""
    path = library if isinstance(library, Path) else library.path
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement, values).fetchall()
