"""Where the widgets of a screen stand, each in its region, and a screen of two panes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from reader.app.messages import report_error, show_notice
from reader.app.threads import QueryWorker
from reader.app.widgets.bars import Bar, Piece
from reader.app.widgets.drawing import FRAME, is_spoken, style_of
from reader.library import Library

NARROW = 90
"""With fewer columns, a screen shows one pane at a time."""
MIN_SIDE, MAX_SIDE = 36, 60
"""Limits for the columns of a list beside a text."""
Regions = Mapping[Widget, Region]
"""The region of each widget that is shown."""


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
            WidgetPlacement(regions[child], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child in regions
        ]


Answer = TypeVar("Answer")


def divided(left: int, width: int, blank: Style, frame: Style) -> Strip:
    """A row of a screen with the line between its panes, after `left` cells."""
    right = Segment(" " * (width - left - 1), blank)
    return Strip([Segment(" " * left, blank), Segment("│", frame), right], width)


class TwoPaneScreen(Screen[Answer]):
    """Two panes, side by side or one above the other, between two bars, with a legend above the second pane."""

    DEFAULT_CSS = "TwoPaneScreen { overflow: hidden; }"

    def __init__(self, library: Library, first: Widget, second: Widget) -> None:
        super().__init__()
        self.library = library
        self.queries = QueryWorker(library, partial(report_error, self))
        self._above = Bar(self.heading)
        self._legend = Bar(self.legend)
        self._below = Bar(self.footer)
        self._first, self._second = first, second
        self._region_layout = RegionLayout(self._regions)

    def heading(self, width: int) -> list[Piece]:
        """The text of the bar above."""
        raise NotImplementedError

    def legend(self, width: int) -> list[Piece]:
        """The text of the line above the second pane."""
        raise NotImplementedError

    def footer(self, width: int) -> list[Piece]:
        """The text of the bar below."""
        raise NotImplementedError

    def legend_rows(self, size: Size) -> int:  # noqa: ARG002
        """How many rows the legend takes, 0 or 1."""
        return 1

    def left(self, width: int) -> int:
        """The columns of the first pane, side by side with the second, out of `width`."""
        raise NotImplementedError

    def upper(self, rows: int) -> int:
        """The rows of the first pane, one above the other, out of `rows`."""
        raise NotImplementedError

    @property
    def layout(self) -> Layout:
        return self._region_layout

    def compose(self) -> ComposeResult:
        yield from (self._above, self._first, self._legend, self._second, self._below)

    def _regions(self, size: Size) -> Regions:
        width, height = size
        rows, rule = max(2, height - 2), self.legend_rows(size)
        if has_one_pane(self, width):
            upper = self.upper(rows)
            first, legend = Region(0, 1, width, upper), Region(0, 1 + upper, width, 1)
            second = Region(0, 1 + upper + rule, width, max(1, rows - upper - rule))
        else:
            left = self.left(width)
            first, legend = Region(0, 1, left, rows), Region(left + 1, 1, width - left - 1, 1)
            second = Region(left + 1, 1 + rule, width - left - 1, max(1, rows - rule))
        return {
            self._above: Region(0, 0, width, 1),
            self._first: first,
            self._second: second,
            self._below: Region(0, height - 1, width, 1),
            **({self._legend: legend} if rule else {}),
        }

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Draw the line between the panes."""
        # Not `self.size`: right after a resize that is the new size, before the screen is laid out for it.
        width, blank = self.outer_size.width, self.visual_style.rich_style
        if has_one_pane(self, width):
            return Strip.blank(width, blank)
        return divided(self.left(width), width, blank, style_of(self, FRAME))

    def on_unmount(self) -> None:
        self.queries.close()

    def on_descendant_focus(self) -> None:
        self.refresh_bars()

    def action_other(self) -> None:
        other = self._first if self.focused is self._second else self._second
        self.set_focus(other, scroll_visible=False)

    def action_close(self) -> None:
        self.dismiss(None)

    def refresh_bars(self) -> None:
        """Draw the bars again, after a change of what they show."""
        for bar in (self._above, self._legend, self._below):
            bar.refresh()

    def notice(self, sentence: str) -> None:
        show_notice(self, sentence, seconds=6)
