"""The overview: how much there is and of what, each bar a way to the articles behind it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen

from reader.app.notices import errors_shown, report_error
from reader.app.overview.lines import Opens, lay_out
from reader.app.overview.view import OverviewView
from reader.app.query_worker import QueryWorker
from reader.app.screen_keys import screen_bindings
from reader.app.text.cells import fit
from reader.app.text.wrapping import width_of
from reader.app.view import why_empty
from reader.app.widgets.bar_texts import Hint, Piece, key_line
from reader.app.widgets.bars import Bar
from reader.library import Library
from reader.library.listings.overview import Overview
from reader.sanitize import sanitize

QUICK = 1_000
"""So many articles are counted at once."""
AGAIN_SECONDS = 1.0
"""How often the library is counted anew, at most, while it is being filled."""
KIND = "overview"
"""What the query worker knows its question by."""


class Counted(Message):
    """What the library holds."""

    def __init__(self, found: Overview) -> None:
        super().__init__()
        self.found = found


class OverviewScreen(Screen[Opens | None]):
    """Answers with what was chosen: a choice of articles, the name of an action, or None."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    OverviewScreen {
        overflow: hidden;
        & > OverviewView { height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("overview")

    def __init__(
        self,
        library: Library,
        title: str,
        opens: Opens | None = None,
        filling: Callable[[], bool] = lambda: False,
    ) -> None:
        """`opens` is what the cursor was on the last time.

        `filling` tells whether captures are being read into the library.
        """
        super().__init__()
        self.library = library
        self.queries = QueryWorker(library, partial(report_error, self))
        self.view = OverviewView(id="overview")
        self.above = Bar(_heading, title, id="above")
        self.below = Bar(_footer, False, id="below")
        self._opens = opens
        self._filling = filling
        self._content = -1
        """The library's count of changes that was counted last."""

    def compose(self) -> ComposeResult:
        """The parts."""
        yield from (self.above, self.view, self.below)

    def on_mount(self) -> None:
        """Count, and again when something has changed."""
        self.set_focus(self.view, scroll_visible=False)
        with errors_shown(self):
            if self.library.totals().articles <= QUICK:
                self._content = self.library.stamps().content
                self._show(self.library.overview())
            else:
                self.view.show_note("Counting…")
                self._look()
        self.set_interval(AGAIN_SECONDS, self._look)

    def on_unmount(self) -> None:
        """End what runs beside the screen."""
        self.queries.close()

    def _look(self) -> None:
        """Have the library counted where it is another than was counted."""
        with errors_shown(self):
            content = self.library.stamps().content
            if content != self._content and not self.queries.busy(KIND):
                self._content = content
                self.queries.ask(KIND, self._count)

    def _count(self, own: Library) -> None:
        self.post_message(Counted(own.overview()))

    def on_counted(self, message: Counted) -> None:
        """Show the new numbers, the cursor where it was."""
        self._show(message.found)

    def _show(self, found: Overview) -> None:
        counts = found.counts
        if not counts.articles:
            said = why_empty(0, counts.problems, self._filling(), False)
            self.view.show_note(" ".join(said))
            return
        opens, self._opens = self._opens, None
        self.view.show(partial(lay_out, found, shaded=self.app.no_color), opens)
        self._tell()

    # Keys

    def action_move(self, how: str) -> None:
        """Move the cursor."""
        self.view.move(how)
        self._tell()

    def action_choose(self) -> None:
        """Answer with what is under the cursor."""
        if self.view.opens is not None:
            self.dismiss(self.view.opens)

    def action_close(self) -> None:
        """Back to the list."""
        self.dismiss(None)

    @on(OverviewView.Clicked)
    def _clicked(self, message: OverviewView.Clicked) -> None:
        self.view.move_to(message.target)
        self.action_choose()

    def _tell(self) -> None:
        self.below.state = self.view.in_chart


def _heading(title: str, width: int) -> list[Piece]:
    """Whose overview it is."""
    said = fit(f" Overview ─ {sanitize(title)} ", width)
    return [Piece(said, "bar--title"), Piece("─" * (width - width_of(said)), "bar--rule")]


def _footer(in_chart: bool, width: int) -> list[Piece]:
    """The keys that matter."""
    hints: list[Hint] = [
        ("{panes.read}", "show", "choose"),
        ("{move.down}/{move.up}", "move", "move('down')"),
    ]
    hints += [("{panes.list}/{panes.article}", "month", "move('right')")] if in_chart else []
    return key_line(hints, ("{panes.back}", "back", "close"), "", width)
