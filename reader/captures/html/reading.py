"""Recognises and decodes HTML pages, saved or in archives, and reads their captures."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from reader.captures.source import Source
from reader.captures.text import codec_of, decode, is_binary
from reader.model import Capture, Problem

MAX_DOCUMENT: Final = 8 << 20
_TOO_LONG: Final = f"a page longer than {MAX_DOCUMENT >> 20} MB: the rest was left out"
_SUFFIXES: Final = (".html", ".htm", ".xhtml", ".shtml")
_HEAD_BYTES: Final = 1024
"""How many bytes at the start of a page may declare its encoding."""
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def is_html(name: str, head: bytes) -> bool:
    """Return whether a file starts like HTML, or is text and named like HTML."""
    if looks_like_html(head):
        return True
    return name.lower().endswith(_SUFFIXES) and not is_binary(head)


def read_html(source: Source) -> Iterator[Capture | Problem]:
    """Read the page, and a problem if only a part of it was kept.

    Accepts any bytes without raising, and takes linear time.
    """
    if not source.filter.begin_page():
        return
    data = bytes(source.read_page(MAX_DOCUMENT, _TOO_LONG))
    if source.cut and not data:
        yield source.cut._replace(partial=False)
        return
    # The HTML parser takes 8 ms to load, and most captures are text.
    from reader.captures.html.page import capture_of

    html, encoding = decode_page(data, source.charset, complete=source.cut is None)
    capture = capture_of(html, source, encoding)
    if capture.partial:
        source.stop("too large", capture.partial)
    yield capture._replace(partial=source.cut.reason) if source.cut else capture
    if source.cut:
        yield source.cut


def looks_like_html(head: bytes) -> bool:
    """Return whether a file starts like HTML: with a doctype or with tags."""
    if head.startswith(_UTF_16):
        head = head.decode("utf-16", "ignore").encode()
    head = head.removeprefix(codecs.BOM_UTF8)[:4096].lstrip()
    return head.startswith(b"<") and re.match(_START, head) is not None


def decode_page(data: bytes, charset: str | None, *, complete: bool) -> tuple[bytes, str]:
    """Return a page in UTF-8, and the name of its original encoding.

    The encoding comes from the byte order mark, the server (`charset`) or the page's declaration. If there is none, or
    the declaration is wrong, it is detected as for text.
    """
    marked = data.startswith(_UTF_16)
    data = data.removeprefix(codecs.BOM_UTF8)
    if not marked:
        declared = re.search(_CHARSET, data[:_HEAD_BYTES].lower())
        for name in (charset, declared and declared[1].decode("ascii")):
            codec = codec_of(name) if name else None
            if codec == "utf-8":
                break
            with suppress(LookupError, ValueError):
                if codec:
                    return codecs.getincrementaldecoder(codec)().decode(data, complete).encode(), codec
        if _is_utf_8(data):
            return data, "utf-8"
    text, encoding, _ = decode(bytearray(data), complete=complete)
    return text.encode("utf-8", "replace"), encoding


def _is_utf_8(data: bytes) -> bool:
    """Return whether the text between the tags is UTF-8; scripts and addresses may be in any encoding."""
    try:
        data.decode()
    except UnicodeDecodeError:
        from reader.captures.html.bounds import without_markup  # Few pages need it.

        try:
            without_markup(data).decode()
        except UnicodeDecodeError:
            return False
    return True


# `re` compiles these on first use: the first screen seldom needs them.
_START: Final = (
    rb"(?i)(?:<\?xml[^>]{0,200}\?>\s*)?+(?:<!--(?>(?s:.*?)-->)\s*)*+"
    rb"(?:<!doctype\s+html|<(?:html|head|body|title|meta|base)[\s/>]"
    rb"|<(?:p|div|h[1-6]|article|section|main|header|nav|table|ul|ol|span|script|style|link|template|center|font)\b[^<>]{0,2000}>"
    rb"(?s:.{0,4000}?)</?[a-z][a-z0-9]*[^<>]{0,2000}>)"
)
_CHARSET: Final = rb"<meta\b[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-z0-9_:.-]{2,40})"
