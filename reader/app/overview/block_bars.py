"""Bars of block characters: how long they are and which part of a whole each cell shows. Pure; draws nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

PARTS: Final = ("whole", "completed", "truncated", "sponsored")
"""The looks of a bar's parts, in the order of `library.counts.Shares`."""
GROUND: Final = "ground"
"""The look of the room that a bar leaves empty."""
_SHADES: Final = "█▓▒░"
"""What fills a cell of the first part, the second, …, where no colours tell them apart."""
_WIDE: Final = " ▏▎▍▌▋▊▉"
"""Eighths of a cell from the left."""
_HIGH: Final = " ▁▂▃▄▅▆▇"
"""Eighths of a cell from below."""


class Run(NamedTuple):
    """Text in one look."""

    text: str
    look: str = "text"


class Cell(NamedTuple):
    """One cell of a bar."""

    part: int
    """Which of the parts it shows."""
    eighths: int = 8
    """How much of it is filled, 1 to 8; less than 8 only at the bar's end."""

    def wide(self, shaded: bool) -> str:
        """How it looks in a bar that lies; `shaded` where there are no colours."""
        return self._filled(shaded) or _WIDE[self.eighths]

    def high(self, shaded: bool) -> str:
        """How it looks in a bar that stands."""
        return self._filled(shaded) or _HIGH[self.eighths]

    def _filled(self, shaded: bool) -> str:
        return "" if self.eighths < 8 else _SHADES[self.part if shaded else 0]


def stack(parts: Sequence[int], most: int, room: int, shaded: bool) -> list[Cell]:
    """A bar of all parts one after the other, to a scale on which `most` takes up `room` cells.

    A cell shows the part that its middle lies in; what is more than nothing takes an eighth at least. Where parts
    are to be `shaded`, all but the first have whole cells only: less than a cell has no shade.
    """
    total = sum(parts)
    if total <= 0 or most <= 0 or room <= 0:
        return []
    length = max(1, round(8 * room * total / most))
    ends = list(accumulate(parts))
    cells = []
    for start in range(0, length, 8):
        eighths = min(8, length - start)
        place = (start + eighths / 2) * total / length
        cells.append(Cell(min(bisect_right(ends, place), len(parts) - 1), eighths))
    if shaded and (last := cells[-1]).part and last.eighths < 8:
        cells.pop()
        if last.eighths >= 4 or not cells:
            cells.append(Cell(last.part))
    return cells


def split(parts: Sequence[int], room: int) -> list[Cell]:
    """A bar that fills `room` cells: every part that is more than nothing has a cell, as far as there are enough."""
    total = sum(parts)
    if total <= 0 or room <= 0:
        return []
    shown = [part for part, number in enumerate(parts) if number > 0][:room]
    widths = dict.fromkeys(shown, 1)
    for _ in range(room - len(shown)):
        # To the part that falls shortest of its share.
        widths[max(shown, key=lambda part: parts[part] * room / total - widths[part])] += 1
    return [Cell(part) for part in shown for _ in range(widths[part])]


def lying(cells: Iterable[Cell], shaded: bool) -> list[Run]:
    """A bar's cells as text, a run for each part."""
    return joined(Run(cell.wide(shaded), PARTS[cell.part]) for cell in cells)


def joined(runs: Iterable[Run]) -> list[Run]:
    """The same text with runs of one look made one."""
    done: list[Run] = []
    for run in runs:
        if done and done[-1].look == run.look:
            done[-1] = Run(done[-1].text + run.text, run.look)
        elif run.text:
            done.append(run)
    return done
