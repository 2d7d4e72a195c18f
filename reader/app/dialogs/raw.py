"""The raw text of a capture with line numbers: the document, the view and the screen."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import ClassVar

from textual.binding import BindingType

from reader.app.notices import show_error
from reader.app.screen_keys import screen_bindings
from reader.app.text.flow import Document, ReadingPosition, Row, UnitLayout
from reader.app.text.wrapping import PIECE, cut, estimates, wrap
from reader.app.widgets.line_view import LineView
from reader.app.widgets.text_screen import TextScreen
from reader.errors import LibraryError
from reader.library import Library, StoredArticle
from reader.parsing.lines import with_plain_ends
from reader.sanitize import sanitize

GAP = "  "
"""Between a line's number and its text."""

_OTHER_ENDS = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


class RawDocument(Document):
    """A text as numbered lines. Only visible lines are laid out.

    A unit is a run of whole lines or a piece of a very long one; the block of a position is the number of its unit.
    Lines count from 1, as in a parsed page.
    """

    def __init__(self, text: str) -> None:
        # Rewriting a text of 64 MB is slow, scanning it is not.
        self._raw = with_plain_ends(text) if any(end in text for end in _OTHER_ENDS) else text
        self._starts = [0]
        start, size = 0, len(self._raw)
        while size - start > PIECE:
            last_end = self._raw.rfind("\n", start, start + PIECE)
            start = last_end + 1 if last_end >= 0 else cut(self._raw, start, start + PIECE)
            self._starts.append(start)
        self._starts.append(size)
        # Line ends before each unit, and in the whole text.
        ends = (self._raw.count("\n", first, last) for first, last in pairwise(self._starts))
        self._ends_before = list(accumulate(ends, initial=0))
        self.lines = self._ends_before[-1] + (not self._raw.endswith("\n"))
        self._digits = max(3, len(str(self.lines)))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def estimates(self, width: int) -> list[int]:
        """Estimate by length, and by the number of lines in the whole text."""
        lengths = [end - start for start, end in pairwise(self._starts)]
        # The last row of a line is on average half empty.
        halves = self.lines / 2 / max(1, len(self._raw))
        rows = estimates(lengths, self._text_width(width))
        return [full + int(length * halves) for full, length in zip(rows, lengths, strict=True)]

    def text(self, unit: int) -> str:
        r"""The lines of a unit, sanitized, with \n between them."""
        raw = self._raw[self._starts[unit] : self._starts[unit + 1]]
        return "\n".join(map(sanitize, raw.removesuffix("\n").split("\n")))

    def lay_out(self, unit: int, width: int) -> UnitLayout:
        """The rows of a unit; the first row of each line has its number."""
        text = self.text(unit)
        number = self._ends_before[unit] + 1
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
        return UnitLayout(text, rows, "text", "number")

    def continues(self, unit: int) -> bool:
        """Does the next unit start in the middle of a line?"""
        return unit + 1 < len(self) and self._raw[self._starts[unit + 1] - 1] != "\n"

    def position(self, unit: int, offset: int) -> ReadingPosition:
        """The position of a character of a unit."""
        return ReadingPosition(unit, offset)

    def find(self, position: ReadingPosition) -> tuple[int, int]:
        """The unit and the character of a position."""
        return min(max(0, position.block), len(self) - 1), max(0, position.offset)

    def find_line(self, line: int) -> ReadingPosition:
        """Where a line starts; for a missing line, where the nearest one starts."""
        wanted = min(max(1, line), self.lines) - 1
        unit = bisect_left(self._ends_before, wanted)
        if unit < len(self) and self._ends_before[unit] == wanted and not self._continues(unit):
            return ReadingPosition(unit, 0)
        unit -= 1
        text, offset = self.text(unit), 0
        for _ in range(wanted - self._ends_before[unit]):
            offset = text.index("\n", offset) + 1
        return ReadingPosition(unit, offset)

    def _continues(self, unit: int) -> bool:
        """Does a unit start in the middle of a line?"""
        return unit > 0 and self.continues(unit - 1)

    def _text_width(self, width: int) -> int:
        return width - self._digits - len(GAP)


class RawView(LineView):
    """Shows a text of any length, in lines of any length."""

    LOOKS: ClassVar[Mapping[str, str]] = {**LineView.LOOKS, "text": "", "number": "text-muted"}

    def show(self, text: str, line: int = 1) -> None:
        """Show a text from a line on, counted from 1; the last line if there are fewer."""
        document = RawDocument(text)
        self.set_document(document, document.find_line(line))


class RawScreen(TextScreen):
    """Shows the capture of an article."""

    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("raw")
    SHOWS_ARTICLE = True
    """True, so that global keys for the article work (`ReaderApp.action_everywhere`)."""

    def __init__(self, library: Library, stored: StoredArticle, line: int | None = None) -> None:
        """`line`: the first line to show, from 1; None for the first line of the article."""
        self._text_view = RawView()
        about = " · ".join(word for word in (stored.captured, stored.encoding, stored.partial) if word)
        super().__init__(self._text_view, sanitize(stored.source), sanitize(about))
        self._library = library
        self._stored = stored
        self._line = line or stored.article.first_line

    def on_mount(self) -> None:
        """Load the text."""
        try:
            text = self._library.raw(self._stored.capture_key)
        except LibraryError as error:
            show_error(self, str(error))
            self.dismiss(None)
            return
        self._text_view.show(text, self._line)
