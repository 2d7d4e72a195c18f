"""The parser on sets of captures whose layouts, names, sponsors and truth were written without it.

A set is a letter: those who wrote it knew the site's pages and what the truth means, not the parser. It is not held
to read each of them rightly, but to stay as good as it is.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from reader import parse
from tests.truth import fields_right, plain

FOLDER = Path(__file__).parent / "judged"
SETS = {
    letter: sorted(FOLDER.glob(f"{letter}*.txt"))
    for letter in sorted({p.name[0] for p in FOLDER.glob("*.txt")})
}


@pytest.mark.parametrize("letter", SETS)
def test_of_a_hundred_fields_ninety_eight_are_right(letter: str) -> None:
    right = total = 0
    for path in SETS[letter]:
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        found, of = fields_right(parse(path.read_bytes().decode("utf-8-sig")), truth)
        right, total = right + found, total + of
    assert total > 1_000
    assert right / total >= 0.98


@pytest.mark.parametrize("letter", SETS)
def test_every_line_is_one_thing(letter: str) -> None:
    for path in SETS[letter]:
        text = path.read_bytes().decode("utf-8-sig")
        numbers = [
            n
            for n, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1)
            if plain(line).strip("\u200b")
        ]
        seen = Counter(line.n for line in parse(text).lines)
        assert seen == Counter(numbers), path.name
