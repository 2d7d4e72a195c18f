"""Archives of invented pages, built for tests: WARC records, zip and tar files, and ways to damage them."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from reader.captures import SelectedPaths, read_captures
from reader.captures.pages import read_html
from reader.captures.source import Source
from reader.model import Capture, Problem

PAGE = "Fintech\n\nThe bank that wasn’t\n\nIt said it was — and “it” stuck.\n"
DATE = "2022-08-12T10:30:00Z"
HTTP = "application/http; msgtype=response"


def record(
    content: bytes | str,
    *,
    kind: str = "response",
    url: str | None = "https://www.protocol.com/story",
    media: str = HTTP,
    length: int | None = None,
    fields: str = "",
    version: str = "1.0",
    date: str = DATE,
) -> bytes:
    """A WARC record; `length` is what it says of its content's, where that is not the truth."""
    data = content.encode() if isinstance(content, str) else content
    target = f"WARC-Target-URI: {url}\r\n" if url else ""
    said = len(data) if length is None else length
    head = (
        f"WARC/{version}\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:0>\r\nWARC-Date: {date}\r\n"
        f"{target}Content-Type: {media}\r\n{fields}Content-Length: {said}\r\n\r\n"
    )
    return head.encode() + data + b"\r\n\r\n"


def http(
    body: bytes | str, media: str = "text/plain; charset=utf-8", status: str = "200 OK", fields: str = ""
) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\n{fields}Content-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


def text_of(number: int, words: int = 30) -> str:
    """A page of its own for each number."""
    return f"Page {number}\n\n" + " ".join(f"word{number}x{n}" for n in range(words)) + ".\n"


def warc(count: int, words: int = 30) -> list[bytes]:
    """So many records, each the page `text_of` its number from 0."""
    return [
        record(http(text_of(number, words)), url=f"https://www.protocol.com/{number}")
        for number in range(count)
    ]


def packed(records: Iterable[bytes]) -> bytes:
    """Records as a .warc.gz has them: each a member of its own."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def tarred(files: dict[str, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


class Found:
    """What comes of a file, by its kinds."""

    def __init__(self, items: Iterable[Capture | Problem], path: Path | str) -> None:
        self.items = list(items)
        self.captures = [item for item in self.items if isinstance(item, Capture)]
        self.problems = [item for item in self.items if isinstance(item, Problem)]
        self._path = str(path)

    @property
    def texts(self) -> list[str]:
        return [capture.text for capture in self.captures]

    @property
    def sources(self) -> list[str]:
        """The sources of the captures, without the file's path."""
        return [capture.source.removeprefix(self._path) for capture in self.captures]

    @property
    def kinds(self) -> list[tuple[str, bool]]:
        """Kind of each problem, and whether the rest was read."""
        return [(problem.kind, problem.partial) for problem in self.problems]

    @property
    def reasons(self) -> str:
        return "\n".join(problem.reason for problem in self.problems)


def found_at(path: Path | str, site: str | None = None) -> Found:
    """What comes of a file, a folder or an address that the user names."""
    return Found(read_captures(SelectedPaths([str(path)], site)), path)


def read(path: Path, data: bytes, site: str | None = None) -> Found:
    """What comes of `data` as a file at `path` that the user names."""
    path.write_bytes(data)
    return found_at(path, site)


def html_page(html: bytes | str, **known: str) -> Iterator[Capture | Problem]:
    """What comes of a page of HTML, with what its archive says of it."""
    data = html.encode() if isinstance(html, str) else html
    source = Source("page.html", "page.html", io.BytesIO(data).read, explicit=True)
    for name, value in known.items():
        setattr(source, name, value)
    return read_html(source)


def flips(data: bytes, step: int = 1) -> Iterator[tuple[int, bytes]]:
    """(position, `data` with the byte there changed), for every `step`th byte."""
    for at in range(0, len(data), step):
        for change in (0x01, 0x80, 0xFF):
            damaged = bytearray(data)
            damaged[at] ^= change
            yield at, bytes(damaged)


GROWTH = """import resource, sys
from reader.captures import read_captures
used = count = 0
for count, _ in enumerate(read_captures(sys.argv[1:]), 1):
    used = used or count == 20 and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used) >> 10)
"""
"""A program that says how many items it has read, and how many MB more memory that took than the first twenty."""
