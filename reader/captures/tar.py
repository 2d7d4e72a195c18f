"""Reads tar archives of captures in any format, as a stream. Nothing is unpacked to disk.

`tarfile` is used only to parse headers. As a reader of archives, it stops at the first damaged header or silently skips
it, keeps every header in memory, and reads extended headers of any size at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.captures.results import Items, ReadMember, Tally
from reader.captures.source import CutShortError, Source, member_name
from reader.model import Problem

if TYPE_CHECKING:
    from tarfile import TarInfo

_BLOCK: Final = 512
_STEP: Final = 1 << 18
_MAX_EXTENDED: Final = 1 << 20
"""The size of the largest extended header that is read."""
_MAX_DIGITS: Final = 8
"""The most digits in the length of an extended header's field."""
_SPARSE: Final = b"GNU.sparse"
_SIZE: Final = re.compile(rb"\d{1,18}")

_FILES: Final = frozenset({b"0", b"\0", b"7"})
_FOLDER, _LONG_NAME = b"5", b"L"
_EXTENDED: Final = frozenset({_LONG_NAME, b"K", b"x", b"g"})
_NOT_FILES: Final = {
    **dict.fromkeys((b"1", b"2"), ("link", "links inside archives are not followed")),
    **dict.fromkeys((b"3", b"4"), ("not a file", "devices inside archives are not followed")),
    b"6": ("not a file", "named pipes inside archives are not followed"),
}
_OTHERS: Final = ("packed", "of an unsupported type, such as sparse files, so skipped")
_BAD_HEADER: Final = "unreadable header, so skipped up to the next one"
_ENDS_EARLY: Final = "its archive is cut off before its end; get a new copy"
_NO_END: Final = "the archive ends here without an end mark, so members may be missing; get a new copy"


class Member(NamedTuple):
    """A member of an archive, but no folder."""

    name: str
    """A path that is safe to show."""
    problem: tuple[str, str] | None
    """Kind and reason of the problem that prevents reading; None if there is none."""
    start: int
    """The offset of its bytes in the uncompressed archive."""


class Archive:
    """The tar archive in a source."""

    def __init__(self, source: Source) -> None:
        self.tally = Tally(source.label, "member")
        """Collects damage."""
        self._source = source
        self._position = 0
        self._left = 0  # unread bytes of the current member
        self._padding = 0

    def members(self) -> Iterator[Member]:
        """Yield the members in order. Each can be read until the next is requested."""
        fields: dict[bytes, bytes] = {}
        while (header := self._next_header()) is not None:
            path = fields.pop(b"path", header.name.encode("utf-8", "surrogateescape"))
            size = fields.pop(b"size", b"")
            self._left = int(size) if _SIZE.fullmatch(size) else header.size
            self._padding = -self._left % _BLOCK
            if header.type in _EXTENDED:
                fields |= self._read_extended(header.type)
                continue
            is_folder = header.type == _FOLDER or (path.endswith(b"/") and header.type not in _NOT_FILES)
            if not is_folder:
                is_file = header.type in _FILES and _SPARSE not in fields
                problem = None if is_file else _NOT_FILES.get(header.type, _OTHERS)
                yield Member(member_name(path), problem, self._position)
            fields = {}

    def read(self, most: int) -> bytes:
        """Return up to `most` bytes of the current member, none at its end. CutShortError if the archive ends early."""
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
        """Go to the end of the member. Return False if the archive ends early."""
        left = self._left + self._padding
        self._left = self._padding = 0
        while left > 0:
            data = self._take(min(left, _STEP))
            left -= len(data)
            if not data:
                return False
        return True

    def _next_header(self) -> TarInfo | None:
        """Return the next header, skipping other data; None at the end."""
        is_unfinished = self._left > 0
        if not self._skip_rest() and is_unfinished and not self._source.cut:
            self.tally.add("damaged", _NO_END, f"byte {self._position:,}")
        lost_at: int | None = None
        has_end = False  # every archive should end with a block of zeros
        header = None
        while not header and len(block := self._take(_BLOCK)) == _BLOCK:
            header = _header(block)
            if not block.strip(b"\0"):
                has_end = True
            elif not header and lost_at is None:
                lost_at = self._position - _BLOCK
        if lost_at is not None:
            self.tally.add("damaged", _BAD_HEADER, f"byte {lost_at:,}")
        elif not (header or has_end or is_unfinished or self._source.cut):
            self.tally.add("damaged", _NO_END, f"byte {self._position:,}")
        return header

    def _read_extended(self, kind: bytes) -> dict[bytes, bytes]:
        """Return the fields for the next member from an extended header."""
        if self._left > _MAX_EXTENDED or kind not in (_LONG_NAME, b"x"):
            return {}
        data = self._take(self._left)
        self._left -= len(data)
        return {b"path": data.rstrip(b"\0")} if kind == _LONG_NAME else _pax_fields(data)


def read_tar(source: Source, read_member: ReadMember) -> Items:
    """Read the captures in the members, in order, then the archive's own problems."""
    archive = Archive(source)
    is_empty, has_read = True, False
    for member in source.parts(archive.members()):
        is_empty = False
        if member.problem:
            archive.tally.add(*member.problem, member.name)
        else:
            has_read = True
            yield from read_member(source, member.name, archive.read, member.start)
    yield from archive.tally.problems()
    if is_empty and not archive.tally and not source.cut:
        yield Problem(source.label, "empty archive", "it has no files")
    if source.cut:
        yield source.cut._replace(partial=has_read)


def files(source: Source) -> Iterator[tuple[str, Callable[[int], bytes]]]:
    """Yield the names of the files in an archive, each with a function that reads it until the next is requested."""
    archive = Archive(source)
    for member in archive.members():
        if not member.problem:
            yield member.name, archive.read


def _header(block: bytes) -> TarInfo | None:
    """Parse a block as a header; None if it is not one."""
    from tarfile import HeaderError, TarInfo  # 4 ms, and few captures are in archives

    try:
        header = TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (HeaderError, ValueError, OverflowError):
        return None
    return header if header.size >= 0 else None


def _pax_fields(data: bytes) -> dict[bytes, bytes]:
    """Return the relevant fields of an extended header. Each is a line that starts with its length."""
    fields = {}
    position = 0
    while position < len(data):
        digits, _, _ = data[position : position + _MAX_DIGITS + 1].partition(b" ")
        if not digits.isdigit() or len(digits) > _MAX_DIGITS or int(digits) <= len(digits):
            break
        key, equals, value = data[position + len(digits) + 1 : position + int(digits)].partition(b"=")
        if not equals:
            break
        if key in (b"path", b"size"):
            fields[key] = value.removesuffix(b"\n")
        elif key.startswith(_SPARSE):
            fields[_SPARSE] = b""
        position += int(digits)
    return fields
