"""Where the widgets of a screen stand: side by side or one above the other, each in its region."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from reader.app.widgets.drawing import is_spoken

NARROW = 90
"""With fewer columns, a screen shows one pane at a time."""
MIN_SIDE, MAX_SIDE = 36, 60
"""Limits for the columns of a list beside a text."""
Regions = Mapping[Widget, Region | None]
"""The region of each widget; None if it is hidden."""


def is_narrow(width: int) -> bool:
    """Does a screen of `width` columns have room for only one pane?"""
    return width < NARROW


def has_one_pane(widget: Widget, width: int) -> bool:
    """Does a screen show one pane at a time, because it is narrow or for a screen reader?"""
    return is_narrow(width) or is_spoken(widget)


def side_width(width: int) -> int:
    """The columns of a list beside a text on a screen of `width` columns."""
    return max(MIN_SIDE, min(MAX_SIDE, width * 2 // 5))


class RegionLayout(Layout):
    """Places each child in its region, computed by `regions` for a size. Other children are hidden."""

    name = "regions"

    def __init__(self, regions: Callable[[Size], Regions]) -> None:
        super().__init__()
        self._regions = regions

    def arrange(
        self,
        parent: Widget,  # noqa: ARG002
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002
    ) -> ArrangeResult:
        regions = self._regions(size)
        return [
            WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if (region := regions.get(child)) is not None
        ]
