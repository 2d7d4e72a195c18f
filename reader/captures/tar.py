"""Reads tar archives of captures in any format, as a stream. Nothing is unpacked to disk.

`tarfile` does the work. It stops silently at a damaged header, and at an early end; both are noticed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from reader.captures.results import Items, ReadMember, Tally
from reader.captures.source import CutShortError, Source, member_name
from reader.model import Problem

if TYPE_CHECKING:
    from tarfile import TarInfo

_BLOCK: Final = 512
_STEP: Final = 1 << 16
_MAX_EXTENDED: Final = 1 << 13
"""The longest extended header that is read: older versions of `tarfile` take time quadratic in its length."""
_MAX_HEADERS: Final = 1 << 15
"""The most bytes of headers before a member's data: `tarfile` keeps a map of holes in memory, however long it is."""

_PROBLEMS: Final = {
    **dict.fromkeys((b"1", b"2"), ("link", "links inside archives are not followed")),
    **dict.fromkeys(
        (b"3", b"4", b"6"), ("not a file", "devices and named pipes inside archives are not followed")
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
        while self._position < position and self.take(min(position - self._position, _STEP)):
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


def files(source: Source, tally: Tally) -> Iterator[tuple[str, Callable[[int], bytes], int]]:
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
                yield _name_of(member), partial(_read, member, blocks, source), member.offset_data
            elif not (member.isdir() or member.name.endswith("/")):
                tally.add(*_PROBLEMS.get(member.type, _IS_OTHER), _name_of(member))
        elif len(blocks.last) < _BLOCK or not blocks.last.strip(b"\0"):
            break
        else:
            if not is_lost:
                tally.add(*_BAD_HEADER, f"byte {blocks.tell() - _BLOCK:,}")
            is_lost = True
            archive.offset = blocks.tell()  # look for the next header
    if len(blocks.last) < _BLOCK and not source.cut:
        tally.add(*_NO_END, f"byte {blocks.tell():,}")


def _read(member: TarInfo, blocks: _Blocks, source: Source, most: int) -> bytes:
    """Return up to `most` bytes of a member, none at its end. CutShortError if the archive ends early."""
    left = member.offset_data + member.size - blocks.tell()
    data = blocks.take(min(most, left, _STEP))
    if not data and left:
        cut = source.cut
        raise CutShortError(cut.kind if cut else "damaged", cut.reason if cut else _ENDS_EARLY)
    return data


def read_tar(source: Source, read_member: ReadMember) -> Items:
    """Read the captures in the members, in order, then the archive's own problems."""
    tally = Tally(source.label, "member")
    has_read = False
    for name, read, start in source.parts(files(source, tally)):
        has_read = True
        yield from read_member(source, name, read, start)
    yield from tally.problems()
    if not (has_read or tally or source.cut):
        yield Problem(source.label, "empty archive", "it has no files")
    if source.cut:
        yield source.cut._replace(partial=has_read)


def _name_of(member: TarInfo) -> str:
    return member_name(member.name.encode("utf-8", "surrogateescape"))
