"""A small fake of Common Crawl on 127.0.0.1: a list of crawls, an index of each, and WARC files to take ranges of."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.archives.fake_archive import FakeArchive, Held, is_asked_for, send
from tests.captures.archives import http, record

CRAWLS = {
    "CC-MAIN-2019-04": ("2019-01-15T00:00:00", "2019-01-24T00:00:00"),
    "CC-MAIN-2021-04": ("2021-01-15T00:00:00", "2021-01-28T00:00:00"),
    "CC-MAIN-2022-49": ("2022-11-26T00:00:00", "2022-12-10T00:00:00"),
    "CC-MAIN-2024-10": ("2024-02-20T00:00:00", "2024-03-05T00:00:00"),
}
PAGE = 2
"""How many lines a page of the index has."""


class FakeCommonCrawl(FakeArchive):
    """Holds each capture in the file of the last crawl that had begun by then."""

    def __init__(self, held: list[Held]) -> None:
        super().__init__(held)
        self.ranges: list[str] = []
        self.files = dict.fromkeys(CRAWLS, b"")
        self.rows: dict[str, list[dict[str, str]]] = {crawl: [] for crawl in CRAWLS}
        for one in self.held:
            (*_, crawl) = [crawl for crawl in CRAWLS if crawl[8:12] <= one.timestamp[:4]]
            member = gzip.compress(_warc(one))
            self.rows[crawl].append(
                {
                    "urlkey": one.key,
                    "timestamp": one.timestamp,
                    "url": one.url,
                    "mime": one.mime,
                    "status": str(one.status),
                    "length": str(len(member)),
                    "offset": str(len(self.files[crawl])),
                    "filename": _file(crawl),
                }
            )
            self.files[crawl] += member

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append(handler.path)
        self.times.append(self.now())
        path = urlsplit(handler.path).path.removeprefix("/")
        if self.tricks and (trick := self.tricks.popleft()):
            trick(handler)
        elif path == "collinfo.json":
            crawls = [
                {"id": crawl, "cdx-api": f"{self.address}/{crawl}-index", "from": first, "to": last}
                for crawl, (first, last) in reversed(CRAWLS.items())
            ]
            send(handler, 200, json.dumps(crawls).encode())
        elif (crawl := path.removesuffix("-index")) in CRAWLS:
            self._list(handler, crawl)
        elif crawl := next((crawl for crawl in CRAWLS if _file(crawl) == path), ""):
            self._range(handler, self.files[crawl])
        else:
            send(handler, 404, b"<html>Not found</html>")

    def _list(self, handler: BaseHTTPRequestHandler, crawl: str) -> None:
        query = parse_qs(urlsplit(handler.path).query)
        wanted = {name: values[-1] for name, values in query.items()}
        rows = [
            row
            for row in self.rows[crawl]
            if is_asked_for(wanted, row["urlkey"])
            and {f"=status:{row['status']}", f"=mime:{row['mime']}"} >= set(query.get("filter", []))
        ]
        if "showNumPages" in wanted:
            pages = {"pages": -(-len(rows) // PAGE), "pageSize": 5, "blocks": 1}
            send(handler, 200, json.dumps(pages).encode())
            return
        first = PAGE * int(wanted["page"])
        lines = [json.dumps(row) for row in rows[first : first + PAGE]]
        if lines:
            send(handler, 200, "\n".join(lines).encode() + b"\n", {"Content-Type": "text/x-ndjson"})
        else:
            send(handler, 404, json.dumps({"message": f"No Captures found for: {wanted['url']}"}).encode())

    def _range(self, handler: BaseHTTPRequestHandler, data: bytes) -> None:
        asked = handler.headers.get("Range", "")
        self.ranges.append(asked)
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", asked)
        if match is None:
            send(handler, 200, data)
            return
        first, last = map(int, match.groups())
        span = f"bytes {first}-{last}/{len(data)}"
        send(handler, 206, data[first : last + 1], {"Content-Range": span})


def _file(crawl: str) -> str:
    return f"crawl-data/{crawl}/segments/1.2/warc/{crawl}-00000.warc.gz"


def _warc(held: Held) -> bytes:
    """A record as Common Crawl writes it: transfer and content encodings are undone, the old headers renamed."""
    t = held.timestamp
    date = f"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[8:10]}:{t[10:12]}:{t[12:]}Z"
    coding = "X-Crawler-Content-Encoding: gzip\r\n"
    return record(http(held.body, f"{held.mime}; charset=utf-8", fields=coding), url=held.url, date=date)


def crawls_asked(asked: Sequence[str]) -> list[str]:
    """The crawls whose index was asked for, each once."""
    return list(
        dict.fromkeys(found[1] for path in asked if (found := re.match(r"/(CC-MAIN-[\d-]+)-index", path)))
    )
