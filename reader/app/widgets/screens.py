"""Input lines for queries and for other entries, a screen with a text to find words in, and one of two panes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import on
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
from reader.app.messages import Announced, prompt_words, report_error, show_notice
from reader.app.text.wrapping import fit, width_of
from reader.app.threads import QueryWorker
from reader.app.widgets.drawing import FRAME, style_of
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
from reader.library import Library

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
        self.screen.post_message(Announced(prompt_words(_FIND)))

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


class TextScreen(Screen[None]):
    """Shows a view between a title and a line of keys."""

    AUTO_FOCUS = "LineView"
    DEFAULT_CSS = """
    TextScreen {
        & LineView { height: 1fr; scrollbar-size-vertical: 1; }
    }
    """
    closes = "back"
    """What closing the screen does, in a word."""

    def __init__(self, view: LineView, title: str, about: str = "") -> None:
        """`about` is shown after the title."""
        super().__init__()
        self.view = view
        self.about = about
        self._heading = title
        self._above = Bar(self._title_pieces)
        self._below = Bar(self._key_pieces)
        self.find = FindBar(view, self._below)

    def compose(self) -> ComposeResult:
        yield from (self._above, self.view, self._below, self.find)

    def _title_pieces(self, width: int) -> list[Piece]:
        title = fit(f" {self._heading}", width)
        about = fit(f"  {self.about}", max(0, width - width_of(title)))
        return [Piece(title, "bar--title"), Piece(about, "bar--muted")]

    def _key_pieces(self, width: int) -> list[Piece]:
        hints: list[Hint] = [
            ("{move.down}/{move.up}", "scroll", "move('down')"),
            ("{find.start}", "find", "find"),
        ]
        line, _, percent = self.view.where
        closes, place = self.closes, f"{percent}% " if line else ""
        if self.find.place:
            hints.insert(0, STEPS)
            closes, place = _CLEARS, self.find.place
        return key_line(hints, (("{panes.back}", closes, "back"), HELP), place, width)

    def refresh_bars(self) -> None:
        self._above.refresh()
        self._below.refresh()

    def _on_line_view_moved(self) -> None:
        self._below.refresh()

    def action_move(self, how: str) -> None:
        self.view.scroll_by_key(how)

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

    def on_descendant_focus(self) -> None:
        self.find.accept_if_left()

    def _on_finder_found(self) -> None:
        self.find.found()


Answer = TypeVar("Answer")


class TwoPaneScreen(Screen[Answer]):
    """Two panes, side by side or one above the other, between two bars, with a legend above the second pane."""

    DEFAULT_CSS = "TwoPaneScreen { overflow: hidden; }"

    def __init__(self, library: Library, first: Widget, second: Widget, text: LineView) -> None:
        """`text`: which of the two panes is searched for words."""
        super().__init__()
        self.library = library
        self.queries = QueryWorker(library, partial(report_error, self))
        self._above = Bar(self.heading)
        self._legend = Bar(self.legend)
        self._below = Bar(self.footer)
        self._first, self._second = first, second
        self.find = FindBar(text, self._below, self.search_cleared)
        self._region_layout = RegionLayout(self._regions)

    def heading(self, width: int) -> list[Piece]:
        raise NotImplementedError

    def legend(self, width: int) -> list[Piece]:
        raise NotImplementedError

    def footer(self, width: int) -> list[Piece]:
        raise NotImplementedError

    def legend_rows(self, size: Size) -> int:  # noqa: ARG002
        """How many rows the legend takes, 0 or 1."""
        return 1

    def left(self, width: int) -> int:
        """The columns of the first pane, side by side with the second, out of `width`."""
        return side_width(width)

    def upper(self, rows: int) -> int:
        """The rows of the first pane, one above the other, out of `rows`."""
        raise NotImplementedError

    @property
    def layout(self) -> Layout:
        return self._region_layout

    def compose(self) -> ComposeResult:
        yield from (self._above, self._first, self._legend, self._second, self._below, self.find)

    def _regions(self, size: Size) -> Regions:
        width, height = size
        rows, rule = max(2, height - 2), self.legend_rows(size)
        if has_one_pane(self, width):
            upper = self.upper(rows)
            first, legend = Region(0, 1, width, upper), Region(0, 1 + upper, width, 1)
            second = Region(0, 1 + upper + rule, width, max(1, rows - upper - rule))
        else:
            left = self.left(width)
            first, legend = Region(0, 1, left, rows), Region(left + 1, 1, width - left - 1, 1)
            second = Region(left + 1, 1 + rule, width - left - 1, max(1, rows - rule))
        below = Region(0, height - 1, width, 1)
        return {
            self._above: Region(0, 0, width, 1),
            self._first: first,
            self._second: second,
            self._below: below,
            self.find: below,
            **({self._legend: legend} if rule else {}),
        }

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Draw the line between the panes."""
        # Not `self.size`: right after a resize that is the new size, before the screen is laid out for it.
        width, blank = self.outer_size.width, self.visual_style.rich_style
        if has_one_pane(self, width):
            return Strip.blank(width, blank)
        return divided(self.left(width), width, blank, style_of(self, FRAME))

    def on_unmount(self) -> None:
        self.queries.close()

    def on_descendant_focus(self) -> None:
        self.find.accept_if_left()
        self.refresh_bars()

    def on_finder_found(self) -> None:
        self.find.found()

    def search_cleared(self) -> None:
        """The search for words has ended."""

    def closing_hints(self) -> list[Hint]:
        """The last keys of the footer."""
        return [("{panes.back}", "back" if self.find.match is None else _CLEARS, "back"), HELP]

    def action_find(self) -> None:
        self.find.start()

    def action_find_step(self, step: int) -> None:
        self.find.step(step)

    def action_back(self) -> None:
        """Cancel what is typed, or end the search, or close the screen."""
        if not self.find.leave():
            self.action_close()

    def action_other(self) -> None:
        other = self._first if self.focused is self._second else self._second
        self.set_focus(other, scroll_visible=False)

    def action_close(self) -> None:
        self.dismiss(None)

    def refresh_bars(self) -> None:
        for bar in (self._above, self._legend, self._below):
            bar.refresh()

    def notice(self, sentence: str) -> None:
        show_notice(self, sentence, seconds=6)
