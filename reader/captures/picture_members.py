"""Members of a zip or tar archive by their names, of which few are wanted: pages, and the pictures beside them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from reader.captures import zip as zip_archive
from reader.captures import zip_members
from reader.captures.members import clean_name
from reader.captures.source import CutShortError, Source
from reader.captures.unpacking import Packing, Unpacking
from reader.captures.window import Window
from reader.captures.zip_members import DEFLATED, ENCRYPTED, STORED

MAX_UNPACKED: Final = 1 << 28
"""The most of a packed tar archive that is unpacked to look for a member, in bytes: about a second."""
_STEP: Final = 1 << 20

Open = Callable[[], Iterator[tuple[str, Callable[[int], bytes], Window | None]]]
"""Goes through the members: their names, what reads them, and where they are if they are stored as they are."""


class Members:
    """The members of an archive."""

    def __init__(self, members: Open) -> None:
        self._members = members

    @classmethod
    def of_zip(cls, window: Window) -> Members:
        """Those of a zip archive, which must be a file of its own."""

        def members() -> Iterator[tuple[str, Callable[[int], bytes], Window | None]]:
            if window.start:
                return
            for member in zip_members.Members(window.descriptor):
                if not isinstance(member, zip_members.Member) or member.is_link or member.flags & ENCRYPTED:
                    continue
                name = clean_name(member.name)
                stored = None
                if member.method == STORED:
                    stored = Window(window.descriptor, _last(name), member.data, member.packed)
                if member.method in (STORED, DEFLATED):
                    yield name, zip_archive.unpacked(window.descriptor, member), stored

        return cls(members)

    @classmethod
    def of_tar(cls, window: Window, packing: Packing | None) -> Members:
        """Those of a tar archive; of a packed one as far as `MAX_UNPACKED` reaches."""

        def members() -> Iterator[tuple[str, Callable[[int], bytes], Window | None]]:
            file: Any
            mode: Any
            source = window.source(window.packing()[1])
            if packing is None:
                file, mode = _Seekable(window), "r:"
            else:
                unpacked = Unpacking(source, packing)
                inside = source.inside("", "", unpacked.read, explicit=True)
                file, mode = _Stream(inside), "r|"
            try:
                with tarfile.open(fileobj=file, mode=mode) as archive:
                    for member in archive:
                        if not member.isreg() or member.sparse is not None:
                            continue
                        name = clean_name(member.name.encode("utf-8", "surrogateescape"))
                        stored = None
                        if packing is None:
                            at = window.start + member.offset_data
                            stored = Window(window.descriptor, _last(name), at, member.size)
                        content = archive.extractfile(member)
                        if content is not None:
                            yield name, content.read, stored
                        vars(archive)["members"] = []  # It would keep them all.
            except (tarfile.TarError, EOFError, LookupError, ArithmeticError):
                return

        return cls(members)

    def names(self, inner: str) -> Iterator[str]:
        """Names of members that `inner`, which follows the archive's in a label, may begin with."""
        for name, _, _ in self._members():
            if inner == name or (inner.startswith(name) and inner[len(name)] in ":/"):
                yield name

    def read(self, names: Sequence[str], most: int) -> dict[str, bytes]:
        """The bytes of members, each at most so long."""
        found: dict[str, bytes] = {}
        wanted = set(names)
        for name, read, _ in self._members():
            if name in wanted:
                wanted.discard(name)
                found[name] = _read(read, most)
                if not wanted:
                    break
        return found

    def window(self, name: str) -> Window | None:
        """Where a member is, if it is stored as it is."""
        return next((stored for other, _, stored in self._members() if other == name), None)


class _Seekable:
    """A part of a file, as the standard library reads files."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; all that are left if it is negative."""
        data = self._window.part(self._at, size if size >= 0 else self._window.size)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._at = max(0, (0, self._at, self._window.size)[whence] + offset)
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at


class _Stream:
    """A source, as the standard library reads files in order; it ends where too much has come."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._left = MAX_UNPACKED

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data = bytes(self._source.read(min(size, self._left)))
        self._left -= len(data)
        return data


def _read(read: Callable[[int], bytes], most: int) -> bytes:
    parts: list[bytes] = []
    left = most
    try:
        while left > 0 and (data := read(min(left, _STEP))):
            parts.append(data)
            left -= len(data)
    except CutShortError:
        return b""
    return b"".join(parts)


def _last(name: str) -> str:
    return name.rpartition("/")[2]
