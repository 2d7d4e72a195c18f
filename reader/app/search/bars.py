"""The query line, the rule below it and the footer of the search screen."""

from __future__ import annotations

from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual.widgets import Input

from reader.app.text.wrapping import fit, width_of
from reader.app.widgets.bars import Hint, Piece, key_line
from reader.errors import QueryError
from reader.sanitize import many

_ROOMY = 30
"""From this many columns on, the footer says “result 3” instead of “3”."""


class _Underliner(Highlighter):
    """Underlines the fault of a query line, in the colours of its theme."""

    def __init__(self, line: QueryLine) -> None:
        self._line = line

    def highlight(self, text: Text) -> None:
        if (fault := self._line.fault) is not None:
            style = self._line.get_component_rich_style("query--fault", partial=True)
            text.stylize(style, fault.position, fault.position + fault.length)


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
        super().__init__(compact=True, select_on_focus=False, highlighter=_Underliner(self))
        self.cursor_blink = False
        self._fault: QueryError | None = None

    @property
    def fault(self) -> QueryError | None:
        """The fault of the query; its piece is underlined."""
        return self._fault

    @fault.setter
    def fault(self, fault: QueryError | None) -> None:
        self._fault = fault
        self.refresh()


def count_line(count: tuple[int, bool] | None, order: str, width: int) -> list[Piece]:
    """Compose a rule with the order and the number of stories, if it is known, and whether there are more."""
    if count is None:
        return [Piece("─" * width, "bar--rule")]
    words = many(count[0], "story", "stories") if count[0] else "no story"
    words = f"over {words}" if count[1] else words
    full = [Piece(f" {words}", "bar--strong"), Piece(" · "), Piece(f"{order} ", "bar--text", "order")]
    room = width - sum(width_of(piece.text) for piece in full) - 2
    if room < 0:
        full = [Piece(f" {fit(words, max(0, width - 4))} ", "bar--strong")]
        room = max(0, width - width_of(full[0].text) - 2)
    return [Piece("─" * room, "bar--rule"), *full, Piece("──", "bar--rule")]


def footer(width: int, *, typing: bool, starts: bool, at: int) -> list[Piece]:
    """Compose as many keys as fit, always the one that goes back, and the number of the hit under the cursor.

    `typing`: the query has the focus, not the list; `starts`: the list shows suggested searches, not hits; `at`: 0
    without hits.
    """
    place = f"{'result ' if width >= _ROOMY else ''}{at:,} " if at and not starts else ""
    hints: list[Hint] = []
    if starts or at:
        hints = [
            ("{panes.read}", "search this" if starts else "open", "open"),
            ("↓↑", "choose", "move('down')") if typing else ("{move.down}/{move.up}", "move", "move('down')"),
            ("{panes.other}", "list", "other") if typing else ("{find.start}", "query", "other"),
        ]
    if not starts:
        hints += [("{search.order}", "order", "order"), ("{search.save}", "save", "save")]
    elif not typing:
        hints.append(("{search.remove}", "remove", "remove"))
    return key_line(hints, (("{panes.back}", "back", "close"),), place, width)
