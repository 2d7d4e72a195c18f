"""Two layers of an article view: one draws the highlights, the other selects text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

from textual.geometry import Offset
from textual.message import Message

from reader.app.text.document import Place
from reader.app.text.places import TextCursor
from reader.app.text.typesetting import Insertion, StyledSpan
from reader.app.widgets.drawing import is_spoken
from reader.app.widgets.layers import Layer
from reader.library.state import anchors
from reader.library.state.anchors import Quote, Span
from reader.library.state.notes import Annotation
from reader.sanitize import sanitize

if TYPE_CHECKING:
    from reader.app.widgets.article_view import ArticleView

NOTE_SIGN: Final = "✎"
Kind = Literal["characters", "lines"]
_NOWHERE: Final = Place(-1, 0)


class HighlightLayer(Layer):
    """Marks the highlights of an article in its text, in their colours or in words."""

    def __init__(self, view: ArticleView) -> None:
        self._view = view
        self.placed: list[tuple[Annotation, Sequence[Span]]] = []
        """The highlights whose words were found, the oldest first, and where they stand."""
        self._marks: dict[int, list[StyledSpan]] = {}

    def document_changed(self) -> None:
        self.placed, self._marks = [], {}

    def show(self, annotations: Iterable[Annotation]) -> None:
        """Mark these highlights where their words stand; the position stays."""
        document, spoken = self._view.document, is_spoken(self._view)
        highlights = [annotation for annotation in annotations if annotation.is_highlight]
        self.placed, self._marks = [], {}
        in_words = spoken or self._view.app.no_color
        insertions: dict[int, list[Insertion]] = {}
        for highlight in highlights:
            spans = anchors.locate(highlight.quote, document.body_texts)
            if not spans:
                continue
            self.placed.append((highlight, spans))
            look = "highlight-plain" if in_words else f"highlight-{highlight.color}"
            for unit, start, end in spans:
                self._marks.setdefault(unit, []).append(StyledSpan(start, end, look))
            before, after = _signs(highlight, spoken=spoken, colourless=in_words)
            (first, start, _), (last, _, end) = spans[0], spans[-1]
            if before:
                insertions.setdefault(first, []).append(Insertion(start, before, start))
            if after:
                insertions.setdefault(last, []).append(Insertion(end, after, end - 1))
        for of_unit in insertions.values():
            of_unit.sort(key=lambda insertion: insertion.offset)
        if insertions != document.insertions:
            document.insertions = insertions
            self._view.lay_out_again()
        else:
            self._view.refresh_rows()

    def at(self, place: Place) -> Annotation | None:
        """The newest highlight on a character."""
        for highlight, spans in reversed(self.placed):
            if any(place.unit == unit and start <= place.offset < end for unit, start, end in spans):
                return highlight
        return None

    def of_spans(self, spans: Sequence[Span]) -> Annotation | None:
        """The newest highlight of exactly these spans."""
        same = (highlight for highlight, own in reversed(self.placed) if list(own) == list(spans))
        return next(same, None)

    def scroll_to(self, annotation: Annotation) -> None:
        """Scroll to a highlight, or to the note on the article; nothing happens if the words were not found."""
        view, document = self._view, self._view.document
        starts = {other.number: Place(*spans[0][:2]) for other, spans in self.placed}
        place = starts.get(annotation.number) if annotation.is_highlight else document.below_body
        if place is None:
            return
        if view.flow is None:
            view.position = document.position(*place)
        else:
            view.show_row(view.flow.row(*place))

    def marks(self, unit: int) -> Sequence[StyledSpan]:
        return self._marks.get(unit, ())


def _signs(highlight: Annotation, *, spoken: bool, colourless: bool) -> tuple[str, str]:
    if spoken:
        note = " ".join(sanitize(highlight.note, multiline=True).split())
        note = f"; your note: {note}" if note else ""
        return f"(highlighted in {highlight.color}: ", f"{note}; end of highlight)"
    sign = f" {NOTE_SIGN}" if highlight.note else ""
    return ("[", f"] ({highlight.color}{sign})") if colourless else ("", sign)


class SelectionLayer(Layer):
    """Selects text of the body. One end stays; movements move the other one."""

    class Changed(Message):
        """The selection has begun, changed or ended. Posted to the view."""

    class Ended(Message):
        """The selection has ended because the article has changed. Posted to the view."""

    def __init__(self, view: ArticleView) -> None:
        self._view = view
        self.kind: Kind = "characters"
        """Is it by characters or by lines?"""
        self.cursor = _NOWHERE
        """The end that movements move."""
        self.has_moved = False
        """Has the cursor moved since the selection began?"""
        self._anchor: Place | None = None
        """Where the selection begins; None without a selection."""
        self._column: int | None = None
        """The column that movements by rows keep to."""
        self._by_words = False
        """Was the last movement by words? Then the selection ends before the word under the cursor."""

    @property
    def active(self) -> bool:
        return self._anchor is not None

    # Selecting

    def begin(self, kind: Kind) -> bool:
        """Begin to select: at the current match, else where the last selection ended, else at the first visible text.

        If something is selected already, begin again at the cursor, or select the same by the other kind. False if
        there is no text.
        """
        text = self._text()
        if text is None:
            return False
        if self._anchor is not None:
            self.select(self.cursor if kind == self.kind else self._anchor, self.cursor, kind)
        elif (start := self._start(text)) is not None:
            self.select(start, start, kind)
        return self.active

    def select(self, anchor: Place, cursor: Place, kind: Kind | None = None) -> None:
        """Select from `anchor` to `cursor`, the end that moves; by another kind unless that is None."""
        self._anchor, self.cursor, self.kind = anchor, cursor, kind or self.kind
        self._column, self._by_words, self.has_moved = None, False, anchor != cursor
        self._changed()

    def extend_to(self, place: Place) -> None:
        if self._anchor is not None and place != self.cursor:
            self.select(self._anchor, place)

    def swap(self) -> None:
        """Move the other end from now on."""
        if self._anchor is not None:
            self.select(self._last_selected, self._anchor)

    def end(self) -> None:
        if self._anchor is not None:
            self._anchor = None
            self._changed()

    def move(self, how: str) -> None:
        """Move the end: "left", "word_right", "word_end", "line_start", "down", "page_up", "top" and so on."""
        text, before = self._text(), self.cursor
        if text is None or self._anchor is None:
            return
        step = -1 if how.endswith(("left", "up")) else 1
        column = None
        self._by_words = how in ("word_left", "word_right")
        if how in ("top", "bottom"):
            self.cursor = text.end_of_body(last=how == "bottom") or before
        elif how in ("left", "right"):
            self.cursor = text.character(before, step)
        elif self._by_words:
            self.cursor = text.word(before, step)
            if self.cursor == before and step > 0:  # The last word of the text.
                self.cursor, self._by_words = text.end_of_body(last=True) or before, False
        elif how == "word_end":
            self.cursor = text.word_end(before)
        elif how in ("line_start", "line_end"):
            self.cursor = text.end_of_row(before, last=how == "line_end")
        else:
            height = self._view.size.height
            rows = {"page": max(1, height - 2), "half": max(1, height // 2)}.get(how.partition("_")[0], 1)
            column = text.column_of(before) if self._column is None else self._column
            self.cursor = text.rows(before, step * rows, column)
        self._column = column
        self.has_moved = self.has_moved or self.cursor != before
        self._changed()

    def _changed(self) -> None:
        """Report a change, and scroll as little as needed to show the cursor's row."""
        view, flow, text = self._view, self._view.flow, self._text()
        if self.active and flow is not None and text is not None:
            row, top, height = text.row_of(self.cursor), view.scroll_offset.y, view.size.height
            if row < top:
                view.move_to_row(row)
            elif row >= top + height:
                view.move_to_row(flow.lay_out_around(row, height, 0) - height + 1)
        view.refresh_rows()
        view.post_message(self.Changed())

    # What is selected

    @property
    def spans(self) -> list[Span]:
        """The selected parts of the body, in order."""
        text = self._text()
        if self._anchor is None or text is None:
            return []
        first, last = sorted((self._anchor, self._last_selected))
        if self.kind == "lines":
            first, last = text.end_of_row(first, last=False), text.end_of_row(last, last=True)
        return text.between(first, last)

    @property
    def _last_selected(self) -> Place:
        """The last selected character at the end that moves."""
        text = self._text()
        if text is None or self._anchor is None or not self._by_words or self.cursor <= self._anchor:
            return self.cursor
        return max(self._anchor, text.before_word(self.cursor))

    @property
    def words(self) -> str:
        """The selected words, a line for each paragraph."""
        texts = self._view.document.body_texts
        return "\n".join(texts[unit][start:end].strip() for unit, start, end in self.spans)

    def quote(self) -> Quote:
        """The selected words, with those around them; empty if nothing but space is selected."""
        spans = self.spans
        if not spans:
            return Quote("")
        first, last = spans[0], spans[-1]
        return anchors.quote(
            self._view.document.body_texts, (first.block, first.start), (last.block, last.end)
        )

    # While the library changes

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the selection while the article is shown anew, if its words stay in place; else post `Ended`."""
        before = self._view.document
        if self._anchor is None:
            yield
            return
        ends = self._anchor, self.cursor
        positions = [before.position(*end) for end in ends]
        openings = [before.body_texts[unit][: offset + 1] for unit, offset in ends]
        moves = self._by_words, self.has_moved, self._column
        yield
        after = self._view.document
        if self.active:
            return
        anchor, cursor = (Place(*after.find(position)) for position in positions)
        if all(after.body_texts[end.unit].startswith(openings[n]) for n, end in enumerate((anchor, cursor))):
            self._anchor, self.cursor = anchor, cursor
            self._by_words, self.has_moved, self._column = moves
            self._changed()
        else:
            self._view.post_message(self.Ended())

    # Drawing

    def document_changed(self) -> None:
        """End the selection: it was in another text."""
        self.cursor = _NOWHERE
        self.end()

    def marks(self, unit: int) -> Sequence[StyledSpan]:
        if self._anchor is None:
            return ()
        look = "selected-plain" if self._view.app.no_color else "selected"
        marks = [StyledSpan(start, end, look) for other, start, end in self.spans if other == unit]
        cursor_unit, offset = self.cursor
        return [*marks, StyledSpan(offset, offset + 1, "cursor")] if unit == cursor_unit else marks

    @property
    def caret(self) -> Offset | None:
        view, text = self._view, self._text()
        if self._anchor is None or text is None:
            return None
        left, _ = view.column(view.room.width)
        return Offset(left + text.column_of(self.cursor), text.row_of(self.cursor) - view.scroll_offset.y)

    def near(self, x: int, y: int) -> Place | None:
        """The character of the body nearest to a cell of the view."""
        view, text = self._view, self._text()
        if text is None:
            return None
        left, _ = view.column(view.room.width)
        return text.near(view.scroll_offset.y + y, x - left)

    def _text(self) -> TextCursor | None:
        flow = self._view.flow
        return None if flow is None else TextCursor(flow.document, flow)

    def _start(self, text: TextCursor) -> Place | None:
        view, match_place = self._view, self._view.finder.place
        top, height = view.scroll_offset.y, view.size.height
        match = None if match_place is None else view.document.place_in_body(*match_place)
        for place in (match, self.cursor):
            if place is not None and place.unit >= 0 and top <= text.row_of(place) < top + height:
                return place
        return text.near(top, 0)
