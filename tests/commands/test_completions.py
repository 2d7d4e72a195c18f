"""Completions, held against the parsers in the shells that are here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reader.cli import main
from reader.commands import COMMANDS
from reader.commands.completions import FIELDS, SHELLS, Description, completion_script, describe_commands
from reader.library import Library
from reader.manual import TOPICS
from reader.model import Reason
from reader.settings.options import THEMES
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.paths import ROOT

ALL = describe_commands()
NAMES = set(COMMANDS)
TOPIC_NAMES = {topic.name for topic in TOPICS}


def options(command: Description) -> set[str]:
    return {name for option in command.options for name in option.names}


def needs(shell: str) -> str:
    if (found := shutil.which(shell)) is None:
        pytest.skip(f"there is no {shell} here")
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("plain.txt", "two words.txt", "pages/own.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def bash(folder: Path, *lines: str) -> list[set[str]]:
    """What bash offers for each of some lines, whose last word is the one that is being typed; "=" is a word."""
    asked = [
        f"COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _protocol_reader; "
        "printf '%s\\n' \"${COMPREPLY[@]}\" =="
        for line in lines
    ]
    text = completion_script("bash", ALL) + "\ncompopt() { :; }\n" + "\n".join(asked)
    done = subprocess.run(
        [needs("bash"), "--norc", "-c", text],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return [set(filter(None, answer.split("\n"))) for answer in done.stdout.split("==\n")[:-1]]


def fish(folder: Path, *lines: str) -> list[set[str]]:
    """What fish offers for each of some lines."""
    asked = "\n".join(f"complete -C '{line}'; echo ==" for line in lines)
    done = subprocess.run(
        [needs("fish"), "--no-config", "-c", completion_script("fish", ALL) + asked],
        capture_output=True, text=True, cwd=folder, timeout=60, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return [
        {line.partition("\t")[0] for line in answer.split("\n") if line}
        for answer in done.stdout.split("==\n")[:-1]
    ]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_can_read_it(shell: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["completions", shell]) == 0
    path = tmp_path / "script"
    path.write_text(capfd.readouterr().out, encoding="utf-8")
    done = subprocess.run([needs(shell), "-n", str(path)], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_bash_offers_every_option_of_every_command(tmp_path: Path) -> None:
    answers = bash(tmp_path, *(f"protocol-reader {one.name} -" for one in ALL))
    assert answers == [options(one) for one in ALL]


def test_bash_offers_every_choice(tmp_path: Path) -> None:
    chosen = [
        (one.name, name, option.value.choices)
        for one in ALL
        for option in one.options
        if option.value is not None and option.value.choices
        for name in option.names
    ]
    assert chosen
    for between in (" ", " = "):
        lines = [f"protocol-reader {command} {name}{between}''" for command, name, _ in chosen]
        assert bash(tmp_path, *lines) == [set(choices) for _, _, choices in chosen]


def test_bash_offers_commands_and_files_for_the_first_word(folder: Path) -> None:
    files = {"plain.txt", "two words.txt", "pages"}
    answers = bash(
        folder, "protocol-reader ''", "protocol-reader p", "protocol-reader t", "protocol-reader add ''"
    )
    assert answers[0] == NAMES | files
    assert answers[1] == {"parse", "plain.txt", "pages"}
    assert answers[2] == {"two words.txt"}
    assert answers[3] == set()  # Files come from bash itself, which knows best how to quote them.
    assert bash(folder, "protocol-reader completions ''") == [{*SHELLS, *FIELDS}]
    assert bash(folder, "protocol-reader help ''", "protocol-reader help li") == [TOPIC_NAMES, {"library"}]
    assert bash(folder, "protocol-reader --library parse -") == [options(ALL[0])]


def test_fish_offers_every_option_of_every_command(tmp_path: Path) -> None:
    long = [{name for name in options(one) if name.startswith("--")} for one in ALL]
    answers = fish(tmp_path, *(f"protocol-reader {one.name} --" for one in ALL))
    assert answers == long


def test_fish_offers_files_folders_and_choices_where_they_belong(folder: Path) -> None:
    files = {"plain.txt", "two words.txt", "pages/"}
    first, add, search, into, form, shells, topics, theme = fish(
        folder,
        "protocol-reader ",
        "protocol-reader add ",
        "protocol-reader search ",
        "protocol-reader parse --into ",
        "protocol-reader parse --format ",
        "protocol-reader completions ",
        "protocol-reader help ",
        "protocol-reader --theme ",
    )
    assert first == NAMES | files
    assert add == files
    assert search == {"section:", "author:", "sponsor:"}
    assert into == {"pages/"}
    assert form == {"jsonl", "parquet"}
    assert shells == {*SHELLS, *FIELDS}
    assert topics == TOPIC_NAMES
    assert {"auto", "paper", *THEMES} == theme


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the program, whose library has some names."""
    monkeypatch.setenv("PROTOCOL_READER_LIBRARY", str(tmp_path / "library.db"))
    with Library.open(tmp_path / "library.db") as library:
        reason = Reason("label", 1, "Sponsored")
        first = an_article(section="Next Up", authors=("Anders Whitlock", "Zoë O’Hara"))
        paid = an_article(headline="Paid", sponsored=reason, sponsor="Nimbus $(touch broken) Pay", authors=())
        add_pages(library, [a_page("a.txt", first, paid)])
    program = tmp_path / "bin" / "protocol-reader"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m reader "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def test_bash_completes_names_in_queries(named: Path) -> None:
    answers = bash(
        named,
        "protocol-reader search ''",
        "protocol-reader search au",
        "protocol-reader search author :",
        "protocol-reader export lettuce author : Zo",
        "protocol-reader search author:And",  # Where the colon does not break words.
        "protocol-reader search section :",
        "protocol-reader missing sponsor : N",
        "protocol-reader search in :",
    )
    assert answers == [
        {"section:", "author:", "sponsor:"},
        {"author:"},
        {"Anders-Whitlock", "Zoë-O-Hara"},
        {"Zoë-O-Hara"},
        {"author:Anders-Whitlock"},
        {"Next-Up", "Sponsored"},
        {"Nimbus-touch-broken-Pay"},
        set(),
    ]
    assert not (named / "broken").exists()
    assert main(["search", "author:anders-whitlock", "--json"]) == 0


def test_fish_completes_names_in_queries(named: Path) -> None:
    authors, sponsors = fish(
        named, "protocol-reader search author:An", "protocol-reader export lettuce sponsor:"
    )
    assert authors == {"author:Anders-Whitlock"}
    assert sponsors == {"sponsor:Nimbus-touch-broken-Pay"}


def test_there_are_no_names_without_a_library(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completions", "author"]) == 0
    assert capsys.readouterr() == ("", "")
