"""The lines above and below: each draws pieces of text for the width it has, and says what was clicked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from reader.app.layout import width_of
from reader.app.looks import FRAME
from reader.app.widgets import bar_texts
from reader.app.widgets.bar_texts import FooterState, HeaderState, Piece, StripState
from reader.app.widgets.direct import Direct

State = TypeVar("State")


class Bar(Direct, Widget, Generic[State]):
    """One line of text."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Bar {
        height: 1;
        background: $background;
    }
    """
    LOOKS: ClassVar[Mapping[str, str]] = {
        "bar--text": "foreground",
        "bar--title": "foreground bold",
        "bar--muted": "text-muted",
        "bar--rule": FRAME,
        "bar--strong": "text-accent",
        "bar--key": "text-accent bold",
        "bar--alert": "text-error underline",
        "bar--chosen": "text-accent bold underline",
    }

    class Clicked(Message):
        """A piece with an action was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    state: reactive[State]

    def pieces(self, width: int) -> list[Piece]:
        """What to say at a width in cells."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """The line."""
        if y:
            return Strip.blank(self.size.width, self.visual_style.rich_style)
        width = self.size.width
        segments = [Segment(piece.text, self.style_of(piece.style)) for piece in self.pieces(width)]
        return Strip(segments).adjust_cell_length(width, self.visual_style.rich_style)

    def on_click(self, event: events.Click) -> None:
        """Say what was clicked, if it does something."""
        right = 0
        for piece in self.pieces(self.size.width):
            left, right = right, right + width_of(piece.text)
            if left <= event.x < right and piece.action is not None:
                self.post_message(self.Clicked(piece.action))


class Header(Bar[HeaderState]):
    """What is open, what of it is shown, and how much there is."""

    state = reactive(HeaderState())

    def pieces(self, width: int) -> list[Piece]:
        """Title, filters and counts."""
        return bar_texts.header(self.state, width)


class SectionStrip(Bar[StripState]):
    """The sections."""

    state = reactive(StripState())

    def pieces(self, width: int) -> list[Piece]:
        """The sections with their counts."""
        return bar_texts.strip(self.state, width)


class Footer(Bar[FooterState]):
    """The keys that matter now, and the place in the article."""

    state = reactive(FooterState())

    def pieces(self, width: int) -> list[Piece]:
        """Keys and place."""
        return bar_texts.footer(self.state, width)
