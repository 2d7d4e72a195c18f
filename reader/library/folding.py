"""Text as it is compared when finding: case, accents and typographic marks folded away."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from unicodedata import combining, normalize

from reader.library.database.records import column

_PLAIN_MARKS = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...", "\xa0": " "}
)

_ODD: Final = re.compile(r"([^\x00-\x7f]{1,40})")


def fold(text: str) -> str:
    """`text` without case, accents and typographic quotes and dashes; idempotent."""
    if text.isascii():
        return text.lower()
    # Folding looks at one character at a time, and most texts have few that are not plain ones.
    parts = _ODD.split(text)
    parts[::2] = [part.lower() for part in parts[::2]]
    parts[1::2] = map(_fold_odd, parts[1::2])
    return "".join(parts)


@lru_cache(maxsize=8192)
def _fold_odd(text: str) -> str:
    """Characters beyond ASCII, folded."""
    # Twice: decomposing can bring back capitals ("℡"), and folding case can bring back accents.
    text = normalize("NFKD", normalize("NFKD", text.translate(_PLAIN_MARKS)).casefold())
    return "".join([mark for mark in text if not combining(mark)]).translate(_PLAIN_MARKS)


MOST_WORDS = 64
"""How many words can be looked for at once; SQLite takes some hundreds of conditions."""


def folded_words(words: str) -> tuple[str, ...]:
    """The words to look for in folded text, each once, in the order given, the first `MOST_WORDS` of them."""
    return tuple(dict.fromkeys(column(fold(words)).split()))[:MOST_WORDS]
