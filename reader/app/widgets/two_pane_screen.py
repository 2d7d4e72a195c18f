"""A screen of two panes, for all screens with a list and a text but the main one."""

from __future__ import annotations

from functools import partial
from typing import TypeVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.layout import Layout
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from reader.app.messages import report_error, show_notice
from reader.app.threads import QueryWorker
from reader.app.widgets.bars import Bar, Piece
from reader.app.widgets.drawing import FRAME, style_of
from reader.app.widgets.panes import RegionLayout, Regions, has_one_pane
from reader.library import Library

Answer = TypeVar("Answer")


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
        bars = {self._above: Region(0, 0, width, 1), self._below: Region(0, height - 1, width, 1)}
        if has_one_pane(self, width):
            upper = self.upper(rows)
            return bars | {
                self._first: Region(0, 1, width, upper),
                self._legend: Region(0, 1 + upper, width, 1) if rule else None,
                self._second: Region(0, 1 + upper + rule, width, max(1, rows - upper - rule)),
            }
        left = self.left(width)
        return bars | {
            self._first: Region(0, 1, left, rows),
            self._legend: Region(left + 1, 1, width - left - 1, 1) if rule else None,
            self._second: Region(left + 1, 1 + rule, width - left - 1, max(1, rows - rule)),
        }

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Draw the line between the panes."""
        # Not `self.size`: right after a resize that is the new size, before the screen is laid out for it.
        width, blank = self.outer_size.width, self.visual_style.rich_style
        if has_one_pane(self, width):
            return Strip.blank(width, blank)
        left = self.left(width)
        right = Segment(" " * (width - left - 1), blank)
        return Strip([Segment(" " * left, blank), Segment("│", style_of(self, FRAME)), right], width)

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
