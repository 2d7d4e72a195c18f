"""`protocol-reader export`: what comes out of a library, and where to."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from reader.export.formats import FORMATS, Format
from reader.library import Library
from tests.app.features.picture_stage import data, page, picture
from tests.commands.stage import Done, Run
from tests.commands.test_search_command import LETTUCE, PAID
from tests.filling import add_pages, sql
from tests.generated import a_page, an_article

UNDATED = an_article(headline="A permit", published=None)


@pytest.fixture
def library(tmp_path: Path) -> str:
    path = tmp_path / "library.db"
    with Library.open(path) as library:
        add_pages(library, [a_page("pile/a.txt", PAID, UNDATED, LETTUCE)])
    return str(path)


@pytest.fixture
def export(library: str, run: Run) -> Run:
    return lambda *words: run("export", "--library", library, *words)


def titles(done: Done) -> list[str]:
    return [article["title"] for article in done.objects]


# Which


def test_everything_comes_newest_first_or_what_a_query_chooses(export: Run) -> None:
    assert titles(export("--format", "json")) == [LETTUCE.title, PAID.title, UNDATED.title]
    assert titles(export("lettuce", "-roof", "--format", "json")) == [PAID.title]


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("markdown", '\ntags: ["roofs", "to do"]\n'),
        ("csv", ",roofs; to do\r\n"),
        ("json", '"tags": ["roofs", "to do"]'),
        ("atom", '<category term="to do"/>'),
        ("json-feed", '"roofs", "to do"]'),
    ],
)
def test_articles_have_the_tags_of_their_story(library: str, form: str, written: str, export: Run) -> None:
    with Library.open(Path(library)) as kept:
        (key,) = kept.found_keys("lettuce -faster")
        kept.annotations.set_tags(key, ["to do", "roofs"])
    assert written in export("tag:roofs", "--format", form).out


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        ("year", {"2021": [LETTUCE.title], "2020": [PAID.title], "undated": [UNDATED.title]}),
        ("2", {"1": [LETTUCE.title, PAID.title], "2": [UNDATED.title]}),
    ],
)
def test_volumes_by_year_or_of_a_size(
    export: Run, tmp_path: Path, volumes: str, expected: dict[str, list[str]]
) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    done = export("--output", folder / "all.jsonl", "--volumes", volumes)
    assert done.status == 0
    counts = {name: len(names) for name, names in expected.items()}
    assert done.err.splitlines() == [
        f"protocol-reader: {count} article{'s' * (count > 1)} written to {folder}/all {name}.jsonl"
        for name, count in counts.items()
    ]
    found = {path.name: titles(Done(0, path.read_text(), "")) for path in folder.iterdir()}
    assert found == {f"all {name}.jsonl": names for name, names in expected.items()}
    for words in (
        f"{volumes} --format json",
        f"{volumes} --format json --output x/",
        "month --output x.epub",
    ):
        status, _, err = export("--volumes", *words.split())
        assert (status, "--volumes" in err) == (2, True)
    assert "“year”" in err


# Where to


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_the_name_of_the_output_tells_the_format(form: Format, export: Run, tmp_path: Path) -> None:
    path = tmp_path / f"all{form.suffix}"
    assert export("--output", path).status == 0
    assert path.stat().st_size > 100


def test_a_book_is_a_file_and_its_date_can_be_given(
    export: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "epub cannot be printed, so it needs --output FILE.epub" in export("--format", "epub").err
    for output in ("-", str(tmp_path)):
        assert export("--format", "epub", "--output", output).status == 2
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    one, other = tmp_path / "one.epub", tmp_path / "other.epub"
    assert export("--output", one).status == export("--output", other).status == 0
    assert one.read_bytes() == other.read_bytes()
    with ZipFile(one) as book:
        assert book.read("mimetype") == b"application/epub+zip"
        assert b"2001-09-09T00:00:00Z" in book.read("EPUB/package.opf")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "-1")
    status, out, err = export("--format", "csv")
    assert (status, out) == (2, "")
    assert "SOURCE_DATE_EPOCH must be a number of seconds since 1970, not “-1”" in err


def test_the_number_of_pictures_in_a_book_shows_that_captures_were_moved(
    export: Run, library: str, tmp_path: Path
) -> None:
    path = tmp_path / "lamp.html"
    path.write_text(page(data(picture())), encoding="utf-8")
    with Library.open(Path(library)) as kept:
        kept.ingest([str(path)])
    assert "one.epub; 1 picture found" in export("--output", tmp_path / "one.epub").err
    path.rename(tmp_path / "moved.html")
    assert "two.epub; 0 pictures found" in export("--output", tmp_path / "two.epub").err


def test_nothing_that_matches_is_said_and_no_file_is_written(
    export: Run, library: str, tmp_path: Path
) -> None:
    output = tmp_path / "none.epub"
    nothing = Done(1, "", "protocol-reader: no article in the library matches\n")
    assert export("--output", output, "zebra") == nothing
    status, _, err = export("--output", output, "is:hole")
    assert (status, "^^^^" in err, output.exists()) == (2, True, False)
    with Library.open(Path(library)) as kept:
        sql(kept, "UPDATE records SET record = x'00'")
    status, _, err = export("--output", output)
    assert (status, err.count("has been altered"), output.exists()) == (3, 3, False)


def test_nothing_is_overwritten_unasked(export: Run, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "A permit.md").write_text("mine")
    into = ("--format", "markdown", "--output", folder)
    done = export(*into)
    assert (done.status, len(list(folder.iterdir()))) == (1, 3)
    assert f"{folder / 'A permit.md'}: a file with this name exists already" in done.err
    done = export(*into)
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert f"{folder}: 3 files with these names exist already; --force overwrites them" in done.err
    path = tmp_path / "a.md"
    path.write_text("mine")
    status, _, err = export("--output", path)
    assert (status, "--force overwrites it" in err, path.read_text()) == (2, True, "mine")
    assert export("--output", path, "--force").status == 0
    assert "Payments are faster" in path.read_text("utf-8")
    status, _, err = export("--output", path / "a.md")
    assert (status, "it cannot be written" in err) == (3, True)
    help_text = " ".join(export("--help").out.split())
    assert "3 nothing could be read, or the result could not be written" in help_text


def test_no_library_is_overwritten_not_even_by_force(export: Run, library: str, tmp_path: Path) -> None:
    link, linked = tmp_path / "link.csv", tmp_path / "linked.db"
    link.symlink_to(linked)
    with Library.open(linked), Library.open(Path(library)):
        for output in (library, link, f"{linked}-wal", f"{library}-shm"):
            done = export("--format", "json", "--output", output, "--force")
            assert (done.status, "belongs to a library of Protocol Reader" in done.err) == (3, True)
    assert len(export("--format", "json").objects) == 3


def test_an_exported_database_is_no_library_and_can_be_overwritten(export: Run, tmp_path: Path) -> None:
    output = ("--output", tmp_path / "plain.sqlite", "--force")
    assert [export(*output).status for _ in "12"] == [0, 0]
