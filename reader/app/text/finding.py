"""Finds words in a document, unit by unit, ignoring case, accents and kinds of quotes. Pure functions."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from functools import lru_cache
from unicodedata import combining, normalize

from reader.app.text.flow import Document, ReadingPosition
from reader.app.text.wrapping import Span

Match = tuple[int, int]
"""The unit in which a match starts, and its number among the matches of that unit, from 0."""

LONGEST_QUERY = 200
"""A query is cut to this many characters."""
CACHED_UNITS = 64
"""For how many units matches are cached."""

_SEARCHED = (
    (0xA1, 0x250),
    (0x370, 0x530),
    (0x1E00, 0x2000),
    (0x2026, 0x2027),
    (0xFB00, 0xFB07),
    (0xFF01, 0xFF5F),
)
"""Ranges of characters that can fold to others."""
_SIGNS = {"'": "‘’‚‛ʼ", '"': "“”„‟«»", "-": "‐‑‒–—―−"}
_MARKS = "[\u0300-\u036f]*"


def fold(text: str) -> str:
    """Remove case, accents and kinds of quotes and dashes from `text`."""
    plain = "".join(char for char in normalize("NFKD", text.casefold()) if not combining(char))
    for sign, variants in _SIGNS.items():
        for variant in variants:
            plain = plain.replace(variant, sign)
    return plain


def pattern_of(query: str) -> re.Pattern[str] | None:
    """Compile a query to a pattern that ignores case and accents; None for an empty query.

    The pattern has all variants of each letter. So the text is not folded, and offsets stay valid.
    """
    folded = fold(" ".join(query[:LONGEST_QUERY].split()))
    if not folded:
        return None
    variants = _variants()
    parts: list[str] = []
    i = 0
    while i < len(folded):
        # Some letters fold to two or three characters, such as "æ" or ligatures.
        length = next((n for n in (3, 2) if folded[i : i + n] in variants and i + n <= len(folded)), 0)
        if length:
            letters = "".join(_variant_class(char, variants) for char in folded[i : i + length])
            parts.append(f"(?:{letters}|[{variants[folded[i : i + length]]}])")
        else:
            parts.append(_variant_class(folded[i], variants))
        i += length or 1
    return re.compile("".join(parts))


class Search:
    """Searches a document for a pattern from a position on, wrapping around to the units before."""

    def __init__(self, document: Document, pattern: re.Pattern[str] | None, origin: tuple[int, int]) -> None:
        """`origin`: unit and offset in its text at which the search begins."""
        self.count = 0
        """How many matches have been found so far."""
        self._document = document
        self._pattern = pattern
        self._origin = origin
        self._next = origin[0]
        self._units_left = len(document)
        self._units: list[int] = []
        self._counts: dict[int, int] = {}
        self._cache: dict[int, list[Span]] = {}

    @property
    def done(self) -> bool:
        """Has the whole document been searched?"""
        return not self._units_left

    def step(self) -> None:
        """Search one more unit."""
        unit = self._next
        self._next = (unit + 1) % len(self._document)
        self._units_left -= 1
        count = len(self.matches(unit))
        if count:
            self.count += count
            self._counts[unit] = count
            insort(self._units, unit)

    def matches(self, unit: int) -> list[Span]:
        """The matches that start in a unit, as spans of its text; the last may reach into the next unit."""
        spans = self._cache.get(unit)
        if spans is None:
            if len(self._cache) > CACHED_UNITS:
                self._cache.clear()
            spans = self._cache[unit] = self._search(unit)
        return spans

    def marks(self, unit: int) -> list[Span]:
        """The spans of a unit's text to mark, including a match that reaches in from the unit before."""
        marks = self.matches(unit)
        if unit and self._document.continues(unit - 1) and (before := self.matches(unit - 1)):
            overlap = before[-1][1] - len(self._document.text(unit - 1))
            if overlap > 0:
                return [(0, overlap), *marks]
        return marks

    def part_in(self, unit: int, match: Match) -> Span | None:
        """The part of a match in a unit, as one of its `marks`; None if it has none there."""
        if unit == match[0]:
            return self.matches(unit)[match[1]]
        is_last = match[0] == unit - 1 and match[1] == len(self.matches(match[0])) - 1
        marks = self.marks(unit) if is_last else []
        return marks[0] if len(marks) > len(self.matches(unit)) else None

    def first(self) -> Match | None:
        """The first match from the origin on, else from the start; None if there is none or it is not known yet."""
        unit, offset = self._origin
        if unit in self._counts:
            number = bisect_left(self.matches(unit), offset, key=lambda span: span[0])
            if number < self._counts[unit]:
                return unit, number
        after = bisect_right(self._units, unit)
        if after < len(self._units):
            return self._units[after], 0
        return (self._units[0], 0) if self.done and self._units else None

    def neighbour(self, match: Match, step: int) -> Match:
        """The known match after (`step` 1) or before (-1) this one, wrapping around."""
        unit, number = match
        number += step
        if 0 <= number < self._counts[unit]:
            return unit, number
        i = (bisect_left(self._units, unit) + step) % len(self._units)
        unit = self._units[i]
        return unit, 0 if step > 0 else self._counts[unit] - 1

    def ordinal(self, match: Match) -> int:
        """The number of a match among the known ones, from 1."""
        unit, number = match
        before = self._units[: bisect_left(self._units, unit)]
        return sum(map(self._counts.__getitem__, before)) + number + 1

    def _search(self, unit: int) -> list[Span]:
        assert self._pattern is not None
        text = self._document.text(unit)
        own = len(text)
        if self._document.continues(unit):
            # Long enough for a query with an accent on every letter.
            text += self._document.text(unit + 1)[: 2 * LONGEST_QUERY]
        return [match.span() for match in self._pattern.finditer(text) if match.start() < own]


class KnownMatches(Search):
    """Matches that the library's search has found already."""

    def __init__(self, document: Document, matches: Iterable[tuple[ReadingPosition, int]]) -> None:
        """`matches`: pairs of a match's position and length, in order."""
        super().__init__(document, None, (0, 0))
        self._units_left = 0
        self._known: dict[int, list[Span]] = {}
        unit = first = 0
        block: int | None = None  # Not a number: blocks above the body are negative.
        for position, length in matches:
            if block != position.block:
                block = position.block
                unit, offset = document.find(position)
                first = position.offset - offset
            # Walk through the units of a long block once, however many matches it has.
            while document.continues(unit) and document.position(unit + 1, 0).offset <= position.offset:
                unit += 1
                first = document.position(unit, 0).offset
            offset = position.offset - first
            self._known.setdefault(unit, []).append((offset, offset + length))
        self._units = sorted(self._known)
        self._counts = {unit: len(spans) for unit, spans in self._known.items()}
        self.count = sum(self._counts.values())

    def _search(self, unit: int) -> list[Span]:
        return self._known.get(unit, [])


def _variant_class(char: str, variants: dict[str, str]) -> str:
    chars = "".join(map(re.escape, char + variants.get(char, "")))
    return f"[{chars}]{_MARKS}" if char.isalpha() else f"[{chars}]"


@lru_cache(maxsize=1)
def _variants() -> dict[str, str]:
    """By folded text, of one to three characters, all characters that fold to it."""
    variants: dict[str, str] = dict(_SIGNS)
    for start, stop in ((0x41, 0x5B), *_SEARCHED):
        for char in map(chr, range(start, stop)):
            folded = fold(char)
            if folded not in ("", char):
                variants[folded] = variants.get(folded, "") + char
    return variants
