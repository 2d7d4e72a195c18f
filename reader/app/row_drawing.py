"""One row of a laid out unit -> the stretches of text it is drawn as. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from reader.app.flow import Laid, Row
from reader.app.layout import Span, drawn


class Stretch(NamedTuple):
    """Text that is drawn in one style."""

    text: str
    role: str
    mark: str | None = None
    """"match" or "current" when it belongs to something found."""


def stretches(laid: Laid, row: Row, marks: Sequence[Span] = (), current: Span | None = None) -> list[Stretch]:
    """The row's text in order, without its prefix; `marks` and `current` are spans of the unit's text."""
    text = drawn(laid.text, (row.start, row.end))
    start, end = row.start, row.start + len(text)
    if not text:
        return []
    marks = [mark for mark in marks if mark[0] < end and mark[1] > start]
    styled = [span for span in laid.styled if span.start < end and span.end > start]
    if not marks and not styled:
        return [Stretch(text, laid.role)]
    edges = {start, end}
    for first, last in (*marks, *((span.start, span.end) for span in styled)):
        edges.update(edge for edge in (first, last) if start < edge < end)
    found: list[Stretch] = []
    cuts = sorted(edges)
    for first, last in pairwise(cuts):
        role = next((span.role for span in styled if span.start <= first < span.end), laid.role)
        mark = next((span for span in marks if span[0] <= first < span[1]), None)
        kind = None if mark is None else "current" if mark == current else "match"
        found.append(Stretch(laid.text[first:last], role, kind))
    return found
