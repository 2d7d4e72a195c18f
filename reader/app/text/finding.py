"""Find words in a document, unit by unit, whatever their case, accents and kind of quotes. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from functools import lru_cache
from unicodedata import combining, normalize

from reader.app.text.flow import Document, ReadingPosition
from reader.app.text.wrapping import Span

Match = tuple[int, int]
"""A match: the unit it starts in and which one of that unit's it is, from 0."""

LONGEST_QUERY = 200
"""Characters of a query that count."""
REMEMBERED = 64
"""The most units whose matches are cached."""

_SEARCHED = (
    (0xA1, 0x250),
    (0x370, 0x530),
    (0x1E00, 0x2000),
    (0x2026, 0x2027),
    (0xFB00, 0xFB07),
    (0xFF01, 0xFF5F),
)
"""Ranges of characters that may fold to others."""
_SIGNS = {"'": "‘’‚‛ʼ", '"': "“”„‟«»", "-": "‐‑‒–—―−"}
_MARKS = "[\u0300-\u036f]*"


def fold(text: str) -> str:
    """`text` without case, accents and kinds of quotes and dashes."""
    plain = "".join(char for char in normalize("NFKD", text.casefold()) if not combining(char))
    for sign, others in _SIGNS.items():
        for other in others:
            plain = plain.replace(other, sign)
    return plain


def pattern_of(query: str) -> re.Pattern[str] | None:
    """Compile a query to a pattern that ignores case and accents; None for an empty query.

    The pattern has all variants of each letter, so that the text need not be folded and offsets stay right.
    """
    folded = fold(" ".join(query[:LONGEST_QUERY].split()))
    if not folded:
        return None
    variants = _variants()
    parts: list[str] = []
    i = 0
    while i < len(folded):
        several = next((n for n in (3, 2) if folded[i : i + n] in variants and i + n <= len(folded)), 0)
        if several:
            letters = "".join(_one_of(char, variants) for char in folded[i : i + several])
            parts.append(f"(?:{letters}|[{variants[folded[i : i + several]]}])")
        else:
            parts.append(_one_of(folded[i], variants))
        i += several or 1
    return re.compile("".join(parts))


class Search:
    """The matches of a pattern in a document: first those from a position on, then those before it."""

    def __init__(self, document: Document, pattern: re.Pattern[str] | None, origin: tuple[int, int]) -> None:
        """`origin` is the unit and the offset in its text where the search begins."""
        self.count = 0
        """How many matches have been found so far."""
        self._document = document
        self._pattern = pattern
        self._origin = origin
        self._next = origin[0]
        self._left = len(document)
        self._units: list[int] = []
        self._counts: dict[int, int] = {}
        self._recent: dict[int, list[Span]] = {}

    @property
    def done(self) -> bool:
        """Whether the whole document has been searched."""
        return not self._left

    def step(self) -> None:
        """Search one unit more."""
        unit = self._next
        self._next = (unit + 1) % len(self._document)
        self._left -= 1
        found = len(self.matches(unit))
        if found:
            self.count += found
            self._counts[unit] = found
            insort(self._units, unit)

    def matches(self, unit: int) -> list[Span]:
        """The matches that start in a unit, as spans of its text; the last may reach into the next unit."""
        found = self._recent.get(unit)
        if found is None:
            if len(self._recent) > REMEMBERED:
                self._recent.clear()
            found = self._recent[unit] = self._search(unit)
        return found

    def marks(self, unit: int) -> list[Span]:
        """What of a unit's text belongs to matches, with what reaches into it from the unit before."""
        marks = self.matches(unit)
        if unit and self._document.goes_on(unit - 1) and (before := self.matches(unit - 1)):
            over = before[-1][1] - len(self._document.text(unit - 1))
            if over > 0:
                return [(0, over), *marks]
        return marks

    def part_in(self, unit: int, match: Match) -> Span | None:
        """What of a match stands in a unit, as one of its `marks`; None when nothing does."""
        if unit == match[0]:
            return self.matches(unit)[match[1]]
        is_last = match[0] == unit - 1 and match[1] == len(self.matches(match[0])) - 1
        marks = self.marks(unit) if is_last else []
        return marks[0] if len(marks) > len(self.matches(unit)) else None

    def first(self) -> Match | None:
        """The first match from the origin on, else from the start; None without one or while unknown."""
        unit, offset = self._origin
        if unit in self._counts:
            number = bisect_left(self.matches(unit), offset, key=lambda span: span[0])
            if number < self._counts[unit]:
                return unit, number
        after = bisect_right(self._units, unit)
        if after < len(self._units):
            return self._units[after], 0
        return (self._units[0], 0) if self.done and self._units else None

    def beside(self, match: Match, step: int) -> Match:
        """The known match after (`step` 1) or before (-1) one; round the ends."""
        unit, number = match
        number += step
        if 0 <= number < self._counts[unit]:
            return unit, number
        i = (bisect_left(self._units, unit) + step) % len(self._units)
        unit = self._units[i]
        return unit, 0 if step > 0 else self._counts[unit] - 1

    def ordinal(self, match: Match) -> int:
        """Which of the known matches one is, from 1."""
        unit, number = match
        before = self._units[: bisect_left(self._units, unit)]
        return sum(map(self._counts.__getitem__, before)) + number + 1

    def _search(self, unit: int) -> list[Span]:
        assert self._pattern is not None
        text = self._document.text(unit)
        own = len(text)
        if self._document.goes_on(unit):
            # Room for the query with a mark on every letter.
            text += self._document.text(unit + 1)[: 2 * LONGEST_QUERY]
        return [match.span() for match in self._pattern.finditer(text) if match.start() < own]


class Known(Search):
    """Matches that were found elsewhere."""

    def __init__(self, document: Document, matches: Iterable[tuple[ReadingPosition, int]]) -> None:
        """Pairs of the position of a match and its length, in order."""
        super().__init__(document, None, (0, 0))
        self._left = 0
        self._known: dict[int, list[Span]] = {}
        unit = first = 0
        block: int | None = None  # any number may be that of a block: those of a head are below nought
        for position, length in matches:
            if block != position.block:
                block = position.block
                unit, offset = document.find(position)
                first = position.offset - offset
            # A long block is gone through once, however many matches it has.
            while document.goes_on(unit) and document.position(unit + 1, 0).offset <= position.offset:
                unit += 1
                first = document.position(unit, 0).offset
            offset = position.offset - first
            self._known.setdefault(unit, []).append((offset, offset + length))
        self._units = sorted(self._known)
        self._counts = {unit: len(spans) for unit, spans in self._known.items()}
        self.count = sum(self._counts.values())

    def _search(self, unit: int) -> list[Span]:
        return self._known.get(unit, [])


def _one_of(char: str, variants: dict[str, str]) -> str:
    chars = "".join(map(re.escape, char + variants.get(char, "")))
    return f"[{chars}]{_MARKS}" if char.isalpha() else f"[{chars}]"


@lru_cache(maxsize=1)
def _variants() -> dict[str, str]:
    """For a folded character, or the few that one character can fold to, all characters that do."""
    found: dict[str, str] = dict(_SIGNS)
    for start, stop in ((0x41, 0x5B), *_SEARCHED):
        for char in map(chr, range(start, stop)):
            folded = fold(char)
            if folded not in ("", char):
                found[folded] = found.get(folded, "") + char
    return found
