"""Decodes pictures in a worker process with little memory: a picture may be made to crash its decoder.

The process imports this file alone: with Textual, it would start 0.2 seconds later.
"""

from __future__ import annotations

import io
import resource
import warnings
from contextlib import suppress
from typing import Final, NamedTuple

from reader.workers import LimitedCalls, WorkerLostError

MOST_WIDE: Final = 1_200
MOST_HIGH: Final = 900
"""Pixels of a picture that are kept: as many as a large screen shows in half its height."""
MAX_PIXELS: Final = 40_000_000
"""Width times height of the largest picture that is decoded."""
_MEMORY: Final = 1 << 30
"""Bytes of memory that the worker may use."""
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
_PATIENCE: Final = 8.0


class Pixels(NamedTuple):
    """A decoded picture, made smaller if it was large."""

    width: int
    height: int
    rgba: bytes
    """Four bytes a pixel, row by row."""
    original: tuple[int, int]
    """Width and height before it was made smaller."""


class Decoder:
    """Decodes pictures one by one, in one thread."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        """`patience`: seconds that a picture may take."""
        self._calls = LimitedCalls(patience)

    def decode(self, data: bytes) -> Pixels | None:
        """Decode the bytes of a file; None if they are no picture, or their decoding crashes or takes too long."""
        with suppress(WorkerLostError):
            return self._calls.call(0, decode, data)
        return None

    def close(self) -> None:
        """End the worker, if there is one."""
        self._calls.end()


def decode(data: bytes) -> Pixels | None:
    """In the worker: decode a picture; None if the bytes are no picture."""
    from PIL import Image  # The extra `images`, which the program's own process does not load.

    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            original = picture.size
            picture.draft("RGB", (MOST_WIDE, MOST_HIGH))
            # A palette's indexes cannot be averaged, which making it smaller does.
            pixels = picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGBA")
            pixels.thumbnail((MOST_WIDE, MOST_HIGH), reducing_gap=2.0)
            pixels = pixels.convert("RGBA")
            return Pixels(*pixels.size, pixels.tobytes(), original)
    except Exception:  # Whatever is wrong with it, it is no picture.
        return None
