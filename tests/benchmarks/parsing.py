"""Parsing: a page beside an extractor that reads it as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from time import perf_counter
from typing import Any

from reader.parsing import decoder, lines, parse_capture
from tests.benchmarks.figures import Figure, NotMeasuredError, Quantity, interleaved
from tests.benchmarks.pages import bare_html, captures, site_html

BUDGET = 0.1
_REPEATS = 5
"""Passes over all pages that make one measurement of the parser, which is done in a blink."""


def parsing(runs: int) -> Iterator[Figure]:
    """A page in ms ÷ the same page as HTML by trafilatura.

    Warm: the very page has been parsed before. New: others have, as when a pile is read. Cold: none has.
    The budget holds for what a reader waits for: warm, as agreed, and new, since no library parses a page twice.
    """
    pages = captures()
    halves = (pages[::2], pages[1::2])
    extract = extractor()
    htmls = {"bare paragraphs": [*map(bare_html, pages)], "a news site's page": [*map(site_html, pages)]}

    def warm() -> float:
        return sum(_ms_for(pages) for _ in range(_REPEATS)) / (len(pages) * _REPEATS)

    def new() -> float:
        spent = 0.0
        for known, unknown in (halves, halves[::-1]):
            forget()
            for page in known:
                parse_capture(page)
            spent += _ms_for(unknown)
        return spent / len(pages)

    def cold() -> float:
        spent = 0.0
        for page in pages:
            forget()
            spent += _ms_for([page])
        return spent / len(pages)

    def extracted(html: list[str]) -> Callable[[], float]:
        return lambda: _ms_for(html, extract) / len(html)

    ways = (*map(extracted, htmls.values()), cold, new, warm)
    # New comes after cold and before warm: it leaves the memories full.
    *peers, cold_ms, new_ms, warm_ms = interleaved(runs, *ways)
    for (form, _), peer in zip(htmls.items(), peers, strict=True):
        for state, found, budget in (
            ("warm", warm_ms, BUDGET),
            ("new", new_ms, BUDGET),
            ("cold", cold_ms, None),
        ):
            yield Figure(
                f"parsing a page, {state} ÷ trafilatura, {form}",
                Quantity(found, "ms"),
                Quantity(peer, "ms"),
                budget,
            )


def forget() -> None:
    """Clear all that the parser keeps from one page for the next."""
    decoder._steps.clear()
    decoder._numbers.clear()
    decoder._backward_steps.clear()
    decoder._ways.cache_clear()
    del decoder._standings[1:]
    lines._known.clear()
    lines._known[lines.INVISIBLE_LINE] = lines._INVISIBLE_SHAPE


def _ms_for(pages: Sequence[Any], work: Callable[[Any], object] = parse_capture) -> float:
    start = perf_counter()
    for page in pages:
        work(page)
    return 1000 * (perf_counter() - start)


def extractor() -> Callable[[str], Any]:
    try:
        module: Any = import_module("trafilatura")
    except ImportError:
        raise NotMeasuredError(
            "parsing was not compared: trafilatura is missing; install the extra “bench”"
        ) from None
    extract: Callable[[str], Any] = module.extract
    return extract
