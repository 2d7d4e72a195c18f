"""The list pane: which articles are listed, in which order, and the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.app.main.bar_texts import HeaderState
from reader.app.messages import errors_shown, show_notice
from reader.app.threads import Answer, Loader
from reader.app.view import View, why_empty
from reader.app.widgets.article_list import ArticleList
from reader.library import Filters, Library, Listing, SectionCount, StoredArticle, Totals
from reader.model import Problem

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

SMALL: Final = 10_000
"""Up to this many articles, any listing takes only milliseconds and is made before the first paint."""
_NO_ARTICLES: Final = Filters(section="\0")
"""Filters that no article matches."""


class ListPane:
    """The list of articles. When another article comes under the cursor, it opens in the article pane.

    `show_view` and `go_to` show errors of the library; methods that raise LibraryError say so.
    """

    def __init__(self, main: MainScreen, loader: Loader | None, title: str) -> None:
        """`loader` reads the captures of this session into the library; `title` names what is open."""
        self._main = main
        self._library = main.library
        self._queries = main.queries
        self.rows = ArticleList(id="list", in_words=main.speech.row if main.speech else None)
        self.loader = loader
        self.title = title
        self.view = View()
        self.listing = self._library.listing(by_name=loader is not None)
        self.sections: tuple[SectionCount, ...] = ()
        self.totals = self._library.totals()
        self.captures_read: int | None = 0 if loader is not None else None
        """How many captures have been read so far; None when none are being read."""
        self.is_pending = False
        """Is the query worker still selecting the articles of the view?"""
        self.to_select: int | None = None
        """Key of the article to select in the next listing; None for the article under the cursor."""
        self.stays_at_top = loader is not None
        """Does the cursor stay on the first row while articles come in? Until the reader does something."""
        self._is_by_name = self.is_loading
        """Are the sections listed in order of their names? Only while captures are being read."""
        self._selects_first = False
        """Select the first article of the next listing, because the filters have changed?"""
        self._stamps = self._library.stamps()
        self._must_list_again = False
        """Has the library changed since the query worker began to list?"""
        self.title_words = ""
        """The words to find in titles; "" for none."""
        self.title_match: tuple[int, int] | None = None
        """The number of the title that was found last, and how many have the words; (0, 0) if none has."""

    # Listing

    @property
    def is_loading(self) -> bool:
        """Are captures being read? The sections keep the order of their names meanwhile."""
        return self.captures_read is not None

    def prepare(self, view: View, key: int | None) -> None:
        """Prepare the first paint: list the view, or nothing yet if that would take long.

        `key`: the article to open, which is listed whatever its state. Raises LibraryError.
        """
        self.view = view
        self.is_pending = not view.is_quick and self.totals.articles > SMALL
        filters = _NO_ARTICLES if self.is_pending else view.filters._replace(pinned=key)
        self.listing = self._library.listing(filters, view.sort, by_name=self.is_loading)

    def show_view(self, view: View) -> None:
        """List the articles of a view. A new filter selects the first one; without, the cursor stays on its article."""
        self._selects_first = not view.is_wider_than(self.view)
        self.view = view
        self.is_pending = not view.is_quick
        self._list()
        self._main.show_counts()

    def show_other_view(self, view: View) -> None:
        """List a view that the reader did not choose filter by filter, and say which filters that drops."""
        dropped = [words for words in self.view.in_words() if words not in view.in_words()]
        self.show_view(view)
        if dropped:
            show_notice(self._main, f"No longer filtered: {', '.join(dropped)}", seconds=5)

    def _list(self) -> None:
        """List the view: a quick one at once, any other in the query worker."""
        view, by_name = self.view, self.is_loading
        if view.is_quick:
            with errors_shown(self._main):
                self.show_listing(self._library.listing(view.filters, by_name=by_name))
            return
        self._must_list_again = False
        # The article under the cursor stays listed when its state has changed.
        key = None if self._selects_first else self.to_select or self.key
        filters = view.filters._replace(pinned=key)
        answer = self._queries.ask(
            "list", lambda library: library.listing(filters, view.sort, by_name=by_name)
        )
        self._main.run_worker(self._show_answer(view, answer))

    async def _show_answer(self, view: View, answer: Answer[Listing]) -> None:
        with errors_shown(self._main):
            listing = await answer
            if view == self.view:
                self.is_pending = False
                with self._main.article_pane.selection.kept():
                    self.show_listing(self._library.bind(listing))
        self._main.show_counts()
        if self._must_list_again:
            self._list()

    def show_listing(self, listing: Listing) -> None:
        """Show a listing, with the cursor on the same article unless the filters have changed.

        Raises LibraryError.
        """
        stored = self._main.article_pane.stored
        is_removed = stored is not None and self._library.row(stored.key) is None
        # The row under the cursor may already be that of another article.
        before = stored.key if stored is not None and is_removed else self.key
        row = self.rows.cursor or 0
        wanted = to_select = self.to_select
        if wanted is None and not self.stays_at_top and not self._selects_first:
            wanted = before
        index = None if wanted is None else listing.index_of(wanted)
        is_gone = index is None and wanted is not None and wanted == before
        if is_gone:
            # Its capture was removed: go on with another version of the story.
            indexes = map(listing.index_of, self._main.article_pane.version_keys)
            index = next((other for other in indexes if other is not None), None)
        goes_on = is_gone and index is not None
        if index is None:
            # The article is gone: select the one in its place.
            index = 0 if wanted is None else row
        else:
            self.stays_at_top = False
        if not self.is_pending:
            self.to_select, self._selects_first = None, False
        self.listing = listing
        self._is_by_name = self.is_loading
        self.sections = self._library.sections(by_name=self.is_loading)
        self.rows.show(listing, index, self.note())
        # Another version of the story may be listed now; the one being read stays open.
        is_same = before is not None and self.rows.cursor == listing.index_of(before)
        if goes_on and self.key is not None:
            self._main.article_pane.take_position_to(self.key)
        elif is_removed and to_select is None and not self._lists_again(stored):
            self._main.article_pane.article_removed()
        # An article that was opened before the list was ready stays open, with what was found in it.
        is_open = stored is not None and stored.key == self.key
        if self.rows.cursor is None or not (is_open or (is_same and to_select is None)):
            self._main.article_pane.open_under_cursor(is_gone=is_gone, is_version=goes_on)

    def _lists_again(self, stored: StoredArticle | None) -> bool:
        """Is another version of an article under the cursor, one that came just before it was removed?"""
        row = self.rows.chosen
        return row is not None and stored is not None and row.title == stored.article.title

    def reload(self) -> None:
        """Count and list again after a change of the library. Raises LibraryError."""
        self.totals = self._library.totals()
        before, self._stamps = self._stamps, self._library.stamps()
        is_same = self._stamps.content == before.content and (
            self._stamps == before or not self.view.depends_on_marks
        )
        if is_same and len(self.listing) and self._is_by_name == self.is_loading:
            self.rows.reread()
        elif self._queries.busy("list"):
            self._must_list_again = True
        else:
            self._list()

    @property
    def is_outdated(self) -> bool:
        """Has the library changed since it was last read? Raises LibraryError."""
        return (self._library.totals(), self._library.stamps()) != (self.totals, self._stamps)

    def note(self) -> tuple[str, ...]:
        """Explain an empty list, in paragraphs; empty if the list is not."""
        if len(self.listing):
            return ()
        if self.is_pending:
            return ("Filtering articles…",)
        return why_empty(
            self._library,
            self._all_totals,
            filling=self.is_loading,
            filtered=self.view.without_last_filter() is not None,
            words=self.view.filters.words,
        )

    # The cursor

    @property
    def cursor(self) -> int | None:
        """Index of the row under the cursor; None when nothing is listed."""
        return self.rows.cursor

    @property
    def key(self) -> int | None:
        """Key of the article under the cursor; None when nothing is listed."""
        return None if (row := self.rows.chosen) is None else row.key

    def move(self, index: int) -> bool:
        """Move the cursor to a row, or to the nearest one, and open nothing; False if it was there already."""
        self.stays_at_top = False
        return self.rows.move(index)

    def go_to(self, index: int) -> None:
        """Move the cursor to a row, or to the nearest one, and open its article."""
        row = self.rows.chosen
        if self.move(index):
            self._main.article_pane.open_under_cursor()
            if row is not None and not self.view.lists_state(row):
                # The cursor has left an article whose state has changed so that a filter hides it.
                self._list()

    def seek(self, index: int, step: int, kind: str) -> int | None:
        """Index of the nearest "unread" or "whole" article, or of "any", from `index` on; None if there is none."""
        if kind == "any":
            return index if 0 <= index < len(self.listing) else None
        return (self.listing.seek_whole if kind == "whole" else self.listing.seek_unread)(index, step)

    # Titles

    def look_for(self, words: str) -> None:
        """Underline the words in titles; `find_title` searches for them."""
        self.title_words, self.title_match = words if words.strip() else "", None
        self.rows.show_found(self.title_words)

    async def find_title(self, start: int, step: int) -> int | None:
        """Index of the nearest article from `start` with `title_words` in its title, wrapping around once."""
        listing, words = self.listing, self.title_words

        def query(library: Library) -> tuple[int | None, tuple[int, int]]:
            bound = library.bind(listing)
            index = bound.find(start, step, words)
            if index is None:
                index = bound.find(0 if step > 0 else len(bound) - 1, step, words)
            if index is None:
                return None, (0, 0)
            return bound.rows(index, index + 1)[0].key, bound.place_found(index)

        key, match = await self._queries.ask("title", query)
        if words == self.title_words:
            self.title_match = match
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
    def has_problems(self) -> bool:
        """Does the dialog of problems have any, or skipped files?"""
        return self._all_totals.problems + self._all_totals.skipped > 0

    @property
    def header(self) -> HeaderState:
        return HeaderState(
            title=self.title,
            totals=self._all_totals,
            view=self.view.in_words(),
            shown=None if self.is_pending else len(self.listing),
            reading=self.captures_read,
            from_captures=self.loader is not None,
        )
