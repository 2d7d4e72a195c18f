"""Unpacks gzip, deflate, Brotli, bzip2, LZMA, xz and Zstandard in steps, within limits, and goes on after damage."""

from __future__ import annotations

import bz2
import lzma
import re
import sys
import zlib
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final, NamedTuple

from reader.captures.source import (
    BZIP2_STARTS,
    GZIP_MAGIC,
    XZ_MAGIC,
    ZSTD_FRAME,
    ZSTD_SKIPPED,
    CutShortError,
    Source,
)
from reader.extras import needs_extra
from reader.model import NEEDS_EXTRA

zstd: Any  # an extra
try:
    if sys.version_info < (3, 14):
        from backports import zstd
    else:
        from compression import zstd
except ImportError:
    zstd = None

_ZSTD_DICTIONARY: Final = b"\x5d\x2a\x4d\x18"
"""The start of a skippable frame that may contain the dictionary for all other frames."""

_SUFFIXES: Final = {
    **dict.fromkeys(("gz", "bz2", "xz", "zst"), ""),
    **dict.fromkeys(("tgz", "tbz", "tbz2", "txz", "tzst"), ".tar"),
}
"""Codecs by the suffixes of compressed files."""

MAX_RATIO: Final = 200
"""The highest plausible compression ratio: text has 3 to 20, a bomb a thousand."""
FREE_BYTES: Final = 1 << 20
"""The ratio is checked only after this many unpacked bytes: a short page of blanks is no bomb."""
FREE_MEMBERS: Final = 50_000
"""The mean size of members is checked after this many: a file of empty members would take very long."""
_LEAST_MEMBER: Final = 32
"""The smallest mean size of members, in unpacked bytes: even the shortest WARC record is larger."""
_STEP: Final = 1 << 15
"""How many packed bytes to read at a time."""
_FED, _FED_LAST = 1 << 9, 1 << 5
"""How many packed bytes to unpack at a time, and at the end: damage loses the output of the same step."""
_MOST_OUT: Final = 1 << 18
_KEPT_BEHIND: Final = 1 << 18
"""How many packed bytes of a damaged member to search for the start of the next."""
_MAX_RESUMES: Final = 1000
"""How often reading resumes after damage before the file is given up."""
_TRIAL: Final = 512
_KEPT_STARTS: Final = 1 << 16
"""How many member starts to remember: more than fit in any reader's look-ahead."""
_MAX_DICTIONARY: Final = 16 << 20
_MAX_WINDOW: Final = 27
"""The binary logarithm of the largest Zstandard window: 128 MB, the usual limit."""
_MAX_MEMORY: Final = 1 << 28
"""The most memory that unpacking xz may take, in bytes."""
_NEEDS_MEMORY: Final = (
    "unpacking it takes too much memory; pack it again with the usual settings (without --long)"
)
_ERRORS: Final = (
    OSError,
    ValueError,
    EOFError,
    MemoryError,
    zlib.error,
    lzma.LZMAError,
    *([zstd.ZstdError] if zstd else []),
)


class Codec(NamedTuple):
    """A compression format."""

    name: str
    starts: tuple[bytes, ...]
    """The possible starts of a member; empty if there is only one member, which may start with any byte."""
    begin: Callable[[], Any]
    """Creates the decompressor for a new member, with the methods of that of `bz2`; it raises one of `_ERRORS`."""
    before: int = 0
    """The bytes of a dictionary before the first member."""

    def can_unpack(self, data: bytes) -> bool:
        """Return whether these may be the first bytes of a member."""
        try:
            self.begin().decompress(data, _TRIAL)
        except _ERRORS:
            return False
        return True


def check_ratio(unpacked: int, packed: int) -> None:
    """Raise CutShortError if only a bomb unpacks to so many bytes."""
    if unpacked > FREE_BYTES and unpacked > MAX_RATIO * packed:
        reason = f"it unpacks to over {MAX_RATIO} times its size, which no real page does; do not trust it"
        raise CutShortError("too large", reason)


class Unpacking:
    """Unpacks a source of packed members. After damage it goes on at the next member, with a line end between."""

    def __init__(self, packed: Source, codec: Codec) -> None:
        self._packed = packed
        self._codec = codec
        self._member: Any = None
        self._starts: deque[tuple[int, int]] = deque(maxlen=_KEPT_STARTS)  # packed, unpacked
        self._waiting = b""  # packed bytes still to be unpacked
        self._behind = bytearray()  # already unpacked input of the current member
        self._taken = self._given = self._members = 0
        self._damage: Counter[str] = Counter()  # after which reading was resumed

    def read(self, most: int) -> bytes:
        """Return up to `most` bytes, none at the end.

        CutShortError if the rest cannot be read, if it is a bomb, or at the end if something before it was damaged.
        """
        data = b""
        while not data and (self._member or self._begin_member()):
            try:
                data = self._step(min(most, _MOST_OUT))
            except _ERRORS as error:
                reason = f"its {self._codec.name} data is damaged: what can be read is kept; get a new copy"
                if isinstance(error, EOFError):
                    reason = f"its {self._codec.name} data ends too early: the part before that is kept; get a new copy"
                self._resume(_NEEDS_MEMORY if "memory" in str(error).lower() else reason)
                data = b"\n" if self._given else b""
        if not data and self._damage:
            places = "in one place" if self._damage.total() == 1 else f"in {self._damage.total():,} places"
            reason = f"reading resumed after damage {places}: {next(iter(self._damage))}"
            raise CutShortError("damaged", reason)
        self._given += len(data)
        check_ratio(self._given, self._taken)
        return data

    def member_at(self, position: int) -> tuple[int, int] | None:
        """Return the start of the member with the unpacked byte at `position`, and the byte's offset in the member.

        None if that is no longer known. Positions must not decrease from call to call.
        """
        starts = self._starts
        while len(starts) > 1 and starts[1][1] <= position:
            starts.popleft()
        if not starts or starts[0][1] > position:
            return None
        packed, unpacked = starts[0]
        return packed, position - unpacked

    def _begin_member(self) -> bool:
        starts = self._codec.starts
        if not starts and self._taken:
            return False
        longest = max(map(len, starts), default=0)
        while not self._waiting.startswith(starts or b""):
            self._waiting = self._waiting.lstrip(b"\0")  # padding, as on tapes
            if len(self._waiting) >= longest or not self._take():
                break
        if starts and not self._waiting:
            self._check_packed()
            return False
        self._behind.clear()
        if starts and not self._waiting.startswith(starts):
            self._resume(f"other data follows its {self._codec.name} data and was left out; pack it again")
        self._starts.append((self._codec.before + self._taken - len(self._waiting), self._given))
        self._members += 1
        if self._members > FREE_MEMBERS and self._given < _LEAST_MEMBER * self._members:
            reason = f"it consists of over {FREE_MEMBERS:,} nearly empty pieces; do not trust it"
            raise CutShortError("too large", reason)
        self._member = self._codec.begin()
        return True

    def _step(self, most: int) -> bytes:
        """Unpack a little more of the member; the output may be empty."""
        member = self._member
        fed = b""
        if member.needs_input:
            if len(self._waiting) < _FED and not self._take() and not self._waiting:
                self._check_packed()
                raise EOFError
            size = _FED if len(self._waiting) > _FED else _FED_LAST
            fed, self._waiting = self._waiting[:size], self._waiting[size:]
            self._behind += fed
            if len(self._behind) > 2 * _KEPT_BEHIND:
                del self._behind[:-_KEPT_BEHIND]
        data: bytes = member.decompress(fed, most)
        if member.eof:
            self._member, self._waiting = None, member.unused_data + self._waiting
        return data

    def _take(self) -> bool:
        more = self._packed.read(_STEP)
        self._waiting += more
        self._taken += len(more)
        return bool(more)

    def _check_packed(self) -> None:
        """CutShortError if the packed bytes have ended too early."""
        if self._packed.cut:
            raise CutShortError(self._packed.cut.kind, self._packed.cut.reason)

    def _resume(self, reason: str) -> None:
        """After damage, go to the start of the next member. CutShortError with the `reason` if there is none."""
        # Damage may hide the member's end, so the next member may be among the bytes unpacked already.
        self._waiting = (bytes(self._behind) + self._waiting)[1:]
        self._behind.clear()
        self._member = None
        starts = re.compile(b"|".join(map(re.escape, self._codec.starts)) or b"(?!)")
        while self._damage.total() < _MAX_RESUMES:
            if match := starts.search(self._waiting):
                self._waiting = self._waiting[match.start() :]
                while len(self._waiting) < _TRIAL and self._take():
                    pass
                if self._codec.can_unpack(self._waiting[:_TRIAL]):
                    self._damage[reason] += 1
                    return
                self._waiting = self._waiting[1:]
            else:
                self._waiting = self._waiting[-8:]
                if not self._take():
                    break
        raise CutShortError("damaged", reason)


def unpacked_name(name: str) -> str:
    """Return the name of a compressed file without the suffix of its compression."""
    stem, dot, suffix = name.rpartition(".")
    kept = _SUFFIXES.get(suffix.lower())
    return name if kept is None or not dot else stem + kept


def codec_of(source: Source) -> Codec | None:
    """Detect the compression of a source by its first bytes; None if it is not compressed.

    Reads a leading Zstandard dictionary. CutShortError if the extra for Zstandard is not installed.
    """
    head = source.head
    for codec in (GZIP, BZIP2, XZ):
        if head.startswith(codec.starts):
            return codec
    if not head.startswith((ZSTD_FRAME, *ZSTD_SKIPPED)):
        return None
    if zstd is None:
        raise CutShortError(NEEDS_EXTRA, needs_extra("Zstandard", "zstd"))
    options = {zstd.DecompressionParameter.window_log_max: _MAX_WINDOW}
    dictionary, before = None, 0
    size = 8 + int.from_bytes(head[4:8], "little")
    if head.startswith(_ZSTD_DICTIONARY) and size <= _MAX_DICTIONARY:
        before = size
        content = bytes(source.read(size))[8:]
        with suppress(zstd.ZstdError, ValueError, EOFError, MemoryError):
            if content.startswith(ZSTD_FRAME):
                content = zstd.ZstdDecompressor(options=options).decompress(content, _MAX_DICTIONARY)
            dictionary = zstd.ZstdDict(content)
    begin = partial(zstd.ZstdDecompressor, zstd_dict=dictionary, options=options)
    return Codec("zstd", (ZSTD_FRAME, *ZSTD_SKIPPED), begin, before)


class _Inflate:
    def __init__(self, wbits: int) -> None:
        self._inflate = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)


GZIP: Final = Codec("gzip", (GZIP_MAGIC,), lambda: _Inflate(16 + zlib.MAX_WBITS))
ZLIB: Final = Codec("deflate", (), lambda: _Inflate(zlib.MAX_WBITS))
DEFLATE: Final = Codec("deflate", (), lambda: _Inflate(-zlib.MAX_WBITS))


class _Brotli:
    """Unpacks Brotli data, which has no mark at its start."""

    unused_data = b""

    def __init__(self) -> None:
        import brotlicffi  # 16 ms, and few pages in archives are packed with it

        self._error = brotlicffi.error
        self._brotli = brotlicffi.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._brotli.is_finished())

    @property
    def needs_input(self) -> bool:
        return bool(self._brotli.can_accept_more_data())

    def decompress(self, data: bytes, max_length: int) -> bytes:
        try:
            return bytes(self._brotli.process(data, output_buffer_limit=max_length))
        except self._error as error:
            raise ValueError(str(error)) from error


BROTLI: Final = Codec("Brotli", (), _Brotli)
BZIP2: Final = Codec("bzip2", BZIP2_STARTS, bz2.BZ2Decompressor)
LZMA: Final = Codec("LZMA", (), lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, _MAX_MEMORY))
XZ: Final = Codec("xz", (XZ_MAGIC,), lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _MAX_MEMORY))
