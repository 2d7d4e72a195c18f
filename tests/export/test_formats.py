"""Each format: what it says, and that no word of an article can become its markup."""

from __future__ import annotations

import csv
import json
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reader import parse
from reader.export.data import CSV_COLUMNS
from reader.export.documents import escape_markdown, page_text
from reader.export.formats import FORMATS, OPENING_FORMATS, Format
from reader.export.items import ExportItem, Occurrence, make_item
from reader.model import Article, Block, Figure, Link, Reason
from reader.sanitize import sanitize
from tests.captures.archives import found_at
from tests.export.stage import (
    ADDRESS,
    FORMS,
    ITEMS,
    ODD_ADDRESSES,
    OWN,
    PICTURE,
    SEEN,
    STORY,
    addressed,
    an_export,
    an_item,
    exported,
    harmless,
    linked,
    tricky_articles,
    words,
)
from tests.generated import an_article

XHTML = "{http://www.w3.org/1999/xhtml}"
TEXT = "\n\n".join(block.text for block in STORY.body)
ATOM = "{http://www.w3.org/2005/Atom}"
ARCHIVED = f"https://web.archive.org/web/20220506070809/{ADDRESS}"
TEXT_FORMATS = [form for form in FORMATS if form.is_text]
every_text_format = pytest.mark.parametrize("form", TEXT_FORMATS, ids=lambda form: form.name)


# Every format


MERGED = (("authors", "b.txt"), ("deck", "c.txt"), ("published", "b.txt"))
SAID = [
    (an_item(), "", ("a.txt", "2022-05-06", "Keep ReadingShow less", "https://protocol.example/a-roof?a=1")),
    (an_item(), "json", ("the text ends at a “keep reading” marker",)),
    (ITEMS[1], "", ("Nimbuspay", "Sponsored Content")),
    (ITEMS[1], "json", ("the page labels it as paid for",)),
    (an_item(STORY._replace(truncated=None), occurrences=SEEN), "json",
        ("whole, from this capture; another capture is truncated",)),
    (an_item(merged=MERGED), "csv json", ("From another capture", "byline, date (b.txt)", "deck (c.txt)")),
    (an_item(partial="longer than 32 MB"), "csv", ("longer than 32 MB",)),
    (an_item(an_article(truncated=Reason("a later version's", 3, ""))), "", ("a later version",)),
]  # fmt: skip
"""Articles, the formats that say it in another way, and what all others say."""


@every_text_format
def test_each_says_where_the_text_is_from_and_what_is_known_of_it(form: Format) -> None:
    for item, others, said in SAID:
        text = " ".join(exported(form, item).replace("\\", "").split())
        assert form.name in others.split() or [part for part in said if part not in text] == []
    if form.name == "json":
        assert '"because": "marker"' in exported(form, an_item())
        assert '"because": "label"' in exported(form, ITEMS[1])
    empty = exported(form)
    assert empty == "" or empty.endswith("\n")


@pytest.mark.parametrize("form", [*TEXT_FORMATS, *OPENING_FORMATS], ids=lambda form: form.name)
@pytest.mark.parametrize("url", ODD_ADDRESSES)
def test_each_writes_an_address_as_a_uri_or_not_at_all(form: Format, url: str) -> None:
    text = exported(form, addressed(url)).replace("&amp;", "&")
    expected = ODD_ADDRESSES[url]
    assert expected in text
    assert url not in text.replace(expected, "")


@pytest.mark.parametrize(
    "name", [form.name for form in TEXT_FORMATS if form.name != "html"]
)  # contents come first
def test_articles_are_written_while_others_are_still_to_come(name: str) -> None:
    out = BytesIO()
    sizes: list[int] = []

    def items() -> Iterator[ExportItem]:
        for item in ITEMS * 2:
            sizes.append(out.tell())
            yield item

    FORMS[name].write(an_export(items()), out)
    assert sizes[2] < sizes[3] < sizes[4] < sizes[5] < out.tell()


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_format_takes_little_memory_for_a_text_full_of_marks(form: Format) -> None:
    text = "*_<&>$\\" * 10_000
    export = an_export([an_item(an_article(body=(Block("paragraph", text),)))])
    form.write(an_export([]), BytesIO())  # What it imports for that is not counted.
    tracemalloc.start()
    try:
        form.write(export, BytesIO())
        assert tracemalloc.get_traced_memory()[1] < 30 * len(text)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_an_export_is_not_a_capture(tmp_path: Path, form: Format) -> None:
    path = tmp_path / f"export{form.suffix}"
    with path.open("wb") as out:
        form.write(an_export([an_item(digest="ab" * 32)]), out)
    for found in found_at(path), found_at(tmp_path):
        assert (found.captures, bool(found.problems)) == ([], True)


# Items


def test_an_item_is_sanitized_and_keeps_the_identity_of_its_article() -> None:
    headline, body = "A\x1b[31m red\u202e roof\r\nhere", (Block("paragraph", "a\x00"),)
    article = an_article(headline=headline, body=body, published="2021-13-04")
    made = make_item(article, "a\x1b", "javascript:alert(1)", "2022\n")
    assert (made.article.headline, made.article.published) == ("A␛[31m red roof here", None)
    assert made.id == article.id != made.article.id
    assert (made.source, made.url, made.captured) == ("a␛", None, "2022")
    assert [(one.source, one.chosen) for one in made.occurrences] == [("a␛", True)]


def test_another_capture_is_linked_where_an_archive_has_it() -> None:
    seen = [
        Occurrence("b.warc.gz", ADDRESS, "2022-05-09", False, False),
        Occurrence("CC-MAIN-2022-05.warc.gz", ADDRESS, "2022-05-10", False, False),
        Occurrence("c.html", ADDRESS, None, False, False),
    ]
    item = make_item(STORY, "a.txt", ADDRESS, "2022-05-06", occurrences=seen)
    assert [fact.url for fact in item.facts() if fact.name == "Also in"] == [
        f"https://web.archive.org/web/20220509/{ADDRESS}", ADDRESS, ADDRESS
    ]  # fmt: skip


def test_links_that_do_not_fit_are_left_out() -> None:
    article = an_article(body=(Block("paragraph", "one two"), Block("paragraph", "three\x1b")))
    links = [
        Link(0, 4, 99, ADDRESS), Link(0, 0, 3, ADDRESS), Link(0, 2, 5, ADDRESS), Link(1, 0, 5, ADDRESS),
        Link(-1, 0, 3, ADDRESS), Link(7, 0, 3, ADDRESS), Link(0, 0, 1, "javascript:alert(1)"),
    ]  # fmt: skip
    made = make_item(article._replace(links=tuple(links), figures=(Figure(url="file:///etc/passwd"),)), "a")
    assert (made.own_url, made.article.figures[0].url) == (ADDRESS, None)
    assert [(run.text, run.url) for run in made.text_runs(0)] == [
        ("one", ADDRESS), (" t", ADDRESS), ("wo", ADDRESS)
    ]  # fmt: skip
    assert [run.url for run in made.text_runs(1)] == [None]


# Markdown


def inlines(text: str) -> list[Token]:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return [token for token in parser.parse(text) if token.type == "inline"]


def plain(token: Token) -> str:
    return "".join(child.content for child in token.children or ())


@given(words)
def test_a_line_of_markdown_is_the_text_it_was_made_from(text: str) -> None:
    text = sanitize(text).strip()
    for before in ("", "# ", "> ", "- ", "x"):
        (token,) = inlines(before + escape_markdown(text))
        assert plain(token).removeprefix("x" if before == "x" else "") == text
        assert {child.type for child in token.children or ()} <= {"text", "text_special"}


@given(tricky_articles())
def test_markdown_has_the_same_shape_whatever_the_words(article: Article) -> None:
    def shape(made: Article) -> list[tuple[str, str, int]]:
        parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        tokens = parser.parse(exported("markdown", make_item(made, "pile/a.txt")))
        return [(token.type, token.tag, token.level) for token in tokens]

    assert shape(article) == shape(harmless(article))


def test_markdown_of_a_story() -> None:
    text = exported("markdown", linked(), ITEMS[1])
    assert text.startswith(
        "Protocol \\| China · **TRUNCATED**\n\n# The lettuce on the roof\n\n*It was never about lettuce.*\n\n"
        "Anders Whitlock, Oksana van Vu · 2021-03-04\n\n"
    )
    assert "\\[[Picture](<https://protocol.example/roof.jpg>): The roof in May — Photo: Ren" in text
    assert "\n\n\\[[Picture](<https://protocol.example/roof.jpg>)\\]\n\n" in text
    assert "- Story: [https://protocol.example/own](<https://protocol.example/own>)" in text
    assert "Nobody [has](<https://protocol.example/a-roof?a=1&amp;b=(2)>) weighed it \\& nobody" in text
    assert (
        "\n\n## Who waters it?\n\n- The neighbors\n- The rain\n\nIn that order:\n\n1. Water\n2. Wait\n\n> “It"
        in text
    )
    assert (
        "\n\n---\n\n**SPONSORED · Nimbuspay**\n\n# Payments are faster\n\n> Paid for by Nimbuspay: " in text
    )
    numbers = tuple(Block("item", item) for item in ("1. One", "3. Three", "no number"))
    jumping = an_item(an_article(body=numbers))
    assert "- 1\\. One\n- 3\\. Three\n- no number\n" in exported("markdown", jumping)
    assert "<ul><li>1. One</li>" in exported("html", jumping)


# HTML


@given(tricky_articles())
def test_html_has_the_same_shape_whatever_the_words(article: Article) -> None:
    def shape(made: Article) -> list[tuple[str, tuple[str, ...]]]:
        root = ElementTree.fromstring(exported("html", make_item(made, "pile/a.txt")))
        return [(element.tag, tuple(element.attrib)) for element in root.iter()]

    assert shape(article) == shape(harmless(article))


# JSON


def test_json_is_the_articles_object_with_where_it_is_from() -> None:
    (line,) = exported("json", an_item(occurrences=SEEN)).splitlines()
    value = json.loads(line)
    own = json.loads(json.dumps(STORY.to_json()))
    assert {name: value[name] for name in own} == own
    assert (value["source"], value["url"], value["captured"]) == (
        "a.txt",
        ADDRESS,
        "2022-05-06T07:08:09Z",
    )
    assert [(one["source"], one["truncated"], one["chosen"]) for one in value["occurrences"]] == [
        ("pile/a.txt", False, True),
        ("pile/b.txt", True, False),
    ]
    assert value["merged"] == {}
    assert (value["words"], value["tags"]) == (28, [])


# CSV


@given(tricky_articles())
def test_no_cell_is_a_formula(article: Article) -> None:
    rows = list(csv.reader(StringIO(exported("csv", make_item(article, "=a.txt")), newline="")))
    assert [len(row) for row in rows] == [len(CSV_COLUMNS)] * 2
    assert not [cell for cell in rows[1] if cell.lstrip().startswith(tuple("=+-@＝＋－＠"))]


def test_csv_has_the_text_and_an_apostrophe_before_what_would_be_computed() -> None:
    for source in ("=1+1", "@SUM(A1)", "\t=1", "  =1", "＝1"):
        item = an_item()._replace(source=source)
        (row,) = csv.DictReader(StringIO(exported("csv", item), newline=""))
        assert row["source"] == f"'{source}"
    assert (row["title"], row["text"], row["deck"]) == (STORY.title, TEXT, "It was never about lettuce.")
    assert row["completeness"].startswith("truncated: ")


# RIS


@given(tricky_articles())
def test_no_word_begins_a_line_of_ris(article: Article) -> None:
    lines = exported("ris", make_item(article, "a\nER  - ")).split("\r\n")
    tags = "TY AU AU TI T2 PY DA AB KW N1 ID ER".split()
    assert [line[:6] for line in lines] == [*(f"{tag}  - " for tag in tags), ""]
    assert not [line for line in lines if len(line.splitlines()) > 1]


def test_a_citation_has_no_section_if_the_article_has_none() -> None:
    unsectioned = make_item(STORY._replace(kicker=None, section=None), "a.txt")
    for form in "bibtex", "ris", "csl-json":
        assert "China" in exported(form, an_item())
        assert "Unsectioned" not in exported(form, unsectioned)


# Plain text


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/home/me/captures/a.txt", "a.txt"),
        ("/home/me/pile.zip/folder/a.html", "pile.zip/folder/a.html"),
        ("/data/crawl.warc.gz:12", "crawl.warc.gz:12"),
        ("/data/rows.jsonl:7", "rows.jsonl:7"),
        (r"C:\Users\me\a.txt", "a.txt"),
        (r"/home/me/x\ty.txt", r"x\ty.txt"),
        (r"\\server\me\a.txt", "a.txt"),
        ("../captures/a.txt", "a.txt"),
        ("captures/pile.zip/folder/a.html", "pile.zip/folder/a.html"),
        (r"captures/\x1b[m.txt:3", r"\x1b[m.txt:3"),
        ("file:///home/me/a.txt", "a.txt"),
        ("file:///home/me/crawl.warc.gz:12", "crawl.warc.gz:12"),
        ("s3://bucket/crawl/a.txt", "s3://bucket/crawl/a.txt"),
        ("-", "-"),
    ],
)
def test_no_export_tells_the_folders_of_this_machine(source: str, name: str) -> None:
    elsewhere = Occurrence(source, None, None, truncated=False, chosen=False)
    item = make_item(STORY, source, occurrences=[elsewhere], merged=[("deck", source)])
    assert (item.source, item.occurrences[0].source, item.merged) == (name, name, (("deck", name),))
    assert make_item(STORY, source, local_paths=True).source == source


PAGE = """Sponsored Content

A drill that listens before it speaks

Quieter tools are changing how crews talk to their neighbors.

A drill on a bench

Photo: Tinworth Tools

Crews that start at six have always had one enemy.

• Fewer complaints
• Longer mornings

To borrow one, visit the Tinworth website.

Tinworth Tools
Tinworth Tools makes quiet machines for loud streets. We lend before we sell.
"""


def test_a_sponsored_article_says_who_paid_and_how_that_is_known() -> None:
    text = page_text(parse(PAGE, source="drill.txt"))
    assert "SPONSORED CONTENT   [SPONSORED · Tinworth Tools]" in text
    assert "Paid for by Tinworth Tools: the page labels it as paid for (line 1)." in text
    assert "• Fewer complaints\n\n• Longer mornings" in text
    assert "[Picture — Photo: Tinworth Tools]" in text
    seen = exported("text", an_item(occurrences=SEEN))
    assert "Source: a.txt, lines 3–22\nAddress: https://protocol.example/a-roof?a=1&b=(2)\n" in seen
    assert seen.endswith("Also in: pile/b.txt (truncated there)\n")
    assert text.rstrip().endswith("From drill.txt, lines 1–19")
    assert (
        page_text(parse("Courtesy of nobody, said the plumber who came to look at it.", source="a.txt"))
        .rstrip()
        .endswith("From a.txt, line 1")
    )


# Tables and feeds


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
    # Without articles it still has columns.
    assert duckdb.execute(query, [str(saved("parquet", tmp_path))]).fetchall() == []


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


def test_atom_has_whole_texts_and_who_wrote_them() -> None:
    feed = ElementTree.fromstring(exported("atom", *ITEMS))
    entries = feed.findall(f"{ATOM}entry")
    (entry,) = [entry for entry in entries if entry.findtext(f"{ATOM}title") == STORY.title]
    assert [name.text for name in entry.iter(f"{ATOM}name")] == ["Anders Whitlock", "Oksana van Vu"]
    assert entry.findtext(f"{ATOM}published") == "2021-03-04T00:00:00Z"
    assert "TRUNCATED" in [term.get("term") for term in entry.findall(f"{ATOM}category")]
    content = ElementTree.fromstring(entry.findtext(f"{ATOM}content") or "")
    assert STORY.body[0].text in [paragraph.text for paragraph in content.iter("p")]
    assert feed.findtext(f"{ATOM}updated") == "2026-03-01T00:00:00Z"
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 3


def test_an_article_without_a_date_is_not_updated_by_each_export() -> None:
    undated = STORY._replace(published=None)
    items = (
        an_item(undated)._replace(captured="2022-08-12T10:30:00Z"),
        an_item(undated)._replace(captured=None),
    )
    entries = ElementTree.fromstring(exported("atom", *items)).findall(f"{ATOM}entry")
    updated = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert updated == ["2022-08-12T00:00:00Z", "1970-01-01T00:00:00Z"]


def test_json_feed_is_one_object() -> None:
    feed = json.loads(exported("json-feed", *ITEMS))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    story = next(item for item in feed["items"] if item["title"] == STORY.title)
    assert story["authors"] == [{"name": "Anders Whitlock"}, {"name": "Oksana van Vu"}]
    assert story["date_published"] == "2021-03-04T00:00:00Z"
    assert json.loads(exported("json-feed"))["items"] == []


def test_a_web_page_of_several_articles_has_contents_with_badges() -> None:
    page = ElementTree.fromstring(exported("html", *ITEMS).partition("\n")[2])
    (contents,) = page.iter(f"{XHTML}nav")
    targets = [(link.get("href") or "").removeprefix("#") for link in contents.iter(f"{XHTML}a")]
    assert sorted(targets) == sorted(article.get("id") or "" for article in page.iter(f"{XHTML}article"))
    assert {"TRUNCATED", "SPONSORED · Nimbuspay"} <= {mark.text for mark in contents.iter(f"{XHTML}small")}
    assert "<nav>" not in exported("html", ITEMS[0])
    root = ElementTree.fromstring(exported("html", linked()))  # It fetches nothing.
    assert not [element.tag for element in root.iter() if "src" in element.attrib]
    assert not {f"{XHTML}{tag}" for tag in ("script", "img", "link", "iframe")} & {e.tag for e in root.iter()}
    assert {a.get("href") for a in root.iter(f"{XHTML}a")} == {ADDRESS, ARCHIVED, OWN, PICTURE}


def test_a_single_article_in_markdown_has_front_matter() -> None:
    item = an_item()._replace(tags=("roofs",))
    head = exported("markdown", item).removeprefix("---\n").partition("\n---\n")[0]
    fields = {
        name: json.loads(value) for name, _, value in (line.partition(": ") for line in head.splitlines())
    }
    assert (fields["title"], fields["truncated"], fields["tags"]) == (STORY.title, True, ["roofs"])
    assert not exported("markdown", *ITEMS).startswith("---")
