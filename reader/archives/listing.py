"""Lists an archive's captures (CDX, as the Internet Archive or pywb write it) and chooses the best of each page.

The rules, in this order:

1. Only HTML with status 200, within the requested dates.
2. Captures made before the site closed, rather than later ones: the address may have a new owner.
3. Complete ones, at least three quarters as long as the longest: notices, errors and consent pages are short.
4. The page's own address, rather than the same with a query (`?rebelltitem=2`).
5. The latest, which has corrections. Of two of the same second, the longer.

Captures of several archives are compared in the same way.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import unquote_plus, urlencode, urlsplit

from reader.archives.addresses import LIFETIME, Pattern, Server, is_on, is_plain, page_key
from reader.archives.client import AnswerError, Client
from reader.errors import FetchError
from reader.sanitize import clean_url, sanitize

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
    return max(whole, key=lambda it: (is_plain(it.url), it.timestamp, it.length, it))


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
        except (ValueError, RecursionError, AttributeError, TypeError):  # damaged
            continue
    raise FetchError(
        f"{server.name}: its list of captures was damaged or cut short twice; try again later, or narrow the pattern"
    )


def unpacked(body: bytes, most: int) -> bytes:
    """`body` without gzip, which some servers send unasked, of one member; ValueError if it is damaged or too long."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        body = inflate.decompress(body, most)
    except zlib.error as error:
        raise ValueError("damaged gzip") from error
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
    if not _is_moment(timestamp):
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


def _is_moment(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y%m%d%H%M%S")
    except ValueError:
        return False
    return len(text) == 14 and text.isascii() and text.isdigit()
