"""Members of a zip or tar archive by their names, of which few are wanted: pages, and the pictures beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from reader.captures import tar, zip_members
from reader.captures import zip as zip_archive
from reader.captures.members import clean_name
from reader.captures.packing import Packing
from reader.captures.source import CutShortError
from reader.captures.unpacking import Unpacking
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
            source = window.source(window.packing()[1])
            if packing is not None:
                source = source.inside("", "", _first(Unpacking(source, packing).read), explicit=True)
            for file in tar.files(source):
                stored = None
                if packing is None:
                    stored = Window(window.descriptor, _last(file.name), window.start + file.at, file.size)
                yield file.name, file.read, stored

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

    def windows(self, wanted: Callable[[str], bool], most: int) -> Iterator[Window]:
        """Where the first members are that are called so, if they are stored as they are."""
        stored = (where for name, _, where in self._members() if where is not None and wanted(name))
        yield from islice(stored, most)

    def window(self, name: str) -> Window | None:
        """Where a member is, if it is stored as it is."""
        return next((stored for other, _, stored in self._members() if other == name), None)


def _first(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """What reads on, but ends after `MAX_UNPACKED`."""
    left = MAX_UNPACKED

    def limited(most: int) -> bytes:
        nonlocal left
        data = read(min(most, left))
        left -= len(data)
        return data

    return limited


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
