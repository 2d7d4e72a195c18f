"""Reads zip archives of captures in any format: also WACZ, which contains WARC files, and pages that SingleFile zips.

`zipfile` reads the directory. If that is missing or damaged, members are looked for by their headers. Members are
unpacked by `reader.captures.unpacking`, because `zipfile` does not limit the output, and returns nothing of a 10 KB
page with one damaged byte, of which 80 % can be saved.
"""

from __future__ import annotations

import io
import os
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.captures.results import Items, ReadMember, Tally
from reader.captures.source import CutShortError, Source, member_name, seekable
from reader.captures.unpacking import BZIP2, DEFLATE, LZMA, Unpacking
from reader.model import Problem

if TYPE_CHECKING:
    from zipfile import ZipInfo

MAX_DIRECTORY: Final = 32 << 20
"""The size of the largest directory that is read. Its entries take ten times as much memory."""
_END: Final = Struct("<4s4H2LH")
_END_MAGIC: Final = b"PK\x05\x06"
_MANY: Final = 0xFFFF
_HEADER: Final = Struct("<4s5H3L2H")
_HEADER_MAGIC: Final = b"PK\x03\x04"
_HEADER_START: Final = re.compile(_HEADER_MAGIC)
_PART_START: Final = re.compile(rb"PK(?:\x07\x08|\x03\x04|\x01\x02)")
_SEARCHED: Final = 1 << 16
_UNKNOWN_SIZE: Final = 0xFFFFFFFF
_NEWEST_VERSION: Final = 63
_ENCRYPTED, _STREAMED, _UTF_8 = 1, 1 << 3, 1 << 11
_STORED, _LZMA = 0, 14
_CODECS: Final = {8: DEFLATE._replace(name="zip"), 12: BZIP2}
"""The compressions of members by the numbers of their methods."""
_LINK, _KIND_OF_FILE = 0o120000, 0o170000
_WACZ_PAGES: Final = "archive/"

_IS_ENCRYPTED: Final = ("encrypted", "encrypted, so skipped; unpack the archive with its password first")
_IS_PACKED: Final = (
    "packed",
    "compressed with an unsupported method, so skipped; unpack the archive first",
)
_IS_LINK: Final = ("link", "links inside archives are not followed")
_NO_DIRECTORY: Final = (
    "its directory is missing or wrong, so its members were searched for one by one; get a new copy"
)
_WRONG_SIZE: Final = "its size differs from the one in its archive; get a new copy"
_WRONG_CHECKSUM: Final = "its checksum is wrong, so it is damaged; get a new copy"
_TOO_SHORT: Final = "its archive is cut off before its end; get a new copy"


class Member(NamedTuple):
    """A member of an archive."""

    name: str
    """A path that is safe to show."""
    is_folder: bool
    problem: tuple[str, str] | None
    """Kind and reason of the problem that prevents reading; None if there is none."""
    method: int
    checksum: int
    packed_size: int
    size: int
    """The unpacked size that the archive declares; -1 if it does not."""
    start: int
    """The offset of its packed bytes."""

    @property
    def end(self) -> int:
        """The end of its packed bytes."""
        return self.start + self.packed_size


class Archive:
    """The zip archive in an open file."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size
        self._listed = self._directory()

    @property
    def is_damaged(self) -> bool:
        """True if the directory cannot be trusted, so that members are found by their headers."""
        return self._listed is None

    @property
    def pages(self) -> str:
        """The start of the names of members that may be pages, if the rest are parts of these: of a WACZ or a page."""
        names = {member.name for member in self._listed or ()}
        if "datapackage.json" in names and any(name.startswith(_WACZ_PAGES) for name in names):
            return _WACZ_PAGES
        own = (name for name in names if "/" not in name and name.lower().endswith((".html", ".htm")))
        return "index.html" if "manifest.json" in names and set(own) == {"index.html"} else ""

    def members(self) -> Iterator[Member]:
        """Yield the members in the order of the directory, or of their headers if that is damaged.

        No two members share bytes, as they would in a bomb.
        """
        yield from self._members_by_headers() if self._listed is None else self._listed

    def reader(self, member: Member) -> Callable[[int], bytes]:
        """Return a function that reads a member, up to n bytes per call; CutShortError if the member is damaged."""
        return member_reader(self._descriptor, member)

    def _bytes(self, start: int, size: int) -> bytes:
        return os.pread(self._descriptor, size, start) if 0 <= start < self._size else b""

    def _directory(self) -> list[Member] | None:
        """Return the members of the directory; None if it is missing, too large, wrong or cannot be read."""
        from zipfile import ZipFile  # 9 ms, and few captures are in archives

        try:
            with _DirectoryFile(os.dup(self._descriptor)) as file, ZipFile(file) as archive:
                return self._sound_members(archive.infolist())
        except Exception:  # zipfile raises many kinds of errors for damage
            return None

    def _sound_members(self, entries: Sequence[ZipInfo]) -> list[Member] | None:
        """Return the members of the directory's entries; None if these are wrong."""
        # zipfile does not notice entries with a wrong length that covers the entries after them.
        if self._declared_count() not in (len(entries) % _MANY, _MANY):
            return None
        members: list[Member] = []
        ends: dict[int, int] = {}  # of members, by the starts of their headers
        for entry in entries:
            header = self._header(entry.header_offset)
            if header is None or entry.header_offset in ends:
                return None
            members.append(_member_of(entry, header.start))
            ends[entry.header_offset] = members[-1].end
        bounds = pairwise([*sorted(ends), self._size])
        return members if all(ends[start] <= limit for start, limit in bounds) else None

    def _declared_count(self) -> int:
        """Return the number of entries declared at the end of the directory; `_MANY` if it is stored elsewhere."""
        tail = self._bytes(max(self._size - _SEARCHED - _END.size, 0), _SEARCHED + _END.size)
        end = tail.rfind(_END_MAGIC, 0, len(tail) - _END.size + len(_END_MAGIC))
        count: int = _END.unpack_from(tail, end)[4]
        return count

    def _members_by_headers(self) -> Iterator[Member]:
        position = 0
        while (position := self._find(_HEADER_START, position)) >= 0:
            member = self._header(position)
            if member is not None and not _PART_START.match(self._bytes(member.end, 4)):
                # It has no size or a wrong one, so it ends where the next part begins.
                end = self._find(_PART_START, position + 4)
                end = self._size if end < 0 else end
                member = member._replace(packed_size=end - member.start) if member.start <= end else None
            if member is None:
                position += 1
            else:
                yield member
                position = max(member.end, position + 1)

    def _find(self, pattern: re.Pattern[bytes], position: int) -> int:
        """Find a pattern of four bytes from a position on; return -1 if it does not occur."""
        size = 1 << 12  # small at first: a file may be full of false headers
        while block := self._bytes(position, size):
            size = _SEARCHED
            if match := pattern.search(block):
                return position + match.start()
            position += max(len(block) - 3, 1)
        return -1

    def _header(self, position: int) -> Member | None:
        """Return the member whose header is at a position, with sizes of -1 if it has none; None if there is none."""
        header = self._bytes(position, _HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(_HEADER_MAGIC):
            return None
        _, version, flags, method, _, _, checksum, packed_size, size, name_size, extra_size = _HEADER.unpack(
            header
        )
        name = self._bytes(position + _HEADER.size, name_size)
        start = position + _HEADER.size + name_size + extra_size
        if version & 0xFF > _NEWEST_VERSION or not name or len(name) < name_size or start > self._size:
            return None
        if flags & _STREAMED or packed_size == _UNKNOWN_SIZE:
            packed_size = size = -1
        problem = _problem_of(flags, method)
        is_folder = name.endswith(b"/")
        return Member(member_name(name), is_folder, problem, method, checksum, packed_size, size, start)


def _member_of(entry: ZipInfo, start: int) -> Member:
    """Return the member of a directory's entry, whose bytes begin at `start`."""
    name = entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF_8 else "cp437")
    is_link = (entry.external_attr >> 16) & _KIND_OF_FILE == _LINK
    return Member(
        name=member_name(name),
        is_folder=name.endswith(b"/"),
        problem=_IS_LINK if is_link else _problem_of(entry.flag_bits, entry.compress_type),
        method=entry.compress_type,
        checksum=entry.CRC,
        packed_size=entry.compress_size,
        size=entry.file_size,
        start=start,
    )


def member_reader(descriptor: int, member: Member) -> Callable[[int], bytes]:
    """Return a function that reads a member of the archive in an open file; see `Archive.reader`."""
    return _MemberReader(descriptor, member).read


def read_zip(source: Source, read_member: ReadMember) -> Items:
    """Read the captures in the members, in the order of the directory, then the archive's own problems."""
    try:
        with seekable(source) as descriptor:
            yield from _read_members(source, Archive(descriptor), read_member)
    except CutShortError as error:
        yield Problem(source.label, error.kind, error.reason)
    if source.cut:
        yield source.cut


def _read_members(source: Source, archive: Archive, read_member: ReadMember) -> Items:
    tally = Tally(source.label, "member")
    pages = _WACZ_PAGES if source.name.lower().endswith(".wacz") else archive.pages
    is_empty, has_read = True, False
    for member in source.parts(archive.members()):
        is_empty = False
        if member.is_folder:
            continue
        if member.problem:
            tally.add(*member.problem, member.name)
        elif member.name.startswith(pages):
            has_read = True
            is_in_place = member.method == _STORED and source.descriptor is not None
            start = member.start if is_in_place else None
            yield from read_member(source, member.name, archive.reader(member), start)
    yield from tally.problems()
    if source.cut:
        return  # read_zip says so
    if archive.is_damaged:
        yield Problem(source.label, "damaged", _NO_DIRECTORY, partial=has_read)
    elif is_empty:
        yield Problem(source.label, "empty archive", "it has no files")


def _problem_of(flags: int, method: int) -> tuple[str, str] | None:
    if flags & _ENCRYPTED:
        return _IS_ENCRYPTED
    return None if method in (_STORED, _LZMA, *_CODECS) else _IS_PACKED


class _DirectoryFile(io.FileIO):
    """A file that limits reads to `MAX_DIRECTORY`, since `zipfile` reads the whole directory at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_DIRECTORY:
            raise ValueError
        return super().read(size) or b""


class _MemberReader:
    """Reads a member, and checks its size and checksum at the end."""

    def __init__(self, descriptor: int, member: Member) -> None:
        self._descriptor = descriptor
        self._member = member
        self._position = member.start
        self._size = self._checksum = 0
        self._unpack = self._read_packed
        if member.method != _STORED:
            read = self._read_lzma if member.method == _LZMA else self._read_packed
            codec = _CODECS.get(member.method, LZMA)
            self._unpack = Unpacking(Source("", "", read, explicit=True), codec).read

    def read(self, most: int) -> bytes:
        data = self._unpack(most)
        self._size += len(data)
        self._checksum = zlib.crc32(data, self._checksum)
        if not data and self._member.size >= 0:
            if self._size != self._member.size:
                raise CutShortError("damaged", _WRONG_SIZE)
            if self._checksum != self._member.checksum:
                raise CutShortError("damaged", _WRONG_CHECKSUM)
        return data

    def _read_packed(self, most: int) -> bytes:
        left = self._member.end - self._position
        data = os.pread(self._descriptor, min(most, left), self._position)
        self._position += len(data)
        if not data and left > 0:
            raise CutShortError("damaged", _TOO_SHORT)
        return data

    def _read_lzma(self, most: int) -> bytes:
        """Read LZMA data with the header of an .lzma file instead of the header in a zip archive."""
        if self._position > self._member.start:
            return self._read_packed(most)
        properties = self._read_packed(int.from_bytes(self._read_packed(4)[2:], "little"))
        # There, too, -1 stands for an unknown size.
        return properties + self._member.size.to_bytes(8, "little", signed=True)
