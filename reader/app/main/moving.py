"""Moves through the list and the article, and from one article to the next."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from reader.app.main import bar_texts
from reader.app.notices import no_more, show_notice

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen


class Movement:
    """Acts on the keys for movement on a main screen."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._list = main.list_pane
        self._pane = main.article_pane

    def move(self, how: str) -> None:
        """Move the list's cursor or scroll the article."""
        main = self._main
        if main.pane == "article":
            if not self._pane.scroll(how):
                self._lead_on()
            elif self._pane.leads_on and main.panes.state.zen and main.speech is None:
                show_notice(main, self.leads_on_words)
            main.show_moved()
        elif len(self._list.listing):
            main.go_to(self._list.rows.moved(how))

    @property
    def leads_on_words(self) -> str:
        """Say what another page down opens, at the end of an article."""
        return bar_texts.leads_on_words(self._pane.hit is not None)

    def _lead_on(self) -> None:
        """Open what follows the article: the next unread one, or the next hit of a search."""
        self.step(1, "any" if self._pane.hit is not None else "unread")

    def step(self, step: int, kind: str) -> None:
        """Open the next (1) or previous (-1) article; from a search hit, the next or previous hit.

        `kind` is "any", "unread", or "whole" for articles that are neither truncated nor sponsored.
        """
        cursor = self._list.cursor
        if kind == "any" and self._pane.hit is not None and self._main.pane == "article":
            self._main.dialogs.step_hit(step)
        elif kind == "whole":
            index = None if cursor is None else self._list.listing.seek_whole(cursor + step, step)
            self._open(index, "whole articles", step)
        elif kind == "unread" and cursor is not None:
            self._step_unread(cursor + step, step)
        elif cursor is not None:
            self._main.go_to(cursor + step)

    def _step_unread(self, start: int, step: int) -> None:
        index = self._list.seek_unread(start, step)
        if index is not None:
            self._main.go_to(index)
        else:
            self._main.run_worker(self._open_far_unread(self._list.seek_far_unread(start, step), step))

    async def _open_far_unread(self, seeking: Awaitable[int | None], step: int) -> None:
        key = await seeking
        self._open(None if key is None else self._list.listing.index_of(key), "unread articles", step)

    def _open(self, index: int | None, kind: str, step: int) -> None:
        if index is None:
            show_notice(self._main, no_more(kind, step))
        else:
            self._main.go_to(index)
