"""Stores fetched captures in a folder as WARC 1.1 records. Each is on disk, as a gzip member, before the next request.

The records themselves show what was fetched before. A file has the captures of one archive, which its name says.
"""

from __future__ import annotations

import fcntl
import os
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from reader.archives.addresses import capture_in, page_key
from reader.errors import FetchError
from reader.permissions import make_private_folder
from reader.sanitize import clean_url

ROLL = 100 << 20
"""Bytes after which a new file begins."""
FILES = re.compile(r"(wayback|commoncrawl)-(\d{5,9})\.warc\.gz", re.ASCII).fullmatch
"""Matches the names of our files; the groups are the archive and the number, which no two files share."""
STEP = 1 << 18
"""Compressed bytes that are read at a time."""
FIRST_STEP = 1 << 13
"""Bytes of the first read: a file may have very many short members."""
HEAD = 1 << 14
"""Uncompressed bytes of a record that are examined: they contain its header."""
SMALL = 1024
"""A file shorter than this has no record of a page."""

_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b\x08"


class Record(NamedTuple):
    """A page as received from an archive."""

    url: str
    """The page's own address, as `clean_url` returns it."""
    timestamp: str
    """When it was captured: 14 digits."""
    source: str
    """The requested address in the archive; its timestamp is the listed one."""
    content_type: str
    content_encoding: str | None
    """How `body` is compressed; None if it is not."""
    body: bytes


class LastFile(NamedTuple):
    """The file with the highest number."""

    path: Path
    archive: str
    """The archive whose captures it has, as in its name."""
    ours: bool
    """True if this program created it, and so may append to it."""
    end: int
    """Where the last complete record ends, in bytes."""
    size: int
    """The file's length in bytes: more than `end` if the last record is incomplete."""


class FolderContent(NamedTuple):
    """The contents of a folder."""

    have: frozenset[tuple[str, str]]
    """`page_key` and listed timestamp of every capture."""
    files: int
    records: int
    damaged: int
    """Damaged places in the files; what follows them was read."""
    last: LastFile | None


class Member(NamedTuple):
    """A gzip member, which contains one record."""

    start: int
    """Where it starts, in bytes."""
    end: int
    head: bytes
    """The first `HEAD` uncompressed bytes; empty for a damaged place."""


class WarcFolder(AbstractContextManager["WarcFolder"]):
    """A folder of WARC files to which only this process adds."""

    def __init__(
        self,
        folder: Path,
        *,
        version: str,
        roll: int = ROLL,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Make the folder if it does not exist; cut off an incomplete record.

        FetchError if that is impossible, or another process is fetching into the folder.
        """
        self.folder = folder
        self._version = version
        self._roll = roll
        self._now = now
        self._file: int | None = None
        self._archive = ""
        self._size = 0
        try:
            make_private_folder(folder)
            self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise self._failure(error) from error
        try:
            fcntl.flock(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.remains: FolderContent = look(folder)
            """The contents of the folder from before."""
            self._go_on()
        except BlockingIOError as error:
            os.close(self._folder)
            raise FetchError(
                f"{folder}: another protocol-reader is fetching into this folder; wait for it, or choose another --into"
            ) from error
        except OSError as error:
            os.close(self._folder)
            raise self._failure(error) from error

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files. All records are on the disk already."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1

    def keep(self, record: Record) -> None:
        """Write a record. It is on disk when this returns; if this raises, nothing of it is.

        FetchError if it cannot be written.
        """
        data = self._response(record)
        try:
            archive = _archive_of(record.source)
            if self._file is None or self._size >= self._roll or archive != self._archive:
                self._begin_file(archive)
            self._append(data)
        except OSError as error:
            raise self._failure(error) from error

    def _go_on(self) -> None:
        """Open the last file after its last complete record, if it is ours."""
        last = self.remains.last
        if last is None or not last.ours:
            return
        self._file = os.open(last.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
        self._archive = last.archive
        self._size = last.end
        if last.end < last.size:
            os.ftruncate(self._file, last.end)
            os.fsync(self._file)
        if last.end == 0:
            self._append(self._info(last.path.name))

    def _begin_file(self, archive: str) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        number = max(
            (int(found[2]) for path in self.folder.iterdir() if (found := FILES(path.name))), default=0
        )
        path = self.folder / f"{archive}-{number + 1:05d}.warc.gz"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o644)
        self._archive = archive
        self._size = 0
        self._append(self._info(path.name))
        os.fsync(self._folder)

    def _append(self, data: bytes) -> None:
        assert self._file is not None
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except BaseException:
            # Also on Ctrl-C: a file ends with a complete record.
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(data)

    def _info(self, name: str) -> bytes:
        buffer = BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
        fields = {"software": f"protocol-reader/{self._version}", "format": "WARC File Format 1.1"}
        info = writer.create_warcinfo_record(name, fields)
        info.rec_headers.replace_header("WARC-Date", _iso(self._now()))
        writer.write_record(info)
        return buffer.getvalue()

    def _response(self, record: Record) -> bytes:
        http = [("Content-Type", record.content_type), ("Content-Length", str(len(record.body)))]
        if record.content_encoding:
            http.insert(1, ("Content-Encoding", record.content_encoding))
        captured = datetime.strptime(record.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        fields = {
            "WARC-Type": "response",
            "WARC-Date": _iso(captured),
            # As pywb writes them for captures from another archive.
            "WARC-Source-URI": record.source,
            "WARC-Creation-Date": _iso(self._now()),
        }
        buffer = BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
        response = writer.create_warc_record(
            record.url,
            "response",
            payload=BytesIO(record.body),
            length=len(record.body),
            warc_headers_dict=fields,
            http_headers=StatusAndHeaders("200 OK", http, protocol="HTTP/1.1"),
        )
        writer.write_record(response)
        return buffer.getvalue()

    def _failure(self, error: OSError) -> FetchError:
        why = error.strerror or str(error)
        return FetchError(
            f"{self.folder}: cannot store captures there ({why}); free some space, or choose another folder with --into"
        )


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def look(folder: Path) -> FolderContent:
    """The content of a folder, which need not exist. OSError if it cannot be read."""
    if not folder.is_dir():
        return FolderContent(frozenset(), 0, 0, 0, None)
    names = sorted(
        filter(None, (FILES(path.name) for path in folder.iterdir())), key=lambda name: int(name[2])
    )
    have: set[tuple[str, str]] = set()
    records = damaged = 0
    last: LastFile | None = None
    for name in names:
        path, ours, end = folder / name[0], False, 0
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
        last = LastFile(path, name[1], ours, end, size)
    return FolderContent(frozenset(have), len(names), records, damaged, last)


def _may_be_begun(file: BinaryIO) -> bool:
    """Return whether a file without a complete record can be the start of one."""
    file.seek(0)
    return _MAGIC.startswith(file.read(len(_MAGIC)))


def members(file: BinaryIO) -> Iterator[Member]:
    """The gzip members of a file, without an incomplete one at its end; damaged ones have no head."""
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
    """The member that starts there; None if it is damaged or incomplete."""
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
    """Where the next record begins at or after `start`; None if there is none."""
    file.seek(start)
    at, window = start, b""
    while more := file.read(STEP if at > start else FIRST_STEP):
        window += more
        position = window.find(_MAGIC)
        while position >= 0:
            if len(window) - position < 256:
                window += file.read(256)
            if _begins_record(window[position : position + 256]):
                return at + position
            position = window.find(_MAGIC, position + 1)
        keep = len(_MAGIC) - 1
        at, window = at + len(window) - keep, window[-keep:]
    return None


def _begins_record(packed: bytes) -> bool:
    try:
        return zlib.decompressobj(_GZIP).decompress(packed, 64).startswith(b"WARC/")
    except zlib.error:
        return False


def _fields(head: bytes) -> dict[str, str]:
    """The fields of a record's header, with lower-case names."""
    lines = head.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def source_of_range(url: str, first: int, last: int) -> str:
    """The source of a record that was copied from a range of a WARC file."""
    return f"{url}#bytes={first}-{last}"


def _archive_of(source: str) -> str:
    """Return the archive that a record comes from, by its source."""
    return "commoncrawl" if "#bytes=" in source else "wayback"


def _capture(fields: dict[str, str]) -> tuple[str, str] | None:
    """`page_key` and listed timestamp of a record."""
    source = fields.get("warc-source-uri", "")
    url = clean_url(fields.get("warc-target-uri", ""))
    if _archive_of(source) == "commoncrawl":  # Its own date is the listed one.
        timestamp = re.sub(r"\D", "", fields.get("warc-date", ""))[:14]
    else:
        timestamp = capture[0] if (capture := capture_in(source)) else ""
    return (page_key(url), timestamp) if timestamp and url else None
