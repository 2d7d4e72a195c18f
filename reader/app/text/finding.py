"""Finds words in a document, unit by unit, ignoring case, accents and kinds of quotes. Pure functions."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from unicodedata import combining, normalize

from reader.app.text.flow import Document, ReadingPosition

LONGEST_QUERY = 200
"""A query is cut to this many characters."""

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


class Match(NamedTuple):
    """A match in a document."""

    unit: int
    """The unit in which it begins."""
    start: int
    end: int
    """May be beyond the unit's text, in the next unit."""


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


def find_matches(document: Document, pattern: re.Pattern[str]) -> list[Match]:
    """Find all matches, unit by unit."""
    matches: list[Match] = []
    for unit in range(len(document)):
        text = document.text(unit)
        own = len(text)
        if document.continues(unit):
            # Long enough for a query with an accent on every letter.
            text += document.text(unit + 1)[: 2 * LONGEST_QUERY]
        matches += [Match(unit, *match.span()) for match in pattern.finditer(text) if match.start() < own]
    return matches


def place_matches(document: Document, found: Iterable[tuple[ReadingPosition, int]]) -> list[Match]:
    """The matches at these positions, each with its length."""
    places = ((document.find(position), length) for position, length in found)
    return [Match(unit, offset, offset + length) for (unit, offset), length in places]


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
