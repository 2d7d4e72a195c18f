"""Formats by a file's name and first bytes: small, since every capture is looked at."""

from __future__ import annotations

_COLUMNS = (b'"text":', b'"raw_content":', b'"content":', b'"html":', b'"raw_html":', b'"articles":')
"""The names that `reader.captures.rows` knows, as they stand in JSON."""
GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_FRAME = b"\x28\xb5\x2f\xfd"
ZSTD_SKIPPED = tuple(bytes([0x50 + n, 0x2A, 0x4D, 0x18]) for n in range(16))
"""Starts of frames that hold no content; one of them, `ZSTD_DICTIONARY`, may hold the dictionary of all others."""
ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"


def gzip(name: str, head: bytes) -> bool:  # noqa: ARG001
    """Whether the file starts as gzip does, whatever its name."""
    return head.startswith(GZIP_MAGIC)


def zstd(name: str, head: bytes) -> bool:  # noqa: ARG001
    """Whether the file starts with a frame of Zstandard, or with one that it skips."""
    return head.startswith((ZSTD_FRAME, *ZSTD_SKIPPED))


def warc(name: str, head: bytes) -> bool:
    """Whether the file starts with a record's version, or is called a WARC and has one further on."""
    if head.startswith((b"WARC/0.", b"WARC/1.")) and b"\n" in head[:16]:
        return True
    return name.lower().endswith((".warc", ".wet")) and (b"WARC/1." in head or b"WARC/0." in head)


def zip(name: str, head: bytes) -> bool:
    """Whether the file starts with a member, or is an empty archive, or is called one and has a member."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04")):
        return True
    return name.lower().endswith((".zip", ".wacz")) and b"PK\x03\x04" in head


def parquet(name: str, head: bytes) -> bool:  # noqa: ARG001
    """Whether the file starts as Parquet does."""
    return head.startswith(b"PAR1")


def tar(name: str, head: bytes) -> bool:
    """Whether the file starts with a member's header."""
    if len(head) < 512:
        return False
    if head[257:262] == b"ustar":
        return True
    return name.lower().endswith(".tar") and b"\0" in head[:512]


def shard(name: str, head: bytes) -> bool:  # noqa: ARG001
    """Whether the file starts with the first line of a shard, as `protocol-reader parse --into` writes it."""
    return head.startswith(b'{"protocol_reader_shard":')


def json(name: str, head: bytes) -> bool:
    """Whether the file starts with an object, or a list of them, and has a column of a page or a name that says so.

    A page of text may start with JSON, too.
    """
    called_so = name.lower().endswith((".json", ".jsonl", ".ndjson"))
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n[")[:64]
    if start.startswith(b"{") and start[1:].lstrip().startswith((b'"', b"}")):
        return called_so or any(column in head for column in _COLUMNS)
    return called_so and b'\n{"' in head
