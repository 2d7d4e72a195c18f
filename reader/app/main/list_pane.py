"""The list of the main screen: which articles it shows, in which order, and where the cursor is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import NamedTuple

from reader.app.loading import Loader
from reader.app.main.bar_texts import HeaderState, StripState
from reader.app.messages import Listed, TitleFound, UnreadFound
from reader.app.query_worker import QueryWorker
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
"""In a library of so many articles any listing takes a few milliseconds, so it is made before the first paint."""
NEAR = 2_000
"""Rows in which the next unread article is looked for at once; farther away the query worker looks."""
NEIGHBOURS = 24
"""How many neighbours on either side are tried to find an article's place in another listing."""
_NO_ARTICLES = Filters(section="\0")
"""Filters that leave nothing."""


class Reading(NamedTuple):
    """The article being read and its neighbours in the list, nearest first."""

    row: ArticleRow
    before: tuple[int, ...] = ()
    """Keys of the rows of its group above it."""
    after: tuple[int, ...] = ()
    """Keys of the rows of its group below it."""


class PinnedListing:
    """A listing, perhaps with a pinned row: the article being read, though a filter hides it. Indexes count it."""

    def __init__(self, listing: Listing, pinned: ArticleRow | None = None, at: int = 0) -> None:
        """`pinned` is not in `listing`; it gets index `at`, and a group of its own at the top if its group has none."""
        self.listing = listing
        self.pinned = pinned
        self._at = at
        self.groups: tuple[Group, ...] = (
            listing.groups if pinned is None else _groups_with_pinned(listing.groups, pinned, at)
        )

    def __len__(self) -> int:
        return len(self.listing) + (self.pinned is not None)

    def rows(self, start: int, stop: int) -> list[ArticleRow]:
        """The rows from index `start` up to `stop`, as far as there are."""
        if self.pinned is None or stop <= self._at:
            return self.listing.rows(start, stop)
        if start > self._at:
            return self.listing.rows(start - 1, stop - 1)
        return [*self.listing.rows(start, self._at), self.pinned, *self.listing.rows(self._at, stop - 1)]

    def index_of(self, key: int) -> int | None:
        """Where an article stands; None when it is not shown."""
        if self.pinned is not None and key == self.pinned.key:
            return self._at
        return self._with_pinned(self.listing.index_of(key))

    def find(self, start: int, step: int, words: str) -> int | None:
        """The nearest index from `start` itself on, down or up, whose title has all the words."""
        found = self._with_pinned(self.listing.find(self._without_pinned(start, step), step, words))
        pinned = self.pinned
        if pinned is not None and (self._at - start) * step >= 0:
            title, wanted = fold(pinned.title), folded_words(words)
            nearer = found is None or (found - self._at) * step > 0
            if nearer and wanted and all(word in title for word in wanted):
                return self._at
        return found

    def seek_whole(self, start: int, step: int) -> int | None:
        """The nearest index from `start` itself on, down or up, of an article neither truncated nor sponsored."""
        found = self._with_pinned(self.listing.seek_whole(self._without_pinned(start, step), step))
        pinned = self.pinned
        if pinned is None or pinned.truncated or pinned.sponsored or (self._at - start) * step < 0:
            return found
        return self._at if found is None or (found - self._at) * step > 0 else found

    def seek_unread(
        self, start: int, step: int, within: int | None = None, but: Collection[int] = ()
    ) -> int | None:
        """The nearest unread index from `start` itself on, down or up, at most `within` rows away.

        `but` are keys of articles that count as read whatever the library holds.
        """
        while True:
            index = self._with_pinned(
                self.listing.seek_unread(self._without_pinned(start, step), step, within)
            )
            pinned = self.pinned
            if pinned is not None and pinned.unread and (self._at - start) * step >= 0:
                index = self._at if index is None or (index - self._at) * step > 0 else index
            if index is None or not but or self.rows(index, index + 1)[0].key not in but:
                return index
            start = index + step

    def through(self, library: Library) -> PinnedListing:
        """The same, read through another connection."""
        return PinnedListing(library.bind(self.listing), self.pinned, self._at)

    def reading(self, index: int) -> Reading:
        """The article at `index` with its neighbours."""
        start = max(0, index - NEIGHBOURS)
        rows = self.rows(start, index + NEIGHBOURS + 1)
        row = rows[index - start]
        above = [other.key for other in rows[: index - start] if other.group == row.group]
        below = [other.key for other in rows[index - start + 1 :] if other.group == row.group]
        return Reading(row, tuple(reversed(above)), tuple(below))

    def _with_pinned(self, index: int | None) -> int | None:
        return index + 1 if index is not None and self.pinned is not None and index >= self._at else index

    def _without_pinned(self, index: int, step: int) -> int:
        """The index in the listing to look from; the pinned's own gives the next one in the direction."""
        if self.pinned is None or index < self._at:
            return index
        return index if index == self._at and step > 0 else index - 1


class ListPane:
    """The list of articles. Methods that list anew return whether the cursor is on another article then.

    The query worker's answers come as messages of `rows`. Methods that read the library raise LibraryError.
    """

    def __init__(
        self, library: Library, rows: ArticleList, queries: QueryWorker, loader: Loader | None, title: str
    ) -> None:
        """`loader` reads the captures of this session into `library`; `title` says what is open."""
        self.library = library
        self.rows = rows
        self.queries = queries
        self.loader = loader
        self.title = title
        self.view = View()
        self.shown = PinnedListing(library.listing())
        self.sections: tuple[SectionCount, ...] = ()
        self.totals = library.totals()
        self.files_read: int | None = 0 if loader is not None else None
        """How many captures have been read; None when none are being read."""
        self.choosing = False
        """Whether the articles of the view are still being chosen."""
        self.successor: int | None = None
        """The new key of the article being read, until the list is made anew."""
        self._version = library.change_stamp()
        self._stamps = library.stamps()
        self._outdated = False
        self._wanted = ""
        """The words looked for in titles."""
        self._origin = 0
        """Where the cursor was when the search began."""
        self._searched: tuple[PinnedListing, PinnedListing] | None = None
        """In the query worker: the listing shown, and the same through its own connection, which caches matches."""

    # What is listed

    @property
    def content(self) -> int:
        """The library's count of changes to what it contains, as it was counted last."""
        return self._stamps.content

    def begin(self, view: View) -> None:
        """Choose what the first paint shows: the view, or nothing yet where listing it would take long."""
        self.view = view
        if view.is_quick or self.totals.articles <= SMALL:
            self.shown = PinnedListing(self.library.listing(view.filters, view.sort))
        else:
            self.shown = PinnedListing(self.library.listing(_NO_ARTICLES))
            self.choosing = True

    def choose(self, view: View) -> bool:
        """List another choice of articles, the one being read among them whatever the filters."""
        self.view = view
        self.choosing = not view.is_quick
        return self.relist()

    def relist(self) -> bool:
        """Make the listing of the view: at once where that is quick, else in the query worker."""
        self._outdated = False
        if self.view.is_quick:
            return self.take(self.library.listing(self.view.filters, self.view.sort))
        view = self.view

        def question(own: Library) -> None:
            self.rows.post_message(Listed(view, own.listing(view.filters, view.sort)))

        self.queries.ask("list", question)
        return False

    def listed(self, message: Listed) -> bool:
        """Show the query worker's answer; ignore it where another view has been chosen since."""
        if message.view != self.view or self.view.is_quick:
            return False
        self.choosing = False
        opens = self.take(self.library.bind(message.listing))
        return self.relist() or opens if self._outdated else opens

    def take(self, listing: Listing, first: int | None = None) -> bool:
        """Show a listing with the cursor where it was; without a cursor so far, on the article with key `first`."""
        successor, self.successor = self.successor or first, None
        row = None if successor is None else self.library.row(successor)
        reading = self._reading() if row is None else Reading(row)
        self.shown = with_pinned(listing, reading)
        cursor = self.shown.index_of(reading.row.key) if reading is not None else None
        self.sections = self.library.sections()
        self._show_pinned()
        self.rows.show(self.shown, cursor or 0, self.note())
        return cursor is None or row is not None

    def renew(self) -> bool:
        """The library has changed: count again, and list again where the list is another now."""
        self._version = self.library.change_stamp()
        self.totals = self.library.totals()
        before, self._stamps = self._stamps, self.library.stamps()
        same = self._stamps.content == before.content and (
            self._stamps == before or not self.view.depends_on_marks
        )
        if same and len(self.shown.listing):
            if self.shown.pinned is not None:
                self.shown.pinned = self._row_now(self.shown.pinned)
            self.rows.reread()
        elif self.queries.busy("list"):
            self._outdated = True
        else:
            return self.relist()
        return False

    @property
    def changed(self) -> bool:
        """Whether the library has been changed since it was read."""
        return self.library.change_stamp() != self._version

    def note(self) -> tuple[str, ...]:
        """Why nothing is listed, in paragraphs; nothing where something is."""
        if len(self.shown.listing):
            return ()
        if self.choosing:
            return ("Choosing articles…",)
        totals = self.all_totals
        filling, filtered = self.files_read is not None, self.view.without_last_filter() is not None
        return why_empty(totals.articles, totals.problems, filling, filtered)

    def _reading(self) -> Reading | None:
        cursor = self.rows.cursor
        if cursor is None:
            return None
        reading = self.shown.reading(cursor)
        return (
            reading._replace(row=self._row_now(reading.row)) if reading.row is self.shown.pinned else reading
        )

    def _row_now(self, row: ArticleRow) -> ArticleRow:
        return self.library.row(row.key) or row

    def _show_pinned(self) -> None:
        self.rows.pinned = None if self.shown.pinned is None else self.shown.pinned.key

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
        """Put the cursor on an article, whatever the filters."""
        if self.shown.index_of(row.key) is None:
            self.shown = with_pinned(self.shown.listing, Reading(row))
        index = self.shown.index_of(row.key) or 0
        before = self.rows.pinned
        self._show_pinned()
        if self.rows.pinned != before:
            self.rows.show(self.shown, index)
        else:
            self.rows.move(index)

    # Marks

    def row_of(self, key: int) -> ArticleRow | None:
        """The row of an article as it is marked now; None where the library has it no more."""
        cursor = self.rows.cursor
        row = None if cursor is None else self.rows.row(cursor)
        if row is None or row.key != key:
            row = self.library.row(key)
        return None if row is None else self.rows.marked(row)

    def mark(self, row: ArticleRow) -> int:
        """Show and count an article with the marks of `row`, until `rows.unmark` gets the ticket returned."""
        before = self.row_of(row.key) or row
        ticket = self.rows.mark(row)
        self.totals = self.totals._replace(
            read=self.totals.read + before.unread - row.unread,
            starred=self.totals.starred + row.starred - before.starred,
        )
        return ticket

    def seek_unread(self, step: int) -> int | None:
        """Index of the nearest unread article in a direction; further away the query worker looks for it."""
        assert self.rows.cursor is not None
        start, shown, marked = self.rows.cursor + step, self.shown, self.rows.marked_read()
        index = shown.seek_unread(start, step, NEAR, marked)
        if index is not None:
            return index

        def question(own: Library) -> None:
            through = shown.through(own)
            found = through.seek_unread(start, step, None, marked)
            key = None if found is None else through.rows(found, found + 1)[0].key
            self.rows.post_message(UnreadFound(key, step))

        self.queries.ask("unread", question)
        return None

    # Titles

    @property
    def wanted(self) -> str:
        """The words that the reader looks for in titles; "" for none."""
        return self._wanted

    def start_finding(self) -> None:
        """Remember where the cursor is: every search for what is typed starts there."""
        self._origin = self.rows.cursor or 0

    def find(self, words: str) -> int | None:
        """Look for a title with `words`; without words return the index where the search began."""
        self._wanted = words if words.strip() else ""
        if not self._wanted:
            return self._origin
        self._look_for(self._origin, 1)
        return None

    def find_step(self, step: int) -> None:
        """Look for the next title with the wanted words, or the one before."""
        if self.rows.cursor is not None:
            self._look_for(self.rows.cursor + step, step)

    def _look_for(self, start: int, step: int) -> None:
        """Have the query worker find the next title, going round the end once."""
        shown, words = self.shown, self._wanted

        def question(own: Library) -> None:
            if self._searched is None or self._searched[0] is not shown:
                self._searched = shown, shown.through(own)
            through = self._searched[1]
            found = through.find(start, step, words)
            if found is None:
                found = through.find(0 if step > 0 else len(through) - 1, step, words)
            key = None if found is None else through.rows(found, found + 1)[0].key
            self.rows.post_message(TitleFound(words, key))

        self.queries.ask("title", question)

    # What the bars show

    @property
    def failure(self) -> Problem | None:
        """Why reading the captures of this session broke off; None unless it did."""
        return None if self.loader is None else self.loader.failure

    @property
    def all_totals(self) -> Totals:
        """The library's totals, and one problem more where reading the captures broke off."""
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
            shown=None if self.choosing else len(self.shown.listing),
            reading=self.files_read,
            from_captures=self.loader is not None,
        )

    @property
    def strip(self) -> StripState:
        """The state of the strip of sections."""
        return StripState(self.sections, self.view.filters.section)


def with_pinned(listing: Listing, reading: Reading | None) -> PinnedListing:
    """`listing` with the article being read in it: as it is when listed, else where it stood among its neighbours."""
    if reading is None or listing.index_of(reading.row.key) is not None:
        return PinnedListing(listing)
    group = next((group for group in listing.groups if group.name == reading.row.group), None)
    if group is None:
        return PinnedListing(listing, reading.row, 0)
    if listing.sort is Sort.KEPT:
        span = range(group.first, group.first + group.count)
        within = bisect_left(span, reading.row.key, key=lambda index: listing.rows(index, index + 1)[0].key)
        return PinnedListing(listing, reading.row, group.first + within)
    return PinnedListing(listing, reading.row, _beside(listing, reading, group.first))


def _beside(listing: Listing, reading: Reading, otherwise: int) -> int:
    """The index next to the nearest neighbour that is listed."""
    for distance in range(NEIGHBOURS):
        for keys, offset in ((reading.before, 1), (reading.after, 0)):
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
