"""Input lines for queries and for other entries, and the frame of a screen with a text to find words in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Region, Size
from textual.layout import Layout
from textual.reactive import reactive
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from reader.app.keys import with_keys
from reader.app.messages import Announced, show_notice
from reader.app.text.wrapping import fit, width_of
from reader.app.widgets.drawing import FRAME, style_of
from reader.app.widgets.layers import Finder
from reader.app.widgets.line_view import LineView
from reader.app.widgets.panes import (
    HELP,
    Bar,
    Hint,
    Piece,
    RegionLayout,
    Regions,
    divided,
    has_one_pane,
    key_line,
    match_words,
    side_width,
)
from reader.errors import QueryError

if TYPE_CHECKING:
    from reader.app.app import ReaderApp

_NARROW: Final = 60
"""Below this many cells, the input needs the room of longer words."""


class _EntryInput(Input):
    """An input that keeps its cursor in sight."""

    def on_resize(self) -> None:
        before = width_of(self.value[: self.cursor_position])
        self.scroll_to_region(Region(before, 0, 1, 1), force=True, animate=False)


class _Underliner(Highlighter):
    """Underlines the fault of a query line, in the colours of its theme."""

    def __init__(self, line: QueryLine) -> None:
        self._line = line

    def highlight(self, text: Text) -> None:
        if (fault := self._line.fault) is not None:
            style = self._line.get_component_rich_style("query--fault", partial=True)
            text.stylize(style, fault.position, fault.position + fault.length)


class QueryLine(Input):
    """The input for a query, with the faulty piece underlined."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"query--fault"}
    DEFAULT_CSS = """
    QueryLine {
        width: 1fr;
        & > .query--fault { color: $text-error; text-style: bold underline; }
    }
    """
    fault: reactive[QueryError | None] = reactive(None)
    """The fault of the query; its piece is underlined."""

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False, highlighter=_Underliner(self))
        self.cursor_blink = False


class EntryBar(Horizontal):
    """An input with a label before it and a note after it. The screen handles the input's messages."""

    DEFAULT_CSS = """
    EntryBar {
        height: 1;
        background: $panel;
        & > Static { width: auto; padding: 0 1; color: $text-accent; background: $panel; }
        & > Input { width: 1fr; }
        & > #entry-note { color: $foreground; }
    }
    """

    app: ReaderApp
    is_open = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = ""
        self._note = ""
        self._left = Static(id="entry-label", markup=False)
        self.input = _EntryInput(compact=True, select_on_focus=False)
        self.input.cursor_blink = False
        self._right = Static(id="entry-note", markup=False)

    def compose(self) -> ComposeResult:
        yield from (self._left, self.input, self._right)

    def open(self, label: str, text: str = "", *, selected: bool = False) -> None:
        """Open the line with `text` already in it. If that is `selected`, typing replaces it."""
        self.is_open = self.display = True
        self.app.clear_old_notices()
        self._lift_notices(1)
        self._label, self._note = label, ""
        self.on_resize()
        with self.input.prevent(Input.Changed):
            self.input.value = text
        self.input.selection = Selection(0 if selected else len(text), len(text))
        # At once: `focus()` acts later, so that the next key would go to the widget focused now.
        self.screen.set_focus(self.input, scroll_visible=False)
        asked = f"{label[0].upper()}{label[1:]}: type the text. Enter accepts it, Escape cancels"
        self.screen.post_message(Announced(asked))

    def close(self) -> None:
        self.is_open = self.display = False
        self._lift_notices(0)

    def _lift_notices(self, rows: int) -> None:
        """Show notices above the text that is typed."""
        self.screen.query("ToastRack").set_styles(f"margin-bottom: {rows};")

    @property
    def is_left(self) -> bool:
        """Has another widget of the screen taken the focus?"""
        return self.screen.focused not in (None, self.input)

    def show_note(self, note: str) -> None:
        self._note = note
        self.on_resize()

    def on_resize(self) -> None:
        """Show label and note, in short on a narrow screen: "find" and "2 of 5"."""
        is_narrow = self.app.size.width < _NARROW
        self._left.update(Content(self._label.partition(" in ")[0] if is_narrow else self._label))
        self._right.update(Content(self._note.removeprefix("match ") if is_narrow else self._note))


_FIND: Final = "find in this text"
_CLEARS: Final = "clear matches"
STEPS: Final[Hint] = ("{find.next}/{find.previous}", "match", "find_step(1)")
_NO_SEARCH: Final = "No search yet; {find.start} finds in this text"


class FindBar(EntryBar):
    """The input for words to find in a view, in place of the keys below it.

    The screen calls `found` when the view's finder has found something.
    """

    DEFAULT_CSS = "FindBar { display: none; }"

    def __init__(self, view: LineView, below: Bar, cleared: Callable[[], object] = lambda: None) -> None:
        """`cleared` is called when a search has ended."""
        super().__init__()
        self._finder = view.finder
        self._view = view
        self._below = below
        self._cleared = cleared
        self._is_searching = False

    @property
    def match(self) -> tuple[int, int] | None:
        """The number of the current match and how many there are; None without a search."""
        return self._finder.match if self._is_searching else None

    @property
    def place(self) -> str:
        """The current match for the keys below the view, such as "match 2 of 5 "; "" without a search."""
        return "" if self.match is None else f"{match_words(self.match)}{self._finder.turn} "

    def find(self, words: str) -> None:
        """Search for words, and go to the first match."""
        self._is_searching = True
        self._finder.find(words)

    def start(self) -> None:
        """Let the reader type the words."""
        self._below.display = False
        self.open(_FIND)

    def step(self, step: int) -> None:
        """Go to the next match (1) or the previous one (-1)."""
        if self.match is None:
            show_notice(self.screen, with_keys(_NO_SEARCH))
        else:
            self._finder.step(step)

    def found(self) -> None:
        self.app.clear_old_notices()
        self.show_note(match_words(self.match))
        self._below.refresh()

    def leave(self) -> bool:
        """Cancel what is typed, or end the search; False if there is neither."""
        if not self.is_open and self.match is None:
            return False
        self._finish()
        self._clear()
        return True

    def forget(self) -> None:
        """End the search, because the text is another."""
        self._is_searching = False

    def accept_if_left(self) -> None:
        """Accept what is typed when a click leaves the input."""
        if self.is_open and self.is_left:
            self._accept()

    def _on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.find(event.value)

    @on(Input.Submitted)
    def _accept(self) -> None:
        self._finish()
        if not self.input.value.strip():
            self._clear()

    def _finish(self) -> None:
        if self.is_open:
            self.close()
            self._below.display = True
            self.screen.set_focus(self._view)

    def _clear(self) -> None:
        self._is_searching = False
        self._finder.clear()
        self._cleared()
        self._below.refresh()


Answer = TypeVar("Answer")


class TextScreen(Screen[Answer]):
    """Shows a text to find words in, alone or as one of `TwoPanes`, between two bars."""

    AUTO_FOCUS = "LineView"
    DEFAULT_CSS = """
    TextScreen {
        overflow: hidden;
        & LineView { height: 1fr; scrollbar-size-vertical: 1; }
    }
    """
    closes = "back"
    """What closing the screen does, in a word."""

    def __init__(
        self, view: LineView, title: str = "", about: str = "", panes: TwoPanes | None = None
    ) -> None:
        """`about` is shown after the title. `panes`: those that the view is one of."""
        super().__init__()
        self.view = view
        self.title, self.sub_title = title, about
        self._panes = panes or view
        self._above = Bar(self.heading)
        self._below = Bar(self.footer)
        self.find = FindBar(view, self._below, self.search_cleared)

    def compose(self) -> ComposeResult:
        yield from (self._above, self._panes, self._below, self.find)

    def heading(self, width: int) -> list[Piece]:
        title = fit(f" {self.title}", width)
        about = fit(f"  {self.sub_title}", max(0, width - width_of(title)))
        return [Piece(title, "bar--title"), Piece(about, "bar--muted")]

    def footer(self, width: int) -> list[Piece]:
        hints: list[Hint] = [
            ("{move.down}/{move.up}", "scroll", "move('down')"),
            ("{find.start}", "find", "find"),
        ]
        line, _, percent = self.view.where
        place = f"{percent}% " if line else ""
        if self.find.place:
            hints.insert(0, STEPS)
            place = self.find.place
        return key_line(hints, self.closing_hints(), place, width)

    def closing_hints(self) -> list[Hint]:
        """The last keys of the footer."""
        return [("{panes.back}", self.closes if self.find.match is None else _CLEARS, "back"), HELP]

    def search_cleared(self) -> None:
        """The search for words has ended."""

    def refresh_bars(self) -> None:
        for bar in self.query(Bar):
            bar.refresh()

    def notice(self, sentence: str) -> None:
        show_notice(self, sentence, seconds=6)

    def action_move(self, how: str) -> None:
        self.view.scroll_by_key(how)

    def action_other(self) -> None:
        self.focus_next("LineView, GroupedList")

    def action_back(self) -> None:
        """Cancel what is typed, or end the search, or close the screen."""
        if not self.find.leave():
            self.action_close()

    def action_close(self) -> None:
        self.dismiss(None)

    def action_find(self) -> None:
        self.find.start()

    def action_find_step(self, step: int) -> None:
        self.find.step(step)

    @on(events.DescendantFocus)
    def _focus_moved(self) -> None:
        self.find.accept_if_left()
        self.refresh_bars()

    @on(LineView.Moved)
    def _view_moved(self) -> None:
        self._below.refresh()

    @on(Finder.Found)
    def _words_found(self) -> None:
        self.find.found()


class TwoPanes(Widget):
    """Two panes, side by side or one above the other, with a legend above the second one."""

    DEFAULT_CSS = "TwoPanes { height: 1fr; overflow: hidden; }"

    def __init__(
        self,
        first: Widget,
        second: Widget,
        legend: Callable[[int], list[Piece]],
        *,
        upper: Callable[[int], int],
        left: Callable[[int], int] = side_width,
        has_legend: Callable[[Size], bool] = lambda _: True,
    ) -> None:
        """`legend` composes the legend, unless `has_legend` is false for the size of both panes.

        `left`: the columns of the first pane beside the second, out of all; `upper`: its rows above the second.
        """
        super().__init__()
        self._first, self._second = first, second
        self._legend = Bar(legend)
        self._upper, self._left = upper, left
        self._has_legend = has_legend
        self._region_layout = RegionLayout(self._regions)

    @property
    def layout(self) -> Layout:
        return self._region_layout

    def compose(self) -> ComposeResult:
        yield from (self._first, self._legend, self._second)

    def _regions(self, size: Size) -> Regions:
        width, rows = size
        rule = int(self._has_legend(size))
        if has_one_pane(self, width):
            upper = self._upper(rows)
            first, legend = Region(0, 0, width, upper), Region(0, upper, width, 1)
            second = Region(0, upper + rule, width, max(1, rows - upper - rule))
        else:
            left = self._left(width)
            first, legend = Region(0, 0, left, rows), Region(left + 1, 0, width - left - 1, 1)
            second = Region(left + 1, rule, width - left - 1, max(1, rows - rule))
        return {self._first: first, self._second: second, **({self._legend: legend} if rule else {})}

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Draw the line between the panes."""
        width, blank = self.size.width, self.visual_style.rich_style
        if has_one_pane(self, width):
            return Strip.blank(width, blank)
        return divided(self._left(width), width, blank, style_of(self, FRAME))
