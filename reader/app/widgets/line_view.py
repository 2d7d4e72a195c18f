"""A scrolling view of a document of any length. It lays out only the text near the screen.

The scrollbar is always shown. So another document never needs a new layout of the screen; only the view is drawn
again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rich.segment import Segment
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from reader.app.text.document import NOTHING, Document, Flow, ReadingPosition
from reader.app.text.typesetting import Row, UnitLayout, offset_at, text_runs
from reader.app.text.wrapping import width_of
from reader.app.widgets.drawing import StyleCache
from reader.app.widgets.layers import Finder, Layer

LAID_OUT = 1000
"""So many rows are laid out above and below the one at the top: shorter documents at once, with an exact length."""
OVERLAP = 2
"""Rows that stay visible when the reader turns a page."""


class LineView(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows the rows of a document, with layers drawn over them, such as a finder.

    It has no key bindings; a screen calls `scroll_by_key`.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    LineView {
        overflow: hidden scroll;
        scrollbar-size-vertical: 1;
    }
    """
    LOOKS: ClassVar[Mapping[str, str]] = {
        "match": "input-selection-foreground underline on input-selection-background",
        "current": "bold reverse",
    }
    """The look of each role of the document, and of matches."""

    class Moved(Message):
        """The attribute `where` or `is_at_end` may have changed."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.document = NOTHING
        self.flow: Flow | None = None
        """The document at the width of the view; None until the view has a size."""
        self.position = ReadingPosition(0, 0)
        """The position of the row at the top."""
        self.where: tuple[int, int | None, int] = (0, None, 0)
        """The row at the top from 1, the number of rows (None while unknown), and the position in percent.

        At 100 percent the end is visible. Zeros mean that nothing is shown.
        """
        self.finder = Finder(self)
        self.overlays: tuple[Layer, ...] = (self.finder,)
        self.looks = StyleCache(self, self.LOOKS)
        self._laid_out_for = Size(0, 0)

    def column(self, width: int) -> tuple[int, int]:
        """The first cell and the width of the text, in a view of `width` cells."""
        return 0, width

    @property
    def room(self) -> Size:
        """The size of the view without its scrollbar."""
        width, height = self.size
        return Size(max(0, width - self.styles.scrollbar_size_vertical), height)

    @property
    def reading_position(self) -> ReadingPosition:
        """Where a search begins."""
        return self.position

    @property
    def is_at_end(self) -> bool:
        """Is the end visible at the current size? False while the view is hidden."""
        return self.where[2] == 100 and self._laid_out_for == self.room

    def set_document(self, document: Document, position: ReadingPosition | None = None) -> None:
        """Show a document from a position or from its start."""
        for layer in self.overlays:
            layer.document_changed()
        self.document = document
        self.position = position or document.position(0, 0)
        self.where = (0, None, 0)
        self.lay_out_again()

    def refresh_rows(self) -> None:
        self.refresh(self.size.region)

    # Layout

    def lay_out_again(self) -> None:
        """Wrap the text again; the position stays."""
        self.flow = None
        self.lay_out()
        self.refresh_rows()

    def lay_out(self) -> None:
        """Wrap the text for the current size and column, if they have changed; the position stays."""
        size = self.room
        if self.document is NOTHING or not size:
            return
        _, width = self.column(size.width)
        must_wrap = [layer.prepare() for layer in self.overlays]
        if self.flow is None or self.flow.width != width or any(must_wrap):
            self.flow = Flow(self.document, width)
        elif self._laid_out_for == size:
            return
        self._laid_out_for = size
        self._put_at_top(self.flow.row(*self.document.find(self.position)))
        for layer in self.overlays:
            layer.wrapped()

    def move_to_row(self, row: int) -> None:
        """Scroll to a row and make it the reading position."""
        assert self.flow is not None
        self._put_at_top(row)
        unit, _, laid_out = self.flow.row_at(self.scroll_offset.y)
        self.position = self.flow.document.position(unit, laid_out.start)
        self.refresh_rows()

    def show_row(self, row: int) -> None:
        """Scroll to a row, a third of the view below the top."""
        assert self.flow is not None
        height = self.size.height
        self.move_to_row(self.flow.lay_out_around(row, height, 0) - height // 3)

    def _put_at_top(self, row: int) -> None:
        """Scroll to a row, or as near as the end allows, and lay out the text around it."""
        flow, height = self.flow, self.size.height
        assert flow is not None
        for layer in self.overlays:
            layer.scrolled()
        # Before scrolling there, or the text would jump.
        row = flow.lay_out_around(row, LAID_OUT, LAID_OUT)
        highest = max(0, flow.total - height)
        row = min(row, highest)
        # Set without the watchers, which would lay out the whole screen again.
        self.set_reactive(Widget.virtual_size, Size(self.room.width, flow.total))
        self.set_reactive(Widget.scroll_y, float(row))
        self.set_reactive(Widget.scroll_target_y, float(row))
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = flow.total
            self.vertical_scrollbar.position = row
        percent = 100 if row == highest else 100 * row // highest
        where = (row + 1, flow.total if flow.complete else None, percent)
        if where != self.where:
            self.where = where
            self.post_message(LineView.Moved())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Lay out the text around the new position."""
        super().watch_scroll_y(old_value, new_value)
        if self.flow is not None and self._laid_out_for == self.room:
            is_end = new_value >= self.max_scroll_y
            self.move_to_row(self._end() if is_end else round(new_value))

    def _end(self) -> int:
        """The number of the last row, after laying out the last page."""
        assert self.flow is not None
        return self.flow.lay_out_around(self.flow.total - 1, 2 * self.size.height, 0)

    def on_resize(self) -> None:
        """Lay out for a new size, also when the view is shown again; that may change `is_at_end` alone."""
        self.lay_out()
        self.post_message(LineView.Moved())

    def notify_style_update(self) -> None:
        super().notify_style_update()
        for layer in self.overlays:
            layer.colours_changed()

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the rows, and what layers add to them. A new size may be drawn before its message comes."""
        self.lay_out()
        strips = super().render_lines(crop)
        for layer in self.overlays:
            strips = layer.finish(strips, crop.y)
        return strips

    def render_line(self, y: int) -> Strip:
        entry = self.row_at(y)
        if entry is None:
            return Strip.blank(self.room.width, self.visual_style.rich_style)
        strip = self._row_strip(*entry)
        for layer in self.overlays:
            strip = layer.draw(y, strip)
        return strip

    def _row_strip(self, unit: int, laid: UnitLayout, row: Row) -> Strip:
        width, base = self.room.width, self.visual_style.rich_style
        if row.start < 0:  # A row of a picture, which a layer draws.
            return Strip.blank(width, base)
        left, column = self.column(width)
        segments = [Segment(" " * left, base)] if left else []
        if row.prefix:
            segments.append(Segment(row.prefix, self.looks[laid.prefix_role]))
        marks = [mark for layer in self.overlays for mark in layer.marks(unit)]
        for text, role, look in text_runs(laid, row, marks):
            style = self.looks[role]
            segments.append(Segment(text, style + self.looks[look] if look else style))
        used = sum(width_of(segment.text) for segment in segments)
        if row.suffix:
            room = max(0, left + column - used - width_of(row.suffix))
            segments += [Segment(" " * room, base), Segment(row.suffix, self.looks[laid.prefix_role])]
            used += room + width_of(row.suffix)
        if used < width:
            segments.append(Segment(" " * (width - used), base))
        return Strip(segments, max(used, width))

    @property
    def caret(self) -> Offset:
        """The cell of the view where the reader is: that of a selection or a match, else the first one."""
        carets = (layer.caret for layer in reversed(self.overlays))
        return next((caret for caret in carets if caret is not None), Offset(0, 0))

    def row_at(self, y: int) -> tuple[int, UnitLayout, Row] | None:
        """The unit, its layout and its row `y` cells below the top; None below the end."""
        row_number = self.scroll_offset.y + y
        if self.flow is None or row_number >= self.flow.total:
            return None
        return self.flow.row_at(row_number)

    def character_at(self, x: int, y: int) -> tuple[int, int] | None:
        """The unit and the offset in its text of the character at a cell of the view; None if there is none."""
        entry = self.row_at(y)
        if entry is None:
            return None
        unit, laid, row = entry
        if row.start < 0:
            return None
        offset = offset_at(laid, row, x - self.column(self.room.width)[0])
        return None if offset is None else (unit, offset)

    # Scrolling

    def scroll_by_key(self, how: str) -> None:
        """Scroll by a movement: "down", "up", "page_down", "half_up", "top", "bottom" and so on."""
        page, half = max(1, self.size.height - OVERLAP), max(1, self.size.height // 2)
        steps = {
            "down": 1, "up": -1, "page_down": page, "page_up": -page, "half_down": half, "half_up": -half
        }  # fmt: skip
        if how == "bottom":
            if self.flow is not None:
                self.move_to_row(self._end())
        elif how == "top":
            self.scroll_to(y=0)
        else:
            self.scroll_to(y=self.scroll_offset.y + steps[how])

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        super().scroll_to(x, y, **{**options, "animate": False})
