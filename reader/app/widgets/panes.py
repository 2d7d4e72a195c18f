"""Panes of a screen: where widgets stand, and a screen of two panes that belong together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Generic, TypeVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from reader.app.notices import report_error, show_notice
from reader.app.query_worker import QueryWorker
from reader.app.widgets.bars import Bar
from reader.app.widgets.drawing import FRAME, cropped, filtered, is_spoken, style_of
from reader.library import Library

NARROW = 90
"""With fewer columns a screen shows one pane at a time."""
SIDE_LEAST, SIDE_MOST = 36, 60
"""The columns of a list beside a text."""
Regions = Mapping[Widget, Region | None]
"""The place of each widget; None where it is hidden."""
Answer = TypeVar("Answer")
State = TypeVar("State")


def is_narrow(width: int) -> bool:
    """Does a screen of `width` columns have room for one pane only?"""
    return width < NARROW


def has_one_pane(widget: Widget, width: int) -> bool:
    """Does a screen of `width` columns show one pane at a time, because it is narrow or read aloud?"""
    return is_narrow(width) or is_spoken(widget)


def side_width(width: int) -> int:
    """The columns of a list beside a text on a screen of `width` columns."""
    return max(SIDE_LEAST, min(SIDE_MOST, width * 2 // 5))


class RegionLayout(Layout):
    """Puts each child where `regions` says for a size; the others are hidden."""

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
        """Place each child that has a region."""
        regions = self._regions(size)
        return [
            WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if (region := regions.get(child)) is not None
        ]


class PairScreen(Screen[Answer], Generic[Answer, State]):
    """Two panes, side by side or one above the other, between a line above and a line below, with a legend."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = "PairScreen { overflow: hidden; }"

    def __init__(self, library: Library, first: Widget, second: Widget, bars: tuple[Bar[State], ...]) -> None:
        """`bars`: the line above, the legend, the line below."""
        super().__init__()
        self.library = library
        self.queries = QueryWorker(library, partial(report_error, self))
        self.above, self.legend, self.below = bars
        self._first, self._second = first, second
        self._region_layout = RegionLayout(self._regions)

    def left(self, width: int) -> int:
        """The cells of the first pane beside the second, out of `width`."""
        raise NotImplementedError

    def upper(self, rows: int) -> int:
        """The rows of the first pane above the second, out of `rows`."""
        raise NotImplementedError

    @property
    def layout(self) -> Layout:
        """Where the panes and bars stand."""
        return self._region_layout

    def compose(self) -> ComposeResult:
        """The panes and bars from top to bottom."""
        yield from (self.above, self._first, self.legend, self._second, self.below)

    def _regions(self, size: Size) -> Regions:
        width, height = size
        rows = max(2, height - 2)
        bars = {self.above: Region(0, 0, width, 1), self.below: Region(0, height - 1, width, 1)}
        if has_one_pane(self, width):
            high = self.upper(rows)
            return bars | {
                self._first: Region(0, 1, width, high),
                self.legend: Region(0, 1 + high, width, 1),
                self._second: Region(0, 2 + high, width, max(1, rows - high - 1)),
            }
        left = self.left(width)
        return bars | {
            self._first: Region(0, 1, left, rows),
            self.legend: Region(left + 1, 1, width - left - 1, 1),
            self._second: Region(left + 1, 2, width - left - 1, max(1, rows - 1)),
        }

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the line between the panes."""
        # Not `self.size`: after a resize that is the terminal's new size before the screen is laid out for it.
        width, height = self.outer_size
        blank = self.visual_style.rich_style
        line = Strip.blank(width, blank)
        if not has_one_pane(self, width):
            left = self.left(width)
            right = Segment(" " * (width - left - 1), blank)
            line = Strip([Segment(" " * left, blank), Segment("│", style_of(self, FRAME)), right], width)
        (line,) = filtered(self, [line])
        return cropped([line] * height, crop, width)[: crop.height]

    def on_unmount(self) -> None:
        """End what runs beside the screen."""
        self.queries.close()

    def action_other(self) -> None:
        """Give the keys to the second pane, or back to the first."""
        other = self._first if self.focused is self._second else self._second
        self.set_focus(other, scroll_visible=False)

    def update_bars(self, state: State) -> None:
        """Have the bars show a state."""
        for bar in (self.above, self.legend, self.below):
            bar.state = state

    def notice(self, sentence: str) -> None:
        """Show what has been done."""
        show_notice(self, sentence, seconds=6)
