"""Keeps captures as WARC 1.1 response records: a gzip member each, on the disk before the next is fetched."""

from __future__ import annotations

import base64
import fcntl
import gzip
import hashlib
import os
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from reader.errors import FetchError
from reader.wayback.resuming import FILES, Remains, file_name, look

ROLL = 100 << 20
"""Bytes after which the next file is begun."""


class Record(NamedTuple):
    """A page as an archive gave it out."""

    url: str
    """The page's own address, as `clean_url` gives it."""
    timestamp: str
    """When it was captured: 14 digits."""
    source: str
    """The address in the archive that was asked for; its timestamp is the one listed."""
    content_type: str
    content_encoding: str | None
    """How `body` is packed; None when it is not."""
    body: bytes


class WarcFolder:
    """A folder of WARC files that this process alone adds to."""

    def __init__(
        self,
        folder: Path,
        *,
        version: str,
        roll: int = ROLL,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Makes the folder if need be; cuts off a record that was left half written.

        Raises FetchError when that is impossible, or another process is fetching into it.
        """
        self.folder = folder
        self._version = version
        self._roll = roll
        self._now = now
        self._file: int | None = None
        self._size = 0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise self._failure(error) from error
        try:
            fcntl.flock(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.remains: Remains = look(folder)
            """What was there before."""
            self._go_on()
        except BlockingIOError as error:
            os.close(self._folder)
            raise FetchError(
                f"{folder}: another protocol-reader fetches into this folder; wait for it, or choose another --into"
            ) from error
        except OSError as error:
            os.close(self._folder)
            raise self._failure(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files. What was kept is on the disk already."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1

    def keep(self, record: Record) -> None:
        """Write the record; once this returns it is on the disk, and when it raises, nothing of it is.

        Raises FetchError when the disk is full or the like.
        """
        data = gzip.compress(self._response(record), mtime=0)
        try:
            if self._file is None or self._size >= self._roll:
                self._begin_file()
            self._append(data)
        except OSError as error:
            raise self._failure(error) from error

    def _go_on(self) -> None:
        """Open the last file behind its last whole record, if it is ours and has room."""
        last = self.remains.last
        if last is None or not last.ours:
            return
        self._file = os.open(last.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
        self._size = last.end
        if last.end < last.size:
            os.ftruncate(self._file, last.end)
            os.fsync(self._file)
        if last.end == 0:
            self._append(gzip.compress(self._info(last.path.name), mtime=0))

    def _begin_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        number = max(
            (int(found[1]) for path in self.folder.iterdir() if (found := FILES(path.name))), default=0
        )
        path = self.folder / file_name(number + 1)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o644)
        self._size = 0
        self._append(gzip.compress(self._info(path.name), mtime=0))
        os.fsync(self._folder)

    def _append(self, data: bytes) -> None:
        assert self._file is not None
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except BaseException:
            # Ctrl-C too: a file ends with a whole record.
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(data)

    def _info(self, name: str) -> bytes:
        fields = f"software: protocol-reader/{self._version}\r\nformat: WARC File Format 1.1\r\n".encode()
        return _record(
            [
                ("WARC-Type", "warcinfo"),
                ("WARC-Record-ID", _new_id()),
                ("WARC-Date", _iso(self._now())),
                ("WARC-Filename", name),
                ("Content-Type", "application/warc-fields"),
            ],
            fields,
        )

    def _response(self, record: Record) -> bytes:
        encoding = f"Content-Encoding: {record.content_encoding}\r\n" if record.content_encoding else ""
        http = (
            f"HTTP/1.1 200 OK\r\nContent-Type: {record.content_type}\r\n{encoding}"
            f"Content-Length: {len(record.body)}\r\n\r\n"
        ).encode("ascii")
        captured = datetime.strptime(record.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        digest = base64.b32encode(hashlib.sha1(record.body, usedforsecurity=False).digest()).decode()
        return _record(
            [
                ("WARC-Type", "response"),
                ("WARC-Record-ID", _new_id()),
                ("WARC-Date", _iso(captured)),
                ("WARC-Target-URI", record.url),
                # As pywb writes of what it takes from another archive.
                ("WARC-Source-URI", record.source),
                ("WARC-Creation-Date", _iso(self._now())),
                ("WARC-Payload-Digest", f"sha1:{digest}"),
                ("Content-Type", "application/http; msgtype=response"),
            ],
            http + record.body,
        )

    def _failure(self, error: OSError) -> FetchError:
        why = error.strerror or str(error)
        return FetchError(
            f"{self.folder}: captures cannot be kept there ({why}); make room, or choose another folder with --into"
        )


def _record(fields: list[tuple[str, str]], block: bytes) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in [*fields, ("Content-Length", str(len(block)))])
    return b"WARC/1.1\r\n" + head.encode("ascii") + b"\r\n" + block + b"\r\n\r\n"


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _new_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"
