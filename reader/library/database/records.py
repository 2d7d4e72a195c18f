"""Encodes what the columns of a library hold: articles as bytes, and texts for storing and comparing.

An article is a JSON array of its fields in the order of `_FIELDS`, in UTF-8; its tuples are arrays too. Lone
surrogates, which no page should contain, are kept as three bytes each.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter
from typing import Final
from unicodedata import combining, normalize

from reader.model import Article, Bio, Block, Figure, LineHint, Link, Reason

_FIELDS = (
    "position", "kind", "kicker", "section", "headline", "deck", "authors", "published", "figures", "body",
    "bios", "truncated", "sponsored", "sponsor", "first_line", "last_line", "links",
    "confidence",
)  # fmt: skip
_LATER = ((), None)
"""Links and confidence of articles that were written before these were kept."""
_values = attrgetter(*_FIELDS)
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_PLAIN_MARKS = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...", "\xa0": " "}
)
_ODD: Final = re.compile(r"([^\x00-\x7f]{1,40})")
MOST_WORDS = 64
"""The most words of a query; SQLite allows some hundreds of conditions."""


def to_bytes(text: str) -> bytes:
    """Encode text as UTF-8, keeping lone surrogates."""
    return text.encode("utf-8", "surrogatepass")


def to_text(data: bytes) -> str:
    """Decode what `to_bytes` encoded."""
    return data.decode("utf-8", "surrogatepass")


def unpack_text(packed: bytes, digest: bytes) -> str:
    """Return the text of a capture. If it is damaged, ValueError with a phrase that completes a sentence about it."""
    try:
        data = zlib.decompress(packed)
    except (zlib.error, TypeError) as error:
        raise ValueError(f"cannot be unpacked ({error})") from error
    if digest_of(data) != digest:
        raise ValueError("has been altered")
    return to_text(data)


def column(text: str) -> str:
    """Make a text fit for a TEXT column: lone surrogates (from odd file names) become U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def digest_of(data: bytes) -> bytes:
    """Return the SHA-256 of `data`, 32 bytes."""
    return sha256(data).digest()


def encode_article(article: Article) -> bytes:
    """Encode an article as bytes."""
    return to_bytes(_encoder.encode(_values(article)))


def decode_article(data: bytes) -> Article:
    """Decode an article. ValueError or TypeError for bytes that `encode_article` never makes."""
    fields = json.loads(to_text(data))
    # Old records lack the last fields.
    missing = len(_FIELDS) - len(fields)
    values = dict(
        zip(_FIELDS, [*fields, *_LATER[len(_LATER) - missing :]] if missing else fields, strict=True)
    )
    values["authors"] = tuple(values["authors"])
    values["figures"] = tuple(Figure(*figure) for figure in values["figures"])
    values["body"] = tuple(Block(*block) for block in values["body"])
    values["links"] = tuple(Link(*link) for link in values["links"])
    values["bios"] = tuple(Bio(*bio) for bio in values["bios"])
    for name in ("truncated", "sponsored"):
        values[name] = Reason(*values[name]) if values[name] is not None else None
    return Article(**values)


def encode_hints(hints: Sequence[LineHint]) -> bytes | None:
    """Encode hints as bytes; None if there are none."""
    return to_bytes(_encoder.encode(tuple(hints))) if hints else None


def decode_hints(data: bytes | None) -> tuple[LineHint, ...]:
    """Decode what `encode_hints` encoded."""
    return tuple(LineHint(*hint) for hint in json.loads(to_text(data))) if data else ()


def fold(text: str) -> str:
    """Remove case, accents and typographic quotes and dashes; idempotent."""
    if text.isascii():
        return text.lower()
    # Most texts have few characters beyond ASCII: only those are folded one by one.
    parts = _ODD.split(text)
    parts[::2] = [part.lower() for part in parts[::2]]
    parts[1::2] = map(_fold_odd, parts[1::2])
    return "".join(parts)


@lru_cache(maxsize=8192)
def _fold_odd(text: str) -> str:
    """Fold characters beyond ASCII."""
    # Twice: decomposing can bring back capitals ("℡"), and folding case can bring back accents.
    text = normalize("NFKD", normalize("NFKD", text.translate(_PLAIN_MARKS)).casefold())
    return "".join([mark for mark in text if not combining(mark)]).translate(_PLAIN_MARKS)


def folded_words(words: str) -> tuple[str, ...]:
    """Return the distinct words to find in folded text, in order, at most `MOST_WORDS`."""
    return tuple(dict.fromkeys(column(fold(words)).split()))[:MOST_WORDS]
