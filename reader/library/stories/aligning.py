"""Two texts laid along each other, word by word, as far as one of them goes: pure."""

from __future__ import annotations

from collections.abc import Sequence
from operator import eq
from typing import NamedTuple

Edit = tuple[int, int, int, int]
"""A passage that differs: its start and end in the shorter text, and in the longer."""


REACH = 90
"""How many words an edited, added or dropped passage may have."""
_STEPS = ((4, 2), (12, 3), (REACH, 6), (REACH, 3))
"""How far it is looked for a place where texts agree again, and in how many words."""
_PROBES = 8
"""In so many places of a long text it is looked whether it resembles the other at all."""
_STRIDE = 32
"""So many words are compared at once while they agree."""
_LAST = 4
"""So many last words may hold an edit."""


class Aligned(NamedTuple):
    """How the shorter of two texts lies along the longer."""

    edits: list[Edit]
    end: int
    """Where the shorter ends in the longer."""
    length: int
    """How many words of the shorter this is about: fewer than it has when the other ends before it."""


def resemble(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether some words that follow each other in a long text do so nearby in the other; fast."""
    if len(short) < 6 * _PROBES:
        return True
    found = 0
    for at in range(len(short) // 10, len(short) * 9 // 10, len(short) * 8 // (10 * _PROBES)):
        low, high = max(at - REACH, 0), at + REACH
        try:
            while True:
                low = long.index(short[at], low, high) + 1
                if long[low : low + 2] == short[at + 1 : at + 3]:
                    found += 1
                    break
        except ValueError:
            continue
    return found * 4 > _PROBES


def align(short: Sequence[str], long: Sequence[str]) -> Aligned | None:
    """Lay the shorter along the longer from the start; None when they part for good."""
    edits: list[Edit] = []
    i = j = 0
    while True:
        while short[i : i + _STRIDE] == long[j : j + _STRIDE] and i + _STRIDE <= len(short):
            i += _STRIDE
            j += _STRIDE
        while i < len(short) and j < len(long) and short[i] == long[j]:
            i += 1
            j += 1
        if i >= len(short):
            return Aligned(edits, j, i)
        if j >= len(long) and i >= 0.9 * len(short):
            return Aligned(edits, j, i)
        if i == len(short) - 1 and j < len(long) and is_cut(short[i], long[j]):
            return Aligned(edits, j + 1, i + 1)  # its last word is cut
        found = _take_up(short, long, i, j)
        left = len(short) - i
        if found is None and left <= _LAST and (left == 1 or any(map(eq, short[i:], long[j : j + left]))):
            return Aligned(edits, j, i)  # one of its last words is edited
        if found is None or len(edits) > 4 + len(short) // 10:
            return None
        edits.append((i, found[0], j, found[1]))
        i, j = found


def _take_up(short: Sequence[str], long: Sequence[str], i: int, j: int) -> tuple[int, int] | None:
    """The nearest places after `i` and `j` from which some words agree; the farther, the more words."""
    for reach, gram in _STEPS:
        ahead: dict[tuple[str, ...], int] = {}
        for y in range(j, min(j + reach, len(long) - gram) + 1):
            ahead.setdefault(tuple(long[y : y + gram]), y)
        best: tuple[int, int, int] | None = None
        for x in range(i, min(i + reach, len(short) - gram) + 1):
            if best is not None and x - i >= best[0]:
                break
            y = ahead.get(tuple(short[x : x + gram]), -1)
            if y >= 0 and (best is None or (x - i) + (y - j) < best[0]):
                best = ((x - i) + (y - j), x, y)
        if best is not None:
            return best[1:]
    return None


def is_cut(word: str, whole: str) -> bool:
    """Whether a word is another or its start; the start of a number is another number."""
    return word == whole or (whole.startswith(word) and word.isalpha())
