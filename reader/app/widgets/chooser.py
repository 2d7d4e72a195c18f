"""Dialogs over the screen, and the dialog in which one row of a list is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from reader.app.screen_keys import screen_bindings
from reader.app.widgets.grouped_list import GroupedList, Heading, Rows

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], Generic[Answer]):
    """What stands in the box is in the widget `#dialog`."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        & > #dialog {
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
        & Input { background: $panel; color: $foreground; }
        & Input:focus { background: $panel; background-tint: $foreground 0%; }
        & Input:nocolor > .input--cursor { text-style: reverse; }
    }
    """


Row = TypeVar("Row")
Result = TypeVar("Result")


class GroupedRows(Generic[Row]):
    """A few rows under headings, as a list shows them."""

    def __init__(self, grouped: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """Pairs of a heading and its rows; empty ones are left out."""
        self._rows: list[Row] = []
        self.groups: list[Heading] = []
        for name, rows in grouped:
            if rows:
                self.groups.append(Heading(name, len(rows), len(self._rows)))
                self._rows += rows

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self, start: int, stop: int) -> Sequence[Row]:
        """The rows from `start` up to `stop`."""
        return self._rows[start:stop]


LETTERS_MOVE: tuple[BindingType, ...] = tuple(screen_bindings("list"))
"""Keys of a list in which nothing is typed."""


class Chooser(Dialog[Result | None], Generic[Row, Result]):
    """The dialog: a title, perhaps a line to type in, the rows, and the chosen row in full below them."""

    AUTO_FOCUS = "Input"
    DEFAULT_CSS = """
    Chooser {
        & > #dialog { max-height: 36; }
        & Input { margin: 0 1; }
        & GroupedList { height: 1fr; }
        & #detail { height: auto; max-height: 5; padding: 0 1; color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("chooser")
    TITLE: ClassVar[str] = ""
    PLACEHOLDER: ClassVar[str | None] = None
    """What to type; None for a dialog without a line for it."""
    NOTHING: ClassVar[str] = "Nothing matches."
    """What to say when nothing matches."""

    def __init__(self, rows: GroupedList[Row]) -> None:
        super().__init__()
        self.rows = rows
        rows.keys_elsewhere = True
        # Held, not looked for: a key may come while the parts are not there yet, or not any more.
        self.entry = Input(placeholder=self.PLACEHOLDER or "", compact=True)
        self.entry.cursor_blink = False
        self._detail = Static(id="detail", markup=False)

    def matching(self, text: str) -> Rows[Row]:
        """The rows to show when `text` has been typed."""
        raise NotImplementedError

    def detail(self, row: Row) -> str:
        """What to say below the rows about the one under the cursor; empty for nothing."""
        raise NotImplementedError

    def result(self, row: Row) -> Result | None:
        """What choosing a row answers."""
        raise NotImplementedError

    def start(self) -> int:
        """The row to begin on."""
        return 0

    def nothing(self) -> str:
        """What to say when there is no row."""
        return self.NOTHING

    def foot(self) -> Iterable[Widget]:
        """What stands below everything else in the dialog."""
        return ()

    def compose(self) -> ComposeResult:
        """The dialog's parts."""
        dialog = Vertical(id="dialog")
        dialog.border_title = Content(self.TITLE)
        with dialog:
            if self.PLACEHOLDER is not None:
                yield self.entry
            yield self.rows
            yield self._detail
            yield from self.foot()

    def on_mount(self) -> None:
        """Show every row."""
        if self.PLACEHOLDER is None:
            self.rows.focus()
        self.show("", self.start())

    def show(self, text: str, cursor: int = 0) -> None:
        """Show the rows for what was typed."""
        rows = self.matching(text)
        self.rows.show(rows, cursor, () if len(rows) else (self.nothing(),))
        self._tell()

    def action_move(self, how: str) -> None:
        """Move the cursor."""
        self.rows.move_by_key(how)
        self._tell()

    def action_choose(self) -> None:
        """Answer with the row under the cursor."""
        if self.rows.cursor is not None:
            self.dismiss(self.result(self.rows.row(self.rows.cursor)))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.show(event.value)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_choose()

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        self.rows.move(message.index)
        self._tell()
        if self.PLACEHOLDER is not None:
            self.action_choose()

    def _tell(self) -> None:
        cursor = self.rows.cursor
        text = "" if cursor is None else self.detail(self.rows.row(cursor))
        self._detail.display = bool(text)
        self._detail.update(Content(text))
