"""The overview on the screen: lines that scroll, and a cursor that moves from target to target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from reader.app.overview.charts import GROUND, PARTS, Run
from reader.app.overview.lines import Line, Opens, Sheet, Target
from reader.app.text.wrapping import drawn, wrap
from reader.app.widgets.drawing import StyleCache, cropped, draw_scrollbar_in_lines, filtered

_MARGIN = 2
"""Lines that stay visible above and below the cursor."""


class OverviewView(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines with a cursor. The view has no key bindings: the screen calls its methods."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    OverviewView {
        overflow: hidden scroll;
        scrollbar-size-vertical: 1;
        background: $background;
    }
    """
    LOOKS: ClassVar[Mapping[str, str]] = {
        "text": "foreground",
        "muted": "text-muted",
        "heading": "text-accent bold",
        "strong": "text-accent bold",
        GROUND: "foreground",
        "whole": "success",
        "completed": "primary",
        "truncated": "warning",
        "sponsored": "secondary",
        "cursor": "block-cursor-foreground on block-cursor-background",
    }

    class Clicked(Message):
        """A target was clicked."""

        def __init__(self, target: int) -> None:
            super().__init__()
            self.target = target

    def __init__(self, *, id: str | None = None) -> None:
        self._make: Callable[[int, int], Sheet] | None = None
        self._note = ""
        self._sheet = Sheet([], [])
        self._made_for = Size(0, 0)
        self._cursor = 0
        self._wanted: Opens | None = None
        """The target for the cursor once there are lines."""
        self._column = 0
        """The column that the cursor keeps in lines with several targets."""
        super().__init__(id=id)
        self._looks = StyleCache(self, self.LOOKS)

    def style_of(self, name: str) -> Style:
        """The style of a name in `LOOKS`."""
        return self._looks[name]

    def show(self, make: Callable[[int, int], Sheet], opens: Opens | None = None) -> None:
        """Show what `make` returns for a width and a height, with the cursor on `opens`, or else where it was."""
        self._make, self._note = make, ""
        self._wanted = opens or self._wanted or self.opens
        self._lay_out()

    def show_note(self, note: str) -> None:
        """Show a sentence instead."""
        self._make, self._note = None, note
        self._lay_out()

    @property
    def target(self) -> Target | None:
        """The target under the cursor."""
        targets = self._sheet.targets
        return targets[self._cursor] if targets else None

    @property
    def text_under_cursor(self) -> str:
        """The text of the target under the cursor, or the note if there is none."""
        target = self.target
        if target is None:
            return self._note
        if target.note is not None:
            return target.note[1]
        return " ".join("".join(run.text for run in self._sheet.lines[target.top]).split())

    @property
    def row_of_cursor(self) -> int:
        """The row of the view with the target under the cursor, from 0."""
        return 0 if self.target is None else max(0, self.target.top - self.scroll_offset.y)

    @property
    def opens(self) -> Opens | None:
        """The list or screen that the target under the cursor opens."""
        return None if self.target is None else self.target.opens

    @property
    def in_chart(self) -> bool:
        """Are there other targets on the cursor's line?"""
        return len(self._beside()) > 1

    # Moving

    def move(self, how: str) -> None:
        """Move the cursor: "down", "left", "top", "page_down", "half_up" and so on."""
        target = self.target
        if target is None:
            return
        if how in ("left", "right"):
            row = self._beside()
            place = row.index(self._cursor) + (1 if how == "right" else -1)
            if 0 <= place < len(row):
                self.move_to(row[place])
            return
        last = len(self._sheet.targets) - 1
        if how in ("top", "bottom"):
            self._go(0 if how == "top" else last)
            return
        down = how.endswith("down")
        page = {"page": self.size.height - _MARGIN, "half": self.size.height // 2}.get(
            how.partition("_")[0], 0
        )
        edge = target.bottom + page - 1 if down else target.top - page + (page > 0)
        targets = self._sheet.targets
        if down:
            further = [n for n, other in enumerate(targets) if other.top >= target.bottom]
            near = [n for n in further if targets[n].top <= edge]
            self._go((near[-1] if near else further[0]) if further else last)
        else:
            further = [n for n, other in enumerate(targets) if other.bottom <= target.top]
            near = [n for n in further if targets[n].top >= edge]
            self._go((near[0] if near else further[-1]) if further else 0)

    def move_to(self, target: int) -> None:
        """Move the cursor to a target, by index. After a new count there may be fewer targets, or none."""
        if not self._sheet.targets:
            return
        target = min(target, len(self._sheet.targets) - 1)
        self._cursor = target
        self._column = self._sheet.targets[target].start
        self._show_cursor()
        self.refresh()

    def _go(self, target: int) -> None:
        """Move to the row of a target; if it has several, to the one nearest to the column of the cursor."""
        top = self._sheet.targets[target].top
        row = [n for n, other in enumerate(self._sheet.targets) if other.top == top]
        if len(row) > 1:
            self.move_to(min(row, key=lambda n: abs(self._sheet.targets[n].start - self._column)))
            return
        column = self._column
        self.move_to(row[0])
        self._column = column

    def _beside(self) -> list[int]:
        target = self.target
        return [
            n for n, other in enumerate(self._sheet.targets) if target is not None and other.top == target.top
        ]

    # Lines

    def _lay_out(self) -> None:
        """Lay out for the size, and keep the cursor on its target."""
        width, height = self._made_for = Size(max(0, self.size.width - 1), self.size.height)
        if not width or not height:
            return
        opens = self._wanted or self.opens
        if self._make is not None:
            self._sheet = self._make(width, height)
        else:
            spans = wrap(self._note, max(1, width - 2))
            lines: list[Line] = [[], *([Run(" " + drawn(self._note, span), "muted")] for span in spans)]
            self._sheet = Sheet(lines, [])
        matching = [n for n, target in enumerate(self._sheet.targets) if target.opens == opens]
        if self._sheet.targets:
            self._wanted = None
        self._cursor = matching[0] if matching else min(self._cursor, max(0, len(self._sheet.targets) - 1))
        # Set without the watcher, which would lay out the whole screen again.
        self.set_reactive(Widget.virtual_size, Size(width, len(self._sheet.lines)))
        self.vertical_scrollbar.window_virtual_size = len(self._sheet.lines)
        self._show_cursor()
        self.refresh()

    def _show_cursor(self) -> None:
        height, target = self.size.height, self.target
        if target is None or not height:
            y = 0
        else:
            # Lines above the first target and below the last are shown together with it.
            targets = self._sheet.targets
            top = 0 if target.top == targets[0].top else target.top - _MARGIN
            bottom = len(self._sheet.lines) if target is targets[-1] else target.bottom + _MARGIN
            y = self.scroll_offset.y
            y = min(max(y, bottom - height), top) if bottom - top <= height else target.top
            y = max(0, min(y, len(self._sheet.lines) - height))
        if y != self.scroll_offset.y:
            self.scroll_to(y=y, animate=False)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines in `crop`; a new size may be drawn before its event comes."""
        if self._made_for != Size(max(0, self.size.width - 1), self.size.height):
            self._lay_out()
        first = self.scroll_offset.y
        strips = filtered(self, [self._line(first + y) for y in crop.line_range])
        return cropped(strips, crop, self.size.width)

    def _line(self, number: int) -> Strip:
        width, blank = self.size.width, self.visual_style.rich_style
        if number >= len(self._sheet.lines):
            return Strip.blank(width, blank)
        line, target = self._sheet.lines[number], self.target
        if target is not None and target.note is not None and target.note[0] == number:
            line = [Run(target.note[1])]
        under = target is not None and target.top <= number < target.bottom
        if target is None or not under or target.start:
            strip = Strip([Segment(run.text, self.style_of(run.look)) for run in line])
            strip = strip.adjust_cell_length(width, blank)
            if target is None or not under or number < target.bottom - 1:
                return strip
            return self._marked(strip, target)
        cursor = self._cursor_style()
        segments = [Segment(run.text, self._on_cursor(run, cursor)) for run in line]
        segments[0] = Segment(segments[0].text[1:], segments[0].style)
        row = Strip([Segment("▌", cursor), *segments]).adjust_cell_length(min(target.end, width), cursor)
        return row.adjust_cell_length(width, blank)

    def _on_cursor(self, run: Run, cursor: Style) -> Style:
        """The cursor's colours; bars and their ground keep theirs, because a bar would look longer."""
        own = self.style_of(run.look)
        return own if run.look in (*PARTS, GROUND) else cursor + Style(bold=own.bold)

    def _marked(self, strip: Strip, target: Target) -> Strip:
        """The last line of a column in the chart, with a mark below it."""
        before, column, after = strip.divide([target.start, target.end, self.size.width])
        foot = Segment("▲" * column.cell_length, self._cursor_style())
        return Strip([*before, foot, *after], self.size.width)

    def _cursor_style(self) -> Style:
        style = self.style_of("cursor")
        return style + Style(reverse=True) if self.app.no_color else style

    # Events

    def on_mount(self) -> None:
        """Prepare the scrollbar."""
        draw_scrollbar_in_lines(self.vertical_scrollbar)

    def on_resize(self, _: events.Resize) -> None:
        """Lay out again."""
        self._lay_out()

    def on_click(self, event: events.Click) -> None:
        """Report a click on a target."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        line = offset.y + self.scroll_offset.y
        for number, target in enumerate(self._sheet.targets):
            if target.top <= line < target.bottom and target.start <= offset.x < target.end:
                self.post_message(self.Clicked(number))
                return
