"""The frame of a screen: one-line bars above and below its panes, and where its widgets stand.

Bars are made of pieces of text. A click on a piece runs its action.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from reader.app import keys
from reader.app.text.wrapping import fit, width_of
from reader.app.widgets.drawing import FRAME, StyleCache, is_spoken

# Bars

PALETTE: Final = "app.command_palette"
"""A click on a screen's title opens the palette, so that every action can be reached by mouse."""


class Piece(NamedTuple):
    """A run of text in one style."""

    text: str
    style: str = "bar--text"
    """One of `Bar.LOOKS`."""
    action: str | None = None
    """The screen's action that a click on it runs."""


Hint = tuple[str, str, str]
"""Keys in the form that `keys.hint` takes, what they do in a word, and the action to run on a click."""
HELP: Final[Hint] = ("{app.help}", "help", "app.everywhere('app.help')")
"""The keys of a screen other than the main one."""


def key_line(hints: Sequence[Hint], last: Sequence[Hint], place: str, width: int) -> list[Piece]:
    """Compose as many `hints` as fit, always the `last` ones, and `place` on the right.

    Hints without a key are left out.
    """

    def with_keys(hints: Sequence[Hint]) -> list[Hint]:
        return [(key, word, action) for name, word, action in hints if (key := keys.hint(name))]

    def cells(hint: Hint) -> int:
        """The width with the space between key and word, and the two spaces behind them."""
        return width_of(hint[0]) + width_of(hint[1]) + 3

    always, fitting = with_keys(last), []
    room = width - width_of(place) - 1 - sum(map(cells, always))
    for hint in with_keys(hints):
        room -= cells(hint)
        if room < 0:
            break
        fitting.append(hint)
    pieces = [Piece(" ")]
    for key, word, action in (*fitting, *always):
        pieces += [Piece(key, "bar--key", action), Piece(f" {word}", "bar--muted", action), Piece("  ")]
    rest = width - sum(width_of(piece.text) for piece in pieces) - width_of(place)
    return [*pieces, Piece(" " * rest), Piece(place, "bar--muted")]


def title_line(title: str, width: int, right: Piece = Piece("")) -> list[Piece]:  # noqa: B008 (frozen)
    """Compose a title, cut if it is too long, a rule, and what stands on the right."""
    room = max(0, width - width_of(right.text))
    title = fit(title, room - 1 if right.text else room)
    rule = "─" * (room - width_of(title))
    return [Piece(title, "bar--title"), Piece(rule, "bar--rule"), *([right] if right.text else [])]


def match_words(match: tuple[int, int] | None) -> str:
    """Write "match 2 of 5", for the current match and the number of matches, or "no match"."""
    current, count = match or (0, 0)
    return f"match {current:,} of {count:,}" if count else "no match"


class Bar(Widget):
    """One line of text, composed each time it is drawn. All bars share this class, since each delays the start."""

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
        "bar--fault": "text-error",
        "bar--removed": "text-error strike",
        "bar--added": "text-success underline",
        "bar--chosen": "text-accent bold underline",
    }

    def __init__(self, pieces: Callable[[int], list[Piece]], *, id: str | None = None) -> None:
        """`pieces` composes the text for a width in cells."""
        super().__init__(id=id)
        self.pieces = pieces
        self._looks = StyleCache(self, self.LOOKS)

    def render_line(self, y: int) -> Strip:
        width, blank = self.size.width, self.visual_style.rich_style
        if y:
            return Strip.blank(width, blank)
        segments = [Segment(piece.text, self._looks[piece.style]) for piece in self.pieces(width)]
        return Strip(segments).adjust_cell_length(width, blank)

    def on_click(self, event: events.Click) -> None:
        right = 0
        for piece in self.pieces(self.size.width):
            left, right = right, right + width_of(piece.text)
            action = piece.action or (PALETTE if piece.style == "bar--title" else None)
            if left <= event.x < right and action is not None:
                self.screen.call_next(self.screen.run_action, action)


# Panes

NARROW = 90
"""With fewer columns, a screen shows one pane at a time."""
LOW = 16
"""With fewer lines, a dialog may fill the screen."""
HEIGHTS = [(0, "-low"), (LOW, "-high")]
"""The class of a screen by its lines."""
MIN_SIDE, MAX_SIDE = 36, 60
"""Limits for the columns of a list beside a text."""
Regions = Mapping[Widget, Region]
"""The region of each widget that is shown."""


def is_narrow(width: int) -> bool:
    """Does a screen of `width` columns have room for only one pane?"""
    return width < NARROW


def has_one_pane(widget: Widget, width: int) -> bool:
    """Does a screen show one pane at a time, because it is narrow or for a screen reader?"""
    return is_narrow(width) or is_spoken(widget)


def side_width(width: int) -> int:
    """The columns of a list beside a text on a screen of `width` columns."""
    return max(MIN_SIDE, min(MAX_SIDE, width * 2 // 5))


class RegionLayout(Layout):
    """Places each child in its region, computed by `regions` for a size. Other children are hidden."""

    name = "regions"

    def __init__(self, regions: Callable[[Size], Regions]) -> None:
        super().__init__()
        self._regions = regions

    def arrange(
        self,
        parent: Widget,  # noqa: ARG002
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002
    ) -> ArrangeResult:
        regions = self._regions(size)
        return [
            WidgetPlacement(regions[child], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child in regions
        ]


def divided(left: int, width: int, blank: Style, frame: Style) -> Strip:
    """A row of a screen with the line between its panes, after `left` cells."""
    right = Segment(" " * (width - left - 1), blank)
    return Strip([Segment(" " * left, blank), Segment("│", frame), right], width)
