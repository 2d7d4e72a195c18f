"""Months side by side as standing bars, those without articles as gaps. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from reader.app.overview.block_bars import PARTS, Run, joined, stack
from reader.library.listings.overview import Count

_WIDEST_STEP = 4
"""The most cells of a month, the gap after it included."""
_LATE = 10
"""From so many months after a January on, the next one's year is told and not this one's."""


class Column(NamedTuple):
    """A month that has articles, and the cells of its bar."""

    month: Count
    start: int
    end: int


class Chart(NamedTuple):
    """The lines of a chart, from above: the bars, the axis, the years."""

    lines: list[list[Run]]
    columns: list[Column]


def is_month(name: str) -> bool:
    """Whether it is a month: a capture may claim any date."""
    return re.fullmatch(r"[0-9]{4}-(?:0[1-9]|1[0-2])", name) is not None


def months_between(first: str, last: str) -> int:
    """How many months come after `first` and before `last`, both YYYY-MM; at least 0."""
    return max(0, _number(last) - _number(first) - 1)


def chart(months: Sequence[Count], width: int, rows: int, shaded: bool) -> Chart | None:
    """The months (with a date, in order) in at most `width` cells, bars `rows` lines high; None without room.

    `shaded`: no colours tell the parts of bars apart.
    """
    if not months:
        return None
    first = _number(months[0].name)
    count = _number(months[-1].name) - first + 1
    most = max(month.articles for month in months)
    label = f"{most:,}"
    left = len(label) + 3
    step = min(_WIDEST_STEP, (width - left) // count)
    if step < 1:
        return None
    broad = max(1, step - 1)
    columns = []
    grid = [[Run(" ")] * (count * step) for _ in range(rows)]
    for month in months:
        start = (_number(month.name) - first) * step
        columns.append(Column(month, left + start, left + start + broad))
        for height, cell in enumerate(stack(month.shares, most, rows, shaded)):
            for at in range(start, start + broad):
                grid[rows - 1 - height][at] = Run(cell.high(shaded), PARTS[cell.part])
    lines = []
    for number, cells in enumerate(grid):
        axis = f" {label} ┤" if number == 0 else f"{'│':>{left}}"
        lines.append(joined([Run(axis, "muted"), *cells]))
    ticks, years = _axis(first, count, step, width - left)
    lines.append([Run(f"{'0 ┼':>{left}}{ticks}", "muted")])
    lines.append([Run(" " * left + years, "muted")])
    return Chart(lines, columns)


def _axis(first: int, count: int, step: int, room: int) -> tuple[str, str]:
    """The line below the bars with a tick at every January, and the years below that, as far as there is room."""
    ticks, years = ["─"] * (count * step), ""
    for month in range(count):
        january = (first + month) % 12 == 0
        if january:
            ticks[month * step] = "┬"
        if january or (month == 0 and first % 12 < _LATE):
            at = month * step
            if at >= len(years) + bool(years) and at + 4 <= room:
                years = f"{years:{at}}{(first + month) // 12:04}" if at else f"{(first + month) // 12:04}"
    return "".join(ticks), years


def _number(month: str) -> int:
    """YYYY-MM as a number that grows by one a month."""
    year, _, of_year = month.partition("-")
    return int(year) * 12 + int(of_year) - 1
