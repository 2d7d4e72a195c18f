"""Tar archives of captures in any format, read as a stream. Nothing is unpacked to disk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from reader.captures.members import EMPTY, clean_name, read_member, too_deep
from reader.captures.results import Items, Tally
from reader.captures.source import CutShortError, Source
from reader.model import Problem

_BLOCK: Final = 512
_MAX_EXTENDED: Final = 1 << 20
"""The most that a header of extended fields may have, in bytes."""
_LONGEST_LENGTH: Final = 8
"""Digits of a field's length."""
_SPARSE: Final = b"GNU.sparse"
_STEP: Final = 1 << 18
_SIZE: Final = re.compile(rb"\d{1,18}")
_OCTAL: Final = re.compile(rb"[0-7]{1,12}")

_FILES: Final = frozenset({b"0", b"\0", b"7"})
_KINDS: Final = {b"1": "links", b"2": "links", b"3": "devices", b"4": "devices", b"6": "named pipes"}
_SKIPPED: Final = "inside archives are not followed"
_BAD_HEADER: Final = "between members is no header that can be read: left out up to the next"
_UNKNOWN_KIND: Final = "of a kind that is not read here, such as files with holes: left out"
_ENDS_EARLY: Final = "its archive ends before it does; get it anew"
_NO_END: Final = "last before the archive ends without its end mark: more may be missing; get it anew"


class _Header(NamedTuple):
    name: bytes
    size: int
    kind: bytes


class File(NamedTuple):
    """A member that is a file."""

    name: str
    """Fit to be shown."""
    at: int
    """Where in the unpacked archive its bytes begin."""
    size: int
    read: Callable[[int], bytes]
    """Up to so many of its bytes, none at the end; CutShortError where the archive ends before."""


def files(source: Source) -> Iterator[File]:
    """The files in a tar archive, in order; each can be read until the next is asked for."""
    return _Reading(source).files()


def read(source: Source) -> Items:
    """The captures in the members, in order; its own problems last."""
    if problem := too_deep(source):
        return iter([problem])
    return _Reading(source).read()


class _Reading:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._tally = Tally(source.label, "member")
        self._left = 0  # bytes of the current member that were not read
        self._padding = 0
        self._position = 0

    def read(self) -> Items:
        given = found = False
        for header, is_file in self._source.parts(self._members()):
            found = True
            name, shown = header.name, clean_name(header.name)
            if is_file:
                given = True
                yield from read_member(self._source, shown, self._read_member, self._position)
            elif header.kind in _KINDS:
                kind = _KINDS[header.kind]
                self._tally.add("link" if kind == "links" else "not a file", f"{kind} {_SKIPPED}", shown)
            elif header.kind != b"5" and not name.endswith(b"/"):
                self._tally.add("packed", _UNKNOWN_KIND, shown)
        yield from self._tally.problems()
        if not found and not self._tally and not self._source.cut:
            yield Problem(self._source.label, "empty archive", EMPTY)
        if self._source.cut:
            yield self._source.cut._replace(partial=given)

    def files(self) -> Iterator[File]:
        """The files among the members, in order; each can be read until the next is asked for."""
        for header, is_file in self._members():
            if is_file:
                yield File(clean_name(header.name), self._position, header.size, self._read_member)

    def _members(self) -> Iterator[tuple[_Header, bool]]:
        """What extended headers say is in the headers; True for those of files."""
        fields: dict[bytes, bytes] = {}
        while (header := self._next_header()) is not None:
            name = fields.pop(b"path", header.name)
            size = fields.pop(b"size", b"")
            header = header._replace(name=name, size=int(size) if _SIZE.fullmatch(size) else header.size)
            self._begin(header.size)
            if header.kind in (b"L", b"x", b"g", b"K"):
                fields = self._extended(header, fields)
                continue
            sparse = _SPARSE in fields
            fields = {}
            yield header, header.kind in _FILES and not sparse and not name.endswith(b"/")

    def _begin(self, size: int) -> None:
        self._left = size
        self._padding = -size % _BLOCK

    def _read_member(self, most: int) -> bytes:
        data = self._take(min(most, self._left, _STEP))
        self._left -= len(data)
        if not data and self._left:
            self._left = self._padding = 0
            cut = self._source.cut
            raise CutShortError(cut.kind if cut else "damaged", cut.reason if cut else _ENDS_EARLY)
        return data

    def _take(self, size: int) -> bytes:
        data = bytes(self._source.read(size)) if size else b""
        self._position += len(data)
        return data

    def _skip_rest(self) -> bool:
        """Go to the end of the member; False when the archive ends before."""
        left = self._left + self._padding
        self._left = self._padding = 0
        while left > 0:
            data = self._take(min(left, _STEP))
            left -= len(data)
            if not data:
                return False
        return True

    def _next_header(self) -> _Header | None:
        """The next member's header, past what is none; None at the end."""
        unfinished = self._left > 0
        if not self._skip_rest() and unfinished and not self._source.cut:
            self._tally.add("damaged", _NO_END, f"byte {self._position:,}")
        lost_at: int | None = None
        ended = False  # by a block of zeros, as every archive should
        while len(block := self._take(_BLOCK)) == _BLOCK:
            if header := _header(block):
                if lost_at is not None:
                    self._tally.add("damaged", _BAD_HEADER, f"byte {lost_at:,}")
                return header
            if not block.strip(b"\0"):
                ended = True
            elif lost_at is None:
                lost_at = self._position - _BLOCK
        if lost_at is not None:
            self._tally.add("damaged", _BAD_HEADER, f"byte {lost_at:,}")
        elif not ended and not unfinished and not self._source.cut:
            self._tally.add("damaged", _NO_END, f"byte {self._position:,}")
        return None

    def _extended(self, header: _Header, fields: dict[bytes, bytes]) -> dict[bytes, bytes]:
        """The fields for the next member, with those of this header."""
        if header.size > _MAX_EXTENDED or header.kind in (b"g", b"K"):
            return fields
        data = self._take(header.size)
        self._left -= len(data)
        if header.kind == b"L":
            return {**fields, b"path": data.rstrip(b"\0")}
        return {**fields, **_pax(data)}


def _header(block: bytes) -> _Header | None:
    """A block as a member's header; None when its checksum is not right."""
    total = _number(block[148:156], -1)
    if total != sum(block[:148]) + 256 + sum(block[156:]):
        return None
    size = _number(block[124:136], -1)
    if size < 0:
        return None
    name = block[:100].partition(b"\0")[0]
    prefix = block[345:500].partition(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    return _Header(prefix + b"/" + name if prefix else name, size, block[156:157])


def _number(field: bytes, otherwise: int) -> int:
    """A number of a header, in octal digits or, if large, in binary."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.replace(b"\0", b" ").strip()
    return int(digits, 8) if _OCTAL.fullmatch(digits) else otherwise


def _pax(data: bytes) -> dict[bytes, bytes]:
    """The fields of an extended header that count here: of its lines, which begin with their length."""
    fields = {}
    at = 0
    while at < len(data):
        length, _, _ = data[at : at + _LONGEST_LENGTH + 1].partition(b" ")
        if not length.isdigit() or len(length) > _LONGEST_LENGTH or int(length) <= len(length):
            break
        key, found, value = data[at + len(length) + 1 : at + int(length)].partition(b"=")
        if not found:
            break
        if key in (b"path", b"size"):
            fields[key] = value.removesuffix(b"\n")
        elif key.startswith(_SPARSE):
            fields[_SPARSE] = b""
        at += int(length)
    return fields
