"""Recognises, decodes and reads single pages: plain text, HTML, and pages that a browser saved with their pictures.

A text file holds one page, as a text crawl saves it. The pages with pictures are MHTML, and Safari's web archives.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final, NamedTuple

from reader.addresses import clean_url
from reader.captures.source import Source
from reader.dates import parse_http_date, time_of
from reader.model import DIGEST_FACT, NOT_A_CAPTURE, Capture, Problem

# Text, and the encodings of all pages

MAX_CAPTURE = 32 << 20
"""The size limit of a capture in bytes, both in the file and decoded in memory."""
_TOO_LONG_TEXT = (
    f"longer than {MAX_CAPTURE >> 20} MB: the rest was left out; split the file to read all of it"
)
IS_EXPORT: Final = "an export of Protocol Reader, not a capture; read the captures that its articles are from"
_EXPORTED: Final = DIGEST_FACT.encode()
_ENDS_INSIDE: Final = "it ends in the middle of a character; it was cut off when it was saved"
_BAD_BYTES: Final = "some of its bytes are not UTF-8, so characters are missing; get a new copy"
_NO_PAGE: Final = "the file does not contain a page; save it again"

UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF_32_LE = codecs.BOM_UTF32_LE  # starts like that of UTF-16

_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\v\f\r\x0e\x0f\x1b"))
"""Control characters that no encoding of text uses."""
_ODD_CODECS = frozenset("idna punycode raw-unicode-escape unicode-escape undefined utf-7 mbcs oem".split())
"""Encodings that no page uses, or that do not accept every byte."""
_OTHER_SUFFIXES = frozenset(
    """
    .json .jsonl .ndjson .json5 .geojson .xml .mhtml .svg .rss .atom .csv .tsv .sql
    .yaml .yml .toml .ini .cfg .conf .warc .wat .wet .arc .cdx .cdxj .wacz .log .lock .patch .diff .bib
    .md .markdown .rst .adoc .tex .rtf .py .pyi .ipynb .js .mjs .ts .jsx .tsx .css .scss .c .h .cc .cpp
    .hpp .cs .go .java .kt .lua .pl .r .rb .rs .swift .sh .bash .zsh .fish .bat .ps1
    """.split()
)
_OTHER_NAMES = frozenset(
    "readme license licence copying authors contributing changelog makefile dockerfile pipfile"
    " bagit bag-info robots .ds_store".split()
)
# `re` compiles it on first use.
_OTHER_STARTS = (
    rb"(?i)(?:\xef\xbb\xbf)?\s*+(?:#!|<!doctype|<html|<\?(?:xml|php)|warc/|\{\\rtf"
    rb"|BagIt-Version:|User-agent:|[0-9a-f]{32,128} +\*?\S|--\d{4}-\d\d-\d\d [\d:]{8}--"
    rb"|CDX \w \w |[^\r\n]*:\r?\ntotal \d+\r?\n|(?:https?://\S+\r?\n){2})"
)
"""Starts of scripts, data, checksums, logs, and lists of captures, files or addresses."""


def is_text(name: str, head: bytes) -> bool:
    """Return whether a file in a folder is the text of a page; see `reader.captures.find`."""
    stem, suffix = os.path.splitext(name.lower())  # noqa: PTH122 (Path is slower, and this is called for each page)
    if suffix in _OTHER_SUFFIXES or stem in _OTHER_NAMES or stem.startswith(".git") or is_binary(head):
        return False
    return re.match(_OTHER_STARTS, head) is None


def read_text(source: Source) -> Iterator[Capture | Problem]:
    """Read the capture, and a problem if only a part of it was kept."""
    return read_single_page(source, MAX_CAPTURE, _TOO_LONG_TEXT, _text_capture)


def read_single_page(
    source: Source, most: int, too_long: str, capture_of: Callable[[bytearray, Source], Capture | None]
) -> Iterator[Capture | Problem]:
    """Read a file that is one page: at most `most` bytes, which `capture_of` turns into a capture.

    `capture_of` returns None if there is no page in them. `too_long` is the reason given for a longer file.
    """
    if not source.filter.begin_page():
        return
    data = source.read_page(most, too_long)
    if _EXPORTED in data:
        yield Problem(source.label, "no page" if source.explicit else NOT_A_CAPTURE, IS_EXPORT)
        return
    capture = capture_of(data, source) if data or not source.cut else None
    del data  # or this generator holds it as long as the capture is in use
    if capture is None:
        yield source.cut._replace(partial=False) if source.cut else Problem(source.label, "damaged", _NO_PAGE)
        return
    yield capture._replace(partial=source.cut.reason) if source.cut else capture
    if source.cut:
        yield source.cut


def _text_capture(data: bytearray, source: Source) -> Capture:
    text, encoding, damage = decode(data, complete=source.cut is None, charset=source.charset)
    if damage:
        source.stop("damaged", damage)
    text = text.replace("\0", "")
    fitting = fit(text, MAX_CAPTURE)
    if fitting is not text:
        source.stop("too large", _TOO_LONG_TEXT)
    return Capture(source.label, fitting, source.url, source.captured, encoding)


def fit(text: str, limit: int) -> str:
    """Return `text`, or its start if it takes more than `limit` bytes of memory."""
    width = sys.getsizeof(text) // (len(text) or 1)
    return text[: limit // width] if len(text) > 1000 and len(text) * width > limit else text


def is_binary(head: bytes) -> bool:
    """Return whether the start of a file has more NULs or control characters than a page with a few stray ones."""
    if head.startswith(UTF_16_MARKS) and not head.startswith(_UTF_32_LE):
        return False
    stray = max(len(head) // 100, 1)
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return head.count(b"\0") > stray or controls > min(5 * stray, len(head) // 2)


def decode(data: bytearray, *, complete: bool, charset: str | None = None) -> tuple[str, str, str]:
    """Decode `data`. Return the text, the encoding, and what is damaged ("" for nothing).

    Tries UTF-8 with or without a byte order mark, UTF-16 with one, `charset`, then UTF-8 with a few damaged characters,
    then Windows-1252, which accepts any bytes: its five unassigned ones become U+FFFD. Unless `complete`, a broken last
    character is silently dropped.
    """
    if data.startswith(UTF_16_MARKS):
        return str(data if complete else data[: len(data) & ~1], "utf-16", "replace"), "utf-16", ""
    content = memoryview(data)[3 if data.startswith(codecs.BOM_UTF8) else 0 :]
    try:
        return codecs.utf_8_decode(content, "strict", complete)[0], "utf-8", ""
    except UnicodeDecodeError as error:
        cut_off = error.reason == "unexpected end of data"
    name = codec_of(charset) if charset else None
    if cut_off or name in (None, "utf-8"):
        text = codecs.utf_8_decode(content, "replace", complete)[0]
        damaged = text.count("\ufffd")
        valid = len(text) - len(text.encode("ascii", "ignore")) - damaged
        # Text in another encoding, such as one with a final é in one byte, is hardly ever valid by chance.
        if valid > (0 if cut_off else damaged):
            return text, "utf-8", _ENDS_INSIDE if cut_off else _BAD_BYTES
    name = name if name not in (None, "utf-8") else "cp1252"
    return str(content, name, "replace"), name, ""


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


# HTML

MAX_DOCUMENT: Final = 8 << 20
_TOO_LONG_PAGE: Final = f"a page longer than {MAX_DOCUMENT >> 20} MB: the rest was left out"
_HTML_SUFFIXES: Final = (".html", ".htm", ".xhtml", ".shtml")
_DECLARING: Final = 1024
"""How many bytes at the start of a page may declare its encoding."""


def is_html(name: str, head: bytes) -> bool:
    """Return whether a file starts like HTML, or is text and named like HTML."""
    if looks_like_html(head):
        return True
    return name.lower().endswith(_HTML_SUFFIXES) and not is_binary(head)


def read_html(source: Source) -> Iterator[Capture | Problem]:
    """Read the page, and a problem if only a part of it was kept.

    Accepts any bytes without raising, and takes linear time.
    """
    return read_single_page(source, MAX_DOCUMENT, _TOO_LONG_PAGE, _html_capture)


def _html_capture(data: bytearray, source: Source) -> Capture:
    # The HTML parser takes 8 ms to load, and most captures are text.
    from reader.captures.html.page import capture_of

    html, encoding, damage = decode_page(bytes(data), source.charset, complete=source.cut is None)
    if damage:
        source.stop("damaged", damage)
    capture = capture_of(html, source, encoding)
    if capture.partial:
        source.stop("too large", capture.partial)
    return capture


def looks_like_html(head: bytes) -> bool:
    """Return whether a file starts like HTML: with a doctype or with tags."""
    if head.startswith(UTF_16_MARKS):
        head = head.decode("utf-16", "ignore").encode()
    head = head.removeprefix(codecs.BOM_UTF8)[:4096].lstrip()
    return head.startswith(b"<") and re.match(_HTML_START, head) is not None


def decode_page(data: bytes, charset: str | None, *, complete: bool) -> tuple[bytes, str, str]:
    """Return a page in UTF-8, the name of its original encoding, and what is damaged ("" for nothing).

    The encoding comes from the byte order mark, the server (`charset`) or the page's declaration. If there is none, or
    the declaration is wrong, it is detected as for text.
    """
    marked = data.startswith(UTF_16_MARKS)
    data = data.removeprefix(codecs.BOM_UTF8)
    if not marked:
        declared = re.search(_CHARSET, data[:_DECLARING].lower())
        for name in (charset, declared and declared[1].decode("ascii")):
            codec = codec_of(name) if name else None
            if codec == "utf-8":
                break
            with suppress(LookupError, ValueError):
                if codec:
                    return codecs.getincrementaldecoder(codec)().decode(data, complete).encode(), codec, ""
        if _is_utf_8(data):
            return data, "utf-8", ""
    text, encoding, damage = decode(bytearray(data), complete=complete)
    return text.encode("utf-8", "replace"), encoding, damage


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
_HTML_START: Final = (
    rb"(?i)(?:<\?xml[^>]{0,200}\?>\s*)?+(?:<!--(?>(?s:.*?)-->)\s*)*+"
    rb"(?:<!doctype\s+html|<(?:html|head|body|title|meta|base)[\s/>]"
    rb"|<(?:p|div|h[1-6]|article|section|main|header|nav|table|ul|ol|span|script|style|link|template|center|font)\b[^<>]{0,2000}>"
    rb"(?s:.{0,4000}?)</?[a-z][a-z0-9]*[^<>]{0,2000}>)"
)
_CHARSET: Final = rb"<meta\b[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-z0-9_:.-]{2,40})"


# Pages saved with their pictures

MAX_SAVED: Final = 32 << 20
"""The most bytes of a file that are read. Pictures usually come after the page."""
_TOO_LONG_FILE: Final = f"longer than {MAX_SAVED >> 20} MB: the rest was left out"
_SAVED_HEAD: Final = 4096
_HTML_TYPES: Final = ("text/html", "application/xhtml+xml")


class SavedPage(NamedTuple):
    """A page with its pictures."""

    html: bytes
    charset: str | None
    url: str | None
    captured: str | None
    pictures: dict[str, bytes]
    """By address and by content ID ("cid:…")."""


def is_mhtml(name: str, head: bytes) -> bool:
    """Return whether a file starts like a message of related parts, or is named like MHTML."""
    start = head[:_SAVED_HEAD].lower()
    related = b"multipart/related" in start and b"mime-version:" in start
    return related or (name.lower().endswith((".mhtml", ".mht")) and not is_binary(head))


def is_webarchive(name: str, head: bytes) -> bool:
    """Return whether a file is a property list that is named like a web archive, or starts like one."""
    is_list = head.startswith(b"bplist00") or b"<plist" in head[:_SAVED_HEAD]
    return is_list and (name.lower().endswith(".webarchive") or b"WebMainResource" in head)


def read_saved_page(source: Source) -> Iterator[Capture | Problem]:
    """Read the page, with the address and time noted by the browser."""
    return read_single_page(source, MAX_SAVED, _TOO_LONG_FILE, _saved_capture)


def _saved_capture(data: bytearray, source: Source) -> Capture | None:
    page = saved_page(bytes(data))
    if page is None or not (page.html or source.cut is None):
        return None
    source.url, source.captured, source.charset = page.url, page.captured, page.charset
    if len(page.html) > MAX_DOCUMENT:
        source.stop("too large", _TOO_LONG_PAGE)
    return _html_capture(bytearray(page.html[:MAX_DOCUMENT]), source)


def saved_page(data: bytes) -> SavedPage | None:
    """Return the page in a file, and its pictures; None if there is none."""
    if not (data.startswith(b"bplist00") or b"<plist" in data[:_SAVED_HEAD]):
        return _of_message(data)
    import plistlib  # Only here: loading it takes 2 ms.
    from xml.parsers.expat import ExpatError

    try:
        return _of_web_archive(plistlib.loads(data))
    except (ExpatError, ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return None


def _of_message(data: bytes) -> SavedPage | None:
    from email import message_from_bytes  # 14 ms, and few captures are messages

    message = message_from_bytes(data)
    parts = [(part, part.get_payload(decode=True)) for part in message.walk()]
    pages = ((part, content) for part, content in parts if part.get_content_type() in _HTML_TYPES)
    page, html = next(pages, (None, None))
    if page is None or not isinstance(html, bytes):
        return None
    pictures: dict[str, bytes] = {}
    for part, content in parts:
        if part.get_content_maintype() == "image" and isinstance(content, bytes):
            name = str(part.get("Content-ID") or "").strip().strip("<>")
            for reference in (*_addresses(part.get("Content-Location")), name and f"cid:{name}"):
                pictures.setdefault(reference, content)
    url = message.get("Snapshot-Content-Location") or page.get("Content-Location")
    captured = time_of(parse_http_date(str(message.get("Date") or "")))
    return SavedPage(html, page.get_content_charset(), str(url) if url else None, captured, pictures)


def _of_web_archive(archive: Any) -> SavedPage | None:
    main = archive["WebMainResource"]
    if main["WebResourceMIMEType"] not in _HTML_TYPES:
        return None
    pictures: dict[str, bytes] = {}
    for resource in archive.get("WebSubresources", ()):
        if str(resource.get("WebResourceMIMEType")).startswith("image/"):
            for address in _addresses(resource.get("WebResourceURL")):
                pictures.setdefault(address, bytes(resource["WebResourceData"]))
    html = bytes(main["WebResourceData"])
    charset, url = main.get("WebResourceTextEncodingName"), main.get("WebResourceURL")
    return SavedPage(html, str(charset) if charset else None, str(url) if url else None, None, pictures)


def _addresses(value: object) -> Iterator[str]:
    address = str(value or "").strip()
    yield from filter(None, (address, clean_url(address)))
