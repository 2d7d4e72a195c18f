"""Our own themes. All text has a contrast of at least 7:1, which a test computes."""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import Theme


def highlight_variables(*, dark: bool) -> dict[str, str]:
    """The colours of highlights for themes that do not have any, such as Textual's."""
    names = ("highlight-text", "highlight-yellow", "highlight-green", "highlight-blue")
    on_dark, on_light = "#fffaf0 #544400 #1d4f2b #35357d", "#14120f #ffe27a #bfe6b4 #bcdcf5"
    return dict(zip(names, (on_dark if dark else on_light).split(), strict=True))


def _sixteen(
    name: str,
    *,
    dark: bool,
    plain: str,
    cursor: str,
    on_cursor: str,
    words: Mapping[str, str],
    **colours: str,
) -> Theme:
    """Make a theme of the terminal's own sixteen colours.

    `plain` is the colour of lines; `words` has the colours of text where they differ from `colours`.
    """
    default = (
        "text", "text-muted", "text-disabled", "foreground-muted", "foreground-disabled", "ansi-background",
        "ansi-foreground", "block-hover-background", "block-cursor-blurred-background",
        "block-cursor-blurred-foreground", "scrollbar-background", "scrollbar-background-hover",
        "scrollbar-background-active", "scrollbar-corner-color",
    )  # fmt: skip
    lines = ("panel-lighten-2", "border", "border-blurred", "scrollbar", "input-cursor-background")
    chosen = ("block-cursor", "input-selection", "screen-selection")
    return Theme(
        name=name,
        ansi=True,
        dark=dark,
        **colours,  # type: ignore[arg-type]
        **dict.fromkeys(("foreground", "background", "surface", "panel", "boost"), "ansi_default"),  # type: ignore[arg-type]
        variables={
            **dict.fromkeys(default, "ansi_default"),
            **dict.fromkeys(lines, plain),
            "highlight-text": "ansi_black" if dark else "ansi_default",
            "highlight-yellow": "ansi_bright_yellow",
            "highlight-green": "ansi_bright_green",
            "highlight-blue": "ansi_bright_cyan",
            **{f"text-{name}": words.get(name, colour) for name, colour in colours.items()},
            "footer-key-foreground": words.get("accent", colours["accent"]),
            **dict.fromkeys(("scrollbar-hover", "scrollbar-active"), colours["accent"]),
            **{f"{name}-background": cursor for name in chosen},
            **{f"{name}-foreground": on_cursor for name in chosen},
            "input-cursor-foreground": "ansi_black" if dark else "ansi_bright_white",
            **dict.fromkeys(("block-cursor-text-style", "input-cursor-text-style"), "none"),
        },
    )


def _own(
    name: str,
    *,
    dark: bool,
    muted: str,
    line: str,
    on_cursor: str,
    behind_scrollbar: str,
    texts: Mapping[str, str],
    variables: Mapping[str, str],
    **colours: str,
) -> Theme:
    """Make one of our own themes.

    `muted` is the colour of secondary text, `line` that of lines, `on_cursor` that of text under the cursor and of
    selected text. `texts` has the colours of text where they differ from `colours`.
    """
    kinds = ("primary", "secondary", "accent", "warning", "error", "success")
    less = ("text-muted", "text-disabled", "foreground-muted", "foreground-disabled")
    behind = ("background", "background-hover", "background-active", "corner-color")
    return Theme(
        name=name,
        dark=dark,
        **colours,  # type: ignore[arg-type]
        variables={
            "text": colours["foreground"],
            **dict.fromkeys(less, muted),
            **{f"text-{kind}": texts.get(kind, colours[kind]) for kind in kinds},
            "footer-key-foreground": colours["accent"],
            **dict.fromkeys(("panel-lighten-2", "border-blurred", "scrollbar"), line),
            "block-cursor-foreground": on_cursor,
            "block-cursor-text-style": "none",
            "block-cursor-blurred-foreground": colours["foreground"],
            "input-selection-foreground": on_cursor,
            "scrollbar-active": colours["primary"],
            **{f"scrollbar-{part}": behind_scrollbar for part in behind},
            **variables,
        },
    )


INK = _own(
    "ink",
    dark=True,
    primary="#8ab4d8",
    secondary="#bda8da",
    accent="#e3b567",
    warning="#f0b072",
    error="#f5a59b",
    success="#9ccb9a",
    foreground="#dcdfe4",
    background="#14171c",
    surface="#191d23",
    panel="#20262e",
    muted="#adb4bf",
    line="#3b4552",
    on_cursor="#f2f5f8",
    behind_scrollbar="#181c22",
    texts={"primary": "#9cc3e4", "secondary": "#c9b8e4", "success": "#a9d4a7"},
    variables={
        "block-cursor-background": "#2a3a4c",
        "block-cursor-blurred-background": "#20262e",
        "block-hover-background": "#1d232b",
        "border": "#5d7f9e",
        "scrollbar-hover": "#52606f",
        "input-selection-background": "#34506b",
    },
)
PAPER = _own(
    "paper",
    dark=False,
    primary="#1f4a70",
    secondary="#57407a",
    accent="#6d3b00",
    warning="#743600",
    error="#8a1f17",
    success="#25512a",
    foreground="#2a2622",
    background="#f6f0e3",
    surface="#f1eada",
    panel="#ece4d2",
    muted="#4b443c",
    line="#c9bda2",
    on_cursor="#1c1814",
    behind_scrollbar="#efe8d8",
    texts={"secondary": "#4e396f", "error": "#821c15", "success": "#1f4724"},
    variables={
        "block-cursor-background": "#dccfae",
        "block-cursor-blurred-background": "#ebe3d0",
        "block-hover-background": "#efe7d6",
        "border": "#8a7a58",
        "scrollbar-hover": "#a99a78",
        "input-selection-background": "#cbb98c",
    },
)
CONTRAST = _own(
    "contrast",
    dark=True,
    primary="#8fd3ff",
    secondary="#e2c8ff",
    accent="#ffe000",
    warning="#ffc266",
    error="#ffb3a8",
    success="#9dff9d",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    muted="#ffffff",
    line="#ffffff",
    on_cursor="#000000",
    behind_scrollbar="#000000",
    texts={},
    variables={
        "block-cursor-background": "#ffe000",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#3a3a3a",
        "block-hover-background": "#2a2a2a",
        "border": "#ffffff",
        "scrollbar-hover": "#ffe000",
        "scrollbar-active": "#ffe000",
        "input-selection-background": "#ffe000",
        "highlight-text": "#000000",
        "highlight-yellow": "#fff3a0",
        "highlight-green": "#9dff9d",
        "highlight-blue": "#8fd3ff",
    },
)
# With sixteen colours, brown would become yellow, on white. These themes use the terminal's own colours.
INK_16 = _sixteen(
    "ink-16",
    dark=True,
    plain="ansi_white",
    cursor="ansi_blue",
    on_cursor="ansi_bright_white",
    words={},
    primary="ansi_bright_cyan",
    secondary="ansi_bright_magenta",
    accent="ansi_bright_yellow",
    warning="ansi_bright_yellow",
    error="ansi_bright_red",
    success="ansi_bright_green",
)
# Many terminals draw bold red as bright red, which is too faint on white. Blue is not.
PAPER_16 = _sixteen(
    "paper-16",
    dark=False,
    plain="ansi_black",
    cursor="ansi_white",
    on_cursor="ansi_default",
    words={"accent": "ansi_default", "warning": "ansi_blue", "error": "ansi_blue", "success": "ansi_blue"},
    primary="ansi_blue",
    secondary="ansi_magenta",
    accent="ansi_blue",
    warning="ansi_red",
    error="ansi_red",
    success="ansi_green",
)
SUBSTITUTES_16 = {INK.name: INK_16.name, PAPER.name: PAPER_16.name, CONTRAST.name: INK_16.name}
"""By theme, the theme to use instead on a terminal with sixteen colours."""
THEMES = (INK, PAPER, CONTRAST)
