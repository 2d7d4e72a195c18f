"""How the lines of an article were read, and the two views of them: lines with a cursor, reasons for one line."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip

from reader.app.text.document import Document, Part, ReadingPosition
from reader.app.widgets.drawing import cursor_style
from reader.app.widgets.line_view import LineView
from reader.library import Library, StoredArticle
from reader.library.state import corrections
from reader.library.state.corrections import Correction
from reader.model import REASONS, Article
from reader.parsing import parse_capture
from reader.parsing.explain import Explainer, LineReason, likelihood_words, reading_words, rival_words

# Explaining

CONTEXT: Final = 3
"""Lines shown before and after the article: they may belong to it."""
_PORTION: Final = 100
"""How many lines are explained at a time."""


class WhyLine(NamedTuple):
    """A line of a capture that is not empty."""

    n: int
    """Its number in the capture, from 1."""
    text: str
    label: str
    own: bool
    begins: bool
    corrected: bool
    badges: tuple[str, ...]
    """Badges that it is the reason for: "TRUNCATED: because a “keep reading” marker closes the text"."""
    why: LineReason


class Explained(NamedTuple):
    """An article and the reasons for its reading."""

    digest: bytes
    """Identifies the text of the capture."""
    article: Article | None
    """The article parsed with all current corrections; None if none is there any more."""
    portions: Iterator[Sequence[WhyLine]]
    """The lines of the article and a few around it; each portion is explained when it is asked for."""
    corrections: Sequence[Correction]
    sections: Sequence[str]
    confidence: str
    """How surely the article was read, in words."""
    start: int
    """The number of the line to start on."""


def explain_capture(library: Library, stored: StoredArticle, paragraph: str = "") -> Explained:
    """Read the capture of an article again, as it was read when it was added.

    `paragraph`: the one to start on, "" for the article's first line.
    """
    made = library.corrections(stored.digest)
    corrected = {correction.line for correction in made}
    capture = library.capture(stored.capture_key)
    explainer = Explainer(corrections.with_corrections(capture, made))
    page = explainer.page
    first, last = stored.article.first_line, stored.article.last_line

    def shared(article: Article) -> int:
        return min(article.last_line, last) - max(article.first_line, first) + 1

    article = max(page.articles, key=shared, default=None)
    badges: dict[int, list[str]] = {}
    if article is not None and shared(article) > 0:
        first, last = article.first_line, article.last_line
        for name, reason in (("TRUNCATED", article.truncated), ("SPONSORED", article.sponsored)):
            if reason is not None:
                sentence = f"{name}: because {REASONS.get(reason.because, reason.because)}"
                badges.setdefault(reason.line, []).append(sentence)
    else:
        article = None
    numbers, labels, owners = page.labels
    within = [i for i, n in enumerate(numbers) if first <= n <= last]
    start, stop = 0, 0
    if within:
        start, stop = max(0, within[0] - CONTEXT), min(len(numbers), within[-1] + 1 + CONTEXT)
    beginnings = {other.first_line for other in page.articles}

    def portion(at: int) -> list[WhyLine]:
        return [
            WhyLine(
                n := numbers[why.at],
                explainer.texts[why.at],
                labels[why.at],
                article is not None and owners[why.at] == article.position,
                n in beginnings,
                n in corrected,
                tuple(badges.get(n, ())),
                why,
            )
            for why in explainer.explain(at, min(stop, at + _PORTION))
        ]

    portions = (portion(at) for at in range(start, stop, _PORTION))
    return Explained(
        stored.digest,
        article,
        portions,
        made,
        [section.name for section in library.sections()],
        _confidence(explainer, article, corrected),
        next((numbers[i] for i in within if paragraph and explainer.texts[i].endswith(paragraph)), first),
    )


def line_labels(library: Library, digest: bytes) -> dict[int, str]:
    """Return the label of each line of a kept capture by its number, as it is read with the current corrections."""
    kept = library.kept_capture(digest)
    if kept is None:
        return {}
    page = parse_capture(corrections.with_corrections(library.capture(kept[0]), library.corrections(digest)))
    numbers, labels, _ = page.labels
    return dict(zip(numbers, labels, strict=True))


def _confidence(explainer: Explainer, article: Article | None, corrected: set[int]) -> str:
    """How surely an article was read, as "Confidence in the article: 0.62. The next best …"; "" if unknown."""
    if article is None or article.confidence is None:
        return ""
    rival = explainer.rival(article)
    if rival is None and any(article.first_line <= n <= article.last_line for n in corrected):
        return "You have corrected this article, so it is not doubtful."
    if rival is None:
        return "Confidence in the article: 1. No other reading comes close."
    words = rival_words(rival)
    return f"Confidence in the article: {article.confidence:.2f}. {words[:1].upper()}{words[1:]}."


# The views

WIDEST: Final = 76
LONG_LABEL_WIDTH: Final = 60
"""From this many columns on, labels are written in full."""
_WIDE, _TIGHT = 13, 9
_LABELS: Final = {"alt": "picture"}
_SHORT: Final = {**_LABELS, "sponsor label": "paid for"}
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


def why_document(lines: Sequence[WhyLine], *, wide: bool) -> tuple[Document, list[int]]:
    """A document of lines with numbers, labels and signs; below a line, the badges that it is the reason for.

    `lines`: not empty; `wide`: is there room for labels in full? Also returns the number of each line's first part.
    """
    first_parts: list[int] = []
    parts: list[Part] = []
    digits, label_width = max(3, len(str(lines[-1].n))), _WIDE if wide else _TIGHT
    for line in lines:
        sign = EVIDENCE if line.badges else CORRECTED if line.corrected else CLOSE if line.why.close else " "
        side = WITHIN if line.own else " "
        label = (_LABELS if wide else _SHORT).get(line.label, line.label)
        first = f"{sign}{line.n:{digits}} {BEGINS if line.begins else side} {label:{label_width}} "
        rest = f"{'':{digits + 2}}{side}"
        role = _GROUPS.get(line.label, "body") if line.own or line.label == "furniture" else "outside"
        label_role = "body-label" if role == "body" else role
        first_parts.append(len(parts))
        parts.append(Part(role, line.text, 0, first, rest.ljust(len(first)), prefix_role=label_role))
        if line.badges:
            badges = " · ".join(line.badges)
            parts.append(Part("reason", badges, 0, f"{rest} {EVIDENCE} ", f"{rest}   ", prefix_role="reason"))
    return Document((), tail=parts), first_parts


class WhyView(LineView):
    """Lines with a cursor. The view has no key bindings: the screen calls its methods."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        **LineView.LOOKS,
        "head": "text-accent bold",
        "figure": "text-secondary",
        "body": "foreground",
        "body-label": "text-primary",
        "people": "text-success",
        "badge": "text-warning bold",
        "reason": "text-error bold",
        "furniture": "text-muted italic",
        "outside": "text-muted",
        "cursor": "block-cursor-foreground on block-cursor-background",
        "cursor-blurred": "block-cursor-blurred-foreground on block-cursor-blurred-background",
    }

    class Clicked(Message):
        """A line was clicked."""

        def __init__(self, line: int) -> None:
            super().__init__()
            self.line = line

    lines: Sequence[WhyLine] = ()
    cursor = 0
    """The index of the line under the cursor."""
    _first_parts: Sequence[int] = ()
    """The number of the first part of each line."""
    _has_long_labels = False

    def show(self, lines: Sequence[WhyLine], cursor: int, *, stay: bool = False) -> None:
        """Show lines with the cursor on one of them; `stay` keeps the scroll position as far as possible."""
        place = self.position if stay else None
        self.lines, self.cursor = lines, cursor
        self.set_document(self._new_document(), place)
        self._show_cursor()

    def _new_document(self) -> Document:
        self._has_long_labels = self._is_wide
        document, self._first_parts = why_document(self.lines, wide=self._is_wide)
        return document

    @property
    def _is_wide(self) -> bool:
        return self.column(self.room.width)[1] >= LONG_LABEL_WIDTH

    @property
    def line(self) -> WhyLine | None:
        return self.lines[self.cursor] if self.lines else None

    def move(self, how: str) -> bool:
        """Move the cursor by "down", "page_up", "top" and so on.

        False if the cursor stays, though the view may have scrolled within a long line.
        """
        if self.flow is None:
            return False
        if how in ("top", "bottom"):
            return self.move_to(0 if how == "top" else len(self.lines) - 1)
        step, height = 1 if how.endswith("down") else -1, max(1, self.size.height)
        line = self.cursor
        if rows := {"page": height - 1, "half": height // 2}.get(how.partition("_")[0]):
            top, bottom = self._rows(self.cursor)
            line = self._line_on(bottom - 1 + rows if step > 0 else top - rows)
        if line == self.cursor:
            if self._scrolled_within(step):
                return False
            line += step
        return self.move_to(line)

    def move_to(self, line: int) -> bool:
        """Move the cursor to a line, or the nearest one; False if it is there already."""
        if not self.lines:
            return False
        line = min(max(0, line), len(self.lines) - 1)
        moved, self.cursor = line != self.cursor, line
        self._show_cursor()
        self.refresh(self.size.region)
        return moved

    def move_to_match(self) -> bool:
        """Move the cursor to the line of the current match, which is in sight; False if it is there already."""
        if self.finder.place is None:
            return False
        before, self.cursor = self.cursor, self._line_of(self.finder.place[0])
        self.refresh(self.size.region)
        return self.cursor != before

    @property
    def reading_position(self) -> ReadingPosition:
        """The start of the cursor's line."""
        return ReadingPosition(self._first_parts[self.cursor], 0) if self.lines else self.position

    def _line_on(self, row: int) -> int:
        """The index of the line on a row of the text, or the nearest one."""
        assert self.flow is not None
        return self._line_of(self.flow.locate(row)[0])

    def _line_of(self, unit: int) -> int:
        return bisect(self._first_parts, self.document.position(unit, 0).block) - 1

    def _rows(self, line: int) -> tuple[int, int]:
        """The first row of a line and the row after its last."""
        assert self.flow is not None
        document = self.flow.document
        units = [document.find(ReadingPosition(part, 0))[0] for part in self._first_parts[line : line + 2]]
        last = (units[1] if len(units) > 1 else len(document)) - 1
        end = self.flow.row(last, 0) + len(self.flow.layout(last).rows)
        return self.flow.row(units[0], 0), end

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
        if self.flow is None:
            return Offset(0, 0)
        return Offset(0, max(0, self._rows(self.cursor)[0] - self.scroll_offset.y))

    def under_cursor(self) -> Iterator[str]:
        if (line := self.line) is not None:
            yield f"Line {line.n}, {_LABELS.get(line.label, line.label)}: {line.text}"
            yield from line.badges

    def _show_cursor(self) -> None:
        if self.flow is None or not self.size.height:
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
        if self.lines and self._has_long_labels != self._is_wide:
            self.document, self.flow = self._new_document(), None
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
        if self.flow is None or row >= self.flow.total or self._line_on(row) != self.cursor:
            return strip
        cursor = cursor_style(self, self.looks, "", active=self.has_focus)
        segments = [Segment("▌", cursor)]
        for text, style, _ in list(strip)[1:]:  # The cursor's colours with the bold and italics of the text.
            own = Style(bold=style.bold, italic=style.italic) if style else Style()
            segments.append(Segment(text, cursor + own))
        return Strip(segments)

    def on_resize(self) -> None:
        super().on_resize()
        self._show_cursor()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or self.flow is None:
            return
        row = self.scroll_offset.y + offset.y
        if row < self.flow.total:
            self.post_message(self.Clicked(self._line_on(row)))


class WhyDetails(LineView):
    """The reasons for one line."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        "reason": "text-error bold",
        "said": "text-warning",
        "heading": "text-primary bold",
        "for": "foreground",
        "against note": "text-muted",
        "mark": "text-accent",
    }

    def column(self, width: int) -> tuple[int, int]:
        return 1, min(WIDEST, max(2, width - 2))


def reasons_document(line: WhyLine, corrections: Sequence[str], confidence: str) -> Document:
    """Explain the label of a line: corrections, the next-best reading, the reasons for and against.

    `corrections`: what a reader has said about it; `confidence`: how surely its article was read.
    """
    why = line.why
    parts = [Part("for", "An article begins here.", 0)] if why.reading.begins else []
    parts += [Part("reason", badge, 0, f"{EVIDENCE} ", "  ") for badge in line.badges]
    parts += [
        Part("said", f"You said that {sentence}.", 0, f"{CORRECTED} ", "  ") for sentence in corrections
    ]
    if why.fixed_by is not None and not corrections:
        parts.append(Part("said", f"{why.fixed_by[:1].upper()}{why.fixed_by[1:]} says so.", 0))
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
    return Document([*parts, *([Part("note", confidence, 0)] if confidence else [])])
