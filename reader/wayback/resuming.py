"""What a folder of fetched WARC files holds already, read from the records themselves. Changes nothing."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from reader.safe_text import clean_url
from reader.wayback.pattern import page_key
from reader.wayback.server import capture_in

FILES = re.compile(r"wayback-(\d{5,9})\.warc\.gz", re.ASCII).fullmatch
"""The names of our files; the first group is the number."""
STEP = 1 << 18
"""Packed bytes read at a time."""
FIRST_STEP = 1 << 13
"""Those that are read first: a file may have very many short members."""
HEAD = 1 << 14
"""Unpacked bytes of a record that are looked at: its header is in them."""
SMALL = 1024
"""A file shorter than this has no record of a page."""

_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b\x08"


class LastFile(NamedTuple):
    """The file with the highest number."""

    path: Path
    ours: bool
    """Whether this program began it, and so may go on with it."""
    end: int
    """Where the last whole record ends, in bytes."""
    size: int
    """The file's length in bytes: more than `end` when a record was left half written."""


class Remains(NamedTuple):
    """What is there."""

    have: frozenset[tuple[str, str]]
    """`page_key` and listed timestamp of every capture."""
    files: int
    records: int
    damaged: int
    """Places in the files that cannot be read; what follows them was."""
    last: LastFile | None


class Member(NamedTuple):
    """One gzip member: one record."""

    start: int
    """Where it starts, in bytes; and where it ends."""
    end: int
    head: bytes
    """The first `HEAD` bytes of what is in it; empty for a place that cannot be read."""


def file_name(number: int) -> str:
    """The name of our file of this number."""
    return f"wayback-{number:05d}.warc.gz"


def look(folder: Path) -> Remains:
    """What `folder` holds; nothing when there is no such folder. Raises OSError when it cannot be read."""
    if not folder.is_dir():
        return Remains(frozenset(), 0, 0, 0, None)
    paths = sorted(
        (path for path in folder.iterdir() if FILES(path.name)), key=lambda path: int(path.stem[8:-5])
    )
    have: set[tuple[str, str]] = set()
    records = damaged = 0
    last: LastFile | None = None
    for path in paths:
        ours, end = False, 0
        with path.open("rb") as file:
            for member in members(file):
                if not member.head:
                    damaged += 1
                    continue
                end = member.end
                fields = _fields(member.head)
                ours = ours or (member.start == 0 and b"software: protocol-reader/" in member.head)
                if fields.get("warc-type") == "response" and (capture := _capture(fields)):
                    records += 1
                    have.add(capture)
            size = file.seek(0, 2)
            ours = ours or (end == 0 and size < SMALL and _may_be_begun(file))
        last = LastFile(path, ours, end, size)
    return Remains(frozenset(have), len(paths), records, damaged, last)


def _may_be_begun(file: BinaryIO) -> bool:
    """Whether a file without a whole record may be the start of one."""
    file.seek(0)
    return _MAGIC.startswith(file.read(len(_MAGIC)))


def members(file: BinaryIO) -> Iterator[Member]:
    """The gzip members of a file; an unfinished one at its end is left out, damaged ones come without a head."""
    start = 0
    while True:
        member = _member(file, start)
        if member is None:
            again = _next_start(file, start + 1)
            if again is None:
                return
            member = Member(start, again, b"")
        yield member
        start = member.end


def _member(file: BinaryIO, start: int) -> Member | None:
    """The member that starts there; None when there is no whole one."""
    file.seek(start)
    inflate = zlib.decompressobj(_GZIP)
    head = bytearray()
    taken = 0
    while not inflate.eof:
        packed = inflate.unconsumed_tail
        if not packed:
            packed = file.read(STEP if taken else FIRST_STEP)
            taken += len(packed)
            if not packed:
                return None
        try:
            data = inflate.decompress(packed, 1 << 20)
        except zlib.error:
            return None
        head += data[: max(0, HEAD - len(head))]
    return Member(start, start + taken - len(inflate.unused_data), bytes(head))


def _next_start(file: BinaryIO, start: int) -> int | None:
    """Where the next record begins at or after `start`; None when none does."""
    file.seek(start)
    at, window = start, b""
    while more := file.read(STEP if at > start else FIRST_STEP):
        window += more
        found = window.find(_MAGIC)
        while found >= 0:
            if len(window) - found < 256:
                window += file.read(256)
            if _begins_record(window[found : found + 256]):
                return at + found
            found = window.find(_MAGIC, found + 1)
        keep = len(_MAGIC) - 1
        at, window = at + len(window) - keep, window[-keep:]
    return None


def _begins_record(packed: bytes) -> bool:
    try:
        return zlib.decompressobj(_GZIP).decompress(packed, 64).startswith(b"WARC/")
    except zlib.error:
        return False


def _fields(head: bytes) -> dict[str, str]:
    """The fields of a record's header, names in lower case."""
    lines = head.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _capture(fields: dict[str, str]) -> tuple[str, str] | None:
    """`page_key` and listed timestamp of a record."""
    asked = capture_in(fields.get("warc-source-uri", ""))
    url = clean_url(fields.get("warc-target-uri", ""))
    return (page_key(url), asked[0]) if asked and url else None
