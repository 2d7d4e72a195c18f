"""A screen with a text to scroll and to find words in, such as a raw capture or a page of the manual."""

from __future__ import annotations

from typing import NamedTuple

from textual.app import ComposeResult
from textual.screen import Screen

from reader.app.keys import with_keys
from reader.app.messages import Announced, prompt_words
from reader.app.notices import show_notice
from reader.app.text.wrapping import fit, width_of
from reader.app.widgets.bars import HELP, Bar, Hint, Piece, key_line, match_words
from reader.app.widgets.entry_bar import EntryBar
from reader.app.widgets.layers import Finder
from reader.app.widgets.line_view import LineView

_NO_SEARCH = "No search yet; {find.start} finds in this text"


class TextState(NamedTuple):
    """The data of the bars."""

    title: str = ""
    about: str = ""
    """Shown after the title."""
    closes: str = "back"
    """What closing the screen does, in a word."""
    percent: int | None = None
    """The position in the text; None for an empty text."""
    match: tuple[int, int] | None = None
    """Current match and number of matches, during a search."""


def heading(state: TextState, width: int) -> list[Piece]:
    """Compose the title and what is said about the text."""
    title = fit(f" {state.title}", width)
    return [
        Piece(title, "bar--title"),
        Piece(fit(f"  {state.about}", max(0, width - width_of(title))), "bar--muted"),
    ]


def footer(state: TextState, width: int) -> list[Piece]:
    """Compose the keys, and the match or the position on the right."""
    hints: list[Hint] = [
        ("{move.down}/{move.up}", "scroll", "move('down')"),
        ("{find.start}", "find", "find"),
    ]
    if state.match is not None:
        hints.insert(0, ("{find.next}/{find.previous}", "match", "find_step(1)"))
        place = f"{match_words(state.match)} "
    else:
        place = "" if state.percent is None else f"{state.percent}% "
    back = "clear matches" if state.match is not None else state.closes
    return key_line(hints, (("{panes.back}", back, "back"), HELP), place, width)


class TextScreen(Screen[None]):
    """Shows a view between a title and a line of keys. Needs the keys of `screen_keys.text_keys`."""

    AUTO_FOCUS = "LineView"
    DEFAULT_CSS = """
    TextScreen {
        & LineView { height: 1fr; scrollbar-size-vertical: 1; }
        & EntryBar { display: none; }
    }
    """

    def __init__(self, view: LineView, title: str, about: str = "") -> None:
        super().__init__()
        self.view = view
        self.above = Bar(heading, TextState(title, about))
        self.below = Bar(footer, TextState())
        self._entry = EntryBar()

    def compose(self) -> ComposeResult:
        """Yield title, text and keys; the input for words to find takes the place of the keys."""
        yield from (self.above, self.view, self.below, self._entry)

    def _on_line_view_moved(self) -> None:
        line, _, percent = self.view.where
        self.below.state = self.below.state._replace(percent=percent if line else None)

    def action_move(self, how: str) -> None:
        """Scroll the text."""
        self.view.scroll_by_key(how)

    def action_back(self) -> None:
        """Cancel what is typed, or end the search, or close the screen."""
        if self._entry.purpose:
            self._close_entry()
            self._clear_matches()
        elif self.below.state.match is not None:
            self._clear_matches()
        else:
            self.action_close()

    def action_close(self) -> None:
        """Close the screen."""
        self.dismiss(None)

    # Finding

    def action_find(self) -> None:
        """Ask for words to find in the text."""
        self.below.display = False
        self._entry.open("find", "find in this text", "")
        self.post_message(Announced(prompt_words("find in this text")))

    def action_find_step(self, step: int) -> None:
        """Go to the next or previous match."""
        if self.below.state.match is None:
            show_notice(self, with_keys(_NO_SEARCH))
        else:
            self.view.finder.step(step)

    def _on_entry_bar_changed(self, message: EntryBar.Changed) -> None:
        self.view.finder.find(message.text)

    def _on_entry_bar_submitted(self, message: EntryBar.Submitted) -> None:
        self._close_entry()
        if not message.text.strip():
            self._clear_matches()

    def _on_finder_found(self, message: Finder.Found) -> None:
        match = (message.current, message.count)
        self.below.state = self.below.state._replace(match=match)
        self._entry.show_note(match_words(match))

    def _close_entry(self) -> None:
        self._entry.close()
        self.below.display = True
        self.set_focus(self.view)

    def _clear_matches(self) -> None:
        self.view.finder.clear()
        self.below.state = self.below.state._replace(match=None)
