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
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from reader.archives.addresses import Pattern, Server, is_plain, lifetime_of, page_key
from reader.archives.client import AnswerError, Client
from reader.errors import FetchError
from reader.sanitize import clean_url, sanitize

WHOLE = 0.75
"""The least length of a complete capture, as a part of the longest."""


class Listed(NamedTuple):
    """One capture as an archive lists it."""

    timestamp: str
    """The time of the capture, in UTC: 14 digits, YYYYMMDDhhmmss."""
    url: str
    """The captured address, as `clean_url` returns it."""
    length: int
    """Compressed bytes in the archive; 0 if unknown."""
    archive: str = "wayback"
    """The archive that lists it: "wayback" or "commoncrawl"."""
    file: str = ""
    """The WARC file that has it, if the archive says so, and where in the file it begins."""
    offset: int = 0

    @property
    def key(self) -> str:
        """The key that captures of one page share."""
        return page_key(self.url)


class _Ranked(NamedTuple):
    """The facts that the rules compare: more is better, field by field."""

    in_time: bool
    plain: bool
    timestamp: str
    length: int
    capture: Listed


class Choice:
    """The best captures of the pages seen so far; keeps only those that can still become the best."""

    def __init__(self) -> None:
        self.seen = 0
        """Captures added."""
        self._pages: dict[str, list[_Ranked]] = {}

    def take(self, captures: Iterable[Listed]) -> None:
        """Add captures."""
        for capture in captures:
            self.seen += 1
            lifetime = lifetime_of(re.split(r"[/?]", capture.key)[0])
            in_time = lifetime is None or capture.timestamp[: len(lifetime[1])] <= lifetime[1]
            new = _Ranked(in_time, is_plain(capture.url), capture.timestamp, capture.length, capture)
            rivals = self._pages.setdefault(capture.key, [])
            if not any(_beats(rival, new) for rival in rivals):
                rivals[:] = [rival for rival in rivals if not _beats(new, rival)]
                rivals.append(new)

    def best(self) -> list[Listed]:
        """The best capture of each page, sorted by address."""
        return [_best(self._pages[key]) for key in sorted(self._pages)]


def _beats(capture: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Return whether a capture is preferred to another, regardless of any others."""
    return all(mine >= theirs for mine, theirs in zip(capture, other, strict=True))


def _best(rivals: list[_Ranked]) -> Listed:
    in_time = [rival for rival in rivals if rival.in_time] or rivals
    longest = max(rival.length for rival in in_time)
    whole = [rival for rival in in_time if rival.length >= WHOLE * longest]
    return max(whole, key=lambda rival: rival[1:]).capture


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


class ListPart(NamedTuple):
    """One part of the list, from one answer."""

    captures: list[Listed]
    """Captures of pages: HTML, status 200."""
    others: Counter[str]
    """How many lines were skipped, by reason."""
    rows: int
    """All lines."""
    resume: str | None
    """The key that continues the list; None at its end, or if the server has none."""
    pages: int | None
    """The number of numbered pages, if that was the answer."""


def listing(
    client: Client, pattern: Pattern, since: str | None, until: str | None, server: Server | None = None
) -> Iterator[ListPart]:
    """Yield all captures of pages that `pattern` covers, made from `since` to `until` (as `moment` returns them).

    `server` has the address of the list, if it is not that of the client's server. FetchError if there is no list.
    """
    server = server or client.server
    fields = [("url", pattern.url), ("matchType", pattern.match), ("output", "json")]
    fields += [("filter", condition) for condition in server.filters]
    fields += [(name, value) for name, value in (("from", since), ("to", until)) if value]
    if server.paged:
        # A server without numbered pages answers with the list itself.
        part = _ask(client, server, [*fields, ("limit", str(MOST_ROWS)), ("showNumPages", "true")], pattern)
        if part.pages is None:
            yield _within(part, since, until, most=MOST_ROWS)
        if (part.pages or 0) > MOST_PARTS:
            raise FetchError(
                f"{server.name}: the list has {part.pages:,} pages; narrow the pattern or the dates"
            )
        for number in range(part.pages or 0):
            yield _within(_ask(client, server, [*fields, ("page", str(number))], pattern), since, until)
        return
    fields += [("fl", "timestamp,original,mimetype,statuscode,length"), ("limit", str(ROWS))]
    fields += [("showResumeKey", "true"), ("gzip", "false")]
    used: set[str] = set()
    resume: list[tuple[str, str]] = []
    while True:
        part = _ask(client, server, fields + resume, pattern)
        yield _within(part, since, until, most=None if part.resume or used else ROWS)
        if not part.resume:
            return
        if part.resume in used or not part.rows or len(used) == MOST_PARTS:
            raise FetchError(f"{server.name}: the server's list of captures repeats itself; try again later")
        used.add(part.resume)
        resume = [("resumeKey", part.resume)]


def _within(part: ListPart, since: str | None, until: str | None, most: int | None = None) -> ListPart:
    """A part without captures outside the dates, which a server may ignore.

    `most` is the length at which a list without a continuation may have been cut off.
    """
    if most and part.rows >= most:
        part.others["and perhaps more: the server may not list everything; ask for less at a time"] += 1
    captures = [
        capture
        for capture in part.captures
        if (not since or capture.timestamp[: len(since)] >= since)
        and (not until or capture.timestamp[: len(until)] <= until)
    ]
    return part._replace(captures=captures)


def _ask(client: Client, server: Server, fields: list[tuple[str, str]], pattern: Pattern) -> ListPart:
    """Request one answer, and once more if it is incomplete."""
    name = server.name
    most = MOST_BYTES_AT_ONCE if server.paged else MOST_BYTES
    for _ in range(2):
        try:
            answer = client.get(server.listing_of(fields), most)
            body = unpacked(answer.body, most)
            # pywb and Common Crawl say so if nothing matches.
            if answer.status == 404 and re.match(rb'\s*\{.{0,40}"No Captures found', body):
                return ListPart([], Counter(), 0, None, None)
            _check_is_list(answer.status, body.lstrip(), name)
            return parse_list(body, pattern)
        except AnswerError as error:
            raise FetchError(f"{name}: could not fetch the list of captures: {error.reason}") from error
        except ValueError:
            pass
    raise FetchError(
        f"{name}: its list of captures was damaged or cut short twice; try again later, or narrow the pattern"
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
    """FetchError unless the answer can be a list."""
    is_page = body[:1] == b"<"
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


def parse_list(body: bytes, pattern: Pattern) -> ListPart:
    """Parse an answer; ValueError if it is damaged.

    The Internet Archive sends a JSON array of arrays, the first of which names the fields; a key that continues the
    list follows an empty array. pywb sends a JSON object per line.
    """
    try:
        return _parse_list(body, pattern)
    except (RecursionError, AttributeError, TypeError) as error:
        raise ValueError("nested too deeply, or not an object") from error


def _parse_list(body: bytes, pattern: Pattern) -> ListPart:
    resume = None
    rows = (json.loads(line.decode("utf-8", "replace")) for line in BytesIO(body) if line.strip())
    if body.lstrip()[:1] == b"[":
        rows, resume = _table(json.loads(body.decode("utf-8", "replace")))
    captures: list[Listed] = []
    others: Counter[str] = Counter()
    count = 0
    for row in rows:
        count += 1
        if "timestamp" not in row and isinstance(row.get("pages"), int):
            return ListPart([], Counter(), 0, None, max(row["pages"], 0))
        listed = _listed(row, pattern)
        if isinstance(listed, Listed):
            captures.append(listed)
        else:
            others[listed] += 1
    return ListPart(captures, others, count, resume, None)


def _table(table: Any) -> tuple[Generator[dict[str, Any], None, None], str | None]:
    """The rows of the Internet Archive's array, and the key that continues the list."""
    if not all(isinstance(row, list) for row in table):
        raise ValueError("not a table")
    resume: str | None = None
    if len(table) >= 2 and table[-2] == [] and len(table[-1]) == 1 and isinstance(table[-1][0], str):
        resume = table[-1][0]
        if re.search(r"%[0-9A-Fa-f]{2}", resume):
            resume = unquote_plus(resume)  # It is encoded again when it is sent.
        resume.encode()  # Half of a surrogate pair cannot be sent.
        del table[-2:]
    names = [str(name) for name in table[0]] if table else []
    if table and "timestamp" not in names:
        raise ValueError("no header")
    return (dict(zip(names, row, strict=False)) for row in table[1:]), resume


def _listed(row: dict[str, Any], pattern: Pattern) -> Listed | str:
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
    if not pattern.covers(url):
        return "outside the pattern"
    if row.get("truncated"):
        return "cut off by the crawler"
    length, offset = (_number(row.get(name)) for name in ("length", "offset"))
    return Listed(timestamp, url, length, file=str(row.get("filename") or ""), offset=offset)


def _number(value: object) -> int:
    """A number of bytes; 0 if it is unusable."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _is_moment(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y%m%d%H%M%S")
    except ValueError:
        return False
    return len(text) == 14 and text.isascii() and text.isdigit()
