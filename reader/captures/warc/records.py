"""Reads the records of WARC and ARC files that may be damaged, have wrong lengths, end anywhere and contain anything.

A record of an ARC file, the form of web archives before WARC, is a line with address, IP address, date, type and length
(and more fields before the length in version 2), and the response of the server. It becomes a record of a WARC file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from reader.captures.results import Tally
from reader.captures.source import Source
from reader.captures.warc.http import fields_of

MAX_CONTENT: Final = 32 << 20
"""The most bytes of a record's content that are kept."""
_MAX_HEADER: Final = 1 << 16
_MAX_DIGITS: Final = 18
"""The most digits of a length."""
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


class Header:
    """A record's header."""

    def __init__(self, block: bytes, position: int) -> None:
        """`block` is the whole header, from the version line to the end of the last line."""
        self.position = position
        """Its offset in the unpacked file."""
        self._fields = fields_of(block)

    def get(self, name: bytes) -> bytes:
        """Return the value of a field; empty if there is none."""
        return self._fields.get(name.lower(), b"")

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
    """A part of the bytes of a source."""

    def __init__(self, source: Source) -> None:
        self.data = b""
        self.at = 0
        """The offset of the next byte in the data."""
        self._source = source
        self._base = 0  # the offset of the data in the file
        self._is_at_end = False  # all of the file is in the data

    @property
    def position(self) -> int:
        """The offset of the next byte in the file."""
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
        """Go `size` bytes forward, or to the end. Return False if fewer are left."""
        while size and self.fill(1):
            step = min(size, len(self.data) - self.at)
            self.at += step
            size -= step
        return not size

    def skip_to_start(self) -> None:
        """Go to the start of the next record, or to the end."""
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
    header = Header(data[at : end + len(blank) // 2], window.position)
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
        names = (b"WARC-Target-URI", b"WARC-Date", b"Content-Type", b"Content-Length")
        lines = b"".join(b"%s: %s\r\n" % field for field in zip(names, record.groups(), strict=True))
        header = Header(b"WARC/1.0\r\nWARC-Type: response\r\n" + lines, position)
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
