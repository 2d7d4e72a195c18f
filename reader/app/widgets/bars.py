"""Lines above and below a screen's parts. Each draws pieces of text for its width; a click on one runs its action."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final, Generic, NamedTuple, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from reader.app import keys
from reader.app.text.wrapping import width_of
from reader.app.widgets.drawing import FRAME, StyleCache, draw_lines

PALETTE: Final = "app.command_palette"
"""What a click on a screen's title runs: the palette offers every action to the mouse."""


class Piece(NamedTuple):
    """A run of text in one style."""

    text: str
    style: str = "bar--text"
    """One of `Bar.LOOKS`."""
    action: str | None = None
    """What a click on it runs on the screen."""


Hint = tuple[str, str, str]
"""Keys as `keys.hint` takes them, what they do in a word, and the action for a click on them."""


def key_line(hints: Sequence[Hint], last: Hint, place: str, width: int) -> list[Piece]:
    """As many `hints` as there is room for, always `last`, and `place` on the right."""
    always = _in_force((last,))
    room = width - width_of(place) - 1 - sum(map(_hint_width, always))
    chosen = []
    for hint in _in_force(hints):
        room -= _hint_width(hint)
        if room < 0:
            break
        chosen.append(hint)
    pieces = [Piece(" ")]
    for key, word, action in (*chosen, *always):
        pieces += [Piece(key, "bar--key", action), Piece(f" {word}", "bar--muted", action), Piece("  ")]
    used = sum(width_of(piece.text) for piece in pieces)
    return [*pieces, Piece(" " * (width - used - width_of(place))), Piece(place, "bar--muted")]


def _in_force(hints: Sequence[Hint]) -> list[Hint]:
    """Fill in the keys that are in force; hints without a key are left out."""
    named = [(keys.hint(key), word, action) for key, word, action in hints]
    return [hint for hint in named if hint[0]]


def _hint_width(hint: Hint) -> int:
    return width_of(hint[0]) + width_of(hint[1]) + 3


State = TypeVar("State")
Texts = Callable[[State, int], list[Piece]]


class Bar(Widget, Generic[State]):
    """One line of text: a single class for all of them, since each widget class adds to the start of the app."""

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

    def __init__(self, texts: Texts[State], state: State, *, id: str | None = None) -> None:
        """`texts` gives the pieces of a state at a width in cells."""
        super().__init__(id=id)
        self._texts = texts
        self._state = state
        self._looks = StyleCache(self, self.LOOKS)

    @property
    def state(self) -> State:
        """All that the line shows."""
        return self._state

    @state.setter
    def state(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self.refresh()

    def style_of(self, name: str) -> Style:
        """The style of a name in `LOOKS`."""
        return self._looks[name]

    def pieces(self, width: int) -> list[Piece]:
        """The texts at a width in cells."""
        return self._texts(self._state, width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw without Textual's style cache."""
        return draw_lines(self, crop)

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        width, blank = self.size.width, self.visual_style.rich_style
        if y:
            return Strip.blank(width, blank)
        segments = [Segment(piece.text, self._looks[piece.style]) for piece in self.pieces(width)]
        return Strip(segments).adjust_cell_length(width, blank)

    def on_click(self, event: events.Click) -> None:
        """Run the action of the piece that was clicked."""
        right = 0
        for piece in self.pieces(self.size.width):
            left, right = right, right + width_of(piece.text)
            action = piece.action or (PALETTE if piece.style == "bar--title" else None)
            if left <= event.x < right and action is not None:
                self.screen.call_next(self.screen.run_action, action)
