"""Reads the pages in WARC and WET files, with their addresses and times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from reader.captures.results import (
    MAX_PICTURE_RECORDS,
    Items,
    PictureRecord,
    ReadPage,
    Tally,
    address_key,
    catch_failures,
    is_picture,
    names_picture,
    skipped_parts,
)
from reader.captures.source import CutShortError, Source
from reader.captures.times import time_of
from reader.captures.warc.http import PackedBodyError, body_of, looks_like_html, media_of, response_of
from reader.captures.warc.records import TOO_LONG, Damage, Header, Record, records
from reader.model import Problem
from reader.sanitize import clean_url, many, sanitize

ReadRecords = Callable[[Source, Damage, Callable[[Header], bool]], Iterator[Record]]
_PAGES: Final = frozenset({b"response", b"resource", b"conversion"})
_SILENT: Final = frozenset({b"warcinfo", b"request", b"metadata", b"revisit"})
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_TEXT: Final = "text/plain"
CUT_BY_CRAWLER: Final = "the crawler saved only its start"
_OK: Final = 200
_MOST_KINDS: Final = 200
"""How many kinds of skipped records are counted separately: a file can name any number."""


def read_warc(source: Source, read_page: ReadPage, read_records: ReadRecords = records) -> Items:
    """Read the pages in a WARC file, in order, then one problem for all damage and one for all skipped records.

    `read_records` is another function for files with such records in another form.
    """
    return _PageReader(source, read_page, read_records).read()


class _PageReader:
    def __init__(self, source: Source, read_page: ReadPage, read_records: ReadRecords) -> None:
        self._source = source
        self._read_records = read_records
        self._read_page = read_page
        self._tally = Tally(source.label, "record")
        self._others: Counter[str] = Counter()
        self._damage = Damage()
        self._pages = 0
        self._has_skipped_sites = False
        self._pictures = 0
        self._skipped_pictures: list[PictureRecord] = []

    def read(self) -> Items:
        label = self._source.label
        for record in self._source.parts(self._read_records(self._source, self._damage, self._wants)):
            for item in catch_failures(self._read_record(record), label):
                if not isinstance(item, Problem):
                    yield item
                elif item.reason is not record.partial or item.kind != "damaged":  # these are counted already
                    self._tally.add(item.kind, item.reason, record.number)
                del item
            del record
            yield from self._skipped_pictures
            self._skipped_pictures.clear()
        yield from self._skipped_pictures
        yield from self._damaged()
        yield from self._tally.problems()
        yield from skipped_parts(self._source.label, "record", self._others)
        if self._source.cut:
            yield self._source.cut._replace(partial=self._pages > 0)
        elif not (
            self._pages or self._has_skipped_sites or self._others or self._tally or self._damage.counts
        ):
            yield Problem(self._source.label, "no page", "none of its records is a page")

    def _wants(self, header: Header) -> bool:
        """Return whether a record may be a page of the site."""
        kind = header.get(b"WARC-Type").lower()
        if kind not in _PAGES:
            if kind not in _SILENT:
                self._count_skipped(f"of the type {_shown(kind)}")
            return False
        address = _address(header)
        if address and address.startswith("metadata:"):  # what wget says about itself
            return False
        is_wanted = self._source.filter.accepts(address)
        self._has_skipped_sites = self._has_skipped_sites or not is_wanted
        if (
            not is_wanted and address and names_picture(address)
        ):  # a site may have its pictures on other hosts
            self._skipped_pictures += self._picture(header)
        return is_wanted

    def _read_record(self, record: Record) -> Items:
        header = record.header
        content = record.content
        media = media_of(header.get(b"Content-Type"))
        response = response_of(content) if header.get(b"WARC-Type").lower() == b"response" else None
        if response:
            if response.status != _OK:
                self._count_skipped(f"with status {response.status}")
                return
            media = media_of(response.fields.get(b"content-type", b""))
        if media.name and media.name not in _HTML and media.name != _TEXT:
            start = response.body if response else 0
            if media.name.startswith("image/") or is_picture(content[start : start + 16]):
                yield from self._picture(header)
            self._count_skipped(media.name)
            return
        try:
            feed = body_of(content, response, _reason(record, header))
        except PackedBodyError as error:
            yield Problem(
                self._source.label, "packed", f"packed with {error}, which is not supported, so skipped"
            )
            return
        address = _address(header)
        page = self._source.inside(f"{self._source.label}:{record.number}", "page.txt", feed, explicit=True)
        page.url = clean_url(address) if address else None
        page.captured = time_of(header.get(b"WARC-Date").decode("ascii", "replace"))
        page.charset = media.charset
        if media.name in _HTML or (not media.name and looks_like_html(page.head)):
            page.name = "page.html"
        elif not media.name:
            self._count_skipped("of no declared type")
            return
        self._pages += 1
        yield from self._read_page(page)

    def _picture(self, header: Header) -> Iterator[PictureRecord]:
        """Yield the record as a possible picture of a page."""
        address = _address(header)
        offset = self._source.offset_of(header.position)
        if address and offset and self._pictures < MAX_PICTURE_RECORDS:
            self._pictures += 1
            yield PictureRecord(self._source.label, address_key(address), offset)

    def _count_skipped(self, kind: str) -> None:
        if kind not in self._others and len(self._others) >= _MOST_KINDS:
            kind = "others"
        self._others[kind] += 1

    def _damaged(self) -> Iterator[Problem]:
        damage = self._damage
        if damage.first is None:
            return
        kinds = "; ".join(f"{count:,} {reason}" for reason, count in damage.counts.items())
        places = many(sum(damage.counts.values()), "damaged record")
        reason = f"{places}, first at byte {damage.first:,}: {kinds}; the rest was read"
        yield Problem(self._source.label, "damaged", reason, partial=True)


def _reason(record: Record, header: Header) -> CutShortError | None:
    """Return why a record's page is incomplete; None if it is complete."""
    if record.partial:
        return CutShortError("too large" if record.partial is TOO_LONG else "damaged", record.partial)
    if header.get(b"WARC-Truncated"):
        return CutShortError("cut off", CUT_BY_CRAWLER)
    return None


def _address(header: Header) -> str | None:
    """Return the unchecked address of a record."""
    address = header.get(b"WARC-Target-URI").decode("utf-8", "replace").strip()
    return address.removeprefix("<").removesuffix(">") or None


def _shown(name: bytes) -> str:
    return sanitize(name[:40].decode("utf-8", "replace")) or "?"
