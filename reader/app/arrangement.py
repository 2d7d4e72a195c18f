"""Which parts of the main screen are seen, decided from its size and what the reader asked for."""

from __future__ import annotations

from typing import NamedTuple

NARROW = 90
"""Below so many columns one pane is seen at a time."""


class Parts(NamedTuple):
    """What is seen."""

    side: bool
    """Sections and list."""
    article: bool
    chrome: bool
    """Header and footer."""


def is_narrow(width: int) -> bool:
    """Whether a screen of `width` columns has room for one pane only."""
    return width < NARROW


def arrange(width: int, pane: str, *, sidebar: bool, zen: bool) -> Parts:
    """`pane`: which has the keys, "list" or "article"; `sidebar`: whether the list is wanted beside the article."""
    if zen:
        return Parts(side=False, article=True, chrome=False)
    if is_narrow(width):
        return Parts(side=pane == "list", article=pane == "article", chrome=True)
    return Parts(side=sidebar, article=True, chrome=True)
