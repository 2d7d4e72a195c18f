"""`protocol-reader export`: what comes out of a library, and where to."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from subprocess import PIPE, Popen
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from reader.cli import main
from reader.export.formats import FORMATS
from reader.library import Library, Sort
from reader.model import Block, Reason
from tests.app.features import versions_stage
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.paths import ROOT

LETTUCE = an_article(headline="The lettuce on the roof", published="2021-03-04")
PAID = an_article(
    headline="Payments are faster", published="2020-01-01", sponsored=Reason("label", 9, "A message"),
    sponsor="Nimbuspay", body=(Block("paragraph", "Faster \x1b[31mthan lettuce."),),
)  # fmt: skip
UNDATED = an_article(headline="A permit", published=None)


@pytest.fixture
def library(tmp_path: Path) -> str:
    path = tmp_path / "library.db"
    with Library.open(path) as library:
        add_pages(library, [a_page("pile/a.txt", PAID, UNDATED, LETTUCE)])
    return str(path)


def export(library: str, *words: str) -> int:
    return main(["export", "--library", library, *words])


def titles(text: str) -> list[str]:
    return [json.loads(line)["title"] for line in text.splitlines()]


# Which


def test_everything_comes_newest_first(library: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert export(library, "--format", "json") == 0
    assert titles(capsysbinary.readouterr().out.decode()) == [
        "The lettuce on the roof", "Payments are faster", "A permit",
    ]  # fmt: skip


def test_a_query_chooses(library: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert export(library, "lettuce", "-roof", "--format", "json") == 0
    assert titles(capsysbinary.readouterr().out.decode()) == ["Payments are faster"]


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("markdown", '\ntags: ["roofs", "to do"]\n'),
        ("csv", ",roofs; to do\r\n"),
        ("atom", '<category term="to do"/>'),
        ("json-feed", '"roofs", "to do"]'),
    ],
)
def test_articles_have_the_tags_of_their_story(
    library: str, form: str, written: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    with Library.open(Path(library)) as kept:
        (key,) = kept.found_keys("lettuce -faster")
        kept.annotations.set_tags(key, ["to do", "roofs"])
    assert export(library, "tag:roofs", "--format", form) == 0
    assert written in capsysbinary.readouterr().out.decode()


def test_nothing_that_matches_is_said_and_no_file_is_written(
    library: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(library, "--output", str(tmp_path / "none.epub"), "zebra") == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "protocol-reader: no article in the library matches\n")
    assert not (tmp_path / "none.epub").exists()


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        (
            "year",
            {
                "all 2021.jsonl": [LETTUCE.title],
                "all 2020.jsonl": [PAID.title],
                "all undated.jsonl": [UNDATED.title],
            },
        ),
        ("2", {"all 1.jsonl": [LETTUCE.title, PAID.title], "all 2.jsonl": [UNDATED.title]}),
    ],
)
def test_volumes_by_year_or_of_a_size(
    library: str, tmp_path: Path, volumes: str, expected: dict[str, list[str]]
) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    assert export(library, "--output", str(folder / "all.jsonl"), "--volumes", volumes) == 0
    assert {path.name: titles(path.read_text()) for path in folder.iterdir()} == expected


def test_volumes_need_a_file(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--format", "json"], ["--format", "json", "--output", "x/"]):
        with pytest.raises(SystemExit):
            export(library, "--volumes", "year", *words)
    with pytest.raises(SystemExit):
        export(library, "--volumes", "month", "--output", "x.epub")
    assert "--volumes" in capsys.readouterr().err


def test_a_query_that_cannot_be_read_leaves_no_file(
    library: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(library, "--output", str(tmp_path / "a.md"), "is:hole") == 2
    assert "^^^^" in capsys.readouterr().err
    assert not (tmp_path / "a.md").exists()


# Where to


@pytest.mark.parametrize("name", [form.name for form in FORMATS if form.is_text])
def test_texts_are_printed(name: str, library: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert export(library, "--format", name) == 0
    out = capsysbinary.readouterr().out
    assert b"Payments are faster" in out
    assert b"\x1b" not in out


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_the_name_of_the_output_tells_the_format(form: object, library: str, tmp_path: Path) -> None:
    suffix, single = form.suffix, form.single_suffix  # type: ignore[attr-defined]
    path = tmp_path / f"all{suffix}"
    assert export(library, "--output", str(path)) == 0
    assert path.stat().st_size > 100
    assert single in ("", suffix, ".json")


def test_a_book_is_a_file(library: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["--output", "-"], ["--output", str(tmp_path)]):
        with pytest.raises(SystemExit) as left:
            export(library, "--format", "epub", *words)
        assert left.value.code == 2
    assert "epub cannot be printed, so it needs --output FILE.epub" in capsys.readouterr().err
    path = tmp_path / "all.epub"
    assert export(library, "--output", str(path)) == 0
    with ZipFile(path) as book:
        assert book.read("mimetype") == b"application/epub+zip"


def test_the_date_of_an_export_can_be_given(
    library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    one, other = tmp_path / "one.epub", tmp_path / "other.epub"
    assert export(library, "--output", str(one)) == export(library, "--output", str(other)) == 0
    assert one.read_bytes() == other.read_bytes()
    with ZipFile(one) as book:
        assert b"2001-09-09T00:00:00Z" in book.read("EPUB/package.opf")


def test_nothing_is_overwritten_unasked(
    library: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.md"
    path.write_text("mine")
    assert export(library, "--output", str(path)) == 2
    assert "--force overwrites it" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert export(library, "--output", str(path), "--force") == 0
    assert "Payments are faster" in path.read_text("utf-8")


@pytest.mark.parametrize("name", ["markdown", "text", "html", "json"])
def test_a_folder_gets_a_file_an_article(name: str, library: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert export(library, "--format", name, "--output", f"{folder}/") == 0
    assert len(list(folder.iterdir())) == 3
    if name == "html":
        pages = [ElementTree.parse(path).getroot() for path in folder.iterdir()]
        assert {page.findtext(".//{*}title") for page in pages} == {
            "The lettuce on the roof", "Payments are faster", "A permit",
        }  # fmt: skip


def test_files_in_a_folder_stay_and_are_named(
    library: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "A permit.md").write_text("mine")
    assert export(library, "--format", "markdown", "--output", str(folder)) == 1
    assert f"{folder / 'A permit.md'}: a file with this name exists already" in capsys.readouterr().err
    assert len(list(folder.iterdir())) == 3


def test_where_nothing_can_be_written_is_said(
    library: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(library, "--output", str(tmp_path / "no" / "a.md")) == 3
    assert "it cannot be written" in capsys.readouterr().err


# Damage


def test_an_article_that_is_damaged_is_named_and_the_others_come(
    library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(library)) as database, database:
        database.execute("UPDATE records SET record = x'00' WHERE key = 2")
    assert export(library, "--format", "csv") == 1
    said = capsys.readouterr()
    assert said.out.count("\n") == 3
    assert "has been altered" in said.err


# What the library hands over


def test_the_captures_of_a_story_come_with_it() -> None:
    with versions_stage.a_library() as library:
        row = library.listing().rows(0, 1)[0]
        one = library.export_item(library.article(row.key))
        assert len(one.occurrences) == len(library.versions(row.key)) > 1
        assert [seen.source for seen in one.occurrences if seen.chosen] == [one.source]
        for version in library.versions(row.key):
            other = library.export_item(library.article(version.key))
            assert [seen.source for seen in other.occurrences if seen.chosen] == [version.source]


def test_a_story_is_exported_once() -> None:
    with versions_stage.a_library() as library:
        keys = library.newest_keys()
        assert len(keys) == len(library.listing())
        assert sorted(keys) == sorted(library.listing(sort=Sort.TITLE).keys())


def test_a_listing_comes_in_its_order(library: str) -> None:
    with Library.open(Path(library)) as own:
        keys = own.listing(sort=Sort.TITLE).keys()
        made = [one.article.title for one in own.export_items(keys, pytest.fail)]
        assert made == ["A permit", "The lettuce on the roof", "Payments are faster"]
        assert len(list(own.found_keys("lettuce"))) == 2


# How far it is


def test_a_reader_who_has_seen_enough_ends_it(library: str) -> None:
    code = "from reader.cli import main; raise SystemExit(main())"
    command = [sys.executable, "-c", code, "export", "--library", library, "--format", "json"]
    with Popen(command, stdout=PIPE, stderr=PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0
