"""Reads plain text, one page per file, as text crawls save it."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterator

from reader.captures.source import Source
from reader.model import Capture, Problem

MAX_CAPTURE = 32 << 20
"""The size limit of a capture in bytes, both in the file and decoded in memory."""
_TOO_LONG = f"longer than {MAX_CAPTURE >> 20} MB: the rest was left out; split the file to read all of it"

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF_32_LE = codecs.BOM_UTF32_LE  # starts like that of UTF-16

_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\v\f\r\x0e\x0f\x1b"))
"""Control characters that no encoding of text uses."""
_ODD_CODECS = frozenset("idna punycode raw-unicode-escape unicode-escape undefined utf-7 mbcs oem".split())
"""Encodings that no page uses, or that do not accept every byte."""
_OTHER_SUFFIXES = """
    .json .jsonl .ndjson .json5 .geojson .xml .mhtml .svg .rss .atom .csv .tsv .sql
    .yaml .yml .toml .ini .cfg .conf .warc .wat .wet .arc .cdx .cdxj .wacz .log .lock .patch .diff .bib
    .md .markdown .rst .adoc .tex .rtf .py .pyi .ipynb .js .mjs .ts .jsx .tsx .css .scss .c .h .cc .cpp
    .hpp .cs .go .java .kt .lua .pl .r .rb .rs .swift .sh .bash .zsh .fish .bat .ps1
"""
_OTHER_NAMES = "readme license licence copying authors contributing changelog makefile dockerfile pipfile"
_OTHER_STARTS = (b"#!", b"<!doctype", b"<html", b"<?xml", b"<?php", b"warc/", b"{\\rtf")
_SUFFIX_SET = frozenset(_OTHER_SUFFIXES.split())
_NAME_SET = frozenset(_OTHER_NAMES.split())


def is_text(name: str, head: bytes) -> bool:
    """Return whether a file in a folder is the text of a page; see `reader.captures.find`."""
    stem, suffix = os.path.splitext(name.lower())  # noqa: PTH122 (Path is slower, and this is called for each page)
    if suffix in _SUFFIX_SET or stem in _NAME_SET or stem.startswith(".git") or is_binary(head):
        return False
    return not head.removeprefix(codecs.BOM_UTF8)[:64].lstrip().lower().startswith(_OTHER_STARTS)


def read_text(source: Source) -> Iterator[Capture | Problem]:
    """Read the capture, and a problem if only a part of it was kept."""
    if not source.filter.begin_page():
        return
    data = source.read_page(MAX_CAPTURE, _TOO_LONG)
    if source.cut and not data:
        yield source.cut._replace(partial=False)
        return
    text, encoding, clipped = decode(data, complete=source.cut is None, charset=source.charset)
    del data  # or this generator holds it as long as the capture is in use
    if clipped:
        source.stop("damaged", "it ends in the middle of a character; it was cut off when it was saved")
    text = text.replace("\0", "")
    fitting = fit(text, MAX_CAPTURE)
    if fitting is not text:
        source.stop("too large", _TOO_LONG)
    del text
    partial = source.cut.reason if source.cut else None
    yield Capture(source.label, fitting, source.url, source.captured, encoding, partial)
    if source.cut:
        yield source.cut


def fit(text: str, limit: int) -> str:
    """Return `text`, or its start if it takes more than `limit` bytes of memory."""
    width = sys.getsizeof(text) // (len(text) or 1)
    return text[: limit // width] if len(text) > 1000 and len(text) * width > limit else text


def is_binary(head: bytes) -> bool:
    """Return whether the start of a file has more NULs or control characters than a page with a few stray ones."""
    if head.startswith(_UTF_16) and not head.startswith(_UTF_32_LE):
        return False
    stray = max(len(head) // 100, 1)
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return head.count(b"\0") > stray or controls > min(5 * stray, len(head) // 2)


def decode(data: bytearray, *, complete: bool, charset: str | None = None) -> tuple[str, str, bool]:
    """Decode `data`. Return the text, the encoding, and whether the last character is incomplete.

    Tries UTF-8 with or without a byte order mark, UTF-16 with one, `charset`, then Windows-1252, which accepts any
    bytes: its five unassigned ones become U+FFFD. Unless `complete`, a broken last character is silently dropped.
    """
    if data.startswith(_UTF_16):
        return str(data if complete else data[: len(data) & ~1], "utf-16", "replace"), "utf-16", False
    content = memoryview(data)[3 if data.startswith(codecs.BOM_UTF8) else 0 :]
    try:
        return codecs.utf_8_decode(content, "strict", complete)[0], "utf-8", False
    except UnicodeDecodeError as error:
        cut_off = error.reason == "unexpected end of data"
    if cut_off:  # distinguish cut-off UTF-8 from, say, a final é in one byte
        text = codecs.utf_8_decode(content, "replace", True)[0]
        if not text[:-1].isascii():
            return text, "utf-8", True
    name = (codec_of(charset) if charset else None) or "cp1252"
    if name == "utf-8":  # tried above
        name = "cp1252"
    return str(content, name, "replace"), name, False


def codec_of(charset: str) -> str | None:
    """Return Python's name of a declared encoding, as browsers interpret it; None if no page can use it."""
    try:
        codec = codecs.lookup(charset.strip(" \"'"))
    except (LookupError, ValueError):
        return None
    if not getattr(codec, "_is_text_encoding", True):
        return None
    name = codec.name
    # Without a byte order mark, a declaration of UTF-16 or UTF-32 is wrong.
    if name in _ODD_CODECS or name.startswith(("utf-16", "utf-32")):
        return None
    # Pages declared as Latin-1 or ASCII are Windows-1252.
    return "cp1252" if name in ("iso8859-1", "ascii") else name
