"""Passages of a text around a match or a highlight, cut to one line. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from reader.app.text.wrapping import Span, fit, is_wide, width_of

LEAD: Final = 3
"""A passage that is cut at its start keeps a third of the line for the text before the match."""


def marked(text: str, marks: Sequence[Span], plain: str, match: str) -> Iterator[tuple[str, str]]:
    """Split `text` into pieces of style `plain` and, where it is marked, of style `match`."""
    done = 0
    for start, end in marks:
        start, end = max(start, done), min(end, len(text))
        if start >= end:
            continue
        if start > done:
            yield plain, text[done:start]
        yield match, text[start:end]
        done = end
    if done < len(text):
        yield plain, text[done:]


def around(text: str, marks: Sequence[Span], width: int) -> tuple[str, list[Span]]:
    """Cut `text` to `width` cells around its first mark; return it with the marks moved along."""
    if width_of(text) <= width or not marks:
        return fit(text, width), list(marks)
    first, last = marks[0]
    start = 0
    if width_of(text[:last]) > width * 2 // LEAD:
        before = max(0, min(width // LEAD, width - 2 - width_of(text[first:last])))
        start = first - (before // 2 if is_wide(text) else min(first, before))
        start = text.find(" ", start, first) + 1 or start
    lead = "…" if start else ""
    cut = fit(lead + text[start:], width)
    shift = len(lead) - start
    end = len(cut) - (cut[-1:] == "…")
    return cut, [(a + shift, min(b + shift, end)) for a, b in marks if a >= start and a + shift < end]
