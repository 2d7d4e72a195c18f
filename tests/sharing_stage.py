"""Archives to be read by several processes, whole and damaged, and what adding one comes to."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from reader.captures import PathsOfSite
from reader.captures.html.bounds import MAX_ATTRIBUTES
from reader.library import Library, adding, crew, pieces
from reader.library.adding import Summary, add_files
from reader.model import Problem
from tests.archives import http, packed, record, tarred, zipped
from tests.generated import pages

HTML = "text/html; charset=utf-8"
LONG_AGO = 1_600_000_000
OVERLOADED = "<p " + " ".join(f"a{n}=1" for n in range(MAX_ATTRIBUTES + 5)) + ">so much"


@cache
def html(number: int) -> str:
    """A page with a number of its own."""
    ((capture, _),) = pages(8, seed=number + 1)
    lines = "".join(f"<div><p>{line}</p></div>\n" for line in capture.text.split("\n") if line)
    return f"<!doctype html><html><head><title>{number}</title></head><body>{lines}</body></html>"


def overloaded(number: int) -> str:
    """A page of which that much is known once it is read."""
    return html(number).replace("</body>", OVERLOADED)


def site(number: int) -> str:
    """Where the page is from: every fifth is of another site."""
    return f"https://www.{'example' if number % 5 == 4 else 'protocol'}.com/{number}"


def crawl(start: int, count: int = 12) -> list[bytes]:
    """Records: pages, a picture, text, a page of which there is no more, two with too many attributes, a request."""
    made = [record(http(html(number), HTML), url=site(number)) for number in range(start, start + count)]
    made[2:2] = [record(http(b"\x89PNG\0\0", "image/png")), record("GET / HTTP/1.1\r\n\r\n", kind="request")]
    made[5:5] = [record(http(overloaded(start + 50), HTML)), record(http("China\n\nIn text\n\nA body.\n"))]
    made[8:8] = [record(http("none", HTML, status="404 Not Found")), record(http(b"\0\0binary"))]
    made += [record(http(overloaded(start + 51), HTML)), record(http(html(start), HTML))]
    return made


def plain_crawl() -> bytes:
    return b"".join(crawl(0))


def damaged_crawl() -> bytes:
    """One length lies, and one record is spoilt where it is packed."""
    records = crawl(100)
    records[4] = record(http(html(104), HTML), length=40)
    members = [bytearray(packed([one])) for one in records]
    members[9][len(members[9]) // 2] ^= 0xFF
    return b"".join(members)


def rows() -> bytes:
    lines = [json.dumps({"html": html(n), "url": site(n), "date": "2022-03-01"}) for n in range(200, 208)]
    lines[2:2] = ["{no JSON", json.dumps({"html": overloaded(250)}), json.dumps({"other": 1})]
    return "\n".join([*lines, json.dumps({"text": "China\n\nIn a row\n\nA body.\n"})]).encode()


def nested() -> bytes:
    """An archive of archives and of files, two of them damaged."""
    page = html(303).encode()
    spoilt = bytearray(gzip.compress(html(304).encode() * 3))
    spoilt[len(spoilt) // 2] ^= 0xFF
    return zipped(
        {
            "a.warc.gz": packed(crawl(310, 4)),
            "b.html": page,
            "c.html": (overloaded(305)).encode(),
            "d.html.gz": bytes(spoilt),
            "e.png": b"\x89PNG\0\0",
            "f.tar.gz": gzip.compress(tarred({"x/1.html": html(306).encode(), "x/2.jsonl": rows()})),
            "g.txt": b"China\n\nIn a file\n\nA body.\n",
            "notes.json": b"{}",
        }
    )


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "plain.warc": plain_crawl,
    "damaged.warc.gz": damaged_crawl,
    "cut.warc.gz": lambda: packed(crawl(400))[:-300],
    "rows.jsonl": rows,
    "nested.zip": nested,
}

OF_SITES = ("plain.warc", "nested.zip")
"""Those that are also read for one site."""


def added(
    library: Path, path: Path, *, shared: bool, of: str | None = None, chunk: int = 30_000
) -> tuple[Summary, list[Problem], object]:
    """What adding a file said, and all tables of the library then."""
    with pytest.MonkeyPatch.context() as patch, Library.open(library) as opened:
        patch.setattr(pieces, "LONG_BYTES", 1 if shared else 1 << 60)
        patch.setattr(adding, "_FEW", 0)
        patch.setattr(crew, "CHUNK_BYTES", chunk)
        told: list[Problem] = []
        paths = [str(path)] if of is None else PathsOfSite([str(path)], of)
        summary = add_files(opened, paths, jobs=2, on_problem=told.append)
        tables = opened.database.all(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        )
        rows = {
            str(name): sorted(map(tuple, opened.database.all(f'SELECT * FROM "{name}"')), key=repr)
            for (name,) in tables
        }
        return summary, told, rows


def bad_pages(name: str) -> bytes:
    """A zip in which a page so named ends whoever reads it."""
    pages = {f"{number:02}.html": html(number).encode() for number in range(20)}
    return zipped({**pages, f"{name}.html": html(30).encode(), "y.html": overloaded(31).encode()})
