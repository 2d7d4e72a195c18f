"""The lines of an article as they were read, and the reasons for one of them, as documents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from reader.app.text.cells import fit, pad
from reader.app.text.flow import Document, Laid, ReadingPosition, Row
from reader.app.text.parts import Part, PartsDocument
from reader.app.text.wrapping import PIECE, estimates, pieces, width_of, wrap
from reader.app.widgets.bar_texts import Hint, Piece, key_line
from reader.model import REASONS, Article, Page, Reason
from reader.parsing.explain import LineReason, likelihood_words, reading_words
from reader.sanitize import sanitize

CONTEXT: Final = 3
"""So many lines before and after the article are shown too: they may belong to it."""
ROOMY: Final = 60
"""From so many columns on labels are written out."""
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
GROUPS: Final = tuple(dict.fromkeys(_GROUPS.values()))
"""The kinds of labels that have a colour of their own."""
EVIDENCE, CORRECTED, CLOSE = "▶", "=", "?"
"""What stands before the number of a line that shows a badge's reason, that a reader has corrected, that was close."""
BEGINS, WITHIN = "┌", "│"
"""What joins the lines of the article, from the one it begins with."""


class WhyLine(NamedTuple):
    """One non-empty line of a capture."""

    at: int
    """Which of the capture's non-empty lines it is, from 0."""
    n: int
    """Its number, from 1."""
    text: str
    label: str
    own: bool
    """Whether it belongs to the article."""
    begins: bool
    """Whether an article begins with it."""
    corrected: bool
    """Whether something has been said of it."""
    badges: tuple[str, ...] = ()
    """What it shows: "TRUNCATED: a “keep reading” marker closes the text"."""


def article_in(page: Page, first_line: int, last_line: int) -> Article | None:
    """The article of a page that has most of these lines; None when none has any."""

    def shared(article: Article) -> int:
        return min(article.last_line, last_line) - max(article.first_line, first_line) + 1

    found = max(page.articles, key=shared, default=None)
    return found if found is not None and shared(found) > 0 else None


def why_lines(
    page: Page, texts: Sequence[str], article: Article | None, said: Collection[int]
) -> list[WhyLine]:
    """The article's lines with a few around it, or all of a page without articles.

    `texts` are the page's non-empty lines; `said` the numbers of those that a reader has said something of.
    """
    numbers, labels, owners = page.labels
    start, stop = 0, len(numbers)
    badges: dict[int, list[str]] = {}
    if article is not None:
        start = max(0, numbers.index(article.first_line) - CONTEXT)
        stop = min(len(numbers), numbers.index(article.last_line) + 1 + CONTEXT)
        for name, reason in (("TRUNCATED", article.truncated), ("SPONSORED", article.sponsored)):
            if reason is not None:
                badges.setdefault(reason.line, []).append(f"{name}: {_because(reason)}")
    position = None if article is None else article.position
    firsts = {one.first_line for one in page.articles}
    return [
        WhyLine(
            i,
            n := numbers[i],
            texts[i],
            labels[i],
            owners[i] == position and position is not None,
            n in firsts,
            n in said,
            tuple(badges.get(n, ())),
        )
        for i in range(start, stop)
    ]


def _because(reason: Reason) -> str:
    return f"because {REASONS.get(reason.because, reason.because)}"


class _Unit(NamedTuple):
    line: int
    """Which of the lines shown."""
    start: int
    """The first of its characters; -1 for what it shows of the article's badges."""
    end: int


class WhyDocument(Document):
    """Lines with numbers, labels and marks. A place's block is which of the lines it is, from 0."""

    def __init__(self, lines: Sequence[WhyLine], close: Collection[int] = ()) -> None:
        """`lines`: at least one; `close`: numbers of lines whose reading was close."""
        self.lines = lines
        self.close = set(close)
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
        """By length alone."""
        sample = self.lines[len(self.lines) // 2].text[:200]
        lengths = (80 if unit.start < 0 else unit.end - unit.start for unit in self._units)
        return estimates(lengths, sample, width - self._indent(width))

    def text(self, unit: int) -> str:
        """The line or a piece of it, or the badges that it is the reason for."""
        number, start, end = self._units[unit]
        line = self.lines[number]
        return sanitize(line.text[start:end]) if start >= 0 else " · ".join(line.badges)

    def lay_out(self, unit: int, width: int) -> Laid:
        """The rows, the first of a line with its number and label."""
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
            return Laid(text, rows, "reason", "reason")
        rows = [Row(*span, blank) for span in wrap(text, width - indent)]
        if not start:
            rows[0] = rows[0]._replace(prefix=self._prefix(line, width))
        role = _GROUPS.get(line.label, "body") if line.own or line.label == "furniture" else "outside"
        return Laid(text, rows, role, f"{role}-label")

    def _prefix(self, line: WhyLine, width: int) -> str:
        mark = EVIDENCE if line.badges else CORRECTED if line.corrected else " "
        mark = CLOSE if mark == " " and line.n in self.close else mark
        bracket = BEGINS if line.begins else WITHIN if line.own else " "
        label = line.label if width >= ROOMY else _SHORT.get(line.label, line.label)
        return f"{mark}{line.n:{self._digits}} {bracket} {pad(label, self._label_width(width))} "

    def _indent(self, width: int) -> int:
        return self._digits + self._label_width(width) + 5

    def _label_width(self, width: int) -> int:
        return _WIDE if width >= ROOMY else _TIGHT

    def line_of(self, unit: int) -> int:
        """Which of the lines a unit belongs to."""
        return self._units[unit].line

    def units_of(self, line: int) -> range:
        """The units of a line."""
        last = self._first[line + 1] if line + 1 < len(self._first) else len(self._units)
        return range(self._first[line], last)

    def goes_on(self, unit: int) -> bool:
        """Whether the next unit is a piece of the same line."""
        return unit + 1 < len(self) and self._units[unit + 1].start > 0

    def place(self, unit: int, offset: int) -> ReadingPosition:
        """Badges count as the end of their line."""
        number, start, _ = self._units[unit]
        return ReadingPosition(number, start + offset if start >= 0 else len(self.lines[number].text))

    def find_place(self, place: ReadingPosition) -> tuple[int, int]:
        """The unit with that character of the line."""
        line = min(max(0, place.block), len(self.lines) - 1)
        units = [unit for unit in self.units_of(line) if 0 <= self._units[unit].start <= place.offset]
        unit = units[-1] if units else self._first[line]
        return unit, max(0, place.offset - self._units[unit].start)

    def nearest(self, n: int) -> int:
        """Which line has a number, or is the next one after it; the last when there is none."""
        return next((at for at, line in enumerate(self.lines) if line.n >= n), len(self.lines) - 1)


_QUOTED = 60


class WhyState(NamedTuple):
    """What the lines above and below tell."""

    title: str = ""
    badges: tuple[str, ...] = ()
    line: int = 0
    """The number of the line under the cursor; 0 while the capture is being read."""
    reading: str = ""
    """What it was read as."""
    closes: int = 0
    """How many lines are known whose reading was close."""
    scrolling: bool = False
    """Whether the reasons have the keys, not the lines."""


def heading(state: WhyState, width: int) -> list[Piece]:
    """Whose lines they are, and the badges."""
    badges = " ".join(state.badges)
    right = f" {badges} " if badges and width >= 60 else ""
    title = fit(f" Why ─ {sanitize(state.title)} ", max(0, width - width_of(right) - 1))
    rule = "─" * max(0, width - width_of(title) - width_of(right))
    return [
        Piece(title, "bar--title"),
        Piece(rule, "bar--rule"),
        Piece(right, "bar--alert" if right else "bar--text"),
    ]


def legend(state: WhyState, width: int) -> list[Piece]:
    """Which line the reasons are of."""
    said = f" line {state.line:,} ─ {state.reading} " if state.line else " "
    said = fit(said, width)
    return [Piece(said, "bar--title"), Piece("─" * (width - width_of(said)), "bar--rule")]


def footer(state: WhyState, width: int) -> list[Piece]:
    """The keys that matter."""
    hints: list[Hint] = [
        ("{move.down}/{move.up}", "scroll" if state.scrolling else "line", "move('down')"),
        ("{why.correct}", "correct", "correct"),
        ("{find.next}/{find.previous}", "close call", "close_call(1)"),
        ("{panes.other}", "lines" if state.scrolling else "reasons", "other"),
        ("{view.raw}", "raw", "raw"),
        ("{state.undo}", "undo", "undo"),
    ]
    place = f"{state.closes:,} close " if state.closes and width >= 70 else ""
    return key_line(hints, ("{panes.back}", "back", "close"), place, width)


def details(why: LineReason | None, badges: Sequence[str], said: Sequence[str]) -> PartsDocument:
    """Why a line was read as it was: who said so, the next-best reading, what spoke for and against.

    `badges` are what the line shows of its article, `said` what a reader has said of it.
    """
    if why is None:
        return PartsDocument((Part("note", "Looking for reasons…"),))
    parts = [Part("reason", badge, 0, "▶ ", "  ") for badge in badges]
    parts += [Part("said", f"You have said that {sentence}.", 0, "= ", "  ") for sentence in said]
    if why.said is not None and not said:
        parts.append(Part("said", f"{_capital(why.said)} says so.", 0))
    if why.other is None:
        parts.append(Part("heading", "Nothing else comes near", 0))
        parts += [Part("for", f"{reason.words}", 0, "  ", "  ") for reason in why.reasons]
        return PartsDocument(parts)
    speaking = [reason for reason in why.reasons if reason.nats > 0]
    against = [reason for reason in why.reasons if reason.nats < 0]
    next_best = f"Next best: {reading_words(why.other)}, {likelihood_words(why.worse)} ({why.worse:.1f})"
    parts.append(Part("heading", next_best, 0))
    parts += [Part("for", f"{reason.words} ({reason.nats:.1f})", 0, "+ ", "  ") for reason in speaking]
    parts += [Part("against", f"{reason.words} ({-reason.nats:.1f})", 0, "− ", "  ") for reason in against]
    parts.append(Part("note", "+ speaks for the reading, − for the next best; in nats.", 0))
    return PartsDocument(parts)


def quoted(text: str) -> str:
    """A line in quotation marks, cut where it is long."""
    text = sanitize(text)
    return f"“{text if len(text) <= _QUOTED else text[: _QUOTED - 1].rstrip() + '…'}”"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
