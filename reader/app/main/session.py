"""Saves reading positions, and restores at the next start what was open."""

from __future__ import annotations

from asyncio import wrap_future
from concurrent.futures import Future
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from reader.app.main.layout import PaneState
from reader.app.text.flow import ReadingPosition
from reader.app.view import View
from reader.app.write_queue import WriteQueue
from reader.errors import LibraryError
from reader.library import Filters, Library, SectionCount, Show, Sort, StoredPosition
from reader.library.state.positions import LineRef
from reader.settings.session_store import SessionStore, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.app.main.screen import MainScreen
    from reader.app.query_worker import QueryWorker
    from reader.settings import Settings

POSITIONS_KEPT = 1_000
"""How many articles' positions are remembered."""
Member = TypeVar("Member", bound=Enum)


class Session:
    """Keeps the reading positions of a library, and what was open in a `SessionStore`.

    Filters by words, names and months are not restored, nor is a section that no longer exists. A kept library is
    restored at the first paint. When captures are read first, `awaited` is restored once its article has been read,
    unless the reader has done something by then.
    """

    def __init__(self, library: Library, writes: WriteQueue) -> None:
        self._library = library
        self._writes = writes
        self.store: SessionStore | None = None
        """Where what is open is kept; None if nothing is remembered."""
        self._positions: dict[int, ReadingPosition] = {}
        """By the article's key, the newest last."""
        self._unsaved: dict[int, ReadingPosition] = {}
        """Positions to save, the newest last."""
        self._last_saved: tuple[int, ReadingPosition] | None = None
        """The position that was saved last, or is to be."""
        self._default_sort = Sort.ADDED
        self.text_width = 0
        """Width of the text at the start; 0 for the settings' width."""
        self.awaited: Window | None = None
        """The last state, until its article has been read from the captures."""

    # Reading positions

    def position(self, key: int) -> ReadingPosition | None:
        """Where an article was left; None for its start."""
        return self._positions.get(key)

    def set_position(self, key: int, position: ReadingPosition, *, save: bool = False) -> None:
        """Remember where an article is left; `save`: also in the library, with the next `save()`."""
        self._positions.pop(key, None)
        self._positions[key] = position
        if len(self._positions) > POSITIONS_KEPT:
            del self._positions[next(iter(self._positions))]
        if save and self._library.kept and self._last_saved != (key, position):
            self._last_saved = key, position
            self._unsaved.pop(key, None)
            self._unsaved[key] = position

    def first_key(self) -> int | None:
        """The article to open first: in a kept library the last one open; None for the first in the list."""
        if not self._library.kept or (self.store is not None and not self.store.windows):
            return None
        last = self._library.last_position()
        if last is None:
            return None
        position = ReadingPosition(last.block, last.offset)
        self._positions[last.key] = position
        self._last_saved = last.key, position
        return last.key

    async def load_positions(self, queries: QueryWorker) -> None:
        """Load the positions of earlier sessions; those of this session win."""
        stored = await queries.ask("positions", lambda library: library.state.positions(POSITIONS_KEPT))
        earlier = {
            position.key: ReadingPosition(position.block, position.offset) for position in reversed(stored)
        }
        self._positions = earlier | self._positions

    async def save(self) -> None:
        """Save the new positions; on an error try again the next time."""
        positions = self._unsaved
        saving = self.begin_to_save()
        if saving is None:
            return
        try:
            await wrap_future(saving)
        except LibraryError:
            # No notice: the next save tries again.
            self._unsaved = positions | self._unsaved

    def begin_to_save(self) -> Future[None] | None:
        """Queue the new positions for writing; None if there are none."""
        positions, self._unsaved = self._unsaved, {}
        if not positions:
            return None
        stored = [StoredPosition(key, *position) for key, position in positions.items()]
        return self._writes.do(lambda library: library.state.save_positions(stored))

    # What is open

    def restore(self, store: SessionStore, settings: Settings) -> Window | None:
        """Return what was open last if it can be restored now; otherwise keep it as `awaited`."""
        self.store = store
        self._default_sort = _member(Sort, settings.sort, Sort.ADDED)
        window = store.window
        if window is None:
            return None
        self.text_width = window.text_width
        if self._library.kept:
            return window
        self.awaited = window
        return None

    def start_welcome(self) -> bool:
        """Should the first steps be shown? True only once: this also remembers that they were."""
        if self.store is None or self.store.welcomed:
            return False
        self.store.welcome()
        return True

    def view_of(self, window: Window, sections: Sequence[SectionCount]) -> View:
        """The view of a window; a section that no longer exists is left out."""
        has_section = any(section.name == window.section for section in sections)
        filters = Filters(
            section=window.section if has_section else None,
            truncated=_member(Show, window.truncated, Show.ALL),
            sponsored=_member(Show, window.sponsored, Show.ALL),
            unread=_member(Show, window.unread, Show.ALL),
            starred=_member(Show, window.starred, Show.ALL),
        )
        return View(filters, _member(Sort, window.sort, self._default_sort))

    def key_of(self, window: Window) -> int | None:
        """The key of the window's article; None while the library does not have it."""
        try:
            key = self._library.article_at(LineRef(bytes.fromhex(window.capture), window.line))
            row = None if key is None else self._library.row(key)
        except (LibraryError, ValueError):
            return None
        return None if row is None else row.key

    def line_of(self, key: int) -> LineRef:
        """The capture and line of an article, which unlike its key stay the same when captures are read again."""
        try:
            line = self._library.line_of(key)
        except LibraryError:
            line = None
        return line or LineRef(b"", 0)


class SessionRestorer:
    """Restores what was open on a main screen, and remembers it at the end."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self.done = False
        """Is the view that of the last session, not that of the settings?"""

    def restore(self, store: SessionStore, settings: Settings) -> None:
        """Prepare the screen, before it is shown, to start where the reader left off."""
        main = self._main
        window = main.session.restore(store, settings)
        if window is None:
            return
        list_pane = main.list_pane
        try:
            list_pane.sections = main.library.sections(by_name=list_pane.is_loading)
            self.done = True
            first_key = main.session.first_key()
            list_pane.prepare(main.session.view_of(window, list_pane.sections), first_key)
            if len(list_pane.listing) or first_key is not None:
                main.panes.state = pane_state_of(window)
        except LibraryError:
            # The same error will occur again when the screen is shown, and be reported then.
            list_pane.view = View()

    def restore_awaited(self) -> None:
        """Restore the awaited window once its article has been read, or all captures have."""
        main, window = self._main, self._main.session.awaited
        if window is None or not main.is_current:
            return
        key = main.session.key_of(window)
        if key is None and main.list_pane.files_read is not None:
            return
        main.session.awaited = None
        view = main.session.view_of(window, main.list_pane.sections)
        if key is not None:
            main.session.set_position(key, ReadingPosition(window.block, window.offset))
            main.list_pane.successor = key
        if view != main.list_pane.view or key is not None:
            main.show_view(view)
        if main.article_pane.stored is not None:
            main.panes.arrange(pane_state_of(window))

    def keep(self) -> None:
        """Remember what is open, unless what was open last is still awaited."""
        main, pane, settings = self._main, self._main.article_pane, self._main.settings
        store = main.session.store
        if store is None or main.session.awaited is not None or pane.stored is None:
            return
        panes, view, width = main.panes.state, main.list_pane.view, pane.view.text_width
        filters = view.filters
        window = Window(
            pane=panes.pane,
            sidebar=panes.sidebar,
            zen=panes.zen,
            section=filters.section or "",
            truncated=filters.truncated.value,
            sponsored=filters.sponsored.value,
            unread=filters.unread.value,
            starred=filters.starred.value,
            sort="" if view.sort.value == settings.sort else view.sort.value,
            text_width=0 if width == settings.text_width else width,
        )
        if not main.library.kept:
            line, position = main.session.line_of(pane.stored.key), pane.view.position
            window = window._replace(
                capture=line.capture.hex(), line=line.line, block=position.block, offset=position.offset
            )
        store.keep(window)


def pane_state_of(window: Window) -> PaneState:
    """The panes of a window; the list is never hidden while it has the focus."""
    reading = window.pane == "article"
    return PaneState("article" if reading else "list", window.sidebar or not reading, window.zen and reading)


def _member(kind: type[Member], value: str, otherwise: Member) -> Member:
    """The member of an enumeration with this value, else `otherwise`: the store's file may be damaged."""
    return next((member for member in kind if member.value == value), otherwise)
