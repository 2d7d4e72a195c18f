"""Completions, in the shells that are here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

import pytest

from reader.cli import main
from reader.commands import COMMANDS, READING
from reader.commands.help import SHELLS
from reader.library import Library
from reader.library.search.parser import FIELDS
from reader.model import Reason
from tests.commands.stage import arguments
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.paths import ROOT

NAMES = set(COMMANDS)
PARSE, EXPORT, READING_OPTIONS = (
    {name for action in arguments(command) for name in action.option_strings}
    for command in (COMMANDS["parse"], COMMANDS["export"], READING)
)
WORD_BREAKS = r"$' \t\n\"\'><=;|&(:'"
"""The characters at which bash breaks words, by default."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: some files, and the program, which the shells can start."""
    for name in ("plain.txt", "two words.txt", "pages/own.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    program = tmp_path.with_name(f"{tmp_path.name}-bin") / "protocol-reader"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m reader "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PROTOCOL_READER_LIBRARY", str(tmp_path / "library.db"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def named(folder: Path) -> Path:
    """A folder with a library that has some names."""
    with Library.open(folder / "library.db") as library:
        reason = Reason("label", 1, "Sponsored")
        first = an_article(section="Next Up", authors=("Anders Whitlock", "Zoë O’Hara"))
        paid = an_article(headline="Paid", sponsored=reason, sponsor="Nimbus $(touch broken) Pay", authors=())
        add_pages(library, [a_page("a.txt", first, paid)])
        library.annotations.set_tags(library.newest_keys()[0], ["to-do_1", "two words"])
    return folder


def answers(shell: str, script: str, *options: str) -> list[set[str]]:
    """The sets of lines that a script prints, with a line "==" after each."""
    if (path := shutil.which(shell)) is None:
        pytest.skip(f"there is no {shell} here")
    code = subprocess.run(
        ["protocol-reader", "completions", shell], capture_output=True, text=True, check=True
    )
    done = subprocess.run(
        [path, *options, "-c", f"{code.stdout}\n{script}"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return [set(filter(None, answer.split("\n"))) for answer in done.stdout.split("==\n")[:-1]]


def bash(lines: Sequence[str]) -> list[set[str]]:
    """What bash offers at the end of each line; nothing where it completes files itself."""
    asked = "".join(
        f"COMP_LINE={quote(line)} COMP_POINT={len(line.encode())}\n_python_argcomplete protocol-reader\n"
        "printf '%s\\n' \"${COMPREPLY[@]}\" ==\n"
        for line in lines
    )
    return answers(
        "bash", f"COMP_WORDBREAKS={WORD_BREAKS} COMP_TYPE=9\ncompopt() {{ :; }}\n{asked}", "--norc"
    )


def fish(lines: Sequence[str]) -> list[set[str]]:
    """What fish offers at the end of each line."""
    asked = "".join(f"complete -C {quote(line)} | string replace -r '\\t.*' ''; echo ==\n" for line in lines)
    return answers("fish", asked, "--no-config")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_can_read_it(shell: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    if (path := shutil.which(shell)) is None:
        pytest.skip(f"there is no {shell} here")
    assert main(["completions", shell]) == 0
    script = tmp_path / "script"
    script.write_text(capfd.readouterr().out, encoding="utf-8")
    done = subprocess.run([path, "-n", str(script)], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


FILES = {"plain.txt", "two words.txt", "pages/"}
OFFERED = {
    "protocol-reader ": (NAMES | {"plain.txt", r"two\ words.txt", "pages/"}, NAMES | FILES),
    "protocol-reader p": ({"parse", "plain.txt", "pages/"}, {"parse", "plain.txt", "pages/"}),
    "protocol-reader add ": (set(), FILES),
    "protocol-reader parse -": (PARSE, PARSE),
    "protocol-reader export --": (EXPORT - {"-h"}, EXPORT - {"-h"}),
    "protocol-reader --": (READING_OPTIONS - {"-h"}, READING_OPTIONS - {"-h"}),
    "protocol-reader export --library ": (set(), FILES),
    "protocol-reader parse --into ": ({"pages/"}, {"pages/"}),
    "protocol-reader parse --format=": ({"jsonl", "parquet"}, {"--format=jsonl", "--format=parquet"}),
    "protocol-reader fetch --from com": ({"commoncrawl"}, {"commoncrawl"}),
    "protocol-reader help li": ({"library"}, {"library"}),
}
"""Lines, what argcomplete offers in bash, which completes other files itself, and what fish offers."""


def test_bash_offers_commands_options_values_and_files(folder: Path) -> None:
    assert bash([*OFFERED]) == [in_bash for in_bash, _ in OFFERED.values()]


def test_fish_offers_commands_options_values_and_files(folder: Path) -> None:
    assert fish([*OFFERED]) == [in_fish for _, in_fish in OFFERED.values()]
    with Library.open(folder / "library.db") as library:
        add_pages(library, [a_page("a.txt", an_article(authors=("Anders Whitlock",)))])
    assert fish(["protocol-reader search author:An"]) == [{"author:Anders-Whitlock"}]


def test_bash_completes_names_in_queries(named: Path) -> None:
    offered = {
        "protocol-reader search ": {f"{field}:" for field in FIELDS},
        "protocol-reader search has:": {"highlight", "note", "tag"},
        "protocol-reader search tag:": {"to-do_1", "two-words"},
        "protocol-reader search author:": {"Anders-Whitlock", "Zoë-O-Hara"},  # bash breaks words at the colon
        "protocol-reader export lettuce author:Zo": {"Zoë-O-Hara"},
        "protocol-reader missing sponsor:n": {"Nimbus-touch-broken-Pay"},
        "protocol-reader search --library=library.db author:A": {"Anders-Whitlock"},
    }
    assert bash([*offered]) == [*offered.values()]
    assert not (named / "broken").exists()
    assert main(["search", "author:anders-whitlock", "--json"]) == 0
    for tag in ("to-do_1", "two-words"):
        assert main(["export", f"tag:{tag}", "--format", "text"]) == 0


def test_a_tab_after_other_commands_on_the_line_is_answered_with_little_imported(tmp_path: Path) -> None:
    line = "true; protocol-reader mi"  # as zsh passes it
    answer = tmp_path / "answer"
    env = {
        **os.environ, "_ARGCOMPLETE": "1", "_ARGCOMPLETE_SHELL": "zsh", "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
    }  # fmt: skip
    command = [sys.executable, "-X", "importtime", "-m", "reader"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert answer.read_text(encoding="utf-8") == f"missing:{COMMANDS['missing'].summary}"
    imported = set(re.findall(r"\| +(\S+)$", done.stderr, flags=re.MULTILINE))
    assert "reader.commands" in imported
    assert not imported & {"textual", "rich", "reader.parsing", "reader.captures"}
