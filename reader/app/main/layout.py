"""Where the parts of the main screen stand, decided from its size and from what the reader asked for."""

from __future__ import annotations

from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from reader.app.widgets.panes import is_narrow, side_width

TALL = 22
"""From so many rows on there is room for a rule below the sections."""


class PaneState(NamedTuple):
    """Which panes the reader wants, and which has the keys."""

    pane: str = "list"
    """The pane that has the keys: "list" or "article"."""
    sidebar: bool = True
    """Whether the list is wanted beside the article."""
    zen: bool = False
    """Whether the article is wanted alone."""


class Parts(NamedTuple):
    """The place of each part; None where it is hidden."""

    header: Region | None = None
    strip: Region | None = None
    list: Region | None = None
    article: Region | None = None
    footer: Region | None = None
    rule: int | None = None
    """The row of the rule below the sections."""
    divider: int | None = None
    """The column of the line between list and article."""


def arrange(size: Size, pane_state: PaneState) -> Parts:
    """Place the parts on a screen of `size`."""
    width, height = size
    if pane_state.zen:
        return Parts(article=size.region)
    bars = Parts(header=Region(0, 0, width, 1), footer=Region(0, height - 1, width, 1))
    rows = max(1, height - 2)
    if is_narrow(width):
        if pane_state.pane == "article":
            return bars._replace(article=Region(0, 1, width, rows))
        return _with_list(bars, width, rows, height)
    if not pane_state.sidebar:
        return bars._replace(article=Region(0, 1, width, rows))
    side = side_width(width)
    parts = _with_list(bars, side, rows, height)
    return parts._replace(divider=side, article=Region(side + 1, 1, width - side - 1, rows))


def arrange_spoken(size: Size, pane_state: PaneState, announcement: int, typing: bool) -> Parts:
    """Place the parts on a screen that is read aloud: one pane below the header, and the prompt while `typing`.

    `announcement`: so many rows above the announcement's own stay empty.
    """
    width, height = size
    rows = max(1, height - 1 - announcement - typing)
    pane = Region(0, 1, width, rows)
    parts = Parts(header=Region(0, 0, width, 1), footer=Region(0, 1 + rows, width, 1) if typing else None)
    return parts._replace(article=pane) if pane_state.pane == "article" else parts._replace(list=pane)


def frame_strips(parts: Parts, width: int, blank: Style, frame: Style) -> tuple[Strip, Strip]:
    """Draw a usual line of what stands between the parts, and the line with the rule below the sections."""
    plain = ruled = Strip.blank(width, blank)
    if (side := parts.divider) is not None:
        right = Segment(" " * (width - side - 1), blank)
        plain = Strip([Segment(" " * side, blank), Segment("│", frame), right], width)
        ruled = Strip([Segment("─" * side + "┤", frame), right], width)
    elif parts.rule is not None:
        ruled = Strip([Segment("─" * width, frame)], width)
    return plain, ruled


def _with_list(parts: Parts, width: int, rows: int, height: int) -> Parts:
    above = 2 if height >= TALL else 1
    return parts._replace(
        strip=Region(0, 1, width, 1),
        rule=2 if above == 2 else None,
        list=Region(0, 1 + above, width, max(1, rows - above)),
    )
