"""Set paragraphs: lines as rows, justified and spaced as the reader wants, and rows as styled text. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from reader.app.text.flow import Laid, Row
from reader.app.text.wrapping import Hyphenate, Span, drawn, is_wide, lines_of, width_of

JUSTIFIED_FROM = 40
"""The least cells of a line that is filled: in shorter ones the gaps would be wide."""
GROWTH = 2
"""The most cells by which a gap grows; a line that needs more stays ragged."""
HYPHEN = "-"
INDENT = "  "
"""The start of a paragraph where no empty line sets it off."""

_GAP = r"(?<=[^ ]) +(?=[^ ])"


class Setting(NamedTuple):
    """How the paragraphs of a body are set."""

    line_spacing: int = 0
    """Empty rows after each line."""
    paragraph_spacing: int = 1
    """More of them after each paragraph."""
    justified: bool = False
    """Whether lines are filled to their width."""
    hyphenate: Hyphenate | None = None
    """What breaks words; None for none."""


PLAIN = Setting()
"""The setting of everything but the body."""


def set_rows(
    text: str, width: int, setting: Setting, *, first: str = "", rest: str = "", begins: bool = True
) -> list[Row]:
    """A one-line `text` as rows of at most `width` cells, at least one; the rows' spans tile it.

    `rest` stands before every row, `first` before the first one of a text that `begins` the paragraph. The last
    row is never filled.
    """
    room = width - width_of(rest)
    indent = width_of(first) - width_of(rest) if begins else 0
    lines = lines_of(text, room, indent=indent, hyphenate=setting.hyphenate)
    rows: list[Row] = []
    for number, (start, end, hyphen) in enumerate(lines):
        is_first = begins and not number
        row = Row(start, end, first if is_first else rest, hyphen)
        if setting.justified and room >= JUSTIFIED_FROM and number + 1 < len(lines):
            row = row._replace(extra=_extra(row, text, room - (indent if is_first else 0)))
        rows.append(row)
        rows += [Row(end, end, rest)] * setting.line_spacing
    return rows


def growth(text: str, row: Row) -> dict[int, int]:
    """The extra cells of each gap between words of a row, by the offset of the gap's last space in `text`.

    The cells are spread evenly. The wider gaps are on the left in some rows and on the right in others, so that they
    do not line up.
    """
    if not row.extra:
        return {}
    ends = _gap_ends(drawn(text, (row.start, row.end)))
    count = len(ends)
    each, more = divmod(row.extra, count)
    # Rounded down in rows that begin at an even offset, up in the others.
    slack = count - 1 if row.start % 2 else 0
    return {
        row.start + end: each + ((number + 1) * more + slack) // count - (number * more + slack) // count
        for number, end in enumerate(ends)
    }


def cell_of(laid: Laid, row: Row, offset: int) -> int:
    """The cell of a row in which a character is drawn, counted from the row's prefix on."""
    grown = sum(cells for at, cells in growth(laid.text, row).items() if at < offset)
    return width_of(row.prefix) + width_of(laid.text[row.start : offset]) + grown


def offset_at(laid: Laid, row: Row, cell: int) -> int | None:
    """The offset of the character that is drawn in a cell of a row; None where there is none."""
    cells = growth(laid.text, row)
    right = width_of(row.prefix)
    if cell < right:
        return None
    end = row.start + len(drawn(laid.text, (row.start, row.end)))
    for offset in range(row.start, end):
        right += width_of(laid.text[offset]) + cells.get(offset, 0)
        if cell < right:
            return offset
    return None


class Stretch(NamedTuple):
    """Text that is drawn in one style."""

    text: str
    role: str
    mark: str | None = None
    """"match" or "current" when it belongs to something found."""


def stretches(laid: Laid, row: Row, marks: Sequence[Span] = (), current: Span | None = None) -> list[Stretch]:
    """Split a row's text, without its prefix, into stretches of one style.

    `marks` and `current` are spans of the unit's text. Extra cells look like their gap, a hyphen like its word.
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


def _extra(row: Row, text: str, width: int) -> int:
    """The extra cells that fill a row to a width; 0 where gaps would become too wide."""
    line = drawn(text, (row.start, row.end))
    extra = width - width_of(line) - row.hyphen
    # Ideographs have no gaps, and where such a line may end is a matter of its own.
    if extra <= 0 or is_wide(line) or extra > GROWTH * len(_gap_ends(line)):
        return 0
    return extra


def _gap_ends(line: str) -> list[int]:
    """The last space of each gap between words."""
    return [gap.end() - 1 for gap in re.finditer(_GAP, line)]


def _grown(text: str, start: int, cells: Mapping[int, int]) -> str:
    """A text that begins at offset `start`, with its gaps widened."""
    if not cells:
        return text
    return "".join(char + " " * cells.get(offset, 0) for offset, char in enumerate(text, start))
