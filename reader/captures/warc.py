"""Reads the pages in WARC, WET and ARC files, with their addresses and times.

The files may be damaged, have wrong lengths, end anywhere and contain anything.

A record of an ARC file, the form of web archives before WARC, is a line with address, IP address, date, type and length
(and more fields before the length in version 2), and the response of the server. It becomes a record of a WARC file.

The content of most records is an HTTP response: status, type and body, with transfer and content encodings undone.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from reader.addresses import clean_url
from reader.captures.pages import looks_like_html
from reader.captures.results import (
    MAX_PICTURE_RECORDS,
    Items,
    PictureRecord,
    ReadPage,
    Tally,
    address_key,
    is_picture,
    names_picture,
)
from reader.captures.source import CutShortError, Source
from reader.captures.unpacking import BROTLI, DEFLATE, ZLIB, Unpacking, codec_of
from reader.dates import time_of
from reader.model import Problem
from reader.sanitize import sanitize

# Records

MAX_CONTENT: Final = 32 << 20
_MAX_HEADER: Final = 1 << 16
_MAX_DIGITS: Final = 18
_CHUNK: Final = 1 << 17

_VERSION: Final = rb"WARC/[01]\.\d{1,2}[ \t]*\r?\n"
_START: Final = re.compile(_VERSION + rb"[A-Za-z][\w-]*[ \t]*:")
"""The start of a record, which is searched for after damage."""
_START_SPAN: Final = 128
"""The length of the longest match of `_START`."""
_HIDDEN: Final = re.compile(rb"\r?\n\r?\n(?=" + _VERSION + rb"[A-Za-z][\w-]*[ \t]*:)")
_LENGTH: Final = re.compile(rb"\ncontent-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?\n", re.IGNORECASE)
_ENDS: Final = (b"\r\n\r\n", b"\n\n")
_GAPS: Final = (*_ENDS, b"\r\n", b"\n", b"")

_ARC_DESCRIPTION: Final = b"filedesc://"
"""The start of the first record of an ARC file, which describes the file."""
_ARC_RECORD: Final = re.compile(
    rb"([a-z][a-z0-9+.-]{1,30}:\S{0,8000}) [0-9A-Fa-f.:]{1,45} (\d{12,14}) (\S{1,200})"
    rb"(?: \S{1,1000}){0,9} (\d{1,15})\r?\n"
)
_MAX_ARC_LINE: Final = 1 << 14

WRONG_LENGTH: Final = "wrong length: kept up to the next record"
CUT_OFF: Final = "cut off: the part before the cut was kept"
TOO_LONG: Final = f"longer than {MAX_CONTENT >> 20} MB: the rest was left out"
NO_HEADER: Final = "unreadable header: skipped"
OTHER_DATA: Final = "other data between records: skipped"


class Header(NamedTuple):
    """A record's header."""

    fields: dict[bytes, bytes]
    position: int

    def get(self, name: bytes) -> bytes:
        """Return the value of a field; empty if there is none."""
        return self.fields.get(name.lower(), b"")

    @property
    def length(self) -> int | None:
        """The declared length of the content in bytes; None if missing or impossible."""
        length = self.get(b"Content-Length")
        return int(length) if length.isdigit() and len(length) <= _MAX_DIGITS else None


class Record(NamedTuple):
    """One record."""

    number: int
    """Its position in the file, from 1, including damaged records."""
    header: Header
    content: bytes
    partial: str | None
    """Why the content is incomplete; None if it is complete."""


def records(source: Source, tally: Tally, is_wanted: Callable[[Header], bool]) -> Iterator[Record]:
    """Yield the records of `source` whose header `is_wanted`, in order. Never raises.

    Counts all damage in the `tally`. One record is in memory at a time. After damage, reading resumes at the next
    apparent record header; everything before that belongs to the previous record.
    """
    window = _Window(source)
    number = 0
    while window.fill(1):
        window.fill(_START_SPAN)
        began = window.position
        if window.data[window.at] in b"\r\n":
            window.at += 1
        elif not window.data.startswith(b"WARC/", window.at):
            window.skip_to_start()
            tally.add("damaged", OTHER_DATA, f"byte {began:,}")
        else:
            number += 1
            header = _header(window)
            if header is None or (length := header.length) is None:
                tally.add("damaged", NO_HEADER, f"byte {began:,}")
                window.at += began + 5 - window.position  # past this "WARC/", to find the next
                window.skip_to_start()
                continue
            wanted = is_wanted(header)
            content, partial = _content(window, length, wanted=wanted)
            if partial and partial is not TOO_LONG:
                tally.add("damaged", partial, number)
            if wanted:
                yield Record(number, header, content, partial)
            del content


class _Window:
    def __init__(self, source: Source) -> None:
        self.data = b""
        self.at = 0
        self._source = source
        self._base = 0  # the offset of the data in the file
        self._is_at_end = False  # all of the file is in the data

    @property
    def position(self) -> int:
        return self._base + self.at

    def fill(self, least: int) -> bool:
        """Read until `least` bytes are ahead. Return False if fewer are left."""
        missing = self.at + least - len(self.data)
        if missing <= 0 or self._is_at_end:
            return missing <= 0
        self._base += self.at
        parts = [self.data[self.at :]]
        self.data, self.at = b"", 0  # free its memory before reading
        size = len(parts[0])
        aim = max(least, size) + max(size // 4, _CHUNK)  # more at once, as all of it is copied each time
        while size < aim:
            block = self._source.read_some(aim - size)
            if not block:
                self._is_at_end = True
                break
            parts.append(block)
            size += len(block)
        self.data = b"".join(parts)
        return size >= least

    def skip(self, size: int) -> bool:
        while size and self.fill(1):
            step = min(size, len(self.data) - self.at)
            self.at += step
            size -= step
        return not size

    def skip_to_start(self) -> None:
        while not (match := _START.search(self.data, self.at)):
            self.at = max(self.at, len(self.data) - _START_SPAN)
            if not self.fill(len(self.data) - self.at + 1):
                self.at = len(self.data)
                return
        self.at = match.start()


def _header(window: _Window) -> Header | None:
    """Read the header of the record that starts here, and go to its content; None if it is unreadable."""
    window.fill(_MAX_HEADER)
    data, at = window.data, window.at
    line = data.find(b"\n", at, at + 32)
    blank = b"\r\n\r\n" if data[line - 1 : line] == b"\r" else b"\n\n"
    end = data.find(blank, line - 1, at + _MAX_HEADER) if line > 0 else -1
    if end < 0 or _START.search(data, at + 5, end):  # it may be cut off by the next record
        return None
    header = Header(fields_of(data[at : end + len(blank) // 2]), window.position)
    window.at = end + len(blank)
    return header


def _content(window: _Window, length: int, *, wanted: bool) -> tuple[bytes, str | None]:
    """Return the content of a record, if it is `wanted`, and why it is incomplete; go to its end."""
    window.fill(min(length, MAX_CONTENT) + 16)
    data, start = window.data, window.at
    end = start + length
    if (
        length <= MAX_CONTENT
        and _is_followed_by_record(data, start, end)
        and not _contains_record(data, start, end)
    ):
        window.at = end
        return data[start:end] if wanted else b"", None
    # Its length is wrong, or it is too long to check: it ends where the next record starts.
    following = _START.search(data, start)
    end = min(following.start() if following else len(data), start + MAX_CONTENT)
    kept = data[start:end] if wanted else b""
    del data
    began = window.position
    window.skip_to_start()
    size = window.position - began
    partial = WRONG_LENGTH
    if size < length and not window.fill(1):
        partial = CUT_OFF
    elif size > MAX_CONTENT:
        partial = TOO_LONG
    kept = kept[:size]
    # Line ends separate a content from the next record.
    return next((kept.removesuffix(gap) for gap in _ENDS if kept.endswith(gap)), kept), partial


def _contains_record(data: bytes, start: int, end: int) -> bool:
    """Return whether the content from `start` to `end` ends with another complete record, so its length is wrong.

    A page that merely quotes a record does not end exactly where that record would.
    """
    # Fast for most pages, which have no carriage return: no record starts after the last one.
    if data.rfind(b"\r\n\r\nWARC/", start, data.rfind(b"\r", start, end) + 9) < 0:
        return False
    for hidden in _HIDDEN.finditer(data, start, end):
        head = data[hidden.end() : min(end, hidden.end() + _MAX_HEADER)]
        head_end = head.find(b"\r\n\r\n")
        length = _LENGTH.search(head[: head_end + 2])
        if head_end >= 0 and length:
            inner_end = hidden.end() + head_end + 4 + int(length[1])
            if inner_end == end or _HIDDEN.match(data, inner_end, end):
                return True
    return False


def _is_followed_by_record(data: bytes, start: int, end: int) -> bool:
    """Return whether the content from `start` to `end` is complete, because a record or the file's end follows."""
    if len(data) < end:
        return False
    for gap in _GAPS:
        if data.startswith(gap, end) and data[end + len(gap) : end + len(gap) + 5] in (b"", b"WARC/"):
            # Some writers leave out line ends, and some lengths include them.
            return gap in _ENDS or not (data[max(end - 4, start) : end] + gap).endswith(_ENDS)
    return data.startswith(_ENDS[0], end) or _ENDS[0].startswith(data[end : end + 4])


def arc_records(source: Source, tally: Tally, is_wanted: Callable[[Header], bool]) -> Iterator[Record]:
    """Yield the records of an ARC file whose header `is_wanted`, in order; see `records`."""
    window = _Window(source)
    number = 0
    is_lost = False
    while window.fill(1):
        window.fill(_MAX_ARC_LINE)
        position, start = window.position, window.at
        window.at = window.data.find(b"\n", start, start + _MAX_ARC_LINE) + 1
        if not window.at:
            window.at = min(start + _MAX_ARC_LINE, len(window.data))
        line = window.data[start : window.at]
        record = _ARC_RECORD.fullmatch(line)
        if record is None:
            if line.strip() and not is_lost:
                is_lost = True
                tally.add("damaged", OTHER_DATA, f"byte {position:,}")
            continue
        is_lost = False
        number += 1
        # The header that the record would have in a WARC file.
        names = (b"warc-target-uri", b"warc-date", b"content-type", b"content-length")
        fields = dict(zip(names, record.groups(), strict=True))
        header = Header({b"warc-type": b"response", **fields}, position)
        length = int(record[4])
        content = b""
        wanted = not line.startswith(_ARC_DESCRIPTION) and is_wanted(header)
        if wanted:
            kept = min(length, MAX_CONTENT)
            window.fill(kept)
            content = window.data[window.at : window.at + kept]
        is_cut_off = not window.skip(length)
        if is_cut_off:
            tally.add("damaged", CUT_OFF, number)
        if wanted:
            partial = CUT_OFF if is_cut_off else TOO_LONG if length > MAX_CONTENT else None
            yield Record(number, header, content, partial)


# HTTP responses

MAX_BODY: Final = (32 << 20) + 1
"""The most bytes of a body that are unpacked: more than any page may have, so that a longer one is marked as cut."""
_MAX_HEAD: Final = 1 << 18
_STATUS: Final = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})\b")
_CHUNK_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]{0,4096})?\r?\n")
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?([\w:.-]{1,40})", re.IGNORECASE)
_MEDIA: Final = re.compile(rb"[\w.+-]{1,60}/[\w.+-]{1,100}")
_LOOKS_LIKE_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?a-zA-Z]")

_NO_CODING: Final = frozenset({b"", b"identity", b"none", b"utf-8"})
_TRIAL: Final = 512
"""How many bytes show whether a body is packed with Brotli."""
_MAX_CODINGS: Final = 5
"""The most content encodings; servers use one, rarely two."""

CHUNKS_DAMAGED: Final = "its chunks are damaged: the part before the damage is kept"


class Response(NamedTuple):
    """The head of a response."""

    status: int
    fields: dict[bytes, bytes]
    body: int


def response_of(message: bytes) -> Response | None:
    """Parse the head of a response; None if the message is not a response."""
    match = _STATUS.match(message)
    if not match:
        return None
    line_end = message.find(b"\n", 0, _MAX_HEAD)
    blank = b"\r\n\r\n" if line_end > 0 and message[line_end - 1 : line_end] == b"\r" else b"\n\n"
    end = message.find(blank, match.end(), _MAX_HEAD)
    if end < 0:
        return Response(int(match[1]), {}, len(message))
    return Response(int(match[1]), fields_of(message[:end]), end + len(blank))


def fields_of(head: bytes) -> dict[bytes, bytes]:
    """Return the fields of a head after its first line, by their names in lower case."""
    fields: dict[bytes, bytes] = {}
    name = b""
    for line in head.split(b"\n")[1:]:
        if line[:1] in (b" ", b"\t") and name:
            fields[name] += b" " + line.strip()
        else:
            name, _, value = line.partition(b":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def media_of(content_type: bytes) -> tuple[str, str | None]:
    """Return the type that a Content-Type names, in lower case, "" if it names none; and the encoding."""
    name = _MEDIA.match(content_type)
    charset = _CHARSET.search(content_type)
    return (
        name[0].decode("ascii", "replace").lower() if name else "",
        charset[1].decode("ascii", "replace") if charset else None,
    )


def body_of(message: bytes, response: Response | None) -> tuple[bytes, CutShortError | None]:
    """Return the body of `message`, at most `MAX_BODY` bytes of it, and why it ends too early.

    Without a `response`, the message is the body. Many archives undo encodings but keep the header fields, so a body
    that does not look encoded is returned as it is. CutShortError if the encoding is not supported.
    """
    if response is None:
        return message, None
    body, cut = message[response.body :], None
    if b"chunked" in response.fields.get(b"transfer-encoding", b"").lower() and _CHUNK_SIZE.match(body):
        body, is_complete = _unchunked(body)
        cut = None if is_complete else CutShortError("damaged", CHUNKS_DAMAGED)
    codings = map(bytes.strip, response.fields.get(b"content-encoding", b"").lower().split(b","))
    packings = [coding for coding in codings if coding not in _NO_CODING]
    if len(packings) > _MAX_CODINGS:
        raise CutShortError("packed", f"packed over {_MAX_CODINGS} times, so skipped")
    for coding in reversed(packings):
        body, damage = _decoded(body, coding)
        cut = cut or damage
    return body, cut


def _decoded(body: bytes, coding: bytes) -> tuple[bytes, CutShortError | None]:
    packed = Source("", "", io.BytesIO(body).read, explicit=True)
    codec = None
    if _LOOKS_LIKE_MARKUP.match(body):
        return body, None
    if coding in (b"gzip", b"x-gzip", b"zstd"):
        codec = codec_of(packed)
    elif coding == b"deflate":
        has_zlib_head = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
        codec = ZLIB if has_zlib_head else DEFLATE
    elif coding == b"br":
        codec = BROTLI if BROTLI.can_unpack(body[:_TRIAL]) else None
    else:
        raise CutShortError("packed", "packed with an unknown encoding, so skipped")
    if codec is None:
        return body, None
    read = Unpacking(packed, codec).read
    data = bytearray()
    try:
        while len(data) < MAX_BODY and (more := read(MAX_BODY - len(data))):
            data += more
    except CutShortError as cut:
        return bytes(data), cut
    return bytes(data), None


def _unchunked(body: bytes) -> tuple[bytes, bool]:
    """Join the chunks of a body. Return it, and whether the last chunk is present."""
    parts: list[bytes] = []
    at = 0
    while match := _CHUNK_SIZE.match(body, at):
        size = int(match[1], 16)
        if not size:
            return b"".join(parts), True
        parts.append(body[match.end() : match.end() + size])
        at = match.end() + size
        if at >= len(body):
            return b"".join(parts), False
        at += 2 if body.startswith(b"\r\n", at) else 1 if body.startswith(b"\n", at) else 0
    parts.append(body[at:])
    return b"".join(parts), False


# Pages

ReadRecords = Callable[[Source, Tally, Callable[[Header], bool]], Iterator[Record]]
_PAGES: Final = frozenset({b"response", b"resource", b"conversion"})
_SILENT: Final = frozenset({b"warcinfo", b"request", b"metadata", b"revisit"})
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_TEXT: Final = "text/plain"
CUT_BY_CRAWLER: Final = "the crawler saved only its start"
_OK: Final = 200


def read_warc(source: Source, read_page: ReadPage, read_records: ReadRecords = records) -> Items:
    """Read the pages in a WARC file, in order, then one problem for all damage and one for all skipped records.

    `read_records` is another function for files with such records in another form.
    """
    return _PageReader(source, read_page).read(read_records)


def read_arc(source: Source, read_page: ReadPage) -> Items:
    """Read the pages in an ARC file, in order, then the problems, as in a WARC file."""
    source.offset_of = lambda _: None  # pictures are found again in WARC files only
    return read_warc(source, read_page, arc_records)


class _PageReader:
    def __init__(self, source: Source, read_page: ReadPage) -> None:
        self._source = source
        self._read_page = read_page
        self._tally = Tally(source.label, "record")
        self._pages = self._pictures = 0
        self._has_skipped_sites = False
        self._skipped_pictures: list[PictureRecord] = []

    def read(self, read_records: ReadRecords) -> Items:
        for record in self._source.parts(read_records(self._source, self._tally, self._wants)):
            yield from self._tally.collect(self._read_record(record), record.number)
            del record
            yield from self._skipped_pictures
            self._skipped_pictures.clear()
        yield from self._skipped_pictures
        yield from self._tally.problems()
        if self._source.cut:
            yield self._source.cut._replace(partial=self._pages > 0)
        elif not (self._pages or self._has_skipped_sites or self._tally):
            yield Problem(self._source.label, "no page", "none of its records is a page")

    def _wants(self, header: Header) -> bool:
        kind = header.get(b"WARC-Type").lower()
        if kind not in _PAGES:
            if kind not in _SILENT:
                name = sanitize(kind[:40].decode("utf-8", "replace")) or "?"
                self._tally.skip(f"of the type {name}")
            return False
        address = _address(header)
        if address.startswith("metadata:"):  # what wget says about itself
            return False
        is_wanted = self._source.filter.accepts(address)
        self._has_skipped_sites = self._has_skipped_sites or not is_wanted
        if not is_wanted and names_picture(address):  # a site may have its pictures on other hosts
            self._skipped_pictures += self._picture(header)
        return is_wanted

    def _read_record(self, record: Record) -> Items:
        header = record.header
        content = record.content
        media, charset = media_of(header.get(b"Content-Type"))
        response = response_of(content) if header.get(b"WARC-Type").lower() == b"response" else None
        if response:
            if response.status != _OK:
                self._tally.skip(f"with status {response.status}")
                return
            media, charset = media_of(response.fields.get(b"content-type", b""))
        if media and media not in _HTML and media != _TEXT:
            start = response.body if response else 0
            if media.startswith("image/") or is_picture(content[start : start + 16]):
                yield from self._picture(header)
            self._tally.skip(media)
            return
        cut = None
        if record.partial:
            cut = CutShortError("too large" if record.partial is TOO_LONG else "damaged", record.partial)
        elif header.get(b"WARC-Truncated"):
            cut = CutShortError("cut off", CUT_BY_CRAWLER)
        body, damage = body_of(content, response)
        page = self._source.page(record.number, "page.txt", body, cut or damage)
        page.url = clean_url(_address(header))
        page.captured = time_of(header.get(b"WARC-Date").decode("ascii", "replace"))
        page.charset = charset
        if media in _HTML or (not media and looks_like_html(page.head)):
            page.name = "page.html"
        elif not media:
            self._tally.skip("of no declared type")
            return
        self._pages += 1
        yield from self._read_page(page)

    def _picture(self, header: Header) -> Iterator[PictureRecord]:
        address = _address(header)
        offset = self._source.offset_of(header.position)
        if address and offset and self._pictures < MAX_PICTURE_RECORDS:
            self._pictures += 1
            yield PictureRecord(self._source.label, address_key(address), offset)


def _address(header: Header) -> str:
    address = header.get(b"WARC-Target-URI").decode("utf-8", "replace").strip()
    return address.removeprefix("<").removesuffix(">")
