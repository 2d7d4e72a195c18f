"""A line view in which words can be found, also in a text too long to be searched in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from typing import ClassVar

from textual.message import Message

from reader.app.text.finding import Known, Match, Search, pattern_of
from reader.app.text.flow import Document, ReadingPosition
from reader.app.text.wrapping import Span
from reader.app.widgets.line_view import LineView

SLICE = 0.006
"""Seconds that a search keeps the screen waiting at a time; one unit's search may come on top."""
PAUSE = 0.004
"""Seconds between two slices of a search."""


class SearchableView(LineView):
    """Rows of a document, with keys to scroll and a search. `ArticleView` and `RawView` are made of it."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        "match": "input-selection-foreground underline on input-selection-background",
        "current": "bold reverse",
    }

    class Found(Message):
        """A search has come further, or to another match."""

        def __init__(self, view: SearchableView, current: int, count: int, done: bool) -> None:
            self.view = view
            self.current = current
            """Which match is the current one, from 1; 0 without any."""
            self.count = count
            """How many there are, as far as is known."""
            self.done = done
            """Whether the whole text has been searched."""
            super().__init__()

        @property
        def control(self) -> SearchableView:
            """The view, for `@on` with a selector."""
            return self.view

    _search: Search | None = None
    _search_from = ReadingPosition(0, 0)
    _current: Match | None = None
    _unseen = False
    """Whether the current match is to be shown as soon as the view has a size."""

    def set_document(self, document: Document, place: ReadingPosition | None = None) -> None:
        """Show a document from a place on, else from its start; a search ends."""
        self._search = self._current = None
        super().set_document(document, place)

    def find(self, query: str) -> None:
        """Mark all that matches, whatever its case and accents, and show the first match from here on.

        A long text is searched a little at a time. While a query grows, each search starts where the first
        did.
        """
        if self._search is None:
            self._search_from = self._place
        self._search = self._current = None
        pattern = pattern_of(query)
        self.refresh(self.size.region)
        if pattern is None or self._document is None:
            self.post_message(self.Found(self, 0, 0, True))
            return
        unit, offset = self._document.find_place(self._search_from)
        self._search = Search(self._document, pattern, (unit, offset))
        self._go_on_searching(self._search)

    def show_known(self, matches: Iterable[tuple[ReadingPosition, int]]) -> None:
        """Mark matches found elsewhere, pairs of a place and a length in order, and show the first of them."""
        self._current = None
        if self._document is not None:
            self._search = Known(self._document, matches)
            self._search_from = self._place
            self._go_on_searching(self._search)

    def find_step(self, step: int) -> None:
        """Go to the next match (1) or the one before (-1), round the ends."""
        if self._search is not None and self._current is not None:
            self._go_to_match(self._search.beside(self._current, step))
            self._report_found()

    def clear_find(self) -> None:
        """Drop the search and its marks; the view stays where it is."""
        if self._search is not None:
            self._search = self._current = None
            self.refresh(self.size.region)

    def marks(self, unit: int) -> tuple[Sequence[Span], Span | None]:
        """What is found in a unit's text, and the current match if it stands there."""
        if self._search is None:
            return (), None
        current = self._search.part_in(unit, self._current) if self._current else None
        return self._search.marks(unit), current

    @property
    def row_of_match(self) -> int:
        """The row of the view on which the current match begins, from 0; 0 without one, or when it is out of sight."""
        if self._search is None or self._flow is None or self._current is None:
            return 0
        unit, number = self._current
        row = self._flow.row(unit, self._search.matches(unit)[number][0]) - self.scroll_offset.y
        return row if 0 <= row < self.size.height else 0

    def _sync(self) -> None:
        super()._sync()
        if self._unseen and self._flow is not None and self._current is not None:
            self._go_to_match(self._current)

    def _go_on_searching(self, search: Search) -> None:
        if search is not self._search:
            return
        until = monotonic() + SLICE
        while not search.done and monotonic() < until:
            search.step()
        if self._current is None and (first := search.first()) is not None:
            self._go_to_match(first)
        if not search.done:
            self.set_timer(PAUSE, lambda: self._go_on_searching(search))
        self._report_found()

    def _go_to_match(self, match: Match) -> None:
        self._current = match
        self.refresh(self.size.region)
        self._unseen = self._flow is None
        if self._search is None or self._flow is None:
            return
        unit, number = match
        row = self._flow.row(unit, self._search.matches(unit)[number][0])
        if not 0 <= row - self.scroll_offset.y < self.size.height:
            self._move_to(self._flow.settle(row, self.size.height, 0) - self.size.height // 3)

    def _report_found(self) -> None:
        if self._search is None:
            return
        current = self._search.ordinal(self._current) if self._current else 0
        self.post_message(self.Found(self, current, self._search.count, self._search.done))
