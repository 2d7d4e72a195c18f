"""How fast the reader is, as ratios to baselines measured in the same run: `python -m tests.benchmarks`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

_NOISY = 0.1
"""A range that is wider than this part of the value is shown beside it."""
_HEADINGS = ("what", "measured", "baseline", "ratio", "budget", "")


class Place(NamedTuple):
    """Where a benchmark works, and how much it measures."""

    folder: Path
    runs: int
    articles: int
    """In the large library."""
    library: Path | None = None
    """The large library, instead of a generated one."""


class Figure(NamedTuple):
    """One row of the table. Without a baseline the budget is for the measured value itself."""

    name: str
    measured: Sequence[float]
    unit: str
    baseline: Sequence[float] = ()
    budget: float | None = None
    quantile: float = 0.5
    """So large a part of the values is smaller than the one that is shown: 0.5 for the median."""

    def cells(self) -> tuple[str, ...]:
        """The row."""
        value = self._value(self.measured)
        ratio = value / self._value(self.baseline) if self.baseline else None
        judged = value if ratio is None else ratio
        unit = f" {self.unit}" if ratio is None else ""
        return (
            self.name,
            self._shown(self.measured),
            self._shown(self.baseline) if self.baseline else "",
            "" if ratio is None else _digits(ratio),
            "" if self.budget is None else f"{self.budget:g}{unit}",
            "" if self.budget is None else "ok" if judged <= self.budget else "over",
        )

    def _value(self, values: Sequence[float]) -> float:
        return sorted(values)[round(self.quantile * (len(values) - 1))]

    def _shown(self, values: Sequence[float]) -> str:
        value, low, high = self._value(values), min(values), max(values)
        noisy = f" ({_digits(low)}-{_digits(high)})" if high - low > _NOISY * value else ""
        return f"{_digits(value)} {self.unit}{noisy}"


class NotMeasuredError(Exception):
    """Why something could not be measured, as a sentence."""


def interleaved(times: int, *ways: Callable[[], float], warm_up: int = 1) -> list[list[float]]:
    """The results of each way, measured in turn (A B A B …) so that a busy machine affects all alike."""
    for way in ways * warm_up:
        way()
    rounds = [[way() for way in ways] for _ in range(times)]
    return [list(results) for results in zip(*rounds, strict=True)]


def in_new_process(work: Callable[..., float], *arguments: Any) -> float:
    """What `work` measures in a process that has kept nothing of other pages."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def table(figures: Iterable[Figure]) -> str:
    """The figures in columns."""
    rows = [_HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("─" * width for width in widths))
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows
    )


def notify(sentence: str) -> None:
    """Print the progress of the run, beside the table."""
    print(f"benchmarks: {sentence}", file=sys.stderr, flush=True)


def _digits(number: float) -> str:
    """A number with three digits that matter."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.3f}" if number < 1 else f"{number:.2f}"
