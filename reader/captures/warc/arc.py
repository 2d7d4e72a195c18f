"""Reads ARC files, the form of web archives before WARC. Their records become records of a WARC file.

Each record is a line with address, IP address, date, type and length (and more fields before the length in version 2),
and the response of the server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from reader.captures.results import Items, ReadPage
from reader.captures.source import Source
from reader.captures.warc.pages import read_warc
from reader.captures.warc.records import CUT_OFF, MAX_CONTENT, OTHER_DATA, TOO_LONG, Damage, Header, Record

_DESCRIPTION: Final = b"filedesc://"
"""The start of the first record, which describes the file."""
_RECORD: Final = re.compile(
    rb"([a-z][a-z0-9+.-]{1,30}:\S{0,8000}) [0-9A-Fa-f.:]{1,45} (\d{12,14}) (\S{1,200})"
    rb"(?: \S{1,1000}){0,9} (\d{1,15})\r?\n"
)
_MAX_LINE: Final = 1 << 14


def read_arc(source: Source, read_page: ReadPage) -> Items:
    """Read the pages in an ARC file, in order, then the problems, as in a WARC file."""
    source.offset_of = lambda _: None  # pictures are found again in WARC files only
    return read_warc(source, read_page, _records)


def _records(source: Source, damage: Damage, is_wanted: Callable[[Header], bool]) -> Iterator[Record]:
    stream = _Stream(source)
    number = 0
    is_lost = False
    while line := stream.line():
        position = stream.position - len(line)
        record = _RECORD.fullmatch(line)
        if record is None:
            if line.strip() and not is_lost:
                is_lost = True
                damage.note(OTHER_DATA, position)
            continue
        is_lost = False
        number += 1
        # The header that the record would have in a WARC file.
        names = (b"WARC-Target-URI", b"WARC-Date", b"Content-Type", b"Content-Length")
        lines = b"".join(b"%s: %s\r\n" % field for field in zip(names, record.groups(), strict=True))
        header = Header(b"WARC/1.0\r\nWARC-Type: response\r\n" + lines, position)
        wanted = not line.startswith(_DESCRIPTION) and is_wanted(header)
        content, left = stream.content(int(record[4]), wanted=wanted)
        reason = CUT_OFF if left else TOO_LONG if int(record[4]) > MAX_CONTENT else None
        if left:
            damage.note(CUT_OFF, position)
        if wanted:
            yield Record(number, header, content, reason)


class _Stream:
    """The unpacked bytes of a file, as lines and contents."""

    def __init__(self, source: Source) -> None:
        self.position = 0
        self._source = source
        self._ahead = b""

    def line(self) -> bytes:
        """Return the next line, or a part of one that is too long; b"" at the end."""
        while (end := self._ahead.find(b"\n", 0, _MAX_LINE)) < 0 and len(self._ahead) < _MAX_LINE:
            if not (block := self._source.read_some()):
                break
            self._ahead += block
        return self._take(end + 1 if end >= 0 else _MAX_LINE)

    def content(self, length: int, *, wanted: bool) -> tuple[bytes, int]:
        """Return the next bytes, none unless `wanted` and at most `MAX_CONTENT`, and how many are missing."""
        kept: list[bytes] = []
        size = 0
        while length:
            self._ahead = self._ahead or self._source.read_some()
            if not (data := self._take(length)):
                break
            length -= len(data)
            if wanted and size < MAX_CONTENT:
                kept.append(data[: MAX_CONTENT - size])
                size += len(kept[-1])
        return b"".join(kept), length

    def _take(self, most: int) -> bytes:
        data, self._ahead = self._ahead[:most], self._ahead[most:]
        self.position += len(data)
        return data
