"""What is open when the reader leaves is open at the next start: panes, filters, order, width, article and place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reader.app.arrangement import Wishes
from reader.app.flow import Place
from reader.app.screens.recovering import Recovering
from reader.app.shown import Shown
from reader.app.view import View
from reader.errors import LibraryError
from reader.library import Filters, Library, Show, Sort
from reader.permissions import Permission, permitted

if TYPE_CHECKING:
    from reader.settings import Settings
    from reader.settings.session_store import SessionStore, Window

SMALL = 10_000
"""In a library of so many articles any view is made within some milliseconds, so it can be painted first."""
_NOWHERE = Filters(section="\0")
"""Filters that leave nothing."""


class Remembering(Recovering):
    """The part of the main screen that knows what was open.

    Words typed as a filter are not kept, nor is what a name or a month has opened. A section that there is no more is
    left out. In a kept library all is there at the first paint; where captures are read first, it is taken up once the
    article has been found among them, unless the reader has done something by then.
    """

    def __init__(self, library: Library, *, paths: Sequence[str] | None, title: str) -> None:
        """See `Shelf`."""
        super().__init__(library, paths=paths, title=title)
        self._memory: SessionStore | None = None
        self._width = 0
        """Columns of text to begin with; 0 for as many as the settings say."""
        self._sort = Sort.KEPT
        """The order that the settings begin with."""
        self._awaited: Window | None = None
        """What was open last, until the captures have been read."""

    def restore(self, memory: SessionStore, settings: Settings) -> None:
        """Before the screen stands: begin as the reader left."""
        self._memory = memory
        self._sort = _member(Sort, settings.sort, Sort.KEPT)
        window = memory.window
        if window is None:
            return
        self._width = window.text_width
        if not self.library.kept:
            self._awaited = window
            return
        try:
            self.sections = self.library.sections()
            self.view = view = self._view_left(window)
            self._left_so = True
            if view.quick or self._totals.articles <= SMALL:
                listing = self.library.listing(view.filters, view.sort)
            else:
                listing = self.library.listing(_NOWHERE)
                self._choosing = True
            self.shown = Shown(listing)
            if len(listing) or self.first_key() is not None:
                self.wishes = _wishes_of(window)
        except LibraryError:
            # Whatever it is, it will be met again and said.
            self.view = View()

    def first_settings(self) -> Settings:
        """Those in force, with the width that was chosen last."""
        settings = super().first_settings()
        return settings._replace(text_width=self._width) if self._width else settings

    def first_key(self) -> int | None:
        """The article to open first; none in particular where nothing is to be remembered."""
        return None if self._memory is not None and not self._memory.windows else super().first_key()

    def _begin(self) -> None:
        super()._begin()
        if self._choosing:
            self._relist()
        if self._memory is None or self._memory.welcomed:
            return
        # Where it cannot be remembered, it would come with every page that is opened.
        if permitted(Permission.REMEMBER_WINDOW):
            self._memory.welcome()
            self.greet()

    def greet(self) -> None:
        """Say the first steps, once the first screen is seen."""
        self.action_welcome()

    def action_welcome(self) -> None:
        """Show the first steps."""
        from reader.app.screens.welcome import WelcomeScreen

        self.app.push_screen(WelcomeScreen())

    def window(self) -> Window:
        """What is open now."""
        from reader.settings.session_store import Window

        filters, usual, width = self.view.filters, self.settings, self.article.text_width
        window = Window(
            pane=self.pane,
            sidebar=self.wishes.sidebar,
            zen=self.wishes.zen,
            section=filters.section or "",
            truncated=filters.truncated.value,
            sponsored=filters.sponsored.value,
            unread=filters.unread.value,
            starred=filters.starred.value,
            sort="" if self.view.sort.value == usual.sort else self.view.sort.value,
            text_width=0 if width == usual.text_width else width,
        )
        if self.stored is None or self.library.kept:
            return window
        capture, line = self._spot(self.stored.key)
        block, offset = self.article.place
        return window._replace(capture=capture, line=line, block=block, offset=offset)

    def on_unmount(self) -> None:
        """Remember what is open, where there is anything, unless what was open has not been found yet."""
        if self._memory is not None and self._awaited is None and self.stored is not None:
            self._memory.keep(self.window())

    def _spot(self, key: int) -> tuple[str, int]:
        """Which article it is, whatever its key will be when the captures are read again."""
        from reader.library import spots

        try:
            spot = spots.spot_of(self.library.database, key)
        except LibraryError:
            spot = None
        return ("", 0) if spot is None else (spot.capture.hex(), spot.line)

    # While captures are read

    def _renew(self, version: int) -> None:
        super()._renew(version)
        if self._awaited is not None and self.is_current:
            self._look_for_it(self._awaited)

    def _look_for_it(self, window: Window) -> None:
        key = self._key_of(window)
        if key is None and self._files_read is not None:
            return
        self._awaited = None
        view = self._view_left(window)
        if key is not None:
            self._places[key] = Place(window.block, window.offset)
            self._heir = key
        if view != self.view or key is not None:
            super().choose(view)
        if self.stored is not None:
            super().wish(_wishes_of(window))

    def _key_of(self, window: Window) -> int | None:
        """The article that was open; None while it is not there."""
        from reader.library import spots
        from reader.library.state_records import Spot

        try:
            key = spots.key_at(self.library.database, Spot(bytes.fromhex(window.capture), window.line))
            row = None if key is None else self.library.row(key)
        except (LibraryError, ValueError):
            return None
        return None if row is None else row.key

    def choose(self, view: View) -> None:
        """The reader has chosen something: what was open is no longer waited for."""
        self._awaited = None
        super().choose(view)

    def wish(self, wishes: Wishes) -> None:
        """The reader has turned to something: what was open is no longer waited for."""
        self._awaited = None
        super().wish(wishes)

    def go_to(self, index: int) -> None:
        """The reader has gone somewhere: what was open is no longer waited for."""
        self._awaited = None
        super().go_to(index)

    # Words and values

    def _view_left(self, window: Window) -> View:
        known = any(section.name == window.section for section in self.sections)
        filters = Filters(
            section=window.section if known else None,
            truncated=_member(Show, window.truncated, Show.ALL),
            sponsored=_member(Show, window.sponsored, Show.ALL),
            unread=_member(Show, window.unread, Show.ALL),
            starred=_member(Show, window.starred, Show.ALL),
        )
        return View(filters, _member(Sort, window.sort, self._sort))


def _wishes_of(window: Window) -> Wishes:
    reading = window.pane == "article"
    # The list is never out of sight while it has the keys.
    return Wishes("article" if reading else "list", window.sidebar or not reading, window.zen and reading)


def _member(kind: Any, value: str, otherwise: Any) -> Any:
    """The member of an enumeration with a value, which may be damaged."""
    return next((member for member in kind if member.value == value), otherwise)
