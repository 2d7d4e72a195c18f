"""Addresses as exports write them: URIs by RFC 3986, which validators of books and pages insist on.

The library keeps an address as the page wrote it, as far as it is safe to show: browsers and archives take `[`, `]`
and a stray `%` as they are.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit, urlunsplit

_SUSPECT = re.compile(r"[\[\]]|%(?![0-9A-Fa-f]{2})|#.*#|\bxn--")
_NOT_IN_URIS = re.compile(r"[\[\]#]|%(?![0-9A-Fa-f]{2})")
_LETTERS = "LMNS"
"""The categories of the characters in a host's name: letters, marks, digits and, in some, signs."""


def uri(url: str) -> str | None:
    """An address that `clean_url` gave as a URI; None where its host has a name that none can have."""
    if not _SUSPECT.search(url):
        return url
    parts = urlsplit(url)
    if not all(map(_is_label, (parts.hostname or "").split("."))):
        return None
    path, query, fragment = (_NOT_IN_URIS.sub(_percent_encoded, part) for part in parts[2:])
    return urlunsplit((parts.scheme, parts.netloc, path, query, fragment))


def _percent_encoded(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"


def _is_label(label: str) -> bool:
    """Whether a part of a host's name, if it stands for one in other letters, does so (RFC 3492)."""
    if not label.startswith("xn--"):
        return True
    try:
        name = label.removeprefix("xn--").encode().decode("punycode")
    except UnicodeError:
        return False
    if not name or name.isascii() or unicodedata.normalize("NFKC", name.lower()) != name:
        return False
    kinds = [unicodedata.category(char)[0] for char in name if char not in "-·"]
    return kinds[:1] != ["M"] and all(kind in _LETTERS for kind in kinds)
