"""The lines at the bottom of every screen that say what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.css.scalar import Scalar
from textual.strip import Strip
from textual.widget import Widget

from reader.app.cells import fit, pad
from reader.app.layout import drawn, wrap
from reader.app.widgets.direct import Direct

LEAST, MOST = 2, 5
"""Lines, as many as the sentence needs."""


class Announcer(Direct, Widget):
    """Shows the last sentence, cut where there is no room for all of it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Announcer { dock: bottom; width: 100%; height: 2; background: $panel; }
    """
    LOOKS: ClassVar[Mapping[str, str]] = {"announcement": "foreground"}

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence

    def say(self, sentence: str) -> None:
        """Show a sentence."""
        self._sentence = sentence
        self._fit()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One of its lines."""
        width, height = self.size
        spans = list(wrap(self._sentence, max(1, width - 1)))
        text = drawn(self._sentence, spans[y]) if y < len(spans) else ""
        if y == height - 1 and len(spans) > height:
            text = fit(self._sentence[spans[y][0] :], width - 1)
        return Strip([Segment(pad(text, width), self.style_of("announcement"))], width)

    def on_resize(self, _: events.Resize) -> None:
        """Shorter lines may be more."""
        self._fit()

    def _fit(self) -> None:
        lines = len(list(wrap(self._sentence, max(1, self.size.width - 1))))
        height = min(MOST, max(LEAST, lines))
        if self.size.width and self.styles.height != Scalar.from_number(height):
            self.styles.height = height
            self.screen.refresh(layout=True)
