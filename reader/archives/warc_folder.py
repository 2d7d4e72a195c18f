"""Stores fetched captures in a folder as WARC 1.1 records. Each is on disk, as a gzip member, before the next request.

The records themselves show what was fetched before. A file has the captures of one archive, which its name says.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from reader import __version__
from reader.addresses import clean_url
from reader.archives.addresses import capture_in, page_key
from reader.errors import FetchError
from reader.permissions import make_private_folder

ROLL = 100 << 20
FILES = re.compile(r"(wayback|commoncrawl)-(\d{5,9})\.warc\.gz", re.ASCII).fullmatch
"""Matches the names of our files; the groups are the archive and the number, which no two files share."""
_STEP = 1 << 16
"""Compressed bytes that are read at a time."""
_MOST = 1 << 20
"""Uncompressed bytes that are unpacked at a time."""
_HEAD = 1 << 14
"""Uncompressed bytes of a record that are examined: they contain its header."""


_is_usable = re.compile(r"[!-~][ -~]{0,199}").fullmatch


class Record(NamedTuple):
    """A page as received from an archive."""

    archive: str
    """Its name, with which the file begins: "wayback" or "commoncrawl"."""
    url: str
    """The page's own address, as `clean_url` returns it."""
    timestamp: str
    """When it was captured: 14 digits."""
    source: str
    """Where it is in the archive. For "wayback", the requested address, which has the listed timestamp."""
    content_type: str
    body: bytes
    content_encoding: str = ""
    """How `body` is compressed, as received; "" if it is not."""


class FolderContent(NamedTuple):
    """The contents of a folder."""

    have: frozenset[tuple[str, str]]
    """`page_key` and listed timestamp of every capture."""
    damaged: int
    """Files with damage; what follows it in the file is not known."""


class WarcFolder(AbstractContextManager["WarcFolder"]):
    """A folder of WARC files to which only this process adds."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if it does not exist. Records come into new files.

        FetchError if that is impossible, or another process is fetching into the folder.
        """
        self.folder = folder
        self._file: BinaryIO | None = None
        self._archive = ""
        self._size = 0
        self._opened = ExitStack()
        try:
            make_private_folder(folder)
            self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            self._opened.callback(os.close, self._folder)
            fcntl.flock(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.remains: FolderContent = look(folder)
        except BlockingIOError as error:
            self.close()
            raise FetchError(
                f"{folder}: another protocol-reader is fetching into this folder; wait for it, or choose another --into"
            ) from error
        except OSError as error:
            self.close()
            raise self._failure(error) from error

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files. All records are on the disk already."""
        self._opened.close()

    def keep(self, record: Record) -> None:
        """Write a record. It is on disk when this returns; if this raises, nothing of it is.

        FetchError if it cannot be written.
        """
        try:
            if self._file is None or self._size >= ROLL or record.archive != self._archive:
                self._begin_file(record.archive)
            self._append(_packed(record))
        except OSError as error:
            raise self._failure(error) from error

    def _begin_file(self, archive: str) -> None:
        if self._file is not None:
            self._file.close()
        numbers = (int(match[2]) for path in self.folder.iterdir() if (match := FILES(path.name)))
        path = self.folder / f"{archive}-{max(numbers, default=0) + 1:05d}.warc.gz"
        self._file = self._opened.enter_context(path.open("xb", buffering=0))
        self._archive = archive
        self._size = 0
        fields = {"software": f"protocol-reader/{__version__}", "format": "WARC File Format 1.1"}
        buffer, writer = _writer()
        writer.write_record(writer.create_warcinfo_record(path.name, fields))
        self._append(buffer.getvalue())
        os.fsync(self._folder)

    def _append(self, data: bytes) -> None:
        assert self._file is not None
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except BaseException:
            # Also on Ctrl-C: a file ends with a complete record.
            self._file.seek(self._size)
            self._file.truncate()
            raise
        self._size += len(data)

    def _failure(self, error: OSError) -> FetchError:
        why = error.strerror or str(error)
        free = "free some space, or " if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        return FetchError(
            f"{self.folder}: cannot store captures there ({why}); {free}choose another folder with --into"
        )


def _writer() -> tuple[BytesIO, WARCWriter]:
    buffer = BytesIO()
    return buffer, WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")


def _packed(record: Record) -> bytes:
    content_type = record.content_type if _is_usable(record.content_type) else "text/html"
    http = [("Content-Type", content_type), ("Content-Length", str(len(record.body)))]
    if _is_usable(record.content_encoding):
        http.insert(1, ("Content-Encoding", record.content_encoding))
    captured = datetime.strptime(record.timestamp, "%Y%m%d%H%M%S")
    fields = {
        "WARC-Type": "response",
        "WARC-Date": f"{captured.isoformat()}Z",
        # As pywb writes them for captures from another archive.
        "WARC-Source-URI": record.source,
        "WARC-Creation-Date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    buffer, writer = _writer()
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


def look(folder: Path) -> FolderContent:
    """The content of a folder, which need not exist. OSError if it cannot be read."""
    have: set[tuple[str, str]] = set()
    damaged = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not (named := FILES(path.name)):
            continue
        with path.open("rb") as file:
            for head in _heads(file):
                if head is None:
                    damaged += 1
                elif capture := _capture(named[1], head):
                    have.add(capture)
    return FolderContent(frozenset(have), damaged)


def _heads(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield the start of each record, which is a gzip member. Damage, or an early end, gives a last None."""
    packed = b""
    while packed or (packed := file.read(_STEP)):
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        head = b""
        while not inflate.eof:
            packed = packed or file.read(_STEP)
            try:
                data = inflate.decompress(packed, _MOST)
            except zlib.error:
                data = packed = b""
            if not packed:
                yield None
                return
            head += data[: _HEAD - len(head)]
            packed = inflate.unconsumed_tail or inflate.unused_data
        yield head


def _capture(archive: str, head: bytes) -> tuple[str, str] | None:
    """`page_key` and listed timestamp of the response that starts so; None for another record."""
    lines = head.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines)
    fields = {name.strip().lower(): value.strip() for name, _, value in pairs}
    url = clean_url(fields.get("warc-target-uri", ""))
    if archive == "commoncrawl":  # Its own date is the listed one.
        timestamp = re.sub(r"\D", "", fields.get("warc-date", ""))[:14]
    else:
        timestamp, _ = capture_in(fields.get("warc-source-uri", "")) or ("", "")
    is_response = fields.get("warc-type") == "response"
    return (page_key(url), timestamp) if is_response and timestamp and url else None
