"""The two views of the why screen: lines with a cursor, and the reasons for one line."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip

from reader.app.text.flow import ReadingPosition
from reader.app.text.parts import Part, PartsDocument
from reader.app.why.explaining import WhyLine
from reader.app.widgets.line_view import LineView
from reader.parsing.explain import likelihood_words, reading_words

WIDEST: Final = 76
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


class WhyText:
    """Lines with numbers, labels and signs; below a line, the badges that it is the reason for."""

    def __init__(self, lines: Sequence[WhyLine], *, wide: bool) -> None:
        """`lines`: not empty; `wide`: is there room for labels in full?"""
        self.lines = lines
        self.wide = wide
        self._first: list[int] = []
        """The number of the first part of each line."""
        parts: list[Part] = []
        digits, label_width = max(3, len(str(lines[-1].n))), _WIDE if wide else _TIGHT
        for line in lines:
            sign = (
                EVIDENCE if line.badges else CORRECTED if line.corrected else CLOSE if line.why.close else " "
            )
            side = WITHIN if line.own else " "
            label = line.label if wide else _SHORT.get(line.label, line.label)
            first = f"{sign}{line.n:{digits}} {BEGINS if line.begins else side} {label:{label_width}} "
            rest = f"{'':{digits + 2}}{side}"
            role = _GROUPS.get(line.label, "body") if line.own or line.label == "furniture" else "outside"
            self._first.append(len(parts))
            parts.append(Part(role, line.text, 0, first, rest.ljust(len(first)), prefix_role=f"{role}-label"))
            if line.badges:
                badges = " · ".join(line.badges)
                parts.append(
                    Part("reason", badges, 0, f"{rest} {EVIDENCE} ", f"{rest}   ", prefix_role="reason")
                )
        self.document = PartsDocument((), tail=parts)

    def line_of(self, unit: int) -> int:
        return bisect(self._first, self.document.position(unit, 0).block) - 1

    def units_of(self, line: int) -> range:
        units = [self.document.find(ReadingPosition(part, 0))[0] for part in self._first[line : line + 2]]
        return range(units[0], units[1] if len(units) > 1 else len(self.document))


class WhyView(LineView):
    """Lines with a cursor. The view has no key bindings: the screen calls its methods."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        "head": "text-accent bold",
        "head-label": "text-accent bold",
        "figure": "text-secondary",
        "figure-label": "text-secondary",
        "body": "foreground",
        "body-label": "text-primary",
        "people": "text-success",
        "people-label": "text-success",
        "badge": "text-warning bold",
        "badge-label": "text-warning bold",
        "reason": "text-error bold",
        "furniture": "text-muted italic",
        "furniture-label": "text-muted italic",
        "outside": "text-muted",
        "outside-label": "text-muted",
        "cursor": "block-cursor-foreground on block-cursor-background",
        "cursor-blurred": "block-cursor-blurred-foreground on block-cursor-blurred-background",
    }

    class Clicked(Message):
        """A line was clicked."""

        def __init__(self, line: int) -> None:
            super().__init__()
            self.line = line

    _lines: WhyText | None = None
    cursor = 0
    """The index of the line under the cursor."""

    def show(self, lines: Sequence[WhyLine], cursor: int, *, stay: bool = False) -> None:
        """Show lines with the cursor on one of them; `stay` keeps the scroll position as far as possible."""
        place = self.position if stay else None
        self._lines = WhyText(lines, wide=self._is_wide)
        self.cursor = cursor
        self.set_document(self._lines.document, place)
        self._show_cursor()

    @property
    def _is_wide(self) -> bool:
        return self.column(self.room.width)[1] >= LONG_LABEL_WIDTH

    @property
    def line(self) -> WhyLine | None:
        return None if self._lines is None else self._lines.lines[self.cursor]

    def move(self, how: str) -> bool:
        """Move the cursor by "down", "page_up", "top" and so on.

        False if the cursor stays, though the view may have scrolled within a long line.
        """
        if self._lines is None or self.flow is None:
            return False
        if how in ("top", "bottom"):
            return self.move_to(0 if how == "top" else len(self._lines.lines) - 1)
        step, height = 1 if how.endswith("down") else -1, max(1, self.size.height)
        line = self.cursor
        if rows := {"page": height - 1, "half": height // 2}.get(how.partition("_")[0]):
            top, bottom = self._rows(self.cursor)
            row = bottom - 1 + rows if step > 0 else top - rows
            line = self._lines.line_of(self.flow.locate(min(max(0, row), self.flow.total - 1))[0])
        if line == self.cursor:
            if self._scrolled_within(step):
                return False
            line += step
        return self.move_to(line)

    def move_to(self, line: int) -> bool:
        """Move the cursor to a line, or the nearest one; False if it is there already."""
        if self._lines is None:
            return False
        line = min(max(0, line), len(self._lines.lines) - 1)
        moved, self.cursor = line != self.cursor, line
        self._show_cursor()
        self.refresh(self.size.region)
        return moved

    def _rows(self, line: int) -> tuple[int, int]:
        """The first row of a line and the row after its last."""
        assert self._lines is not None
        assert self.flow is not None
        units = self._lines.units_of(line)
        last = self.flow.row(units[-1], 0)
        return self.flow.row(units[0], 0), last + len(self.flow.layout(units[-1]).rows)

    def _scrolled_within(self, step: int) -> bool:
        """Scroll within the cursor's line if it has hidden rows in this direction; else return False."""
        height, y = self.size.height, self.scroll_offset.y
        top, bottom = self._rows(self.cursor)
        if step > 0 and bottom > y + height and top <= y:
            self.move_to_row(min(y + max(1, height // 2), bottom - height))
        elif step < 0 and top < y and bottom > y:
            self.move_to_row(max(y - max(1, height // 2), top))
        else:
            return False
        return True

    @property
    def caret(self) -> Offset:
        if self._lines is None or self.flow is None:
            return Offset(0, 0)
        return Offset(0, max(0, self._rows(self.cursor)[0] - self.scroll_offset.y))

    def under_cursor(self) -> Iterator[str]:
        if (line := self.line) is not None:
            yield f"Line {line.n}, {line.label}: {line.text}"
            yield from line.badges

    def _show_cursor(self) -> None:
        if self._lines is None or self.flow is None or not self.size.height:
            return
        height, y = self.size.height, self.scroll_offset.y
        top, bottom = self._rows(self.cursor)
        if top < y or bottom - top >= height:
            y = top
        elif bottom > y + height:
            y = bottom - height
        if y != self.scroll_offset.y:
            self.move_to_row(y)

    def lay_out(self) -> None:
        """Keep the cursor visible when the text is wrapped again."""
        if self._lines is not None and self._lines.wide != self._is_wide:
            self._lines = WhyText(self._lines.lines, wide=self._is_wide)
            self.document = self._lines.document
            self.flow = None
        before = self.flow
        super().lay_out()
        if self.flow is not before:
            self._show_cursor()

    def column(self, width: int) -> tuple[int, int]:
        """Leave a cell at the left for the cursor."""
        return 1, max(2, width - 1)

    def render_line(self, y: int) -> Strip:
        """Draw a row; the rows of the cursor's line have its colours."""
        strip = super().render_line(y)
        row = self.scroll_offset.y + y
        if self.flow is None or self._lines is None or row >= self.flow.total:
            return strip
        if self._lines.line_of(self.flow.locate(row)[0]) != self.cursor:
            return strip
        cursor = self._cursor_style()
        segments = list(strip)
        segments[0] = Segment("▌", cursor)
        return Strip([segments[0], *(Segment(s.text, _on(cursor, s.style)) for s in segments[1:])])

    def _cursor_style(self) -> Style:
        if not self.has_focus:
            return self.looks["cursor-blurred"]
        style = self.looks["cursor"]
        return style + Style(reverse=True) if self.app.no_color else style

    def on_resize(self) -> None:
        super().on_resize()
        self._show_cursor()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or self.flow is None or self._lines is None:
            return
        row = self.scroll_offset.y + offset.y
        if row < self.flow.total:
            self.post_message(self.Clicked(self._lines.line_of(self.flow.locate(row)[0])))


def _on(cursor: Style, style: Style | None) -> Style:
    """The cursor's colours with the bold and italics of the text's style."""
    return cursor + Style(bold=style.bold, italic=style.italic) if style else cursor


class WhyDetails(LineView):
    """The reasons for one line."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        "reason": "text-error bold",
        "said": "text-warning",
        "heading": "text-primary bold",
        "for": "foreground",
        "against": "text-muted",
        "note": "text-muted",
        "mark": "text-accent",
    }

    def column(self, width: int) -> tuple[int, int]:
        return 1, min(WIDEST, max(2, width - 2))


def reasons_document(line: WhyLine, corrections: Sequence[str], confidence: str) -> PartsDocument:
    """Explain the label of a line: corrections, the next-best reading, the reasons for and against.

    `corrections`: what a reader has said about it; `confidence`: how surely its article was read.
    """
    why = line.why
    parts = [Part("for", "An article begins here.", 0)] if why.reading.begins else []
    parts += [Part("reason", badge, 0, f"{EVIDENCE} ", "  ") for badge in line.badges]
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
