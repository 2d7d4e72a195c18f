"""HTML in UTF-8 -> its texts and tags, in time linear in the document: no tree, no more of the standard than is needed.

Each tag is one token with its attributes still inside; comments and elements whose content is no markup (scripts,
styles, titles) are one token from start to end. A tag that the document ends in is no tag, as in browsers. Bytes are
cut faster than text is, and most of a page is scripts that never become text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

BATCH: Final = 20_000
"""Tags that are taken from the document at once: bounds the memory of a page that is nothing but tags."""
MAX_ATTRIBUTES: Final = 1_000
"""Attributes of one tag that are looked at."""

RAW: Final = ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
"""Elements whose content is no markup."""

# Where letter case is no matter it is not looked at: that is several times as fast.
_ATTRIBUTES = r"""(?-i:(?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+|))*+)"""
_RAW = "|".join(
    rf"{name}(?=[\s/>]){_ATTRIBUTES}"
    rf"(?:>(?-i:[^<]*+)(?:(?-i:<)(?!/{name}[\s/>])(?-i:[^<]*+))*+(?:</{name}{_ATTRIBUTES}(?:>|\Z)|\Z)|\Z)"
    for name in RAW
)
_split = re.compile(
    rf"""(<(?:(?=[intsx])(?:{_RAW})
    |/?[a-z]{_ATTRIBUTES}(?:>|\Z)
    |!--(?:-?>|(?s:.*?)(?:--!?>|\Z))
    |[!?/][^>]*+(?:>|\Z)))""".encode(),
    re.IGNORECASE | re.VERBOSE,
).split
_name = re.compile(rb"</?([a-z][^\s/>]*)", re.IGNORECASE).match
_text_name = re.compile(r"</?[a-z][^\s/>]*", re.IGNORECASE).match
_attribute = re.compile(
    r"""[\s/]*+(=?[^\s/>=]++)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s>"'][^\s>]*+)?))?"""
)
_start = re.compile(rf"<[a-z]{_ATTRIBUTES}>".encode(), re.IGNORECASE).match
_LONG_NUMBER: Final = re.compile(r"&#[xX]?0*[0-9a-fA-F]{8,};?")


def tokens(html: bytes) -> Iterator[list[bytes]]:
    """Lists of text, tag, text, tag, … that together are the document; each ends in a text, the last in its last."""
    while True:
        parts = _split(html, BATCH)
        if len(parts) <= 2 * BATCH:
            yield parts
            return
        # The last part is what is left of the document.
        html = parts[-1]
        parts[-1] = b""
        yield parts


def name_of(tag: bytes) -> str:
    """The name of a tag in lower case, without the slash of an end tag; "" for comments and the like."""
    match = _name(tag)
    return match[1].decode("utf-8", "replace").lower() if match else ""


def attributes_of(tag: bytes) -> tuple[dict[str, str], bool]:
    """(the attributes of a start tag by their names in lower case, whether there are too many to take all).

    Of two of one name the first counts; values have their entities resolved.
    """
    text = tag.decode("utf-8", "replace")
    place = _end_of_name(text)
    found: dict[str, str] = {}
    for _ in range(MAX_ATTRIBUTES):
        match = _attribute.match(text, place)
        if match is None:
            return found, False
        place = match.end()
        name, double, single, bare = match.groups()
        found.setdefault(name.lower(), plain(double or single or bare or ""))
    return found, _attribute.match(text, place) is not None


def content_of(tag: bytes) -> str:
    """What stands inside an element that is one token."""
    start = _start(tag)
    inside = tag[start.end() :] if start else b""
    if inside.endswith(b">") and b"</" in inside:
        inside = inside[: inside.rfind(b"</")]
    return inside.decode("utf-8", "replace")


def _end_of_name(tag: str) -> int:
    match = _text_name(tag)
    return match.end() if match else 1


def plain(text: str) -> str:
    """The text with its entities resolved."""
    if "&" not in text:
        return text
    try:
        return unescape(text)
    except ValueError:  # A number of thousands of digits.
        return unescape(_LONG_NUMBER.sub("\ufffd", text))
