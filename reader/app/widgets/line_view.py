"""A scrolling view of a document of any length: it lays out what is near the screen and nothing else.

It never asks for a new layout of the screen: its scrollbar always
stands, so whatever it shows, only the view itself is drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from reader.app import keys
from reader.app.text.flow import Document, Flow, Laid, ReadingPosition, Row
from reader.app.text.row_drawing import stretches
from reader.app.text.typesetting import offset_at
from reader.app.text.wrapping import Span, width_of
from reader.app.widgets.drawing import KeptStyles

SMALL = 1000
"""A document of about this many rows is laid out at once, so that their number is known."""
OVERLAP = 2
"""Rows that stay in view when a page is turned."""
SCROLLS = {
    "down": "scroll_down", "up": "scroll_up", "top": "scroll_home", "bottom": "scroll_end",
    "page_down": "page_down", "page_up": "page_up", "half_down": "half_page_down", "half_up": "half_page_up",
}  # fmt: skip
"""The action for each way to move that a screen's key can ask for."""


class LineView(KeptStyles, ScrollView, can_focus=True):
    """Rows of a document, with keys to scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_down", "Line down", id="move.down", show=False),
        Binding("k,up", "scroll_up", "Line up", id="move.up", show=False),
        Binding("space,pagedown", "page_down", "Page down", id="move.page_down", show=False),
        Binding("b,pageup", "page_up", "Page up", id="move.page_up", show=False),
        Binding("ctrl+d", "half_page_down", "Half a page down", id="move.half_down", show=False),
        Binding("ctrl+u", "half_page_up", "Half a page up", id="move.half_up", show=False),
        Binding("g,home", "scroll_home", "Start", id="move.top", show=False),
        Binding("G,end", "scroll_end", "End", id="move.bottom", show=False),
    ]

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    LineView {
        overflow: hidden scroll;
        scrollbar-size-vertical: 1;
    }
    """

    class Moved(Message):
        """Another row is at the top, or the number of rows is better known."""

        def __init__(self, view: LineView, line: int, lines: int | None, percent: int) -> None:
            self.view = view
            self.line = line
            """The row at the top, from 1."""
            self.lines = lines
            """How many rows there are; None while that is an estimate."""
            self.percent = percent
            """How far the view has been scrolled, 0 to 100; 100 when the end is in view."""
            super().__init__()

        @property
        def control(self) -> LineView:
            """The view, for `@on` with a selector."""
            return self.view

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        if keys.given():
            from reader.app.keymap import follow

            follow(self, keys.given())
        self._document: Document | None = None
        self._flow: Flow | None = None
        self._place = ReadingPosition(0, 0)
        self._laid_out_for = Size(0, 0)
        self._canvas = (0, Style())
        """What rows are drawn on: the width, and the view's own style."""
        self._last_report: tuple[int, int | None, int] | None = None

    def column(self, width: int) -> tuple[int, int]:
        """Where the text stands in a view of `width` cells: its first cell and how many it has."""
        return 0, width

    @property
    def room(self) -> Size:
        """What rows are drawn in: the view without its scrollbar."""
        width, height = self.size
        return Size(max(0, width - self.styles.scrollbar_size_vertical), height)

    @property
    def place(self) -> ReadingPosition:
        """The place of the row at the top."""
        return self._place

    @property
    def where(self) -> tuple[int, int | None, int]:
        """What `Moved` said last: line, lines and percent; zeros while nothing is shown."""
        return self._last_report or (0, None, 0)

    def set_document(self, document: Document, place: ReadingPosition | None = None) -> None:
        """Show a document from a place on, else from its start."""
        self._document = document
        self._flow = None
        self._place = place or document.place(0, 0)
        self._last_report = None
        self._sync()
        self.refresh(self.size.region)

    def lay_out_again(self) -> None:
        """Wrap again after a change of the column; the place stays."""
        self._flow = None
        self._sync()
        self.refresh(self.size.region)

    def go_to(self, place: ReadingPosition) -> None:
        """Show a place at the top."""
        self._place = place
        if self._flow is not None:
            self._move_to(self._flow.find_place(place))

    # Standing somewhere

    def _sync(self) -> None:
        """Lay out for the size and the column as they are now, keeping the place."""
        size = self.room
        if self._document is None or not size:
            return
        _, width = self.column(size.width)
        if self._flow is None or self._flow.width != width:
            self._flow = Flow(self._document, width)
        elif self._laid_out_for == size:
            return
        self._laid_out_for = size
        self._stand_at(self._flow.find_place(self._place))

    def _move_to(self, row: int) -> None:
        """Have a row at the top because the reader wants it there: the place moves too."""
        assert self._flow is not None
        self._stand_at(row)
        self._place = self._flow.place(self.scroll_offset.y)
        self.refresh(self.size.region)

    def _stand_at(self, row: int) -> None:
        """Have a row at the top, or as near to it as the end lets it, with all around it laid out."""
        flow, height = self._flow, self.size.height
        assert flow is not None
        # A page in either direction must be laid out before it is scrolled to, else the text would jump.
        is_small = flow.total <= SMALL
        row = flow.settle(row, SMALL if is_small else 2 * height, 2 * SMALL if is_small else 3 * height)
        highest = max(0, flow.total - height)
        row = min(row, highest)
        # Set silently: watchers would lay the whole screen out again.
        self.set_reactive(Widget.virtual_size, Size(self.room.width, flow.total))
        self.set_reactive(Widget.scroll_y, float(row))
        self.set_reactive(Widget.scroll_target_y, float(row))
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = flow.total
            self.vertical_scrollbar.position = row
        percent = 100 if row == highest else 100 * row // highest
        report = (row + 1, flow.total if flow.complete else None, percent)
        if report != self._last_report:
            self._last_report = report
            self.post_message(self.Moved(self, *report))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Lay out what came near, and remember the new place."""
        super().watch_scroll_y(old_value, new_value)
        if self._flow is not None and self._laid_out_for == self.room:
            is_end = new_value >= self.max_scroll_y
            self._move_to(self._end() if is_end else round(new_value))

    def _end(self) -> int:
        """The last row, once all rows of the last page are known."""
        assert self._flow is not None
        return self._flow.settle(self._flow.total - 1, 2 * self.size.height, 0)

    def on_resize(self) -> None:
        """Wrap for the new size."""
        self._sync()

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows in view; a new size is drawn before its message comes."""
        self.prepare_rows()
        return super().render_lines(crop)

    def prepare_rows(self) -> None:
        """What every row needs, found out once for all of them: it takes longer than to draw a row."""
        self._sync()
        self._canvas = (self.room.width, self.visual_style.rich_style)

    def render_line(self, y: int) -> Strip:
        """One row in view, `y` cells below the top; only after `prepare_rows`."""
        width, base = self._canvas
        standing = self.row_at(y)
        if standing is None:
            return Strip.blank(width, base)
        unit, laid, row = standing
        if row.start < 0:
            return self.picture_row(unit, row)
        left, _ = self.column(width)
        segments = [Segment(" " * left, base)] if left else []
        if row.prefix:
            segments.append(Segment(row.prefix, self.style_of(laid.prefix_role)))
        marks, current = self.marks(unit)
        for text, role, mark in stretches(laid, row, marks, current):
            style = self.style_of(role)
            segments.append(Segment(text, style + self.style_of(mark) if mark else style))
        used = sum(width_of(segment.text) for segment in segments)
        if used < width:
            segments.append(Segment(" " * (width - used), base))
        return Strip(segments, max(used, width))

    def picture_row(self, unit: int, row: Row) -> Strip:  # noqa: ARG002
        """A row that stands before the first character of a unit's text, where a document has such."""
        return Strip.blank(*self._canvas)

    def row_at(self, y: int) -> tuple[int, Laid, Row] | None:
        """What stands `y` cells below the top: a unit, laid out, and which of its rows; None below the end."""
        row_number = self.scroll_offset.y + y
        if self._flow is None or row_number >= self._flow.total:
            return None
        unit, number = self._flow.locate(row_number)
        laid = self._flow.laid(unit)
        return unit, laid, laid.rows[min(number, len(laid.rows) - 1)]

    def spot(self, x: int, y: int) -> tuple[int, int] | None:
        """The unit and the character of its text drawn at a cell of the view; None where there is none."""
        standing = self.row_at(y)
        if standing is None:
            return None
        unit, laid, row = standing
        if row.start < 0:
            return None
        offset = offset_at(laid, row, x - self.column(self.room.width)[0])
        return None if offset is None else (unit, offset)

    def marks(self, unit: int) -> tuple[Sequence[Span], Span | None]:  # noqa: ARG002
        """What is marked in a unit's text, and which mark is the current one."""
        return (), None

    # Keys

    async def scroll_by_key(self, how: str) -> None:
        """Scroll as a key asks: "down", "page_up" and so on; see `SCROLLS`."""
        await self.run_action(SCROLLS[how])

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        """Scroll at once: nothing here is ever animated."""
        super().scroll_to(x, y, **{**options, "animate": False})

    def action_scroll_down(self) -> None:
        """One row down."""
        self.scroll_to(y=self.scroll_offset.y + 1)

    def action_scroll_up(self) -> None:
        """One row up."""
        self.scroll_to(y=self.scroll_offset.y - 1)

    def action_page_down(self) -> None:
        """A page down."""
        self.scroll_to(y=self.scroll_offset.y + self._page)

    def action_page_up(self) -> None:
        """A page up."""
        self.scroll_to(y=self.scroll_offset.y - self._page)

    def action_half_page_down(self) -> None:
        """Half a page down."""
        self.scroll_to(y=self.scroll_offset.y + max(1, self.size.height // 2))

    def action_half_page_up(self) -> None:
        """Half a page up."""
        self.scroll_to(y=self.scroll_offset.y - max(1, self.size.height // 2))

    def action_scroll_home(self) -> None:
        """To the start."""
        self.scroll_to(y=0)

    def action_scroll_end(self) -> None:
        """To the end."""
        if self._flow is not None:
            self._move_to(self._end())

    @property
    def _page(self) -> int:
        return max(1, self.size.height - OVERLAP)
