"""Bars of block characters, and a chart of months. Pure functions, which do not set colours."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from reader.library.listings.overview import Count

PARTS: Final = ("whole", "completed", "truncated", "sponsored")
"""The styles of a bar's parts, in the order of `Shares`."""
GROUND: Final = "ground"
"""The style of the empty room beside a bar."""
_SHADES: Final = "█▓▒░"
"""Characters that fill the cells of each part where there are no colours."""
_WIDE: Final = " ▏▎▍▌▋▊▉"
"""Eighths of a cell from the left."""
_HIGH: Final = " ▁▂▃▄▅▆▇"
"""Eighths of a cell from below."""


class Run(NamedTuple):
    """Text in one style."""

    text: str
    look: str = "text"


class Cell(NamedTuple):
    """One cell of a bar."""

    part: int
    """Index of the part that it shows."""
    eighths: int = 8
    """How much of it is filled, 1 to 8; below 8 only at the end of the bar."""

    def horizontal(self, shaded: bool) -> str:
        """Its character in a horizontal bar; `shaded`: there are no colours."""
        return self._filled(shaded) or _WIDE[self.eighths]

    def vertical(self, shaded: bool) -> str:
        """Its character in a vertical bar."""
        return self._filled(shaded) or _HIGH[self.eighths]

    def _filled(self, shaded: bool) -> str:
        return "" if self.eighths < 8 else _SHADES[self.part if shaded else 0]


def stack(parts: Sequence[int], most: int, room: int, shaded: bool) -> list[Cell]:
    """A bar of all parts one after the other, on a scale on which `most` fills `room` cells.

    A cell shows the part at its middle. A total above 0 fills at least an eighth of a cell. If `shaded`, all parts but
    the first have whole cells, since only whole cells can be shaded.
    """
    total = sum(parts)
    if total <= 0 or most <= 0 or room <= 0:
        return []
    length = max(1, round(8 * room * total / most))
    ends = list(accumulate(parts))
    cells = []
    for start in range(0, length, 8):
        eighths = min(8, length - start)
        middle = (start + eighths / 2) * total / length
        cells.append(Cell(min(bisect_right(ends, middle), len(parts) - 1), eighths))
    if shaded and (last := cells[-1]).part and last.eighths < 8:
        cells.pop()
        if last.eighths >= 4 or not cells:
            cells.append(Cell(last.part))
    return cells


def split(parts: Sequence[int], room: int) -> list[Cell]:
    """A bar that fills `room` cells; each part above 0 has at least one, as far as there is room."""
    total = sum(parts)
    if total <= 0 or room <= 0:
        return []
    shown = [part for part, number in enumerate(parts) if number > 0][:room]
    widths = dict.fromkeys(shown, 1)
    for _ in range(room - len(shown)):
        # The part that is furthest below its share gets the next cell.
        widths[max(shown, key=lambda part: parts[part] * room / total - widths[part])] += 1
    return [Cell(part) for part in shown for _ in range(widths[part])]


def horizontal_bar(cells: Iterable[Cell], shaded: bool) -> list[Run]:
    """The cells of a horizontal bar as text, one run for each part."""
    return joined(Run(cell.horizontal(shaded), PARTS[cell.part]) for cell in cells)


def joined(runs: Iterable[Run]) -> list[Run]:
    """Join neighbouring runs of one style."""
    result: list[Run] = []
    for run in runs:
        if result and result[-1].look == run.look:
            result[-1] = Run(result[-1].text + run.text, run.look)
        elif run.text:
            result.append(run)
    return result


_WIDEST_STEP = 4
"""The most cells of a month, with the gap after it."""
_LATE = 10
"""A chart that begins this many months after January does not label its first year."""


class Column(NamedTuple):
    """A month that has articles, and the cells of its bar."""

    month: Count
    start: int
    end: int


class Chart(NamedTuple):
    """The lines of a chart from top to bottom: bars, axis, years."""

    lines: list[list[Run]]
    columns: list[Column]


def is_month(name: str) -> bool:
    """Is a name a month? Captures can claim any date."""
    return re.fullmatch(r"[0-9]{4}-(?:0[1-9]|1[0-2])", name) is not None


def months_between(first: str, last: str) -> int:
    """How many months are between two months, both YYYY-MM; at least 0."""
    return max(0, _number(last) - _number(first) - 1)


def chart(months: Sequence[Count], width: int, rows: int, shaded: bool) -> Chart | None:
    """Months, in order, as vertical bars of up to `rows` lines in at most `width` cells; None if they do not fit.

    `shaded`: there are no colours.
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
                grid[rows - 1 - height][at] = Run(cell.vertical(shaded), PARTS[cell.part])
    lines = []
    for number, cells in enumerate(grid):
        axis = f" {label} ┤" if number == 0 else f"{'│':>{left}}"
        lines.append(joined([Run(axis, "muted"), *cells]))
    ticks, years = _axis(first, count, step, width - left)
    lines.append([Run(f"{'0 ┼':>{left}}{ticks}", "muted")])
    lines.append([Run(" " * left + years, "muted")])
    return Chart(lines, columns)


def _axis(first: int, count: int, step: int, room: int) -> tuple[str, str]:
    """The axis with a tick at every January, and the years that there is room for."""
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
    """Count the months up to YYYY-MM."""
    year, _, of_year = month.partition("-")
    return int(year) * 12 + int(of_year) - 1
