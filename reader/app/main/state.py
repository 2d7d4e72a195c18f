"""Keeps the reader's state: marks and undo, reading positions, and what to restore at the next start."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from reader.app.keys import key_for, with_keys
from reader.app.main.layout import PaneState
from reader.app.messages import Announced, errors_shown, redo, show_notice, toggle, undo
from reader.app.text.document import ReadingPosition
from reader.app.view import View
from reader.library import ArticleRow, Filters, Library, Show, Sort, StoredPosition
from reader.sanitize import many
from reader.settings.session_store import SessionStore, Window

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen


class Marks:
    """Marks the article being read, or all articles in the list."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._is_settled = False
        """Has the reader reached the article's end since opening it, or marked it by hand?"""

    def row(self) -> ArticleRow | None:
        """The row of the article, as the library has it: the list may not have been read again yet."""
        stored = self._main.article_pane.stored
        if stored is not None:
            with errors_shown(self._main):
                return self._main.library.row(stored.key)
        return None

    def show_star(self) -> None:
        row = self.row()
        self._main.article_pane.view.show_star(row is not None and row.starred)

    def article_opened(self) -> None:
        """Show the star of the article that has just been opened, and wait for its end."""
        self._is_settled = False
        self.show_star()

    def end_reached(self) -> None:
        """Mark the article as read, unless that was done since it was opened."""
        if not self._is_settled and self._main.can_write:
            self._is_settled = True
            self._toggle("read", only_unread=True)

    def toggle_read(self) -> None:
        self._is_settled = True
        self._toggle("read")

    def toggle_star(self) -> None:
        self._toggle("star")

    def _toggle(self, mark: str, *, only_unread: bool = False) -> None:
        """Set the "read" or "star" mark of the article, or take it back; warn of a star that will be lost."""
        main, stored = self._main, self._main.article_pane.stored
        if stored is None:
            return

        def write(library: Library) -> str:
            row = library.row(stored.key)
            is_meant = row is not None and (row.unread or not only_unread)
            return toggle(library, stored.key, mark) if is_meant else ""

        def report(words: str) -> None:
            if not words:
                return
            main.post_message(Announced(words))
            warning = main.session.warning() if mark == "star" else ""
            is_hidden = "list" not in main.panes.regions or not main.is_active
            if warning or (main.speech is None and is_hidden):  # The list, if it shows, has the mark.
                show_notice(main, words + warning, seconds=10 if warning else 3)

        main.write(write, report)

    def mark_listed(self) -> None:
        main, listing = self._main, self._main.list_pane.listing
        if main.list_pane.is_pending:
            show_notice(main, "The list is still loading")
            return

        def report(number: int) -> None:
            done = f"Marked {many(number, 'article')} as read; {key_for('state.undo')} undoes it"
            show_notice(main, done if number else "No listed article is unread")

        self._is_settled = True
        main.write(lambda library: library.state.mark_listed_read(library.bind(listing)), report)

    def undo(self) -> None:
        self._change(undo)

    def redo(self) -> None:
        self._change(redo)

    def _change(self, change: Callable[[Library], str]) -> None:
        """Undo or redo an action; `change` returns a notice of it."""
        main, stored = self._main, self._main.article_pane.stored

        def write(library: Library) -> tuple[str, int | None]:
            notice = change(library)
            # A correction gives new keys to the articles of its capture.
            if stored is None or library.row(stored.key) is not None:
                return notice, None
            return notice, library.article_at(stored.line)

        def report(result: tuple[str, int | None]) -> None:
            notice, key = result
            if key is not None and main.article_pane.stored is stored:
                main.article_pane.follow(key)
            show_notice(main, notice)

        main.write(write, report)


# Positions, and what is open

_NOT_KEPT: Final = "These captures are not in a library, so notes and stars are lost when you quit"
"""Short enough for one line; the list of notes says how to keep them."""
_WILL_BE_LOST: Final = (
    "These captures are not in a library: your highlights, notes, tags and corrections will be lost"
)
_EXPORTS: Final = "{notes.list} lists your notes, where {out.export} exports them"
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
        self._warned_at = -1
        """The number of the key on which the reader was warned that what is written will be lost."""
        self._has_warned = False

    # Reading positions

    def position(self, key: int) -> ReadingPosition | None:
        """Where an article was left; None for its start."""
        return self._positions.get(key)

    def set_position(self, key: int, position: ReadingPosition, *, save: bool = False) -> None:
        """Remember where an article is left; `save`: also in the library. After an error, the next call saves it."""
        self._positions[key] = position
        is_kept = self._library.is_durable and self._main.can_write
        if save and is_kept and self._last_saved != (key, position):
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
                reading = window.pane == "article"  # The list is never hidden while it has the focus.
                pane = "article" if reading else "list"
                main.panes.state = PaneState(pane, window.sidebar or not reading, window.zen and reading)
            list_pane.to_select = key
            list_pane.show_listing(list_pane.listing)
            if list_pane.is_pending and key is not None:
                main.article_pane.read(self._library.article(key))

    def _first_key(self) -> int | None:
        """The article to open first: in a kept library the last one open; None for the first in the list."""
        last = self._library.last_position() if self._library.is_durable else None
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

    def warning(self) -> str:
        """Warn of captures that are not in a library, once, in words to add to a notice; else ""."""
        if self._library.is_durable or self._has_warned:
            return ""
        self._has_warned = True
        return f". {_NOT_KEPT}"

    def may_leave(self, key: str) -> bool:
        """Does nothing that the reader wrote get lost by leaving, or did the last key warn so? If not, warn.

        `key`, in the form that `with_keys` takes, is the one that then leaves.
        """
        library = self._library
        if library.is_durable:
            return True
        with errors_shown(self._main):
            annotations, inputs = library.annotations, self._main.app.inputs
            written = annotations.all() or annotations.all_tags() or library.corrections()
            if written and inputs != self._warned_at + 1:
                self._warned_at = inputs
                show_notice(
                    self._main, with_keys(f"{_WILL_BE_LOST}. {key} again leaves, {_EXPORTS}"), seconds=15
                )
                return False
        return True

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


def _member(kind: type[Member], value: str, otherwise: Member) -> Member:
    """The member of an enumeration with this value, else `otherwise`: the store's file may be damaged."""
    return next((member for member in kind if member.value == value), otherwise)
