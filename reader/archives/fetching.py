"""Fetches captures one by one, and stores each before requesting the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reader.archives.addresses import capture_in, page_key
from reader.archives.client import AnswerError, Client
from reader.archives.commoncrawl import CommonCrawl
from reader.archives.listing import Listed, ListPart, Query, listing
from reader.archives.warc_folder import Record, WarcFolder
from reader.errors import FetchError
from reader.model import Problem
from reader.sanitize import parse_http_date

MOST_FAILURES = 10
"""Give up after this many consecutive pages without an answer."""


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
