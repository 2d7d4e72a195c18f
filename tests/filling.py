"""Puts pages into a library without reading files, and looks at its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any

from reader.library import Library
from reader.library.ingest.preparing import prepare
from reader.library.ingest.writing import Summary, add_prepared
from reader.model import Capture, Page, Problem


def add_pages(
    library: Library, pages: Iterable[tuple[Capture, Page]], problems: Iterable[Problem] = ()
) -> Summary:
    """Add captures with their pages, and problems, in one transaction, as `ingest` does with a batch."""
    return add_prepared(library._database, [prepare(*page) for page in pages], problems)


def marked(library: Library) -> tuple[int, int]:
    """How many stories are read, and how many are starred."""
    totals = library.totals()
    return totals.read, totals.starred


def sql(library: Library, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a statement on the library's file, behind its back; the rows it returns."""
    with closing(sqlite3.connect(library.path)) as connection, connection:
        return connection.execute(statement, values).fetchall()
