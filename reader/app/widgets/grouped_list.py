"""A list of rows under headings. It draws only the lines in sight, so its cost does not grow with the rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
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
_ROOMY = 120
"""The width at which `under_cursor` gives a row in words."""


class GroupLike(Protocol):
    """A run of rows under one heading."""

    @property
    def name(self) -> str:
        """The heading; empty for none."""

    @property
    def count(self) -> int:
        """How many rows it has."""

    @property
    def first(self) -> int:
        """Index of its first row among all rows."""


class Spot(NamedTuple):
    """What stands on a line: a heading when `row` is None, else one line of a row."""

    group: int
    row: int | None
    """Index of the row among all rows."""
    part: int
    """Which line of the row, from 0."""


class Lines:
    """The lines of groups whose rows take `height` lines each; a named group has a heading of one line."""

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

    def at(self, line: int) -> Spot | None:
        """What stands on `line`; None past the end."""
        if not 0 <= line < self.count:
            return None
        group = bisect_right(self._starts, line) - 1
        within = line - self._starts[group] - self._heads[group]
        if within < 0:
            return Spot(group, None, 0)
        return Spot(group, self._firsts[group] + within // self.height, within % self.height)

    def line_of(self, index: int) -> int:
        """The first line of row `index`."""
        group = self._group_of(index)
        return self._starts[group] + self._heads[group] + (index - self._firsts[group]) * self.height

    def shown_from(self, index: int) -> int:
        """The line to show so that row `index` is seen with its heading, if it is its group's first row."""
        group = self._group_of(index)
        first = index == self._firsts[group] and self._heads[group]
        return self.line_of(index) - first

    def _group_of(self, index: int) -> int:
        return bisect_right(self._firsts, index) - 1


class Heading(NamedTuple):
    """A run of rows; see `GroupLike`."""

    name: str
    count: int  # type: ignore[assignment]  # it hides the method of tuples
    first: int


class Rows(Protocol[ShownRow]):
    """What a list shows. Row indexes count through all groups."""

    @property
    def groups(self) -> Sequence[GroupLike]:
        """The groups in order, none of them empty."""

    def __len__(self) -> int: ...

    def rows(self, start: int, stop: int) -> Sequence[ShownRow]:
        """The rows from `start` up to, not including, `stop`."""


class NoRows(Generic[Row]):
    """Nothing to show."""

    groups: Sequence[GroupLike] = ()

    def __len__(self) -> int:
        return 0

    def rows(self, start: int, stop: int) -> Sequence[Row]:  # noqa: ARG002
        """No rows."""
        return ()


class GroupedList(ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """Rows under headings with a cursor. It has no keys: a screen calls `move` and draws all that follows at once."""

    ALLOW_SELECT = False
    ROW_LINES: int = 2
    """How many lines a row takes."""
    COUNTS: bool = True
    """Whether headings say how many rows they have."""
    MARGIN: int = 1
    """How many cells there are between the cursor's mark and a row's text."""

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
        "list--mark": "text-accent bold",
        "list--heading": "text-accent bold",
        "list--note": "text-muted",
        "list--cursor": "block-cursor-foreground on block-cursor-background",
        "list--cursor-blurred": "block-cursor-blurred-foreground on block-cursor-blurred-background",
    }
    keys_elsewhere = False
    """Whether another widget has the keys that move the cursor, so that the cursor always looks active."""

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
        self._model: Rows[Row] = NoRows()
        self._lines = Lines((), self.ROW_LINES)
        self._pages: dict[int, Sequence[Row]] = {}
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
        """What is shown."""
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
        """Show other rows with the cursor on row `cursor`, at the same height of the screen as before.

        `note`: paragraphs to read below the rows, such as why there are none.
        """
        height_on_screen = (
            self._lines.line_of(self._cursor) - self.scroll_offset.y if len(self._model) else None
        )
        self._model = model
        self._note = note
        self._lines = Lines(model.groups, self.ROW_LINES)
        self._pages.clear()
        self._cursor = max(0, min(cursor, len(model) - 1))
        self._measure()
        if height_on_screen is not None and len(model):
            self.scroll_to(y=self._lines.line_of(self._cursor) - height_on_screen, animate=False)
        self.show_cursor()
        self.refresh()

    def append(self, note: tuple[str, ...]) -> None:
        """Show rows that the model has got at its end, with another `note` below them."""
        end = self._lines.count
        self._lines = Lines(self._model.groups, self.ROW_LINES)
        self._note = note
        self._measure()
        # The rows that were in sight still look the same.
        below = end - self.scroll_offset.y
        if below < self.size.height:
            self.refresh(Region(0, max(0, below), self.size.width, self.size.height))

    def move(self, index: int) -> bool:
        """Put the cursor on row `index`, or the nearest there is, and show it; False when it was there already."""
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
        """The index that a key moves the cursor to: "down", "up", "top", "bottom", "page_down", "half_up" and so on."""
        page = max(1, self.size.height // self.ROW_LINES)
        last = len(self._model) - 1
        steps = {
            "down": 1,
            "up": -1,
            "top": -self._cursor,
            "bottom": last - self._cursor,
            "page_down": page,
            "page_up": -page,
            "half_down": max(1, page // 2),
            "half_up": -max(1, page // 2),
        }
        return max(0, min(last, self._cursor + steps[how]))

    def move_by_key(self, how: str) -> bool:
        """Move the cursor as a key asks, see `moved`; False where it does not move."""
        return self.move(self.moved(how))

    def reread(self) -> None:
        """The rows in the same places may say other things now: read and draw them again."""
        self._pages.clear()
        self.refresh()

    def under_cursor(self) -> Iterator[str]:
        """The row under the cursor in words, without its marks; without rows, the note."""
        if self.cursor is None:
            yield from map(sanitize, self._note)
        else:
            row = self.row(self.cursor)
            for part in range(self.ROW_LINES):
                yield " ".join("".join(text for _, text in self.draw(row, part, _ROOMY)).split())

    def line_of(self, index: int) -> int:
        """The line of the list in sight on which row `index` begins, from 0; outside its height when out of sight."""
        return self._lines.line_of(index) - self.scroll_offset.y

    def show_cursor(self) -> None:
        """Scroll as little as needed to see the cursor's row, and its heading above a group's first row."""
        height = self.size.height
        if not height or not len(self._model):
            return
        top = self._lines.shown_from(self._cursor)
        bottom = self._lines.line_of(self._cursor) + self.ROW_LINES
        y = self.scroll_offset.y
        if bottom > y + height:
            y = bottom - height
        if top < y:
            y = top
        if y != self.scroll_offset.y:
            self.scroll_to(y=y, animate=False)

    def margin(self, row: Row, part: int) -> str:  # noqa: ARG002
        """The `MARGIN` cells left of line `part` of a row."""
        return " " * self.MARGIN

    def draw(self, row: Row, part: int, width: int) -> list[tuple[str, str]]:
        """Line `part` of a row in at most `width` cells, as pairs of a component class and text."""
        raise NotImplementedError

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw without Textual's style cache."""
        return draw_lines(self, crop)

    def render_line(self, y: int) -> Strip:
        """Draw the line `y` cells below the top."""
        return self._line(self.scroll_offset.y + y)

    def _line(self, line: int) -> Strip:
        width = self._width
        spot = self._lines.at(line)
        if spot is None:
            return self._note_line(line - self._lines.count, width)
        if spot.row is None:
            group = self._model.groups[spot.group]
            return self._heading(group, width)
        chosen = spot.row == self._cursor
        row = self.row(spot.row)
        pieces, margin = self.draw(row, spot.part, width - 2 - self.MARGIN), self.margin(row, spot.part)
        text = sum(width_of(piece) for _, piece in pieces)
        if chosen:
            style = self._cursor_style
            segments = [Segment("▌", style), Segment(margin, self._on_cursor("list--mark", style))]
            segments += [Segment(piece, self._on_cursor(name, style)) for name, piece in pieces]
            segments.append(Segment(" " * (width - 1 - self.MARGIN - text), style))
        else:
            blank = self.visual_style.rich_style
            segments = [Segment(" ", blank), Segment(margin, self.style_of("list--mark"))]
            segments += [Segment(piece, self.style_of(name)) for name, piece in pieces]
            segments.append(Segment(" " * (width - 1 - self.MARGIN - text), blank))
        return Strip(segments, width)

    def _on_cursor(self, name: str, style: Style) -> Style:
        """The cursor's colours with the bold, italics and underlines of component `name`."""
        own = self.style_of(name)
        return style + Style(bold=own.bold, italic=own.italic, underline=own.underline)

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
        """A line below the rows; the note begins after an empty line."""
        shown = self._note_lines(width)
        text = shown[line - 1] if 1 <= line <= len(shown) else ""
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
        """Columns for text, beside the scrollbar."""
        return max(0, self.size.width - 1)

    def _measure(self) -> None:
        """Give the scrollbar the length of the list."""
        width = self._width
        notes = len(self._note_lines(width)) + 1 if self._note and width else 0
        # Set silently: the watcher would lay the whole screen out again.
        self.set_reactive(Widget.virtual_size, Size(width, self._lines.count + notes))
        self.vertical_scrollbar.window_virtual_size = self.virtual_size.height

    def _refresh_row(self, index: int) -> None:
        first = self._lines.line_of(index)
        y = first - self.scroll_offset.y
        region = Region(0, y, self.size.width, self.ROW_LINES).intersection(self.size.region)
        if region:
            self.refresh(region)

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Draw the cursor again, which shows whether the list has the keys."""
        if len(self._model):
            self._refresh_row(self._cursor)

    def on_resize(self, _: events.Resize) -> None:
        """Keep the cursor in sight."""
        self._measure()
        self.show_cursor()

    def on_click(self, event: events.Click) -> None:
        """Report which row was clicked."""
        offset = event.get_content_offset(self)
        spot = self._lines.at(offset.y + self.scroll_offset.y) if offset is not None else None
        if spot is not None and spot.row is not None:
            self.post_message(self.Clicked(self, spot.row))
