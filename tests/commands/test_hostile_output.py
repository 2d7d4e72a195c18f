"""What a library, a settings file or a capture says comes out of commands and the app without control characters."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from reader.cli import main
from reader.export.formats import FORMATS
from reader.library import Library
from reader.model import Problem
from reader.sanitize import escape_json
from tests.commands.hostile import CROWDED, HOSTILE, MARKUP, dirty_record, encodable, write_captures
from tests.commands.stage import Run
from tests.commands.test_hostile_arguments import is_control
from tests.filling import add_pages
from tests.pseudo_terminal import Terminal, Token, python, tokens

COMMANDS = (
    "stats", "stats --json", "search --limit=999 rooftop", "search --limit=999 --json rooftop", "missing",
    "missing --format=csv", "missing --format=json", "corrections", "corrections --json",
    "check", "check --json", *(f"export --format={form.name}" for form in FORMATS if form.is_text), "",
)  # fmt: skip


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


@pytest.mark.parametrize("words", COMMANDS)
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


# In the app, on a terminal


BACK = "\x1b"
COLUMNS, ROWS = 120, 24
QUIET, SETTLED, FIRST = 0.03, 0.25, 0.3
"""Seconds without output after which a screen is taken to be complete; more until it begins to change."""
TOLD = {
    "text", "CSI m", "CSI H", "CSI ?h", "CSI ?l", "CSI ?$p", "CSI <u", "CSI >u", "CSI c", "control 0xd", "control 0xa",
}  # fmt: skip
"""What Textual tells a terminal: styles, places, modes and line ends."""
STRINGS = (Token("string ]", "\x1b]22;default\x07"), Token("string ]", "\x1b]11;?\x1b\\"))
"""The shape of the mouse's pointer, and the question whether the terminal is light or dark."""

# Keys, and what the screen shows then: the screens that show words of a capture, and the lines for typing.
VISITS = (
    ("P", "─ Problems ─"), ("G", ""), (BACK, "⏎ read"),
    ("s", "─ Sections ─"), ("e", ""), (BACK, ""), (BACK, "⏎ read"),
    ("/", "\n find title"), ("farm\r", "⏎ read"), ("f", "\n filter"), ("farm", "“farm”"), ("\r", "⏎ read"), (BACK, ""),
    ("l", "z zen"), ("/", "\n find in article"), ("farm\r", "z zen"),
    (BACK, "z zen"), ("G", ""), ("r", "Esc back"), ("G", ""), (BACK, "z zen"), ("h", "⏎ read"),
)  # fmt: skip


def run_through(command: Sequence[str], moves: int) -> tuple[list[Token], str]:
    """Read every article and visit every screen; all that was written, and all that the screen has shown."""
    shown: list[str] = []
    with Terminal(command, columns=COLUMNS, rows=ROWS) as terminal:

        def press(keys: str, expected: str = "") -> None:
            terminal.press(keys)
            # A program waits to see whether Esc is the start of a longer key.
            terminal.settle(SETTLED if keys == BACK else QUIET, FIRST)
            if expected:
                terminal.until_shown(expected)
            shown.append(terminal.text)

        terminal.until_shown("Protocol Reader")
        terminal.until_shown("min")
        terminal.settle()
        for _ in range(moves):
            press("j")
        for keys, expected in VISITS:
            press(keys, expected)
        press("q")
        assert terminal.status() == 0, terminal.text
    return list(tokens(bytes(terminal.output))), "\n".join(shown)


@pytest.mark.thorough
def test_captures_that_are_hostile_in_every_line_and_name(tmp_path: Path) -> None:
    folder = tmp_path / "\x1b]0;OWNED\x07\u202e[bold]x[_bold][_]"
    write_captures(folder, CROWDED)
    found, text = run_through(python("-m", "reader", str(folder)), len(CROWDED))
    assert {token for token in found if token.kind not in TOLD} <= {*STRINGS}
    # A terminal's driver makes two of every line feed; a carriage return alone is not Textual's.
    returns = [after for token, after in pairwise(found) if token.kind == "control 0xd"]
    assert {token.kind for token in returns} <= {"control 0xa"}
    # The captures have simple colours, Textual only those with three numbers.
    colours = [re.sub(r"[34]8;2;\d+;\d+;\d+", "", token.value) for token in found if token.kind == "CSI m"]
    assert not [codes for codes in colours if re.search(r"\b[34][0-7]\b", codes)]
    # Textual sets and resets each mode once or twice, and synchronised output with every frame.
    modes = Counter(token for token in found if token.kind in ("CSI ?h", "CSI ?l") and token.value != "2026")
    assert max(modes.values()) <= 2
    assert not {name for name, markup in MARKUP.items() if markup not in text}
    assert "gpj.exe" in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u200b\ufeff\ue000]", text)
