"""Our own themes. All text has a contrast of at least 7:1, which a test computes."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

_BASE: Final = (
    "primary", "secondary", "accent", "warning", "error", "success", "foreground", "background", "surface", "panel",
)  # fmt: skip
"""The colours that every theme of Textual has; the others are variables."""
_COLOURS: Final = {
    "primary": "#8ab4d8 #1f4a70 #8fd3ff",
    "secondary": "#bda8da #57407a #e2c8ff",
    "accent": "#e3b567 #6d3b00 #ffe000",
    "warning": "#f0b072 #743600 #ffc266",
    "error": "#f5a59b #8a1f17 #ffb3a8",
    "success": "#9ccb9a #25512a #9dff9d",
    "foreground": "#dcdfe4 #2a2622 #ffffff",
    "background": "#14171c #f6f0e3 #000000",
    "surface": "#191d23 #f1eada #000000",
    "panel": "#20262e #ece4d2 #1a1a1a",
    "text-primary": "#9cc3e4 #1f4a70 #8fd3ff",
    "text-secondary": "#c9b8e4 #4e396f #e2c8ff",
    "text-accent": "#e3b567 #6d3b00 #ffe000",
    "text-warning": "#f0b072 #743600 #ffc266",
    "text-error": "#f5a59b #821c15 #ffb3a8",
    "text-success": "#a9d4a7 #1f4724 #9dff9d",
    "muted": "#adb4bf #4b443c #ffffff",
    "line": "#3b4552 #c9bda2 #ffffff",
    "border": "#5d7f9e #8a7a58 #ffffff",
    "on-cursor": "#f2f5f8 #1c1814 #000000",
    "block-cursor-background": "#2a3a4c #dccfae #ffe000",
    "block-cursor-text-style": "none none bold",
    "block-cursor-blurred-background": "#20262e #ebe3d0 #3a3a3a",
    "block-hover-background": "#1d232b #efe7d6 #2a2a2a",
    "input-selection-background": "#34506b #cbb98c #ffe000",
    "behind-scrollbar": "#181c22 #efe8d8 #000000",
    "scrollbar-hover": "#52606f #a99a78 #ffe000",
    "scrollbar-active": "#8ab4d8 #1f4a70 #ffe000",
    "highlight-text": "#fffaf0 #14120f #000000",
    "highlight-yellow": "#544400 #ffe27a #fff3a0",
    "highlight-green": "#1d4f2b #bfe6b4 #9dff9d",
    "highlight-blue": "#35357d #bcdcf5 #8fd3ff",
}
"""The colours of ink, paper and contrast."""
# With sixteen colours, brown would become yellow, on white. These themes use the terminal's own colours. Many terminals
# draw bold red as bright red, which is too faint on white. Blue is not.
_SIXTEEN: Final = {
    "primary": "bright_cyan blue",
    "secondary": "bright_magenta magenta",
    "accent": "bright_yellow blue",
    "warning": "bright_yellow red",
    "error": "bright_red red",
    "success": "bright_green green",
    "text-primary": "bright_cyan blue",
    "text-secondary": "bright_magenta magenta",
    "text-accent": "bright_yellow default",
    "text-warning": "bright_yellow blue",
    "text-error": "bright_red blue",
    "text-success": "bright_green blue",
    "line": "white black",
    "cursor": "blue white",
    "on-cursor": "bright_white default",
    "input-cursor-foreground": "black bright_white",
    "highlight-text": "black default",
    "highlight-yellow": "bright_yellow bright_yellow",
    "highlight-green": "bright_green bright_green",
    "highlight-blue": "bright_cyan bright_cyan",
}
"""The colours of ink-16 and paper-16, by the names that the terminal's colours have in Textual."""


def highlight_variables(*, dark: bool) -> dict[str, str]:
    """The colours of highlights for themes that do not have any, such as Textual's: those of ink or paper."""
    return {
        name: colours.split()[0 if dark else 1]
        for name, colours in _COLOURS.items()
        if name.startswith("highlight-")
    }


def _own(name: str, column: int, *, dark: bool) -> Theme:
    colours = {key: row.split()[column] for key, row in _COLOURS.items()}
    foreground, muted = colours["foreground"], colours.pop("muted")
    line, on_cursor, behind = (colours.pop(key) for key in ("line", "on-cursor", "behind-scrollbar"))
    base = {key: colours.pop(key) for key in _BASE}
    return Theme(
        name=name,
        dark=dark,
        **base,  # type: ignore[arg-type]
        variables={
            **colours,
            "text": foreground,
            **_all(muted, "text-muted text-disabled foreground-muted foreground-disabled"),
            "footer-key-foreground": base["accent"],
            **_all(line, "panel-lighten-2 border-blurred scrollbar"),
            **_all(on_cursor, "block-cursor-foreground input-selection-foreground"),
            "block-cursor-blurred-foreground": foreground,
            **_all(behind, "scrollbar-background scrollbar-background-hover scrollbar-background-active"),
            "scrollbar-corner-color": behind,
        },
    )


def _sixteen(name: str, column: int, *, dark: bool) -> Theme:
    colours = {key: f"ansi_{row.split()[column]}" for key, row in _SIXTEEN.items()}
    line, cursor, on_cursor = (colours.pop(key) for key in ("line", "cursor", "on-cursor"))
    base = {key: colours.pop(key) for key in _BASE[:6]} | dict.fromkeys(_BASE[6:], "ansi_default")
    return Theme(
        name=name,
        dark=dark,
        ansi=True,
        **base,  # type: ignore[arg-type]
        boost="ansi_default",
        variables={
            **colours,
            **_all(
                "ansi_default",
                "text text-muted text-disabled foreground-muted foreground-disabled ansi-background ansi-foreground "
                "block-hover-background block-cursor-blurred-background block-cursor-blurred-foreground "
                "scrollbar-background scrollbar-background-hover scrollbar-background-active scrollbar-corner-color",
            ),
            **_all(line, "panel-lighten-2 border border-blurred scrollbar input-cursor-background"),
            "footer-key-foreground": colours["text-accent"],
            **_all(base["accent"], "scrollbar-hover scrollbar-active"),
            **_all(cursor, "block-cursor-background input-selection-background screen-selection-background"),
            **_all(
                on_cursor, "block-cursor-foreground input-selection-foreground screen-selection-foreground"
            ),
            **_all("none", "block-cursor-text-style input-cursor-text-style"),
        },
    )


def _all(colour: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), colour)


THEMES = INK, PAPER, CONTRAST = (
    _own("ink", 0, dark=True),
    _own("paper", 1, dark=False),
    _own("contrast", 2, dark=True),
)
INK_16, PAPER_16 = _sixteen("ink-16", 0, dark=True), _sixteen("paper-16", 1, dark=False)
SUBSTITUTES_16 = {INK.name: INK_16.name, PAPER.name: PAPER_16.name, CONTRAST.name: INK_16.name}
"""By theme, the theme to use instead on a terminal with sixteen colours."""
