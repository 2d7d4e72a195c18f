"""The line a query is typed into, with the faulty piece of it underlined."""

from __future__ import annotations

from typing import ClassVar

from rich.highlighter import Highlighter
from rich.style import Style
from rich.text import Text
from textual.widgets import Input

from reader.app.text.wrapping import width_of


class _Faults(Highlighter):
    """Underlines one span."""

    span: tuple[int, int] | None = None
    style = Style()

    def highlight(self, text: Text) -> None:
        if self.span is not None:
            text.stylize(self.style, *self.span)


class QueryLine(Input):
    """One line of text."""

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
        self._faults = _Faults()
        super().__init__(compact=True, select_on_focus=False, highlighter=self._faults)
        self.cursor_blink = False

    def blame(self, fault: tuple[int, int] | None) -> tuple[int, int]:
        """Underline a span of the query, nothing for None.

        Returns how many cells in sight stand before it, and how many it takes.
        """
        if fault != self._faults.span:
            self._faults.span = fault
            self._faults.style = self.get_component_rich_style("query--fault", partial=True)
            self.refresh()
        if fault is None:
            return 0, 0
        start, end = fault
        before = width_of(self.value[:start]) - int(self.scroll_offset.x)
        cells = width_of(self.value[start:end]) or 1
        return max(0, before), cells + min(0, before)
