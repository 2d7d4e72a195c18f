"""Which line of a grouped list shows what: index arithmetic over the groups, never over the rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple, Protocol


class GroupLike(Protocol):
    """A run of rows under one heading."""

    @property
    def name(self) -> str:
        """The heading; empty for none."""

    @property
    def count(self) -> int:
        """How many rows it has."""

    @property
    def first(self) -> int:
        """Index of its first row among all rows."""


class Spot(NamedTuple):
    """What stands on a line: a heading when `row` is None, else one line of a row."""

    group: int
    row: int | None
    """Index of the row among all rows."""
    part: int
    """Which line of the row, from 0."""


class Lines:
    """The lines of groups whose rows take `height` lines each; a named group has a heading of one line."""

    def __init__(self, groups: Sequence[GroupLike], height: int) -> None:
        self.height = height
        self._firsts = [group.first for group in groups]
        self._heads = [bool(group.name) for group in groups]
        self._starts: list[int] = []
        line = 0
        for group in groups:
            self._starts.append(line)
            line += bool(group.name) + group.count * height
        self.count = line
        """How many lines there are."""

    def at(self, line: int) -> Spot | None:
        """What stands on `line`; None past the end."""
        if not 0 <= line < self.count:
            return None
        group = bisect_right(self._starts, line) - 1
        within = line - self._starts[group] - self._heads[group]
        if within < 0:
            return Spot(group, None, 0)
        return Spot(group, self._firsts[group] + within // self.height, within % self.height)

    def line_of(self, index: int) -> int:
        """The first line of row `index`."""
        group = self._group_of(index)
        return self._starts[group] + self._heads[group] + (index - self._firsts[group]) * self.height

    def shown_from(self, index: int) -> int:
        """The line to show so that row `index` is seen with its heading, if it is its group's first row."""
        group = self._group_of(index)
        first = index == self._firsts[group] and self._heads[group]
        return self.line_of(index) - first

    def _group_of(self, index: int) -> int:
        return bisect_right(self._firsts, index) - 1
