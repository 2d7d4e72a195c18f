"""A list of rows under headings. It draws only visible lines, so that its cost does not depend on their number."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from reader.app.text.wrapping import drawn, pad, width_of, wrap
from reader.app.widgets.drawing import StyleCache, draw_lines, draw_scrollbar_in_lines
from reader.sanitize import sanitize

Row = TypeVar("Row")
ShownRow = TypeVar("ShownRow", covariant=True)
_PAGE = 64
_PAGES_KEPT = 6
_SPOKEN_WIDTH = 120
"""The width for which `under_cursor` describes a row."""


class GroupLike(Protocol):
    """A group of rows under one heading."""

    @property
    def name(self) -> str:
        """The heading; "" for none."""

    @property
    def count(self) -> int:
        """How many rows it has."""

    @property
    def first(self) -> int:
        """Index of its first row among all rows."""


class ListLine(NamedTuple):
    """A line of the list: a heading if `row` is None, else one line of a row."""

    group: int
    row: int | None
    """Index of the row among all rows."""
    part: int
    """Which line of the row, from 0."""


class Lines:
    """Maps lines to rows and back. Rows have `height` lines each, the heading of a named group one."""

    def __init__(self, groups: Sequence[GroupLike], height: int) -> None:
        self.height = height
        self._firsts = [group.first for group in groups]
        self._heads = [bool(group.name) for group in groups]
        self._starts: list[int] = []
        line = 0
        for group in groups:
            self._starts.append(line)
            line += bool(group.name) + group.count * height
        self.count = line
        """How many lines there are."""

    def at(self, line: int) -> ListLine | None:
        """The heading or row on `line`; None past the end."""
        if not 0 <= line < self.count:
            return None
        group = bisect_right(self._starts, line) - 1
        within = line - self._starts[group] - self._heads[group]
        if within < 0:
            return ListLine(group, None, 0)
        return ListLine(group, self._firsts[group] + within // self.height, within % self.height)

    def line_of(self, index: int) -> int:
        """The first line of row `index`."""
        group = self._group_of(index)
        return self._starts[group] + self._heads[group] + (index - self._firsts[group]) * self.height

    def top_of(self, index: int) -> int:
        """The first line of row `index`, or its heading's line for the first row of a group."""
        group = self._group_of(index)
        first = index == self._firsts[group] and self._heads[group]
        return self.line_of(index) - first

    def _group_of(self, index: int) -> int:
        return bisect_right(self._firsts, index) - 1


class Heading(NamedTuple):
    """A group of rows under a heading, as a `GroupLike`."""

    name: str
    count: int  # type: ignore[assignment]  # It hides the method of tuples.
    first: int


class Rows(Protocol[ShownRow]):
    """The model of a list. Row indexes count through all groups."""

    @property
    def groups(self) -> Sequence[GroupLike]:
        """The groups in order, none of them empty."""

    def __len__(self) -> int: ...

    def rows(self, start: int, stop: int) -> Sequence[ShownRow]:
        """The rows from `start` up to `stop` (excluded)."""


class GroupedRows(Generic[Row]):
    """Rows under headings, all in memory."""

    def __init__(self, grouped: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """`grouped`: pairs of a heading and its rows; empty groups are left out."""
        self._rows: list[Row] = []
        self.groups: list[Heading] = []
        for name, rows in grouped:
            if rows:
                self.groups.append(Heading(name, len(rows), len(self._rows)))
                self._rows += rows

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self, start: int, stop: int) -> Sequence[Row]:
        """The rows from `start` up to `stop` (excluded)."""
        return self._rows[start:stop]


class GroupedList(ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """Rows under headings, with a cursor. It has no key bindings; a screen moves the cursor by `move`.

    The scroll position counts `ROW_LINES` lines for every row. A row that takes fewer (`lines_in`) lacks the last ones,
    which are left out when drawing. So only rows near the visible ones are ever measured.
    """

    ALLOW_SELECT = False
    ROW_LINES: int = 2
    """How many lines a row takes at most."""
    COUNTS: bool = True
    """Show the number of rows in headings?"""
    MARGIN: int = 1
    """Cells between the cursor's mark and a row's text."""

    DEFAULT_CSS = """
    GroupedList {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        background: $background;
    }
    """
    LOOKS: ClassVar[Mapping[str, str]] = {
        "list--title": "foreground",
        "list--untitled": "foreground italic",
        "list--detail": "text-muted",
        "list--badge": "text-warning bold",
        "list--whole": "text-success bold",
        "list--match": "text-accent bold underline",
        "list--mark": "text-accent bold",
        "list--heading": "text-accent bold",
        "list--note": "text-muted",
        "list--cursor": "block-cursor-foreground on block-cursor-background",
        "list--cursor-blurred": "block-cursor-blurred-foreground on block-cursor-blurred-background",
    }
    keys_elsewhere = False
    """Does another widget, such as an input, have the focus? Then the cursor always looks active."""

    class Clicked(Message):
        """A row was clicked."""

        def __init__(self, grouped_list: GroupedList[Any], index: int) -> None:
            super().__init__()
            self.grouped_list = grouped_list
            self.index = index

        @property
        def control(self) -> GroupedList[Any]:
            """The list."""
            return self.grouped_list

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._looks = StyleCache(self, self.LOOKS)
        self._model: Rows[Row] = GroupedRows(())
        self._lines = Lines((), self.ROW_LINES)
        self._pages: dict[int, Sequence[Row]] = {}
        self._visible: tuple[tuple[int, Size], list[int]] = (0, Size()), []
        """A scroll position and a size, and the lines that are visible then."""
        self._cursor = 0
        self._note: tuple[str, ...] = ()

    def style_of(self, name: str) -> Style:
        """The style of a name in `LOOKS`."""
        return self._looks[name]

    @property
    def cursor(self) -> int | None:
        """Index of the row under the cursor; None when there are no rows."""
        return self._cursor if len(self._model) else None

    @property
    def model(self) -> Rows[Row]:
        """The rows that are shown."""
        return self._model

    def row(self, index: int) -> Row:
        """The row at `index`, from a cached page or from the model."""
        number = index // _PAGE
        page = self._pages.get(number)
        if page is None or index - number * _PAGE >= len(page):
            if len(self._pages) >= _PAGES_KEPT:
                del self._pages[next(iter(self._pages))]
            stop = min((number + 1) * _PAGE, len(self._model))
            page = self._pages[number] = self._model.rows(number * _PAGE, stop)
        return page[index - number * _PAGE]

    def show(self, model: Rows[Row], cursor: int, note: tuple[str, ...] = ()) -> None:
        """Show other rows with the cursor on row `cursor`, at the same height on the screen as before.

        `note`: paragraphs shown below the rows, for example why there are none.
        """
        height_on_screen = self.line_of(self._cursor) if len(self._model) else None
        self._model = model
        self._note = note
        self._lines = Lines(model.groups, self.ROW_LINES)
        self._pages.clear()
        self._cursor = max(0, min(cursor, len(model) - 1))
        self._measure()
        if height_on_screen is not None and len(model):
            self.scroll_to(y=self._above(self._lines.line_of(self._cursor), height_on_screen), animate=False)
        self.show_cursor()
        self.refresh()

    def append(self, note: tuple[str, ...]) -> None:
        """Show rows that were added at the model's end, and another `note` below them."""
        below = self._y_of(self._lines.count)
        self._lines = Lines(self._model.groups, self.ROW_LINES)
        self._note = note
        self._measure()
        # Visible rows stay the same; only draw the lines below.
        if below < self.size.height:
            self.refresh(Region(0, max(0, below), self.size.width, self.size.height))

    def move(self, index: int) -> bool:
        """Move the cursor to row `index`, or the nearest one, and scroll to it; False if it was there already."""
        if not len(self._model):
            return False
        index = max(0, min(index, len(self._model) - 1))
        if index == self._cursor:
            self.show_cursor()
            return False
        before, self._cursor = self._cursor, index
        self._refresh_row(before)
        self._refresh_row(index)
        self.show_cursor()
        return True

    def moved(self, how: str) -> int:
        """The index to which a movement leads: "down", "up", "top", "bottom", "page_down", "half_up" and so on."""
        last = len(self._model) - 1
        if how.startswith(("page", "half")) and last >= 0:
            lines = self.size.height // (2 if how.startswith("half") else 1)
            return self._row_beyond(lines, 1 if how.endswith("down") else -1)
        steps = {
            "down": 1,
            "up": -1,
            "top": -self._cursor,
            "bottom": last - self._cursor,
        }
        return max(0, min(last, self._cursor + steps[how]))

    def _row_beyond(self, lines: int, step: int) -> int:
        """The row that is `lines` below the cursor's row (`step` 1) or above it (-1), at least the next one."""
        start = self._lines.line_of(self._cursor)
        reached = {self._cursor}
        for line in islice(self._existing(start, step), lines + 1):
            list_line = self._lines.at(line)
            if list_line is not None and list_line.row is not None and not list_line.part:
                reached.add(list_line.row)
        index = max(reached) if step > 0 else min(reached)
        return index if index != self._cursor else max(0, min(self._cursor + step, len(self._model) - 1))

    def move_by_key(self, how: str) -> bool:
        """Move the cursor by a movement, see `moved`; False if it does not move."""
        return self.move(self.moved(how))

    def reread(self) -> None:
        """Read the rows from the model again and draw them, after their content has changed."""
        self._pages.clear()
        self._measure()
        self.refresh()

    def under_cursor(self) -> Iterator[str]:
        """Describe the row under the cursor without its marks, or give the note of an empty list."""
        if self.cursor is None:
            yield from map(sanitize, self._note)
        else:
            row = self.row(self.cursor)
            for part in range(self.lines_in(row, _SPOKEN_WIDTH)):
                yield " ".join("".join(text for _, text in self.draw(row, part, _SPOKEN_WIDTH)).split())

    def line_of(self, index: int) -> int:
        """The line of the widget on which row `index` begins; outside of 0 to its height if scrolled away."""
        return self._y_of(self._lines.line_of(index))

    def show_cursor(self) -> None:
        """Scroll as little as needed to show the cursor's row, with the heading above a group's first row."""
        height = self.size.height
        if not height or not len(self._model):
            return
        top = self._lines.top_of(self._cursor)
        bottom = self._lines.line_of(self._cursor) + self._lines_at(self._cursor) - 1
        y = self.scroll_offset.y
        if self._y_of(bottom) >= height:
            y = self._above(bottom, height - 1)
        if top < y:
            y = top
        if y != self.scroll_offset.y:
            self.scroll_to(y=y, animate=False)

    def lines_in(self, row: Row, width: int) -> int:  # noqa: ARG002
        """How many lines a row takes in `width` cells, at most `ROW_LINES`."""
        return self.ROW_LINES

    def margin(self, row: Row, part: int) -> str:  # noqa: ARG002
        """The text of `MARGIN` cells left of line `part` of a row."""
        return " " * self.MARGIN

    def draw(self, row: Row, part: int, width: int) -> list[tuple[str, str]]:
        """Draw line `part` of a row in at most `width` cells, as pairs of a look and text."""
        raise NotImplementedError

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw without Textual's style cache."""
        return draw_lines(self, crop)

    def render_line(self, y: int) -> Strip:
        """Draw the line `y` cells below the top."""
        visible = self._visible_lines()
        return self._line(visible[y] if y < len(visible) else self._lines.count)

    def _line(self, line: int) -> Strip:
        width = self._width
        list_line = self._lines.at(line)
        if list_line is None:
            return self._note_line(line - self._lines.count, width)
        if list_line.row is None:
            group = self._model.groups[list_line.group]
            return self._heading(group, width)
        chosen = list_line.row == self._cursor
        row = self.row(list_line.row)
        pieces = self.draw(row, list_line.part, self._text_width)
        margin = self.margin(row, list_line.part)
        text_width = sum(width_of(piece) for _, piece in pieces)
        if chosen:
            style = self._cursor_style
            segments = [Segment("▌", style), Segment(margin, self._on_cursor("list--mark", style))]
            segments += [Segment(piece, self._on_cursor(name, style)) for name, piece in pieces]
            segments.append(Segment(" " * (width - 1 - self.MARGIN - text_width), style))
        else:
            blank = self.visual_style.rich_style
            segments = [Segment(" ", blank), Segment(margin, self.style_of("list--mark"))]
            segments += [Segment(piece, self.style_of(name)) for name, piece in pieces]
            segments.append(Segment(" " * (width - 1 - self.MARGIN - text_width), blank))
        return Strip(segments, width)

    def _on_cursor(self, name: str, style: Style) -> Style:
        """The cursor's colours with the bold, italics and underline of look `name`."""
        look = self.style_of(name)
        return style + Style(bold=look.bold, italic=look.italic, underline=look.underline)

    @property
    def _cursor_style(self) -> Style:
        if not (self.has_focus or self.keys_elsewhere):
            return self.style_of("list--cursor-blurred")
        style = self.style_of("list--cursor")
        return style + Style(reverse=True) if self.app.no_color else style

    def _heading(self, group: GroupLike, width: int) -> Strip:
        style = self.style_of("list--heading")
        count = f" {group.count:,} " if self.COUNTS else ""
        name = pad(" " + sanitize(group.name).upper(), max(0, width - len(count)))
        return Strip([Segment(name, style), Segment(count, self.style_of("list--detail"))], width)

    def _note_line(self, line: int, width: int) -> Strip:
        """Draw a line below the rows: the note, after an empty line."""
        lines = self._note_lines(width)
        text = lines[line - 1] if 1 <= line <= len(lines) else ""
        return Strip([Segment(pad("  " + text if text else "", width), self.style_of("list--note"))], width)

    def _note_lines(self, width: int) -> list[str]:
        lines: list[str] = []
        for paragraph in map(sanitize, self._note):
            lines += [
                *([""] if lines else []),
                *(drawn(paragraph, span) for span in wrap(paragraph, width - 4)),
            ]
        return lines

    def on_mount(self) -> None:
        """Prepare the scrollbar."""
        draw_scrollbar_in_lines(self.vertical_scrollbar)

    @property
    def _width(self) -> int:
        """The width without the scrollbar."""
        return max(0, self.size.width - 1)

    @property
    def _text_width(self) -> int:
        """The width of the text of a row."""
        return self._width - 2 - self.MARGIN

    def _lines_at(self, index: int) -> int:
        return self.lines_in(self.row(index), self._text_width)

    def _existing(self, line: int, step: int) -> Iterator[int]:
        """Yield the lines from `line` on, down (1) or up to the first (-1); skip lines that shorter rows lack."""
        while line >= 0:
            at = self._lines.at(line)
            # A row has a first line in any case.
            if at is None or at.row is None or not at.part or at.part < self._lines_at(at.row):
                yield line
            line += step

    def _visible_lines(self) -> list[int]:
        """The visible lines from top to bottom, and after the last one those of the note."""
        state = self.scroll_offset.y, self.size
        if self._visible[0] != state:
            self._visible = state, list(islice(self._existing(state[0], 1), self.size.height))
        return self._visible[1]

    def _y_of(self, line: int) -> int:
        """Where `line` is in the widget; outside of 0 to its height if scrolled away."""
        visible = self._visible_lines()
        if not visible or line < visible[0]:
            return line - (visible[0] if visible else self.scroll_offset.y)
        if line > visible[-1]:
            return line - visible[-1] + len(visible) - 1
        return bisect_left(visible, line)

    def _above(self, line: int, distance: int) -> int:
        """The line that is at the top if `line` is to be `distance` cells below it."""
        if not 0 <= distance < self.size.height:
            return line - distance
        lines = list(islice(self._existing(line, -1), distance + 1))
        return lines[-1] if len(lines) > distance else 0

    def _measure(self) -> None:
        """Update the length of the list, also for the scrollbar."""
        width, height = self._width, self.size.height
        notes = len(self._note_lines(width)) + 1 if self._note and width else 0
        self._visible = (0, Size()), []
        length = self._lines.count + notes
        if length > height > 0:
            # At the end, the last line is at the bottom.
            bottom = next(self._existing(length - 1, -1))
            length = self._above(bottom, height - 1) + height
        # Set without the watcher, which would lay out the whole screen again.
        self.set_reactive(Widget.virtual_size, Size(width, length))
        self.vertical_scrollbar.window_virtual_size = self.virtual_size.height

    def _refresh_row(self, index: int) -> None:
        y = self.line_of(index)
        region = Region(0, y, self.size.width, self.ROW_LINES).intersection(self.size.region)
        if region:
            self.refresh(region)

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Draw the cursor again, since it shows the focus."""
        if len(self._model):
            self._refresh_row(self._cursor)

    def on_resize(self, _: events.Resize) -> None:
        """Keep the cursor visible."""
        self._measure()
        self.show_cursor()

    def on_click(self, event: events.Click) -> None:
        """Report a click on a row."""
        offset = event.get_content_offset(self)
        visible = self._visible_lines()
        line = self._lines.at(visible[offset.y]) if offset is not None and offset.y < len(visible) else None
        if line is not None and line.row is not None:
            self.post_message(self.Clicked(self, line.row))
