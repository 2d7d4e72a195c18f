"""The list of the main screen: its articles, their order and the cursor."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Awaitable, Collection, Sequence
from typing import NamedTuple

from reader.app.loading import Loader
from reader.app.main.bar_texts import HeaderState, StripState
from reader.app.query_worker import Answer, QueryWorker
from reader.app.view import View, why_empty
from reader.app.widgets.article_list import ArticleList
from reader.library import (
    ArticleRow,
    Filters,
    Group,
    Library,
    Listing,
    SectionCount,
    Sort,
    Totals,
    fold,
    folded_words,
)
from reader.model import Problem

SMALL = 10_000
"""Up to this many articles, any listing takes only milliseconds and is made before the first paint."""
NEAR = 2_000
"""Within this many rows an unread article is searched at once; farther away the query worker does it."""
NEIGHBOURS = 24
"""How many neighbours on either side help to find a pinned row's place."""
_NO_ARTICLES = Filters(section="\0")
"""Filters that no article matches."""


class RowContext(NamedTuple):
    """A row and its neighbours of the same group, nearest first."""

    row: ArticleRow
    before: tuple[int, ...] = ()
    """Keys of the rows above it."""
    after: tuple[int, ...] = ()
    """Keys of the rows below it."""


class PinnedListing:
    """A listing, with the article being read as a pinned row if a filter hides it. Indexes count the pinned row."""

    def __init__(self, listing: Listing, pinned: ArticleRow | None = None, at: int = 0) -> None:
        """`pinned`, which is not in `listing`, gets index `at`; a group that is not listed is added at the top."""
        self.base = listing
        self.pinned = pinned
        self._at = at
        self.groups: tuple[Group, ...] = (
            listing.groups if pinned is None else _groups_with_pinned(listing.groups, pinned, at)
        )

    def __len__(self) -> int:
        return len(self.base) + (self.pinned is not None)

    def rows(self, start: int, stop: int) -> list[ArticleRow]:
        """The rows from index `start` up to `stop`, as far as there are."""
        if self.pinned is None or stop <= self._at:
            return self.base.rows(start, stop)
        if start > self._at:
            return self.base.rows(start - 1, stop - 1)
        return [*self.base.rows(start, self._at), self.pinned, *self.base.rows(self._at, stop - 1)]

    def index_of(self, key: int) -> int | None:
        """The index of an article; None if it is not listed."""
        if self.pinned is not None and key == self.pinned.key:
            return self._at
        return self._with_pinned(self.base.index_of(key))

    def find(self, start: int, step: int, words: str) -> int | None:
        """The nearest index from `start` (included), down or up, whose title has all the words."""
        index = self._with_pinned(self.base.find(self._without_pinned(start, step), step, words))
        pinned = self.pinned
        if pinned is not None and (self._at - start) * step >= 0:
            title, wanted = fold(pinned.title), folded_words(words)
            nearer = index is None or (index - self._at) * step > 0
            if nearer and wanted and all(word in title for word in wanted):
                return self._at
        return index

    def seek_whole(self, start: int, step: int) -> int | None:
        """The nearest index from `start` (included), down or up, of an article neither truncated nor sponsored."""
        index = self._with_pinned(self.base.seek_whole(self._without_pinned(start, step), step))
        pinned = self.pinned
        if pinned is None or pinned.truncated or pinned.sponsored or (self._at - start) * step < 0:
            return index
        return self._at if index is None or (index - self._at) * step > 0 else index

    def seek_unread(
        self, start: int, step: int, within: int | None = None, excluding: Collection[int] = ()
    ) -> int | None:
        """The nearest unread index from `start` (included), down or up, at most `within` rows away.

        `excluding` has the keys of articles that count as read, although the library may not have that yet.
        """
        while True:
            index = self._with_pinned(self.base.seek_unread(self._without_pinned(start, step), step, within))
            pinned = self.pinned
            if pinned is not None and pinned.unread and (self._at - start) * step >= 0:
                index = self._at if index is None or (index - self._at) * step > 0 else index
            if index is None or not excluding or self.rows(index, index + 1)[0].key not in excluding:
                return index
            start = index + step

    def bind(self, library: Library) -> PinnedListing:
        """The same listing, read through another connection."""
        return PinnedListing(library.bind(self.base), self.pinned, self._at)

    def context(self, index: int) -> RowContext:
        """The row at `index` with its neighbours."""
        start = max(0, index - NEIGHBOURS)
        rows = self.rows(start, index + NEIGHBOURS + 1)
        row = rows[index - start]
        above = [other.key for other in rows[: index - start] if other.group == row.group]
        below = [other.key for other in rows[index - start + 1 :] if other.group == row.group]
        return RowContext(row, tuple(reversed(above)), tuple(below))

    def _with_pinned(self, index: int | None) -> int | None:
        return index + 1 if index is not None and self.pinned is not None and index >= self._at else index

    def _without_pinned(self, index: int, step: int) -> int:
        """The index in the listing to search from; from the pinned row, the next one in the direction."""
        if self.pinned is None or index < self._at:
            return index
        return index if index == self._at and step > 0 else index - 1


class ListPane:
    """The list of articles. Methods that change the list return True if the cursor is on another article then.

    Methods that read the library raise LibraryError. An awaited answer of the query worker raises CancelledError if a
    newer query has replaced it.
    """

    def __init__(
        self, library: Library, rows: ArticleList, queries: QueryWorker, loader: Loader | None, title: str
    ) -> None:
        """`loader` reads the captures of this session into `library`; `title` names what is open."""
        self.library = library
        self.rows = rows
        self.queries = queries
        self.loader = loader
        self.title = title
        self.view = View()
        self.listing = PinnedListing(library.listing())
        self.sections: tuple[SectionCount, ...] = ()
        self.totals = library.totals()
        self.files_read: int | None = 0 if loader is not None else None
        """How many captures have been read so far; None when none are being read."""
        self.is_pending = False
        """Is the query worker still selecting the articles of the view?"""
        self.successor: int | None = None
        """The new key of the article being read, until the next listing is shown."""
        self._version = library.change_stamp()
        self._stamps = library.stamps()
        self.must_relist = False
        """Has the library changed since the query worker began to list?"""
        self.title_words = ""
        """The words to find in titles; "" for none."""
        self._worker_listing: tuple[PinnedListing, PinnedListing] | None = None
        """For the query worker: the listing shown, and the same on its own connection, which caches matches."""

    # Listing

    @property
    def content(self) -> int:
        """The library's count of changes to its content, when it was last read."""
        return self._stamps.content

    def prepare(self, view: View) -> None:
        """Prepare the first paint: list the view, or nothing yet if that would take long."""
        self.view = view
        if view.is_quick or self.totals.articles <= SMALL:
            self.listing = PinnedListing(self.library.listing(view.filters, view.sort))
        else:
            self.listing = PinnedListing(self.library.listing(_NO_ARTICLES))
            self.is_pending = True

    def relist(self) -> bool:
        """List a quick view, and the article being read even if a filter hides it."""
        return self.show_listing(self.library.listing(self.view.filters, self.view.sort))

    def relist_slowly(self) -> Awaitable[bool]:
        """Begin to list any view; awaiting the result shows it."""
        self.must_relist = False
        view = self.view
        return self._show_selected(
            view, self.queries.ask("list", lambda library: library.listing(view.filters, view.sort))
        )

    async def _show_selected(self, view: View, selecting: Answer[Listing]) -> bool:
        listing = await selecting
        if view != self.view:
            return False
        self.is_pending = False
        return self.show_listing(self.library.bind(listing))

    def show_listing(self, listing: Listing, first_key: int | None = None) -> bool:
        """Show a listing with the cursor on the same article as before, or at the start on `first_key`."""
        successor, self.successor = self.successor or first_key, None
        row = None if successor is None else self.library.row(successor)
        context = self._cursor_context() if row is None else RowContext(row)
        self.listing = with_pinned(listing, context)
        cursor = self.listing.index_of(context.row.key) if context is not None else None
        self.sections = self.library.sections()
        self._show_pinned()
        self.rows.show(self.listing, cursor or 0, self.note())
        return cursor is None or row is not None

    def reload(self) -> bool:
        """Count again after a change of the library; True if the view must be listed again, too."""
        self._version = self.library.change_stamp()
        self.totals = self.library.totals()
        before, self._stamps = self._stamps, self.library.stamps()
        same = self._stamps.content == before.content and (
            self._stamps == before or not self.view.depends_on_marks
        )
        if same and len(self.listing.base):
            if self.listing.pinned is not None:
                self.listing.pinned = self._current_row(self.listing.pinned)
            self.rows.reread()
            return False
        self.must_relist = self.queries.busy("list")
        return not self.must_relist

    @property
    def is_outdated(self) -> bool:
        """Has the library changed since it was last read?"""
        return self.library.change_stamp() != self._version

    def note(self) -> tuple[str, ...]:
        """Explain an empty list, in paragraphs; empty if the list is not."""
        if len(self.listing.base):
            return ()
        if self.is_pending:
            return ("Choosing articles…",)
        totals = self.all_totals
        filling, filtered = self.files_read is not None, self.view.without_last_filter() is not None
        return why_empty(totals.articles, totals.problems, filling, filtered)

    def _cursor_context(self) -> RowContext | None:
        cursor = self.rows.cursor
        if cursor is None:
            return None
        context = self.listing.context(cursor)
        if context.row is self.listing.pinned:
            return context._replace(row=self._current_row(context.row))
        return context

    def _current_row(self, row: ArticleRow) -> ArticleRow:
        return self.library.row(row.key) or row

    def _show_pinned(self) -> None:
        self.rows.pinned = None if self.listing.pinned is None else self.listing.pinned.key

    # The cursor

    @property
    def cursor(self) -> int | None:
        """Index of the row under the cursor; None when nothing is listed."""
        return self.rows.cursor

    @property
    def key(self) -> int | None:
        """Key of the article under the cursor; None when nothing is listed."""
        return None if self.rows.cursor is None else self.rows.row(self.rows.cursor).key

    def point_at(self, row: ArticleRow) -> None:
        """Move the cursor to an article, which is pinned if a filter hides it."""
        if self.listing.index_of(row.key) is None:
            self.listing = with_pinned(self.listing.base, RowContext(row))
        index = self.listing.index_of(row.key) or 0
        before = self.rows.pinned
        self._show_pinned()
        if self.rows.pinned != before:
            self.rows.show(self.listing, index)
        else:
            self.rows.move(index)

    # Marks

    def row_of(self, key: int) -> ArticleRow | None:
        """The row of an article with its current marks; None if the library no longer has it."""
        cursor = self.rows.cursor
        row = None if cursor is None else self.rows.row(cursor)
        if row is None or row.key != key:
            row = self.library.row(key)
        return None if row is None else self.rows.marked(row)

    def mark(self, row: ArticleRow) -> int:
        """Show and count an article with the marks of `row`, until `rows.unmark` is called with the returned ticket."""
        before = self.row_of(row.key) or row
        ticket = self.rows.mark(row)
        self.totals = self.totals._replace(
            read=self.totals.read + before.unread - row.unread,
            starred=self.totals.starred + row.starred - before.starred,
        )
        return ticket

    def seek_unread(self, start: int, step: int) -> int | None:
        """Index of the nearest unread article from `start`, down or up; None if it is not near."""
        return self.listing.seek_unread(start, step, NEAR, self.rows.marked_read())

    def seek_far_unread(self, start: int, step: int) -> Answer[int | None]:
        """Key of the nearest unread article, however far away."""
        listing, marked = self.listing, self.rows.marked_read()

        def query(library: Library) -> int | None:
            bound = listing.bind(library)
            index = bound.seek_unread(start, step, None, marked)
            return None if index is None else bound.rows(index, index + 1)[0].key

        return self.queries.ask("unread", query)

    # Titles

    def find_title(self, start: int, step: int) -> Answer[int | None]:
        """Key of the nearest article from `start` with `title_words` in its title, wrapping around once."""
        listing, words = self.listing, self.title_words

        def query(library: Library) -> int | None:
            if self._worker_listing is None or self._worker_listing[0] is not listing:
                self._worker_listing = listing, listing.bind(library)
            bound = self._worker_listing[1]
            index = bound.find(start, step, words)
            if index is None:
                index = bound.find(0 if step > 0 else len(bound) - 1, step, words)
            return None if index is None else bound.rows(index, index + 1)[0].key

        return self.queries.ask("title", query)

    # Header and strip

    @property
    def failure(self) -> Problem | None:
        """Why reading the captures stopped early; None unless it did."""
        return None if self.loader is None else self.loader.failure

    @property
    def all_totals(self) -> Totals:
        """The library's totals, with one more problem if reading the captures stopped early."""
        if self.failure is None:
            return self.totals
        return self.totals._replace(problems=self.totals.problems + 1)

    @property
    def header(self) -> HeaderState:
        """The state of the header."""
        return HeaderState(
            title=self.title,
            totals=self.all_totals,
            view=self.view.in_words(),
            shown=None if self.is_pending else len(self.listing.base),
            reading=self.files_read,
            from_captures=self.loader is not None,
        )

    @property
    def strip(self) -> StripState:
        """The state of the strip of sections."""
        return StripState(self.sections, self.view.filters.section)


def with_pinned(listing: Listing, context: RowContext | None) -> PinnedListing:
    """Pin a row that is not in `listing`, next to its nearest neighbour."""
    if context is None or listing.index_of(context.row.key) is not None:
        return PinnedListing(listing)
    group = next((group for group in listing.groups if group.name == context.row.group), None)
    if group is None:
        return PinnedListing(listing, context.row, 0)
    if listing.sort is Sort.KEPT:
        span = range(group.first, group.first + group.count)
        offset = bisect_left(span, context.row.key, key=lambda index: listing.rows(index, index + 1)[0].key)
        return PinnedListing(listing, context.row, group.first + offset)
    return PinnedListing(listing, context.row, _beside(listing, context, group.first))


def _beside(listing: Listing, context: RowContext, otherwise: int) -> int:
    """The index next to the nearest neighbour in the listing, else `otherwise`."""
    for distance in range(NEIGHBOURS):
        for keys, offset in ((context.before, 1), (context.after, 0)):
            index = listing.index_of(keys[distance]) if distance < len(keys) else None
            if index is not None:
                return index + offset
    return otherwise


def _groups_with_pinned(groups: Sequence[Group], pinned: ArticleRow, at: int) -> tuple[Group, ...]:
    if all(group.name != pinned.group for group in groups):
        return (Group(pinned.group, 1, 0), *(group._replace(first=group.first + 1) for group in groups))
    return tuple(
        group._replace(count=group.count + 1)
        if group.name == pinned.group
        else group._replace(first=group.first + (group.first >= at))
        for group in groups
    )
