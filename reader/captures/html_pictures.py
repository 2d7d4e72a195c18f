"""Where the pictures of a page are, as the page says it: in the page itself, beside it, or at an address."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from reader.article import Article, Figure
from reader.captures.html import MAX_DOCUMENT, in_utf8
from reader.captures.html_page import shown_lines
from reader.captures.html_text import ADDRESSES, PageText
from reader.safe_text import clean

_DATA: Final = re.compile(
    r"data:image/(?:png|jpe?g|gif|webp)\s*(?:;[^;,]{0,100})*?(;base64)?\s*,", re.IGNORECASE
)
_PLACEHOLDER: Final = 200
"""Characters: what holds the place of a picture that a script fetches is shorter, and a picture is longer."""


class Spot(NamedTuple):
    """A line of the page that pictures belong to."""

    n: int
    """Number of the line in the capture, from 1."""
    text: str
    addresses: tuple[str, ...]
    """As the page writes them, data: among them."""


def spots(html: bytes, charset: str | None = None) -> list[Spot]:
    """The lines with pictures of a page, in order. UTF-8 or what `charset` or the page says."""

    def read(data: bytes, _encoding: str) -> list[Spot]:
        page = _Pictured(lambda _name, _tag: None)
        page.feed(data)
        found = []
        n = 1
        for text, gap, _, _, _, _, images in shown_lines(page):
            n += gap
            if images:
                found.append(Spot(n, _tidy(text), tuple(images)))
        return found

    return in_utf8(html[:MAX_DOCUMENT], charset, read, whole=True)


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


class _Pictured(PageText):
    """A page's lines with the pictures that are in the page itself as well."""

    def _picture(self, attributes: Mapping[str, str]) -> str:
        for name in ADDRESSES:
            address = attributes.get(name, "")
            if len(address) > _PLACEHOLDER and _DATA.match(address):
                return address
        return super()._picture(attributes)


def _words(figure: Figure) -> frozenset[str]:
    return frozenset(_tidy(text) for text in (figure.alt, figure.caption, figure.credit) if text)


def _tidy(text: str) -> str:
    return " ".join(clean(text).split())
