"""What outlasts the main screen: reading positions, and what is restored at the next start."""

from __future__ import annotations

from asyncio import wrap_future
from concurrent.futures import Future
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from reader.app.main.layout import PaneState
from reader.app.messages import PlacesFound
from reader.app.text.flow import ReadingPosition
from reader.app.view import View
from reader.app.write_queue import WriteQueue
from reader.errors import LibraryError
from reader.library import Filters, Library, SectionCount, Show, Sort, StoredPosition
from reader.library.state.positions import LineRef
from reader.settings.session_store import SessionStore, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.message import Message

    from reader.app.main.screen import MainScreen
    from reader.app.query_worker import QueryWorker
    from reader.settings import Settings

POSITIONS_KEPT = 1_000
"""How many articles' positions are remembered."""
Member = TypeVar("Member", bound=Enum)


class OpenNow(NamedTuple):
    """What is open when the reader leaves."""

    panes: PaneState
    view: View
    key: int
    """The article being read."""
    position: ReadingPosition
    text_width: int


class Session:
    """Reading positions of a library, and the window of this program in a store.

    Words typed as a filter are not restored, nor is what a name or a month has opened. A section that there is no
    more is left out. In a kept library everything is there at the first paint; where captures are read first, it is
    restored once the article has been found among them, unless the reader has done something by then.
    """

    def __init__(self, library: Library, writes: WriteQueue) -> None:
        self._library = library
        self._writes = writes
        self._store: SessionStore | None = None
        self._positions: dict[int, ReadingPosition] = {}
        """By key of the article, the newest last."""
        self._unsaved: dict[int, ReadingPosition] = {}
        """Positions to save, the newest last."""
        self._saved: tuple[int, ReadingPosition] | None = None
        """The position that was saved last."""
        self._usual_sort = Sort.KEPT
        self.text_width = 0
        """Columns of text to begin with; 0 for as many as the settings say."""
        self.awaited: Window | None = None
        """What was open last, until the captures have been read."""

    # Reading positions

    def position(self, key: int) -> ReadingPosition | None:
        """Where an article was left; None for its start."""
        return self._positions.get(key)

    def set_position(self, key: int, position: ReadingPosition, *, save: bool = False) -> None:
        """Remember where an article is left; `save`: in the library too, the next time."""
        self._positions.pop(key, None)
        self._positions[key] = position
        if len(self._positions) > POSITIONS_KEPT:
            del self._positions[next(iter(self._positions))]
        if save and self._library.kept:
            self._unsaved.pop(key, None)
            self._unsaved[key] = position

    def first_key(self) -> int | None:
        """The article to open first: in a kept library the one that was open last; None for the first listed."""
        if not self._library.kept or (self._store is not None and not self._store.windows):
            return None
        place = self._library.last_position()
        if place is None:
            return None
        position = ReadingPosition(place.block, place.offset)
        self._positions[place.key] = position
        self._saved = place.key, position
        return place.key

    def ask_positions(self, queries: QueryWorker, post: Callable[[Message], object]) -> None:
        """Have the positions of earlier sessions read; `post` is called in the query worker's thread."""

        def question(own: Library) -> None:
            post(PlacesFound(own.state.positions(POSITIONS_KEPT)))

        queries.ask("places", question)

    def add_positions(self, places: Sequence[StoredPosition]) -> None:
        """Remember positions of earlier sessions, the newest first; those of this session are newer."""
        earlier = {place.key: ReadingPosition(place.block, place.offset) for place in reversed(places)}
        self._positions = earlier | self._positions

    async def save(self) -> None:
        """Have the positions saved; those that could not be are saved the next time."""
        positions = self._unsaved
        saving = self.begin_to_save()
        if saving is None:
            return
        try:
            await wrap_future(saving)
        except LibraryError:
            # No notice: it is tried again.
            self._unsaved = positions | self._unsaved
            self._saved = None

    def begin_to_save(self) -> Future[None] | None:
        """Put the new positions in the write queue; None when there is none."""
        positions, self._unsaved = self._unsaved, {}
        if not positions or list(positions.items()) == [self._saved]:
            return None
        self._saved = list(positions.items())[-1]
        places = [StoredPosition(key, *position) for key, position in positions.items()]
        return self._writes.do(lambda own: own.state.save_positions(places))

    # What is open

    def restore(self, store: SessionStore, settings: Settings) -> Window | None:
        """What was open last, if it can be restored now; where captures are read first, it is awaited."""
        self._store = store
        self._usual_sort = _member(Sort, settings.sort, Sort.KEPT)
        window = store.window
        if window is None:
            return None
        self.text_width = window.text_width
        if self._library.kept:
            return window
        self.awaited = window
        return None

    def take_welcome(self) -> bool:
        """Are the first steps to be shown? They are only once."""
        if self._store is None or self._store.welcomed:
            return False
        self._store.welcome()
        return True

    def keep(self, open_now: OpenNow, settings: Settings) -> None:
        """Remember what is open, unless what was open last has not been found yet; `settings` are in force."""
        if self._store is None or self.awaited is not None:
            return
        panes, view, width = open_now.panes, open_now.view, open_now.text_width
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
        if not self._library.kept:
            capture, line = self._line_of(open_now.key)
            block, offset = open_now.position
            window = window._replace(capture=capture, line=line, block=block, offset=offset)
        self._store.keep(window)

    def view_of(self, window: Window, sections: Sequence[SectionCount]) -> View:
        """The filters and the order of a window, as far as they can be had."""
        known = any(section.name == window.section for section in sections)
        filters = Filters(
            section=window.section if known else None,
            truncated=_member(Show, window.truncated, Show.ALL),
            sponsored=_member(Show, window.sponsored, Show.ALL),
            unread=_member(Show, window.unread, Show.ALL),
            starred=_member(Show, window.starred, Show.ALL),
        )
        return View(filters, _member(Sort, window.sort, self._usual_sort))

    def key_of(self, window: Window) -> int | None:
        """The article that was open; None while the library does not have it."""
        try:
            key = self._library.article_at(LineRef(bytes.fromhex(window.capture), window.line))
            row = None if key is None else self._library.row(key)
        except (LibraryError, ValueError):
            return None
        return None if row is None else row.key

    def _line_of(self, key: int) -> tuple[str, int]:
        """The capture and line of an article: the same when the captures are read again, unlike its key."""
        try:
            line = self._library.line_of(key)
        except LibraryError:
            line = None
        return ("", 0) if line is None else (line.capture.hex(), line.line)


class Restoring:
    """Brings a main screen back to what was open last, and remembers what is open at the end."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self.done = False
        """Whether the view is the one that the reader left, not that of the settings."""

    def restore(self, store: SessionStore, settings: Settings) -> None:
        """Before the screen is shown: begin where the reader left off."""
        main = self._main
        window = main.session.restore(store, settings)
        if window is None:
            return
        listed = main.list_pane
        try:
            listed.sections = main.library.sections()
            self.done = True
            listed.begin(main.session.view_of(window, listed.sections))
            if len(listed.shown) or main.session.first_key() is not None:
                main.panes.state = pane_state_of(window)
        except LibraryError:
            # Whatever it is, it will be met again and shown.
            listed.view = View()

    def restore_awaited(self) -> None:
        """Go where the reader was when the captures were read the last time, once that is among them."""
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
            main.choose(view)
        if main.article_pane.stored is not None:
            main.panes.arrange(pane_state_of(window))

    def keep(self) -> None:
        """Remember what is open."""
        main, pane = self._main, self._main.article_pane
        if pane.stored is not None:
            view = pane.view
            open_now = OpenNow(
                main.panes.state, main.list_pane.view, pane.stored.key, view.position, view.text_width
            )
            main.session.keep(open_now, main.settings)


def pane_state_of(window: Window) -> PaneState:
    """The panes of a window; the list is never hidden while it has the keys."""
    reading = window.pane == "article"
    return PaneState("article" if reading else "list", window.sidebar or not reading, window.zen and reading)


def _member(kind: type[Member], value: str, otherwise: Member) -> Member:
    """The member of an enumeration with a value; the file that it comes from may be damaged."""
    return next((member for member in kind if member.value == value), otherwise)
