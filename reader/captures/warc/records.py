"""The records of a WARC file whose lengths may lie, which may end anywhere and hold anything."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from reader.captures.source import Source

MAX_CONTENT: Final = 32 << 20
"""Bytes of a record's content that are kept."""
_USUAL_HEADER: Final = 1 << 12
_MAX_HEADER: Final = 1 << 16
_MAX_DIGITS: Final = 18
"""Digits of a length."""
_LEAST_SKIPPED: Final = 1 << 14
"""Bytes of an unwanted content that is not read, where the file can be read from any place."""
_READ_AFTER_SKIP: Final = 1 << 12
_CHUNK: Final = 1 << 17
_MOST_LIES: Final = 100
"""Wrong lengths in a file after which none is believed over a header that comes before its end."""

_VERSION: Final = rb"WARC/[01]\.\d{1,2}[ \t]*\r?\n"
_START: Final = re.compile(_VERSION + rb"[A-Za-z][\w-]*[ \t]*:")
"""How a record begins: what is looked for behind damage."""
_START_SPAN: Final = 128
"""Bytes of the longest start of a record that is looked for."""
_HIDDEN: Final = re.compile(rb"\r?\n\r?\n(?=" + _VERSION + rb"[A-Za-z][\w-]*[ \t]*:)")
_LENGTH: Final = re.compile(rb"\ncontent-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?\n", re.IGNORECASE)
_ENDS: Final = (b"\r\n\r\n", b"\n\n")
_GAPS: Final = (*_ENDS, b"\r\n", b"\n", b"")

WRONG_LENGTH: Final = "their length is wrong: what stands before the next record was kept"
CUT_OFF: Final = "cut off: what there is was kept"
TOO_LONG: Final = f"longer than {MAX_CONTENT >> 20} MB: the rest was left out"
DAMAGED_PACKING: Final = "damaged where they were packed: what there is was kept"
NO_HEADER: Final = "no header that can be read: left out"
OTHER_DATA: Final = "other data between records: left out"


class Header:
    """A record's header."""

    __slots__ = ("_block", "_fields", "position")

    def __init__(self, block: bytes, position: int) -> None:
        """`block` is all of it, from the line of the version to the end of the last line."""
        self._block = block
        self._fields: dict[bytes, bytes] | None = None
        self.position = position
        """Where it begins in the unpacked file."""

    def get(self, name: bytes) -> bytes:
        """The value of a field; empty if there is none."""
        position = self._block.find(b"\r\n%s: " % name)
        if position >= 0:  # In its usual spelling it is found fast.
            begin = position + len(name) + 4
            return self._block[begin : self._block.find(b"\r\n", begin)].strip()
        if self._fields is None:
            self._fields = _fields(self._block)
        return self._fields.get(name.lower(), b"")

    @property
    def length(self) -> int | None:
        """Bytes of the content, as the header says; None if it says none that can be."""
        length = self.get(b"Content-Length")
        return int(length) if length.isdigit() and len(length) <= _MAX_DIGITS else None


def _fields(block: bytes) -> dict[bytes, bytes]:
    """Every field, its name in lower case."""
    fields: dict[bytes, bytes] = {}
    name = b""
    for line in block.split(b"\n")[1:]:
        if line[:1] in (b" ", b"\t") and name:
            fields[name] += b" " + line.strip()
        else:
            name, _, value = line.partition(b":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


class Record(NamedTuple):
    """One record."""

    number: int
    """Its place in the file, from 1; damaged ones count."""
    header: Header
    content: bytes
    partial: str | None
    """Why the content is not all there; None if it is."""


class Damage:
    """Counts what is damaged in a file, by kind, and notes where the first damage is."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.first: int | None = None

    def note(self, reason: str, position: int) -> None:
        """Count damage at this byte of the unpacked file."""
        self.counts[reason] = self.counts.get(reason, 0) + 1
        self.first = position if self.first is None else self.first


def records(source: Source, damage: Damage, wanted: Callable[[Header], bool]) -> Iterator[Record]:
    """The records of `source` that are `wanted`, judged by their header, in order; never raises.

    One record is in memory at a time. Behind damage, reading goes on at the next thing that looks like the header of a
    record; what stands before it belongs to the record before.
    """
    return _RecordReader(source, damage, wanted).records()


class _RecordReader:
    def __init__(self, source: Source, damage: Damage, wanted: Callable[[Header], bool]) -> None:
        self._source = source
        self._damage = damage
        self._wanted = wanted
        self._data = b""
        self._at = 0  # Where the next byte is in the data.
        self._base = 0  # Where the data begins in the file.
        self._number = 0
        self._chunk = _CHUNK  # Bytes that are read at once.
        # Parts of the file that were damaged where it was packed.
        self._faults: deque[tuple[int, int]] = deque()

    def records(self) -> Iterator[Record]:
        while self._go_to_next_record():
            began = self._base + self._at
            header = self._header()
            length = header.length if header else None
            self._number += 1
            if header is None or length is None:
                self._damage.note(NO_HEADER, began)
                self._at = began - self._base + 5  # Past this "WARC/", to look for the next.
                self._skip_to_start()
                continue
            wanted = self._wanted(header)
            content, partial = self._content(length, wanted)
            if partial and partial is not TOO_LONG:
                self._damage.note(partial, began)
            if self._faults and self._has_fault(began) and not partial:
                partial = DAMAGED_PACKING
                self._damage.note(partial, began)
            if wanted:
                yield Record(self._number, header, content, partial)
            del content

    def _has_fault(self, began: int) -> bool:
        """Return whether the record from `began` to here has bytes of a damaged packed member."""
        here = self._base + self._at
        found = any(start < here and end > began for start, end in self._faults)
        while self._faults and self._faults[0][1] <= here:
            self._faults.popleft()
        return found

    def _fill(self, least: int) -> bool:
        """Read until at least so many bytes are ahead; False if there are fewer to the end."""
        missing = self._at + least - len(self._data)
        if missing <= 0:
            return True
        self._base += self._at
        parts = [self._data[self._at :]]
        self._data = b""  # Frees its memory for what is read.
        self._at = 0
        size = len(parts[0])
        aim = max(least, size + self._chunk)
        self._chunk = min(2 * self._chunk, _CHUNK)
        while size < aim:
            block = self._source.read_some(aim - size)
            if block:
                parts.append(block)
                size += len(block)
            else:
                if not self._source.go_on():
                    break
                if suspect := self._source.suspect:
                    self._faults.append((self._base + size - suspect, self._base + size))
        self._data = b"".join(parts)
        return size >= least

    def _go_to_next_record(self) -> bool:
        """Go to the next record, past other data; False at the end."""
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
        """Go to where the next record begins, or to the end."""
        while True:
            if found := _START.search(self._data, self._at):
                self._at = found.start()
                return
            self._at = max(self._at, len(self._data) - _START_SPAN)
            if not self._fill(len(self._data) - self._at + 1):
                self._at = len(self._data)
                return

    def _header(self) -> Header | None:
        """Read the header of the record that begins here, and go to its content; None if it cannot be read."""
        size = _USUAL_HEADER
        while True:
            more = self._fill(size)
            data, at = self._data, self._at
            line = data.find(b"\n", at, at + 32)
            blank = b"\r\n\r\n" if data[line - 1 : line] == b"\r" else b"\n\n"
            end = data.find(blank, line - 1, at + size) if line > 0 else -1
            if _START.search(data, at + 5, end if end >= 0 else at + size):
                return None  # It breaks off where the next record begins.
            if end >= 0:
                break
            if not more or line < 0 or size >= _MAX_HEADER:
                return None
            size *= 4
        block = data[at : end + len(blank) // 2]
        self._at = end + len(blank)
        return Header(block, self._base + at)

    def _content(self, length: int, wanted: bool) -> tuple[bytes, str | None]:
        """Return the content of the record, if it is `wanted`, and why it is not whole; go to its end."""
        data, start = self._data, self._at
        end = start + length
        if length > MAX_CONTENT or not data.startswith(b"\r\n\r\nWARC/", end):
            if not wanted and end - len(data) > _LEAST_SKIPPED and self._skip(length):
                return b"", None
            if length > MAX_CONTENT:
                return self._long_content(length, wanted)
            if self._damage.counts.get(WRONG_LENGTH, 0) > _MOST_LIES and (
                found := _START.search(data, start)
            ):
                # Reading ahead for each of many lengths that lie would take hours.
                self._at = found.start()
                return _without_end(data[start : self._at]) if wanted else b"", WRONG_LENGTH
            del data
            self._fill(length + 16)
            data, start = self._data, self._at
            end = start + length
        sound = data.startswith(b"\r\n\r\nWARC/", end) or (
            len(data) >= end and _is_followed_by_record(data, start, end)
        )
        if not sound or _swallows(data, start, end):
            return self._doubtful_content(length, wanted)
        self._at = end + 4 if data.startswith(b"WARC/", end + 4) else end
        return data[start:end] if wanted else b"", None

    def _skip(self, length: int) -> bool:
        """Go behind a content without reading it, if the file allows that and a record follows there."""
        here = self._base + self._at
        if not self._source.seek(here + length):
            return False
        following = self._source.read_some(_READ_AFTER_SKIP)
        if not following.startswith(b"\r\n\r\nWARC/"):
            self._source.seek(self._base + len(self._data))
            return False
        self._base, self._data, self._at = here + length, following, 4
        self._chunk = _READ_AFTER_SKIP
        return True

    def _doubtful_content(self, length: int, wanted: bool) -> tuple[bytes, str | None]:
        """Like `_content`, for one that does not end where its length says."""
        data, start = self._data, self._at
        end = start + length
        partial: str | None = WRONG_LENGTH
        found = _START.search(data, start, end + _START_SPAN)
        if found and found.start() < end:
            end = found.start()
        elif len(data) < end:
            end, partial = len(data), CUT_OFF
        else:
            end = self._next_start(length)
            data, start = self._data, self._at
        self._at = end
        return _without_end(data[start:end]) if wanted else b"", partial

    def _next_start(self, length: int) -> int:
        """Where in the data the next record begins, if the content is longer than its length."""
        looked = self._at + length
        while not (found := _START.search(self._data, looked)):
            have = len(self._data) - self._at
            looked = max(have - _START_SPAN, length)
            if have > MAX_CONTENT:
                return self._at + length
            if not self._fill(have + 1):
                return len(self._data)
            looked += self._at
        return found.start()

    def _long_content(self, length: int, wanted: bool) -> tuple[bytes, str | None]:
        """Return the start of a content that is too long to keep. A header inside shows that its length lies."""
        kept = b""
        if wanted:
            self._fill(MAX_CONTENT)
            kept = self._data[self._at : self._at + MAX_CONTENT]
        passed = 0
        while passed < length:
            self._fill(min(length - passed, _CHUNK) + _START_SPAN)
            have = len(self._data) - self._at
            if found := _START.search(self._data, self._at, self._at + min(have, length - passed)):
                inside = found.start() - self._at
                self._at = found.start()
                return _without_end(kept[: passed + inside]), WRONG_LENGTH
            if not have:
                return kept, CUT_OFF
            step = min(have - _START_SPAN if have > _START_SPAN else have, length - passed)
            self._at += step
            passed += step
        return kept, TOO_LONG


def _swallows(data: bytes, start: int, end: int) -> bool:
    """Return whether the content from `start` to `end` ends with another whole record: then its length lies.

    A page that only shows what a record looks like does not end where that record would.
    """
    # Quick for most pages, which have no carriage return: behind the last one no record begins.
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
    """Return whether the content from `start` to `end` is whole: a record, the end of one or the file's end follows."""
    if data.startswith(b"WARC/", end + 4):
        return True
    for gap in _GAPS:
        if data.startswith(gap, end) and data[end + len(gap) : end + len(gap) + 5] in (b"", b"WARC/"):
            # Some writers leave out line ends, but a length may also reach into them.
            return gap in _ENDS or not (data[max(end - 4, start) : end] + gap).endswith(_ENDS)
    return data.startswith(_ENDS[0], end) or _ENDS[0].startswith(data[end : end + 4])


def _without_end(content: bytes) -> bytes:
    """A content without the line ends between it and the next record."""
    for end in _ENDS:
        if content.endswith(end):
            return content[: -len(end)]
    return content
