"""Our own themes. All text has a contrast of at least 7:1, which a test computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.theme import Theme

_BASE: Final = (
    "primary", "secondary", "accent", "warning", "error", "success", "foreground", "background", "surface", "panel",
)  # fmt: skip
"""The colours that every theme of Textual has; the others are variables."""
_COLOURS: Final = {
    "primary": "#8ab4d8 #1f4a70 #8fd3ff",
    "secondary": "#bda8da #57407a #e2c8ff",
    "accent footer-key-foreground": "#e3b567 #6d3b00 #ffe000",
    "warning": "#f0b072 #743600 #ffc266",
    "error": "#f5a59b #8a1f17 #ffb3a8",
    "success": "#9ccb9a #25512a #9dff9d",
    "foreground text block-cursor-blurred-foreground": "#dcdfe4 #2a2622 #ffffff",
    "background": "#14171c #f6f0e3 #000000",
    "surface": "#191d23 #f1eada #000000",
    "panel": "#20262e #ece4d2 #1a1a1a",
    "text-primary": "#9cc3e4 #1f4a70 #8fd3ff",
    "text-secondary": "#c9b8e4 #4e396f #e2c8ff",
    "text-accent": "#e3b567 #6d3b00 #ffe000",
    "text-warning": "#f0b072 #743600 #ffc266",
    "text-error": "#f5a59b #821c15 #ffb3a8",
    "text-success": "#a9d4a7 #1f4724 #9dff9d",
    "text-muted text-disabled foreground-muted foreground-disabled": "#adb4bf #4b443c #ffffff",
    "panel-lighten-2 border-blurred scrollbar": "#3b4552 #c9bda2 #ffffff",
    "border": "#5d7f9e #8a7a58 #ffffff",
    "block-cursor-foreground input-selection-foreground": "#f2f5f8 #1c1814 #000000",
    "block-cursor-background": "#2a3a4c #dccfae #ffe000",
    "block-cursor-text-style": "none none bold",
    "block-cursor-blurred-background": "#20262e #ebe3d0 #3a3a3a",
    "block-hover-background": "#1d232b #efe7d6 #2a2a2a",
    "input-selection-background": "#34506b #cbb98c #ffe000",
    "scrollbar-background scrollbar-background-hover scrollbar-background-active scrollbar-corner-color":
        "#181c22 #efe8d8 #000000",
    "scrollbar-hover": "#52606f #a99a78 #ffe000",
    "scrollbar-active": "#8ab4d8 #1f4a70 #ffe000",
    "highlight-text": "#fffaf0 #14120f #000000",
    "highlight-yellow": "#544400 #ffe27a #fff3a0",
    "highlight-green": "#1d4f2b #bfe6b4 #9dff9d",
    "highlight-blue": "#35357d #bcdcf5 #8fd3ff",
}  # fmt: skip
"""The colours of the themes ink, paper and contrast. Names that share their colours share a row."""
_256: Final = {
    "primary text-primary scrollbar-active": "#87afd7 #000087",
    "secondary text-secondary": "#d7afff #5f0087",
    "accent text-accent footer-key-foreground": "#d7af5f #5f0000",
    "warning text-warning": "#ffaf5f #870000",
    "error text-error": "#ffafaf #870000",
    "success text-success": "#afd7af #005f00",
    "foreground text block-cursor-blurred-foreground": "#dadada #262626",
    "background surface scrollbar-background scrollbar-background-hover scrollbar-background-active "
    "scrollbar-corner-color": "#1c1c1c #ffffff",
    "panel block-hover-background": "#262626 #eeeeee",
    "text-muted text-disabled foreground-muted foreground-disabled": "#c6c6c6 #444444",
    "panel-lighten-2 border-blurred scrollbar": "#585858 #b2b2b2",
    "border scrollbar-hover": "#808080 #767676",
    "block-cursor-background": "#444444 #d0d0d0",
    "block-cursor-blurred-background": "#303030 #e4e4e4",
    "input-selection-background": "#4e4e4e #bcbcbc",
    "block-cursor-foreground input-selection-foreground": "#ffffff #000000",
    "highlight-text": "#121212 #121212",
    "highlight-yellow": "#d7d75f #ffd787",
    "highlight-green": "#87d787 #afd7af",
    "highlight-blue": "#87afff #afd7ff",
}
"""Colours of ink-256 and paper-256. Those of ink and paper would be drawn as black, teal, yellow and pink there."""
# With sixteen colours, brown would become yellow, on white. These themes use the terminal's own colours. Many terminals
# draw bold red as bright red, which is too faint on white. Blue is not.
_SIXTEEN: Final = {
    "primary": "bright_cyan blue",
    "secondary": "bright_magenta magenta",
    "accent scrollbar-hover scrollbar-active": "bright_yellow blue",
    "warning": "bright_yellow red",
    "error": "bright_red red",
    "success": "bright_green green",
    "foreground background surface panel boost text text-muted text-disabled foreground-muted foreground-disabled "
    "ansi-background ansi-foreground block-hover-background block-cursor-blurred-background "
    "block-cursor-blurred-foreground scrollbar-background scrollbar-background-hover scrollbar-background-active "
    "scrollbar-corner-color": "default default",
    "text-primary": "bright_cyan blue",
    "text-secondary": "bright_magenta magenta",
    "text-accent footer-key-foreground": "bright_yellow default",
    "text-warning": "bright_yellow blue",
    "text-error": "bright_red blue",
    "text-success": "bright_green blue",
    "panel-lighten-2 border border-blurred scrollbar input-cursor-background": "white black",
    "block-cursor-background input-selection-background screen-selection-background": "blue white",
    "block-cursor-foreground input-selection-foreground screen-selection-foreground": "bright_white default",
    "input-cursor-foreground": "black bright_white",
    "highlight-text": "black default",
    "highlight-yellow": "bright_yellow bright_yellow",
    "highlight-green": "bright_green bright_green",
    "highlight-blue": "bright_cyan bright_cyan",
}
"""The colours of ink-16 and paper-16, by the names that the terminal's colours have in Textual."""


def highlight_variables(*, dark: bool) -> dict[str, str]:
    """The colours of highlights for themes that do not have any, such as Textual's: those of ink or paper."""
    colours = _column(_COLOURS, 0 if dark else 1)
    return {name: colour for name, colour in colours.items() if name.startswith("highlight-")}


def _column(table: Mapping[str, str], column: int) -> dict[str, str]:
    return {name: row.split()[column] for names, row in table.items() for name in names.split()}


def _own(name: str, colours: dict[str, str], *, dark: bool) -> Theme:
    base = {key: colours.pop(key) for key in _BASE}
    return Theme(name=name, dark=dark, **base, variables=colours)  # type: ignore[arg-type]


def _sixteen(name: str, column: int, *, dark: bool) -> Theme:
    colours = {key: f"ansi_{colour}" for key, colour in _column(_SIXTEEN, column).items()}
    base = {key: colours.pop(key) for key in (*_BASE, "boost")}
    plain = {"block-cursor-text-style": "none", "input-cursor-text-style": "none"}
    return Theme(name=name, dark=dark, ansi=True, **base, variables=colours | plain)  # type: ignore[arg-type]


THEMES = INK, PAPER, CONTRAST = (
    _own("ink", _column(_COLOURS, 0), dark=True),
    _own("paper", _column(_COLOURS, 1), dark=False),
    _own("contrast", _column(_COLOURS, 2), dark=True),
)
INK_256 = _own("ink-256", _column(_COLOURS, 0) | _column(_256, 0), dark=True)
PAPER_256 = _own("paper-256", _column(_COLOURS, 1) | _column(_256, 1), dark=False)
INK_16, PAPER_16 = _sixteen("ink-16", 0, dark=True), _sixteen("paper-16", 1, dark=False)
FOR_FEWER_COLOURS = (INK_256, PAPER_256, INK_16, PAPER_16)
SUBSTITUTES: Final[Mapping[str | None, Mapping[str, str]]] = {
    "256": {INK.name: INK_256.name, PAPER.name: PAPER_256.name},
    "standard": {INK.name: INK_16.name, PAPER.name: PAPER_16.name, CONTRAST.name: INK_16.name},
}
"""By the colours of the terminal (Rich's name for them) and theme, the theme to use instead."""
