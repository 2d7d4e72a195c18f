"""Reads zip and tar archives of captures in any format.

`zipfile` does the work for zip: also WACZ, which contains WARC files, and pages that SingleFile zips. Damage costs the
member that it is in, or what follows it there; without its directory an archive cannot be read.

`tarfile` does the work for tar, which is read as a stream: nothing is unpacked to disk. It stops silently at a damaged
header, and at an early end; both are noticed here.
"""

from __future__ import annotations

import errno
import os
import zlib
from collections.abc import Callable, Iterator
from copy import copy
from functools import partial
from io import BytesIO, FileIO
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from reader.captures.results import Items, ReadMember, Tally
from reader.captures.source import CutShortError, Source, folders_of_pages, member_name, seekable
from reader.captures.unpacking import BZIP2, LZMA, MAX_RATIO, Codec, Unpacking, check_ratio
from reader.model import Problem

if TYPE_CHECKING:
    from tarfile import TarInfo
    from zipfile import ZipFile, ZipInfo

MAX_DIRECTORY: Final = 32 << 20
"""The size of the largest directory that is read. Its entries take ten times as much memory."""
FREE_BYTES: Final = 1 << 26
"""The ratio of all members to the archive is checked only after this many unpacked bytes."""
_ZIP_STEP: Final = 1 << 12
"""How many bytes of a member are read at once: damage loses those of the same step."""
_LEAST_HEADER: Final = 30
_ENCRYPTED, _HAS_END_MARK, _UTF_8 = 1, 1 << 1, 1 << 11
_STORED: Final = 0
_UNLIMITED: Final[dict[int, Codec]] = {12: BZIP2, 14: LZMA}
"""Methods by whose packed bytes `zipfile` unpacks gigabytes at once, or with any size of dictionary."""
_LINK, _KIND_OF_FILE = 0o120000, 0o170000
_WACZ_PAGES: Final = "archive/"

_IS_ENCRYPTED: Final = ("encrypted", "encrypted, so skipped; unpack the archive with its password first")
_IS_LINK: Final = ("link", "links inside archives are not followed")
_OVERLAPS: Final = ("damaged", "its data overlaps that of another member, so skipped; get a new copy")
_NO_DIRECTORY: Final = (
    "its directory is missing or damaged; get a new copy,"
    " or try to repair this one with “zip -FF OLD.zip --out NEW.zip”"
)
_ENTRIES_MISSING: Final = "its directory does not list all of its members; get a new copy"
_DAMAGED: Final = "it is damaged or cut off in its archive; get a new copy"
_IS_BOMB: Final = (
    f"its members unpack to over {MAX_RATIO} times its size, which no real archive does: the rest was skipped;"
    " do not trust it"
)
_SHRUNK: Final = "it became shorter while it was read: the rest was skipped; read it again when it is whole"
_WRONG_CHECKSUM: Final = "its checksum is wrong, so it is damaged; get a new copy"
_UNSUPPORTED: Final = "compressed with an unsupported method; unpack the archive first"


class _File(FileIO):
    """A file that limits reads to `MAX_DIRECTORY`, since `zipfile` reads the whole directory at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_DIRECTORY:
            raise ValueError
        return super().read(size) or b""

    def __del__(self) -> None:
        """Close it: a `ZipFile` does not close a file that it was given."""
        self.close()


def open_zip(descriptor: int) -> ZipFile:
    """Open the archive in an open file. CutShortError if its directory is missing or damaged."""
    from zipfile import ZipFile  # 9 ms, and few captures are in archives

    file = _File(os.dup(descriptor))
    try:
        return ZipFile(file)
    except Exception as error:  # zipfile raises many kinds of errors for damage
        file.close()
        raise CutShortError("damaged", _NO_DIRECTORY) from error


def name_of(member: ZipInfo) -> str:
    """Return the path of a member, safe to show."""
    return member_name(member.orig_filename.encode("utf-8" if member.flag_bits & _UTF_8 else "cp437"))


def reader_of(archive: ZipFile, member: ZipInfo) -> Callable[[int], bytes]:
    """Return a function that reads a member, up to n bytes per call; CutShortError for damage or a bomb."""
    read_some: Callable[[int], bytes] | None = None
    size = checksum = 0

    def read(most: int) -> bytes:
        nonlocal read_some, size, checksum
        try:
            read_some = read_some or _open_member(archive, member)
            data = read_some(min(most, _ZIP_STEP))
        except CutShortError:
            raise
        except NotImplementedError as error:
            raise CutShortError("packed", _UNSUPPORTED) from error
        except Exception as error:  # zipfile and its decompressors raise many kinds of errors for damage
            # EINVAL: it begins before the file, whose start is lost.
            if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
                raise
            raise CutShortError("damaged", _DAMAGED) from error
        size += len(data)
        check_ratio(size, member.compress_size)
        checksum = zlib.crc32(data, checksum)
        if not data and checksum != member.CRC:
            raise CutShortError("damaged", _WRONG_CHECKSUM)
        return data

    return read


def _open_member(archive: ZipFile, member: ZipInfo) -> Callable[[int], bytes]:
    """Open a member; return a function that reads it without checking its size and checksum."""
    unchecked = copy(member)
    # Otherwise zipfile would withhold the end of a member whose checksum or size is wrong.
    unchecked.CRC, unchecked.file_size = None, 1 << 62  # type: ignore[assignment]
    codec = _UNLIMITED.get(member.compress_type)
    if codec:
        unchecked.compress_type = _STORED
    packed: Any = archive.open(unchecked)
    if not codec:
        read: Callable[[int], bytes] = packed.read1
        return read
    start = BytesIO()
    if codec is LZMA:  # replace zip's header by that of an .lzma file
        properties = packed.read(int.from_bytes(packed.read(4)[2:], "little"))
        size = -1 if member.flag_bits & _HAS_END_MARK else member.file_size
        start = BytesIO(properties + size.to_bytes(8, "little", signed=True))
    source = Source("", "", lambda most: start.read(most) or packed.read1(most), explicit=True)
    return Unpacking(source, codec).read


def read_zip(source: Source, read_member: ReadMember) -> Items:
    """Read the captures in the members, in the order of the directory, then the archive's own problems."""
    with seekable(source) as descriptor, open_zip(descriptor) as archive:
        yield from _read_members(source, archive, descriptor, read_member)
    if source.cut:
        yield source.cut


def _read_members(source: Source, archive: ZipFile, descriptor: int, read_member: ReadMember) -> Items:
    tally = Tally(source.label, "member")
    members = [member for member in archive.infolist() if not member.orig_filename.endswith("/")]
    overlapping = _overlapping(archive)
    names = {name_of(member) for member in members}
    pages = _pages(source.name, names)
    saved = folders_of_pages(names) & {name.rpartition("/")[0] for name in names}
    beside_pages = tuple(f"{folder}/" for folder in saved)
    size = os.fstat(descriptor).st_size
    left = FREE_BYTES + MAX_RATIO * size

    def counted(read: Callable[[int], bytes], most: int) -> bytes:
        nonlocal left
        data = read(most)
        left -= len(data)
        return data

    for member in members:
        if left < 0:
            source.stop("too large", _IS_BOMB)
            break
        if os.fstat(descriptor).st_size < size:
            source.stop("damaged", _SHRUNK)
            break
        name = name_of(member)
        if member.flag_bits & _ENCRYPTED:
            tally.add(*_IS_ENCRYPTED, name)
        elif (member.external_attr >> 16) & _KIND_OF_FILE == _LINK:
            tally.add(*_IS_LINK, name)
        elif member in overlapping:
            tally.add(*_OVERLAPS, name)
        elif name.startswith(pages) and not name.startswith(beside_pages):
            is_in_place = member.compress_type == _STORED and source.descriptor is not None
            start = _start_of(descriptor, member) if is_in_place else None
            yield from read_member(source, name, partial(counted, reader_of(archive, member)), start)
    yield from tally.problems()
    if source.cut:
        return
    if _declared_count(descriptor) not in (len(archive.infolist()) % 0x10000, 0xFFFF):
        yield Problem(source.label, "damaged", _ENTRIES_MISSING, partial=True)
    elif not members:
        yield Problem(source.label, "empty archive", "it has no files")


def _pages(archive: str, names: set[str]) -> str:
    """Return how the names of pages start, if the other members are parts of these: in a WACZ, and in a zipped page."""
    if archive.lower().endswith(".wacz") or (
        "datapackage.json" in names and any(name.startswith(_WACZ_PAGES) for name in names)
    ):
        return _WACZ_PAGES
    own = {name for name in names if "/" not in name and name.lower().endswith((".html", ".htm"))}
    return "index.html" if "manifest.json" in names and own == {"index.html"} else ""


def _overlapping(archive: ZipFile) -> set[ZipInfo]:
    """Return the members that reach into others, as in a bomb, or because their size is wrong."""
    overlapping = set()
    end = archive.start_dir
    for member in sorted(archive.infolist(), key=attrgetter("header_offset"), reverse=True):
        if member.header_offset + _LEAST_HEADER + member.compress_size > end:
            overlapping.add(member)
        end = member.header_offset
    return overlapping


def _start_of(descriptor: int, member: ZipInfo) -> int:
    lengths = os.pread(descriptor, 4, member.header_offset + _LEAST_HEADER - 4)
    name, extra = int.from_bytes(lengths[:2], "little"), int.from_bytes(lengths[2:], "little")
    return member.header_offset + _LEAST_HEADER + name + extra


def _declared_count(descriptor: int) -> int:
    """Return how many members the archive should have; 0xFFFF if that is stored elsewhere.

    zipfile does not notice an entry whose length covers the entries after it.
    """
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, 1 << 17, max(size - (1 << 16) - 22, 0))
    end = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[end + 10 : end + 12], "little")


# tar

_BLOCK: Final = 512
_TAR_STEP: Final = 1 << 16
_MAX_EXTENDED: Final = 1 << 13
"""The longest extended header that is read: older versions of `tarfile` take time quadratic in its length."""
_MAX_HEADERS: Final = 1 << 15
"""The most bytes of headers before a member's data: `tarfile` keeps a map of holes in memory, however long it is."""

_PROBLEMS: Final = {
    **dict.fromkeys((b"1", b"2"), ("link", "links inside archives are not followed")),
    **dict.fromkeys(
        (b"3", b"4", b"6"), ("not a file", "devices and named pipes inside archives are not read")
    ),
}
"""Kind and reason of the problem that a member of this type is."""
_IS_OTHER: Final = ("packed", "of an unsupported type, such as sparse files, so skipped")
_BAD_HEADER: Final = ("damaged", "unreadable header, so skipped up to the next one")
_NO_END: Final = (
    "damaged",
    "the archive ends here without an end mark, so members may be missing; get a new copy",
)
_ENDS_EARLY: Final = "its archive is cut off before its end; get a new copy"


class _Blocks:
    """The bytes of a source, as the file that `tarfile` needs. It can only be read forwards."""

    def __init__(self, source: Source) -> None:
        self.last = b""
        """The bytes of the last read that returned any."""
        self.headers = 0
        """How many bytes were read as headers since this was set to 0."""
        self._source = source
        self._position = 0

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> None:
        while self._position < position and self.take(min(position - self._position, _TAR_STEP)):
            pass

    def read(self, size: int) -> bytes:
        """Return the next bytes, but none of an extended header that is too long. ValueError if there are too many."""
        self.headers += min(size, _MAX_EXTENDED)
        if self.headers > _MAX_HEADERS:
            raise ValueError
        if size > _MAX_EXTENDED:
            self.seek(self._position + size)
            return b""
        return self.take(size)

    def take(self, size: int) -> bytes:
        """Return the next bytes; fewer only at the end."""
        data = bytes(self._source.read(size))
        if size:
            self.last = data
        self._position += len(data)
        return data


def tar_files(source: Source, tally: Tally) -> Iterator[tuple[str, Callable[[int], bytes], int]]:
    """Yield the files in an archive: name, a function that reads it until the next is requested, and its offset.

    Everything else is counted in the `tally`.
    """
    from tarfile import TarError, TarFile  # 4 ms, and few captures are in archives

    archive = TarFile(fileobj=BytesIO(bytes(_BLOCK)), encoding="utf-8", errors="surrogateescape")
    blocks: Any = _Blocks(source)
    archive.fileobj = blocks  # only now, because the constructor would fail at a damaged header
    is_lost = False
    while True:
        member = None
        blocks.headers = 0
        try:
            member = archive.next()
            archive.members.clear()  # type: ignore[attr-defined] # it would keep all of them
            archive.pax_headers = {}  # and all of these
        except (TarError, ValueError, OverflowError, LookupError):
            pass
        if member is not None and member.size >= 0:
            is_lost = False
            if member.isreg() and not (member.issparse() or member.name.endswith("/")):
                yield _tar_name(member), partial(_read_tar_member, member, blocks, source), member.offset_data
            elif not (member.isdir() or member.name.endswith("/")):
                tally.add(*_PROBLEMS.get(member.type, _IS_OTHER), _tar_name(member))
        elif len(blocks.last) < _BLOCK or not blocks.last.strip(b"\0"):
            break
        else:
            if not is_lost:
                tally.add(*_BAD_HEADER, f"byte {blocks.tell() - _BLOCK:,}")
            is_lost = True
            archive.offset = blocks.tell()  # look for the next header
    if len(blocks.last) < _BLOCK and not source.cut:
        tally.add(*_NO_END, f"byte {blocks.tell():,}")


def _read_tar_member(member: TarInfo, blocks: _Blocks, source: Source, most: int) -> bytes:
    """Return up to `most` bytes of a member, none at its end. CutShortError if the archive ends early."""
    left = member.offset_data + member.size - blocks.tell()
    data = blocks.take(min(most, left, _TAR_STEP))
    if not data and left:
        cut = source.cut
        raise CutShortError(cut.kind if cut else "damaged", cut.reason if cut else _ENDS_EARLY)
    return data


def read_tar(source: Source, read_member: ReadMember) -> Items:
    """Read the captures in the members, in order, then the archive's own problems."""
    tally = Tally(source.label, "member")
    has_read = False
    for name, read, start in source.parts(tar_files(source, tally)):
        has_read = True
        yield from read_member(source, name, read, start)
    yield from tally.problems()
    if not (has_read or tally or source.cut):
        yield Problem(source.label, "empty archive", "it has no files")
    if source.cut:
        yield source.cut._replace(partial=has_read)


def _tar_name(member: TarInfo) -> str:
    return member_name(member.name.encode("utf-8", "surrogateescape"))
