"""Filling a library: reading, parsing and writing captures beside parsing them alone. For information."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from reader.library import Library
from reader.library.importing import fill
from reader.model import Capture
from reader.parsing import parse_capture
from tests.benchmarks.figures import Figure, Quantity, interleaved
from tests.benchmarks.pages import captures

COUNT = 1_000
"""How many captures are filled in."""


def filling(runs: int, folder: Path) -> Iterator[Figure]:
    """Captures a second by `fill` from files into a temporary library ÷ by the parser alone."""
    pages = _distinct(COUNT)
    pile = folder / "pile"
    pile.mkdir()
    for page in pages:
        (pile / page.source).write_text(page.text, "utf-8")

    def filled() -> float:
        with Library.temporary() as library:
            start = perf_counter()
            summary = fill(library, [str(pile)], on_progress=lambda _: None, stop=lambda: False)
            spent = perf_counter() - start
        assert summary.captures == COUNT
        return COUNT / spent

    def parsed() -> float:
        start = perf_counter()
        for page in pages:
            parse_capture(page)
        return COUNT / (perf_counter() - start)

    fills, parses = interleaved(runs, filled, parsed)
    yield Figure("filling a library ÷ parsing alone", Quantity(fills, "captures/s"), Quantity(parses, "captures/s"))


def _distinct(count: int) -> list[Capture]:
    """So many captures, no two alike: a library keeps each text once."""
    known = captures()
    texts = (known[n % len(known)].text.rstrip("\n") for n in range(count))
    return [Capture(f"{n:05}.txt", f"{text}\n\nThis was page {n}.\n") for n, text in enumerate(texts)]
