"""Where the parts of the main screen stand, and the lines between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.segment import Segment
from rich.style import Style
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from reader.app.widgets.arrangement import Parts

Regions = Mapping[Widget, Region | None]
"""The place of each widget; None where it is not seen."""


class PartsLayout(Layout):
    """Puts each child where `regions` says for a size; the others are not seen."""

    name = "parts"

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
        """A placement for each part that is seen."""
        regions = self._regions(size)
        return [
            WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if (region := regions.get(child)) is not None
        ]


def frame_strips(parts: Parts, width: int, blank: Style, frame: Style) -> tuple[Strip, Strip]:
    """A usual line of what stands between the parts, and the line with the rule below the sections."""
    plain = ruled = Strip.blank(width, blank)
    if (side := parts.divider) is not None:
        right = Segment(" " * (width - side - 1), blank)
        plain = Strip([Segment(" " * side, blank), Segment("│", frame), right], width)
        ruled = Strip([Segment("─" * side + "┤", frame), right], width)
    elif parts.rule is not None:
        ruled = Strip([Segment("─" * width, frame)], width)
    return plain, ruled
