"""A screen of two parts that belong together, with what such screens do alike. What is in them is its subclass's."""

from __future__ import annotations

from functools import partial
from typing import Generic, TypeVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.geometry import Region
from textual.layout import Layout
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from reader.app.notices import report_error, show_notice
from reader.app.query_worker import QueryWorker
from reader.app.text.looks import FRAME, style_of
from reader.app.widgets.arrangement import one_pane
from reader.app.widgets.bars import Bar
from reader.app.widgets.drawing import cropped, finished
from reader.app.widgets.pair_layout import PairLayout
from reader.library import Library

Answer = TypeVar("Answer")
State = TypeVar("State")


class PairScreen(Screen[Answer], Generic[Answer, State]):
    """Two parts side by side or one above the other, between a line above and a line below, with a legend."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = "PairScreen { overflow: hidden; }"

    def __init__(self, library: Library, first: Widget, second: Widget, bars: tuple[Bar[State], ...]) -> None:
        """`bars`: the line above, the legend, the line below."""
        super().__init__()
        self.library = library
        self.queries = QueryWorker(library, partial(report_error, self))
        self.above, self.legend, self.below = bars
        self.parts: tuple[Widget, ...] = (self.above, first, self.legend, second, self.below)
        self._pair_layout = PairLayout(self.parts, self.left, self.upper)
        self._first, self._second = first, second

    def left(self, width: int) -> int:
        """How many of so many cells the first part has beside the second."""
        raise NotImplementedError

    def upper(self, rows: int) -> int:
        """How many of so many rows the first part has above the second."""
        raise NotImplementedError

    @property
    def layout(self) -> Layout:
        """Where the parts stand."""
        return self._pair_layout

    def compose(self) -> ComposeResult:
        """The parts."""
        yield from self.parts

    def render_lines(self, crop: Region) -> list[Strip]:
        """What stands between the parts: a line."""
        # Not `self.size`: after a resize that is the terminal's new size before the screen is laid out for it.
        width, height = self.outer_size
        blank = self.visual_style.rich_style
        line = Strip.blank(width, blank)
        if not one_pane(self, width):
            left = self.left(width)
            frame = style_of(self, FRAME)
            right = Segment(" " * (width - left - 1), blank)
            line = Strip([Segment(" " * left, blank), Segment("│", frame), right], width)
        (line,) = finished(self, [line])
        return cropped([line] * height, crop, width)[: crop.height]

    def on_unmount(self) -> None:
        """End what runs beside the screen."""
        self.queries.close()

    def action_other(self) -> None:
        """Give the keys to the second part, or back to the first."""
        other = self._first if self.focused is self._second else self._second
        self.set_focus(other, scroll_visible=False)

    def update_bars(self, state: State) -> None:
        """Have the bars show a state."""
        for bar in (self.above, self.legend, self.below):
            bar.state = state

    def notice(self, sentence: str) -> None:
        """Show what has been done."""
        show_notice(self, sentence, seconds=6)
