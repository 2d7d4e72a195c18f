"""The pictures of an article, where the capture that it is from still has them: never from the network.

A capture says where it is from (`pages/story.html`, `pages.zip/2022/story.html`, `crawl.warc.gz:12`). Its pictures are
in the page itself, in files or members beside it, in parts of the same message, or in other records of the same
archive, which were noted when that was read. Nothing is copied into the library.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from reader.captures.formats import is_tar, is_zip
from reader.captures.html import MAX_DOCUMENT, looks_like_html
from reader.captures.html.pictures import data_of, parts_beside, placed, spots
from reader.captures.mhtml import MAX_MESSAGE, is_mhtml, parts_of
from reader.captures.results import MAX_PICTURE, address_key, is_picture
from reader.captures.source import CutShortError, FileOffset, Source, UnreadableError, open_file
from reader.captures.tar import files
from reader.captures.unpacking import Codec, Unpacking, codec_of, dictionary_size
from reader.captures.warc.http import PackedBodyError, body_of, response_of
from reader.captures.warc.records import Damage, records
from reader.captures.zip import Archive
from reader.model import Article
from reader.sanitize import clean_url

MOST_PICTURES: Final = 24
"""Pictures of one article that are looked for."""
MAX_UNPACKED: Final = 1 << 28
"""The most that is unpacked to get to a record or a member, in bytes: about a second."""
_OK: Final = 200
_STEP: Final = 1 << 20

Offsets = Mapping[bytes, Sequence[FileOffset]]
"""Where an archive's records are, by the `address_key`s of what they were fetched from."""
Pictures = dict[int, bytes]
"""The files of the figures that have one, by the figures' numbers."""


class Window(NamedTuple):
    """Bytes of an open file."""

    descriptor: int
    name: str
    """The file's or the member's own name, without folders."""
    start: int
    size: int

    def part(self, at: int, size: int) -> bytes:
        """Up to `size` bytes from a place in it."""
        return os.pread(self.descriptor, max(0, min(size, self.size - at)), self.start + at)

    def source(self, at: int = 0) -> Source:
        """The bytes from a place in it on."""
        place = self.start + at
        end = self.start + self.size

        def read(most: int) -> bytes:
            nonlocal place
            data = os.pread(self.descriptor, max(0, min(most, end - place)), place)
            place += len(data)
            return data

        source = Source("", self.name, read, explicit=True)
        if not at and not self.start and self.size == os.fstat(self.descriptor).st_size:
            os.lseek(self.descriptor, 0, os.SEEK_SET)
            source = Source("", self.name, lambda most: os.read(self.descriptor, most), explicit=True)
            source.descriptor = self.descriptor
        return source

    def packing(self) -> tuple[Codec | None, int]:
        """How it is packed, and where the packed bytes begin; None where it is not. CutShortError if that needs an
        extra that is missing.
        """
        source = self.source()
        begins = dictionary_size(source.head)
        return codec_of(source), begins


def _whole(descriptor: int, path: str) -> Window:
    """All of an open file."""
    return Window(descriptor, os.path.basename(path), 0, os.fstat(descriptor).st_size)  # noqa: PTH119


def addresses_of(article: Article) -> dict[int, str]:
    """The addresses of an article's pictures, by the numbers of its figures, as far as the page gives them."""
    figures = enumerate(article.figures[:MOST_PICTURES])
    return {n: url for n, figure in figures if figure.url and (url := clean_url(figure.url))}


def find_pictures(path: str, inner: str, article: Article, offsets: Offsets) -> Pictures:
    """The pictures of an article in a file; `inner` is what follows that in the capture's label, such as ":12".

    `offsets` are those of the records that were noted for its addresses. Takes as long as reading the page anew does,
    and never raises for what is, or is not, there.
    """
    try:
        with open_file(path, explicit=True) as file:
            assert file.descriptor is not None
            if offsets and inner.rpartition(":")[2].isdecimal():
                return _in_records(file.descriptor, article, offsets)
            window = _whole(file.descriptor, path)
            return _in_member(window, inner, article) if inner else _in_file(window, path, article)
    except (CutShortError, UnreadableError, OSError, ValueError):
        return {}


def _in_records(descriptor: int, article: Article, offsets: Offsets) -> Pictures:
    pictures = {}
    for n, address in addresses_of(article).items():
        for offset in offsets.get(address_key(address), ()):
            data = b""
            with suppress(CutShortError, PackedBodyError):
                data = _record_body(descriptor, offset, address)
            if is_picture(data):
                pictures[n] = data
                break
    return pictures


def _record_body(descriptor: int, offset: FileOffset, address: str) -> bytes:
    """What was fetched from an address, by the record at an offset; nothing where the file has another one by now."""
    window = Window(descriptor, "", offset.start, os.fstat(descriptor).st_size - offset.start)
    packing, _ = window.packing()
    source = window.source(offset.packed - offset.start)
    if packing is not None:
        source = source.inside("", "", Unpacking(source, packing).read, explicit=True)
    skipped = offset.skipped if offset.skipped < MAX_UNPACKED else 0
    while skipped and (data := source.read(min(skipped, _STEP))):
        skipped -= len(data)
    record = next(records(source, Damage(), lambda _: True), None)
    if skipped or record is None or record.partial:
        return b""
    target = record.header.get(b"WARC-Target-URI").decode("utf-8", "replace").strip(" <>")
    response = response_of(record.content) if record.header.get(b"WARC-Type").lower() == b"response" else None
    if address_key(target) != address_key(address) or (response and response.status != _OK):
        return b""
    return _read(body_of(record.content, response), MAX_PICTURE + 1)


def _in_file(window: Window, path: str, article: Article) -> Pictures:
    """Of a page that is a file of its own, or a message."""
    source, _ = _unpacked(window)
    if is_mhtml(source.name, source.head):
        return _in_message(bytes(source.read(MAX_MESSAGE)), article)
    if not looks_like_html(source.head) and not source.name.lower().endswith((".html", ".htm", ".xhtml")):
        return {}
    folder = os.path.dirname(path) or "."  # noqa: PTH120 (Path does not keep a path's spelling)
    real = os.path.realpath(folder)

    def beside(names: Sequence[str]) -> dict[str, bytes]:
        """Files below the folder of the page's file; links are not followed."""
        return {name: _file(f"{folder}/{name}", real) for name in names}

    return _in_page(bytes(source.read(MAX_DOCUMENT)), article, beside)


def _in_member(window: Window, name: str, article: Article) -> Pictures:
    """Of a page or a message in an archive of files."""
    page = _members(window, [name], MAX_MESSAGE).get(name, b"")
    if is_mhtml(name, page[:MAX_DOCUMENT]):
        return _in_message(page, article)
    folder = name[: name.rfind("/") + 1]

    def beside(names: Sequence[str]) -> dict[str, bytes]:
        members = _members(window, [folder + name for name in names], MAX_PICTURE + 1)
        return {name.removeprefix(folder): data for name, data in members.items()}

    return _in_page(page, article, beside)


def _in_message(data: bytes, article: Article) -> Pictures:
    """In the parts of a saved page: by their address, or by what the page calls them."""
    page, charset, parts = parts_of(data)
    by_page = placed(article, spots(page, charset))
    by_article = addresses_of(article)
    pictures = {}
    for n in range(min(len(article.figures), MOST_PICTURES)):
        for address in filter(None, (by_article.get(n), *by_page.get(n, ()))):
            data = parts.get(address) or data_of(address) or b""
            if is_picture(data):
                pictures[n] = data
                break
    return pictures


def _in_page(
    html: bytes, article: Article, beside: Callable[[Sequence[str]], Mapping[str, bytes]]
) -> Pictures:
    """In a page itself, and in the files beside it."""
    pictures: Pictures = {}
    wanted: list[tuple[int, str]] = []
    for n, addresses in placed(article, spots(html)).items():
        if n >= MOST_PICTURES:
            break
        data = next(filter(None, map(data_of, addresses)), None)
        if data is not None:
            pictures[n] = data
        else:
            wanted += [(n, "/".join(parts)) for parts in map(parts_beside, addresses) if parts]
    if wanted:
        files = beside([name for _, name in wanted])
        for n, name in wanted:
            if data := files.get(name):
                pictures.setdefault(n, data)
    return {n: data for n, data in pictures.items() if is_picture(data)}


def _members(window: Window, names: Sequence[str], most: int) -> dict[str, bytes]:
    """The bytes of members of an archive, at most so many of each."""
    wanted = set(names)
    found: dict[str, bytes] = {}
    for name, read in _each_member(window):
        if name in wanted:
            wanted.discard(name)
            with suppress(CutShortError):
                found[name] = _read(read, most)
            if not wanted:
                break
    return found


def _each_member(window: Window) -> Iterator[tuple[str, Callable[[int], bytes]]]:
    """The members of a zip or tar archive: their names, and what reads them."""
    source, packed = _unpacked(window)
    if not packed and is_zip(source.name, source.head):
        archive = Archive(window.descriptor)
        for member in archive.members():
            if member.problem is None and not member.is_folder:
                yield member.name, archive.reader(member)
    elif is_tar(source.name, source.head):
        yield from files(source)


def _unpacked(window: Window) -> tuple[Source, bool]:
    """A file from its start, unpacked as far as `MAX_UNPACKED` reaches, and whether it is packed."""
    packing, begins = window.packing()
    source = window.source(begins)
    if packing is None:
        return source, False
    unpacking = Unpacking(source, packing)
    left = MAX_UNPACKED

    def read(most: int) -> bytes:
        nonlocal left
        data = unpacking.read(min(most, left)) if left else b""
        left -= len(data)
        return data

    return source.inside("", _bare(window.name), read, explicit=True), True


def _read(read: Callable[[int], bytes], most: int) -> bytes:
    """All bytes, or the first `most`; CutShortError where there are less than there should be."""
    parts: list[bytes] = []
    while most > 0 and (data := read(min(most, _STEP))):
        parts.append(data)
        most -= len(data)
    return b"".join(parts)


def _file(path: str, below: str) -> bytes:
    """A file that lies below a folder, as far as a picture may be long; nothing where there is none."""
    try:
        if os.path.commonpath((os.path.realpath(path), below)) != below:
            return b""
        with open_file(path, explicit=False) as source:
            return bytes(source.read(MAX_PICTURE + 1))
    except (UnreadableError, OSError, ValueError):
        return b""


def _bare(name: str) -> str:
    """A packed file's name without the suffix of its packing."""
    for suffix, kept in ((".tgz", ".tar"), (".tzst", ".tar"), (".gz", ""), (".zst", "")):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)] + kept
    return name
