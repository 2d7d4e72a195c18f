"""The pictures of an article, where the capture that it is from still has them: never from the network.

A capture says where it is from (`pages/story.html`, `pages.zip/2022/story.html`, `crawl.warc.gz:12`): its pictures
are in the page itself, in files or members beside it, in parts of the same message, or in other records of the same
archive. Nothing is copied into the library, and an archive that has gone has no pictures any more.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from reader.article import Article
from reader.captures import picture_index, recognise
from reader.captures.html import MAX_DOCUMENT, looks_like_html
from reader.captures.html.pictures import data_of, parts_beside, placed, spots
from reader.captures.mhtml import MAX_MESSAGE, Mhtml, parts_of
from reader.captures.picture_members import Members
from reader.captures.source import CutShortError, UnreadableError, open_file
from reader.captures.unpacking import Unpacking
from reader.captures.window import Window, whole
from reader.safe_text import clean_url

MAX_PICTURE: Final = 8 << 20
"""The most bytes of a picture that is shown, packed as it is."""
MOST_PICTURES: Final = 24
"""Pictures of one article that are looked for."""
MOST_WARCS: Final = 16
"""WARC files of one WACZ that are looked through."""
_MAGIC: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")


class Unindexed(NamedTuple):
    """An archive whose records must be found first, by `picture_index.main` in a process of its own."""

    path: Path
    words: tuple[str, ...]
    """What that is told."""


class Found(NamedTuple):
    """What was found of an article's pictures."""

    pictures: dict[int, bytes]
    """The files of the figures that have one, by the figures' numbers."""
    unindexed: Unindexed | None = None
    """What must be done before more can be found; None when that is all there is."""


def find_pictures(path: str, inner: str, article: Article, indexes: Path) -> Found:
    """The pictures of an article in a file; `inner` is what follows that in the capture's label, such as ":12".

    `indexes` is the folder for what is remembered. Takes as long as reading the page anew does, and never raises for
    what is, or is not, there.
    """
    try:
        with open_file(path, explicit=True) as opened:
            assert opened.descriptor is not None
            window = whole(opened.descriptor, path)
            return _Search(article, path, indexes).inside(window, inner)
    except (CutShortError, UnreadableError, OSError, ValueError):
        return Found({})


class _Search:
    def __init__(self, article: Article, path: str, indexes: Path) -> None:
        self._article = article
        self._path = path
        self._indexes = indexes

    def inside(self, window: Window, inner: str) -> Found:
        """The pictures in a file, of what is named in it."""
        packing, base = window.packing()
        source = window.source(base)
        if packing is not None:
            source = source.inside("", _bare(window.name), Unpacking(source, packing).read, explicit=True)
        head, name = source.head, source.name
        if recognise.warc(name, head):
            return self._in_warc(window)
        if packing is None and recognise.zip(name, head):
            return self._in_members(Members.of_zip(window), inner)
        if recognise.tar(name, head):
            return self._in_members(Members.of_tar(window, packing), inner)
        if inner:
            return Found({})
        if Mhtml().recognises(name, head):
            return self._in_message(bytes(source.read(MAX_MESSAGE)))
        if looks_like_html(head) or name.lower().endswith((".html", ".htm", ".xhtml")):
            return self._in_page(bytes(source.read(MAX_DOCUMENT)), self._beside)
        return Found({})

    def _in_warc(self, window: Window) -> Found:
        addresses = {n: url for n, url in self._addresses().items() if url}
        if not addresses:
            return Found({})
        index = picture_index.file_of(self._indexes, self._path, window)
        found = picture_index.look_up(index, window, tuple(dict.fromkeys(addresses.values())))
        if found is None:
            start, size = str(window.start), str(window.size)
            return Found({}, Unindexed(index, (str(index), self._path, window.name, start, size)))
        return Found({n: found[url] for n, url in addresses.items() if is_picture(found.get(url, b""))})

    def _in_members(self, members: Members, inner: str) -> Found:
        """Beside a page in an archive of files, or in a WARC that is stored in one."""
        name = next((name for name in members.names(inner) if inner.startswith(name)), None)
        if name is None:
            return Found({})
        rest = inner[len(name) :]
        if rest[:1] in (":", "/"):
            stored = members.window(name)
            return Found({}) if stored is None else self._in_stored(members, stored, rest.lstrip("/"))
        page = members.read([name], MAX_MESSAGE).get(name, b"")
        if Mhtml().recognises(name, page[:MAX_DOCUMENT]):
            return self._in_message(page)
        folder = name.rpartition("/")[0]

        def beside(wanted: Sequence[tuple[str, ...]]) -> list[bytes]:
            names = ["/".join((folder, *parts) if folder else parts) for parts in wanted]
            found = members.read(names, MAX_PICTURE + 1)
            return [found.get(name, b"") for name in names]

        return self._in_page(page, beside)

    def _in_stored(self, members: Members, stored: Window, rest: str) -> Found:
        """In an archive in an archive; what one WARC file of a crawl has not may be in another beside it."""
        found = self.inside(stored, rest)
        missing = {n for n, url in self._addresses().items() if url} - found.pictures.keys()
        if found.unindexed is not None or not missing or not is_warc(stored.name):
            return found
        for other in members.windows(is_warc, MOST_WARCS):
            if other != stored and missing - found.pictures.keys():
                more = self.inside(other, "")
                found = Found(more.pictures | found.pictures, more.unindexed)
                if found.unindexed is not None:
                    break
        return found

    def _in_message(self, data: bytes) -> Found:
        """In the parts of a saved page: by their address, or by what the page calls them."""
        page, charset, parts = parts_of(data)
        by_page = placed(self._article, spots(page, charset))
        pictures = {}
        for n, url in self._addresses().items():
            for address in (url, *by_page.get(n, ())):
                data = (address and (parts.get(address) or data_of(address))) or b""
                if is_picture(data):
                    pictures[n] = data
                    break
        return Found(pictures)

    def _in_page(self, html: bytes, beside: Callable[[Sequence[tuple[str, ...]]], list[bytes]]) -> Found:
        """In a page itself, and in the files beside it."""
        pictures: dict[int, bytes] = {}
        wanted: list[tuple[int, tuple[str, ...]]] = []
        for n, addresses in placed(self._article, spots(html)).items():
            if n >= MOST_PICTURES:
                break
            data = next(filter(None, map(data_of, addresses)), None)
            if data is not None:
                pictures[n] = data
            else:
                wanted += [(n, parts) for parts in map(parts_beside, addresses) if parts]
        if wanted:
            files = beside([parts for _, parts in wanted])
            for (n, _), data in zip(wanted, files, strict=True):
                if data:
                    pictures.setdefault(n, data)
        return Found({n: data for n, data in pictures.items() if is_picture(data)})

    def _beside(self, wanted: Sequence[tuple[str, ...]]) -> list[bytes]:
        """Files below the folder of the page's file; links are not followed."""
        folder = os.path.dirname(self._path) or "."  # noqa: PTH120
        real = os.path.realpath(folder)
        return [_file(os.path.join(folder, *parts), real) for parts in wanted]  # noqa: PTH118

    def _addresses(self) -> dict[int, str]:
        figures = self._article.figures[:MOST_PICTURES]
        return {n: (clean_url(figure.url) or "") if figure.url else "" for n, figure in enumerate(figures)}


def is_warc(name: str) -> bool:
    """Whether a member is called as WARC files are."""
    return name.lower().endswith((".warc", ".warc.gz", ".warc.zst"))


def is_picture(data: bytes) -> bool:
    """Whether the bytes start as one of the kinds of pictures that are shown does, and are not too many."""
    if len(data) > MAX_PICTURE:
        return False
    return data.startswith(_MAGIC) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP")


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
