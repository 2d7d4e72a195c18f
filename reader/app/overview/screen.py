"""The overview screen: counts of articles as bars; each bar opens its articles."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from reader.app.notices import errors_shown, report_error
from reader.app.overview.lines import Opens, lay_out
from reader.app.overview.view import OverviewView
from reader.app.query_worker import QueryWorker
from reader.app.screen_keys import screen_bindings
from reader.app.view import why_empty
from reader.app.widgets.bars import HELP, Bar, Hint, Piece, key_line, title_line
from reader.library import Library
from reader.library.listings.overview import Overview
from reader.sanitize import sanitize

QUICK = 1_000
"""A library of up to this many articles is counted at once, so that no key comes before the rows."""
AGAIN_SECONDS = 1.0
"""Seconds between two counts while the library is being filled."""
KIND = "overview"
"""The kind of its query to the query worker."""


class OverviewScreen(Screen[Opens | None]):
    """Closes with the chosen articles, the name of an action, or None."""

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
        """`opens`: the target under the cursor last time; `filling`: are captures being read?"""
        super().__init__()
        self.library = library
        self.queries = QueryWorker(library, partial(report_error, self))
        self.view = OverviewView(id="overview")
        self.above = Bar(_heading, title, id="above")
        self.below = Bar(_footer, False, id="below")
        self._opens = opens
        self._filling = filling
        self._content = -1
        """The stamp of the content that was counted last."""

    def compose(self) -> ComposeResult:
        """Title, overview and keys."""
        yield from (self.above, self.view, self.below)

    def on_mount(self) -> None:
        """Count, and count again whenever the library has changed."""
        self.set_focus(self.view, scroll_visible=False)
        with errors_shown(self):
            if self.library.totals().articles <= QUICK:
                self._content = self.library.stamps().content
                self._show(self.library.overview())
            else:
                self.view.show_note("Counting…")
                self.recount()
        self.set_interval(AGAIN_SECONDS, self.recount)

    def on_unmount(self) -> None:
        """Stop the query worker."""
        self.queries.close()

    def recount(self) -> None:
        """Count in the background if the library has changed."""
        with errors_shown(self):
            content = self.library.stamps().content
            if content != self._content and not self.queries.busy(KIND):
                self._content = content
                self.run_worker(self._show_count(self.queries.ask(KIND, Library.overview)))

    async def _show_count(self, counting: Awaitable[Overview]) -> None:
        self._show(await counting)

    def _show(self, counted: Overview) -> None:
        counts = counted.counts
        if not counts.articles:
            self.view.show_note(
                " ".join(why_empty(self.library.totals(), filling=self._filling(), filtered=False))
            )
            return
        opens, self._opens = self._opens, None
        self.view.show(partial(lay_out, counted, shaded=self.app.no_color), opens)
        self._update_footer()

    # Keys

    def action_move(self, how: str) -> None:
        """Move the cursor."""
        self.view.move(how)
        self._update_footer()

    def action_choose(self) -> None:
        """Close with what is under the cursor."""
        if self.view.opens is not None:
            self.dismiss(self.view.opens)

    def action_close(self) -> None:
        """Go back to the list."""
        self.dismiss(None)

    @on(OverviewView.Clicked)
    def _clicked(self, message: OverviewView.Clicked) -> None:
        self.view.move_to(message.target)
        self.action_choose()

    def _update_footer(self) -> None:
        self.below.state = self.view.in_chart


def _heading(title: str, width: int) -> list[Piece]:
    """The title of the library."""
    return title_line(f" Overview ─ {sanitize(title)} ", width)


def _footer(in_chart: bool, width: int) -> list[Piece]:
    """The keys for the target under the cursor."""
    hints: list[Hint] = [
        ("{panes.read}", "show", "choose"),
        ("{move.down}/{move.up}", "move", "move('down')"),
    ]
    hints += [("{panes.list}/{panes.article}", "month", "move('right')")] if in_chart else []
    return key_line(hints, (("{panes.back}", "back", "close"), HELP), "", width)
