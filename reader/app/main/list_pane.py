"""The list of the main screen: its articles, their order and the cursor."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from reader.app.loading import Loader
from reader.app.main.bar_texts import HeaderState, StripState
from reader.app.query_worker import QueryWorker
from reader.app.view import View, why_empty
from reader.app.widgets.article_list import ArticleList
from reader.library import ArticleRow, Filters, Library, Listing, SectionCount, Totals
from reader.model import Problem

SMALL: Final = 10_000
"""Up to this many articles, any listing takes only milliseconds and is made before the first paint."""
_NO_ARTICLES: Final = Filters(section="\0")
"""Filters that no article matches."""


class ListPane:
    """The list of articles. Methods that change the list return True if the cursor is on another article then.

    Methods that read the library raise LibraryError. A query that a newer one has replaced raises CancelledError.
    """

    def __init__(
        self, library: Library, rows: ArticleList, queries: QueryWorker, loader: Loader | None, title: str
    ) -> None:
        """`loader` reads the captures of this session into `library`; `title` names what is open."""
        self._library = library
        self._queries = queries
        self.rows = rows
        self.loader = loader
        self.title = title
        self.view = View()
        self.listing = library.listing(by_name=loader is not None)
        self.sections: tuple[SectionCount, ...] = ()
        self.totals = library.totals()
        self.files_read: int | None = 0 if loader is not None else None
        """How many captures have been read so far; None when none are being read."""
        self.is_pending = False
        """Is the query worker still selecting the articles of the view?"""
        self.successor: int | None = None
        """Key of the article to select in the next listing; None for the article under the cursor."""
        self.stays_at_top = loader is not None
        """Does the cursor stay on the first row while articles come in? Until the reader does something."""
        self._is_by_name = self.is_loading
        """Are the sections listed in order of their names? Only while captures are being read."""
        self._selects_first = False
        """Select the first article of the next listing, because the filters have changed?"""
        self._version = library.change_stamp()
        self._stamps = library.stamps()
        self.must_relist = False
        """Has the library changed since the query worker began to list?"""
        self.title_words = ""
        """The words to find in titles; "" for none."""

    # Listing

    @property
    def is_loading(self) -> bool:
        """Are captures being read? The sections keep the order of their names meanwhile."""
        return self.files_read is not None

    def prepare(self, view: View, key: int | None) -> None:
        """Prepare the first paint: list the view, or nothing yet if that would take long.

        `key`: the article to open, which is listed whatever its state.
        """
        self.view = view
        self.is_pending = not view.is_quick and self.totals.articles > SMALL
        filters = _NO_ARTICLES if self.is_pending else view.filters._replace(any_state=key)
        self.listing = self._library.listing(filters, view.sort, by_name=self.is_loading)

    def set_view(self, view: View) -> None:
        """Change the view, to be listed by `relist` or `relist_slowly`."""
        self._selects_first = not view.is_wider_than(self.view)
        self.view = view
        self.is_pending = not view.is_quick

    def relist(self) -> bool:
        """List a quick view."""
        return self.show_listing(self._library.listing(self.view.filters, by_name=self.is_loading))

    def relist_slowly(self) -> Awaitable[bool]:
        """Begin to list any view in the query worker; awaiting the result shows it, unless there is another view."""
        self.must_relist = False
        view, by_name = self.view, self.is_loading
        # The article under the cursor stays listed when its state has changed.
        key = None if self._selects_first else self.successor or self.key
        filters = view.filters._replace(any_state=key)
        answer = self._queries.ask(
            "list", lambda library: library.listing(filters, view.sort, by_name=by_name)
        )

        async def show() -> bool:
            listing = await answer
            if view != self.view:
                return False
            self.is_pending = False
            return self.show_listing(self._library.bind(listing))

        return show()

    def show_listing(self, listing: Listing) -> bool:
        """Show a listing, with the cursor on the same article as before unless the filters have changed."""
        before, row = self.key, self.rows.cursor or 0
        wanted = successor = self.successor
        if wanted is None and not self.stays_at_top and not self._selects_first:
            wanted = before
        index = None if wanted is None else listing.index_of(wanted)
        if index is None:
            # The article is gone: select the one in its place.
            index = 0 if wanted is None else row
        else:
            self.stays_at_top = False
        if not self.is_pending:
            self.successor, self._selects_first = None, False
        self.listing = listing
        self._is_by_name = self.is_loading
        self.sections = self._library.sections(by_name=self.is_loading)
        self.rows.show(listing, index, self.note())
        if successor is not None or before is None or self.rows.cursor is None:
            return True
        # Another version of the story may be listed now; the one being read stays open.
        return listing.index_of(before) != self.rows.cursor

    def reload(self) -> bool:
        """Count again after a change of the library; True if the view must be listed again, too."""
        self._version = self._library.change_stamp()
        self.totals = self._library.totals()
        before, self._stamps = self._stamps, self._library.stamps()
        is_same = self._stamps.content == before.content and (
            self._stamps == before or not self.view.depends_on_marks
        )
        if is_same and len(self.listing) and self._is_by_name == self.is_loading:
            self.rows.reread()
            return False
        self.must_relist = self._queries.busy("list")
        return not self.must_relist

    @property
    def is_outdated(self) -> bool:
        """Has the library changed since it was last read?"""
        return self._library.change_stamp() != self._version

    def note(self) -> tuple[str, ...]:
        """Explain an empty list, in paragraphs; empty if the list is not."""
        if len(self.listing):
            return ()
        if self.is_pending:
            return ("Filtering articles…",)
        filtered = self.view.without_last_filter() is not None
        return why_empty(self._library, self._all_totals, filling=self.is_loading, filtered=filtered)

    # The cursor

    @property
    def cursor(self) -> int | None:
        """Index of the row under the cursor; None when nothing is listed."""
        return self.rows.cursor

    @property
    def _row(self) -> ArticleRow | None:
        return None if self.rows.cursor is None else self.rows.row(self.rows.cursor)

    @property
    def key(self) -> int | None:
        """Key of the article under the cursor; None when nothing is listed."""
        return None if self._row is None else self._row.key

    def move(self, index: int) -> bool:
        """Move the cursor to a row, or to the nearest one; False if it was there already."""
        self.stays_at_top = False
        return self.rows.move(index)

    @property
    def has_stray(self) -> bool:
        """Is the article under the cursor listed although its state has changed so that a filter hides it?"""
        return self._row is not None and not self.view.lists_state(self._row)

    def row_of(self, key: int) -> ArticleRow | None:
        """The row of an article; None if the library no longer has it."""
        row = self._row
        return row if row is not None and row.key == key else self._library.row(key)

    # Titles

    def look_for(self, words: str) -> None:
        """Underline the words in titles; `find_title` searches for them."""
        self.title_words = words if words.strip() else ""
        self.rows.show_found(self.title_words)

    async def find_title(self, start: int, step: int) -> int | None:
        """Index of the nearest article from `start` with `title_words` in its title, wrapping around once."""
        listing, words = self.listing, self.title_words

        def query(library: Library) -> int | None:
            bound = library.bind(listing)
            index = bound.find(start, step, words)
            if index is None:
                index = bound.find(0 if step > 0 else len(bound) - 1, step, words)
            return None if index is None else bound.rows(index, index + 1)[0].key

        key = await self._queries.ask("title", query)
        return None if key is None else self.listing.index_of(key)

    # Header and strip

    @property
    def failure(self) -> Problem | None:
        """Why reading the captures stopped early; None unless it did."""
        return None if self.loader is None else self.loader.failure

    @property
    def _all_totals(self) -> Totals:
        """The library's totals, with one more problem if reading the captures stopped early."""
        return self.totals._replace(problems=self.totals.problems + (self.failure is not None))

    @property
    def header(self) -> HeaderState:
        """The state of the header."""
        return HeaderState(
            title=self.title,
            totals=self._all_totals,
            view=self.view.in_words(),
            shown=None if self.is_pending else len(self.listing),
            reading=self.files_read,
            from_captures=self.loader is not None,
        )

    @property
    def strip(self) -> StripState:
        """The state of the strip of sections."""
        return StripState(self.sections, self.view.filters.section)
