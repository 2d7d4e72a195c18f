"""Hostile captures in the real program: nothing in them reaches the terminal as anything but text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from tests.commands.hostile import CROWDED, MARKUP, write_captures
from tests.pseudo_terminal import Terminal, Token, python, tokens

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
