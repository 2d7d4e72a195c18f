"""What is measured, its baseline and its budget, and the table of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat

_NOISY = 0.1
"""A range that is wider than this part of the median is told beside it."""
_HEADINGS = ("what", "measured", "baseline", "ratio", "budget", "")


@dataclass(frozen=True, slots=True)
class Quantity:
    """Values of one thing, measured several times."""

    values: Sequence[float]
    unit: str
    part: float = 0.5
    """The value that stands for all: so large a part of them is smaller. 0.5 is the median."""

    @property
    def value(self) -> float:
        """The value that stands for all."""
        ordered = sorted(self.values)
        place = self.part * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (place - below) * (ordered[above] - ordered[below])

    def __str__(self) -> str:
        low, high = min(self.values), max(self.values)
        shown = f"{_digits(self.value)} {self.unit}"
        noisy = len(self.values) > 1 and high - low > _NOISY * self.value
        return f"{shown} ({_digits(low)}-{_digits(high)})" if noisy else shown


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table. Without a baseline the budget is for the measured value itself."""

    name: str
    measured: Quantity
    baseline: Quantity | None = None
    budget: float | None = None

    @property
    def ratio(self) -> float | None:
        """Measured ÷ baseline."""
        return None if self.baseline is None else self.measured.value / self.baseline.value

    @property
    def verdict(self) -> str:
        """Either "ok" or "over"; "" where there is no budget."""
        if self.budget is None:
            return ""
        judged = self.measured.value if self.ratio is None else self.ratio
        return "ok" if judged <= self.budget else "over"

    def cells(self) -> tuple[str, ...]:
        """The row."""
        ratio = self.ratio
        unit = "" if ratio is not None else f" {self.measured.unit}"
        return (
            self.name,
            str(self.measured),
            "" if self.baseline is None else str(self.baseline),
            "" if ratio is None else _digits(ratio),
            "" if self.budget is None else f"{self.budget:g}{unit}",
            self.verdict,
        )


class NotMeasuredError(Exception):
    """Why something could not be measured, as a sentence."""


def interleaved(times: int, *ways: Callable[[], float], warm_up: int = 1) -> list[list[float]]:
    """Each way's results, measured in turn (A B A B …) so that a busy machine is as unkind to each."""
    for way in ways:
        for _ in repeat(None, warm_up):
            way()
    results: list[list[float]] = [[] for _ in ways]
    for _ in repeat(None, times):
        for found, way in zip(results, ways, strict=True):
            found.append(way())
    return results


def table(figures: Iterable[Figure]) -> str:
    """The figures in columns."""
    rows = [_HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("─" * width for width in widths))
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows
    )


def tell(sentence: str) -> None:
    """Say how far the run has come, beside the table."""
    print(f"benchmarks: {sentence}", file=sys.stderr, flush=True)


def _digits(number: float) -> str:
    """A number with three digits that matter."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.3f}" if number < 1 else f"{number:.2f}"
