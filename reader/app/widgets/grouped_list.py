"""A list of rows under headings. It draws only visible lines, so that its cost does not depend on their number."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar, Final, Generic, NamedTuple, Protocol, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from reader.app.text.wrapping import drawn, pad, width_of, wrap
from reader.app.widgets.drawing import StyleCache, cursor_style, draw_scrollbar_in_lines
from reader.library import Group
from reader.sanitize import sanitize

Row = TypeVar("Row")
ShownRow = TypeVar("ShownRow", covariant=True)
_PAGE: Final = 64
_PAGES_CACHED: Final = 6
_SPOKEN_WIDTH: Final = 120
"""The width for which `under_cursor` describes a row."""


class Rows(Protocol[ShownRow]):
    """The model of a list. Row indexes count through all groups."""

    @property
    def groups(self) -> Sequence[Group]:
        """The groups in order, none of them empty."""

    def __len__(self) -> int: ...

    def rows(self, start: int, stop: int) -> Sequence[ShownRow]:
        """The rows from `start` up to `stop` (excluded)."""


class PagedRows(Generic[Row]):
    """Rows under headings, read when they are shown."""

    def __init__(self, counts: Iterable[tuple[str, int]], read: Callable[[int, int], Sequence[Row]]) -> None:
        """`counts`: pairs of a heading and its number of rows; `read` returns the rows of a range, end excluded."""
        self.rows = read
        self.groups: list[Group] = []
        self._count = 0
        for name, count in counts:
            if count:
                self.groups.append(Group(name, count, self._count))
            self._count += count

    def __len__(self) -> int:
        return self._count


class GroupedRows(PagedRows[Row]):
    """Rows under headings, all in memory."""

    def __init__(self, grouped: Iterable[tuple[str, Iterable[Row]]]) -> None:
        """`grouped`: pairs of a heading and its rows; empty groups are left out."""
        lists = [(name, list(rows)) for name, rows in grouped]
        self.all = [row for _, rows in lists for row in rows]
        super().__init__(
            [(name, len(rows)) for name, rows in lists], lambda start, stop: self.all[start:stop]
        )


class _Line(NamedTuple):
    """A line of the list: a heading if `row` is None, else one line of a row."""

    group: Group
    row: int | None
    part: int = 0
    """Which line of the row, from 0."""


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
        "list--detail list--note": "text-muted",
        "list--badge": "text-warning bold",
        "list--whole": "text-success bold",
        "list--match": "text-accent bold underline",
        "list--mark list--heading": "text-accent bold",
        "list--cursor": "block-cursor-foreground on block-cursor-background",
        "list--cursor-blurred": "block-cursor-blurred-foreground on block-cursor-blurred-background",
    }
    keys_elsewhere = False
    """Does another widget, such as an input, have the focus? Then the cursor always looks active."""

    class Clicked(Message):
        """A row was clicked."""

        def __init__(self, grouped_list: "GroupedList[Any]", index: int) -> None:
            super().__init__()
            self.grouped_list = grouped_list
            self.index = index

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._looks = StyleCache(self, self.LOOKS)
        self.model: Rows[Row] = GroupedRows(())
        self._groups: Sequence[Group] = ()
        self._starts: list[int] = []
        """The line of each group's heading or first row."""
        self.line_count = 0
        """How many lines the groups take, without the note."""
        self._page = lru_cache(_PAGES_CACHED)(self._read_page)
        self._lines_from = lru_cache(1)(lambda top, size: list(islice(self._existing(top, 1), size.height)))
        self._cursor = 0
        self._note: tuple[str, ...] = ()

    # The rows

    @property
    def cursor(self) -> int | None:
        """Index of the row under the cursor; None when there are no rows."""
        return self._cursor if len(self.model) else None

    def row(self, index: int) -> Row:
        """The row at `index`, from a cached page or from the model."""
        return self._page(index // _PAGE)[index % _PAGE]

    @property
    def chosen(self) -> Row | None:
        """The row under the cursor; None when there are no rows."""
        return None if self.cursor is None else self.row(self._cursor)

    def _read_page(self, number: int) -> Sequence[Row]:
        return self.model.rows(number * _PAGE, min((number + 1) * _PAGE, len(self.model)))

    def show(self, model: Rows[Row], cursor: int, note: tuple[str, ...] = ()) -> None:
        """Show other rows with the cursor on row `cursor`, at the same height on the screen as before.

        `note`: paragraphs shown below the rows, for example why there are none.
        """
        height_on_screen = self.line_of(self._cursor) if len(self.model) else None
        self.model = model
        self._cursor = max(0, min(cursor, len(model) - 1))
        self.reread(note)
        if height_on_screen is not None and len(model):
            self.scroll_to(y=self._above(self._start_of(self._cursor), height_on_screen), animate=False)
        self.show_cursor()

    def reread(self, note: tuple[str, ...] | None = None) -> None:
        """Read the rows from the model again, after their content or number has changed; None keeps the note."""
        self._note = self._note if note is None else note
        self._page.cache_clear()
        self._groups, self._starts, self.line_count = self.model.groups, [], 0
        for group in self._groups:
            self._starts.append(self.line_count)
            self.line_count += bool(group.name) + group.count * self.ROW_LINES
        self._measure()
        self.refresh()

    def lines_in(self, row: Row, width: int) -> int:  # noqa: ARG002
        """How many lines a row takes in `width` cells, at most `ROW_LINES`."""
        return self.ROW_LINES

    def margin(self, row: Row, part: int) -> str:  # noqa: ARG002
        """The sign in the `MARGIN` cells left of line `part` of a row."""
        return ""

    def draw(self, row: Row, part: int, width: int) -> list[tuple[str, str]]:
        """Draw line `part` of a row in at most `width` cells, as pairs of a look and text."""
        raise NotImplementedError

    @property
    def caret(self) -> Offset:
        """The cell of the widget where the reader is."""
        return Offset(1, 0 if self.cursor is None else self.line_of(self._cursor))

    def under_cursor(self) -> Iterator[str]:
        """Describe the row under the cursor without its marks, or give the note of an empty list."""
        if (row := self.chosen) is None:
            yield from map(sanitize, self._note)
        else:
            for part in range(self.lines_in(row, _SPOKEN_WIDTH)):
                yield " ".join("".join(text for _, text in self.draw(row, part, _SPOKEN_WIDTH)).split())

    # The cursor

    def move(self, index: int) -> bool:
        """Move the cursor to row `index`, or the nearest one, and scroll to it; False if it was there already."""
        if not len(self.model):
            return False
        before, self._cursor = self._cursor, max(0, min(index, len(self.model) - 1))
        if self._cursor != before:
            self._refresh_row(before)
            self._refresh_row(self._cursor)
        self.show_cursor()
        return self._cursor != before

    def moved(self, how: str) -> int:
        """The index to which a movement leads: "down", "up", "top", "bottom", "page_down", "half_up" and so on."""
        cursor, last = self._cursor, len(self.model) - 1
        step = 1 if how.endswith("down") else -1
        index = {"top": 0, "bottom": last}.get(how, cursor + step)
        if how.startswith(("page", "half")) and last >= 0:
            distance = self.size.height // (2 if how.startswith("half") else 1)
            lines = map(self._at, islice(self._existing(self._start_of(cursor), step), distance + 1))
            rows = [line.row for line in lines if line is not None and line.row is not None and not line.part]
            index = rows[-1] if rows[-1] != cursor else index
        return max(0, min(last, index))

    def move_by_key(self, how: str) -> bool:
        """Move the cursor by a movement, see `moved`; False if it does not move."""
        return self.move(self.moved(how))

    def show_cursor(self) -> None:
        """Scroll as little as needed to show the cursor's row, with the heading above a group's first row.

        Without rows, show the note from its first line.
        """
        height = self.size.height
        if not len(self.model):
            self.scroll_to(y=0, animate=False)
        if not height or not len(self.model):
            return
        start, y = self._start_of(self._cursor), self.scroll_offset.y
        bottom = start + self._lines_at(self._cursor) - 1
        if self._y_of(bottom) >= height:
            y = self._above(bottom, height - 1)
        above = self._at(start - 1)
        y = min(y, start - (above is not None and above.row is None))
        if y != self.scroll_offset.y:
            self.scroll_to(y=y, animate=False)

    def _refresh_row(self, index: int) -> None:
        region = Region(0, self.line_of(index), self.size.width, self.ROW_LINES)
        if visible := region.intersection(self.size.region):
            self.refresh(visible)

    # Lines

    def _at(self, line: int) -> _Line | None:
        """The heading or row on a line of the list; None beyond its lines."""
        if not 0 <= line < self.line_count:
            return None
        number = bisect_right(self._starts, line) - 1
        group = self._groups[number]
        within = line - self._starts[number] - bool(group.name)
        if within < 0:
            return _Line(group, None)
        return _Line(group, group.first + within // self.ROW_LINES, within % self.ROW_LINES)

    def _start_of(self, index: int) -> int:
        number = bisect_right(self._groups, index, key=lambda group: group.first) - 1
        group = self._groups[number]
        return self._starts[number] + bool(group.name) + (index - group.first) * self.ROW_LINES

    def _lines_at(self, index: int) -> int:
        return self.lines_in(self.row(index), self._text_width)

    def _existing(self, line: int, step: int) -> Iterator[int]:
        """Yield the lines from `line` on, down (1) or up to the first (-1); skip lines that shorter rows lack."""
        while line >= 0:
            at = self._at(line)
            # A row has a first line in any case.
            if at is None or at.row is None or not at.part or at.part < self._lines_at(at.row):
                yield line
            line += step

    def _visible_lines(self) -> list[int]:
        """The visible lines from top to bottom, and after the last one those of the note."""
        return self._lines_from(self.scroll_offset.y, self.size)

    def line_of(self, index: int) -> int:
        """The line of the widget on which row `index` begins; outside of 0 to its height if scrolled away."""
        return self._y_of(self._start_of(index))

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
        self._lines_from.cache_clear()
        length = self.line_count + (len(self._note_lines()) + 1 if self._note and width else 0)
        if length > height > 0:
            # At the end, the last line is at the bottom.
            bottom = next(self._existing(length - 1, -1))
            length = self._above(bottom, height - 1) + height
        # Set without the watcher, which would lay out the whole screen again.
        self.set_reactive(Widget.virtual_size, Size(width, length))
        self.vertical_scrollbar.window_virtual_size = self.virtual_size.height

    # Drawing

    @property
    def _width(self) -> int:
        return max(0, self.size.width - 1)

    @property
    def _text_width(self) -> int:
        return self._width - 2 - self.MARGIN

    def render_line(self, y: int) -> Strip:
        visible, width = self._visible_lines(), self._width
        number = visible[y] if y < len(visible) else self.line_count
        line = self._at(number)
        if line is None:
            # The note, after an empty line.
            notes, number = self._note_lines(), number - self.line_count
            text = f"  {notes[number - 1]}" if 1 <= number <= len(notes) else ""
            return Strip([Segment(pad(text, width), self._looks["list--note"])], width)
        if line.row is None:
            count = f" {line.group.count:,} " if self.COUNTS else ""
            name = pad(" " + sanitize(line.group.name).upper(), max(0, width - len(count)))
            looks = self._looks["list--heading"], self._looks["list--detail"]
            return Strip([Segment(name, looks[0]), Segment(count, looks[1])], width)
        is_chosen = line.row == self._cursor
        blank = self.visual_style.rich_style
        if is_chosen:
            blank = cursor_style(self, self._looks, "list--", active=self.has_focus or self.keys_elsewhere)

        def styled(text: str, name: str) -> Segment:
            look = self._looks[name]
            if is_chosen:
                look = blank + Style(bold=look.bold, italic=look.italic, underline=look.underline)
            return Segment(text, look)

        row = self.row(line.row)
        pieces = self.draw(row, line.part, self._text_width)
        rest = width - 1 - self.MARGIN - sum(width_of(piece) for _, piece in pieces)
        return Strip(
            [
                Segment("▌" if is_chosen else " ", blank),
                styled(pad(self.margin(row, line.part), self.MARGIN), "list--mark"),
                *(styled(piece, name) for name, piece in pieces),
                Segment(" " * rest, blank),
            ],
            width,
        )

    def _note_lines(self) -> list[str]:
        """The lines of the note, with an empty one between paragraphs."""
        width = self._width - 4
        paragraphs = ([drawn(text, span) for span in wrap(text, width)] for text in map(sanitize, self._note))
        return [line for paragraph in paragraphs for line in ("", *paragraph)][1:]

    # Events

    def on_mount(self) -> None:
        draw_scrollbar_in_lines(self.vertical_scrollbar)

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Draw the cursor again, since it shows the focus."""
        if len(self.model):
            self._refresh_row(self._cursor)

    def on_resize(self) -> None:
        self._measure()
        self.show_cursor()

    def on_click(self, event: events.Click) -> None:
        offset, visible = event.get_content_offset(self), self._visible_lines()
        line = self._at(visible[offset.y]) if offset is not None and offset.y < len(visible) else None
        if line is not None and line.row is not None:
            self.post_message(self.Clicked(self, line.row))
