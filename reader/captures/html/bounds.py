"""Bounds a page before parsing, because parsing time is quadratic in some properties of a page.

Lexbor takes seconds for a hundred thousand open elements, attributes of one tag or attribute names. It repeats unclosed
formatting elements in every paragraph, and copies a text each time it continues after a misplaced tag. Anything over a
bound is left out, but the words of the page are kept as far as possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from reader.captures.html.marks import BREAKS

MAX_TAGS: Final = 200_000
"""The most tags of a page that are read: about a second."""
MAX_DEPTH: Final = 2_000
"""The deepest nesting in a page with more than `UNCHECKED_TAGS` tags."""
UNCHECKED_TAGS: Final = 20_000
"""Pages with at most this many tags are not checked for nesting: half a second at worst."""
MAX_ATTRIBUTES: Final = 1_000
_MAX_REPEATS: Final = 100_000
"""The limit of formatting elements times tags, which the parser may repeat."""

MAX_NAMES: Final = 20_000
_MAX_PAGES: Final = 30
"""The most `html`, `head` and `body` tags: the parser collects the attributes of each kind in one element."""
_MAX_UNSEEN: Final = 1 << 24
"""Below this product of bytes and tags, these tags are not counted."""
_MAX_COPIED: Final = 1 << 30
"""The most bytes of text that may be copied, as if the page were one text."""

_ATTRIBUTES = rb"""[^>=]*+(?:=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+|)[^>=]*+)*+"""
_RAW = rb"script|style|title|textarea|xmp|iframe|noembed|noframes|noscript"
_TOKEN: Final = re.compile(
    rb"(?i)<(?:!--(?:-?>|(?s:.*?)(?:--!?>|\Z))"
    rb"|(?P<raw>(?P<raw_name>" + _RAW + rb")(?=[\s/>])" + _ATTRIBUTES + rb"(?:>|\Z))"
    rb"[^<]*+(?:<(?!/(?P=raw_name)[\s/>])[^<]*+)*+"
    rb"|(?P<tag>/?(?P<name>[a-z][^\s/>]*+)" + _ATTRIBUTES + rb"(?:>|\Z))"
    rb"|[!?/][^>]*+(?:>|\Z))"
)
"""A comment, a start tag with its raw content, or any other tag."""
_ATTRIBUTE: Final = re.compile(rb"""(=?[^\s/>=]++)(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>"'][^\s>]*+)?)?""")
_FORMATTING: Final = re.compile(
    rb"(?i)<(/?)(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])"
)
_PAGE: Final = re.compile(rb"(?i)<(/?)(?:html|head|body)(?=[\s/>])")
_TABLE: Final = re.compile(
    rb"(?i)<(/?)(?:caption|col|colgroup|form|frame|frameset|image|table|tbody|td|tfoot|th|thead|tr)(?=[\s/>])"
)
_MISPLACED: Final = re.compile(
    rb"(?i)<(?:/[a-z][^\s/>]*+|caption|col|colgroup|form|frame|frameset|image|input|script|style|tbody|td|template"
    rb"|tfoot|th|thead|tr)[\s/]"
)
"""Tags after which the text before them may continue."""
_END_TAG: Final = re.compile(rb"(</[a-zA-Z][^\s/>]*+)[\s/][^>]*+>")
_PART: Final = re.compile(rb"(?:[^<]*+<){%d}" % UNCHECKED_TAGS)
_BLOCKS: Final = frozenset(name.encode() for name in BREAKS)


def parse(html: bytes) -> LexborHTMLParser:
    """Return the tree of a page within the bounds."""
    # With events, a `select` takes time quadratic in its options.
    return LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS, scripting=True)


def bounded(html: bytes) -> tuple[bytes, str | None]:
    """Return the page within the bounds, and the reason if something was left out."""
    html, reason = _without_asides(html)
    tags = html.count(b"<")
    if tags > MAX_TAGS:
        *_, end = islice(_parts(html), MAX_TAGS // UNCHECKED_TAGS)
        html = html[:end]
        reason = f"more than {MAX_TAGS:,} tags: the rest was left out"
    if len(html) > 3 * MAX_NAMES and len(set(_names(html))) > MAX_NAMES:
        return _words(html), reason or f"over {MAX_NAMES:,} different attributes: only the text was kept"
    html = _without_repeats(html, tags)
    # Parse longer and longer parts to find their depth, which grows only slowly from part to part.
    start = 0
    for end in (*_parts(html), len(html)) if tags > UNCHECKED_TAGS else ():
        if _depth(parse(html[:end])) > MAX_DEPTH:
            reason = (
                reason or f"nested deeper than {MAX_DEPTH:,} elements: only the text was kept from there on"
            )
            return html[:start] + _words(html[start:]), reason
        start = end
    return html, reason


def without_markup(html: bytes) -> bytes:
    """Return the text of a page without tags, comments and scripts."""
    return _TOKEN.sub(b"", html)


def _without_asides(html: bytes) -> tuple[bytes, str | None]:
    """Remove comments, scripts without page text, and excess attributes.

    Afterwards the parser finds the same tags as this function.
    """
    pieces: list[bytes] = []
    kept = 0
    reason = None
    for token in _TOKEN.finditer(html):
        start, end = token.span()
        if token["tag"]:
            part, name = "tag", "name"
        elif token["raw"]:
            part, name = "raw", "raw_name"
            end = token.end("raw")
        else:
            if html.startswith(b"<!--", start):
                pieces.append(html[kept:start])
                kept = end
            continue
        if end - start > 2 * MAX_ATTRIBUTES:
            attributes = _ATTRIBUTE.finditer(html, token.end(name), end)
            if (extra := next(islice(attributes, MAX_ATTRIBUTES, None), None)) is not None:
                reason = f"a tag with over {MAX_ATTRIBUTES:,} attributes: the rest were left out"
                pieces += [html[kept : extra.start()], b">" if html[end - 1 : end] == b">" else b""]
                kept = end
        if part == "raw":
            pieces += [html[kept:end], _script_text(token["raw"], html[end : token.end()])]
            kept = token.end()
    return b"".join([*pieces, html[kept:]]), reason


def _script_text(tag: bytes, content: bytes) -> bytes:
    """Return the content of a data script, with nothing that could start a tag; b"" for a program."""
    tag = tag.lower()
    if b"keep-reading-content" in tag:
        return content.replace(b"<", b"&lt;")
    return content.replace(b"<", b"\\u003c") if b"json" in tag else b""


def _without_repeats(html: bytes, tags: int) -> bytes:
    """Rename elements for which the parser repeats elements or copies text. The lines of the page stay the same."""
    if tags * tags > _MAX_REPEATS and tags * len(_FORMATTING.findall(html)) > _MAX_REPEATS:
        html = _FORMATTING.sub(rb"<\1span", html)
    if tags * len(html) > _MAX_UNSEEN:
        if len(_PAGE.findall(html)) > _MAX_PAGES:
            html = _PAGE.sub(rb"<\1div", html)
        if len(html) * len(_MISPLACED.findall(html)) > _MAX_COPIED:
            html = _TABLE.sub(rb"<\1div", _END_TAG.sub(rb"\1>", html))
    return html


def _names(html: bytes) -> Iterator[bytes]:
    for token in _TOKEN.finditer(html):
        for part, name in (("raw", "raw_name"), ("tag", "name")):
            if token[name]:
                yield token[name].lower()
                attributes = _ATTRIBUTE.finditer(html, token.end(name), token.end(part))
                yield from (attribute[1].lower() for attribute in attributes)


def _parts(html: bytes) -> Iterator[int]:
    end = 0
    while part := _PART.match(html, end):
        end = part.end()
        yield end - 1


def _depth(tree: LexborHTMLParser) -> int:
    node, depth, deepest = tree.root, 1, 1
    while node is not None:
        if (child := node.first_child) is not None:
            node, depth = child, depth + 1
            deepest = max(deepest, depth)
            continue
        while node is not None and (following := node.next) is None:
            node, depth = node.parent, depth - 1
        node = following if depth else None
    return deepest


def _words(html: bytes) -> bytes:
    """Return a page without markup, with each block on its own line."""
    return _TOKEN.sub(lambda token: b"<br>" if (token["name"] or b"").lower() in _BLOCKS else b"", html)
