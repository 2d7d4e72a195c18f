"""Saves reading positions, and restores at the next start what was open."""

from __future__ import annotations

from concurrent.futures import Future
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from reader.app.main.layout import PaneState
from reader.app.messages import errors_shown
from reader.app.text.flow import ReadingPosition
from reader.app.view import View
from reader.library import Filters, Show, Sort, StoredPosition
from reader.settings.session_store import SessionStore, Window

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

MOST_POSITIONS: Final = 1_000
"""How many positions of earlier sessions are loaded."""
_SHOWS: Final = ("truncated", "sponsored", "unread", "starred")
Member = TypeVar("Member", bound=Enum)


class Session:
    """Keeps the reading positions of a library, and what was open on a main screen in a `SessionStore`.

    Filters by words, names and months are not restored, nor is a section that no longer exists.
    """

    def __init__(self, main: MainScreen, store: SessionStore | None) -> None:
        """`store` keeps what is open; None if nothing is remembered."""
        self._main = main
        self._library = main.library
        self._store = store
        self._positions: dict[int, ReadingPosition] = {}
        """By the article's key."""
        self._last_saved: tuple[int, ReadingPosition] | None = None
        """The position that was saved last, or is to be."""

    # Reading positions

    def position(self, key: int) -> ReadingPosition | None:
        """Where an article was left; None for its start."""
        return self._positions.get(key)

    def set_position(self, key: int, position: ReadingPosition, *, save: bool = False) -> None:
        """Remember where an article is left; `save`: also in the library. After an error, the next call saves it."""
        self._positions[key] = position
        if save and self._library.kept and self._last_saved != (key, position):
            self._last_saved = key, position
            stored = StoredPosition(key, *position)
            saving = self._main.writes.do(lambda library: library.state.save_positions([stored]))
            saving.add_done_callback(self._saved)

    def _saved(self, saving: Future[None]) -> None:
        if saving.cancelled() or saving.exception() is not None:
            self._last_saved = None

    async def load_positions(self) -> None:
        """Load the positions of earlier sessions; those of this session win."""
        stored = await self._main.queries.ask(
            "positions", lambda library: library.state.positions(MOST_POSITIONS)
        )
        earlier = {position.key: ReadingPosition(position.block, position.offset) for position in stored}
        self._positions = earlier | self._positions

    # What is open

    def show_first(self) -> None:
        """Show the first list and the first article, before the first paint: where the reader left off, if possible."""
        main, list_pane, key = self._main, self._main.list_pane, None
        window = None if self._store is None else self._store.window
        if window is not None and window.text_width:
            main.article_pane.view.text_width = window.text_width
        with errors_shown(main):
            key = self._first_key()
        with errors_shown(main):
            view = View() if window is None else self._view_of(window)
            if view != list_pane.view:
                list_pane.prepare(view, key)
            if window is not None and (len(list_pane.listing) or key is not None):
                main.panes.state = _pane_state_of(window)
            list_pane.successor = key
            list_pane.show_listing(list_pane.listing)
            if list_pane.is_pending and key is not None:
                main.article_pane.read(self._library.article(key))

    def _first_key(self) -> int | None:
        """The article to open first: in a kept library the last one open; None for the first in the list."""
        last = self._library.last_position() if self._library.kept else None
        if last is None:
            return None
        position = ReadingPosition(last.block, last.offset)
        self._positions[last.key] = position
        self._last_saved = last.key, position
        return last.key

    def keep(self) -> None:
        pane, settings = self._main.article_pane, self._main.app.settings
        if self._store is None or pane.stored is None:
            return
        view, width = self._main.list_pane.view, pane.view.text_width
        shows: dict[str, Any] = {name: getattr(view.filters, name).value for name in _SHOWS}
        self._store.keep(
            Window(
                *self._main.panes.state,
                section=view.filters.section or "",
                sort=view.sort.value,
                text_width=0 if width == settings.text_width else width,
                **shows,
            )
        )

    def start_welcome(self) -> bool:
        """Should the first steps be shown? True only once: this also remembers that they were."""
        if self._store is None or self._store.welcomed:
            return False
        self._store.welcome()
        return True

    def _view_of(self, window: Window) -> View:
        """The view of a window; a section that no longer exists is left out."""
        # Not those of the list: captures may just have been added.
        has_section = any(section.name == window.section for section in self._library.sections())
        shows: dict[str, Any] = {name: _member(Show, getattr(window, name), Show.ALL) for name in _SHOWS}
        filters = Filters(section=window.section if has_section else None, **shows)
        return View(filters, _member(Sort, window.sort, Sort.ADDED))


def _pane_state_of(window: Window) -> PaneState:
    """The panes of a window; the list is never hidden while it has the focus."""
    reading = window.pane == "article"
    return PaneState("article" if reading else "list", window.sidebar or not reading, window.zen and reading)


def _member(kind: type[Member], value: str, otherwise: Member) -> Member:
    """The member of an enumeration with this value, else `otherwise`: the store's file may be damaged."""
    return next((member for member in kind if member.value == value), otherwise)
