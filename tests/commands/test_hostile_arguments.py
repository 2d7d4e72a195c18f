"""Whatever a user writes after a command, or sets in the environment, comes out as a sentence and a known status."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from reader.cli import main
from reader.library import Library
from reader.sanitize import label_of
from reader.web.server import Server
from tests.archives.fake_archive import FakeArchive, Held, serving
from tests.commands.hostile import CONTROLS, SEQUENCES, UNSEEN
from tests.commands.stage import ALL_COMMANDS, Done, Run, arguments, value_name, word
from tests.commands.test_cli import PAGE
from tests.paths import ROOT

PATHS: Final = {
    "a name over 255 bytes": "n" * 300,
    "a path over 4,096 bytes": "/".join(["d" * 200] * 25),
    "a NUL": "a\0b",
    "half of a surrogate pair": "\ud800x",
    "memory of a process": "/proc/self/mem",
    "a file where a folder should be": "page.txt/x",
    "a link to nothing": "dangling",
    "a link to itself": "loop",
    "a full device": "/dev/full",
    "nothing": "",
    "odd characters": "x\ny\x1b[31m\udcff\u200b\xa0.txt",
}
"""In a folder with page.txt and the links."""
TEXTS: Final = {
    "hostile": "".join({**SEQUENCES, **CONTROLS, **UNSEEN}.values()),
    "format": "%s%(prog)s{0}{x}",
    "thousands of digits": "9" * 5000,
    "a negative number": "-1",
}


OWN: Final = "--library=kept.sqlite"
VALID: Final = {
    "parse": ("", "page.txt"),
    "add": (f"--jobs=1 {OWN}", "page.txt"),
    "fetch": (f"--list --server=SERVER {OWN}", "protocol.com/a"),
    "search": (OWN, "bank"),
    "export": (f"--format=text {OWN}", ""),
    "remove": (f"--yes {OWN}", "elsewhere.txt"),
    "backup": (OWN, "copy.sqlite"),
    "completions": ("", "bash"),
    "serve": ("--port=0", ""),
    **dict.fromkeys(("stats", "missing", "notes", "corrections", "check"), (OWN, "")),
}
"""Options and positional arguments with which each command does something; of an option the last value counts."""
FETCHED: Final = "--fetch --dry-run --server=SERVER"
ALSO: Final = {
    ("parse", "--into"): "--jobs=1",
    ("parse", "--format"): "--into=shards --jobs=1",
    ("parse", "--cluster"): "--into=shards",
    ("missing", "--output"): "--format=csv",
    ("notes", "--output"): "--format=markdown",
    **{("missing", option): FETCHED for option in ("--within", "--into", "--limit", "--server")},
}
"""What an option needs besides."""


class Slot(NamedTuple):
    """A place on the command line where a value may stand."""

    command: str
    option: str
    """The option; "" for what stands by itself."""
    metavar: str

    def words(self, value: str, server: str) -> list[str]:
        """A command line with `value` in this place, and harmless words where others are needed."""
        options, positionals = VALID.get(self.command, ("", ""))
        options = f"{options} {ALSO.get(self[:2], '')}".replace("SERVER", server)
        words = [*filter(None, [self.command]), *options.split()]
        if self.option:
            return [*words, f"{self.option}={value}", *(["--", positionals] if positionals else [])]
        return [*words, "--", value]


SLOTS: Final = [
    Slot(word(command), "".join(action.option_strings[:1]), name)
    for command in ALL_COMMANDS
    for action in arguments(command)
    if (name := value_name(action)) is not None
]
NEVER_OPENED: Final = (("missing", "--into"), ("fetch", "--library"))
"""Paths of what is fetched, of which there is nothing here."""
PATH_SLOTS: Final = [
    slot
    for slot in SLOTS
    if slot.metavar in ("PATH", "FILE", "FOLDER", "FILE-OR-FOLDER") and slot[:2] not in NEVER_OPENED
]
ENVIRONMENT: Final = (
    "HOME", "PROTOCOL_READER_LIBRARY", "TMPDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A web archive that holds one page."""
    archive = FakeArchive([Held("20220101000000", "https://www.protocol.com/a")])
    with serving(archive):
        yield archive.address


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of one page, an article of which has a note; no test changes it."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "page.txt").write_text(PAGE, encoding="utf-8")
    library = folder / "kept.sqlite"
    assert main(["add", f"--library={library}", "--jobs=1", str(folder / "page.txt")]) == 0
    with Library.open(library) as opened:
        opened.annotations.write_note(opened.listing().rows(0, 1)[0].key, "Ask the bank.")
    return library


@pytest.fixture
def folder(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a page, links that lead nowhere, and a library."""
    monkeypatch.chdir(tmp_path)
    Path("page.txt").write_text(PAGE, encoding="utf-8")
    Path("dangling").symlink_to("nowhere/at/all")
    Path("loop").symlink_to("loop")
    shutil.copy(kept, "kept.sqlite")

    async def serve_nobody(self: Server, listening: object, ready: object) -> None:
        """What would go on until Ctrl-C."""

    monkeypatch.setattr(Server, "run", serve_nobody)
    resolve = socket.getaddrinfo

    def resolve_here(host: str, *given: Any, **more: Any) -> Any:
        """Look for no name in the network."""
        if host not in ("127.0.0.1", "localhost"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)
    monkeypatch.setattr("reader.archives.client.INTERVAL", 0.0)
    return tmp_path


def complaints(done: Done, shown: str) -> list[str]:
    """What is wrong with what a command has said and done; the path `shown` must be named where it failed."""
    found = []
    if done.status not in (0, 1, 2, 3):
        found.append(f"status {done.status}")
    if "Traceback" in done.err or "bug in Protocol Reader" in done.err:
        found.append(done.err)
    if any(is_control(char) for char in done.out + done.err):
        found.append(f"control characters: {done.out + done.err!a}")
    name = label_of(shown) if shown else ""
    if done.status and name not in done.err:
        found.append(f"does not name it: {done.err!a}")
    return found


def first_name(path: str) -> str:
    """What a message about a path names at least: what is in the way may be a part of it."""
    return path if path.startswith("/") else path.partition("/")[0]


def is_control(char: str) -> bool:
    return (char < " " and char not in "\n\t") or "\x7f" <= char <= "\x9f" or char in "\u202e\u2066\u200b"


@pytest.mark.parametrize("slot", PATH_SLOTS, ids=lambda slot: f"{slot.command} {slot.option}")
def test_a_path_that_cannot_be_used_is_named(slot: Slot, folder: Path, server: str, run: Run) -> None:
    found = {
        name: complaints(run(*slot.words(path, server)), first_name(path)) for name, path in PATHS.items()
    }
    assert not any(found.values())


def test_a_file_has_the_same_name_in_every_message(folder: Path, run: Run) -> None:
    name, shown = "it's\x1b[31m\n\xa0\udcff.csv", r"it's\x1b[31m\n\u00a0\xff.csv"
    for words in (
        f"stats --library={name}",
        f"parse {name}",
        f"{name}",
        f"remove {OWN} {name}",
        f"export {OWN} --output={name}",
        f"export {OWN} --output={name}",
        f"backup {OWN} {name}",
        f"check --library={name}",
    ):
        done = run(*words.split(" "))
        assert shown in done.err, ascii(words)


def test_a_suggested_command_names_the_same_file(folder: Path, run: Run) -> None:
    name = "it's\x1b[31m\n\xa0\udcff\\.db"
    advice = run("stats", f"--library={name}").err.partition("“")[2].partition("”")[0]
    words = advice.partition(" ")[2]
    printed = subprocess.run(
        ["bash", "-c", rf"printf '%s\0' {words}"], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )
    assert printed.stdout.split(b"\0")[3] == os.fsencode(name)


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: f"{slot.command} {slot.option}")
def test_no_control_character_of_a_value_comes_out(slot: Slot, folder: Path, server: str, run: Run) -> None:
    found = {}
    for name, text in TEXTS.items():
        # A host with any name would be looked for in the network.
        value = f"nosuch://{text}" if slot.option in ("--cluster",) else text
        found[name] = complaints(run(*slot.words(value, server)), "")
    assert not any(found.values())


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_the_environment_is_no_better(
    variable: str, folder: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    found = {}
    for name, path in PATHS.items():
        if "\0" in path or "\ud800" in path:
            continue  # Nothing of that kind can be in an environment.
        value = str(folder / path) if variable.startswith("XDG") else path
        with monkeypatch.context() as patch:
            patch.delenv("XDG_DATA_HOME")
            patch.setenv(variable, value)
            for words in ("stats", "settings", "add --jobs=1 page.txt"):
                found[name, words] = complaints(run(*words.split()), "")
    assert not any(found.values())


def program(
    *words: str, shell: str = '"$@"', code: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """The program, or `code`, in a process of its own; `shell` runs it as "$@"."""
    start = ["-c", code] if code else ["-m", "reader"]
    return subprocess.run(
        ["bash", "-c", shell, "bash", sys.executable, "-P", *start, *words],
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=60,
        check=False,
    )


STATS: Final = "stats --library=kept.sqlite"
FULL: Final = "standard output cannot be written: the disk is full"


@pytest.mark.parametrize(
    ("words", "shell", "unbuffered", "status", "says"),
    [
        (STATS, ">&-", "", 2, "standard output is closed"),
        ("page.txt", ">&-", "", 2, "standard output is closed"),
        ("--help", ">/dev/full", "", 3, FULL),
        ("--version", ">/dev/full", "1", 3, "the disk is full"),
        ("parse page.txt", ">/dev/full", "", 3, FULL),
        ("parse page.txt", ">/dev/full", "1", 3, "the disk is full"),
        ("parse page.txt", "2>&-", "", 0, ""),
        ("page.txt", "<&-", "", 0, ""),
        ("parse -", "<&-", "", 3, "standard input is closed"),
        ("add --library=kept.sqlite -", "<&-", "", 3, "standard input is closed"),
        ("parse page.txt", ">&- 2>&-", "", 2, ""),
        (STATS, "2>/dev/full", "", 0, ""),
    ],
)
def test_streams_that_cannot_be_used(
    folder: Path, words: str, shell: str, unbuffered: str, status: int, says: str
) -> None:
    done = program(*words.split(), shell=f'"$@" {shell}', PYTHONUNBUFFERED=unbuffered)
    told = done.returncode, says in done.stderr, "Traceback" in done.stderr
    assert told == (status, True, False), done.stderr
    assert len(done.stderr.splitlines()) <= 1


@pytest.mark.parametrize("words", ["backup copy", "parse page.txt"])
def test_a_current_folder_that_is_gone(folder: Path, words: str) -> None:
    gone = 'mkdir gone && cd gone && rmdir "$PWD" && "$@"'
    done = program(*words.split(), shell=gone, PROTOCOL_READER_LIBRARY=str(folder / "kept.sqlite"))
    assert done.returncode == 3, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_locale_that_is_not_utf8(folder: Path) -> None:
    Path("Größe.txt").write_text(PAGE.replace("Okoro", "Okörő"), encoding="utf-8")
    locale = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "PYTHONIOENCODING": "latin-1"}
    done = program("parse", "Größe.txt", **locale)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["articles"][0]["authors"] == ["Nadine Okörő"]
