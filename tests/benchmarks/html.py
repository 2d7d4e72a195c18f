"""HTML: a page of the site's own system, from its bytes to its articles, beside trafilatura on the same bytes.

Processor time, which other programs disturb less than the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from time import process_time
from typing import Any

from reader.captures.html.reading import read_html
from reader.model import Capture
from reader.parsing import parse_capture
from tests.benchmarks.figures import Figure, Quantity, interleaved
from tests.benchmarks.pages import captures
from tests.benchmarks.parsing import extractor, forget
from tests.captures.html_twins import hide_the_rest, rebelmouse_page, twin_of

BUDGET = 0.5
_STYLE = ".widget__head-1{color:#5e0d0c;margin:0 10px 10px 0}"
_CODE = "window.q=window.q||[];if(a<b){q.push(function(){return 'x'});}"
_HEAVY = 1_500
"""How often a style and a script are repeated to give a page the weight that saved ones have: about 250 KB."""


def html(runs: int) -> Iterator[Figure]:
    """A page in ms ÷ trafilatura on it; nothing is remembered of other pages."""
    extract = extractor()
    bare = [_twin(capture) for capture in captures()]
    style, code = f"<style>{_STYLE * _HEAVY}</style>", f"<script>{_CODE * _HEAVY}</script>"
    heavy = [
        page.replace("</head>", f"{style}{code}</head>").replace("</body>", f"{code}</body>") for page in bare
    ]
    for name, pages in (("bare", bare), ("with its scripts and styles", heavy)):
        data = [page.encode() for page in pages]
        ours, peer = interleaved(runs, _timed(data, _read), _timed(pages, extract))
        size = sum(map(len, data)) // len(data) // 1024
        label = f"reading a page of HTML, cold ({name}, {size} KB) ÷ trafilatura"
        yield Figure(label, Quantity(ours, "ms"), Quantity(peer, "ms"), BUDGET)


def _twin(capture: Capture) -> str:
    twin, random = twin_of(capture.text), Random(capture.source)
    hide_the_rest(twin, random)
    return rebelmouse_page(twin, random)


def _read(page: bytes) -> None:
    forget()
    (capture,) = read_html(page, "page.html")
    assert isinstance(capture, Capture)
    parse_capture(capture)


def _timed(pages: list[Any], work: Callable[[Any], object]) -> Callable[[], float]:
    def milliseconds() -> float:
        start = process_time()
        for page in pages:
            work(page)
        return 1000 * (process_time() - start) / len(pages)

    return milliseconds
