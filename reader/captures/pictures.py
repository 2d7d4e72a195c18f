"""Finds the pictures of an article in or beside its capture, never on the network.

A capture's source (`pages/story.html`, `pages.zip/2022/story.html`, `crawl.warc.gz:12`) shows where to look. Pictures
are in the page itself, in files or members beside it, in parts of the same message, or in other records of the archive,
which were noted when it was read. Nothing is copied into the library.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from reader.addresses import clean_url
from reader.captures.archives import name_of, open_zip, reader_of, tar_files
from reader.captures.formats import is_tar, is_zip
from reader.captures.html.text import read_text
from reader.captures.pages import (
    MAX_DOCUMENT,
    MAX_SAVED,
    SavedPage,
    decode_page,
    is_html,
    is_mhtml,
    is_webarchive,
    saved_page,
)
from reader.captures.results import MAX_PICTURE, Tally, address_key, is_picture
from reader.captures.source import (
    HEAD_BYTES,
    CutShortError,
    FileOffset,
    Source,
    UnreadableError,
    folders_of_pages,
    open_file,
)
from reader.captures.unpacking import Unpacking, codec_of, unpacked_name
from reader.captures.warc import body_of, records, response_of
from reader.model import Article
from reader.sanitize import sanitize

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

MAX_PICTURES: Final = 24
MAX_UNPACKED: Final = 1 << 28
"""The most bytes to unpack in order to reach a record or a member: about a second."""
_OK: Final = 200
_STEP: Final = 1 << 20
_DATA_ADDRESS: Final = re.compile(
    r"data:image/(?:png|jpe?g|gif|webp)\s*(?:;[^;,]{0,100})*?(;base64)?\s*,", re.IGNORECASE
)
_GROUPED: Final = re.compile(rb"(--sf-img-\d{1,9})\s{0,9}:\s{0,9}url\([\"']?(data:image/[^\"')<]+)")
"""A picture that SingleFile stores once for all its places."""

_opened: Final[dict[tuple[int, ...], tuple[ZipFile, Mapping[str, ZipInfo]]]] = {}
"""The last zip archive and its members, by the identity of its file: reading a directory takes longer than a page."""

Offsets = Mapping[bytes, Sequence[FileOffset]]
"""The offsets of an archive's records, by `address_key`."""
Pictures = dict[int, bytes]


class PictureLine(NamedTuple):
    """A line of a page that has pictures."""

    number: int
    """From 1, as in the capture."""
    text: str
    addresses: tuple[str, ...]
    """The addresses as in the page, including `data:` addresses."""


def addresses_of(article: Article) -> dict[int, str]:
    """Return the known addresses of an article's pictures, by figure number."""
    figures = enumerate(article.figures[:MAX_PICTURES])
    return {n: url for n, figure in figures if figure.url and (url := clean_url(figure.url))}


def find_pictures(
    path: str, inner: str, article: Article, offsets: Offsets, *, for_export: bool = False
) -> Pictures:
    """Find the pictures of an article in the file `path`; `inner` follows it in the capture's source, such as ":12".

    `offsets` are those noted for its picture addresses. Takes as long as reading the page again, and never raises
    because of what the file contains or lacks.

    `for_export`: leave out files beside the page that are not in its own folder ("story_files"), which the page could
    name without having them, and pictures that can be reached only through the data before them, as in tar archives.
    """
    if not article.figures:
        return {}
    try:
        with open_file(path, explicit=True) as file:
            assert file.descriptor is not None
            if offsets and inner.rpartition(":")[2].isdecimal():
                return _in_records(file.descriptor, article, offsets, quick=for_export)
            source, is_packed = _unpacked(file.descriptor, file.name)
            if not inner:
                page = bytes(source.read(MAX_SAVED))
                folders = folders_of_pages([source.name]) if for_export else None
                return _in_page(source.name, page, article, partial(_read_beside, path, folders))
            read_members: Callable[[Collection[str], int], dict[str, bytes]]
            if not is_packed and is_zip(source.name, source.head):
                read_members = partial(_read_zip_members, file.descriptor)
            elif is_tar(source.name, source.head) and not for_export:
                read_members = partial(_read_tar_members, file.descriptor, file.name)
            else:
                return {}
            page = read_members([inner], MAX_SAVED).get(inner, b"")
            folder = inner[: inner.rfind("/") + 1]

            def read_beside(paths: Collection[str]) -> dict[str, bytes]:
                members = read_members([folder + path for path in paths], MAX_PICTURE + 1)
                return {name.removeprefix(folder): data for name, data in members.items()}

            return _in_page(inner, page, article, read_beside)
    except (CutShortError, UnreadableError, OSError, ValueError, LookupError, TypeError, RecursionError):
        return {}


def picture_lines(html: bytes, charset: str | None = None) -> list[PictureLine]:
    """Return the lines of a page that have pictures, in order. The page is UTF-8, or what it or `charset` says."""
    data = decode_page(html[:MAX_DOCUMENT], charset, complete=True)[0]
    grouped = {match[1].decode(): match[2].decode("ascii", "replace") for match in _GROUPED.finditer(data)}
    picture_lines = []
    number = 1
    for line in read_text(data).lines:
        number += line.gap
        if line.pictures:
            addresses = tuple(grouped.get(each.data, each.data) or each.address for each in line.pictures)
            picture_lines.append(PictureLine(number, _one_line(line.text), addresses))
    return picture_lines


def figure_addresses(article: Article, lines: Sequence[PictureLine]) -> dict[int, tuple[str, ...]]:
    """Return the possible addresses of each figure of an article, by figure number."""
    own = [line for line in lines if article.first_line <= line.number <= article.last_line]
    by_number: dict[int, tuple[str, ...]] = {}
    begin = 0
    for number, figure in enumerate(article.figures):
        texts = [_one_line(text) for text in (figure.alt, figure.caption, figure.credit) if text]
        for position in range(begin, len(own)):
            if own[position].text in texts:
                by_number[number] = own[position].addresses
                begin = position + 1
                break
    return by_number


def data_of(address: str) -> bytes | None:
    """Decode a `data:` address of a picture; None for other addresses."""
    match = _DATA_ADDRESS.match(address)
    if match is None:
        return None
    data = unquote_to_bytes(address[match.end() :])
    if not match[1]:
        return data
    try:
        return b64decode(data)
    except ValueError:
        return None


def path_beside(address: str) -> str:
    """Return the path, below the page's folder, that a relative address refers to; "" for other addresses."""
    try:
        split = urlsplit(address.strip())
    except ValueError:
        return ""
    path = unquote_to_bytes(split.path).decode("utf-8", "replace")
    if split.scheme or split.netloc or path.startswith("/") or "\0" in path or "\\" in path:
        return ""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "" if ".." in parts else "/".join(parts)


def _in_records(descriptor: int, article: Article, offsets: Offsets, *, quick: bool) -> Pictures:
    pictures = {}
    for number, address in addresses_of(article).items():
        for offset in offsets.get(address_key(address), ()):
            data = b""
            if not (quick and offset.skipped):
                with suppress(CutShortError):
                    data = _record_body(descriptor, offset, address)
            if is_picture(data):
                pictures[number] = data
                break
    return pictures


def _record_body(descriptor: int, offset: FileOffset, address: str) -> bytes:
    """Return the body of an address's record at an offset; b"" if another record is there now."""
    codec = codec_of(_source_from(descriptor, "", offset.start))
    source = _source_from(descriptor, "", offset.packed)
    if codec is not None:
        if not source.head.startswith(codec.starts):
            return b""
        source = source.inside("", "", Unpacking(source, codec).read, explicit=True)
    skipped = offset.skipped if offset.skipped < MAX_UNPACKED else 0
    while skipped and (data := source.read(min(skipped, _STEP))):
        skipped -= len(data)
    record = next(records(source, Tally("", ""), lambda _: True), None)
    if skipped or record is None or record.partial:
        return b""
    target = record.header.get(b"WARC-Target-URI").decode("utf-8", "replace").strip(" <>")
    response = response_of(record.content) if record.header.get(b"WARC-Type").lower() == b"response" else None
    if address_key(target) != address_key(address) or (response and response.status != _OK):
        return b""
    body, cut = body_of(record.content, response)
    return b"" if cut else body


def _in_page(
    name: str, page: bytes, article: Article, read_beside: Callable[[Collection[str]], Mapping[str, bytes]]
) -> Pictures:
    head = page[:HEAD_BYTES]
    saved: SavedPage | None = None
    if has_parts := is_mhtml(name, head) or is_webarchive(name, head):
        saved = saved_page(page)
    elif is_html(name, head):
        saved = SavedPage(page, None, None, None, {})
    if saved is None:
        return {}
    by_page = figure_addresses(article, picture_lines(saved.html, saved.charset))
    by_article = addresses_of(article)
    pictures: Pictures = {}
    beside: list[tuple[int, str]] = []
    for number in range(min(len(article.figures), MAX_PICTURES)):
        addresses = [*filter(None, [by_article.get(number)]), *by_page.get(number, ())]
        contained = (saved.pictures.get(address) or data_of(address) or b"" for address in addresses)
        if data := next(filter(is_picture, contained), None):
            pictures[number] = data
        elif not has_parts:
            beside += [(number, path) for path in map(path_beside, addresses) if path]
    contents = read_beside([path for _, path in beside]) if beside else {}
    for number, path in beside:
        if number not in pictures and is_picture(content := contents.get(path, b"")):
            pictures[number] = content
    return pictures


def _read_beside(page: str, folders: Collection[str] | None, paths: Collection[str]) -> dict[str, bytes]:
    """Read files in the folder of a page, or only in these folders there, up to the size limit of pictures.

    Links are not followed.
    """
    top = os.path.dirname(page) or "."  # noqa: PTH120 (Path changes the spelling)
    contents = {}
    for path in paths:
        first, below, _ = path.partition("/")
        if folders is None or (below and first in folders):
            folder = os.path.realpath(top) + ("" if folders is None else f"/{first}")
            with suppress(UnreadableError, OSError, ValueError):
                if os.path.commonpath((os.path.realpath(f"{top}/{path}"), folder)) == folder:
                    with open_file(f"{top}/{path}", explicit=False) as source:
                        contents[path] = bytes(source.read(MAX_PICTURE + 1))
    return contents


def _read_zip_members(descriptor: int, names: Collection[str], most: int) -> dict[str, bytes]:
    status = os.fstat(descriptor)
    identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    if identity not in _opened:
        archive = open_zip(descriptor)
        _opened.clear()
        _opened[identity] = archive, {name_of(member): member for member in archive.infolist()}
    archive, members = _opened[identity]
    known = ((name, reader_of(archive, members[name])) for name in names if name in members)
    return _contents(known, names, most)


def _read_tar_members(descriptor: int, archive: str, names: Collection[str], most: int) -> dict[str, bytes]:
    members = tar_files(_unpacked(descriptor, archive)[0], Tally("", ""))
    return _contents(((name, read) for name, read, _ in members), names, most)


def _contents(
    members: Iterable[tuple[str, Callable[[int], bytes]]], names: Collection[str], most: int
) -> dict[str, bytes]:
    """Read the members with these names that are whole, at most `most` bytes of each."""
    contents: dict[str, bytes] = {}
    for name, read in members:
        if name in names and name not in contents:
            source = Source("", name, read, explicit=True)
            data = bytes(source.read(most))
            if not source.cut:
                contents[name] = data
        if len(contents) == len(set(names)):
            break
    return contents


def _unpacked(descriptor: int, name: str) -> tuple[Source, bool]:
    """Return a file's content, unpacked up to `MAX_UNPACKED`, and whether it is compressed."""
    source = _source_from(descriptor, name, 0)
    codec = codec_of(source)
    if codec is None:
        return source, False
    unpacking = Unpacking(source, codec)
    left = MAX_UNPACKED

    def read(most: int) -> bytes:
        nonlocal left
        data = unpacking.read(min(most, left)) if left else b""
        left -= len(data)
        return data

    return source.inside("", unpacked_name(name), read, explicit=True), True


def _source_from(descriptor: int, name: str, position: int) -> Source:
    """Return a source that reads an open file from a position on; it takes the place of the one before."""
    os.lseek(descriptor, position, os.SEEK_SET)
    return Source("", name, partial(os.read, descriptor), explicit=True)


def _one_line(text: str) -> str:
    return " ".join(sanitize(text).split())
