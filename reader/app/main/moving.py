"""Moves through the list and the article, to other articles, and back to what was read in this session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.app.keys import key_for
from reader.app.main import bar_texts
from reader.app.notices import no_more, show_notice
from reader.app.text.flow import ReadingPosition
from reader.errors import LibraryError

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

MOST: Final = 100
"""How many places are remembered."""


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
            main.update_footer()
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
        elif cursor is None:
            return
        elif kind == "any":
            self._main.go_to(cursor + step)
        elif kind == "whole":
            self._open(self._list.listing.seek_whole(cursor + step, step), "whole articles", step)
        else:
            self._open(self._list.listing.seek_unread(cursor + step, step), "unread articles", step)

    def _open(self, index: int | None, things: str, step: int) -> None:
        if index is None:
            show_notice(self._main, no_more(things, step))
        else:
            self._main.go_to(index)


class Jump(NamedTuple):
    """A place that was read."""

    key: int
    """The article."""
    position: ReadingPosition


class Jumps:
    """Remembers what was read: articles count once the article pane has had the focus."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._places: list[Jump] = []
        self._at = -1
        """The index of the place that was read last."""
        self._is_jumping = False

    def visit(self) -> None:
        """Remember the article being read; what was ahead is forgotten."""
        pane = self._main.article_pane
        if pane.stored is None or self._main.pane != "article" or self._is_jumping:
            return
        if not self._is_here:
            self._add(Jump(pane.stored.key, pane.view.position))

    @property
    def _is_here(self) -> bool:
        """Is the article in the pane the one that was read last?"""
        stored = self._main.article_pane.stored
        return self._at >= 0 and stored is not None and self._places[self._at].key == stored.key

    def leave(self) -> None:
        """Remember where the reader is in the article that is being left."""
        if self._is_here:
            position = self._main.article_pane.view.position
            self._places[self._at] = self._places[self._at]._replace(position=position)

    def mark_place(self) -> None:
        """Remember another place in the same article, before the reader is taken away from this one."""
        self.leave()
        if self._is_here:
            self._add(self._places[self._at])

    def _add(self, place: Jump) -> None:
        del self._places[self._at + 1 :]
        self._places.append(place)
        del self._places[:-MOST]
        self._at = len(self._places) - 1

    def jump(self, step: int) -> None:
        """Go back (-1) or forward (1)."""
        self.leave()
        # After passing over other articles in the list, the first step back leads to the one read last.
        at = self._at + step if self._is_here or step > 0 else self._at
        while 0 <= at < len(self._places):
            place = self._places[at]
            if self._open(place):
                self._at = at
                return
            del self._places[at]
            if at <= self._at:
                self._at -= 1
            at += -1 if step < 0 else 0
        show_notice(
            self._main,
            f"You have not read anything before this; {key_for('articles.forward')} goes forward"
            if step < 0
            else "This is the last article you read",
        )

    def _open(self, place: Jump) -> bool:
        """Open a place; False if its article is no longer kept."""
        self._is_jumping = True
        try:
            return self._main.opener.open_place(place.key, place.position)
        except LibraryError:
            return False
        finally:
            self._is_jumping = False
