"""The query line, the rule below it and the footer of the search screen."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from rich.highlighter import Highlighter
from rich.text import Text
from textual.widgets import Input

from reader.app.text.wrapping import fit, width_of
from reader.app.widgets.bars import Hint, Piece, key_line
from reader.sanitize import sanitize

_ROOMY = 30
"""From this many columns on, the footer says “result 3” instead of “3”."""


class Fault(NamedTuple):
    """A fault in a query."""

    reason: str
    position: int
    """The first faulty character, from 0."""
    length: int


class RuleState(NamedTuple):
    """The data of the line below the query."""

    stories: int | None = None
    """How many stories match; None without a search."""
    capped: bool = False
    """Do more than `stories` match?"""
    order: str = "newest first"
    fault: Fault | None = None
    column: int = 0
    """The cell of the query's first character."""
    before: int = 0
    """How many visible cells of the query come before the faulty piece."""
    cells: int = 1
    """How many cells the faulty piece takes."""


class SearchFooterState(NamedTuple):
    """The data of the footer."""

    typing: bool = True
    """Does the query have the focus, not the list?"""
    starts: bool = True
    """Does the list show suggested searches, not hits?"""
    at: int = 0
    """Number of the hit under the cursor, from 1; 0 without hits."""


class _Underliner(Highlighter):
    """Underlines one span of a query line, in the colours of its theme."""

    def __init__(self, line: QueryLine) -> None:
        self.line = line
        self.span: tuple[int, int] | None = None

    def highlight(self, text: Text) -> None:
        if self.span is not None:
            text.stylize(self.line.get_component_rich_style("query--fault", partial=True), *self.span)


class QueryLine(Input):
    """The input for a query, with the faulty piece underlined."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"query--fault"}
    DEFAULT_CSS = """
    QueryLine {
        width: 1fr;
        background: $panel;
        color: $foreground;
        padding: 0;
        &:focus { background: $panel; background-tint: $foreground 0%; }
        & > .query--fault { color: $text-error; text-style: bold underline; }
        &:nocolor > .input--cursor { text-style: reverse; }
    }
    """

    def __init__(self) -> None:
        self._underliner = _Underliner(self)
        super().__init__(compact=True, select_on_focus=False, highlighter=self._underliner)
        self.cursor_blink = False

    def underline(self, fault: tuple[int, int] | None) -> tuple[int, int]:
        """Underline a span of characters, or nothing.

        Return how many visible cells come before it, and how many it takes.
        """
        if fault != self._underliner.span:
            self._underliner.span = fault
            self.refresh()
        if fault is None:
            return 0, 0
        start, end = fault
        before = width_of(self.value[:start]) - int(self.scroll_offset.x)
        cells = width_of(self.value[start:end]) or 1
        return max(0, before), cells + min(0, before)


def count_words(count: int, capped: bool) -> str:
    """A count in words: "over 1,000 stories"."""
    if capped:
        return f"over {count:,} stories"
    return f"{count:,} {'story' if count == 1 else 'stories'}" if count else "no story"


def rule(state: RuleState, width: int) -> list[Piece]:
    """Compose the count and the order, or the fault of the query."""
    if state.fault is not None:
        return _fault(state, state.fault, width)
    if state.stories is None:
        return [Piece("─" * width, "bar--rule")]
    words = count_words(state.stories, state.capped)
    full = [Piece(f" {words}", "bar--strong"), Piece(" · "), Piece(f"{state.order} ", "bar--text", "order")]
    room = width - sum(width_of(piece.text) for piece in full) - 2
    if room < 0:
        full = [Piece(f" {fit(words, max(0, width - 4))} ", "bar--strong")]
        room = max(0, width - width_of(full[0].text) - 2)
    return [Piece("─" * room, "bar--rule"), *full, Piece("──", "bar--rule")]


def _fault(state: RuleState, fault: Fault, width: int) -> list[Piece]:
    """Carets below the faulty piece, with the reason on the side that has room for it."""
    left = min(state.column + state.before, max(0, width - 1))
    carets = "^" * max(1, min(state.cells, width - left))
    reason = sanitize(fault.reason)
    after = width - left - len(carets) - 2
    if width_of(reason) <= after:
        return [Piece(" " * left), Piece(carets, "bar--carets"), Piece(f" {reason}", "bar--fault")]
    if width_of(reason) <= left - 2:
        pad = " " * (left - 1 - width_of(reason))
        return [Piece(pad), Piece(f"{reason} ", "bar--fault"), Piece(carets, "bar--carets")]
    # The piece is underlined in the query itself, so the reason can take the whole line.
    return [Piece(fit(f" {reason}", width), "bar--fault")]


def footer(state: SearchFooterState, width: int) -> list[Piece]:
    """Compose as many keys as fit, always the one that goes back, and the number of the hit."""
    place = f"{'result ' if width >= _ROOMY else ''}{state.at:,} " if state.at and not state.starts else ""
    hints: list[Hint] = []
    if state.starts or state.at:
        hints = [
            ("{panes.read}", "search this" if state.starts else "open", "open"),
            ("↓↑", "choose", "move('down')")
            if state.typing
            else ("{move.down}/{move.up}", "move", "move('down')"),
            ("{panes.other}", "list", "other") if state.typing else ("{find.start}", "query", "other"),
        ]
    if not state.starts:
        hints += [("{search.order}", "order", "order"), ("{search.save}", "save", "save")]
    elif not state.typing:
        hints.append(("{search.remove}", "remove", "remove"))
    return key_line(hints, (("{panes.back}", "back", "close"),), place, width)
