"""Goes back and forth through what was read in this session."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.app.keys import key_for
from reader.app.notices import show_notice
from reader.app.text.flow import ReadingPosition
from reader.errors import LibraryError

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

MOST: Final = 100
"""How many places are remembered."""


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
        if (
            pane.stored is not None
            and self._main.pane == "article"
            and not (self._is_jumping or self._is_here)
        ):
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
        self._places = [*self._places[: self._at + 1], place][-MOST:]
        self._at = len(self._places) - 1

    def jump(self, step: int) -> None:
        """Go back (-1) or forward (1), past articles that are no longer kept."""
        self.leave()
        # After passing over other articles in the list, the first step back leads to the one read last.
        at = self._at + step if self._is_here or step > 0 else self._at
        self._is_jumping = True
        while 0 <= at < len(self._places):
            with suppress(LibraryError):
                if self._main.article_pane.open_place(*self._places[at]):
                    self._at = at
                    break
            at += step
        else:
            show_notice(
                self._main,
                f"You have not read anything before this; {key_for('articles.forward')} goes forward"
                if step < 0
                else "This is the last article you read",
            )
        self._is_jumping = False
