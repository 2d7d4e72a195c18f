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
from reader.app.overview.rows import Opens, OverviewList, overview_rows
from reader.app.query_worker import QueryWorker
from reader.app.screen_keys import screen_bindings
from reader.app.view import why_empty
from reader.app.widgets.bars import HELP, Bar, Piece, key_line, title_line
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.library import Library
from reader.library.listings.overview import Overview
from reader.sanitize import sanitize

AGAIN_SECONDS = 1.0
"""Seconds between two counts while the library is being filled."""
KIND = "overview"
"""The kind of its query to the query worker."""


class OverviewScreen(Screen[Opens | None]):
    """Closes with the chosen articles, the name of an action, or None."""

    AUTO_FOCUS = "OverviewList"
    DEFAULT_CSS = """
    OverviewScreen {
        overflow: hidden;
        & > OverviewList { height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("overview")

    def __init__(
        self, library: Library, title: str, opens: Opens | None, filling: Callable[[], bool]
    ) -> None:
        """`opens`: what the row under the cursor opened last time; `filling`: are captures being read?"""
        super().__init__()
        self.library = library
        self.queries = QueryWorker(library, partial(report_error, self))
        self.list = OverviewList(id="overview")
        self.opens = opens
        """What the row under the cursor opens."""
        self._title = title
        self._filling = filling
        self._content = -1
        """The stamp of the content that was counted last."""

    def compose(self) -> ComposeResult:
        """Yield title, rows and keys."""
        yield Bar(_heading, self._title, id="above")
        yield self.list
        yield Bar(_footer, None, id="below")

    def on_mount(self) -> None:
        """Count, and count again whenever the library has changed."""
        self.list.show(GroupedRows(()), 0, ("Counting…",))
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
        counted = await counting
        if not counted.counts.articles:
            note = why_empty(self.library, self.library.totals(), filling=self._filling(), filtered=False)
            self.list.show(GroupedRows(()), 0, note)
            return
        rows = overview_rows(counted)
        opened = [row.opens for row in rows.rows(0, len(rows))]
        cursor = opened.index(self.opens) if self.opens in opened else self.list.cursor or 0
        self.list.show(rows, cursor)
        self._moved()

    def _moved(self) -> None:
        if self.list.cursor is not None:
            self.opens = self.list.row(self.list.cursor).opens

    def action_move(self, how: str) -> None:
        """Move the cursor."""
        if self.list.cursor is not None:
            self.list.move_by_key(how)
            self._moved()

    def action_choose(self) -> None:
        """Close with what is under the cursor."""
        if self.list.cursor is not None:
            self.dismiss(self.opens)

    def action_close(self) -> None:
        """Go back to the list."""
        self.dismiss(None)

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        self.list.move(message.index)
        self._moved()
        self.action_choose()


def _heading(title: str, width: int) -> list[Piece]:
    return title_line(f" Overview ─ {sanitize(title)} ", width)


def _footer(_: None, width: int) -> list[Piece]:
    hints = (("{panes.read}", "show", "choose"), ("{move.down}/{move.up}", "move", "move('down')"))
    return key_line(hints, (("{panes.back}", "back", "close"), HELP), "", width)
