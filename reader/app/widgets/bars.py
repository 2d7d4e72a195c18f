"""The lines above and below: each draws pieces of text for the width it has; a click on one runs its action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final, Generic, TypeVar

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from reader.app.text.looks import FRAME
from reader.app.text.wrapping import width_of
from reader.app.widgets.bar_texts import Piece
from reader.app.widgets.drawing import Direct

State = TypeVar("State")
Says = Callable[[State, int], list[Piece]]


PALETTE: Final = "app.command_palette"
"""What a click on a screen's title runs: with the mouse alone, all its actions can be had there."""


class Bar(Direct, Widget, Generic[State]):
    """One line of text: one class for all of them, since every class of widgets costs the start of the app time."""

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

    def __init__(self, says: Says[State], state: State, *, id: str | None = None) -> None:
        """`says` gives what a state is to say at a width in cells."""
        self._says = says
        self._state = state
        super().__init__(id=id)

    @property
    def state(self) -> State:
        """All that the line tells."""
        return self._state

    @state.setter
    def state(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self.refresh()

    def pieces(self, width: int) -> list[Piece]:
        """What it says at a width in cells."""
        return self._says(self._state, width)

    def render_line(self, y: int) -> Strip:
        """The line."""
        if y:
            return Strip.blank(self.size.width, self.visual_style.rich_style)
        width = self.size.width
        segments = [Segment(piece.text, self.style_of(piece.style)) for piece in self.pieces(width)]
        return Strip(segments).adjust_cell_length(width, self.visual_style.rich_style)

    def on_click(self, event: events.Click) -> None:
        """Have the screen do what was clicked, if that does something."""
        right = 0
        for piece in self.pieces(self.size.width):
            left, right = right, right + width_of(piece.text)
            action = piece.action or (PALETTE if piece.style == "bar--title" else None)
            if left <= event.x < right and action is not None:
                self.screen.call_next(self.screen.run_action, action)
