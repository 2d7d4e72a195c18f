"""Articles and line hints as bytes and back, exactly.

An article is a JSON array of its fields in the order of `_FIELDS`, in UTF-8; its tuples are arrays too. Lone
surrogates, which no page should hold, survive as the three bytes they would have.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from operator import attrgetter

from reader.model import Article, Bio, Block, Figure, LineHint, Link, Reason

_FIELDS = (
    "position", "kind", "kicker", "section", "headline", "deck", "authors", "published", "figures", "body",
    "bios", "truncated", "sponsored", "sponsor", "first_line", "last_line", "links",
)  # fmt: skip
_values = attrgetter(*_FIELDS)
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def to_bytes(text: str) -> bytes:
    """`text` in UTF-8, lone surrogates kept."""
    return text.encode("utf-8", "surrogatepass")


def to_text(data: bytes) -> str:
    """What `to_bytes` was given."""
    return data.decode("utf-8", "surrogatepass")


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
