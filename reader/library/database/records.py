"""Encodes what the columns of a library hold: articles as bytes, and texts for storing and comparing.

An article is a JSON array of its fields in the order of `FIELDS`, in UTF-8; its tuples are arrays too. Lone
surrogates, which no page should contain, are kept as three bytes each.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from hashlib import sha256
from operator import attrgetter
from typing import Any, Final
from unicodedata import combining, normalize

from reader.model import Article, Bio, Block, Figure, LineHint, Link, Reason

FIELDS: Final = (
    "position", "kind", "kicker", "section", "headline", "deck", "authors", "published", "figures", "body",
    "bios", "truncated", "sponsored", "sponsor", "first_line", "last_line", "links",
    "confidence",
)  # fmt: skip
"""The fields of `Article` in the order of a record; new ones are added at the end."""
_RECORDS: Final[dict[str, Callable[[Any], Any]]] = {
    "authors": tuple,
    "figures": lambda values: tuple(Figure(*value) for value in values),
    "bios": lambda values: tuple(Bio(*value) for value in values),
    "links": lambda values: tuple(Link(*value) for value in values),
}
"""Converts the lists in an article's JSON to the tuples and records of `Article`."""
_SHOWN: Final = 300
"""The most characters of a title, author line or sponsor in a list; the record has the full text."""
MOST_FOLDED: Final = 2_000
"""The most characters of title, deck or authors that the list filter searches."""
_values = attrgetter(*FIELDS)
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_PLAIN_MARKS = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...", "\xa0": " "}
)
MOST_WORDS = 64
"""The most words of a query; SQLite allows some hundreds of conditions."""


def to_bytes(text: str) -> bytes:
    """Encode text as UTF-8, keeping lone surrogates."""
    return text.encode("utf-8", "surrogatepass")


def to_text(data: bytes) -> str:
    """Decode what `to_bytes` encoded."""
    return data.decode("utf-8", "surrogatepass")


def unpack_text(packed: Any, digest: object) -> str:
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


def identity_fingerprint(identity: bytes) -> int:
    """Return the fingerprint that versions with the same words share."""
    return int.from_bytes(identity[:6], "big")


def encode_article(article: Article) -> bytes:
    """Encode an article as bytes."""
    return to_bytes(_encoder.encode(_values(article)))


def decode_article(data: bytes) -> Article:
    """Decode an article. ValueError or TypeError for bytes that `encode_article` never makes."""
    values = dict(zip(FIELDS, json.loads(to_text(data)), strict=True))
    for name in _RECORDS:
        values[name] = decode_field(name, values[name])
    values["body"] = tuple(Block(*block) for block in values["body"])
    for name in ("truncated", "sponsored"):
        values[name] = Reason(*values[name]) if values[name] is not None else None
    return Article(**values)


def encode_field(value: object) -> str:
    """Encode one field of an article as JSON, in ASCII."""
    return json.dumps(value, separators=(",", ":"))


def decode_field(name: str, value: Any) -> Any:
    """Convert the JSON value of a field to its type in `Article`; `body` and reasons are not supported."""
    return _RECORDS[name](value) if name in _RECORDS else value


def shown_columns(article: Article) -> tuple[str | None, str, str | None]:
    """Return what lists show of an article: its date, authors and sponsor."""
    return (
        None if article.published is None else column(article.published),
        shown(", ".join(article.authors)),
        None if article.sponsor is None else shown(article.sponsor),
    )


def filter_text(article: Article) -> str:
    """Return what the list filter searches beside the title: deck and authors, folded, on a line each."""
    authors = ", ".join(article.authors)
    return column(fold(f"{(article.deck or '')[:MOST_FOLDED]}\n{authors[:MOST_FOLDED]}"))


def shown(text: str) -> str:
    """Cut a text for a column that lists show."""
    return column(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


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
    # Twice: decomposing can bring back capitals ("℡"), and folding case can bring back accents.
    text = normalize("NFKD", normalize("NFKD", text.translate(_PLAIN_MARKS)).casefold())
    return "".join([mark for mark in text if not combining(mark)]).translate(_PLAIN_MARKS)


def folded_words(words: str) -> tuple[str, ...]:
    """Return the distinct words to find in folded text, in order, at most `MOST_WORDS`."""
    return tuple(dict.fromkeys(column(fold(words)).split()))[:MOST_WORDS]
