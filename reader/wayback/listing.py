"""Lists an archive's captures (CDX, in the form of the Internet Archive or of pywb) and chooses the best of each page.

The rule, in this order:

1. Only HTML that the site answered with status 200, within the dates asked for.
2. Captures from before the site closed before later ones, which may show what the address was given to since.
3. Whole before short: at least three quarters as long as the longest. Notices, errors and consent pages are short.
4. The page's own address before the same with a query (`?rebelltitem=2`).
5. The latest: corrections are in it. Of two of one second, the longer.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from reader.errors import FetchError
from reader.sanitize import clean_url, sanitize
from reader.wayback.addresses import Pattern, is_plain, page_key
from reader.wayback.client import Answer, AnswerError, Client

WHOLE = 0.75
"""The least part of the longest capture's length that a whole one has."""
CLOSED = {"protocol.com": "2022"}
"""Host -> the last year, or moment, of the site."""


class Listed(NamedTuple):
    """One capture as an archive lists it."""

    timestamp: str
    """When it was made: 14 digits, YYYYMMDDhhmmss, UTC."""
    url: str
    """The address captured, as `clean_url` gives it."""
    length: int
    """Bytes it takes up in the archive, packed; 0 when unknown. Good only to compare captures of one page."""

    @property
    def key(self) -> str:
        """What the captures of one page have in common."""
        return page_key(self.url)


class Choice:
    """The best captures of the pages seen so far; keeps only what may still become the best."""

    def __init__(self) -> None:
        self.seen = 0
        """Captures taken in."""
        self._pages: dict[str, list[_Ranked]] = {}

    def take(self, captures: Iterable[Listed]) -> None:
        """Consider these captures too."""
        for capture in captures:
            self.seen += 1
            new = _rank(capture)
            rivals = self._pages.setdefault(capture.key, [])
            if not any(_beats(rival, new) for rival in rivals):
                rivals[:] = [rival for rival in rivals if not _beats(new, rival)]
                rivals.append(new)

    def best(self) -> list[Listed]:
        """The best capture of each page, by the pages' addresses."""
        return [_best(self._pages[key]) for key in sorted(self._pages)]


class _Ranked(NamedTuple):
    """What the rule looks at: more is better, field by field."""

    in_time: bool
    plain: bool
    timestamp: str
    length: int
    capture: Listed


def _rank(capture: Listed) -> _Ranked:
    host = capture.key.partition("/")[0].partition("?")[0]
    closed = next((end for site, end in CLOSED.items() if host == site or host.endswith(f".{site}")), "9")
    in_time = capture.timestamp[: len(closed)] <= closed
    return _Ranked(in_time, is_plain(capture.url), capture.timestamp, capture.length, capture)


def _beats(one: _Ranked, other: _Ranked) -> bool:
    """Whether `other` can be left out: whatever comes, `one` will be chosen before it."""
    return (
        one.in_time >= other.in_time
        and one.plain >= other.plain
        and one.timestamp >= other.timestamp
        and one.length >= other.length
    )


def _best(rivals: list[_Ranked]) -> Listed:
    in_time = [rival for rival in rivals if rival.in_time] or rivals
    longest = max(rival.length for rival in in_time)
    whole = [rival for rival in in_time if rival.length >= WHOLE * longest]
    return max(whole, key=lambda rival: (rival.plain, rival.timestamp, rival.length)).capture


ROWS = 10_000
"""Captures asked for at a time, where the server can go on from there."""
MOST_ROWS = 300_000
"""Captures asked for at once, where it cannot."""
MOST_BYTES = 16 << 20
"""The longest answer with `ROWS` captures."""
MOST_BYTES_AT_ONCE = 128 << 20
"""The longest answer with `MOST_ROWS` captures."""
MOST_SHEETS = 10_000
"""Answers after which a list counts as endless."""

_FIELDS = {"original": "url", "mimetype": "mime", "statuscode": "status"}
"""The Internet Archive's names -> pywb's."""


class Sheet(NamedTuple):
    """One answer: some of the list."""

    captures: list[Listed]
    """Those of pages: HTML, status 200."""
    others: Counter[str]
    """How many lines were passed over, by the reason."""
    rows: int
    """Lines in all."""
    resume: str | None
    """The key to go on with; None at the list's end, or where the server has none."""
    pages: int | None
    """The number of numbered pages, when that was the answer."""


def listing(client: Client, pattern: Pattern, since: str | None, until: str | None) -> Iterator[Sheet]:
    """All captures of pages that `pattern` covers, made from `since` to `until` (as `moment` gives them).

    Raises FetchError when the server has no list to give.
    """
    fields = [("url", pattern.url), ("matchType", pattern.match), ("output", "json")]
    fields += [("filter", "statuscode:200"), ("filter", "mimetype:text/html")]
    fields += [(name, value) for name, value in (("from", since), ("to", until)) if value]
    if client.server.paged:
        # A server that knows no pages answers this with the list itself.
        sheet = _ask(client, [*fields, ("limit", str(MOST_ROWS)), ("showNumPages", "true")], pattern)
        if sheet.pages is None:
            yield _within(sheet, since, until, most=MOST_ROWS)
        if (sheet.pages or 0) > MOST_SHEETS:
            raise FetchError(
                f"{client.server.name}: the list has {sheet.pages:,} pages; ask for less at a time"
            )
        for number in range(sheet.pages or 0):
            yield _within(_ask(client, [*fields, ("page", str(number))], pattern), since, until)
        return
    fields += [("fl", "timestamp,original,mimetype,statuscode,length"), ("limit", str(ROWS))]
    fields += [("showResumeKey", "true"), ("gzip", "false")]
    used: set[str] = set()
    resume: list[tuple[str, str]] = []
    while True:
        sheet = _ask(client, fields + resume, pattern)
        yield _within(sheet, since, until, most=None if sheet.resume or used else ROWS)
        if not sheet.resume:
            return
        if sheet.resume in used or not sheet.rows or len(used) == MOST_SHEETS:
            raise FetchError(
                f"{client.server.name}: the server's list of captures goes in a circle; try again later"
            )
        used.add(sheet.resume)
        resume = [("resumeKey", sheet.resume)]


def _within(sheet: Sheet, since: str | None, until: str | None, most: int | None = None) -> Sheet:
    """`sheet` without what lies outside the dates, should the server not have looked.

    `most` is the length at which a list without a continuation may have been cut off.
    """
    if most and sheet.rows >= most:
        sheet.others["unseen: the list may go on beyond what the server gives; ask for less at a time"] += 1
    captures = [
        capture
        for capture in sheet.captures
        if (not since or capture.timestamp[: len(since)] >= since)
        and (not until or capture.timestamp[: len(until)] <= until)
    ]
    return sheet._replace(captures=captures)


def _ask(client: Client, fields: list[tuple[str, str]], pattern: Pattern) -> Sheet:
    """One answer; asked for once more if it is not whole."""
    name = client.server.name
    for last in (False, True):
        try:
            most = MOST_BYTES_AT_ONCE if client.server.paged else MOST_BYTES
            answer = client.get(client.server.listing_of(fields), most)
        except AnswerError as error:
            raise FetchError(f"{name}: no list of captures came: {error.reason}") from error
        try:
            answer = answer._replace(body=_unpacked(answer.body, most))
            _insist_on_list(answer, name)
            return read_sheet(answer.body, pattern)
        except ValueError as error:
            if last:
                raise FetchError(
                    f"{name}: its list of captures is damaged or cut short, twice; try again later, or ask for less"
                ) from error
    raise AssertionError("the loop returns or raises")


def _unpacked(body: bytes, most: int) -> bytes:
    """`body` without gzip, which some servers send unasked; ValueError when it is damaged or too long."""
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


def _insist_on_list(answer: Answer, name: str) -> None:
    """FetchError unless the answer may be a list."""
    if answer.status in (401, 403):
        raise FetchError(
            f"{name}: the server does not give this list out ({answer.status}); ask for something else"
        )
    body = answer.body.lstrip()
    what = "a web page" if body[:1] == b"<" else "something else"
    if answer.status == 404 or (answer.status == 200 and body and body[:1] not in b"[{"):
        raise FetchError(
            f"{name}: the server answers with {what} ({answer.status}) where a list of captures was expected; "
            "check the address: https://web.archive.org, or a pywb collection as http://127.0.0.1:8080/collection"
        )
    if answer.status != 200:
        words = sanitize(body[:200].decode("utf-8", "replace")).strip() if body[:1] != b"<" else ""
        raise FetchError(
            f"{name}: the server does not list captures ({answer.status} {words}".rstrip()
            + "); check what is asked for, and the address"
        )


def read_sheet(body: bytes, pattern: Pattern) -> Sheet:
    """An answer's captures; ValueError when it is damaged.

    The Archive's form is one JSON array of arrays, the first of which names the fields; a key to go on with
    follows an empty one. Pywb's is a JSON object a line.
    """
    try:
        return _sheet(body, pattern)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _sheet(body: bytes, pattern: Pattern) -> Sheet:
    if body.lstrip()[:1] == b"[":
        rows, resume = _table(body)
    else:
        rows, resume = map(_object, filter(bytes.strip, BytesIO(body))), None
    captures: list[Listed] = []
    others: Counter[str] = Counter()
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 (the last count is used)
        if "timestamp" not in row and isinstance(row.get("pages"), int):
            return Sheet([], Counter(), 0, None, max(row["pages"], 0))
        found = _listed(row, pattern)
        if isinstance(found, Listed):
            captures.append(found)
        else:
            others[found] += 1
    return Sheet(captures, others, count, resume, None)


def _table(body: bytes) -> tuple[Iterator[dict[str, Any]], str | None]:
    """The rows of the Archive's array, with pywb's names, and the key to go on with."""
    table = _json(body)
    if not all(isinstance(row, list) for row in table):
        raise ValueError("not a table")
    if not table:
        return iter([]), None
    resume: str | None = None
    if len(table) >= 2 and table[-2] == [] and len(table[-1]) == 1 and isinstance(table[-1][0], str):
        resume = table[-1][0]
        if re.search(r"%[0-9A-Fa-f]{2}", resume):
            resume = unquote_plus(resume)  # It is encoded anew when it is sent.
        resume.encode()  # Half of a surrogate pair cannot be sent.
        del table[-2:]
    names = [_FIELDS.get(str(name), str(name)) for name in table[0]] if table else []
    if table and "timestamp" not in names:
        raise ValueError("no header")
    return (dict(zip(names, row, strict=False)) for row in table[1:]), resume


def _object(line: bytes) -> dict[str, Any]:
    row = _json(line)
    if not isinstance(row, dict):
        raise ValueError("not an object")
    return {_FIELDS.get(str(name), str(name)): value for name, value in row.items()}


def _json(text: bytes) -> Any:
    return json.loads(text.decode("utf-8", "replace"))


def _listed(row: dict[str, Any], pattern: Pattern) -> Listed | str:
    """The capture in a row, or why it is passed over."""
    timestamp, address = str(row.get("timestamp")), str(row.get("url"))
    if str(row.get("status")) != "200" or str(row.get("mime")).partition(";")[0].strip() != "text/html":
        return "no page: other than HTML with status 200"
    url = clean_url(address)
    if url is None:
        return "an address that is not usable"
    if not _is_moment(timestamp):
        return "no usable time"
    if not pattern.covers(url):
        return "outside of what was asked for"
    length = str(row.get("length"))
    return Listed(
        timestamp, url, int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0
    )


def _is_moment(text: str) -> bool:
    if len(text) != 14 or not (text.isascii() and text.isdigit()):
        return False
    try:
        datetime.strptime(text, "%Y%m%d%H%M%S")
    except ValueError:
        return False
    return True
