"""Gzip: unpacked in steps, and what is inside is read as its own format."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

from reader.captures.source import CutShortError, Source
from reader.model import Capture, Problem

MAX_RATIO = 200
"""The most bytes that one packed byte may give: text gives 3 to 20, a bomb a thousand."""
FREE_BYTES = 1 << 20
"""Bytes that may come out before the ratio counts: a short page of blanks is no bomb."""
STEP = 1 << 14
"""Packed bytes a step: each gives at most 16 MB."""

_MAGIC = b"\x1f\x8b\x08"
_GZIP = 16 + zlib.MAX_WBITS


class Gzip:
    """A file packed with gzip, of one member or several, whatever its name."""

    name = "gzip"

    def __init__(self, read_inside: Callable[[Source], Iterator[Capture | Problem]]) -> None:
        """`read_inside` reads what was unpacked."""
        self._read_inside = read_inside

    def recognises(self, name: str, head: bytes) -> bool:  # noqa: ARG002
        """Whether the file starts as gzip does."""
        return head.startswith(_MAGIC)

    def read(self, source: Source) -> Iterator[Capture | Problem]:
        """What is inside, under the packed file's own label."""
        name = source.name[:-3] if source.name.lower().endswith(".gz") else source.name
        inside = Source(source.label, name, _Unpacking(source).read, explicit=source.explicit)
        return self._read_inside(inside)


class _Unpacking:
    """The unpacked bytes of a source, a few at a time."""

    def __init__(self, packed: Source) -> None:
        self._packed = packed
        self._inflate = zlib.decompressobj(_GZIP)
        self._waiting = b""  # packed bytes still to be unpacked
        self._in_member = False
        self._taken = self._given = 0
        self._end: CutShortError | None = None

    def read(self, most: int) -> bytes:
        """Up to `most` bytes, none at the end; CutShortError if the data is damaged or a bomb."""
        while not self._end:
            if not self._in_member and not self._begin_member():
                break
            if data := self._step(most):
                self._given += len(data)
                if self._given > FREE_BYTES and self._given > MAX_RATIO * self._taken:
                    reason = (
                        f"it unpacks to over {MAX_RATIO} times its size, as no page does; do not trust it"
                    )
                    self._end = CutShortError("too large", reason)
                return data
        if self._end:
            raise self._end
        return b""

    def _begin_member(self) -> bool:
        """Go to the start of the next member; False when there is none."""
        self._waiting = self._waiting.lstrip(b"\0")  # padding, as tapes leave it
        while len(self._waiting) < len(_MAGIC) and self._take():
            self._waiting = self._waiting.lstrip(b"\0")
        if self._waiting.startswith(_MAGIC):
            self._inflate = zlib.decompressobj(_GZIP)
            self._in_member = True
        elif self._waiting:
            self._end = CutShortError(
                "damaged", "other data follows its gzip data and was left out; pack it anew"
            )
        return self._in_member

    def _step(self, most: int) -> bytes:
        """Unpack some of what waits; nothing may come out of it."""
        before = self._inflate.copy()
        try:
            data = self._inflate.decompress(self._waiting, most)
        except zlib.error:
            self._end = CutShortError(
                "damaged", "its gzip data is damaged: what comes before is kept; get it anew"
            )
            return _salvage(before, self._waiting)
        if self._inflate.eof:
            self._waiting, self._in_member = self._inflate.unused_data, False
        else:
            self._waiting = self._inflate.unconsumed_tail
            if not data and not self._waiting and not self._take():
                self._end = self._end or CutShortError(
                    "damaged", "its gzip data ends too early: what came is kept; get it anew"
                )
        return data

    def _take(self) -> bool:
        """Read more packed bytes; False when there are no more."""
        more = self._packed.read(STEP)
        self._waiting += more
        self._taken += len(more)
        if not more and self._packed.cut:
            self._end = CutShortError(self._packed.cut.kind, self._packed.cut.reason)
        return bool(more)


def _salvage(inflate: zlib._Decompress, packed: bytes) -> bytes:
    """What comes out of `packed` before it turns out to be damaged: an error takes a whole step with it."""
    data = b""
    try:
        for i in range(len(packed)):
            data += inflate.decompress(packed[i : i + 1])
    except zlib.error:
        pass
    return data
