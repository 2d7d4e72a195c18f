"""Hostile captures in the real program: nothing in them reaches the terminal as anything but text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from tests.commands.hostile import CROWDED, INNOCENT, MARKUP, write_captures
from tests.pseudo_terminal import Terminal, Token, python, tokens

BACK = "\x1b"
COLUMNS, ROWS = 120, 24
QUIET, SETTLED, FIRST = 0.03, 0.25, 0.3
"""Seconds without output after which a screen is taken to be complete; more until it begins to change."""
POINTER = Token("string ]", "\x1b]22;default\x07")
"""The shape of the mouse's pointer, which Textual sets."""
BACKGROUND = Token("string ]", "\x1b]11;?\x1b\\")
"""The question whether the terminal is light or dark."""
FEW = 4
"""Innocent articles that are read: enough to see all that the program tells a terminal."""
LINE_ENDS = ("control 0xd", "control 0xa")

# Keys, and what the screen shows then. Every screen and every line for typing is visited.
VISITS = (
    ("P", "─ Problems ─"), ("G", ""), (BACK, "⏎ read"),
    ("?", "─ Keys ─"), ("section", "section"), (BACK, ""), (BACK, "⏎ read"),
    ("s", "─ Sections ─"), ("e", ""), (BACK, ""), (BACK, "⏎ read"),
    ("/", "\n find title"), ("farm\r", "⏎ read"), ("n", ""), ("N", ""),
    ("f", "\n filter"), ("farm", "“farm”"), ("\r", "⏎ read"), (BACK, ""),
    ("t", "only truncated"), ("t", "truncated hidden"), ("t", ""), ("p", ""), ("p", ""), ("p", ""),
    ("S", "newest first"), ("S", "by title"), ("S", "longest first"), ("S", ""), ("1", ""), ("0", ""),
    ("\x10", "Search for commands"), ("section", "Choose a section"), (BACK, "⏎ read"),
    ("l", "z zen"), ("z", ""), ("z", "z zen"), ("/", "\n find in article"), ("farm\r", "z zen"), ("n", ""),
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
        terminal.set_size(60, 20)
        terminal.settle()
        for keys in ("l", "G", "g", "h", "j"):
            press(keys)
        press("q")
        assert terminal.status() == 0, terminal.text
    return list(tokens(bytes(terminal.output))), "\n".join(shown)


def told(found: Sequence[Token]) -> set[Token]:
    """What the terminal was told besides text: its places are left out, colours are taken apart."""
    said: set[Token] = set()
    for token in found:
        if token.kind == "CSI m":
            said.update(Token("CSI m", code) for code in _codes(token.value))
        elif token.kind == "CSI H":
            said.add(Token("CSI H", re.sub("[0-9]+", "n", token.value)))
        elif token.kind != "text":
            said.add(token)
    return said


def switches(found: Sequence[Token]) -> Counter[Token]:
    """How often each mode was set and reset; synchronised output is, with every frame."""
    return Counter(token for token in found if token.kind in ("CSI ?h", "CSI ?l") and token.value != "2026")


def _codes(value: str) -> list[str]:
    """The codes of one SGR sequence; the numbers of a colour are left out."""
    return re.sub(r"\b([34]8;2);[0-9]+;[0-9]+;[0-9]+", r"\1", value).replace("8;2", "8:2").split(";")


def check(innocent: tuple[list[Token], str], hostile: tuple[list[Token], str]) -> None:
    assert told(hostile[0]) <= told(innocent[0])
    for token, following in pairwise(hostile[0]):
        assert not token.kind.startswith("ESC")
        assert not token.kind.startswith("string") or token in (POINTER, BACKGROUND)
        assert not token.kind.startswith("control") or token.kind in LINE_ENDS
        # A terminal's driver makes two of every line feed; a carriage return alone is not Textual's.
        assert token.kind != LINE_ENDS[0] or following.kind == LINE_ENDS[1]
    assert switches(hostile[0]) == switches(innocent[0])
    text = hostile[1]
    missing = {name: markup for name, markup in MARKUP.items() if markup not in text}
    assert not missing
    assert "gpj.exe" in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u200b\ufeff\ue000]", text)


@pytest.fixture(scope="module")
def innocent(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Token], str]:
    """What the program writes and shows for harmless captures."""
    folder = tmp_path_factory.mktemp("innocent") / "word"
    write_captures(folder, INNOCENT)
    return run_through(python("-m", "reader", str(folder)), FEW)


def test_captures_that_are_hostile_in_every_line_and_name(
    innocent: tuple[list[Token], str], tmp_path: Path
) -> None:
    folder = tmp_path / "\x1b]0;OWNED\x07\u202e[bold]x[_bold][_]"
    write_captures(folder, CROWDED)
    check(innocent, run_through(python("-m", "reader", str(folder)), len(CROWDED)))
