"""Articles and line hints as bytes and back, exactly.

An article is a JSON array of its fields in the order of `_FIELDS`, in UTF-8; its tuples are arrays too. Lone
surrogates, which no page should hold, survive as the three bytes they would have.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from reader.model import Article, Bio, Block, Figure, Link, Reason

if TYPE_CHECKING:
    from reader.model import LineHint

_FIELDS = (
    "position", "kind", "kicker", "section", "headline", "deck", "authors", "published", "figures", "body",
    "bios", "truncated", "sponsored", "sponsor", "first_line", "last_line", "links",
)  # fmt: skip
_SHORT = 20_000
"""So many bytes are soon read through by any code."""
_values = attrgetter(*_FIELDS)
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


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
    from hashlib import sha256  # Only here: it takes over a millisecond to load.

    return sha256(data).digest()


def is_intact(data: bytes, digest: bytes) -> bool:
    """Whether `data` has this digest; as quick for the first as for the next, where it is not long."""
    if len(data) > _SHORT:
        return digest_of(data) == digest
    # Python's own, as its `random` does it: hashlib loads OpenSSL, which the first screen would wait for.
    try:
        from _sha2 import sha256  # type: ignore[import-not-found]
    except ImportError:
        try:
            from _sha256 import sha256  # type: ignore[import-not-found]
        except ImportError:
            return digest_of(data) == digest
    return bool(sha256(data).digest() == digest)


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
    from reader.model import LineHint

    return tuple(LineHint(*hint) for hint in json.loads(to_text(data))) if data else ()
