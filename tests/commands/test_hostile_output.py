"""What a library, a settings file or a capture says comes out of commands without control characters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reader.cli import main
from reader.export.formats import FORMATS
from reader.library import Library
from reader.model import Problem
from reader.sanitize import escape_json
from tests.commands.hostile import CROWDED, HOSTILE, dirty_record, encodable, write_captures
from tests.commands.stage import ALL_COMMANDS, Run, arguments, word
from tests.commands.test_hostile_arguments import is_control
from tests.filling import add_pages

WRITERS = ("add", "fetch", "remove", "backup", "serve")
"""Commands with a library that print nothing of it."""


def ways_to_print_a_library() -> Iterator[str]:
    """The words of every command that prints what a library has, in each of its forms."""
    binary = {form.name for form in FORMATS if not form.is_text}
    for command in ALL_COMMANDS:
        options = {name: option for option in arguments(command) for name in option.option_strings}
        if "--library" not in options or command.name in WRITERS:
            continue
        forms = ["", "--json"] if "--json" in options else [""]
        if "--format" in options:
            forms = [f"--format={name}" for name in options["--format"].choices or () if name not in binary]
        words = "search --limit=999 rooftop" if command.name == "search" else word(command)
        yield from (f"{words} {form}".rstrip() for form in forms)


def controls(text: str) -> set[str]:
    # Some formats end their lines in two characters.
    return {char for char in text.replace("\r\n", "\n") if is_control(char)}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library whose records hold hostile texts in every field, as if nothing had been sanitized on the way in."""
    path = tmp_path_factory.mktemp("library") / "dirty.sqlite"
    texts = list(HOSTILE.values())
    problems = [Problem(text, text, f"{text} reason") for text in map(encodable, texts)]
    with Library.open(path) as made:
        add_pages(made, [dirty_record(text, number) for number, text in enumerate(texts)], problems)
    return path


@pytest.mark.parametrize("words", ways_to_print_a_library())
def test_of_a_library(words: str, library: Path, run: Run) -> None:
    command, *rest = words.split(" ")
    status, out, err = run(*filter(None, [command]), f"--library={library}", *rest)
    assert status in (0, 1)
    assert controls(out + err) == set()


@pytest.mark.parametrize("words", [["parse", "--lines"], ["parse", "--jobs=2"], ["add", "--jobs=1"], []])
def test_of_captures(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setenv("PROTOCOL_READER_LIBRARY", str(tmp_path / "library.sqlite"))
    write_captures(tmp_path / "captures", CROWDED)
    assert main([*words, str(tmp_path / "captures")]) == 1
    out, err = (data.decode() for data in capfdbinary.readouterr())
    assert out.count("\n") > 2
    assert controls(out) | controls(err) == set()


def test_of_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    file = tmp_path / "protocol-reader" / "config.toml"
    file.parent.mkdir()
    for text in map(encodable, CROWDED.values()):
        quoted = json.dumps(text).replace("\\u007f", "\x7f")
        file.write_text(
            f"{quoted} = 1\n[screen]\ntheme = {quoted}\n{quoted} = {quoted}\n[network]\nwayback = {quoted}\n"
            f"[keys]\n{quoted} = {quoted}\n",
            encoding="utf-8",
        )
        for words in ("settings", "settings --json", "fetch protocol.com/*"):
            status, out, err = run(*words.split())
            assert (status in (1, 2), controls(out + err)) == (True, set())


def test_json_says_the_same_with_escapes() -> None:
    for text in HOSTILE.values():
        line = json.dumps({text: [text, "ä “usual”"]}, ensure_ascii=False)
        escaped = escape_json(line)
        assert json.loads(escaped) == json.loads(line)
        assert controls(escaped) == set()
    assert escape_json('{"a": "ä “usual” \u2011 👍"}') == '{"a": "ä “usual” \u2011 👍"}'
