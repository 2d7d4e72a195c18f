"""The lines of the versions screen, and where its parts stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from reader.app.arrangement import one_pane, side_of
from reader.app.version_texts import VersionsState
from reader.app.widgets.bars import Bar
from reader.app.widgets.version_list import VersionList


class VersionsBar(Bar[VersionsState]):
    """A line that draws what one of `version_texts` says."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        **Bar.LOOKS,
        "bar--removed": "text-error strike",
        "bar--added": "text-success underline",
    }


class VersionsLayout(Layout):
    """List and differences side by side, or one above the other where the terminal is narrow."""

    name = "versions"

    def __init__(self, parts: Sequence[Widget]) -> None:
        """`parts`: the line above, the list, the legend, the differences, the line below."""
        super().__init__()
        self._parts = parts
        self.listed = 1
        """How many versions are listed."""

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
            high = max(VersionList.ROW_LINES, min(rows // 2, 3 * self.listed))
            places = (
                Region(0, 1, width, high),
                Region(0, 1 + high, width, 1),
                Region(0, 2 + high, width, max(1, rows - high - 1)),
            )
        else:
            side = side_of(width)
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
