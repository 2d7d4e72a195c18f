"""Which record of a WARC file holds what was fetched from an address: found once, and remembered in a file.

Reading a gigabyte for one picture takes many seconds, so a process of its own does it the first time. What it
remembers are digests of addresses and places, no text; a place is believed only where the record there says the same
address. The file of a WARC that has changed, or was moved, is made anew.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from typing import Final, NamedTuple

from reader.captures.http_message import PackedBodyError, body_of, response_of
from reader.captures.source import CutShortError, Source, open_file
from reader.captures.unpacking import Unpacking
from reader.captures.warc_header import Header
from reader.captures.warc_records import Damage, records
from reader.captures.window import Window
from reader.safe_text import clean_url

MOST_RECORDS: Final = 1_000_000
"""Records of one file that are remembered."""
MOST_FILES: Final = 64
"""Files of which the records are remembered; the oldest goes."""
SUFFIX: Final = ".records"
_MAGIC: Final = b"PRREC1\n\0"
_HEAD: Final = Struct(">8sqqqq")
_ENTRY: Final = Struct(">8sqq")
_DIGEST: Final = 8
_KINDS: Final = frozenset({b"response", b"resource"})
_OK: Final = 200
_STEP: Final = 1 << 20


class Place(NamedTuple):
    """Where a record begins."""

    packed: int
    """Where in the file the packed member begins that holds its start."""
    skipped: int
    """How many unpacked bytes of that member come before it."""


def key_of(address: str) -> bytes:
    """What stands for an address: http and https are the same, and what stands behind # says nothing of the file."""
    kept = clean_url(address) or address
    return kept.partition("#")[0].partition("://")[2].encode("utf-8", "replace")


def file_of(folder: Path, path: str, window: Window) -> Path:
    """Where the records of a file, or of a member of it, are remembered."""
    name = f"{window.start} {os.path.abspath(path)}"  # noqa: PTH100 (as text, without looking at the disk)
    return folder / (blake2b(os.fsencode(name), digest_size=16).hexdigest() + SUFFIX)


def look_up(index: Path, window: Window, addresses: Sequence[str]) -> dict[str, bytes] | None:
    """What each address gave, where it is a page's file that was there; None where the records are not known yet."""
    try:
        data = index.read_bytes()
    except OSError:
        return None
    if data[: _HEAD.size] != _head(window) or (len(data) - _HEAD.size) % _ENTRY.size:
        return None
    entries = _Entries(data)
    found = {}
    for address in addresses:
        for place in entries.places(key_of(address)):
            body = _read(window, place, key_of(address))
            if body is not None:
                found[address] = body
                break
    return found


def make(index: Path, window: Window) -> None:
    """Read all of a WARC file and remember its records; OSError when that cannot be written."""
    entries = sorted(_entries(window))
    index.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = index.with_suffix(f".{os.getpid()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_head(window))
            file.writelines(entries)
        beside.replace(index)
    finally:
        beside.unlink(missing_ok=True)
    known = sorted(index.parent.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime)
    for old in known[:-MOST_FILES]:
        old.unlink(missing_ok=True)


def main(words: Sequence[str]) -> int:
    """In a process of its own, which leaves others the processor: `make_from`."""
    os.nice(10)
    make_from(words)
    return 0


def make_from(words: Sequence[str]) -> None:
    """`make` the index that `pictures.Unindexed` tells of."""
    index, path, name, start, size = words
    with open_file(path, explicit=True) as source:
        assert source.descriptor is not None
        make(Path(index), Window(source.descriptor, name, int(start), int(size)))


class _Entries:
    """The sorted entries of an index."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __len__(self) -> int:
        return (len(self._data) - _HEAD.size) // _ENTRY.size

    def __getitem__(self, number: int) -> bytes:
        at = _HEAD.size + number * _ENTRY.size
        return self._data[at : at + _ENTRY.size]

    def places(self, key: bytes) -> Iterator[Place]:
        """Where records of an address may be."""
        digest = _digest(key)
        at = bisect_left(self, digest)
        while at < len(self) and self[at].startswith(digest):
            yield Place(*_ENTRY.unpack(self[at])[1:])
            at += 1


def _entries(window: Window) -> Iterator[bytes]:
    """An entry of each record that may hold a picture."""
    begun: list[tuple[int, int]] = [(0, 0)]
    packing, base = window.packing()
    source = window.source(base)
    if packing is not None:
        begun.clear()
        source = _unpacked(source, Unpacking(source, packing, lambda *place: begun.append(place)))
    found: list[bytes] = []

    def wants(header: Header) -> bool:
        address = _address(header)
        if address and header.get(b"WARC-Type").lower() in _KINDS and len(found) < MOST_RECORDS:
            while len(begun) > 1 and begun[1][1] <= header.position:
                del begun[0]
            packed, unpacked = begun[0]
            place = (header.position, 0) if packing is None else (base + packed, header.position - unpacked)
            found.append(_ENTRY.pack(_digest(key_of(address)), *place))
        return False

    for _ in records(source, Damage(), wants):
        pass
    return iter(found)


def _read(window: Window, place: Place, key: bytes) -> bytes | None:
    """What the record at a place holds; None where that is not what the address gave."""
    packing, _ = window.packing()
    source = window.source(place.packed)
    if packing is not None:
        source = _unpacked(source, Unpacking(source, packing))
    skipped = place.skipped
    while skipped > 0:
        data = source.read(min(skipped, _STEP))
        if not data:
            return None
        skipped -= len(data)
    record = next(records(source, Damage(), lambda _: True), None)
    if record is None or record.partial or key_of(_address(record.header)) != key:
        return None
    response = response_of(record.content) if record.header.get(b"WARC-Type").lower() == b"response" else None
    if response and response.status != _OK:
        return None
    try:
        read = body_of(record.content, response)
        return b"".join(iter(lambda: read(_STEP), b""))
    except (PackedBodyError, CutShortError):
        return None


def _unpacked(packed: Source, unpacking: Unpacking) -> Source:
    return packed.inside("", packed.name, unpacking.read, explicit=True, resume=unpacking.resume)


def _address(header: Header) -> str:
    address = header.get(b"WARC-Target-URI").decode("utf-8", "replace").strip()
    return address.removeprefix("<").removesuffix(">")


def _digest(key: bytes) -> bytes:
    return blake2b(key, digest_size=_DIGEST).digest()


def _head(window: Window) -> bytes:
    state = os.fstat(window.descriptor)
    return _HEAD.pack(_MAGIC, state.st_size, state.st_mtime_ns, window.start, window.size)
