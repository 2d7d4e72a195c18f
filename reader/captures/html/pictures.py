"""Where the pictures of a page are, as the page says it: in the page itself, beside it, or at an address."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from reader.captures.html.reading import MAX_DOCUMENT, decode_page
from reader.model import Article, Figure
from reader.sanitize import sanitize

_DATA: Final = re.compile(
    r"data:image/(?:png|jpe?g|gif|webp)\s*(?:;[^;,]{0,100})*?(;base64)?\s*,", re.IGNORECASE
)


class Spot(NamedTuple):
    """A line of the page that pictures belong to."""

    n: int
    """Number of the line in the capture, from 1."""
    text: str
    addresses: tuple[str, ...]
    """As the page writes them, data: among them."""


def spots(html: bytes, charset: str | None = None) -> list[Spot]:
    """The lines with pictures of a page, in order. UTF-8 or what `charset` or the page says."""
    from reader.captures.html.text import read_text  # Brings the parser.

    data, _ = decode_page(html[:MAX_DOCUMENT], charset, whole=True)
    found = []
    n = 1
    for line in read_text(data).lines:
        n += line.gap
        if line.pictures:
            found.append(Spot(n, _tidy(line.text), tuple(one.data or one.address for one in line.pictures)))
    return found


def placed(article: Article, found: Sequence[Spot]) -> dict[int, tuple[str, ...]]:
    """Of each figure of an article, by its number, the addresses that the page gives for it."""
    own = [spot for spot in found if article.first_line <= spot.n <= article.last_line]
    places: dict[int, tuple[str, ...]] = {}
    at = 0
    for number, figure in enumerate(article.figures):
        words = _words(figure)
        for place in range(at, len(own)):
            if own[place].text in words:
                places[number] = own[place].addresses
                at = place + 1
                break
    return places


def data_of(address: str) -> bytes | None:
    """The picture that a data: address is; None when it is none."""
    match = _DATA.match(address)
    if match is None:
        return None
    data = unquote_to_bytes(address[match.end() :])
    if not match[1]:
        return data
    try:
        return b64decode(data.translate(None, b" \t\r\n"))
    except (binascii.Error, ValueError):
        return None


def parts_beside(address: str) -> tuple[str, ...]:
    """The folders and the name of a file beside the page, below its folder; none where the address is none such."""
    try:
        split = urlsplit(address.strip())
    except ValueError:
        return ()
    path = unquote_to_bytes(split.path).decode("utf-8", "replace")
    if split.scheme or split.netloc or path.startswith("/") or "\0" in path or "\\" in path:
        return ()
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    return () if ".." in parts else parts


def _words(figure: Figure) -> frozenset[str]:
    return frozenset(_tidy(text) for text in (figure.alt, figure.caption, figure.credit) if text)


def _tidy(text: str) -> str:
    return " ".join(sanitize(text).split())
