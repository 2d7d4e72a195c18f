"""Zstandard, with the help of Python 3.14 or of the extra `zstd`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from reader.captures.source import Source
from reader.captures.unpacking import DamagedError, Packing

if TYPE_CHECKING:
    from backports import zstd
elif sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FRAME: Final = b"\x28\xb5\x2f\xfd"
DICTIONARY: Final = b"\x5d\x2a\x4d\x18"
"""Start of the frame that holds the dictionary of all others, as .warc.zst files have it."""
_SKIPPED: Final = tuple(bytes([0x50 + n, 0x2A, 0x4D, 0x18]) for n in range(16))
_MAX_DICTIONARY = 16 << 20
_MAX_WINDOW = 27
"""The most that going back may need: 128 MB."""
_MOST_AT_ONCE = 1 << 18
"""Damage takes along what was unpacked in the same step."""
