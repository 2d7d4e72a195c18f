"""Text as it is compared when finding: case, accents and typographic marks folded away."""

from __future__ import annotations

from unicodedata import combining, normalize

from reader.library.records import column

_PLAIN_MARKS = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...", "\xa0": " "}
)


def fold(text: str) -> str:
    """`text` without case, accents and typographic quotes and dashes; idempotent."""
    if text.isascii():
        return text.lower()
    text = text.translate(_PLAIN_MARKS)
    if text.isascii():
        return text.lower()
    # Twice: decomposing can bring back capitals ("℡"), and folding case can bring back accents.
    text = normalize("NFKD", normalize("NFKD", text).casefold())
    return "".join(mark for mark in text if not combining(mark)).translate(_PLAIN_MARKS)


MOST_WORDS = 64
"""How many words can be looked for at once; SQLite takes some hundreds of conditions."""


def folded_words(words: str) -> tuple[str, ...]:
    """The words to look for in folded text, each once, in the order given, the first `MOST_WORDS` of them."""
    return tuple(dict.fromkeys(column(fold(words)).split()))[:MOST_WORDS]
