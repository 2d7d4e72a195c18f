"""A long document as rows, laid out only near the screen. Pure.

A document is a sequence of units, each laid out by itself. Until that happens a unit has an estimated height,
so rows can be counted and found at once, and the count gets better the more is read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

REMEMBERED = 256
"""The most units whose layout is cached."""


class ReadingPosition(NamedTuple):
    """A position in a document, the same at every width."""

    block: int
    """Which block: in an article its body counts from 0, what stands above it is negative."""
    offset: int
    """Offset of a character in the block."""


class Row(NamedTuple):
    """One row of a unit."""

    start: int
    """Offset of its first character in the unit's text; negative for a row above it that is no text."""
    end: int
    """Offset behind its last one; spaces before that are not drawn."""
    prefix: str = ""
    """Before the text: a bullet, a bar, a number."""
    hyphen: bool = False
    """Whether it ends within a word, which a hyphen shows."""
    extra: int = 0
    """By how many cells its gaps between words grow altogether."""


class Styled(NamedTuple):
    """A stretch of a unit's text that is drawn in its own way."""

    start: int
    end: int
    role: str


class Laid(NamedTuple):
    """A unit as it is drawn at one width."""

    text: str
    rows: Sequence[Row]
    """At least one, in order, their starts never falling."""
    role: str
    """How its text is drawn."""
    prefix_role: str
    """How its rows' prefixes are drawn."""
    styled: Sequence[Styled] = ()
    """Stretches of the text drawn in another role, in order, not overlapping."""


class Document(ABC):
    """A text made of units, which never change, each of which can be laid out as rows."""

    @abstractmethod
    def __len__(self) -> int:
        """How many units there are, at least 1."""

    @abstractmethod
    def estimates(self, width: int) -> list[int]:
        """About how many rows each unit has at `width` cells, at least 1 each."""

    @abstractmethod
    def text(self, unit: int) -> str:
        """The text of a unit, fit to be drawn."""

    @abstractmethod
    def lay_out(self, unit: int, width: int) -> Laid:
        """The unit at `width` cells."""

    @abstractmethod
    def goes_on(self, unit: int) -> bool:
        """Whether the next unit goes on with this one's block, so that a match may reach into it."""

    @abstractmethod
    def position(self, unit: int, offset: int) -> ReadingPosition:
        """The position of an offset in a unit's text."""

    @abstractmethod
    def find(self, position: ReadingPosition) -> tuple[int, int]:
        """The unit of a position and the offset in its text; the nearest there is."""


class RowIndex:
    """The heights of units in a Fenwick tree: finds the unit of a row, and corrects a height, in logarithmic time."""

    def __init__(self, heights: Sequence[int]) -> None:
        self.heights = list(heights)
        self.total = sum(heights)
        tree = [0, *heights]
        size = len(tree)
        for i in range(1, size):
            parent = i + (i & -i)
            if parent < size:
                tree[parent] += tree[i]
        self._tree = tree
        self._highest = 1 << max(0, len(heights).bit_length() - 1)

    def top(self, unit: int) -> int:
        """The row at which a unit starts."""
        tree, row = self._tree, 0
        while unit:
            row += tree[unit]
            unit &= unit - 1
        return row

    def locate(self, row: int) -> tuple[int, int]:
        """The unit that holds a row and the row's number in it; beyond the end the last row there is."""
        if row >= self.total:
            return len(self.heights) - 1, self.heights[-1] - 1
        tree, unit, step, row = self._tree, 0, self._highest, max(0, row)
        while step:
            if unit + step < len(tree) and tree[unit + step] <= row:
                unit += step
                row -= tree[unit]
            step >>= 1
        return unit, row

    def set_height(self, unit: int, height: int) -> None:
        """Correct the height of a unit; all units after it move."""
        change = height - self.heights[unit]
        if not change:
            return
        self.heights[unit] = height
        self.total += change
        i = unit + 1
        while i < len(self._tree):
            self._tree[i] += change
            i += i & -i


class Flow:
    """A document at one width."""

    def __init__(self, document: Document, width: int) -> None:
        """`width` is in cells."""
        self.document = document
        self.width = width
        self._index = RowIndex(document.estimates(width))
        self._is_known = bytearray(len(document))
        self._unknown = len(document)
        self._laid: OrderedDict[int, Laid] = OrderedDict()

    @property
    def total(self) -> int:
        """How many rows there are, estimated until `complete`."""
        return self._index.total

    @property
    def complete(self) -> bool:
        """Whether every unit has been laid out once, so that `total` is right."""
        return not self._unknown

    def laid(self, unit: int) -> Laid:
        """A unit laid out; corrects its height."""
        laid = self._laid.get(unit)
        if laid is not None:
            self._laid.move_to_end(unit)
            return laid
        laid = self._laid[unit] = self.document.lay_out(unit, self.width)
        if len(self._laid) > REMEMBERED:
            self._laid.popitem(last=False)
        if not self._is_known[unit]:
            self._is_known[unit] = 1
            self._unknown -= 1
            self._index.set_height(unit, len(laid.rows))
        return laid

    def locate(self, row: int) -> tuple[int, int]:
        """The unit that holds a row and the row's number in it."""
        return self._index.locate(row)

    def row(self, unit: int, offset: int) -> int:
        """The row of a character in a unit's text, by the heights known so far; lays the unit out."""
        rows = self.laid(unit).rows
        number = next((i for i in range(len(rows) - 1, 0, -1) if rows[i].start <= offset), 0)
        return self._index.top(unit) + number

    def settle(self, row: int, above: int, below: int) -> int:
        """Lay out all units within so many rows above and below a row.

        Returns the row's new number, after the corrected heights above it: it holds the same text.
        """
        unit, number = self._index.locate(row)
        number = min(number, self._height(unit) - 1)
        reached, other = number, unit
        while reached < above and other:
            other -= 1
            reached += self._height(other)
        reached, other = self._height(unit) - number, unit + 1
        while reached < below and other < len(self._is_known):
            reached += self._height(other)
            other += 1
        return self._index.top(unit) + number

    def position(self, row: int) -> ReadingPosition:
        """The position of a row's first character; lays its unit out."""
        unit, number = self._index.locate(row)
        rows = self.laid(unit).rows
        return self.document.position(unit, rows[min(number, len(rows) - 1)].start)

    def row_of(self, position: ReadingPosition) -> int:
        """The row of a position; lays its unit out."""
        return self.row(*self.document.find(position))

    def _height(self, unit: int) -> int:
        return self._index.heights[unit] if self._is_known[unit] else len(self.laid(unit).rows)
