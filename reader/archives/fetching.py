"""Lists what web archives have (CDX), chooses the best capture of each page, and fetches captures one by one.

The rules of choosing, in this order:

1. Only HTML with status 200, within the requested dates.
2. Captures made before the site closed, rather than later ones: the address may have a new owner.
3. Complete ones, at least three quarters as long as the longest: notices, errors and consent pages are short.
4. The page's own address, rather than the same with a query (`?rebelltitem=2`).
5. The latest, which has corrections. Of two of the same second, the longer.

Captures of several archives are compared in the same way: of the Wayback Machine or another server with its layout or
pywb's, and of Common Crawl. https://commoncrawl.org describes Common Crawl: its index server lists captures, and ranges
of its WARC files have them. There is an index for each crawl, about ten a year, so only those of the dates in question
are asked.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import unquote_plus, urlencode, urlsplit

from warcio.archiveiterator import ArchiveIterator

from reader.addresses import clean_url
from reader.archives.addresses import LIFETIME, Pattern, Server, capture_in, is_on, is_plain, page_key
from reader.archives.client import MOST, Answer, AnswerError, Client, OnWait
from reader.archives.warc_folder import Record, WarcFolder
from reader.dates import parse_http_date, time_of
from reader.errors import FetchError
from reader.model import Problem
from reader.sanitize import sanitize

# Listing

WHOLE = 0.75
"""The least length of a complete capture, as a part of the longest."""
ROWS = 10_000
"""How many captures to request at a time, if the server can continue a list."""
MOST_ROWS = 300_000
"""How many captures to request if it cannot."""
MOST_BYTES = 16 << 20
"""The longest answer with `ROWS` captures."""
MOST_BYTES_AT_ONCE = 128 << 20
"""The longest answer with `MOST_ROWS` captures."""
MOST_PARTS = 10_000
"""Answers after which a list counts as endless."""


class Listed(NamedTuple):
    """One capture as an archive lists it."""

    timestamp: str
    """The time of the capture, in UTC: 14 digits, YYYYMMDDhhmmss."""
    url: str
    length: int
    """Compressed bytes in the archive; 0 if unknown."""
    archive: str = "wayback"
    file: str = ""
    """The WARC file that has it, if the archive says so, and where in the file it begins."""
    offset: int = 0

    @property
    def key(self) -> str:
        """The key that captures of one page share."""
        return page_key(self.url)


def best_captures(captures: Iterable[Listed]) -> list[Listed]:
    """The best capture of each page, sorted by address."""
    pages: defaultdict[str, list[Listed]] = defaultdict(list)
    for capture in captures:
        pages[capture.key].append(capture)
    return [_best(pages[key]) for key in sorted(pages)]


def _best(captures: list[Listed]) -> Listed:
    if is_on(urlsplit(captures[0].url).hostname or ""):
        captures = [capture for capture in captures if capture.timestamp[:4] <= LIFETIME[1]] or captures
    longest = max(capture.length for capture in captures)
    whole = [capture for capture in captures if capture.length >= WHOLE * longest]
    return max(whole, key=lambda listed: (is_plain(listed.url), listed.timestamp, listed.length, listed))


class ListPart(NamedTuple):
    """One part of a list, from one answer."""

    captures: list[Listed]
    skipped: list[str]
    resume: str | None = None
    """The key that continues the list; None at its end, or if the server has none."""
    pages: int | None = None
    """The number of numbered pages, if that was the answer."""

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.captures) + len(self.skipped)


class Query(NamedTuple):
    """The captures to list."""

    pattern: Pattern
    since: str | None = None
    """The first and last date, as `moment` returns them; None for any."""
    until: str | None = None


def listing(client: Client, query: Query, server: Server | None = None) -> Iterator[ListPart]:
    """Yield all captures that a query finds, part by part. FetchError if there is no list.

    `server` has the address of the list, if it is not that of the client's server.
    """
    server = server or client.server
    perhaps_more = "and perhaps more: the server may not list everything; ask for less at a time"
    if server.paged:
        # A server without numbered pages answers with the list itself.
        part = _ask(client, server, query, limit=MOST_ROWS, showNumPages="true")
        if part.pages is None:
            yield part
            if part.lines >= MOST_ROWS:
                yield ListPart([], [perhaps_more])
        elif part.pages > MOST_PARTS:
            raise FetchError(
                f"{server.name}: the list has {part.pages:,} pages; narrow the pattern or the dates"
            )
        for number in range(part.pages or 0):
            yield _ask(client, server, query, page=number)
        return
    fields = "timestamp,original,mimetype,statuscode,length"
    used: set[str] = set()
    more: dict[str, str] = {}
    while True:
        part = _ask(client, server, query, fl=fields, limit=ROWS, showResumeKey="true", gzip="false", **more)
        yield part
        if not part.resume:
            if part.lines >= ROWS and not used:
                yield ListPart([], [perhaps_more])
            return
        if part.resume in used or not part.lines or len(used) == MOST_PARTS:
            raise FetchError(f"{server.name}: the server's list of captures repeats itself; try again later")
        used.add(part.resume)
        more = {"resumeKey": part.resume}


def _ask(client: Client, server: Server, query: Query, **fields: object) -> ListPart:
    """Request one answer, and once more if it is incomplete."""
    pattern, since, until = query
    parameters = [("url", pattern.url), ("matchType", pattern.match), ("output", "json")]
    parameters += [("filter", condition) for condition in server.filters]
    parameters += [(name, value) for name, value in (("from", since), ("to", until)) if value]
    address = f"{server.listing}?{urlencode([*parameters, *fields.items()])}"
    most = MOST_BYTES_AT_ONCE if server.paged else MOST_BYTES
    for _ in range(2):
        try:
            answer = client.get(address, most)
            body = unpacked(answer.body, most)
            # pywb and Common Crawl say so if nothing matches.
            if answer.status == 404 and re.match(rb'\s*\{.{0,40}"No Captures found', body):
                return ListPart([], [])
            _check_is_list(answer.status, body.lstrip(), server.name)
            return parse_list(body, query)
        except AnswerError as error:
            raise FetchError(
                f"{server.name}: could not fetch the list of captures: {error.reason}"
            ) from error
        except (zlib.error, ValueError, RecursionError, AttributeError, TypeError):  # damaged
            continue
    raise FetchError(
        f"{server.name}: its list of captures was damaged or cut short twice; try again later, or narrow the pattern"
    )


def unpacked(body: bytes, most: int) -> bytes:
    """`body` without gzip, which some servers send unasked; ValueError or zlib.error if it is damaged or too long."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    body = inflate.decompress(body, most)
    if not inflate.eof:
        raise ValueError("cut short, or too long")
    return body


def _check_is_list(status: int, body: bytes, name: str) -> None:
    is_page = body.startswith(b"<")
    if status in (401, 403):
        raise FetchError(f"{name}: the server refuses to give this list ({status}); try another pattern")
    if status == 404 or (status == 200 and body and body[:1] not in b"[{"):
        raise FetchError(
            f"{name}: the server answered with {'a web page' if is_page else 'something else'} ({status}) instead of a"
            " list of captures; check the address, such as https://web.archive.org, or"
            " http://127.0.0.1:8080/collection for pywb"
        )
    if status != 200:
        words = "" if is_page else sanitize(body[:200].decode("utf-8", "replace")).strip()
        answer = f"{status} {words}".rstrip()
        raise FetchError(
            f"{name}: the server does not list captures ({answer}); check the pattern and the address"
        )


def parse_list(body: bytes, query: Query) -> ListPart:
    """Parse an answer; one of several exceptions if it is damaged.

    The Internet Archive sends a JSON array of arrays, the first of which names the fields; a key that continues the
    list follows an empty array. pywb sends a JSON object per line.
    """
    part = ListPart([], [])
    rows = (json.loads(line.decode("utf-8", "replace")) for line in BytesIO(body) if line.strip())
    if body.lstrip().startswith(b"["):
        table = json.loads(body.decode("utf-8", "replace"))
        part = part._replace(resume=_cut_resume_key(table))
        names = [str(name) for name in table[0]] if table else []
        if table and "timestamp" not in names:
            raise ValueError("no header")
        rows = (dict(zip(names, row, strict=False)) for row in table[1:])
    for row in rows:
        if "timestamp" not in row and isinstance(row.get("pages"), int):
            return part._replace(pages=max(row["pages"], 0))
        listed = _read(row, query)
        if isinstance(listed, Listed):
            part.captures.append(listed)
        else:
            part.skipped.append(listed)
    return part


def _cut_resume_key(table: list[list[Any]]) -> str | None:
    """Remove the key that continues the list from the end of a table, and return it; None if there is none."""
    match table:
        case [*_, [], [str(key)]]:
            del table[-2:]
            if re.search(r"%[0-9A-Fa-f]{2}", key):
                key = unquote_plus(key)  # It is encoded again when it is sent.
            key.encode()  # Half of a surrogate pair cannot be sent.
            return key
    return None


def _read(row: dict[str, Any], query: Query) -> Listed | str:
    """The capture in a row, with the names of pywb or of the Internet Archive; or why it is skipped."""
    status, mime, address = (
        str(row.get(name, row.get(other)))
        for name, other in (("status", "statuscode"), ("mime", "mimetype"), ("url", "original"))
    )
    timestamp = str(row.get("timestamp"))
    if status != "200" or mime.partition(";")[0].strip() != "text/html":
        return "not HTML with status 200"
    url = clean_url(address)
    if url is None:
        return "an unusable address"
    if not re.fullmatch(r"\d{14}", timestamp, re.ASCII) or time_of(timestamp) is None:
        return "an unusable time"
    if not query.pattern.covers(url):
        return "outside the pattern"
    since, until = query.since or "", query.until or ""
    if timestamp[: len(since)] < since or timestamp[: len(until)] > until:
        return "outside the dates"
    if row.get("truncated"):
        return "cut off by the crawler"
    length, offset = (_number(row.get(name)) for name in ("length", "offset"))
    return Listed(timestamp, url, length, file=str(row.get("filename") or ""), offset=offset)


def _number(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


# Fetching

MOST_FAILURES = 10
"""Give up after this many consecutive pages without an answer."""
_MOST_INFO = 8 << 20
INDEX = "https://index.commoncrawl.org"
DATA = "https://data.commoncrawl.org"
_is_crawl = re.compile(r"CC-MAIN-(\d{4})-\d\d", re.ASCII).fullmatch
_is_warc = re.compile(r"crawl-data/(?:[\w-]+[\w.-]*/)*[\w-]+[\w.-]*\.warc\.gz", re.ASCII).fullmatch


def _crawl_server(root: str, crawl: str = "") -> Server:
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

    def __init__(self, on_wait: OnWait) -> None:
        """`on_wait` is called before each longer wait."""
        self._index, self._data = (Client(_crawl_server(root), on_wait) for root in (INDEX, DATA))
        self.name = self._index.server.name
        self.interval = self._data.interval

    def listing(self, query: Query) -> Iterator[ListPart]:
        """The captures that a query finds, crawl by crawl; see `listing`."""
        first, last = query.since, query.until
        if not (first or last) and is_on(urlsplit(query.pattern.url).hostname or ""):
            first, last = LIFETIME
        for crawl in self._crawls(first or "", last or ""):
            for part in listing(self._index, query, _crawl_server(self.name, crawl)):
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
        """The captures that a query finds; see `listing`."""
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
