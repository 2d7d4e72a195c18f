"""The raw text of a capture, with its line numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from itertools import pairwise
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from reader.app.keys import hint
from reader.app.notices import show_error
from reader.app.screen_keys import screen_bindings
from reader.app.text.flow import Document, Laid, ReadingPosition, Row
from reader.app.text.searchable_view import SearchableView
from reader.app.text.wrapping import PIECE, cut, estimates, wrap
from reader.app.widgets.bar_texts import Piece
from reader.app.widgets.bars import Bar
from reader.app.widgets.line_view import LineView
from reader.errors import LibraryError
from reader.library import Library, StoredArticle
from reader.parsing.lines import with_plain_ends
from reader.sanitize import sanitize

GAP = "  "
"""What stands between a line's number and its text."""

_OTHER_ENDS = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_SAMPLE = 200


class RawDocument(Document):
    """A text as numbered lines. A unit is a run of whole lines, or a piece of one that is very long.

    A place's block is the number of a unit. Lines count from 1 as they do in a parsed page.
    """

    def __init__(self, text: str) -> None:
        # A look at a text of 64 MB costs nothing, the rewriting of it does.
        self._raw = with_plain_ends(text) if any(end in text for end in _OTHER_ENDS) else text
        self._starts = [0]
        start, size = 0, len(self._raw)
        while size - start > PIECE:
            last_end = self._raw.rfind("\n", start, start + PIECE)
            start = last_end + 1 if last_end >= 0 else cut(self._raw, start, start + PIECE)
            self._starts.append(start)
        self._starts.append(size)
        self.lines = self._raw.count("\n") + (not self._raw.endswith("\n"))
        self._digits = max(3, len(str(self.lines)))
        # How many line ends stand before each unit, as far as they have been counted.
        self._ends_before = [0]

    def __len__(self) -> int:
        return len(self._starts) - 1

    def estimates(self, width: int) -> list[int]:
        """By length, and by how many lines there are on the whole."""
        lengths = [end - start for start, end in pairwise(self._starts)]
        # A line's last row is on average half empty.
        halves = self.lines / 2 / max(1, len(self._raw))
        rows = estimates(lengths, self._raw[:_SAMPLE], self._text_width(width))
        return [full + int(length * halves) for full, length in zip(rows, lengths, strict=True)]

    def text(self, unit: int) -> str:
        r"""The unit's lines, cleaned, with \n between them."""
        raw = self._raw[self._starts[unit] : self._starts[unit + 1]]
        return "\n".join(map(sanitize, raw.removesuffix("\n").split("\n")))

    def lay_out(self, unit: int, width: int) -> Laid:
        """The unit's lines, the first row of each with its number."""
        text = self.text(unit)
        number = self._count_to(unit) + 1
        blank = " " * self._digits + GAP
        rows: list[Row] = []
        start = 0
        for line in text.split("\n"):
            is_new = start > 0 or not self._continues(unit)
            prefix = f"{number:{self._digits}}{GAP}" if is_new else blank
            for first, last in wrap(line, self._text_width(width)):
                rows.append(Row(start + first, start + last, prefix))
                prefix = blank
            start += len(line) + 1
            number += 1
        return Laid(text, rows, "text", "number")

    def goes_on(self, unit: int) -> bool:
        """Whether the next unit starts within a line."""
        return unit + 1 < len(self) and self._raw[self._starts[unit + 1] - 1] != "\n"

    def place(self, unit: int, offset: int) -> ReadingPosition:
        """The unit is the block."""
        return ReadingPosition(unit, offset)

    def find_place(self, place: ReadingPosition) -> tuple[int, int]:
        """The block is the unit."""
        return min(max(0, place.block), len(self) - 1), max(0, place.offset)

    def line(self, place: ReadingPosition) -> int:
        """The number of the line that holds a place."""
        unit, offset = self.find_place(place)
        return self._count_to(unit) + self.text(unit).count("\n", 0, offset) + 1

    def find_line(self, line: int) -> ReadingPosition:
        """Where a line starts; the nearest line there is."""
        wanted = min(max(1, line), self.lines) - 1
        while self._ends_before[-1] < wanted and len(self._ends_before) < len(self):
            self._count_to(len(self._ends_before))
        unit = bisect_left(self._ends_before, wanted)
        if unit < len(self._ends_before) and self._ends_before[unit] == wanted and not self._continues(unit):
            return ReadingPosition(unit, 0)
        unit -= 1
        text, offset = self.text(unit), 0
        for _ in range(wanted - self._ends_before[unit]):
            offset = text.index("\n", offset) + 1
        return ReadingPosition(unit, offset)

    def _continues(self, unit: int) -> bool:
        """Whether a unit goes on with a line of the one before it."""
        return unit > 0 and self.goes_on(unit - 1)

    def _count_to(self, unit: int) -> int:
        """How many line ends stand before a unit."""
        counted = self._ends_before
        while len(counted) <= unit:
            start, end = self._starts[len(counted) - 1 : len(counted) + 1]
            counted.append(counted[-1] + self._raw.count("\n", start, end))
        return counted[unit]

    def _text_width(self, width: int) -> int:
        return width - self._digits - len(GAP)


class RawView(SearchableView):
    """Shows the raw text of a capture, of any length and in lines of any length."""

    LOOKS: ClassVar[Mapping[str, str]] = {**SearchableView.LOOKS, "text": "", "number": "text-muted"}

    _text: RawDocument | None = None

    class Moved(LineView.Moved):
        """Another row is at the top, or the number of rows is better known."""

    class Found(SearchableView.Found):
        """A search has come further, or to another match."""

    def show(self, text: str, line: int = 1) -> None:
        """Show a text with one of its lines, counted from 1, at the top; the last when there are fewer."""
        self._text = RawDocument(text)
        self.set_document(self._text, self._text.find_line(line))

    @property
    def line(self) -> int:
        """The number of the line at the top; 0 when nothing is shown."""
        return self._text.line(self.place) if self._text is not None else 0


def at_any_width(pieces: tuple[Piece, ...], _: int) -> list[Piece]:
    """All the pieces."""
    return list(pieces)


def scrolling_hints(action: str, does: str) -> tuple[Piece, ...]:
    """The keys below a text that can only be scrolled and left."""
    return (
        Piece(f" {hint('{move.down}/{move.up}')}", "bar--key"),
        Piece(" scroll  ", "bar--muted"),
        Piece(hint("{panes.back}"), "bar--key", action),
        Piece(f" {does}", "bar--muted", action),
    )


class RawScreen(Screen[None]):
    """Opens where the article begins."""

    AUTO_FOCUS = "RawView"
    DEFAULT_CSS = """
    RawScreen RawView { height: 1fr; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("raw")

    def __init__(self, library: Library, stored: StoredArticle, line: int | None = None) -> None:
        """`line`: the line to open at, from 1; where the article begins when None."""
        super().__init__()
        self._library = library
        self._stored = stored
        self._line = line or stored.article.first_line
        self._view = RawView()

    def compose(self) -> ComposeResult:
        """A line above, the text, a line below."""
        stored = self._stored
        about = " · ".join(word for word in (stored.captured, stored.encoding, stored.partial) if word)
        said = (
            Piece(f" {sanitize(stored.source)}", "bar--title"),
            Piece(f"  {sanitize(about)}", "bar--muted"),
        )
        yield from (
            Bar(at_any_width, said),
            self._view,
            Bar(at_any_width, scrolling_hints("dismiss(None)", "back")),
        )

    def on_mount(self) -> None:
        """Read the capture's text."""
        try:
            text = self._library.raw(self._stored.capture_key)
        except LibraryError as error:
            show_error(self, str(error))
            self.dismiss(None)
            return
        self._view.show(text, self._line)
