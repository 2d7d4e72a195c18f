"""Reading pages: text and HTML beside an extractor that reads the same pages as HTML, WARC beside fastwarc."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from html import escape
from importlib import import_module
from itertools import cycle
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

from reader.captures.results import Tally
from reader.captures.source import open_file
from reader.captures.warc import records
from reader.model import Capture
from reader.parsing import parse_capture
from tests.benchmarks import Figure, NotMeasuredError, Place, in_new_process, interleaved
from tests.captures.archives import html_page, http, record
from tests.captures.html_twins import hide_the_rest, rebelmouse_page, twin_of
from tests.paths import CAPTURES, SAMPLE_DATA

_STYLE = "<style>.widget__head-1{color:#5e0d0c;margin:0 10px 10px 0}</style>"
_SCRIPT = "<script>window.q=window.q||[];if(a<b){q.push(function(){return 'x'});}</script>"
_HEAVY = 1_000
"""How often a style and a script are repeated to give a page the weight that saved ones have."""


def captures() -> list[Capture]:
    """Every capture of the sample data and of the tests."""
    paths = [path for folder in (SAMPLE_DATA, CAPTURES) for path in sorted(folder.glob("*.txt"))]
    return [Capture(path.name, path.read_text("utf-8")) for path in paths]


def parsing(place: Place) -> Iterator[Figure]:
    """A page in ms ÷ the same page as HTML by trafilatura.

    Familiar: the very page has been parsed before. New: other pages have, as when a pile is read.
    """
    pages, extract = captures(), _extractor()
    bare = ["".join(f"<p>{escape(line)}</p>\n" for line in page.text.split("\n")) for page in pages]
    sites = [_site_page(page) for page in pages]
    familiar, *peers = interleaved(
        place.runs,
        *(partial(_ms, *each) for each in ((parse_capture, pages), (extract, bare), (extract, sites))),
    )
    new = [in_new_process(_ms_when_new, pages) for _ in range(place.runs)]
    for form, peer in zip(("bare HTML", "a news site's HTML"), peers, strict=True):
        yield Figure(f"parsing a familiar page ÷ trafilatura, {form}", familiar, "ms", peer, 0.1)
        yield Figure(f"parsing a new page ÷ trafilatura, {form}", new, "ms", peer, 0.1)


def html(place: Place) -> Iterator[Figure]:
    """A page of HTML from its bytes to its articles ÷ trafilatura on it."""
    extract = _extractor()
    bare = [_site_page(page) for page in captures()]
    heavy = [page.replace("</head>", f"{_STYLE * _HEAVY}{_SCRIPT * _HEAVY}</head>") for page in bare]
    for name, pages in (("bare", bare), ("with scripts and styles", heavy)):
        (peer,) = interleaved(place.runs, partial(_ms, extract, pages))
        ours = [in_new_process(_ms, _read_html, pages) for _ in range(place.runs)]
        yield Figure(f"reading a page of HTML, {name} ÷ trafilatura", ours, "ms", peer, 0.5)


def warc(place: Place) -> Iterator[Figure]:
    """All records of a WARC file ÷ fastwarc's iteration over it."""
    try:
        archive_iterator: Any = import_module("fastwarc.warc").ArchiveIterator
    except ImportError as error:
        raise NotMeasuredError("warc: fastwarc is not installed (pip install '.[bench]')") from error

    def theirs(path: Path) -> float:
        start = process_time()
        with path.open("rb") as file:
            for _ in archive_iterator(file):
                pass
        return 1000 * (process_time() - start)

    for entries, size, pages in ((0, 30 << 20, "12 KB"), (2_000, 100 << 20, "130 KB")):
        path = place.folder / f"{entries}.warc"
        with path.open("wb") as file:
            for data in cycle(list(_records(entries))):
                file.write(data)
                if file.tell() >= size:
                    break
        ours, peer = interleaved(place.runs, partial(_ours, path), partial(theirs, path))
        yield Figure(f"iterating over WARC records of {pages} ÷ fastwarc", ours, "ms", peer, 3)


def _ms(work: Callable[[Any], object], pages: Sequence[Any]) -> float:
    """Milliseconds of processor time that `work` takes for a page."""
    start = process_time()
    for page in pages:
        work(page)
    return 1000 * (process_time() - start) / len(pages)


def _ms_when_new(pages: Sequence[Capture]) -> float:
    _ms(parse_capture, pages[::2])
    return _ms(parse_capture, pages[1::2])


def _read_html(page: str) -> None:
    (capture,) = html_page(page)
    assert isinstance(capture, Capture)
    parse_capture(capture)


def _site_page(capture: Capture) -> str:
    twin, random = twin_of(capture.text), Random(capture.source)
    hide_the_rest(twin, random)
    return rebelmouse_page(twin, random)


def _extractor() -> Callable[[str], Any]:
    try:
        extract: Callable[[str], Any] = import_module("trafilatura").extract
    except ImportError:
        raise NotMeasuredError("parsing: trafilatura is not installed (pip install '.[bench]')") from None
    return extract


def _ours(path: Path) -> float:
    start = process_time()
    with open_file(str(path), explicit=True) as source:
        for _ in records(source, Tally("", ""), lambda _: False):
            pass
    return 1000 * (process_time() - start)


def _records(entries: int) -> Iterator[bytes]:
    """Of each page the request, the response with a script of so many `entries`, and the crawler's notes."""
    random = Random(7)
    for number, capture in enumerate(captures()):
        url = f"https://www.protocol.com/{number}"
        data = "".join(
            f'{{"key": {random.randrange(10**6)}, "name": "item {random.random()}"}},' for _ in range(entries)
        )
        page = _site_page(capture).replace("</head>", f"<script>const data = [{data}];</script></head>")
        yield record("GET / HTTP/1.1\r\nHost: x\r\n\r\n", kind="request", url=url)
        yield record(http(page, "text/html; charset=utf-8", fields="Server: nginx\r\n"), url=url)
        yield record("fetchTimeMs: 31\r\n", kind="metadata", url=url, media="application/warc-fields")
