"""Records of WARC files that may hold a picture, as they are noted while an archive is read."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final, NamedTuple

from reader.captures.source import FileOffset
from reader.sanitize import clean_url

MAX_PICTURE: Final = 8 << 20
"""The most bytes of a picture that is shown, packed as it is."""
MOST_RECORDS: Final = 500_000
"""Records of one archive that are noted."""
_MAGIC: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_SUFFIX: Final = re.compile(r"[^?#]*\.(?:png|jpe?g|gif|webp)(?:[?#]|$)", re.IGNORECASE)


class PictureRecord(NamedTuple):
    """A record that may hold a picture."""

    source: str
    """The label of its WARC file."""
    key: bytes
    """The `address_key` of what it was fetched from."""
    offset: FileOffset


def address_key(address: str) -> bytes:
    """A digest of an address. http and https are the same, and the part behind # says nothing of the file."""
    kept = clean_url(address) or address
    plain = kept.partition("#")[0].partition("://")[2]
    return blake2b(plain.encode("utf-8", "replace"), digest_size=8).digest()


def names_picture(address: str) -> bool:
    """Whether an address ends as those of pictures do."""
    return _SUFFIX.match(address) is not None


def is_picture(data: bytes) -> bool:
    """Whether the bytes start as one of the kinds of pictures that are shown does, and are not too many."""
    if len(data) > MAX_PICTURE:
        return False
    return data.startswith(_MAGIC) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP")
