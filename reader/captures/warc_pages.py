"""Reads the pages that crawlers and browsers recorded, with their addresses and times: in WARC, WET, ARC and HAR files.

HAR is the log of a browser's network tools; each response with a page is a capture.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from reader.addresses import clean_url
from reader.captures.pages import looks_like_html
from reader.captures.results import (
    MAX_PICTURE_RECORDS,
    Items,
    PictureRecord,
    ReadPage,
    Tally,
    address_key,
    is_picture,
    names_picture,
)
from reader.captures.source import CutShortError, Source, encoded
from reader.captures.tables import has_too_many_values
from reader.captures.warc import (
    TOO_LONG,
    Header,
    Record,
    arc_records,
    body_of,
    media_of,
    records,
    response_of,
)
from reader.dates import time_of
from reader.model import Problem
from reader.sanitize import sanitize

ReadRecords = Callable[[Source, Tally, Callable[[Header], bool]], Iterator[Record]]
_PAGES: Final = frozenset({b"response", b"resource", b"conversion"})
_SILENT: Final = frozenset({b"warcinfo", b"request", b"metadata", b"revisit"})
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_TEXT: Final = "text/plain"
CUT_BY_CRAWLER: Final = "the crawler saved only its start"
_OK: Final = 200
MAX_LOG: Final = 64 << 20
"""The size of the largest log that is read, which must be in memory as a whole."""
_MAX_LOG_VALUES: Final = 4 << 20
_LOGGED_PAGES: Final = {
    "text/html": "page.html",
    "application/xhtml+xml": "page.html",
    "text/plain": "page.txt",
}


def read_warc(source: Source, read_page: ReadPage, read_records: ReadRecords = records) -> Items:
    """Read the pages in a WARC file, in order, then one problem for all damage and one for all skipped records.

    `read_records` is another function for files with such records in another form.
    """
    return _PageReader(source, read_page).read(read_records)


def read_arc(source: Source, read_page: ReadPage) -> Items:
    """Read the pages in an ARC file, in order, then the problems, as in a WARC file."""
    source.offset_of = lambda _: None  # pictures are found again in WARC files only
    return read_warc(source, read_page, arc_records)


class _PageReader:
    def __init__(self, source: Source, read_page: ReadPage) -> None:
        self._source = source
        self._read_page = read_page
        self._tally = Tally(source.label, "record")
        self._pages = self._pictures = 0
        self._has_skipped_sites = False
        self._skipped_pictures: list[PictureRecord] = []

    def read(self, read_records: ReadRecords) -> Items:
        for record in self._source.parts(read_records(self._source, self._tally, self._wants)):
            yield from self._tally.collect(self._read_record(record), record.number)
            del record
            yield from self._skipped_pictures
            self._skipped_pictures.clear()
        yield from self._skipped_pictures
        yield from self._tally.problems()
        if self._source.cut:
            yield self._source.cut._replace(partial=self._pages > 0)
        elif not (self._pages or self._has_skipped_sites or self._tally):
            yield Problem(self._source.label, "no page", "none of its records is a page")

    def _wants(self, header: Header) -> bool:
        kind = header.get(b"WARC-Type").lower()
        if kind not in _PAGES:
            if kind not in _SILENT:
                name = sanitize(kind[:40].decode("utf-8", "replace")) or "?"
                self._tally.skip(f"of the type {name}")
            return False
        address = _address(header)
        if address.startswith("metadata:"):  # what wget says about itself
            return False
        is_wanted = self._source.filter.accepts(address)
        self._has_skipped_sites = self._has_skipped_sites or not is_wanted
        if not is_wanted and names_picture(address):  # a site may have its pictures on other hosts
            self._skipped_pictures += self._picture(header)
        return is_wanted

    def _read_record(self, record: Record) -> Items:
        header = record.header
        content = record.content
        media, charset = media_of(header.get(b"Content-Type"))
        response = response_of(content) if header.get(b"WARC-Type").lower() == b"response" else None
        if response:
            if response.status != _OK:
                self._tally.skip(f"with status {response.status}")
                return
            media, charset = media_of(response.fields.get(b"content-type", b""))
        if media and media not in _HTML and media != _TEXT:
            start = response.body if response else 0
            if media.startswith("image/") or is_picture(content[start : start + 16]):
                yield from self._picture(header)
            self._tally.skip(media)
            return
        cut = None
        if record.partial:
            cut = CutShortError("too large" if record.partial is TOO_LONG else "damaged", record.partial)
        elif header.get(b"WARC-Truncated"):
            cut = CutShortError("cut off", CUT_BY_CRAWLER)
        body, damage = body_of(content, response)
        page = self._source.page(record.number, "page.txt", body, cut or damage)
        page.url = clean_url(_address(header))
        page.captured = time_of(header.get(b"WARC-Date").decode("ascii", "replace"))
        page.charset = charset
        if media in _HTML or (not media and looks_like_html(page.head)):
            page.name = "page.html"
        elif not media:
            self._tally.skip("of no declared type")
            return
        self._pages += 1
        yield from self._read_page(page)

    def _picture(self, header: Header) -> Iterator[PictureRecord]:
        address = _address(header)
        offset = self._source.offset_of(header.position)
        if address and offset and self._pictures < MAX_PICTURE_RECORDS:
            self._pictures += 1
            yield PictureRecord(self._source.label, address_key(address), offset)


def _address(header: Header) -> str:
    address = header.get(b"WARC-Target-URI").decode("utf-8", "replace").strip()
    return address.removeprefix("<").removesuffix(">")


def read_har(source: Source, read_page: ReadPage) -> Items:
    """Read the pages in a log, in order, then one problem for each kind of damage and one for all other responses."""
    data = bytes(source.read(MAX_LOG + 1))
    if len(data) > MAX_LOG or has_too_many_values(data, _MAX_LOG_VALUES):
        yield Problem(
            source.label, "too large", f"a log of over {MAX_LOG >> 20} MB; save fewer pages at once"
        )
        return
    if source.cut:
        yield source.cut._replace(partial=False)
        return
    tally = Tally(source.label, "response")
    pages = 0
    try:
        entries = list(json.loads(data.decode("utf-8-sig", "replace"))["log"]["entries"])
    except (ValueError, LookupError, TypeError, RecursionError):
        yield Problem(source.label, "damaged", "no network log that can be read; save it again")
        return
    for number, entry in enumerate(entries, 1):
        try:
            page = _logged_page(source, number, entry, tally)
        except (ValueError, LookupError, TypeError, AttributeError):
            tally.add("damaged", "damaged, so skipped; the rest was read", number)
            continue
        if page:
            pages += 1
            yield from tally.collect(read_page(page), number)
    yield from tally.problems()
    if not (pages or tally):
        yield Problem(source.label, "no page", "none of its responses is a page")


def _logged_page(source: Source, number: int, entry: Mapping[str, Any], tally: Tally) -> Source | None:
    """Return the page in an entry; None if it is none of the site's, or another response, which is counted."""
    response = entry["response"]
    content = response.get("content") or {}
    media, charset = media_of(str(content.get("mimeType") or "").encode())
    if response["status"] != _OK:
        tally.skip(f"with status {sanitize(str(response['status']))[:10]}")
        return None
    if media not in _LOGGED_PAGES or not content.get("text"):
        tally.skip(f"{media} without content" if media in _LOGGED_PAGES else media or "of no declared type")
        return None
    url = str(entry["request"]["url"])
    if not source.filter.accepts(url):
        return None
    text, is_packed = content["text"], content.get("encoding") == "base64"
    data = b64decode(text) if is_packed else encoded(text)
    page = source.page(number, _LOGGED_PAGES[media], data)
    page.url = clean_url(url)
    page.captured = time_of(entry.get("startedDateTime"))
    page.charset = charset if is_packed else "utf-8"
    return page
