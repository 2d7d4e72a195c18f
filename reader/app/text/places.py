"""Places in a document: the matches of words, and where the movements of a cursor lead. Pure functions."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from reader.app.text.document import Document, Flow, Place, ReadingPosition
from reader.app.text.typesetting import cell_of, offset_at
from reader.app.text.wrapping import clusters, drawn
from reader.library import fold
from reader.library.state.anchors import Span
from reader.patterns import Pattern

# Words, ignoring case, accents and kinds of quotes

LONGEST_QUERY = 200
"""A query is cut to this many characters."""
_MORE_SIGNS: Final = str.maketrans("‛ʼ‟«»‐‑‒―−", '\'\'"""-----')
"""Kinds of quotes and dashes that `fold` leaves as they are."""


class Match(NamedTuple):
    """A match in a document."""

    unit: int
    """The unit in which it begins."""
    start: int
    end: int


def _fold(text: str) -> str:
    return fold(text.translate(_MORE_SIGNS))


_fold_character = lru_cache(maxsize=10_000)(_fold)


def folded_query(query: str) -> str:
    """Fold a query for `find_folded`; "" for an empty one."""
    return _fold(" ".join(query[:LONGEST_QUERY].split()))


def find_folded(folded: str, text: str) -> list[tuple[int, int]]:
    """Find a folded query in a text, ignoring case, accents and kinds of quotes: start and end of each match."""
    if not folded or folded not in _fold(text):
        return []
    pieces = list(map(_fold_character, text))
    ends = list(accumulate(map(len, pieces)))
    matches = [match.span() for match in re.finditer(re.escape(folded), "".join(pieces))]
    # A character may fold to several, and accents fold to none and belong to the letter before them.
    spans = (
        (bisect_right(ends, start), max(bisect_right(ends, end - 1) + 1, bisect_right(ends, end)))
        for start, end in matches
    )
    return list(dict.fromkeys(spans))  # "…" has three dots.


def find_matches(document: Document, folded: str) -> list[Match]:
    """Find all matches of a folded query, unit by unit."""
    units = range(len(document))
    return [Match(unit, *span) for unit in units for span in find_folded(folded, document.text(unit))]


def place_matches(document: Document, positions: Iterable[tuple[ReadingPosition, int]]) -> list[Match]:
    """The matches at these positions, each with its length."""
    places = ((document.find(position), length) for position, length in positions)
    return [Match(unit, offset, offset + length) for (unit, offset), length in places]


# Movements

_WORD: Final = Pattern(r"\w+(?:[’'.,:/-]\w+)*")
_NO_SPACE: Final = Pattern(r"\S+")
_NEAR: Final = 60
"""How many rows to look through for the next row with text of the body."""


def end_of_character(text: str, offset: int) -> int:
    """Where the visible character at an offset ends."""
    return offset + sum(map(len, clusters(text[offset : offset + 64])[:1]))


class TextCursor:
    """Finds the places to which movements lead in the body of a document at one width."""

    def __init__(self, document: Document, flow: Flow) -> None:
        self._document = document
        self._flow = flow
        self._texts = document.body_texts

    def end_of_body(self, *, last: bool) -> Place | None:
        """The first or the last character of the body; None if it has no text."""
        outside = Place(len(self._texts) if last else -1, 0)
        place = self._neighbour(outside, -1 if last else 1)
        return None if place == outside else place

    def character(self, place: Place, step: int) -> Place:
        """The next (1) or previous (-1) character, which may be in another paragraph."""
        unit, offset = place
        text = self._texts[unit]
        if step > 0:
            after = end_of_character(text, offset)
            return Place(unit, after) if after < len(text) else self._neighbour(place, 1)
        preceding = clusters(text[max(0, offset - 64) : offset])
        return Place(unit, offset - len(preceding[-1])) if preceding else self._neighbour(place, -1)

    def word(self, place: Place, step: int) -> Place:
        """The start of the next (1) or previous (-1) word and of the signs before it; `place` if there is none."""
        unit, offset = place
        starts = [match.start() for match in _NO_SPACE.finditer(self._texts[unit])]
        beyond = [start for start in starts if (start > offset if step > 0 else start < offset)]
        if beyond:
            return Place(unit, beyond[0 if step > 0 else -1])
        other = self._neighbour(place, step)
        if step > 0 or other == place:
            return other
        return self.word(Place(other.unit, other.offset + 1), -1)

    def word_end(self, place: Place) -> Place:
        """The last letter of this word, or of the next one from there."""
        unit, offset = place
        ends = (match.end() - 1 for match in _WORD.finditer(self._texts[unit]))
        after = next((end for end in ends if end > offset), None)
        if after is not None:
            return Place(unit, after)
        other = self._neighbour(place, 1)
        return place if other == place else self.word_end(Place(other.unit, -1))

    def before_word(self, place: Place) -> Place:
        """The last character before the word that starts at a place, and before the space between them."""
        before = self.character(place, -1)
        while before != place and self._texts[before.unit][before.offset].isspace():
            place, before = before, self.character(before, -1)
        return before

    def between(self, first: Place, last: Place) -> list[Span]:
        """The parts of the units from one character to another, both included."""
        spans = []
        for unit in range(first.unit, last.unit + 1):
            text = self._texts[unit]
            start = first.offset if unit == first.unit else 0
            end = end_of_character(text, last.offset) if unit == last.unit else len(text)
            spans.append(Span(unit, start, end))
        return [span for span in spans if span.start < span.end]

    # Rows

    def row_of(self, place: Place) -> int:
        return self._flow.row(*place)

    def column_of(self, place: Place) -> int:
        """The cell in which a place is drawn, from the left of the text."""
        _, laid, row = self._flow.row_at(self.row_of(place))
        return cell_of(laid, row, place.offset)

    def end_of_row(self, place: Place, *, last: bool) -> Place:
        """The first or the last character of the row of a place."""
        return self._in_row(self.row_of(place), 10_000 if last else 0) or place

    def rows(self, place: Place, step: int, column: int) -> Place:
        """The character `step` rows below (or above) in a column, or as near as the body allows."""
        self._flow.lay_out_around(self.row_of(place), abs(step) + _NEAR, abs(step) + _NEAR)
        row = max(0, min(self.row_of(place) + step, self._flow.total - 1))
        return self.near(row, column, 1 if step > 0 else -1) or place

    def near(self, row: int, column: int, step: int = 1) -> Place | None:
        """The character of the body in a cell, else in the next row with text below (1) or above (-1), else behind."""
        onwards = range(row, row + step * _NEAR, step)
        back = range(row - step, row - step * _NEAR, -step)
        places = (self._in_row(number, column) for number in (*onwards, *back))
        return next(filter(None, places), None)

    def _in_row(self, number: int, column: int) -> Place | None:
        """The character of a row nearest to a column; None unless the row has text of the body."""
        if not 0 <= number < self._flow.total:
            return None
        unit, laid, row = self._flow.row_at(number)
        if row.start < 0 or not drawn(laid.text, (row.start, row.end)):
            return None
        offset = offset_at(laid, row, column)
        if offset is None:
            is_left = column < cell_of(laid, row, row.start)
            offset = row.start if is_left else max(row.start, laid.drawn_end(row) - 1)
        return self._document.place_in_body(unit, offset)

    def _neighbour(self, place: Place, step: int) -> Place:
        """The first character of the next unit with text, or the last one of the previous; else `place`."""
        units = range(place.unit + step, len(self._texts) if step > 0 else -1, step)
        for unit in units:
            if self._texts[unit].strip():
                return Place(unit, 0 if step > 0 else len(self._texts[unit]) - 1)
        return place
