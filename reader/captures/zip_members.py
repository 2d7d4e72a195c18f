"""The members of a zip archive, from its directory, or one by one where that is missing or damaged."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

_END: Final = Struct("<4s4H2LH")
_END_64_PLACE: Final = Struct("<4sLQL")
_END_64: Final = Struct("<4sQ2H2L4Q")
_ENTRY: Final = Struct("<4s6H3L5H2L")
_LOCAL: Final = Struct("<4s5H3L2H")
_LOCAL_MAGIC: Final = b"PK\x03\x04"
_LOCAL_HEADER: Final = re.compile(rb"PK\x03\x04")
_ANY_PART: Final = re.compile(rb"PK(?:\x07\x08|\x03\x04|\x01\x02)")
_UNKNOWN: Final = 0xFFFFFFFF
_SEARCHED: Final = (1 << 16) + _END.size
_BLOCK: Final = 1 << 16
_LONGEST_ENTRY: Final = _ENTRY.size + 3 * 0xFFFF
ENCRYPTED, STREAMED = 1, 8
STORED, DEFLATED = 0, 8
_MOST_PARTS: Final = 2_000
_ANYWHERE: Final = 1 << 65
"""Behind the end of any part."""
_LINK, _KIND = 0o120000, 0o170000


class Member(NamedTuple):
    """One member."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    """Bytes in the archive."""
    size: int
    """Bytes unpacked, as the archive says; -1 when only reading it tells."""
    start: int
    """Where its local header is."""
    data: int
    """Where its packed bytes begin."""
    is_link: bool


class Overlap(NamedTuple):
    """A member that lies in the bytes of another: no honest archive has one."""

    name: bytes


class BadEntry(NamedTuple):
    """A member named by the directory of which there is nothing where it should be."""

    name: bytes


class _Parts:
    """Parts of a file that do not overlap. An archive may name very many, in any order."""

    def __init__(self) -> None:
        self._lists: list[list[tuple[int, int]]] = [
            []
        ]  # start and end of each, sorted, in lists that stay short
        self._firsts = [0]  # where the first of each list begins, at the latest

    def add(self, start: int, end: int) -> bool:
        """Add a part; False when it overlaps another."""
        here = bisect_right(self._firsts, start) - 1
        parts = self._lists[here]
        at = bisect_right(parts, (start, _ANYWHERE))
        following = parts[at : at + 1] or [
            part for more in self._lists[here + 1 : here + 2] for part in more[:1]
        ]
        if self.end_of(start) > start or (following and following[0][0] < end):
            return False
        parts.insert(at, (start, end))
        if len(parts) > _MOST_PARTS:
            half = len(parts) // 2
            self._lists[here : here + 1] = [parts[:half], parts[half:]]
            self._firsts.insert(here + 1, parts[half][0])
        return True

    def end_of(self, position: int) -> int:
        """Where the last part ends that begins there or before; 0 when none does."""
        here = bisect_right(self._firsts, position) - 1
        parts = self._lists[here]
        at = bisect_right(parts, (position, _ANYWHERE))
        if at:
            return parts[at - 1][1]
        return self._lists[here - 1][-1][1] if here else 0


class Members:
    """The members of the archive in an open file."""

    def __init__(self, descriptor: int) -> None:
        self.size = os.fstat(descriptor).st_size
        self.damaged = False
        """Whether the directory is missing or not whole, once all members were given."""
        self._file = descriptor
        self._given = _Parts()

    def __iter__(self) -> Iterator[Member | Overlap | BadEntry]:
        yield from self._from_directory()
        if self.damaged:
            yield from self._one_by_one()

    def _at(self, offset: int, size: int) -> bytes:
        return os.pread(self._file, size, offset) if 0 <= offset < self.size else b""

    def _from_directory(self) -> Iterator[Member | Overlap | BadEntry]:
        place = self._directory()
        if place is None:
            self.damaged = True
            return
        at, end, count, shift = place
        data, read_to = b"", 0
        while at + _ENTRY.size <= end:
            if len(data) - read_to < _LONGEST_ENTRY:
                data, read_to = self._at(at, 4 * _LONGEST_ENTRY), 0
            found = self._entry(data, read_to, shift)
            if found is None:
                break
            member, size = found
            at, read_to, count = at + size, read_to + size, count - 1
            yield self._checked(member)
        self.damaged = self.damaged or at != end or count != 0

    def _directory(self) -> tuple[int, int, int, int] | None:
        """Where the directory begins and ends, how many entries it has, and how far all is behind its offset."""
        tail_at = max(self.size - _SEARCHED, 0)
        tail = self._at(tail_at, _SEARCHED)
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < _END.size:
            return None
        _, _, _, _, count, length, offset, _ = _END.unpack_from(tail, at)
        end = tail_at + at
        place = self._at(end - _END_64_PLACE.size, _END_64_PLACE.size)
        if place.startswith(b"PK\x06\x07"):
            _, _, end_64, _ = _END_64_PLACE.unpack(place)
            record = self._at(end_64, _END_64.size)
            if not record.startswith(b"PK\x06\x06") or len(record) < _END_64.size:
                return None
            count, length, offset = _END_64.unpack(record)[-3:]
            end = end_64
        begin = end - length
        return None if begin < 0 else (begin, end, count, begin - offset)

    def _entry(self, data: bytes, at: int, shift: int) -> tuple[Member, int] | None:
        if len(data) - at < _ENTRY.size or not data.startswith(b"PK\x01\x02", at):
            return None
        (_, _, _, flags, method, _, _, crc, packed, size, names, extras, comments, _, _, mode, start) = (
            _ENTRY.unpack_from(data, at)
        )
        total = _ENTRY.size + names + extras + comments
        if len(data) - at < total:
            return None
        at += _ENTRY.size
        name, extra = data[at : at + names], data[at + names : at + names + extras]
        size, packed, start = _large(extra, size, packed, start)
        is_link = (mode >> 16) & _KIND == _LINK
        return Member(name, flags, method, crc, packed, size, start + shift, 0, is_link), total

    def _checked(self, member: Member) -> Member | Overlap | BadEntry:
        """A member of the directory, with where its data begin, if it is there and in nobody else's bytes."""
        local = self._local(member.start)
        if local is None:
            self.damaged = True
            return BadEntry(member.name)
        # Directory and header may differ where one is damaged: right is what another part of the archive follows.
        ours = local.data - len(local.name) + len(member.name)
        bare = member.start + _LOCAL.size + len(member.name)
        choices = [(local.data, local.packed), *((data, member.packed) for data in (local.data, ours, bare))]
        data, packed = next((one for one in choices if self._is_end(sum(one))), choices[1])
        member = member._replace(data=data, packed=packed)
        return member if self._given.add(member.start, member.data + member.packed) else Overlap(member.name)

    def _is_end(self, at: int) -> bool:
        """Whether a member may end there: another part of the archive follows, or follows the member's sums."""
        following = self._at(at, 28)
        return any(following.startswith(b"PK", skipped) for skipped in (0, 12, 16, 20, 24))

    def _one_by_one(self) -> Iterator[Member | Overlap | BadEntry]:
        """The members that were not given yet, by the header before each."""
        at = 0
        while (at := self._find(at)) >= 0:
            if (end := self._given.end_of(at)) > at:
                at = end
                continue
            member = self._local(at)
            if member is None:
                at += len(_LOCAL_MAGIC)
                continue
            self._given.add(at, member.data + member.packed)
            yield member
            at = max(self._given.end_of(at), at + 1)

    def _find(self, at: int, parts: re.Pattern[bytes] = _LOCAL_HEADER) -> int:
        size = _BLOCK >> 4  # A file may be full of what only looks like a header.
        while block := self._at(at, size):
            size = _BLOCK
            if found := parts.search(block):
                return at + found.start()
            at += max(len(block) - 3, 1)
        return -1

    def _next_part(self, at: int) -> int:
        """Where a member that does not say its size ends: at its sums, the next member, the directory or the end."""
        found = self._find(at, _ANY_PART)
        return found if found >= 0 else self.size

    def _local(self, at: int) -> Member | None:
        header = self._at(at, _LOCAL.size)
        if len(header) < _LOCAL.size or not header.startswith(_LOCAL_MAGIC):
            return None
        _, version, flags, method, _, _, crc, packed, size, names, extras = _LOCAL.unpack(header)
        name = self._at(at + _LOCAL.size, names)
        data = at + _LOCAL.size + names + extras
        if (version & 0xFF) > 63 or not name or len(name) < names or data > self.size:
            return None
        if flags & STREAMED:
            return Member(name, flags, method, 0, self._next_part(data) - data, -1, at, data, is_link=False)
        size, packed, _ = _large(self._at(at + _LOCAL.size + names, extras), size, packed, 0)
        return Member(name, flags, method, crc, packed, size, at, data, is_link=False)


def _large(extra: bytes, size: int, packed: int, start: int) -> tuple[int, int, int]:
    """The three numbers, those that 32 bits do not hold read from the field that does."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = (
            int.from_bytes(extra[at : at + 2], "little"),
            int.from_bytes(extra[at + 2 : at + 4], "little"),
        )
        field = extra[at + 4 : at + 4 + length]
        if kind == 1:
            numbers = [int.from_bytes(field[i : i + 8], "little") for i in range(0, len(field) - 7, 8)]
            size = numbers.pop(0) if size == _UNKNOWN and numbers else size
            packed = numbers.pop(0) if packed == _UNKNOWN and numbers else packed
            start = numbers.pop(0) if start == _UNKNOWN and numbers else start
            break
        at += 4 + length
    return size, packed, start
