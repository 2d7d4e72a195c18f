"""Filling a library: reading, parsing and writing captures beside parsing them alone. For information."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from reader.library import Library
from reader.parsing import parse_capture
from tests.benchmarks.figures import Figure, Quantity, interleaved
from tests.benchmarks.parsing import forget
from tests.generated import PAGE_ARTICLES, pages

COUNT = 300
"""How many captures are filled in."""


def filling(runs: int, folder: Path) -> Iterator[Figure]:
    """Captures a second by `fill` from files into a temporary library ÷ by the parser alone, each new to it."""
    captures = [capture for capture, _ in pages(COUNT * PAGE_ARTICLES)]
    pile = folder / "pile"
    pile.mkdir()
    for number, capture in enumerate(captures):
        (pile / f"{number:05}.txt").write_text(capture.text, "utf-8")

    def filled() -> float:
        forget()
        with Library.temporary() as library:
            start = perf_counter()
            summary = library.ingest([str(pile)])
            spent = perf_counter() - start
        assert summary.captures == COUNT
        return COUNT / spent

    def parsed() -> float:
        forget()
        start = perf_counter()
        for capture in captures:
            parse_capture(capture)
        return COUNT / (perf_counter() - start)

    fills, parses = interleaved(runs, filled, parsed)
    yield Figure(
        "filling a library ÷ parsing alone", Quantity(fills, "captures/s"), Quantity(parses, "captures/s")
    )
