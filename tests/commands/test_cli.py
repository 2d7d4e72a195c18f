"""The commands as a shell sees them: output, messages and exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reader import __version__
from reader.commands import COMMANDS
from reader.commands.inputs import sample_captures
from tests.commands.stage import Run
from tests.pseudo_terminal import Terminal, python

PAGE = """Fintech

A bank for people who hate banks

It has one branch and no tellers.

Photo: Nadine Okoro/Getty Images

The branch opens at noon, which is when the manager gets up.

Keep ReadingShow less
Nadine Okoro

Nadine Okoro is a reporter at Protocol covering banks and the people who avoid them.
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_parse_prints_one_object_a_page_in_the_order_of_the_paths(
    page: Path, tmp_path: Path, run: Run
) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    first, second = run("parse", empty, page).objects
    assert (first["source"], first["articles"]) == (str(empty), [])
    article = second["articles"][0]
    assert article["headline"] == "A bank for people who hate banks"
    assert article["section"] == "Fintech"
    assert article["authors"] == ["Nadine Okoro"]
    assert article["truncated"] is True
    assert article["reasons"] == {
        "truncated": {"because": "marker", "line": 11, "text": "Keep ReadingShow less"}
    }
    assert "lines" not in second
    lines = run("parse", "--lines", page).objects[0]["lines"]
    assert [line["n"] for line in lines] == [1, 3, 5, 7, 9, 11, 12, 14]
    assert [line["label"] for line in lines] == [
        "kicker", "headline", "deck", "credit", "paragraph", "marker", "author", "bio",
    ]  # fmt: skip
    assert {line["article"] for line in lines} == {0}


def test_a_page_that_cannot_be_read_is_named_and_the_others_still_come(page: Path, run: Run) -> None:
    missing = page.with_name("missing.txt")
    done = run("parse", missing, page)
    assert (done.status, len(done.objects), str(missing) in done.err) == (1, 1, True)
    assert run("parse", missing).status == run(missing).status == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--no-such-option", "protocol-reader: unknown option --no-such-option; see protocol-reader --help"),
        (
            "search --lim 3 the",
            "unknown option --lim (did you mean --limit?); see protocol-reader search --help",
        ),
        ("add --librar=x y", "unknown option --librar=x (did you mean --library?)"),
        ("parse", "PATH is missing; see protocol-reader parse --help"),
        ("add --jobs 0 x", "is not a whole number from 1"),
        ("add --site /// x", "not a site"),
        ("remove --yes ", "the name is empty"),
        ("--library x y", "--library and PATH cannot be used together"),
        ("search --limit x a", "is not a whole number from 1"),
        ("export", "choose a --format: one of markdown (.md), text (.txt)"),
        ("export --output a.xyz", "choose a --format: one of markdown (.md), text (.txt)"),
        ("export --format csv --output out/", "csv is written to a single file, not to a folder"),
        ("export --format pdf", "--format: “pdf” is not one of markdown, text"),
        ("mising --fetch", "did you mean “missing”? See protocol-reader --help"),
    ],
)
def test_wrong_use_is_explained_in_one_line(words: str, message: str, run: Run) -> None:
    status, _, err = run(*words.split(" "))
    assert (status, message in err, err.count("\n")) == (2, True, 1)


def test_a_file_named_like_an_option_must_be_named_with_its_folder(
    page: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.chdir(page.parent)
    page.rename("-dash.txt")
    for words in (["add"], ["parse"], []):
        status, _, err = run(*words, "-dash.txt")
        assert (status, "unknown option -dash.txt; write ./-dash.txt" in err) == (2, True)
    assert run("parse", "./-dash.txt").status == 0


@pytest.mark.parametrize("columns", [60, 200])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_wraps_to_the_terminal(
    command: str, columns: int, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    status, out, _ = run(*command.split(), "--help")
    assert (status, "exit status" in out) == (0, True)
    lines = out.split("\n")
    assert [line for line in lines if len(line) > min(columns, 100) and "~/" not in line] == []
    assert run(*command.split(), "--no-such-option").status == 2


def test_without_a_terminal_the_articles_come_as_plain_text(page: Path, run: Run) -> None:
    text = run(page).out
    assert "FINTECH   [TRUNCATED]" in text
    assert "A bank for people who hate banks" in text
    assert "[The text ends here: the text ends at a “keep reading” marker, line 11.]" in text
    assert "\x1b" not in text
    done = subprocess.run(
        python("-m", "reader"), input=PAGE, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[:4] == text.splitlines()[:4]
    # With nothing to read the samples come.
    status, out, err = run()
    assert (status, err) == (0, "")
    assert out.count("─" * 72) > len(sample_captures())
    assert run("--version").out == f"protocol-reader {__version__}\n"


def test_a_capture_from_a_pipe_opens_in_the_app() -> None:
    reading, writing = os.pipe()
    os.write(writing, PAGE.encode())
    os.close(writing)
    with Terminal(python("-m", "reader"), stdin=reading) as terminal:
        os.close(reading)
        terminal.until_shown("A bank for people who")
        terminal.until_shown("Standard input")
        terminal.press("q")
        assert terminal.status() == 0


def test_output_that_is_read_only_in_part_is_no_error() -> None:
    command = f"{sys.executable} -m reader parse --lines {' '.join(sample_captures() * 5)} | head -c 100"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
