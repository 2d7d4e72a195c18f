"""The documents of the why screen: the labelled lines of an article, and the reasons for one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from reader.app.text.flow import Document, ReadingPosition, Row, UnitLayout
from reader.app.text.parts import Part, PartsDocument
from reader.app.text.wrapping import PIECE, estimates, pad, pieces, wrap
from reader.app.why.explaining import WhyLine
from reader.parsing.explain import likelihood_words, reading_words
from reader.sanitize import sanitize

LONG_LABEL_WIDTH: Final = 60
"""From this many columns on, labels are written in full."""
_WIDE, _TIGHT = 13, 9
_SHORT: Final = {"sponsor label": "paid for"}
_GROUPS: Final = {
    **dict.fromkeys(("kicker", "headline", "deck"), "head"),
    **dict.fromkeys(("alt", "caption", "credit"), "figure"),
    **dict.fromkeys(("paragraph", "subhead", "item", "signoff"), "body"),
    **dict.fromkeys(("author", "byline", "bio", "date"), "people"),
    **dict.fromkeys(("sponsor label", "sponsor", "marker"), "badge"),
    "furniture": "furniture",
}
EVIDENCE, CORRECTED, CLOSE = "▶", "=", "?"
"""Signs before a line's number: it is the reason for a badge, a reader has corrected it, its reading was close."""
BEGINS, WITHIN = "┌", "│"
"""The bracket that joins the lines of an article, from its first line on."""


class _Unit(NamedTuple):
    line: int
    """Index of the line among those shown."""
    start: int
    """First character; -1 for the line's badges."""
    end: int


class WhyDocument(Document):
    """Lines with numbers, labels and signs. The block of a position is the index of a line."""

    def __init__(self, lines: Sequence[WhyLine]) -> None:
        """`lines`: not empty."""
        self.lines = lines
        self._units: list[_Unit] = []
        self._first: list[int] = []
        for number, line in enumerate(lines):
            self._first.append(len(self._units))
            if len(line.text) <= PIECE:
                self._units.append(_Unit(number, 0, len(line.text)))
            else:
                self._units += [_Unit(number, start, end) for start, end in pieces(line.text)]
            if line.badges:
                self._units.append(_Unit(number, -1, -1))
        self._digits = max(3, len(str(lines[-1].n)))

    def __len__(self) -> int:
        return len(self._units)

    def estimates(self, width: int) -> list[int]:
        """Estimate by length only."""
        sample = self.lines[len(self.lines) // 2].text[:200]
        lengths = (80 if unit.start < 0 else unit.end - unit.start for unit in self._units)
        return estimates(lengths, sample, width - self._indent(width))

    def text(self, unit: int) -> str:
        """A line or a piece of it, or its badges."""
        number, start, end = self._units[unit]
        line = self.lines[number]
        return sanitize(line.text[start:end]) if start >= 0 else " · ".join(line.badges)

    def lay_out(self, unit: int, width: int) -> UnitLayout:
        """The rows; the first row of a line has its number and label."""
        number, start, _ = self._units[unit]
        line, text = self.lines[number], self.text(unit)
        indent = self._indent(width)
        bracket = WITHIN if line.own else " "
        blank = " " * (self._digits + 2) + bracket
        blank += " " * (indent - len(blank))
        if start < 0:
            before = " " * (self._digits + 2) + bracket + " " + EVIDENCE + " "
            rest = before.replace(EVIDENCE, " ")
            rows = [Row(*span, rest) for span in wrap(text, width - len(before))]
            rows[0] = rows[0]._replace(prefix=before)
            return UnitLayout(text, rows, "reason", "reason")
        rows = [Row(*span, blank) for span in wrap(text, width - indent)]
        if not start:
            rows[0] = rows[0]._replace(prefix=self._prefix(line, width))
        role = _GROUPS.get(line.label, "body") if line.own or line.label == "furniture" else "outside"
        return UnitLayout(text, rows, role, f"{role}-label")

    def _prefix(self, line: WhyLine, width: int) -> str:
        mark = EVIDENCE if line.badges else CORRECTED if line.corrected else CLOSE if line.why.close else " "
        bracket = BEGINS if line.begins else WITHIN if line.own else " "
        label = line.label if width >= LONG_LABEL_WIDTH else _SHORT.get(line.label, line.label)
        return f"{mark}{line.n:{self._digits}} {bracket} {pad(label, self._label_width(width))} "

    def _indent(self, width: int) -> int:
        return self._digits + self._label_width(width) + 5

    def _label_width(self, width: int) -> int:
        return _WIDE if width >= LONG_LABEL_WIDTH else _TIGHT

    def line_of(self, unit: int) -> int:
        """The index of the line of a unit."""
        return self._units[unit].line

    def units_of(self, line: int) -> range:
        """The units of a line."""
        last = self._first[line + 1] if line + 1 < len(self._first) else len(self._units)
        return range(self._first[line], last)

    def continues(self, unit: int) -> bool:
        """Does the next unit continue the same line?"""
        return unit + 1 < len(self) and self._units[unit + 1].start > 0

    def position(self, unit: int, offset: int) -> ReadingPosition:
        """The position of a character; badges are at the end of their line."""
        number, start, _ = self._units[unit]
        return ReadingPosition(number, start + offset if start >= 0 else len(self.lines[number].text))

    def find(self, position: ReadingPosition) -> tuple[int, int]:
        """The unit with the character at a position."""
        line = min(max(0, position.block), len(self.lines) - 1)
        units = [unit for unit in self.units_of(line) if 0 <= self._units[unit].start <= position.offset]
        unit = units[-1] if units else self._first[line]
        return unit, max(0, position.offset - self._units[unit].start)

    def nearest(self, n: int) -> int:
        """The index of the line with a number, or of the next line; the last line if there is none."""
        return next((at for at, line in enumerate(self.lines) if line.n >= n), len(self.lines) - 1)


def reasons_document(line: WhyLine, corrections: Sequence[str], confidence: str) -> PartsDocument:
    """Explain the label of a line: corrections, the next-best reading, the reasons for and against.

    `corrections`: what a reader has said about it; `confidence`: how surely its article was read.
    """
    why = line.why
    parts = [Part("reason", badge, 0, f"{EVIDENCE} ", "  ") for badge in line.badges]
    parts += [
        Part("said", f"You said that {sentence}.", 0, f"{CORRECTED} ", "  ") for sentence in corrections
    ]
    if why.said is not None and not corrections:
        parts.append(Part("said", f"{why.said[:1].upper()}{why.said[1:]} says so.", 0))
    if why.other is None:
        parts.append(Part("heading", "No other reading comes close", 0))
        parts += [Part("for", reason.words, 0, "  ", "  ") for reason in why.reasons]
    else:
        next_best = f"Next best: {reading_words(why.other)}, {likelihood_words(why.worse)} ({why.worse:.1f})"
        parts.append(Part("heading", next_best, 0))
        for role, sign, side in (("for", "+ ", 1), ("against", "− ", -1)):
            parts += [
                Part(role, f"{reason.words} ({abs(reason.nats):.1f})", 0, sign, "  ")
                for reason in why.reasons
                if reason.nats * side > 0
            ]
        parts.append(Part("note", "+ supports this reading, − the next best; larger numbers weigh more.", 0))
    return PartsDocument([*parts, *([Part("note", confidence, 0)] if confidence else [])])
