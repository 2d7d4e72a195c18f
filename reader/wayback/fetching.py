"""Fetches captures one by one, and stores each before requesting the next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reader.errors import FetchError
from reader.model import Problem
from reader.sanitize import parse_http_date
from reader.wayback.addresses import page_key
from reader.wayback.client import Answer, AnswerError, Client
from reader.wayback.listing import Listed
from reader.wayback.warc_folder import Record, WarcFolder

MOST_FAILURES = 10
"""Give up after this many consecutive pages without an answer."""


class Kept(NamedTuple):
    """A page that is now on disk."""

    listed: Listed
    length: int
    """Bytes of the page as received."""


def fetch(client: Client, captures: Iterable[Listed], folder: WarcFolder) -> Iterator[Kept | Problem]:
    """Fetch captures into `folder`, in order, with a Problem for each that is not available.

    FetchError if the server can no longer be used, or nothing can be kept.
    """
    failures = 0
    for listed in captures:
        source = client.server.bytes_of(listed.timestamp, listed.url)
        try:
            record = _record(client, listed, client.get(source), source)
        except AnswerError as error:
            yield Problem(f"{listed.url} ({listed.timestamp})", error.kind, error.reason)
            failures = failures + 1 if error.kind in ("damaged", "refused") else 0
            if failures == MOST_FAILURES:
                raise FetchError(
                    f"{client.server.name}: {failures} pages in a row could not be fetched; "
                    "run the same command again later"
                ) from error
            continue
        failures = 0
        folder.keep(record)
        yield Kept(listed, len(record.body))


def _record(client: Client, listed: Listed, answer: Answer, source: str) -> Record:
    """Make the record of an answer. AnswerError if the answer is not the capture."""
    if answer.status in (403, 404, 410, 451):
        raise AnswerError("missing", f"the archive lists it, but does not serve it ({answer.status})")
    if answer.status != 200:
        raise AnswerError("no capture", f"the archive answered {answer.status} in place of the page")
    shown = client.server.capture_at(answer.url)
    if not shown or page_key(shown[1]) != listed.key:
        raise AnswerError("redirect", "the archive showed another page in its place")
    captured = _moment(answer)
    if captured is None:
        raise AnswerError("no capture", "the archive answered with a page of its own instead of the capture")
    kind = _word(answer.header("Content-Type")) or "text/html"
    encoding = _word(answer.header("Content-Encoding"))
    if encoding and encoding.lower() in ("gzip", "x-gzip") and not answer.body.startswith(b"\x1f\x8b"):
        encoding = None  # The header is the capture's; the archive has unpacked the bytes.
    if not answer.body:
        raise AnswerError("empty", "the archive's capture is empty; try another date")
    return Record(shown[1], captured, source, kind, encoding, answer.body)


def _moment(answer: Answer) -> str | None:
    """When the capture was made, from the header that archives send with it (RFC 7089)."""
    moment = parse_http_date(answer.header("Memento-Datetime"))
    return None if moment is None else f"{moment.year:04}{moment:%m%d%H%M%S}"


def _word(value: str | None) -> str | None:
    """A header's value that can be written to a header; None if it is unusable."""
    text = (value or "").strip()
    return text if re.fullmatch(r"[!-~][ -~]{0,199}", text) else None
