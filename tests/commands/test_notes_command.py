"""`notes`: highlights, notes and tags listed for reading and exported for other programs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reader.cli import main
from reader.library import Library
from reader.library.state.anchors import Quote
from tests.app.features.corrections_stage import FERRY_TITLE, HARBOR_TITLE, a_library, key_of
from tests.filling import add_pages, sql
from tests.generated import a_page, an_article


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with a_library(tmp_path) as library:
        yield library


@pytest.fixture
def noted(library: Library) -> str:
    """The path of a library with a highlight and a tag in one article, and a note to another."""
    harbor, notes = key_of(library, HARBOR_TITLE), library.annotations
    notes.write_note(key_of(library, FERRY_TITLE), "Call the council.\n\n- why *late*?")
    notes.highlight(
        harbor, Quote("a ledger with a\nblue == spine", "by hand, in ", "."), "green", "Ask the [harbor]."
    )
    notes.set_tags(harbor, ["ports", "to do"])
    return str(library.path)


def printed(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert main(["notes", *words]) == status
    return capsys.readouterr().out


def test_they_are_listed_for_reading(noted: str, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = printed(capsys, "--library", noted).split("\n\n", 1)
    assert first.splitlines()[0] == HARBOR_TITLE
    assert first.splitlines()[1].startswith("  Ines Albrecht · ")
    assert first.splitlines()[2:] == [
        "  #ports #to do",
        "  green: …by hand, in [a ledger with a ¶ blue == spine].…",
        "    Ask the [harbor].",
    ]
    assert second.splitlines()[0] == FERRY_TITLE
    assert second.splitlines()[2:] == ["    Call the council.", "    ", "    - why *late*?"]


def test_a_query_chooses(noted: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "--library", noted, "tag:ports").startswith(HARBOR_TITLE)
    assert printed(capsys, "--library", noted, "in:notes", "council").startswith(FERRY_TITLE)
    assert main(["notes", "--library", noted, "cameras", "has:note", "-tag:ports"]) == 0
    assert "no article found has a highlight" in capsys.readouterr().err


def test_markdown_has_front_matter_and_shows_the_words(noted: str, tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    assert main(["notes", "--library", noted, "--format", "markdown", "--output", f"{folder}/"]) == 0
    assert sorted(path.name for path in folder.iterdir()) == [f"{FERRY_TITLE}.md", f"{HARBOR_TITLE}.md"]
    head, _, body = (folder / f"{HARBOR_TITLE}.md").read_text().removeprefix("---\n").partition("\n---\n")
    fields = {
        name: json.loads(value) for name, _, value in (line.partition(": ") for line in head.splitlines())
    }
    assert (fields["title"], fields["authors"], fields["section"], fields["tags"]) == (
        HARBOR_TITLE,
        ["Ines Albrecht"],
        "Enterprise",
        ["ports", "to do"],
    )
    quoted, made, note = body.strip().split("\n\n")[1:]
    assert quoted == "> …by hand, in ==a ledger with a==\n>\n> ==blue = = spine==.…"
    assert made.startswith("*green, 20")
    assert note == "Ask the \\[harbor\\]."
    assert "Call the council.\n\n\\- why \\*late\\*?" in (folder / f"{FERRY_TITLE}.md").read_text()


def test_json_and_csv_have_the_same(noted: str, capsys: pytest.CaptureFixture[str]) -> None:
    objects = [
        json.loads(line) for line in printed(capsys, "--library", noted, "--format", "json").splitlines()
    ]
    assert [(item["title"], item["tags"], item["note"]) for item in objects] == [
        (HARBOR_TITLE, ["ports", "to do"], None),
        (FERRY_TITLE, [], "Call the council.\n\n- why *late*?"),
    ]
    (highlight,) = objects[0]["highlights"]
    assert highlight["quote"] == "a ledger with a\nblue == spine"
    text = printed(capsys, "--library", noted, "--format", "csv")
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    assert [(row["title"], row["quote"], row["note"], row["color"]) for row in rows] == [
        (HARBOR_TITLE, highlight["quote"], "Ask the [harbor].", "green"),
        (FERRY_TITLE, "", "Call the council.\n\n- why *late*?", ""),
    ]


def test_highlights_outlive_their_captures(
    library: Library, noted: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captures = [
        found.key for _, group in library.captures_from([str(tmp_path / "captures")]) for found in group
    ]
    library.remove(captures)
    text = printed(capsys, "--library", noted)
    assert HARBOR_TITLE in text
    assert "[a ledger with a ¶ blue == spine]" in text


@pytest.mark.parametrize("form", ["text", "markdown", "json", "csv"])
def test_titles_and_sources_of_captures_that_are_gone_are_sanitized(
    tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "library.db"
    with Library.open(path) as library:
        article = an_article(headline="The \x1b[31mroof\u202e of glass")
        add_pages(library, [a_page("pile/ro\x1b]0;of\u202e.txt", article)])
        (key,) = library.newest_keys()
        library.annotations.highlight(key, Quote("lettuce"), "green")
        library.annotations.set_tags(key, ["roofs"])
        sql(library, "UPDATE annotations SET made = '2026-03-01\x1b[2J'")
        library.remove([library.article(key).capture_key])
    text = printed(capsys, "--library", str(path), "--format", form)
    assert "roof" in text
    assert "of glass" in text
    assert "lettuce" in text
    assert not {"\x1b", "\u202e", "\\u001b", "\\u202e"} & set(re.findall(r"\\u\w{4}|.", text))


def test_nothing_noted_and_files_in_the_way(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, output = str(library.path), tmp_path / "notes.csv"
    assert main(["notes", "--library", path]) == 0
    assert "there are no notes yet" in capsys.readouterr().err
    assert main(["notes", "--library", path, "--output", str(output)]) == 3
    assert not output.exists()
    library.annotations.write_note(key_of(library, HARBOR_TITLE), "Mine")
    output.write_text("older")
    assert main(["notes", "--library", path, "--output", str(output)]) == 2
    assert "--force" in capsys.readouterr().err
    assert output.read_text() == "older"
    assert main(["notes", "--library", path, "--output", str(output), "--force"]) == 0
    assert "Mine" in output.read_text()
    with pytest.raises(SystemExit):
        main(["notes", "--library", path, "--format", "csv", "--output", f"{tmp_path}/"])
    assert "not to a folder" in capsys.readouterr().err
