"""Recognises packed files, and files that are not captures, by their first bytes, to name their kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reader.captures.source import Source
from reader.model import NOT_A_CAPTURE, Problem

GZIP_MAGIC: Final = b"\x1f\x8b\x08"
BZIP2_STARTS: Final = tuple(b"BZh%d1AY&SY" % level for level in range(1, 10))
XZ_MAGIC: Final = b"\xfd7zXZ\0"
ZSTD_FRAME: Final = b"\x28\xb5\x2f\xfd"
ZSTD_SKIPPED: Final = tuple(bytes([0x50 + n, 0x2A, 0x4D, 0x18]) for n in range(16))
"""The starts of frames without text, the first of which may contain a dictionary."""
PACKED_STARTS: Final = (GZIP_MAGIC, *BZIP2_STARTS, XZ_MAGIC, ZSTD_FRAME, *ZSTD_SKIPPED)
"""The first bytes of files that are compressed as a whole."""
_STARTS: Final[dict[bytes, str]] = {
    b"%PDF-": "a PDF document",
    b"%!PS": "a PostScript document",
    b"{\\rtf": "a rich text document",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Office document",
    b"ZIM\x04": "a ZIM archive for Kiwix",
    b"\x89PNG\r\n\x1a\n": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"II*\0": "a TIFF picture",
    b"\0\0\1\0": "an icon",
    b"wOF": "a font",
    b"OTTO\0": "a font",
    b"\0\1\0\0\0": "a font",
    b"OggS\0": "a sound or video file",
    b"\x1aE\xdf\xa3": "a video file",
    b"\x7fELF": "a program",
    b"MZ\x90\0": "a program",
    b"SQLite format 3\0": "an SQLite database",
    b"Obj\1": "an Avro file",
    b"bplist00": "an Apple property list",
}
"""The first bytes of files that are often beside captures, or could be taken for text; others are "binary data"."""
_PACKED: Final[dict[bytes, str]] = {
    b"Rar!\x1a\x07": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    GZIP_MAGIC: "data packed with gzip",
    XZ_MAGIC: "data packed with xz",
    ZSTD_FRAME: "data packed with Zstandard",
}
"""The first bytes of archives that cannot be opened here, or not inside of others, and may contain captures."""
_KNOWN_STARTS: Final = (*_STARTS, *_PACKED)
_PATTERNS: Final = (
    (b"\0\0\0", rb"(?s)....ftyp", "a picture or video file"),
    (b"RIFF", rb"(?s)RIFF.{4}(?:WEBP|WAVE|AVI )", "a picture, sound or video file"),
    (b"ID3", rb"ID3[\x02-\x04]", "a sound file"),
    (b"PK\3\4", rb"(?s).{30}mimetypeapplication/epub\+zip", "an EPUB book"),
    (b"PK\3\4", rb"(?s).{30}mimetypeapplication/vnd\.oasis", "an OpenDocument file"),
    (b"PK\3\4", rb"(?s).{30}\[Content_Types\]\.xml", "an Office document"),
    (
        b"From ",
        rb"From \S+ +[MTWFS][a-z]{2} [^\r\n]{10,60}\r?\n>?[\w-]+: ?[^\r\n]*\r?\n",
        "a mailbox of messages",
    ),
)
"""(first bytes, pattern, kind); `re` compiles a pattern when a file starts so."""


def kind_of_foreign(head: bytes) -> str | None:
    """Return what a file with these first bytes is ("a PDF document"); None if it may be a capture."""
    if head.startswith(_KNOWN_STARTS):
        return next(kind for start, kind in (_STARTS | _PACKED).items() if head.startswith(start))
    return next(
        (kind for start, pattern, kind in _PATTERNS if head.startswith(start) and re.match(pattern, head)),
        None,
    )


def skip_foreign(source: Source) -> Iterator[Problem]:
    """Name what a file is instead of reading it.

    This is a failure only if the user named the file itself, or if it may contain captures.
    """
    kind = kind_of_foreign(source.head)
    if source.head.startswith(tuple(_PACKED)):
        yield Problem(source.label, "packed", f"{kind}, which cannot be opened here; unpack it first")
        return
    yield Problem(
        source.label,
        "binary" if source.explicit else NOT_A_CAPTURE,
        f"{kind}, not a capture; export or unpack what it contains as text or HTML to read it",
    )
