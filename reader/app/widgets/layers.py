"""Layers of a line view: matches of a search, letters on links."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip

from reader.app.text.document import ReadingPosition, VisibleLink
from reader.app.text.places import Match, find_matches, folded_query, place_matches
from reader.app.text.typesetting import StyledSpan, cell_of

if TYPE_CHECKING:
    from reader.app.widgets.line_view import LineView


class Layer:
    """Draws over the text of a `LineView`, which calls these methods. Most layers override only some."""

    def document_changed(self) -> None:
        """Another document is about to be shown."""

    def prepare(self) -> bool:
        """The text is about to be wrapped for the view's size; return True to have it wrapped in any case."""
        return False

    def wrapped(self) -> None:
        """The text has been wrapped for the view's size."""

    def scrolled(self) -> None:
        """Another row is at the top, or the text has been wrapped again."""

    def marks(self, unit: int) -> Sequence[StyledSpan]:  # noqa: ARG002
        """The marked spans of a unit's text. Marks of later layers cover those of earlier ones."""
        return ()

    @property
    def caret(self) -> Offset | None:
        """The cell of the view where the reader is, if this layer knows it."""
        return None

    def draw(self, y: int, strip: Strip) -> Strip:  # noqa: ARG002
        """Draw over the row `y` cells below the top of the view."""
        return strip

    def finish(self, strips: list[Strip], top: int) -> list[Strip]:  # noqa: ARG002
        """Change finished rows before they are painted; the first is `top` cells below the top of the view."""
        return strips

    def colours_changed(self) -> None:
        """The theme or the view's style has changed."""


class Finder(Layer):
    """Searches the text of a view and marks the matches."""

    class Found(Message):
        """A search has ended, or moved to another match. Posted to the view."""

    def __init__(self, view: LineView) -> None:
        self._view = view
        self._origin: ReadingPosition | None = None
        """Where the search began; None without one."""
        self._matches: Sequence[Match] = ()
        self._current = 0
        """The index of the current match."""
        self.turn = ""
        """Where the last step went on from if it went round an end, as words to add to the number of the match."""
        self._shown_from: ReadingPosition | None = None
        """The position from which the current match was shown; None until the view has a size."""

    def find(self, query: str) -> None:
        """Mark all matches, ignoring case and accents, and go to the first one from the reading position on.

        As the reader types on, each search starts where the first one did.
        """
        document, folded = self._view.document, folded_query(query)
        origin = self._origin or self._view.reading_position
        self.clear()
        if folded:
            self._origin = origin
            self._show(find_matches(document, folded), document.find(origin))
        else:
            self._view.post_message(self.Found())

    def show(self, matches: Iterable[tuple[ReadingPosition, int]]) -> None:
        """Mark known matches, pairs of a position and a length in order, and go to the first one from here on."""
        document, self._origin = self._view.document, self._view.position
        self._show(place_matches(document, matches), document.find(self._origin))

    def _show(self, matches: Sequence[Match], start: tuple[int, int]) -> None:
        self._matches, self.turn = matches, ""
        self._view.refresh_rows()
        if matches:
            self._go_to(bisect_left(matches, start) % len(matches))
        self._view.post_message(self.Found())

    def step(self, step: int) -> None:
        """Go to the next match (1) or the previous one (-1), wrapping around."""
        if self._matches:
            number = self._current + step
            around = number % len(self._matches)
            self.turn = "" if around == number else ", from the top" if step > 0 else ", from the end"
            self._go_to(around)
            self._view.post_message(self.Found())

    def clear(self) -> None:
        """End the search and remove its marks; the view does not scroll."""
        self.document_changed()
        self._view.refresh_rows()

    def marks(self, unit: int) -> Sequence[StyledSpan]:
        """The spans of matches in a unit's text, the current match last."""
        first = bisect_left(self._matches, unit, key=lambda match: match.unit)
        last = bisect_right(self._matches, unit, key=lambda match: match.unit)
        marks = [
            StyledSpan(*self._matches[number][1:], "current" if number == self._current else "match")
            for number in range(first, last)
        ]
        return sorted(marks, key=lambda mark: mark.role == "current")

    @property
    def caret(self) -> Offset | None:
        """The start of the row on which the current match begins; None if no match is visible."""
        view = self._view
        if self.place is None or view.flow is None:
            return None
        row = view.flow.row(*self.place) - view.scroll_offset.y
        return Offset(0, row) if 0 <= row < view.size.height else None

    @property
    def match(self) -> tuple[int, int] | None:
        """The number of the current match, from 1, and how many there are, or zeros; None without a search."""
        if self._origin is None:
            return None
        return self._current + 1 if self._matches else 0, len(self._matches)

    @property
    def place(self) -> tuple[int, int] | None:
        """The unit and the offset at which the current match begins; None without one."""
        return self._matches[self._current][:2] if self._matches else None

    def document_changed(self) -> None:
        self._origin, self._matches = None, ()

    def wrapped(self) -> None:
        """Scroll to a match that was found before the view had a size, or is still where the reader is."""
        if self._matches and self._shown_from in (None, self._view.position):
            self._go_to(self._current)

    def _go_to(self, number: int) -> None:
        view, flow = self._view, self._view.flow
        self._current = number
        self._shown_from = None
        view.refresh_rows()
        if flow is not None:
            row = flow.row(*self._matches[number][:2])
            if not 0 <= row - view.scroll_offset.y < view.size.height:
                view.show_row(row)
            self._shown_from = view.position


class LinkLayer(Layer):
    """Finds the links in a view's text, and draws letters over them so that the reader can choose one."""

    class Pointed(Message):
        """The mouse has moved onto a link or off it. Posted to the view."""

    def __init__(self, view: LineView) -> None:
        self._view = view
        self.letters: Mapping[str, VisibleLink] = {}
        """The links with letters, from top to bottom. Scrolling and a new layout remove them."""
        self.pointed: str | None = None
        """Address of the link under the mouse; None without one."""

    def show_letters(self, letters: Mapping[str, VisibleLink]) -> None:
        """Draw these letters over the starts of links, in place of the letters before."""
        self.letters = letters
        self._view.refresh_rows()

    def visible(self) -> list[VisibleLink]:
        """The visible links from top to bottom, each once, at its first visible character."""
        view, document = self._view, self._view.document
        left, _ = view.column(view.room.width)
        links: dict[tuple[int, int], VisibleLink] = {}
        for y in range(view.size.height):
            entry = view.row_at(y)
            if entry is None:
                break
            unit, laid, row = entry
            for link in document.links(unit) if laid.styled else ():
                first = max(link.start, row.start)
                if first < min(link.end, laid.drawn_end(row)):
                    visible = VisibleLink(left + cell_of(laid, row, first), y, link.url)
                    links.setdefault((unit, link.start), visible)
        return list(links.values())

    def at(self, x: int, y: int) -> str | None:
        """The address of the link in a cell of the view; None if there is none."""
        character = self._view.character_at(x, y)
        if character is None:
            return None
        unit, offset = character
        links = self._view.document.links(unit)
        return next((link.url for link in links if link.start <= offset < link.end), None)

    def point_at(self, url: str | None) -> None:
        """Report the link under the mouse, if it is another one."""
        if url != self.pointed:
            self.pointed = url
            self._view.post_message(self.Pointed())

    def scrolled(self) -> None:
        """Remove the letters: other words are under them, and under the mouse."""
        self.letters = {}
        self.point_at(None)

    def draw(self, y: int, strip: Strip) -> Strip:
        end = 0
        for label, link in self.letters.items():
            if link.y != y:
                continue
            # If two links nearly touch, move the letters of the second one.
            start, end = max(link.x, end), max(link.x, end) + len(label)
            over = Strip([Segment(label, self._view.looks["letters"])], len(label))
            strip = Strip.join([strip.crop(0, start), over, strip.crop(end)])
        return strip
