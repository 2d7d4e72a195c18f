"""HTML in UTF-8 -> its texts and tags, in time linear in the document: no tree, no more of the standard than is needed.

Each tag is one token with its attributes still inside; comments and elements whose content is no markup (scripts,
styles, titles) are one token from start to end. A tag that the document ends in is no tag, as in browsers. Bytes are
cut faster than text is, and most of a page is scripts that never become text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from itertools import count
from typing import Final, NamedTuple

BATCH: Final = 20_000
"""Tags that are taken from the document at once: bounds the memory of a page that is nothing but tags."""
MAX_ATTRIBUTES: Final = 1_000
"""Attributes of one tag that are looked at."""
_LEAPS, _LEAP = 8, 400
"""An end is looked for by leaps as long as these are, after the first few, of so many bytes at least in the mean."""
_LONG_TAG: Final = 20_000
"""The attributes of a tag of more characters are taken one by one."""

RAW: Final = ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
"""Elements whose content is no markup."""

_RAW_STARTS: Final = frozenset(name[:3].encode() for name in RAW)


class Cut(NamedTuple):
    """A part of a document, cut."""

    texts: list[bytes]
    """The texts before each tag or run of tags, and one more after the last."""
    tags: list[bytes]
    start: bytes = b""
    """The start tag of `element`, which follows the last text."""
    element: memoryview = memoryview(b"")
    """An element whose content is no markup, if it is a long one."""


def _any_case(name: str) -> str:
    # Patterns that look at letter case are several times as fast.
    return "".join(f"[{letter}{letter.upper()}]" for letter in name)


_ATTRIBUTES = r"""[^>=]*+(?:=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+|)[^>=]*+)*+"""
_RAW_NAMES = "|".join(map(_any_case, RAW))
# Content that is longer, or has more signs in it, is not copied, nor gone through sign by sign.
_SHORT_RAW = "|".join(
    rf"{name}(?=[\s/>]){_ATTRIBUTES}>[^<]{{0,2000}}+(?:<(?!/{name}[\s/>])[^<]{{0,500}}+){{0,20}}+"
    rf"</{name}(?=[\s/>]){_ATTRIBUTES}(?:>|\Z)"
    for name in map(_any_case, RAW)
)
_RAW_START = rf"((?:{_RAW_NAMES})(?=[\s/>]){_ATTRIBUTES}(?:>|\Z))"
_split = re.compile(
    rf"""(<(?:/[a-zA-Z][^>=]*+>
    |(?=[intsxINTSX])(?:{_SHORT_RAW}|{_RAW_START})
    |/?[a-zA-Z]{_ATTRIBUTES}(?:>|\Z)
    |!--(?:-?>|(?s:.*?)(?:--!?>|\Z))
    |[!?/][^>]*+(?:>|\Z)))
    (?(2)(?s:.*))""".encode(),
    re.VERBOSE,
).split
_OTHER_TAG = rf"""(?:/[a-zA-Z][^>=]*+>
    |(?:(?![intsxINTSX])|(?!(?:{_RAW_NAMES})[\s/>]))[a-zA-Z]{_ATTRIBUTES}(?:>|\Z)
    |!--(?:-?>|(?s:.*?)(?:--!?>|\Z))
    |/[a-zA-Z]{_ATTRIBUTES}(?:>|\Z)
    |[!?/][^>]*+(?:>|\Z))"""
# The same with tags that have nothing but blanks between them as one, but for those that mostly have an address.
_WITH_ADDRESS = r"(?:[aA]|[iI][mM][gG])\s"
_split_runs = re.compile(
    rf"""(<(?:{_WITH_ADDRESS}{_ATTRIBUTES}(?:>|\Z)
    |(?:(?=[intsxINTSX])(?:{_SHORT_RAW})|{_OTHER_TAG})(?:[\ \t\n\r]*+<(?!{_WITH_ADDRESS}){_OTHER_TAG})*+|{_RAW_START}))
    (?(2)(?s:.*))""".encode(),
    re.VERBOSE,
).split
_name = re.compile(rb"</?([a-zA-Z][^\s/>]*)").match
_text_name = re.compile(r"</?[a-zA-Z][^\s/>]*").match
_ATTRIBUTE = r"""[\s/]*+(=?[^\s/>=]++)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s>"'][^\s>]*+)?))?"""
_attribute = re.compile(_ATTRIBUTE)
# Where none begins, none is looked for further on.
_attributes = re.compile(rf"{_ATTRIBUTE}|(?s:.+)").findall
_start = re.compile(rf"<[a-zA-Z]{_ATTRIBUTES}>".encode()).match
_LONG_NUMBER: Final = re.compile(r"&#[xX]?0*[0-9a-fA-F]{8,};?")


def tokens(html: bytes, *, runs: bool = False) -> Iterator[Cut]:
    """The document in parts: the text, tag, text, tag, …, text and element of the first, then those of the next.

    With `runs`, tags that have nothing but blanks between them are one: see `tags_of`.
    """
    place = 0
    split = _split_runs if runs else _split
    while True:
        parts = split(memoryview(html)[place:], BATCH)
        texts, tags = parts[::3], parts[1::3]
        if len(parts) > 1 and parts[-2] is not None:
            # The rest of the document went with it: where that begins is the length of what stands before.
            del texts[-1]
            start = tags.pop()
            place += len(b"".join(texts)) + len(b"".join(tags))
            end = _end_of_element(html, start, place + len(start))
            yield Cut(texts, tags, start, memoryview(html)[place:end])
            place = end
        elif len(tags) < BATCH:
            yield Cut(texts, tags)
            return
        else:
            html, place = texts[-1], 0
            texts[-1] = b""
            yield Cut(texts, tags)


def tags_of(run: bytes) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """(the blanks before each tag, the tags) of a run, in parts."""
    while run:
        parts = _split(run, BATCH)
        yield parts[::3], parts[1::3]
        run = parts[-1]


def first_of(run: bytes) -> tuple[bytes, bytes]:
    """(the first tag of a run, the rest of it)."""
    tag: bytes = _split(run, 1)[1]
    return tag, run[len(tag) :]


def is_raw(run: bytes) -> bool:
    """Whether the first tag of a run is an element whose content is no markup."""
    return run[1:4].lower() in _RAW_STARTS and name_of(run) in RAW


def start_of(element: bytes) -> bytes:
    """All of the start of an element whose content is no markup by which such elements are told apart."""
    return element[: element.find(b">") + 1]


def _end_of_element(html: bytes, start: bytes, place: int) -> int:
    """Where the element ends whose content begins at `place`."""
    end, find = _end_tag(name_of(start)), html.find
    begun = place = find(b"<", place)
    # A single sign is found at once, two in a row are not: where either of them is rare, few leaps lead to the end.
    for leaps in count():
        if place < 0 or place < begun + _LEAP * (leaps - _LEAPS):
            break
        slash = find(b"/", place + 1)
        if slash == place + 1 and (found := end.match(html, place)):
            return found.end()
        place = find(b"<", slash - (slash > place + 1)) if slash > 0 else -1
    found = end.search(html, place) if place >= 0 else None
    return found.end() if found else len(html)


@cache
def _end_tag(name: str) -> re.Pattern[bytes]:
    return re.compile(rf"</{_any_case(name)}(?=[\s/>]){_ATTRIBUTES}(?:>|\Z)".encode())


def name_of(tag: bytes) -> str:
    """The name of a tag in lower case, without the slash of an end tag; "" for comments and the like."""
    match = _name(tag)
    return match[1].decode("utf-8", "replace").lower() if match else ""


def attributes_of(tag: bytes) -> tuple[dict[str, str], bool]:
    """(the attributes of a start tag by their names in lower case, whether there are too many to take all).

    Of two of one name the first counts; values have their entities resolved.
    """
    text = tag.decode("utf-8", "replace")
    start = _text_name(text)
    place = start.end() if start else 1
    found: dict[str, str] = {}
    if len(text) <= _LONG_TAG:
        pairs = _attributes(text, place)
        for name, double, single, bare in pairs[:MAX_ATTRIBUTES]:
            value = double or single or bare
            if name and (name := name.lower()) not in found:
                found[name] = plain(value) if "&" in value else value
        return found, len(pairs) > MAX_ATTRIBUTES and bool(pairs[MAX_ATTRIBUTES][0])
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


def plain(text: str) -> str:
    """The text with its entities resolved."""
    if "&" not in text:
        return text
    try:
        return unescape(text)
    except ValueError:  # A number of thousands of digits.
        return unescape(_LONG_NUMBER.sub("\ufffd", text))
