"""`notes`: highlights, notes and tags listed for reading and exported for other programs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reader.library import Library
from reader.library.state.anchors import Quote
from reader.model import Block, Reason
from tests.app.features.corrections_stage import BANK_TITLE, FERRY_TITLE, HARBOR_TITLE, a_library, key_of
from tests.commands.stage import Done, Run
from tests.filling import add_pages, sql
from tests.generated import a_page, an_article
from tests.pseudo_terminal import Terminal, python


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with a_library(tmp_path) as library:
        yield library


@pytest.fixture
def notes(library: Library, run: Run) -> Run:
    """The command, with a library that has a highlight and a tag in one article, and a note to another."""
    harbor, kept = key_of(library, HARBOR_TITLE), library.annotations
    kept.write_note(key_of(library, FERRY_TITLE), "Call the council.\n\n- why *late*?")
    quote = Quote("a ledger with a\nblue == spine", "by hand, in ", ".")
    kept.highlight(harbor, quote, "green", "Ask the [harbor].")
    kept.set_tags(harbor, ["ports", "to do"])
    return lambda *words: run("notes", "--library", library.path, *words)


def test_they_are_listed_for_reading(notes: Run, library: Library, tmp_path: Path) -> None:
    first, second = notes().out.split("\n\n", 1)
    assert first.splitlines()[0] == HARBOR_TITLE
    assert first.splitlines()[1].startswith("  Ines Albrecht · ")
    assert first.splitlines()[2:] == [
        "  #ports #to do",
        "  green: …by hand, in [a ledger with a ¶ blue == spine].…",
        "    Ask the [harbor].",
    ]
    assert second.splitlines()[0] == FERRY_TITLE
    assert second.splitlines()[2:] == ["    Call the council.", "    ", "    - why *late*?"]
    for name in "notes.txt", "notes":
        assert notes("--output", tmp_path / name).status == 0
        assert (tmp_path / name).read_text() == notes().out
    library.annotations.write_note(key_of(library, HARBOR_TITLE), "Call the mayor.")
    lines = notes("tag:ports").out.splitlines()
    assert lines[3] == "    Call the mayor.", "a note on the article comes before an older highlight"
    assert lines[4].startswith("  green: ")
    assert notes("in:notes", "council").out.startswith(FERRY_TITLE)
    status, _, err = notes("cameras", "has:note", "-tag:ports")
    assert (status, "no article found has a highlight" in err) == (0, True)


def test_markdown_has_front_matter_and_shows_the_words(notes: Run, tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    assert notes("--format", "markdown", "--output", f"{folder}/").status == 0
    assert sorted(path.name for path in folder.iterdir()) == [f"{FERRY_TITLE}.md", f"{HARBOR_TITLE}.md"]
    head, _, body = (folder / f"{HARBOR_TITLE}.md").read_text().removeprefix("---\n").partition("\n---\n")
    fields = {name: json.loads(value) for name, value in re.findall(r"(\w+): (.*)", head)}
    assert (fields["title"], fields["authors"]) == (HARBOR_TITLE, ["Ines Albrecht"])
    assert (fields["section"], fields["tags"]) == ("Enterprise", ["ports", "to do"])
    quoted, made, note = body.strip().split("\n\n")[1:]
    assert quoted == "> …by hand, in ==a ledger with a==\n>\n> ==blue = = spine==.…"
    assert made.startswith("*green, 20")
    assert note == "Ask the \\[harbor\\]."
    assert "Call the council.\n\n\\- why \\*late\\*?" in (folder / f"{FERRY_TITLE}.md").read_text()


def test_json_and_csv_have_the_same(notes: Run) -> None:
    objects = notes("--format", "json").objects
    assert [(item["title"], item["tags"], item["note"]) for item in objects] == [
        (HARBOR_TITLE, ["ports", "to do"], None),
        (FERRY_TITLE, [], "Call the council.\n\n- why *late*?"),
    ]
    (highlight,) = objects[0]["highlights"]
    assert (highlight["quote"], highlight["note"]) == ("a ledger with a\nblue == spine", "Ask the [harbor].")
    rows = list(csv.DictReader(notes("--format", "csv").out.splitlines(keepends=True)))
    assert [(row["title"], row["quote"], row["note"], row["color"]) for row in rows] == [
        (HARBOR_TITLE, highlight["quote"], "Ask the [harbor].", "green"),
        (FERRY_TITLE, "", "Call the council.\n\n- why *late*?", ""),
    ]


def test_on_a_terminal_they_are_wrapped(library: Library) -> None:
    words = " ".join(f"note{number}" for number in range(100, 160))
    library.annotations.write_note(key_of(library, FERRY_TITLE), words)
    command = python("-m", "reader", "notes", "--library", str(library.path))
    with Terminal(command, columns=60) as terminal:
        terminal.until_shown("note159")
        lines = terminal.lines
    assert [word for line in lines for word in line.split() if word.startswith("note")] == words.split()
    assert all(line.startswith("      note") for line in lines if "note1" in line and "note100" not in line)


def test_every_format_says_who_paid_for_the_article_and_that_it_is_cut_off(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "library.db"
    paid, cut = Reason("label", 1, "Sponsored"), Reason("marker", 9, "Keep Reading")
    with Library.open(path) as library:
        add_pages(
            library, [a_page("paid.txt", an_article(sponsored=paid, sponsor="Nimbuspay", truncated=cut))]
        )
        library.annotations.write_note(library.newest_keys()[0], "Who is this?")

    def notes(form: str) -> Done:
        return run("notes", "--library", path, "--format", form)

    assert " · TRUNCATED · SPONSORED · " in notes("text").out
    (item,) = notes("json").objects
    assert (item["truncated"], item["sponsored"], item["sponsor"]) == (True, True, "Nimbuspay")
    (row,) = csv.DictReader(notes("csv").out.splitlines())
    assert (row["truncated"], row["sponsored"], row["sponsor"]) == ("yes", "yes", "Nimbuspay")


def test_a_highlight_names_the_capture_in_which_it_was_made(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "library.db"
    cost = tuple(
        Block("paragraph", f"The {name} cost {name[0]} million.") for name in ("bridge", "pier", "tower")
    )
    corrected = (*cost[:2], Block("paragraph", "The tower cost t million. Nobody paid for the bell."))
    with Library.open(path) as library:
        add_pages(library, [a_page("pile/draft.txt", an_article(body=cost))])
        library.annotations.highlight(library.newest_keys()[0], Quote("t million."), "green")
        add_pages(library, [a_page("pile/corrected.txt", an_article(body=corrected))])

    def notes(form: str) -> Done:
        return run("notes", "--library", path, "--format", form)

    (item,) = notes("json").objects
    assert (item["source"], item["highlights"][0]["source"]) == ("corrected.txt", "draft.txt")
    (row,) = csv.DictReader(notes("csv").out.splitlines())
    assert row["source"] == "draft.txt"
    assert "  green: [t million.] (in draft.txt)" in notes("text").out
    assert ", in draft.txt*" in notes("markdown").out


def test_notes_stay_and_are_found_when_their_captures_are_removed(notes: Run, library: Library) -> None:
    library.annotations.set_tags(key_of(library, BANK_TITLE), ["ports"])
    before = {item["id"]: item for item in notes("--format", "json").objects}
    library.remove([library.article(key).capture_key for key in library.newest_keys()])
    after = {item["id"]: item for item in notes("--format", "json").objects}
    assert len(after) == 3
    for name in ("title", "tags", "note", "highlights"):
        assert {known: item[name] for known, item in after.items()} == {
            known: item[name] for known, item in before.items()
        }
    found = {
        "tag:por*": [BANK_TITLE, HARBOR_TITLE],
        "has:note -tag:ports": [FERRY_TITLE],
        "in:notes council OR has:highlight": [FERRY_TITLE, HARBOR_TITLE],
        "tag:ports cameras": [],
        "NOT cameras": [],
    }
    for query, titles in found.items():
        matching = [item["title"] for item in notes("--format", "json", query).objects]
        assert sorted(matching) == sorted(titles), query


def test_titles_and_sources_of_captures_that_are_gone_are_sanitized(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "library.db"
    with Library.open(path) as library:
        article = an_article(headline="The \x1b[31mroof\u202e of glass")
        add_pages(library, [a_page("pile/ro\x1b]0;of\u202e.txt", article)])
        (key,) = library.newest_keys()
        library.annotations.highlight(key, Quote("lettuce"), "green")
        sql(library, "UPDATE annotations SET made = '2026-03-01\x1b[2J'")
        library.remove([library.article(key).capture_key])
    for form in "text", "markdown", "json", "csv":
        text = run("notes", "--library", path, "--format", form).out
        assert all(word in text for word in ("roof", "of glass", "lettuce"))
        assert not {"\x1b", "\u202e", "\\u001b", "\\u202e"} & set(re.findall(r"\\u\w{4}|.", text))


def test_without_notes_only_the_header_of_a_table_is_written(
    library: Library, tmp_path: Path, run: Run
) -> None:
    output = tmp_path / "notes.csv"
    nothing = Done(0, "", "protocol-reader: there are no notes yet\n")
    assert run("notes", "--library", library.path) == nothing
    table = run("notes", "--library", library.path, "--format", "csv")
    assert table._replace(out="") == nothing
    assert table.out.startswith("id,title,")
    assert table.out.count("\n") == 1
    assert run("notes", "--library", library.path, "--output", output) == nothing._replace(status=1)
    assert not output.exists()


def test_notes_that_cannot_be_read_are_named(notes: Run, library: Library) -> None:
    sql(library, f"UPDATE records SET record = x'00' WHERE key = {key_of(library, HARBOR_TITLE)}")
    status, out, err = notes()
    assert (status, FERRY_TITLE in out, "has been altered" in err) == (1, True, True)
    sql(library, "UPDATE records SET record = x'00'")
    status, out, err = notes()
    assert (status, out, err.count("has been altered")) == (3, "", 2)
