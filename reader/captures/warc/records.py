"""Reads the records of WARC files that may be damaged, have wrong lengths, end anywhere and contain anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from reader.captures.source import Source

MAX_CONTENT: Final = 32 << 20
"""The most bytes of a record's content that are kept."""
_USUAL_HEADER: Final = 1 << 12
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
        self._fields: dict[bytes, bytes] = {}
        name = b""
        for line in block.split(b"\n")[1:]:
            if line[:1] in (b" ", b"\t") and name:
                self._fields[name] += b" " + line.strip()
            else:
                name, _, value = line.partition(b":")
                name = name.strip().lower()
                self._fields[name] = value.strip()

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


class Damage:
    """Counts the damage in a file by kind, and notes where it starts."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.first: int | None = None

    def note(self, reason: str, position: int) -> None:
        """Count damage at a byte of the unpacked file."""
        self.counts[reason] = self.counts.get(reason, 0) + 1
        self.first = position if self.first is None else self.first


def records(source: Source, damage: Damage, is_wanted: Callable[[Header], bool]) -> Iterator[Record]:
    """Yield the records of `source` whose header `is_wanted`, in order. Never raises.

    One record is in memory at a time. After damage, reading resumes at the next apparent record header; everything
    before that belongs to the previous record.
    """
    return _RecordReader(source, damage, is_wanted).records()


class _RecordReader:
    def __init__(self, source: Source, damage: Damage, is_wanted: Callable[[Header], bool]) -> None:
        self._source = source
        self._damage = damage
        self._is_wanted = is_wanted
        self._data = b""
        self._at = 0  # the position of the next byte in the data
        self._base = 0  # the offset of the data in the file
        self._number = 0
        self._is_at_end = False  # all of the file is in the data

    def records(self) -> Iterator[Record]:
        while self._go_to_next_record():
            began = self._base + self._at
            header = self._header()
            length = header.length if header else None
            self._number += 1
            if header is None or length is None:
                self._damage.note(NO_HEADER, began)
                self._at = began - self._base + 5  # past this "WARC/", to find the next
                self._skip_to_start()
                continue
            wanted = self._is_wanted(header)
            content, partial = self._content(length, wanted)
            if partial and partial is not TOO_LONG:
                self._damage.note(partial, began)
            if wanted:
                yield Record(self._number, header, content, partial)
            del content

    def _fill(self, least: int) -> bool:
        """Read until `least` bytes are ahead. Return False if fewer are left."""
        missing = self._at + least - len(self._data)
        if missing <= 0 or self._is_at_end:
            return missing <= 0
        self._base += self._at
        parts = [self._data[self._at :]]
        self._data = b""  # free its memory before reading
        self._at = 0
        size = len(parts[0])
        aim = max(least, size) + max(size // 4, _CHUNK)  # more at once, as all of it is copied each time
        while size < aim:
            block = self._source.read_some(aim - size)
            if not block:
                self._is_at_end = True
                break
            parts.append(block)
            size += len(block)
        self._data = b"".join(parts)
        return size >= least

    def _go_to_next_record(self) -> bool:
        """Go to the next record, skipping other data. Return False at the end."""
        while self._fill(1):
            self._fill(16)
            if self._data.startswith(b"WARC/", self._at):
                return True
            if self._data[self._at] in b"\r\n":
                self._at += 1
                continue
            began = self._base + self._at
            self._skip_to_start()
            self._damage.note(OTHER_DATA, began)
        return False

    def _skip_to_start(self) -> None:
        """Go to the start of the next record, or to the end."""
        while True:
            if match := _START.search(self._data, self._at):
                self._at = match.start()
                return
            self._at = max(self._at, len(self._data) - _START_SPAN)
            if not self._fill(len(self._data) - self._at + 1):
                self._at = len(self._data)
                return

    def _header(self) -> Header | None:
        """Read the header of the record that starts here, and go to its content; None if it is unreadable."""
        size = _USUAL_HEADER
        while True:
            more = self._fill(size)
            data, at = self._data, self._at
            line = data.find(b"\n", at, at + 32)
            blank = b"\r\n\r\n" if data[line - 1 : line] == b"\r" else b"\n\n"
            end = data.find(blank, line - 1, at + size) if line > 0 else -1
            if _START.search(data, at + 5, end if end >= 0 else at + size):
                return None  # it is cut off by the next record
            if end >= 0:
                break
            if not more or line < 0 or size >= _MAX_HEADER:
                return None
            size *= 4
        block = data[at : end + len(blank) // 2]
        self._at = end + len(blank)
        return Header(block, self._base + at)

    def _content(self, length: int, wanted: bool) -> tuple[bytes, str | None]:
        """Return the content of the record, if it is `wanted`, and why it is incomplete; go to its end."""
        self._fill(min(length, MAX_CONTENT) + 16)
        data, start = self._data, self._at
        end = start + length
        if (
            length <= MAX_CONTENT
            and _is_followed_by_record(data, start, end)
            and not _contains_record(data, start, end)
        ):
            self._at = end
            return data[start:end] if wanted else b"", None
        # Its length is wrong, or it is too long to check: it ends where the next record starts.
        following = _START.search(data, start)
        end = min(following.start() if following else len(data), start + MAX_CONTENT)
        kept = data[start:end] if wanted else b""
        del data
        start += self._base
        self._skip_to_start()
        size = self._base + self._at - start
        partial = WRONG_LENGTH
        if size < length and not self._fill(1):
            partial = CUT_OFF
        elif size > MAX_CONTENT:
            partial = TOO_LONG
        return _without_end(kept[:size]), partial


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


def _without_end(content: bytes) -> bytes:
    """Remove the line ends between a content and the next record."""
    for end in _ENDS:
        if content.endswith(end):
            return content[: -len(end)]
    return content
