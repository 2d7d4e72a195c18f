"""Where the parts of the why screen stand."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from reader.app.arrangement import one_pane, side_of


class WhyLayout(Layout):
    """Lines and reasons side by side, or the reasons below where the terminal is narrow."""

    name = "why"

    def __init__(self, parts: Sequence[Widget]) -> None:
        """`parts`: the line above, the lines, the legend, the reasons, the line below."""
        super().__init__()
        self._parts = parts

    def arrange(
        self,
        parent: Widget,
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002
    ) -> ArrangeResult:
        """A placement for each part."""
        width, height = size
        rows = max(2, height - 2)
        if one_pane(parent):
            low = max(1, rows * 2 // 5)
            high = max(1, rows - low - 1)
            places = (
                Region(0, 1, width, high),
                Region(0, 1 + high, width, 1),
                Region(0, 2 + high, width, low),
            )
        else:
            side = width - side_of(width) - 1
            places = (
                Region(0, 1, side, rows),
                Region(side + 1, 1, width - side - 1, 1),
                Region(side + 1, 2, width - side - 1, max(1, rows - 1)),
            )
        regions = (Region(0, 0, width, 1), *places, Region(0, height - 1, width, 1))
        placed = dict(zip(self._parts, regions, strict=True))
        return [
            WidgetPlacement(placed[child], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child in placed
        ]
