"""HTML, saved pages and those in archives: the page's lines in a crawl's layout, and what its markup says of them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

from reader.captures.source import Source
from reader.model import Capture, Problem

MAX_DOCUMENT: Final = 8 << 20
"""The most bytes of a page that are read."""
_SUFFIXES: Final = (".html", ".htm", ".xhtml", ".shtml")
_HEAD_BYTES: Final = 1024
"""How far into a page its encoding may be named."""
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Html:
    """A page of HTML in a file of its own."""

    name = "HTML"

    def __init__(self, limit: int = MAX_DOCUMENT) -> None:
        """`limit` is the most bytes of a page that are read."""
        self.limit = limit

    def recognises(self, name: str, head: bytes) -> bool:
        """Whether it starts as HTML does, or is text and called so."""
        if looks_like_html(head):
            return True
        return name.lower().endswith(_SUFFIXES) and (b"\0" not in head or head.startswith(_UTF_16))

    def read(self, source: Source) -> Iterator[Capture | Problem]:
        """The page, and a problem if only a part of it was kept."""
        data = source.read(self.limit + 1)
        if len(data) > self.limit:
            source.stop(*_too_long(self.limit))
            del data[self.limit :]
        if source.cut and not data:
            yield source.cut._replace(partial=False)
            return
        yield from read_html(
            bytes(data),
            source.label,
            url=getattr(source, "url", None),
            captured=getattr(source, "captured", None),
            charset=getattr(source, "charset", None),
            cut=source.cut,
        )


def read_html(
    data: bytes,
    source: str,
    *,
    url: str | None = None,
    captured: str | None = None,
    charset: str | None = None,
    cut: Problem | None = None,
) -> Iterator[Capture | Problem]:
    """The capture that the bytes of a page make, and a problem if only a part of it was kept.

    `url` and `captured` are what an archive knows of the page, `charset` what the server said of its encoding; `cut`
    is why its bytes ended early. Never raises for any bytes; takes time linear in them.
    """
    from reader.captures.html_page import read_page  # Only here: most captures are text.

    if len(data) > MAX_DOCUMENT:
        cut = cut or Problem(source, *_too_long(MAX_DOCUMENT), partial=True)
        data = data[:MAX_DOCUMENT]
    text, encoding = decode_html(data, charset, whole=cut is None)
    capture = read_page(text, source, url=url, captured=captured, encoding=encoding)
    if cut is None and capture.partial:
        cut = Problem(source, "too large", capture.partial, partial=True)
    if cut is not None:
        capture = capture._replace(partial=cut.reason)
    yield capture
    if cut is not None:
        yield cut


def looks_like_html(head: bytes) -> bool:
    """Whether a file's first bytes are HTML's: a doctype, or a start of tags."""
    if head.startswith(_UTF_16):
        head = head.decode("utf-16", "ignore").encode()
    head = head.removeprefix(codecs.BOM_UTF8)[:4096].lstrip()
    return head.startswith(b"<") and re.match(_START, head) is not None


def decode_html(data: bytes, charset: str | None = None, *, whole: bool = True) -> tuple[str, str]:
    """(the text, the encoding it was read with): by byte order mark, by what the page or the server names, else
    as text is read.

    A page that names an encoding which its bytes are not in is read as text is, too.
    """
    from reader.captures.text import decode

    if not data.startswith((*_UTF_16, codecs.BOM_UTF8)):
        named = re.search(_CHARSET, data[:_HEAD_BYTES])
        for name in (charset, named[1].decode("ascii", "replace") if named else None):
            if name and (text := _decoded(data, name, whole)) is not None:
                return text, codecs.lookup(_ALIASES.get(name.strip().lower(), name)).name
    text, encoding, _ = decode(bytearray(data), whole=whole)
    return text, encoding


def _decoded(data: bytes, name: str, whole: bool) -> str | None:
    name = _ALIASES.get(name.strip().lower(), name)
    try:
        if not codecs.lookup(name)._is_text_encoding or name.lower().replace("_", "-").startswith(
            ("utf-16", "utf-7")
        ):
            return None
        decoder = codecs.getincrementaldecoder(name)()
        return decoder.decode(data, whole)
    except (LookupError, ValueError, AttributeError, TypeError):
        return None


def _too_long(limit: int) -> tuple[str, str]:
    size = f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit} bytes"
    return "too large", f"a page longer than {size}: the rest was left out"


# As browsers have it: pages say Latin-1 and mean Windows-1252.
_ALIASES: Final = dict.fromkeys(
    ("iso-8859-1", "latin1", "latin-1", "ascii", "us-ascii", "iso8859-1"), "cp1252"
)
# Patterns are compiled when first used, and kept by `re`: the first screen seldom needs one.
_START: Final = (
    rb"(?i)(?:<\?xml[^>]{0,200}\?>\s*)?+(?:<!--(?>(?s:.*?)-->)\s*)*+"
    rb"(?:<!doctype\s+html|<(?:html|head|body|title|meta|base)[\s/>]"
    rb"|<(?:p|div|h[1-6]|article|section|main|header|nav|table|ul|ol|span|script|style|link|template|center|font)\b[^<>]{0,2000}>"
    rb"(?s:.{0,4000}?)</?[a-z][a-z0-9]*[^<>]{0,2000}>)"
)
_CHARSET: Final = rb"(?i)<meta\b[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-z0-9_:.-]{2,40})"
