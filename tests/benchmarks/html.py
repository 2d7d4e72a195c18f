"""HTML: a page of the site's own system to its articles, beside selectolax's bare parse of the same bytes.

What is measured beyond the parse of the page's text, since text is parsed either way, is divided by that baseline.
Processor time, which other programs disturb less than the clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import count
from random import Random
from time import process_time
from typing import Any

from reader.captures.html import read_html
from reader.model import Capture
from reader.parsing import parse_capture
from tests.benchmarks.figures import Figure, NotMeasuredError, Quantity, interleaved
from tests.benchmarks.pages import captures
from tests.html_twins import hide_the_rest, rebelmouse_page, twin_of

BUDGET = 1.5
_STYLE = ".widget__head-1{color:#5e0d0c;margin:0 10px 10px 0}"
_CODE = "window.q=window.q||[];if(a<b){q.push(function(){return 'x'});}"
_HEAVY = 1_500
"""How often a style and a script are repeated to give a page the weight that saved ones have: about 250 KB."""
_USUAL = r"<(?:div|p|span|a|article|section|img|h[1-3]|small|li)(?=[ >])"


def html(runs: int) -> Iterator[Figure]:
    """A page in ms ÷ selectolax on it: as bare as can be, with the scripts and styles of saved pages, and never met."""
    try:
        parse: Callable[[bytes], Any] = import_module("selectolax.lexbor").LexborHTMLParser
    except ImportError:
        raise NotMeasuredError(
            "HTML was not compared: selectolax is missing; install the extra “bench”"
        ) from None
    bare = [_twin(capture) for capture in captures()]
    style, code = f"<style>{_STYLE * _HEAVY}</style>", f"<script>{_CODE * _HEAVY}</script>"
    heavy = [
        page.replace("</head>", f"{style}{code}</head>").replace("</body>", f"{code}</body>") for page in bare
    ]
    numbers = count()
    for name, pages, varied in (
        ("bare", bare, False),
        ("with its scripts and styles", heavy, False),
        ("the same, all its tags spelt as never before", heavy, True),
    ):
        texts = [_read(page.encode())._replace(hints=()) for page in pages]

        def data(pages: list[str] = pages, varied: bool = varied) -> list[bytes]:
            return [(_varied(page, numbers) if varied else page).encode() for page in pages]

        def articles(data: Callable[[], list[bytes]] = data) -> float:
            return _ms_for(data(), lambda one: parse_capture(_read(one)))

        def text(texts: list[Capture] = texts) -> float:
            return _ms_for(texts, parse_capture)

        def peer(data: Callable[[], list[bytes]] = data) -> float:
            return _ms_for(data(), parse)

        articles_ms, text_ms, peer_ms = interleaved(3 * runs, articles, text, peer)
        beyond = [whole - own for whole, own in zip(articles_ms, text_ms, strict=True)]
        size = sum(map(len, data())) // len(pages) // 1024
        label = f"a page of HTML ({name}, {size} KB) beyond its text ÷ selectolax's parse"
        yield Figure(label, Quantity(beyond, "ms"), Quantity(peer_ms, "ms"), None if varied else BUDGET)


def _varied(page: str, numbers: Iterator[int]) -> str:
    """The page with a number of its own in each tag of the usual elements."""
    return re.sub(_USUAL, lambda found: f"{found[0]} data-n={next(numbers)}", page)


def _twin(capture: Capture) -> str:
    twin, random = twin_of(capture.text), Random(capture.source)
    hide_the_rest(twin, random)
    return rebelmouse_page(twin, random)


def _read(page: bytes) -> Capture:
    (capture,) = read_html(page, "page.html")
    assert isinstance(capture, Capture)
    return capture


def _ms_for(pages: Sequence[Any], work: Callable[[Any], object]) -> float:
    start = process_time()
    for page in pages:
        work(page)
    return 1000 * (process_time() - start) / len(pages)
