"""Parquet, SQLite, CSV with texts, and feeds, as the programs that read them see them."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from reader.export.items import ExportItem
from tests.export.stage import FORMS, ITEMS, STORY, an_export, an_item, exported

TEXT = "\n\n".join(block.text for block in STORY.body)
ATOM = "{http://www.w3.org/2005/Atom}"


def saved(name: str, folder: Path, *items: ExportItem) -> Path:
    out = BytesIO()
    form = FORMS[name]
    form.write(an_export(items), out)
    path = folder / f"articles{form.suffix}"
    path.write_bytes(out.getvalue())
    return path


def test_parquet_has_types(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="needs the extra “parquet”")
    path = saved("parquet", tmp_path, *ITEMS, an_item()._replace(tags=("roofs", "to do")))
    query = "SELECT title, authors, published, truncated, sponsor, text, tags FROM read_parquet(?)"
    rows: list[tuple[Any, ...]] = duckdb.execute(query, [str(path)]).fetchall()
    story = next(row for row in rows if row[0] == STORY.title)
    assert story[:5] == (STORY.title, ["Anders Whitlock", "Oksana van Vu"], date(2021, 3, 4), True, None)
    assert story[5] == TEXT
    assert ("Payments are faster", "Nimbuspay") in [(row[0], row[4]) for row in rows]
    assert rows[-1][6] == ["roofs", "to do"]


def test_parquet_without_articles_still_has_columns(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="needs the extra “parquet”")
    path = saved("parquet", tmp_path)
    assert duckdb.execute("SELECT count(title) FROM read_parquet(?)", [str(path)]).fetchall() == [(0,)]


def test_sqlite_is_a_plain_table(tmp_path: Path) -> None:
    path = saved("sqlite", tmp_path, *ITEMS)
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT title, authors, published, truncated, typeof(words), text, captures FROM articles"
        ).fetchall()
    story = next(row for row in rows if row[0] == STORY.title)
    assert json.loads(story[1]) == ["Anders Whitlock", "Oksana van Vu"]
    assert story[2:5] == ("2021-03-04", 1, "integer")
    assert story[5] == TEXT
    assert len(rows) == 3


def test_csv_has_the_text() -> None:
    (row,) = csv.DictReader(StringIO(exported(FORMS["csv"], an_item()), newline=""))
    assert row["text"] == TEXT
    assert row["completeness"].startswith("truncated: ")
    assert row["deck"] == "It was never about lettuce."


def test_atom_has_whole_texts_and_who_wrote_them() -> None:
    feed = ElementTree.fromstring(exported(FORMS["atom"], *ITEMS))
    entries = feed.findall(f"{ATOM}entry")
    (entry,) = [entry for entry in entries if entry.findtext(f"{ATOM}title") == STORY.title]
    assert [name.text for name in entry.iter(f"{ATOM}name")] == ["Anders Whitlock", "Oksana van Vu"]
    assert entry.findtext(f"{ATOM}published") == "2021-03-04T00:00:00Z"
    assert "TRUNCATED" in [term.get("term") for term in entry.findall(f"{ATOM}category")]
    content = ElementTree.fromstring(entry.findtext(f"{ATOM}content") or "")
    assert STORY.body[0].text in [paragraph.text for paragraph in content.iter("p")]
    assert feed.findtext(f"{ATOM}updated") == "2026-03-01T00:00:00Z"
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 3


def test_json_feed_is_one_object() -> None:
    feed = json.loads(exported(FORMS["json-feed"], *ITEMS))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    story = next(item for item in feed["items"] if item["title"] == STORY.title)
    assert story["authors"] == [{"name": "Anders Whitlock"}, {"name": "Oksana van Vu"}]
    assert story["date_published"] == "2021-03-04T00:00:00Z"
    assert json.loads(exported(FORMS["json-feed"]))["items"] == []


def test_a_web_page_of_several_articles_has_contents_with_badges() -> None:
    page = ElementTree.fromstring(exported(FORMS["html"], *ITEMS).partition("\n")[2])
    namespace = "{http://www.w3.org/1999/xhtml}"
    (contents,) = page.iter(f"{namespace}nav")
    targets = [(link.get("href") or "").removeprefix("#") for link in contents.iter(f"{namespace}a")]
    assert sorted(targets) == sorted(article.get("id") or "" for article in page.iter(f"{namespace}article"))
    assert {"TRUNCATED", "SPONSORED · Nimbuspay"} <= {
        mark.text for mark in contents.iter(f"{namespace}small")
    }
    assert "<nav>" not in exported(FORMS["html"], ITEMS[0])


def test_a_single_article_in_markdown_has_front_matter() -> None:
    item = an_item()._replace(tags=("roofs",))
    head = exported(FORMS["markdown"], item).removeprefix("---\n").partition("\n---\n")[0]
    fields = {
        name: json.loads(value) for name, _, value in (line.partition(": ") for line in head.splitlines())
    }
    assert (fields["title"], fields["truncated"], fields["tags"]) == (STORY.title, True, ["roofs"])
    assert not exported(FORMS["markdown"], *ITEMS).startswith("---")
