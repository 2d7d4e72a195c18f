"""The frame of a dialog, and a dialog with a list to choose from."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar, Final, Generic, NamedTuple, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import Input, Static

from reader.app.keymap import screen_bindings
from reader.app.keys import hint, key_for, read_key
from reader.app.text.wrapping import fit, pad, width_of
from reader.app.widgets.grouped_list import GroupedList, GroupedRows, Rows
from reader.app.widgets.panes import LOW
from reader.sanitize import sanitize

_BETWEEN_KEYS: Final = " · "
_CORNERS: Final = 6
"""Cells of the frame beside the keys."""
_FRAME_LINES: Final = 2
_NOTE_LINES: Final = 4
"""Lines for the text that stands in place of rows."""


DIALOG_BREAKPOINTS: Final = [(0, "-narrow-dialog"), (40, "-wide-dialog")]
"""The class of a screen with a `DialogBox`, by its columns."""


class DialogBox(Vertical):
    """The frame of a dialog, in the middle of a modal screen."""

    DEFAULT_CSS = """
    DialogBox {
        width: 90%;
        min-width: 40;
        max-width: 76;
        height: 90%;
        min-height: 12;
        background: $background;
        border: round $border;
        border-title-color: $text-accent;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
    }
    .-narrow-dialog DialogBox { width: 100%; min-width: 0; }
    """
    SCOPED_CSS = False  # The last rule is about the screen, too.

    def __init__(self, title: str, keys: str = "") -> None:
        """`keys`: hints for the bottom, with " · " between them: as many as fit, and the last.

        They name their keys as `hint` takes them. A click on one presses its first key.
        """
        super().__init__(id="dialog")
        self.border_title = Content(title)
        self._keys = keys

    def show_keys(self, keys: str) -> None:
        self._keys = keys
        self.on_resize()

    def on_resize(self) -> None:
        hints = [_clickable(part) for part in self._keys.split(_BETWEEN_KEYS) if hint(part)]
        between, room = Content(_BETWEEN_KEYS), self.outer_size.width - _CORNERS
        while len(hints) > 1 and self.outer_size and between.join(hints).cell_length > room:
            del hints[-2]
        self.border_subtitle = between.join(hints)


def _clickable(text: str) -> Content:
    """Write a hint so that a click on it presses its key."""
    id_ = re.search(r"\{(.+?)\}", text)
    key = read_key(key_for(id_[1])) if id_ else None
    meta = {"@click": f"app.simulate_key({key!r})"} if key else {}
    return Content.styled(hint(text), Style.from_meta(meta))


Result = TypeVar("Result")


class ChooserRow(NamedTuple, Generic[Result]):
    """A row of a dialog. Text, second line and details are sanitized when they are drawn."""

    result: Result
    """The dialog closes with it if this row is chosen."""
    text: str
    right: str = ""
    """Shown at the right end of the row."""
    label: str | None = None
    """Shown in a column before the text; None for a row without this column."""
    below: str = ""
    """Shown on the second line."""
    detail: str = ""
    """Shown below the list while the cursor is on this row."""


class RowList(GroupedList[ChooserRow[Result]]):
    """The list of a dialog, which draws the rows."""

    def __init__(self, chooser: Chooser[Result]) -> None:
        self.ROW_LINES = chooser.ROW_LINES
        self.COUNTS = chooser.COUNTS
        self._chooser = chooser
        super().__init__()
        self.keys_elsewhere = True

    def draw(self, row: ChooserRow[Result], part: int, width: int) -> list[tuple[str, str]]:
        return self._chooser.draw(row, part, width)


class Chooser(ModalScreen[Result | None], Generic[Result]):
    """A dialog with a title, an optional input, rows, and details of the row under the cursor.

    Closes with the `result` of the chosen row, or with None. A subclass names its `keys` in `SCREENS` beside those of
    "chooser", separated by spaces; "list" has letters that move the cursor, for a dialog without an input.
    """

    AUTO_FOCUS = "Input"
    HORIZONTAL_BREAKPOINTS = DIALOG_BREAKPOINTS
    DEFAULT_CSS = """
    Chooser {
        align: center middle;
        & Input { margin: 0 1; }
        & GroupedList { height: 1fr; }
        & #detail { height: auto; max-height: 5; padding: 0 1; color: $text-muted; }
    }
    """
    BINDINGS = screen_bindings("chooser")
    TITLE: ClassVar[str] = ""
    PLACEHOLDER: ClassVar[str | None] = None
    """Shown in the empty input; None for a dialog without an input."""
    NOTHING: ClassVar[str] = "Nothing matches."
    """Shown when there is no row."""
    KEYS: ClassVar[str] = "{panes.read} chooses · {panes.back} closes"
    """The line of keys at the bottom."""
    ROW_LINES: ClassVar[int] = 1
    """How many lines a row takes."""
    TALLEST: ClassVar[int] = 36
    """How many lines the dialog has at most; 0 if the stylesheet sets its height."""
    DETAIL_LINES: ClassVar[int] = 2
    """How many lines to have ready for the details."""
    COUNTS: ClassVar[bool] = False
    """Show the number of rows in headings?"""
    label_width = 0
    """How many cells the column of labels takes."""

    def __init_subclass__(cls, *, keys: str = "", **options: Any) -> None:
        cls.BINDINGS = screen_bindings(*keys.split())
        super().__init_subclass__(**options)

    def __init__(
        self,
        title: str = "",
        rows: Rows[ChooserRow[Result]] = GroupedRows(()),  # noqa: B008 (never changed)
        start: int = 0,
    ) -> None:
        """`title`: shown on the frame instead of `TITLE`; `start`: the row on which the cursor starts."""
        super().__init__()
        self.start = start
        self._all_rows = rows
        self.rows = RowList(self)
        # Attributes, since a key may come before the widgets are mounted, or after they are gone.
        self.box = DialogBox(title or self.TITLE, self.KEYS)
        self.entry = Input(placeholder=self.PLACEHOLDER or "", compact=True)
        self.entry.cursor_blink = False
        self._detail = Static(id="detail", markup=False)
        self._height = 0

    def matching(self, text: str) -> Rows[ChooserRow[Result]]:  # noqa: ARG002
        """The rows that match the typed text; all for a dialog without an input."""
        return self._all_rows

    def draw(self, row: ChooserRow[Result], part: int, width: int) -> list[tuple[str, str]]:
        """Draw line `part` of a row in at most `width` cells, as pairs of a look and text."""
        if part:
            return [("list--detail", " " + fit(sanitize(row.below), width - 1))]
        label = [] if row.label is None else [("list--badge", pad(row.label, self.label_width))]
        room = width - (self.label_width if label else 0) - width_of(row.right)
        if not row.right:
            return [*label, ("list--title", fit(sanitize(row.text), room))]
        return [*label, ("list--title", pad(sanitize(row.text), max(0, room))), ("list--detail", row.right)]

    def preview(self, result: Result) -> None:
        """Show the effect of choosing a row; called with each row that comes under the cursor."""

    def nothing(self) -> str:
        """Return the text to show when there is no row."""
        return self.NOTHING

    @property
    def chosen(self) -> Result | None:
        return None if (row := self.rows.chosen) is None else row.result

    def compose(self) -> ComposeResult:
        with self.box:
            if self.PLACEHOLDER is not None:
                yield self.entry
            yield self.rows
            yield self._detail

    def on_mount(self) -> None:
        if self.PLACEHOLDER is None:
            self.rows.focus()
        self.show("", self.start)

    def show(self, text: str, cursor: int = 0) -> None:
        """Show the rows that match the typed text, in a dialog as high as they are; typing does not make it lower."""
        rows = self.matching(text)
        self.rows.show(rows, cursor, () if len(rows) else (self.nothing(),))
        needed = self.rows.line_count or _NOTE_LINES
        needed += self.DETAIL_LINES + (self.PLACEHOLDER is not None) + _FRAME_LINES
        if self.TALLEST and needed > self._height:
            self._height = needed
            self.box.styles.height = min(needed, self.TALLEST)
            self.on_resize()
        self._show_detail()

    def show_again(self, key: Callable[[Result], object]) -> None:
        """Show the rows as they are by now; the cursor stays on the row whose result has the same `key`."""
        text, before, cursor = self.entry.value, self.chosen, self.rows.cursor or 0
        if before is not None:
            rows = self.matching(text)
            keys = [key(row.result) for row in rows.rows(0, len(rows))]
            cursor = keys.index(key(before)) if key(before) in keys else cursor
        self.show(text, cursor)

    def on_resize(self) -> None:
        """Leave a margin around the dialog, except in a low terminal."""
        if self.TALLEST:
            self.box.styles.max_height = "100%" if self.app.size.height < LOW else "90%"

    def take_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Use the keys for the ends of the input to go to those of the list while nothing is typed."""
        if key not in ("home", "end") or self.PLACEHOLDER is None or self.entry.value:
            return False
        self.action_move("top" if key == "home" else "bottom")
        return True

    def action_move(self, how: str) -> None:
        self.rows.move_by_key(how)
        self._show_detail()

    def action_choose(self) -> None:
        if (row := self.rows.chosen) is not None:
            self.dismiss(row.result)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.show(event.value)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_choose()

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        self.rows.move(message.index)
        self._show_detail()
        if self.PLACEHOLDER is not None:
            self.action_choose()

    def _show_detail(self) -> None:
        row = self.rows.chosen
        self.show_detail("" if row is None else row.detail)
        if row is not None and self.is_attached:
            self.preview(row.result)

    def show_detail(self, text: str) -> None:
        """Show a text below the list."""
        self._detail.display = bool(text)
        self._detail.update(Content(sanitize(text, multiline=True)))
