"""What the columns of a library hold: articles as bytes, and texts as they are stored and compared.

An article is a JSON array of its fields in the order of `_FIELDS`, in UTF-8; its tuples are arrays too. Lone
surrogates, which no page should hold, survive as the three bytes they would have.
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
)  # fmt: skip
_values = attrgetter(*_FIELDS)
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_PLAIN_MARKS = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...", "\xa0": " "}
)
_ODD: Final = re.compile(r"([^\x00-\x7f]{1,40})")
MOST_WORDS = 64
"""The most words of a query; SQLite allows some hundreds of conditions."""


def to_bytes(text: str) -> bytes:
    """`text` in UTF-8, lone surrogates kept."""
    return text.encode("utf-8", "surrogatepass")


def to_text(data: bytes) -> str:
    """What `to_bytes` was given."""
    return data.decode("utf-8", "surrogatepass")


def unpack_text(packed: bytes, digest: bytes) -> str:
    """The text of a capture as it was read; ValueError with the end of a sentence where it is damaged."""
    try:
        data = zlib.decompress(packed)
    except (zlib.error, TypeError) as error:
        raise ValueError(f"cannot be unpacked ({error})") from error
    if digest_of(data) != digest:
        raise ValueError("is not as it was read")
    return to_text(data)


def column(text: str) -> str:
    """`text` as a TEXT column can hold it: lone surrogates (odd file names) become U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def digest_of(data: bytes) -> bytes:
    """The SHA-256 of `data`, 32 bytes."""
    return sha256(data).digest()


def encode_article(article: Article) -> bytes:
    """The whole article as bytes."""
    return to_bytes(_encoder.encode(_values(article)))


def decode_article(data: bytes) -> Article:
    """The article `encode_article` was given; ValueError or TypeError for bytes it never made."""
    fields = json.loads(to_text(data))
    # Articles that were kept before their links were have one field less.
    values = dict(zip(_FIELDS, fields if len(fields) == len(_FIELDS) else [*fields, ()], strict=True))
    values["authors"] = tuple(values["authors"])
    values["figures"] = tuple(Figure(*figure) for figure in values["figures"])
    values["body"] = tuple(Block(*block) for block in values["body"])
    values["links"] = tuple(Link(*link) for link in values["links"])
    values["bios"] = tuple(Bio(*bio) for bio in values["bios"])
    for name in ("truncated", "sponsored"):
        values[name] = Reason(*values[name]) if values[name] is not None else None
    return Article(**values)


def encode_hints(hints: Sequence[LineHint]) -> bytes | None:
    """What a format knew about lines, as bytes; None when it knew nothing."""
    return to_bytes(_encoder.encode(tuple(hints))) if hints else None


def decode_hints(data: bytes | None) -> tuple[LineHint, ...]:
    """The hints `encode_hints` was given."""
    return tuple(LineHint(*hint) for hint in json.loads(to_text(data))) if data else ()


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


def folded_words(words: str) -> tuple[str, ...]:
    """The words to look for in folded text, each once, in the order given, the first `MOST_WORDS` of them."""
    return tuple(dict.fromkeys(column(fold(words)).split()))[:MOST_WORDS]
