"""Where the parts of the main screen stand, decided from its size and from what the reader asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.geometry import Region, Size

if TYPE_CHECKING:
    from textual.widget import Widget

NARROW = 90
"""Below so many columns one pane is seen at a time."""
TALL = 22
"""From so many rows on there is room for a rule below the sections."""
SIDE_LEAST, SIDE_MOST = 36, 60
"""The list's columns beside an article."""


class PaneState(NamedTuple):
    """What the reader asked for."""

    pane: str = "list"
    """The pane that has the keys: "list" or "article"."""
    sidebar: bool = True
    """Whether the list is wanted beside the article."""
    zen: bool = False
    """Whether the article is wanted alone."""


class Parts(NamedTuple):
    """The place of each part; None where it is not seen."""

    header: Region | None = None
    strip: Region | None = None
    list: Region | None = None
    article: Region | None = None
    footer: Region | None = None
    rule: int | None = None
    """The row of the rule below the sections."""
    divider: int | None = None
    """The column of the line between list and article."""


def is_narrow(width: int) -> bool:
    """Whether a screen of `width` columns has room for one pane only."""
    return width < NARROW


def one_pane(widget: Widget, width: int) -> bool:
    """Whether a screen of `width` columns shows one pane at a time: it is narrow, or heard instead of seen."""
    return is_narrow(width) or bool(getattr(widget.app, "ONE_PANE", False))


def side_of(width: int) -> int:
    """The columns of a list beside a text on a screen of `width` columns."""
    return max(SIDE_LEAST, min(SIDE_MOST, width * 2 // 5))


def arrange(size: Size, pane_state: PaneState) -> Parts:
    """The parts on a screen of `size`."""
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
    side = side_of(width)
    parts = _with_list(bars, side, rows, height)
    return parts._replace(divider=side, article=Region(side + 1, 1, width - side - 1, rows))


def _with_list(parts: Parts, width: int, rows: int, height: int) -> Parts:
    above = 2 if height >= TALL else 1
    return parts._replace(
        strip=Region(0, 1, width, 1),
        rule=2 if above == 2 else None,
        list=Region(0, 1 + above, width, max(1, rows - above)),
    )
