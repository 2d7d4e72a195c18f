"""Typesets paragraphs as rows, justified, hyphenated and spaced as the reader wants, and rows as runs of text."""

import os
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from reader.app.text.wrapping import Hyphenate, drawn, is_wide, lines_of, width_of
from reader.errors import ReaderError
from reader.extras import needs_extra


class Insertion(NamedTuple):
    """Words drawn within a unit's text that are no part of it, such as the sign of a note."""

    offset: int
    """They are drawn before this character of the text."""
    text: str
    belongs_to: int
    """The character that a click on them hits."""


class Row(NamedTuple):
    """One row of a unit."""

    start: int
    """Offset of the first character in the unit's text; negative for rows of a picture above the text."""
    end: int
    """Offset after the last character; trailing spaces are not drawn."""
    prefix: str = ""
    """Drawn before the text: a bullet, a bar, a number."""
    hyphen: bool = False
    """Does the row end within a word? Then a hyphen is drawn."""
    extra: int = 0
    """How many cells to add to the gaps between words, to justify the row."""
    suffix: str = ""
    """Drawn in the last cells of the text's column, in the role of prefixes: the right side of a box."""
    insertions: tuple[Insertion, ...] = ()
    """Words drawn within the row's text, in order."""


class StyledSpan(NamedTuple):
    """A span of a unit's text that is drawn in a role of its own, such as a link or a match of a search."""

    start: int
    end: int
    role: str


class UnitLayout(NamedTuple):
    """A unit laid out at a width."""

    text: str
    rows: Sequence[Row]
    """At least one, in order; starts never decrease."""
    role: str
    """The role in which its text is drawn."""
    prefix_role: str
    """The role in which prefixes of rows are drawn."""
    styled: Sequence[StyledSpan] = ()
    """Spans of the text drawn in another role, in order, not overlapping."""

    def drawn_end(self, row: Row) -> int:
        """Offset after the last character that is drawn of a row: trailing spaces are not."""
        return row.start + len(self.text[row.start : row.end].rstrip(" "))


# Paragraphs as rows

JUSTIFIED_FROM = 40
"""Shorter lines, in cells, are not justified: their gaps would be too wide."""
MAX_GAP_GROWTH = 2
"""How many cells a gap may grow; a line that needs more stays ragged."""
HYPHEN = "-"
MIN_BEFORE, MIN_AFTER = 2, 3
"""A word has at least this many letters before a hyphen and after it."""
INSERTED = "inserted"
"""The role of words that are drawn within a text but are no part of it."""
INDENT = "  "
"""The indent of a paragraph with no empty row before it."""
_GAP = r"(?<=[^ ]) +(?=[^ ])"


class Typesetting(NamedTuple):
    """How the paragraphs of a body are typeset."""

    line_spacing: int = 0
    """Empty rows after each line."""
    paragraph_spacing: int = 1
    """Empty rows after each paragraph, in addition."""
    justified: bool = False
    hyphenate: Hyphenate | None = None
    """Finds where words can be broken; None if they are not."""


PLAIN = Typesetting()
"""The typesetting of all parts but the body."""


def typeset_rows(
    text: str,
    width: int,
    typesetting: Typesetting,
    *,
    first: str = "",
    rest: str = "",
    begins: bool = True,
    insertions: Sequence[Insertion] = (),
) -> list[Row]:
    """Break a one-line `text` into rows of at most `width` cells, at least one, whose spans cover the text.

    The prefix of rows is `rest`, or `first` for the first row if the text `begins` a paragraph. The last row is never
    justified. `insertions`, in order, take room but do not count as text.
    """
    room = width - width_of(rest)
    indent = width_of(first) - width_of(rest) if begins else 0
    drawn_text = text
    for insertion in reversed(insertions):
        drawn_text = drawn_text[: insertion.offset] + insertion.text + drawn_text[insertion.offset :]
    lines = lines_of(drawn_text, room, indent=indent, hyphenate=typesetting.hyphenate)
    rows: list[Row] = []
    for number, (start, end, hyphen) in enumerate(lines):
        is_first = begins and not number
        row = Row(start, end, first if is_first else rest, hyphen)
        if insertions:
            row = _without_insertions(row, drawn_text, insertions)
        if typesetting.justified and room >= JUSTIFIED_FROM and number + 1 < len(lines):
            row = row._replace(extra=_extra(row, text, room - (indent if is_first else 0)))
        rows.append(row)
        rows += [Row(row.end, row.end, rest)] * typesetting.line_spacing
    return rows


def _without_insertions(row: Row, drawn_text: str, insertions: Sequence[Insertion]) -> Row:
    """Turn a row of a text with insertions into a row of the text alone, with the insertions that it shows."""
    line_end = row.start + len(drawn(drawn_text, (row.start, row.end)))
    start, end, shown, inserted = row.start, row.end, [], 0
    for insertion in insertions:
        first = insertion.offset + inserted
        last = first + len(insertion.text)
        inserted += len(insertion.text)
        start -= max(0, min(last, row.start) - first)
        end -= max(0, min(last, row.end) - first)
        if piece := drawn_text[max(first, row.start) : min(last, line_end)]:
            shown.append(insertion._replace(text=piece))
    return row._replace(start=start, end=end, insertions=tuple(shown))


def gap_growth(text: str, row: Row) -> dict[int, int]:
    """The cells to add to each gap of a row, by the offset of the gap's last space in `text`.

    Cells are spread evenly. The wider gaps come on the left in some rows and on the right in others, so that they do
    not line up.
    """
    if not row.extra:
        return {}
    ends = _gap_ends(drawn(text, (row.start, row.end)))
    count = len(ends)
    each, remainder = divmod(row.extra, count)
    # Round down in rows that begin at an even offset, and up in the others.
    slack = count - 1 if row.start % 2 else 0
    return {
        row.start + end: each
        + ((number + 1) * remainder + slack) // count
        - (number * remainder + slack) // count
        for number, end in enumerate(ends)
    }


def cell_of(layout: UnitLayout, row: Row, offset: int) -> int:
    """The cell in which a character of a row is drawn, counted from the start of its prefix."""
    grown = sum(cells for at, cells in gap_growth(layout.text, row).items() if at < offset)
    inserted = sum(width_of(insertion.text) for insertion in row.insertions if insertion.offset <= offset)
    return width_of(row.prefix) + width_of(layout.text[row.start : offset]) + grown + inserted


def offset_at(layout: UnitLayout, row: Row, cell: int) -> int | None:
    """The offset of the character drawn in a cell of a row; None if there is none."""
    right = width_of(row.prefix)
    if cell >= right:
        for offset, text, _ in _drawn_characters(layout, row):
            right += width_of(text)
            if cell < right:
                return offset
    return None


def _drawn_characters(layout: UnitLayout, row: Row) -> Iterator[tuple[int, str, bool]]:
    """Yield what a row draws after its prefix: an offset, the words drawn for it, and whether they are inserted."""
    text, end = layout.text, layout.drawn_end(row)
    growth, insertions = gap_growth(text, row), list(row.insertions)
    for offset in range(row.start, end + 1):
        while insertions and (insertions[0].offset <= offset or offset == end):
            yield insertions[0].belongs_to, insertions.pop(0).text, True
        if offset < end:
            yield offset, text[offset] + " " * growth.get(offset, 0), False


class TextRun(NamedTuple):
    """A run of text in one style."""

    text: str
    role: str
    look: str | None = None
    """The look of the mark that it is a part of."""


def text_runs(layout: UnitLayout, row: Row, marks: Sequence[StyledSpan] = ()) -> list[TextRun]:
    """Split a row's text, without its prefix, into runs of one style.

    `marks` are spans of the unit's text; where they overlap, the last one counts. Added cells are styled like their
    gap, a hyphen like its word.
    """
    marks = [mark for mark in reversed(marks) if mark.start < row.end and mark.end > row.start]
    styled = [span for span in layout.styled if span.start < row.end and span.end > row.start]

    def style(character: tuple[int, str, bool]) -> tuple[str, str | None]:
        offset, _, is_inserted = character
        if is_inserted:
            return INSERTED, None
        role = next((span.role for span in styled if span.start <= offset < span.end), layout.role)
        return role, next((mark.role for mark in marks if mark.start <= offset < mark.end), None)

    if marks or styled or row.insertions or row.extra:
        runs = [
            TextRun("".join(text for _, text, _ in characters), role, look)
            for (role, look), characters in groupby(_drawn_characters(layout, row), style)
        ]
    else:  # Most rows are in one style.
        text = layout.text[row.start : layout.drawn_end(row)]
        runs = [TextRun(text, layout.role)] if text else []
    if row.hyphen:
        runs[-1] = runs[-1]._replace(text=runs[-1].text + HYPHEN)
    return runs


def _extra(row: Row, text: str, width: int) -> int:
    """The cells that justify a row to a width; 0 if gaps would become too wide."""
    line = drawn(text, (row.start, row.end))
    extra = (
        width - width_of(line) - row.hyphen - sum(width_of(insertion.text) for insertion in row.insertions)
    )
    # Ideographs have no gaps between words.
    if extra <= 0 or is_wide(line) or extra > MAX_GAP_GROWTH * len(_gap_ends(line)):
        return 0
    return extra


def _gap_ends(line: str) -> list[int]:
    """The offsets of the last space of each gap between words."""
    return [gap.end() - 1 for gap in re.finditer(_GAP, line)]


# Hyphenation
class HyphenationError(ReaderError):
    """Words of a language cannot be hyphenated; the message says why."""


def load_hyphenation(wanted: str) -> Hyphenate | None:
    """Load the hyphenation for a setting, "off", "auto" or a language; None if words stay whole.

    Loading a dictionary takes some 50 ms. Raises HyphenationError if pyphen is missing or does not know the language;
    with "auto", an unknown language is no error.
    """
    language = terminal_language() if wanted == "auto" else wanted
    if language is None or wanted == "off":
        return None
    try:
        import pyphen  # An optional extra.

        dictionary: Any = pyphen.Pyphen(lang=language, left=MIN_BEFORE, right=MIN_AFTER)
    except ImportError as error:
        raise HyphenationError(needs_extra("Hyphenation", "hyphenation")) from error
    except KeyError as error:
        if wanted == "auto":
            return None
        unknown = f"There is no hyphenation for “{wanted}”; choose a language such as en_US, or off"
        raise HyphenationError(unknown) from error
    # Leave out breaks that would change letters, such as "Zucker" to "Zuk-ker" in old German.
    return lambda word: [int(point) for point in dictionary.positions(word) if point.data is None]


def terminal_language() -> str | None:
    """The language of the terminal's locale, such as "en_US"; None if it has none."""
    locale = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    language = re.split("[.@]", locale)[0]
    return None if language in ("", "C", "POSIX") else language
