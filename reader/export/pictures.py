"""Recognises the picture files that a book may contain: whole PNG, JPEG, GIF and WebP files of a bounded size.

Only the headers are read, since decoding untrusted pictures needs a process of its own. SVG can contain scripts.
"""

from __future__ import annotations

from struct import Struct, error
from typing import Final, NamedTuple

MAX_PICTURE_BYTES: Final = 2 << 20
"""The size of the largest picture file that a book contains."""
MAX_PIXELS: Final = 40_000_000
"""The largest width times height of a picture in a book: a small file can take a lot of memory when it is decoded."""
_PNG: Final = Struct(">8s4s4s2L")
_GIF: Final = Struct("<6s2H")
_RIFF: Final = Struct("<4sL4s4s")
_JPEG_SEGMENT: Final = Struct(">sBH")
_JPEG_SIZE: Final = Struct(">5x2H")
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The markers of segments that give the size."""
_END_BYTES: Final = 64
"""Where the end of a file is looked for: some programs add a few bytes."""


class PictureKind(NamedTuple):
    """A kind of picture file."""

    media_type: str
    suffix: str


PNG: Final = PictureKind("image/png", ".png")
JPEG: Final = PictureKind("image/jpeg", ".jpg")
GIF: Final = PictureKind("image/gif", ".gif")
WEBP: Final = PictureKind("image/webp", ".webp")


def picture_kind(data: bytes) -> PictureKind | None:
    """Return the kind of a picture file; None if it is of no kind for books, too large or cut off."""
    if len(data) > MAX_PICTURE_BYTES:
        return None
    try:
        kind, width, height = _header(data)
    except error:  # it ends within its header
        return None
    return kind if 0 < width * height <= MAX_PIXELS else None


def _header(data: bytes) -> tuple[PictureKind | None, int, int]:
    """Return the kind, width and height of a picture file; None and a size of no pixels if it is not whole."""
    end = data[-_END_BYTES:]
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        _, _, chunk, width, height = _PNG.unpack_from(data)
        if chunk == b"IHDR" and b"IEND" in end:
            return PNG, width, height
    elif data.startswith((b"GIF87a", b"GIF89a")):
        _, width, height = _GIF.unpack_from(data)
        if b";" in end:
            return GIF, width, height
    elif data.startswith(b"RIFF"):
        _, size, kind, chunk = _RIFF.unpack_from(data)
        if kind == b"WEBP" and size + 8 <= len(data):
            return WEBP, *_webp_size(chunk, data)
    elif data.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in end:
        return JPEG, *_jpeg_size(data)
    return None, 0, 0


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Return the width and height from the first frame of a JPEG file; no pixels if it has none."""
    position = 2
    while position < len(data):
        mark, kind, size = _JPEG_SEGMENT.unpack_from(data, position)
        if mark != b"\xff":
            break
        if kind in _JPEG_FRAMES:
            height, width = _JPEG_SIZE.unpack_from(data, position)
            return width, height
        position += 2 + size
    return 0, 0


def _webp_size(chunk: bytes, data: bytes) -> tuple[int, int]:
    """Return the width and height of a WebP file with this first chunk; no pixels if it is of no known kind."""
    mask = 0x3FFF
    if chunk == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & mask, int.from_bytes(data[28:30], "little") & mask
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & mask) + 1, (bits >> 14 & mask) + 1
    if chunk == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    return 0, 0
