"""Fetches captures one by one from the Wayback Machine or Common Crawl, and stores each before requesting the next.

https://commoncrawl.org describes Common Crawl: its index server lists captures, and ranges of its WARC files have them.
There is an index for each crawl, about ten a year, so only those of the dates in question are asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator

from reader.archives.addresses import LIFETIME, Server, capture_in, is_on, page_key
from reader.archives.client import MOST, Answer, AnswerError, Client
from reader.archives.listing import Listed, ListPart, Query, listing, unpacked
from reader.archives.warc_folder import Record, WarcFolder
from reader.errors import FetchError
from reader.model import Problem
from reader.sanitize import clean_url, parse_http_date

MOST_FAILURES = 10
"""Give up after this many consecutive pages without an answer."""
_MOST_INFO = 8 << 20
INDEX = "https://index.commoncrawl.org"
DATA = "https://data.commoncrawl.org"
_is_crawl = re.compile(r"CC-MAIN-(\d{4})-\d\d", re.ASCII).fullmatch
_is_warc = re.compile(r"crawl-data/(?:[\w-]+[\w.-]*/)*[\w-]+[\w.-]*\.warc\.gz", re.ASCII).fullmatch


def servers() -> tuple[Server, Server]:
    """The servers of the index and of the captures."""
    return _server(INDEX), _server(DATA)


def _server(root: str, crawl: str = "") -> Server:
    return Server(
        root,
        f"{root}/{crawl}-index",
        root,
        paged=True,
        filters=("=status:200", "=mime:text/html"),
        named_by="",
    )


class CommonCrawl:
    """Lists captures of all crawls of some dates, and fetches one."""

    def __init__(self, index: Client, data: Client) -> None:
        """`index` and `data` are clients of the servers from `servers`."""
        self._index = index
        self._data = data
        self.name = index.server.name
        self.interval = data.interval

    def listing(self, query: Query) -> Iterator[ListPart]:
        """The captures that a query finds, crawl by crawl; see `listing.listing`."""
        first, last = query.since, query.until
        if not (first or last) and is_on(urlsplit(query.pattern.url).hostname or ""):
            first, last = LIFETIME
        for crawl in self._crawls(first or "", last or ""):
            for part in listing(self._index, query, _server(self.name, crawl)):
                yield part._replace(captures=[c._replace(archive="commoncrawl") for c in part.captures])

    def record(self, listed: Listed) -> Record:
        """Fetch a capture from its WARC file; AnswerError if it cannot be had."""
        if not _is_warc(listed.file) or not 0 < listed.length <= MOST:
            raise AnswerError("missing", "the archive does not say where the capture is stored")
        url = f"{self._data.server.replay}/{listed.file}"
        last = listed.offset + listed.length - 1
        answer = self._data.get_capture(url, (listed.offset, last))
        try:
            return _record(answer, listed, f"{url}#bytes={listed.offset}-{last}")
        except AnswerError:
            raise
        except Exception as error:  # Damaged records can raise anything.
            raise AnswerError("damaged", "the archive's record of it is damaged or too long") from error

    def _crawls(self, since: str, until: str) -> Iterator[str]:
        """Yield the ids of the crawls that may have captures of these dates, the newest first."""
        try:
            answer = self._index.get(f"{self.name}/collinfo.json", _MOST_INFO)
            crawls = json.loads(answer.body) if answer.status == 200 else None
        except AnswerError as error:
            raise FetchError(
                f"{self.name}: the list of crawls could not be fetched: {error.reason}"
            ) from error
        except (ValueError, RecursionError):
            crawls = None
        if not isinstance(crawls, list):
            raise FetchError(f"{self.name}: the server does not list its crawls; try again later")
        for crawl in crawls:
            if isinstance(crawl, dict) and (match := _is_crawl(str(crawl.get("id")))):
                # Older lists have only the year, in the id.
                begin, end = (
                    re.sub(r"\D", "", str(crawl.get(name) or match[1])).ljust(14, fill)
                    for name, fill in (("from", "0"), ("to", "9"))
                )
                if end[: len(since)] >= since and (not until or begin[: len(until)] <= until):
                    yield match[0]


def _record(answer: Answer, listed: Listed, source: str) -> Record:
    """Make the record of a gzip member. AnswerError if it is not the capture, any other exception if damaged."""
    record = next(iter(ArchiveIterator(BytesIO(unpacked(answer.body, MOST)))))
    url = clean_url(record.rec_headers.get_header("WARC-Target-URI") or "")
    captured = re.sub(r"\D", "", record.rec_headers.get_header("WARC-Date") or "")[:14]
    if record.rec_type != "response" or url is None or page_key(url) != listed.key:
        raise AnswerError("no capture", "the archive has something else in its place")
    if captured != listed.timestamp or record.http_headers.get_statuscode() != "200":
        raise AnswerError("no capture", "the archive has another capture in its place")
    body = record.content_stream().read(MOST + 1)
    if len(body) > MOST:
        raise AnswerError("too large", f"it is longer than {MOST >> 20} MB; it was left out")
    if not body:
        raise AnswerError("empty", "the archive's capture is empty; try another date")
    kind = (record.http_headers.get_header("Content-Type") or "").strip()
    return Record("commoncrawl", url, captured, source, kind, body)


class ReplayArchive:
    """The Wayback Machine, or a pywb collection: captures are replayed at addresses of their own."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.name = client.server.name
        self.interval = client.interval

    def listing(self, query: Query) -> Iterator[ListPart]:
        """The captures that a query finds; see `listing.listing`."""
        return listing(self._client, query)

    def record(self, listed: Listed) -> Record:
        """Fetch a capture; AnswerError if it cannot be had."""
        source = self._client.server.bytes_of(listed.timestamp, listed.url)
        answer = self._client.get_capture(source)
        shown = capture_in(answer.url)
        if not shown or page_key(shown[1]) != listed.key:
            raise AnswerError("redirect", "the archive showed another page in its place")
        # Archives send it with a capture (RFC 7089).
        moment = parse_http_date(answer.headers.get("Memento-Datetime"))
        if moment is None:
            raise AnswerError(
                "no capture", "the archive answered with a page of its own instead of the capture"
            )
        if not answer.body:
            raise AnswerError("empty", "the archive's capture is empty; try another date")
        captured = f"{moment.year:04}{moment:%m%d%H%M%S}"
        kind, encoding = (answer.headers.get(f"Content-{name}", "") for name in ("Type", "Encoding"))
        if encoding.lower() in ("gzip", "x-gzip") and not answer.body.startswith(b"\x1f\x8b"):
            encoding = ""  # The header is the capture's; the archive has unpacked the bytes.
        return Record("wayback", shown[1], captured, source, kind, answer.body, encoding)


Archive = ReplayArchive | CommonCrawl


def fetch(
    archives: Mapping[str, Archive], captures: Iterable[Listed], folder: WarcFolder
) -> Iterator[int | Problem]:
    """Fetch captures into `folder`, archive by archive. Yield the bytes of each, or a Problem if it is not available.

    `archives` by the names that `Listed.archive` has. FetchError if a server can no longer be used, or nothing can be
    kept.
    """
    failures = 0
    for listed in sorted(captures, key=lambda listed: list(archives).index(listed.archive)):
        archive = archives[listed.archive]
        try:
            record = archive.record(listed)
        except AnswerError as error:
            yield Problem(f"{listed.url} ({listed.timestamp})", error.kind, error.reason)
            failures = failures + 1 if error.kind in ("damaged", "refused") else 0
            if failures == MOST_FAILURES:
                raise FetchError(
                    f"{archive.name}: {failures} pages in a row could not be fetched; "
                    "run the same command again later"
                ) from error
            continue
        failures = 0
        folder.keep(record)
        yield len(record.body)
