"""Where two parts of a screen stand that belong together, such as lines and what is said of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from reader.app.widgets.arrangement import one_pane


class PairLayout(Layout):
    """Side by side, or one above the other where the terminal is narrow; the second has a legend above it."""

    name = "pair"

    def __init__(
        self, parts: Sequence[Widget], left: Callable[[int], int], upper: Callable[[int], int]
    ) -> None:
        """`parts`: the line above, the first, the legend, the second, the line below.

        `left` is how many cells of a width the first has beside the second, `upper` how many of some rows above it.
        """
        super().__init__()
        self._parts = parts
        self._left = left
        self._upper = upper

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
        if one_pane(parent, width):
            high = self._upper(rows)
            places = (
                Region(0, 1, width, high),
                Region(0, 1 + high, width, 1),
                Region(0, 2 + high, width, max(1, rows - high - 1)),
            )
        else:
            left = self._left(width)
            places = (
                Region(0, 1, left, rows),
                Region(left + 1, 1, width - left - 1, 1),
                Region(left + 1, 2, width - left - 1, max(1, rows - 1)),
            )
        regions = (Region(0, 0, width, 1), *places, Region(0, height - 1, width, 1))
        placed = dict(zip(self._parts, regions, strict=True))
        return [
            WidgetPlacement(placed[child], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child in placed
        ]
