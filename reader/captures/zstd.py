"""Zstandard, with the help of Python 3.14 or of the extra `zstd`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from reader.captures.packing import DamagedError, Packing
from reader.captures.recognise import ZSTD_DICTIONARY, ZSTD_FRAME, ZSTD_SKIPPED
from reader.captures.source import MissingExtraError, Source
from reader.captures.unpacking import Unpacking

try:
    if TYPE_CHECKING or sys.version_info < (3, 14):
        from backports import zstd
    else:
        from compression import zstd
except ImportError as error:
    raise MissingExtraError("zstd", "Zstandard") from error

_MAX_DICTIONARY: Final = 16 << 20
_MAX_WINDOW: Final = 27
"""How far back a frame may refer: 128 MB, the usual limit."""
_MOST_AT_ONCE: Final = 1 << 18
"""Damage takes along what was unpacked in the same step."""


def unpack(source: Source) -> Unpacking:
    """The unpacked bytes of `source`, with the dictionary that it may begin with."""
    head = source.head
    behind = 8 + int.from_bytes(head[4:8], "little") if head.startswith(ZSTD_DICTIONARY) else 0
    return Unpacking(source, packing_of(source), behind)


def packing_of(source: Source) -> Packing:
    """How `source` is packed, which is at its start; reads the dictionary that it may begin with."""
    dictionary = _dictionary(source) if source.head.startswith(ZSTD_DICTIONARY) else None
    return Packing("zstd", (ZSTD_FRAME, *ZSTD_SKIPPED), lambda: _Frame(dictionary))


def _dictionary(source: Source) -> Any:
    """The dictionary in the first frame; None when there is none that can be used."""
    size = int.from_bytes(source.head[4:8], "little")
    if size > _MAX_DICTIONARY:
        return None
    source.read(8)
    content = bytes(source.read(size))
    try:
        if content.startswith(ZSTD_FRAME):
            content = zstd.ZstdDecompressor(options=_options()).decompress(content, _MAX_DICTIONARY)
        return zstd.ZstdDict(content)
    except (zstd.ZstdError, ValueError, EOFError, MemoryError):
        return None


def _options() -> dict[int, int]:
    return {zstd.DecompressionParameter.window_log_max: _MAX_WINDOW}


class _Frame:
    """What unpacks one frame."""

    def __init__(self, dictionary: Any) -> None:
        self._frame = zstd.ZstdDecompressor(zstd_dict=dictionary, options=_options())

    @property
    def eof(self) -> bool:
        return bool(self._frame.eof)

    @property
    def needs_input(self) -> bool:
        return bool(self._frame.needs_input)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._frame.unused_data)

    def last(self) -> bytes:
        return b""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        try:
            return bytes(self._frame.decompress(data, min(max_length, _MOST_AT_ONCE)))
        except (zstd.ZstdError, EOFError, MemoryError) as error:
            large = "it was packed with a window that needs too much memory; pack it anew without --long"
            raise DamagedError(b"", large if "memory" in str(error) else None) from None
