"""The lines at the bottom of every screen that say what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.css.scalar import Scalar
from textual.strip import Strip
from textual.widget import Widget

from reader.app.text.cells import fit, pad
from reader.app.text.wrapping import Span, drawn, wrap
from reader.app.widgets.drawing import Direct

LEAST, MOST = 2, 5
"""Lines, as many as the sentence needs."""


class Announcer(Direct, Widget):
    """Shows the last sentence, cut where there is no room for all of it.

    Each begins a cell beside where the one before did: a screen reader hears of a line from the first character that
    is another, and “Article 11 of 50” after “Article 10 of 50” would be “1 of 50”.
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

    def say(self, sentence: str) -> None:
        """Show a sentence."""
        self._sentence = sentence
        self._shift = 1 - self._shift
        self._fit()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One of its lines."""
        width, height = self.size
        spans = self._lines
        text = drawn(self._sentence, spans[y]) if y < len(spans) else ""
        if y == height - 1 and len(spans) > height:
            text = fit(self._sentence[spans[y][0] :], width - 2)
        return Strip([Segment(pad(" " * self._shift + text, width), self.style_of("announcement"))], width)

    def on_resize(self, _: events.Resize) -> None:
        """Shorter lines may be more."""
        self._fit()

    @property
    def _lines(self) -> list[Span]:
        return wrap(self._sentence, max(1, self.size.width - 2))

    def _fit(self) -> None:
        lines = len(self._lines)
        height = min(MOST, max(LEAST, lines))
        if self.size.width and self.styles.height != Scalar.from_number(height):
            self.styles.height = height
            self.screen.refresh(layout=True)
