"""Lays out a long document as rows, only near the screen. Pure functions.

A document is a sequence of units, which are laid out one by one. Until then a unit has an estimated height. So rows
can be counted and found at once, and the count becomes exact as the reader goes on.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from reader.app.text.parts import PartsDocument


class ReadingPosition(NamedTuple):
    """A position in a document that does not depend on the width."""

    block: int
    """The number of the block: an article's body counts from 0, parts above it are negative."""
    offset: int
    """Offset of a character in the block."""


class Insertion(NamedTuple):
    """Words drawn within a unit's text that are no part of it, such as the sign of a note."""

    offset: int
    """They are drawn before this character of the text."""
    text: str
    belongs_to: int
    """The character that a click on them hits."""


class Row(NamedTuple):
    """One row of a unit."""

    start: int
    """Offset of the first character in the unit's text; negative for rows of a picture above the text."""
    end: int
    """Offset after the last character; trailing spaces are not drawn."""
    prefix: str = ""
    """Drawn before the text: a bullet, a bar, a number."""
    hyphen: bool = False
    """Does the row end within a word? Then a hyphen is drawn."""
    extra: int = 0
    """How many cells to add to the gaps between words, to justify the row."""
    suffix: str = ""
    """Drawn in the last cells of the text's column, in the role of prefixes: the right side of a box."""
    insertions: tuple[Insertion, ...] = ()
    """Words drawn within the row's text, in order."""


class StyledSpan(NamedTuple):
    """A span of a unit's text that is drawn in a role of its own."""

    start: int
    end: int
    role: str


class Mark(NamedTuple):
    """A span of a unit's text that is marked, such as a match of a search."""

    start: int
    end: int
    look: str
    """The name of its look."""


class UnitLayout(NamedTuple):
    """A unit laid out at a width."""

    text: str
    rows: Sequence[Row]
    """At least one, in order; starts never decrease."""
    role: str
    """The role in which its text is drawn."""
    prefix_role: str
    """The role in which prefixes of rows are drawn."""
    styled: Sequence[StyledSpan] = ()
    """Spans of the text drawn in another role, in order, not overlapping."""

    def drawn_end(self, row: Row) -> int:
        """Offset after the last character that is drawn of a row: trailing spaces are not."""
        return row.start + len(self.text[row.start : row.end].rstrip(" "))


class Flow:
    """The layout of a document at one width, made as rows are needed."""

    def __init__(self, document: "PartsDocument", width: int) -> None:
        """`width` is in cells."""
        self.document = document
        self.width = width
        self._heights = document.estimates(width)
        """How many rows each unit has, estimated until it has been laid out."""
        self._starts: list[int] = []
        """The row at which each unit starts, and last the number of rows; empty until they are needed."""
        self._layouts: dict[int, UnitLayout] = {}

    @property
    def total(self) -> int:
        """How many rows there are, estimated until `complete`."""
        return self._all_starts()[-1]

    @property
    def complete(self) -> bool:
        """Has every unit been laid out, so that `total` is exact?"""
        return len(self._layouts) == len(self._heights)

    def layout(self, unit: int) -> UnitLayout:
        """Lay out a unit once, and correct its height."""
        layout = self._layouts.get(unit)
        if layout is None:
            layout = self._layouts[unit] = self.document.lay_out(unit, self.width)
            if self._heights[unit] != len(layout.rows):
                self._heights[unit] = len(layout.rows)
                self._starts = []
        return layout

    def locate(self, row: int) -> tuple[int, int]:
        """The unit of a row and the row's number in it; the last row for a row beyond the end."""
        starts = self._all_starts()
        row = max(0, min(row, starts[-1] - 1))
        unit = bisect_right(starts, row) - 1
        return unit, row - starts[unit]

    def row_at(self, row: int) -> tuple[int, UnitLayout, Row]:
        """The unit of a row, its layout and the row itself; lays out the unit."""
        unit, number = self.locate(row)
        layout = self.layout(unit)
        return unit, layout, layout.rows[min(number, len(layout.rows) - 1)]

    def row(self, unit: int, offset: int) -> int:
        """The row of a character in a unit's text, by the heights known so far; lays out the unit."""
        rows = self.layout(unit).rows
        number = next((i for i in range(len(rows) - 1, 0, -1) if rows[i].start <= offset), 0)
        return self._all_starts()[unit] + number

    def lay_out_around(self, row: int, above: int, below: int) -> int:
        """Lay out all units up to `above` rows above and `below` rows below a row.

        Returns the new number of the same row, which changes with the heights of the units above it.
        """
        unit, number = self.locate(row)
        height = len(self.layout(unit).rows)
        number = min(number, height - 1)
        reached, other = number, unit
        while reached < above and other:
            other -= 1
            reached += len(self.layout(other).rows)
        reached, other = height - number, unit + 1
        while reached < below and other < len(self._heights):
            reached += len(self.layout(other).rows)
            other += 1
        return self._all_starts()[unit] + number

    def position(self, row: int) -> ReadingPosition:
        """The position of a row's first character; lays out its unit."""
        unit, _, laid_out = self.row_at(row)
        return self.document.position(unit, laid_out.start)

    def row_of(self, position: ReadingPosition) -> int:
        """The row of a position; lays out its unit."""
        return self.row(*self.document.find(position))

    def _all_starts(self) -> list[int]:
        if not self._starts:
            self._starts = list(accumulate(self._heights, initial=0))
        return self._starts
