"""Gzip: unpacked in steps, and what is inside is read as its own format."""

from __future__ import annotations

import zlib
from typing import Final

from reader.captures.unpacking import Inflate, Packing

MAGIC: Final = b"\x1f\x8b\x08"

GZIP: Final = Packing("gzip", (MAGIC,), lambda: Inflate(16 + zlib.MAX_WBITS))
