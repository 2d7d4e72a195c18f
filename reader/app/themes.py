"""The two themes of our own. Every text on them has a contrast of at least 7:1; a test computes it."""

from __future__ import annotations

from textual.theme import Theme

INK = Theme(
    name="ink",
    dark=True,
    primary="#8ab4d8",
    secondary="#b9a3d6",
    accent="#e3b567",
    warning="#f0b072",
    error="#f39a90",
    success="#9ccb9a",
    foreground="#dcdfe4",
    background="#14171c",
    surface="#1b1f26",
    panel="#232933",
)
PAPER = Theme(
    name="paper",
    dark=False,
    primary="#1f4a70",
    secondary="#57407a",
    accent="#743f00",
    warning="#7a3a00",
    error="#8a1f17",
    success="#25512a",
    foreground="#2a2622",
    background="#f6f0e3",
    surface="#efe7d6",
    panel="#e6dcc7",
)
THEMES = (INK, PAPER)
