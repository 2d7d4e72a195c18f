"""A part of an open file that is read like a file of its own: the whole of it, or a stored member of an archive."""

from __future__ import annotations

import os
from typing import NamedTuple

from reader.captures.source import Source
from reader.captures.unpacking import Codec, codec_of, dictionary_size


class Window(NamedTuple):
    """Bytes of an open file."""

    descriptor: int
    name: str
    """The file's or the member's own name, without folders."""
    start: int
    size: int

    def part(self, at: int, size: int) -> bytes:
        """Up to `size` bytes from a place in it."""
        return os.pread(self.descriptor, max(0, min(size, self.size - at)), self.start + at)

    def source(self, at: int = 0) -> Source:
        """The bytes from a place in it on."""
        place = self.start + at
        end = self.start + self.size

        def read(most: int) -> bytes:
            nonlocal place
            data = os.pread(self.descriptor, max(0, min(most, end - place)), place)
            place += len(data)
            return data

        source = Source("", self.name, read, explicit=True)
        if not at and not self.start and self.size == os.fstat(self.descriptor).st_size:
            os.lseek(self.descriptor, 0, os.SEEK_SET)
            source = Source("", self.name, lambda most: os.read(self.descriptor, most), explicit=True)
            source.descriptor = self.descriptor
        return source

    def packing(self) -> tuple[Codec | None, int]:
        """How it is packed, and where the packed bytes begin; None where it is not. CutShortError if that needs an
        extra that is missing.
        """
        source = self.source()
        begins = dictionary_size(source.head)
        return codec_of(source), begins


def whole(descriptor: int, path: str) -> Window:
    """All of an open file."""
    return Window(descriptor, os.path.basename(path), 0, os.fstat(descriptor).st_size)  # noqa: PTH119
