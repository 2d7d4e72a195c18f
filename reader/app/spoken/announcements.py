"""The widget for announcements at the bottom of every screen, and descriptions of the row under the cursor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.command import CommandPalette
from textual.css.scalar import Scalar
from textual.geometry import Offset
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import OptionList

from reader.app.spoken import sentences
from reader.app.text.wrapping import Span, drawn, fit, pad, wrap
from reader.app.why.view import WhyView
from reader.app.widgets.drawing import style_of
from reader.app.widgets.grouped_list import GroupedList
from reader.app.widgets.line_view import LineView
from reader.app.widgets.text_screen import TextScreen

MIN_LINES, MAX_LINES = 2, 5
"""Limits of the widget's height, which depends on the sentence."""


class Announcer(Widget):
    """Shows the last announcement, cut if it is too long.

    Successive sentences begin in different cells, because a screen reader reads a line from the first character that
    has changed: after “Article 10 of 50” it would read “Article 11 of 50” as “1 of 50”.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Announcer { dock: bottom; width: 100%; height: 2; background: $panel; }
    """
    LOOKS: ClassVar[Mapping[str, str]] = {"announcement": "foreground"}

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence
        self._shift = 0

    def style_of(self, name: str) -> Style:
        """The style of a name in `LOOKS`."""
        return style_of(self, self.LOOKS[name])

    def announce(self, sentence: str) -> None:
        """Show a sentence."""
        self._sentence = sentence
        self._shift = 1 - self._shift
        self._fit()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one of the lines."""
        width, height = self.size
        spans = self._lines
        text = drawn(self._sentence, spans[y]) if y < len(spans) else ""
        if y == height - 1 and len(spans) > height:
            text = fit(self._sentence[spans[y][0] :], width - 2)
        return Strip([Segment(pad(" " * self._shift + text, width), self.style_of("announcement"))], width)

    def on_resize(self, _: events.Resize) -> None:
        """Fit the height to the new width."""
        self._fit()

    @property
    def _lines(self) -> list[Span]:
        return wrap(self._sentence, max(1, self.size.width - 2))

    def _fit(self) -> None:
        height = min(MAX_LINES, max(MIN_LINES, len(self._lines)))
        if self.size.width and self.styles.height != Scalar.from_number(height):
            self.styles.height = height
            self.screen.refresh(layout=True)


def cursor_offset(widget: Widget | None) -> Offset | None:
    """Where to put the terminal's cursor while a widget has the focus; None if the widget does that itself."""
    if isinstance(widget, GroupedList):
        row = 0 if widget.cursor is None else widget.line_of(widget.cursor)
        return widget.region.offset + Offset(1, row)
    if isinstance(widget, LineView):
        return widget.region.offset + widget.caret
    return None


def title_of(screen: Screen[Any]) -> str:
    """The title of a screen: that on its frame, else the name of its class."""
    for dialog in screen.query("#dialog"):
        if dialog.border_title:
            return str(dialog.border_title)
    return "Commands" if isinstance(screen, CommandPalette) else type(screen).__name__.removesuffix("Screen")


def row_under_cursor(screen: Screen[Any]) -> str:
    """Describe the row under the cursor, in the focused widget or in the list that follows an input."""
    return ". ".join(words for words in _cursor_row(screen) if words.strip())


def _cursor_row(screen: Screen[Any]) -> list[str]:
    focused = screen.focused
    if isinstance(screen, TextScreen) and (match := screen.match) is not None:
        return [sentences.match(*match), sentences.where(*screen.view.where)]
    if isinstance(focused, GroupedList | WhyView):
        return list(focused.under_cursor())
    if isinstance(focused, LineView):
        return [sentences.where(*focused.where)] if focused.where[0] else []
    for options in screen.query(OptionList):
        if options.display and options.highlighted is not None:
            prompt = options.get_option_at_index(options.highlighted).prompt
            return [" ".join(str(getattr(prompt, "plain", prompt)).split())]
    return [
        words
        for rows in screen.query(GroupedList)
        if rows.display and rows.keys_elsewhere
        for words in rows.under_cursor()
    ]
