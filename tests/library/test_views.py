"""The views of a library file, as other programs read them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import reader.manual
from reader.library import Library
from reader.library.state.anchors import Quote
from tests.app.features.corrections_stage import (
    BANK_TITLE,
    FERRY_TITLE,
    HARBOR,
    HARBOR_TITLE,
    a_library,
    key_of,
)

PAID = """\
Sponsored Content

A ledger that keeps itself

Lending in a small town is a long conversation, and a good ledger keeps it short.

Tarnwick Ledgers
Tarnwick Ledgers makes ledgers and software for small banks.
"""
Query = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Three articles, one of them in two captures; a highlight, a note, a star and tags."""
    tmp_path = tmp_path_factory.mktemp("library")
    with a_library(tmp_path) as library:
        whole = HARBOR[: HARBOR.index("Keep ReadingShow less")] + "\nThe council votes in June.\n"
        for name, text in (("longer.txt", whole), ("paid.txt", PAID)):
            (tmp_path / name).write_text(text)
            library.ingest([str(tmp_path / name)])
        harbor, bank = key_of(library, HARBOR_TITLE), key_of(library, BANK_TITLE)
        library.annotations.highlight(harbor, Quote("a blue spine", "a ledger with ", "."), "green")
        library.annotations.write_note(bank, "Ask the bank")
        library.annotations.set_tags(bank, ["banks", "To do"])
        library.state.set_starred(bank, True)
        yield library


def in_sqlite(library: Library) -> Query:
    def query(statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{library.path}?mode=ro", uri=True)) as connection:
            return connection.execute(statement).fetchall()

    return query


def in_duckdb(library: Library) -> Query:
    duckdb = pytest.importorskip("duckdb", reason="needs the extra “parquet”")
    connection = duckdb.connect()
    try:
        connection.execute("LOAD sqlite")
    except duckdb.Error:
        pytest.skip("DuckDB's extension for SQLite is not installed")
    connection.execute(f"ATTACH '{library.path}' AS kept (TYPE sqlite, READ_ONLY)")
    connection.execute("USE kept")
    return lambda statement: connection.execute(statement).fetchall()


@pytest.fixture(scope="module", params=[in_sqlite, in_duckdb])
def query(request: pytest.FixtureRequest, library: Library) -> Query:
    made: Query = request.param(library)
    return made


def test_articles_are_stories_with_their_marks_and_sponsors_are_counted(query: Query) -> None:
    rows = query(
        "SELECT title, section, authors, truncated, sponsored, versions, read, starred, tags"
        " FROM v_articles WHERE sponsored = 0 ORDER BY title"
    )
    assert query("SELECT * FROM v_sponsors") == [("Tarnwick Ledgers", 1, None, None)]
    assert rows == [
        (FERRY_TITLE, "Policy", None, 0, 0, 1, 0, 0, None),
        (HARBOR_TITLE, "Enterprise", "Ines Albrecht", 0, 0, 2, 0, 0, None),
        (BANK_TITLE, "Fintech", "Tomas Reuel", 1, 0, 1, 0, 1, "To do; banks"),
    ]


def test_versions_and_merged_facts_name_their_capture(query: Query) -> None:
    rows = query(
        "SELECT v.listed, v.truncated, c.source, v.joined_because IS NULL, v.authors FROM v_versions v"
        f" JOIN v_captures c ON c.capture = v.capture WHERE v.title = '{HARBOR_TITLE}' ORDER BY v.key"
    )
    assert [(listed, cut, Path(source).name, *rest) for listed, cut, source, *rest in rows] == [
        (0, 1, "harbor.txt", 1, "Ines Albrecht"),
        (1, 0, "longer.txt", 0, None),
    ]
    rows = query(
        "SELECT a.title, a.authors, m.value, c.source FROM v_merged m JOIN v_articles a USING (key)"
        " JOIN v_captures c ON c.capture = m.capture WHERE m.field = 'authors'"
    )
    assert [(*values, Path(source).name) for *values, source in rows] == [
        (HARBOR_TITLE, "Ines Albrecht", '["Ines Albrecht"]', "harbor.txt")
    ]
    rows = query(
        "SELECT source, encoding, whole, missing, articles, length(text_sha256) FROM v_captures ORDER BY 1"
    )
    names = {"ferry.txt": 1, "harbor.txt": 2, "longer.txt": 1, "paid.txt": 1}
    assert [(Path(source).name, *rest) for source, *rest in rows] == [
        (name, "utf-8", 1, None, articles, 64) for name, articles in names.items()
    ]


def test_highlights_notes_and_texts_have_their_story(query: Query) -> None:
    rows = query(
        "SELECT h.quote, h.before, h.color, h.note, a.title FROM v_highlights h JOIN v_articles a"
        " ON a.story = h.story ORDER BY h.number"
    )
    assert rows == [
        ("a blue spine", "a ledger with ", "green", None, HARBOR_TITLE),
        (None, None, None, "Ask the bank", BANK_TITLE),
    ]
    rows = query(
        "SELECT kind, kicker, headline, deck, text FROM v_texts JOIN v_articles USING (key) WHERE section = 'Fintech'"
    )
    kicker, headline, deck, _, _, first, second = HARBOR[HARBOR.index("Fintech") :].split("\n\n")[:7]
    assert rows == [("story", kicker, headline, deck, f"{first}\n\n{second}")]


def test_the_manual_lists_the_views_with_their_columns(library: Library) -> None:
    manual = (Path(reader.manual.__file__).parent / "data.md").read_text(encoding="utf-8")
    documented = {
        name: re.findall(r"`(\w+)`", columns)
        for name, columns in re.findall(r"^\| `(v_\w+)` \|[^|]*\|(.*)\|$", manual, flags=re.MULTILINE)
    }
    query = in_sqlite(library)
    views = [name for (name,) in query("SELECT name FROM sqlite_master WHERE type = 'view'")]
    assert documented == {
        name: [column for (column,) in query(f"SELECT name FROM pragma_table_info('{name}')")]
        for name in views
    }
