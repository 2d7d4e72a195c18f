"""One row of a laid out unit -> the stretches of text it is drawn as. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from reader.app.text.flow import Laid, Row
from reader.app.text.typesetting import growth
from reader.app.text.wrapping import Span, drawn

HYPHEN = "-"


class Stretch(NamedTuple):
    """Text that is drawn in one style."""

    text: str
    role: str
    mark: str | None = None
    """"match" or "current" when it belongs to something found."""


def stretches(laid: Laid, row: Row, marks: Sequence[Span] = (), current: Span | None = None) -> list[Stretch]:
    """The row's text in order, without its prefix; `marks` and `current` are spans of the unit's text.

    What a gap grows by is drawn as the gap is, a hyphen as the word that it breaks.
    """
    text = drawn(laid.text, (row.start, row.end))
    start, end = row.start, row.start + len(text)
    if not text:
        return []
    cells = growth(laid.text, row)
    marks = [mark for mark in marks if mark[0] < end and mark[1] > start]
    styled = [span for span in laid.styled if span.start < end and span.end > start]
    if not marks and not styled:
        text = _grown(text, start, cells)
        return [Stretch(text + HYPHEN if row.hyphen else text, laid.role)]
    edges = {start, end}
    for first, last in (*marks, *((span.start, span.end) for span in styled)):
        edges.update(edge for edge in (first, last) if start < edge < end)
    found: list[Stretch] = []
    cuts = sorted(edges)
    for first, last in pairwise(cuts):
        role = next((span.role for span in styled if span.start <= first < span.end), laid.role)
        mark = next((span for span in marks if span[0] <= first < span[1]), None)
        kind = None if mark is None else "current" if mark == current else "match"
        found.append(Stretch(_grown(laid.text[first:last], first, cells), role, kind))
    if row.hyphen:
        _, role, kind = found[-1]
        role = role if any(span.start < end < span.end for span in styled) else laid.role
        kind = kind if any(first < end < last for first, last in marks) else None
        found.append(Stretch(HYPHEN, role, kind))
    return found


def _grown(text: str, start: int, cells: Mapping[int, int]) -> str:
    """A text from offset `start` with its gaps grown."""
    if not cells:
        return text
    return "".join(char + " " * cells.get(offset, 0) for offset, char in enumerate(text, start))
