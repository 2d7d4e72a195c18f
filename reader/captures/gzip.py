"""Gzip: unpacked in steps, and what is inside is read as its own format."""

from __future__ import annotations

import zlib
from functools import partial
from typing import Final

from reader.captures.packing import Packing
from reader.captures.recognise import GZIP_MAGIC
from reader.captures.source import Source
from reader.captures.unpacking import Unpacking, inflate

_WBITS: Final = 16 + zlib.MAX_WBITS
GZIP: Final = Packing("gzip", (GZIP_MAGIC,), partial(inflate, _WBITS), _WBITS)


def unpack(source: Source) -> Unpacking:
    """The unpacked bytes of `source`, which may have several members."""
    return Unpacking(source, GZIP)
