"""What the main screen lists, and how it follows the library: views, new articles, captures being read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.timer import Timer

from reader.app.clerk import Clerk
from reader.app.loading import Loader
from reader.app.messages import Failed, Filled, Filling, Listed
from reader.app.shown import Reading, Shown, place
from reader.app.view import View, why_empty
from reader.app.widgets import bar_texts
from reader.app.widgets.article_list import ArticleList
from reader.app.widgets.bar_texts import HeaderState, StripState
from reader.app.widgets.bars import Bar
from reader.errors import LibraryError
from reader.library import ArticleRow, Library, Listing, SectionCount, Sort, Totals
from reader.model import Problem
from reader.safe_text import clean
from reader.settings import Settings

# The parts are mixed in and no screens themselves: every class of screens costs the start of the app time.
if TYPE_CHECKING:
    from textual.screen import Screen

    from reader.app.app import ReaderApp

    _Base = Screen[None]
else:
    _Base = object

POLL_SECONDS = 0.5
SORTED_AT_ONCE = 5_000
"""So many articles are sorted before the first paint; more by the clerk after it."""


class Shelf(_Base):
    """The part of the main screen that decides what is listed. Panes and keys are its subclass's."""

    def __init__(self, library: Library, *, paths: Sequence[str] | None, title: str) -> None:
        """`paths`: captures to read into `library` once the screen stands."""
        super().__init__()
        self.library = library
        self.articles = ArticleList(id="list")
        self.header = Bar(bar_texts.header, HeaderState(), id="header")
        self.strip = Bar(bar_texts.strip, StripState(), id="strip")
        self.shown = Shown(library.listing())
        self.view = View()
        self.sections: tuple[SectionCount, ...] = ()
        self.loader = Loader(library, paths, self.post_message) if paths else None
        """What reads the captures of this session; None without any."""
        self._title = title
        self._totals = library.totals()
        self._version = library.version()
        self._stamps = library.stamps()
        self.clerk = Clerk(library, self._fail)
        self._files_read: int | None = 0 if paths else None
        self._choosing = False
        self._outdated = False
        self._heir: int | None = None
        """The key that the article being read has now, until it is listed anew."""
        self._poll_timer: Timer | None = None
        self._left_so = False
        """Whether the view is the one that the reader left, not that of the settings."""

    @property
    def settings(self) -> Settings:
        """What the reader has set."""
        return cast("ReaderApp", self.app).settings

    def on_mount(self) -> None:
        """Show what there is; fill and poll once it is seen."""
        sort = Sort(self.settings.sort)
        if not self._left_so and sort is not self.view.sort and self._totals.articles <= SORTED_AT_ONCE:
            self.view = self.view._replace(sort=sort)
            self.shown = Shown(self.library.listing(self.view.filters, sort))
        self._take(self.shown.listing, self.first_key())
        self._tell()
        self.call_after_refresh(self._begin)

    def update_node_styles(self, animate: bool = True) -> None:
        """Apply every style again, but not on the way to the first paint: mounting has just done so."""
        if self._poll_timer is not None:
            super().update_node_styles(animate)

    def on_unmount(self) -> None:
        """End what runs beside the screen."""
        self.clerk.close()
        if self.loader is not None:
            self.loader.stop()

    def first_key(self) -> int | None:
        """The article to open first; None for the first that is listed."""
        return None

    def opened(self, index: int | None) -> None:
        """The article at `index` of what is shown is to be read now; None when there is none."""
        raise NotImplementedError

    def choose(self, view: View) -> None:
        """Show another choice of articles, the one being read among them whatever the filters."""
        self.view = view
        self._choosing = not view.quick
        self._relist()
        self._tell()

    def _begin(self) -> None:
        self._poll_timer = self.set_interval(POLL_SECONDS, self._poll)
        sort = Sort(self.settings.sort)
        if not self._left_so and sort is not self.view.sort:
            self.choose(self.view._replace(sort=sort))
        if self.loader is not None:
            self.loader.start()

    @property
    def loading_failure(self) -> Problem | None:
        """Why reading the captures of this session broke off; None unless it did."""
        return None if self.loader is None else self.loader.failure

    def _all_totals(self) -> Totals:
        """The library's totals, with the problem that is not in the library."""
        if self.loading_failure is None:
            return self._totals
        return self._totals._replace(problems=self._totals.problems + 1)

    def _fail(self, error: LibraryError) -> None:
        """In the clerk's thread: a question could not be answered."""
        self.post_message(Failed(str(error)))

    def _poll(self, *, always: bool = False) -> None:
        """Follow what other programs or threads have changed in the library; `always`: as if something has."""
        try:
            version = self.library.version()
        except LibraryError as error:
            self.complain(str(error))
            return
        if always or version != self._version:
            self._renew(version)

    def _renew(self, version: int) -> None:
        """The library has changed: count again, and list again where that is another list now."""
        self._version = version
        try:
            self._totals = self.library.totals()
            stamps, before = self.library.stamps(), self._stamps
        except LibraryError as error:
            self.complain(str(error))
            return
        self._stamps = stamps
        same = stamps.content == before.content and (stamps == before or not self.view.by_state)
        if same and len(self.shown.listing):
            self._reread()
        elif self.clerk.busy("list"):
            self._outdated = True
        else:
            self._relist()
        self._tell()

    def _reread(self) -> None:
        """The same articles are listed, and may be marked in another way."""
        guest = self.shown.guest
        if guest is not None:
            self.shown.guest = self._row_of(guest)
        self.articles.reread()

    def _row_of(self, row: ArticleRow) -> ArticleRow:
        """The row as it is now; as it was, should there be none any more."""
        try:
            return self.library.row(row.key) or row
        except LibraryError as error:
            self.complain(str(error))
            return row

    def _relist(self) -> None:
        """Make the listing of the view: at once where that is quick, else by the clerk."""
        self._outdated = False
        if self.view.quick:
            try:
                listing = self.library.listing(self.view.filters, self.view.sort)
            except LibraryError as error:
                self.complain(str(error))
                return
            self._take(listing)
            return
        view = self.view

        def question(own: Library) -> None:
            self.post_message(Listed(view, own.listing(view.filters, view.sort)))

        self.clerk.ask("list", question)

    def on_listed(self, message: Listed) -> None:
        """The clerk has the articles of a view; if another has been chosen since, they are nobody's."""
        if message.view != self.view or self.view.quick:
            return
        self._choosing = False
        self._take(self.library.bind(message.listing))
        if self._outdated:
            self._relist()
        self._tell()

    def _take(self, listing: Listing, first: int | None = None) -> None:
        """Show a listing, the cursor on the article it was on; where it was on none, on that with key `first`."""
        heir, self._heir = self._heir or first, None
        try:
            row = None if heir is None else self.library.row(heir)
            reading = self._reading() if row is None else Reading(row)
            self.shown = place(listing, reading)
            cursor = self.shown.index_of(reading.row.key) if reading is not None else None
            self.sections = self.library.sections()
        except LibraryError as error:
            self.complain(str(error))
            return
        guest = self.shown.guest
        self.articles.guest = guest.key if guest is not None else None
        self.articles.show(self.shown, cursor or 0, self._note(listing))
        if cursor is None or row is not None:
            self.opened(self.articles.cursor)

    def _reading(self) -> Reading | None:
        cursor = self.articles.cursor
        if cursor is None:
            return None
        reading = self.shown.reading(cursor)
        return reading._replace(row=self._row_of(reading.row)) if reading.row is self.shown.guest else reading

    def _note(self, listing: Listing) -> tuple[str, ...]:
        if len(listing):
            return ()
        if self._choosing:
            return ("Choosing articles…",)
        totals = self._all_totals()
        return why_empty(
            totals.articles, totals.problems, self._files_read is not None, self.view.peel() is not None
        )

    def _tell(self) -> None:
        """Bring header and strip up to date."""
        self.header.state = HeaderState(
            title=self._title,
            totals=self._all_totals(),
            view=self.view.in_words(),
            shown=None if self._choosing else len(self.shown.listing),
            reading=self._files_read,
            from_captures=self.loader is not None,
        )
        self.strip.state = StripState(self.sections, self.view.filters.section)

    def on_filling(self, message: Filling) -> None:
        """Some captures have been read."""
        self._files_read = message.progress.captures + message.progress.problems
        self._poll(always=True)

    def on_filled(self, _: Filled) -> None:
        """All captures have been read."""
        self._files_read = None
        self._poll(always=True)

    def on_failed(self, message: Failed) -> None:
        """Something could not be done."""
        if message.filling:
            self._files_read = None
            self._poll(always=True)
        self._choosing = False
        self.complain(message.sentence)
        self._tell()

    def complain(self, sentence: str) -> None:
        """Say what could not be done, for as long as it takes to read."""
        self.app.notify(clean(sentence), severity="error", timeout=15, markup=False)

    def say(self, sentence: str) -> None:
        """Say something in passing."""
        self.app.notify(clean(sentence), timeout=3, markup=False)
