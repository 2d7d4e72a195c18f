"""Unpacks gzip, deflate, bzip2, xz and Zstandard step by step, within limits, and resumes after damage."""

from __future__ import annotations

import bz2
import lzma
import re
import sys
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, Protocol

from reader.captures.foreign import BZIP2_STARTS, GZIP_MAGIC, XZ_MAGIC, ZSTD_FRAME, ZSTD_SKIPPED
from reader.captures.source import CutShortError, MissingExtraError, Source

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
LEAST_MEMBER: Final = 32
"""The smallest mean size of members, in unpacked bytes: even the shortest WARC record is larger."""
STEP: Final = 1 << 15
"""How many packed bytes to read at a time."""
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
    lzma.LZMAError,
    *([zstd.ZstdError] if zstd else []),
)
"""The errors that decompressors raise for damage."""
_STEP: Final = 1 << 18
"""The most bytes that are unpacked at once: damage loses the output of the same step."""


class DamagedError(Exception):
    """Raised for damaged packed data; `salvaged` is the output before the damage."""

    def __init__(self, salvaged: bytes = b"") -> None:
        super().__init__()
        self.salvaged = salvaged


class Decompressor(Protocol):
    """Unpacks one member, like the classes of `bz2`, `lzma` and `zstd`."""

    @property
    def eof(self) -> bool:
        """True if the member's end was reached."""

    @property
    def needs_input(self) -> bool:
        """True if there is no more output without more packed bytes."""

    @property
    def unused_data(self) -> bytes:
        """Packed bytes after the member's end."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return up to `max_length` more bytes. DamagedError, or one of `_ERRORS`, if the data is damaged."""


class Codec(NamedTuple):
    """A compression format."""

    name: str
    starts: tuple[bytes, ...]
    """The possible starts of a member; empty if there is only one member, which may start with any byte."""
    begin: Callable[[], Decompressor]
    """Creates the decompressor for a new member."""

    def can_unpack(self, data: bytes) -> bool:
        """Return whether these may be the first bytes of a member."""
        try:
            self.begin().decompress(data, _TRIAL)
        except (DamagedError, *_ERRORS):
            return False
        return True


class Unpacking:
    """Unpacks a source of packed members."""

    def __init__(self, packed: Source, codec: Codec, position: int = 0) -> None:
        """`position` is the offset of `packed` in the packed file."""
        self._packed = packed
        self._codec = codec
        self._position = position
        self._member: Decompressor | None = None
        self._members = 0
        self._starts: deque[tuple[int, int]] = deque(maxlen=_KEPT_STARTS)  # packed, unpacked
        self._waiting = b""  # packed bytes still to be unpacked
        self._behind = b""  # already unpacked input of the current member
        self._taken = self._given = self._resumes = 0
        self._end: CutShortError | None = None

    def read(self, most: int) -> bytes:
        """Return up to `most` bytes, none at the end. CutShortError if the data is damaged or a bomb."""
        while not self._end:
            member = self._member or self._begin_member()
            if not member:
                break
            if data := self._step(member, most):
                self._given += len(data)
                if self._given > FREE_BYTES and self._given > MAX_RATIO * self._taken:
                    self._stop_at_bomb(
                        f"it unpacks to over {MAX_RATIO} times its size, which no real page does"
                    )
                return data
        if self._end:
            raise self._end
        return b""

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

    def resume(self) -> bool:
        """After damage, go to the start of the next member; return False if there is none."""
        if not self._end or self._end.kind != "damaged" or self._resumes == _MAX_RESUMES:
            return False
        self._resumes += 1
        # Damage may hide the member's end, so the next member may be among the bytes unpacked already.
        self._waiting = (self._behind + self._waiting)[1:]
        self._behind, self._member = b"", None
        while True:
            for start in self._possible_starts():
                if len(self._waiting) - start < _TRIAL:
                    self._take()
                if self._is_start(start):
                    self._waiting, self._end = self._waiting[start:], None
                    return True
            self._waiting = self._waiting[-8:]
            if not self._take():
                return False

    def _begin_member(self) -> Decompressor | None:
        """Start unpacking the next member; None if there is none."""
        starts = self._codec.starts
        if not starts and self._members:
            return None
        if starts and not self._waiting.startswith(starts):
            self._waiting = self._waiting.lstrip(b"\0")  # padding, as on tapes
            while len(self._waiting) < max(map(len, starts)) and self._take():
                self._waiting = self._waiting.lstrip(b"\0")
            if not self._waiting:
                return None
        # These bytes were searched as part of the previous member: do not search them twice.
        self._behind = b""
        if starts and not self._waiting.startswith(starts):
            self._stop_at_damage(
                f"other data follows its {self._codec.name} data and was left out; pack it again"
            )
            return None
        self._members += 1
        self._starts.append((self._position + self._taken - len(self._waiting), self._given))
        if self._members > FREE_MEMBERS and self._given < LEAST_MEMBER * self._members:
            self._stop_at_bomb(f"it consists of over {FREE_MEMBERS:,} nearly empty pieces")
            return None
        self._member = self._codec.begin()
        return self._member

    def _step(self, member: Decompressor, most: int) -> bytes:
        """Unpack some of the waiting bytes; the output may be empty."""
        waiting, self._waiting = self._waiting, b""
        self._behind = (self._behind + waiting)[-_KEPT_BEHIND:] if self._behind else waiting
        try:
            data = member.decompress(waiting, min(most, _STEP))
        except (DamagedError, *_ERRORS) as error:
            reason = (
                f"its {self._codec.name} data is damaged: the part before the damage is kept; get a new copy"
            )
            self._stop_at_damage(_NEEDS_MEMORY if "memory" in str(error).lower() else reason)
            return error.salvaged if isinstance(error, DamagedError) else b""
        if member.eof:
            self._member, self._waiting = None, member.unused_data
        elif not data and member.needs_input and not self._take():
            self._stop_at_damage(
                f"its {self._codec.name} data ends too early: the part before that is kept; get a new copy"
            )
        return data

    def _stop_at_bomb(self, reason: str) -> None:
        self._end = CutShortError("too large", f"{reason}; do not trust it")

    def _stop_at_damage(self, reason: str) -> None:
        self._end = self._end or CutShortError("damaged", reason)

    def _take(self) -> bool:
        """Read more packed bytes. Return False if there are no more."""
        more = self._packed.read(STEP)
        self._waiting += more
        self._taken += len(more)
        if not more and self._packed.cut:
            self._end = CutShortError(self._packed.cut.kind, self._packed.cut.reason)
        return bool(more)

    def _possible_starts(self) -> Iterator[int]:
        """Yield possible member starts in the waiting bytes. One of the first is usually right."""
        if self._codec.starts:
            starts = b"|".join(map(re.escape, self._codec.starts))
            for match in re.finditer(b"(?s:(?=" + starts + b"))", self._waiting):
                yield match.start()

    def _is_start(self, position: int) -> bool:
        return self._codec.can_unpack(self._waiting[position : position + _TRIAL])


def unpacked_name(name: str) -> str:
    """Return the name of a compressed file without the suffix of its compression."""
    stem, dot, suffix = name.rpartition(".")
    kept = _SUFFIXES.get(suffix.lower())
    return name if kept is None or not dot else stem + kept


def codec_of(source: Source) -> Codec | None:
    """Detect the compression of a source by its first bytes; None if it is not compressed.

    Reads a leading Zstandard dictionary. MissingExtraError if the extra for Zstandard is not installed.
    """
    head = source.head
    for codec in (GZIP, BZIP2, XZ):
        if head.startswith(codec.starts):
            return codec
    if not head.startswith((ZSTD_FRAME, *ZSTD_SKIPPED)):
        return None
    if zstd is None:
        raise MissingExtraError("zstd", "Zstandard")
    dictionary = _read_dictionary(source) if head.startswith(_ZSTD_DICTIONARY) else None

    def begin() -> Decompressor:
        frame: Decompressor = zstd.ZstdDecompressor(zstd_dict=dictionary, options=_zstd_options())
        return frame

    return Codec("zstd", (ZSTD_FRAME, *ZSTD_SKIPPED), begin)


def unpack(source: Source) -> Unpacking:
    """Unpack a source that is compressed."""
    head = source.head
    codec = codec_of(source)
    assert codec is not None
    return Unpacking(source, codec, dictionary_size(head))


def dictionary_size(head: bytes) -> int:
    """Return the size in bytes of a Zstandard dictionary at the start of a file."""
    return 8 + int.from_bytes(head[4:8], "little") if head.startswith(_ZSTD_DICTIONARY) else 0


class _Inflate:
    """Unpacks one member of gzip, zlib or deflate data."""

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
        data = self._inflate.unconsumed_tail + data
        before = self._inflate.copy()
        try:
            return self._inflate.decompress(data, max_length)
        except zlib.error:
            raise DamagedError(_salvage(before, data)) from None


def _salvage(inflate: zlib._Decompress, packed: bytes) -> bytes:
    """Return the output before the damage, in small steps, since an error loses all output of a step."""
    data = bytearray()
    try:
        for position in range(len(packed)):
            data += inflate.decompress(packed[position : position + 1])
    except zlib.error:
        pass
    return bytes(data)


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
        except self._error:
            raise DamagedError from None


BROTLI: Final = Codec("Brotli", (), _Brotli)
BZIP2: Final = Codec("bzip2", BZIP2_STARTS, bz2.BZ2Decompressor)
LZMA: Final = Codec("LZMA", (), lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, _MAX_MEMORY))
XZ: Final = Codec("xz", (XZ_MAGIC,), lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _MAX_MEMORY))


def _read_dictionary(source: Source) -> Any:
    """Return the dictionary in the first frame; None if there is no usable one."""
    size = dictionary_size(source.head) - 8
    if size > _MAX_DICTIONARY:
        return None
    source.read(8)
    content = bytes(source.read(size))
    try:
        if content.startswith(ZSTD_FRAME):
            content = zstd.ZstdDecompressor(options=_zstd_options()).decompress(content, _MAX_DICTIONARY)
        return zstd.ZstdDict(content)
    except (zstd.ZstdError, ValueError, EOFError, MemoryError):
        return None


def _zstd_options() -> dict[int, int]:
    return {zstd.DecompressionParameter.window_log_max: _MAX_WINDOW}
