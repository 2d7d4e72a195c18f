"""Helpers to draw widgets: text styles and a filter for unsafe output."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache, reduce
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.widget import Widget

FRAME = "panel-lighten-2"
"""The look of rules and frames."""
_ATTRIBUTES = frozenset(("bold", "italic", "underline", "reverse", "strike"))
_SAFE_LINK = r"https?://[!-~]+"
_JOINED_EMOJI = (
    "([0-9#*\xa9\xae\u203c-\u3299\U0001f000-\U0001faff])"
    "(?:[\ufe0f\u20e3\U0001f3fb-\U0001f3ff]|\u200d[\u203c-\u3299\U0001f000-\U0001faff])+"
)
"""An emoji of several characters. Terminals do not agree on its width, and shift the rest of the row."""
_CONTROLS = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+"


# Styles


def style_of(widget: Widget, look: str) -> Style:
    """The style for a look on a mounted widget, in the colours of the current theme.

    A look is a few words such as "text-accent bold" or "foreground on panel": text attributes and one colour of the
    theme, then "on" and the background. Looks replace component classes, because Textual would parse and apply a CSS
    rule for each of those before the first paint.
    """
    words, _, background = look.partition(" on ")
    variables = widget.app.theme_variables
    attributes: dict[str, Any] = {"background": _colour(variables[background])} if background else {}
    for word in words.split():
        if word in _ATTRIBUTES:
            attributes[word] = True
        elif word == "unbold":  # Many terminals draw bold black as grey.
            attributes["bold"] = False
        else:
            attributes["foreground"] = _colour(variables[word])
    return (widget.visual_style + VisualStyle(**attributes)).rich_style


def _colour(value: str) -> Color:
    """Parse a theme's "#8ab4d8", "ansi_blue 50%" or "auto 87%"."""
    name, _, opacity = value.partition(" ")
    colour = Color.automatic() if name == "auto" else Color.parse(name)
    return colour.multiply_alpha(float(opacity.rstrip("%")) / 100) if opacity else colour


class StyleCache:
    """The styles of a widget's looks, by name, computed once per theme."""

    def __init__(self, widget: Widget, looks: Mapping[str, str]) -> None:
        """`looks`: styles by name. Names that share a style may share a key, with spaces between them."""
        self._widget = widget
        self._looks = {name: look for names, look in looks.items() for name in names.split()}
        self._made_from: object = None
        self._styles: dict[str, Style] = {}

    def __getitem__(self, name: str) -> Style:
        # Textual makes a new object when the widget's style or the theme changes.
        visual_style = self._widget.visual_style
        if visual_style is not self._made_from:
            self._styles.clear()
            self._made_from = visual_style
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = style_of(self._widget, self._looks[name])
        return style


def cursor_style(widget: Widget, looks: StyleCache, prefix: str, *, active: bool) -> Style:
    """The style of a row under a cursor, by the looks "cursor" and "cursor-blurred" with a prefix."""
    if not active:
        return looks[f"{prefix}cursor-blurred"]
    return looks[f"{prefix}cursor"] + Style(reverse=True if widget.app.no_color else None)


# Lines


def draw_scrollbar_in_lines(bar: ScrollBar) -> None:
    """Draw a vertical scrollbar from cached lines. Textual's own rendering makes a cursor key a third slower."""

    def render_lines(crop: Region) -> list[Strip]:
        drawn: Any = bar.render()
        segments = drawn.render_bar(
            size=bar.size.height,
            virtual_size=drawn.virtual_size,
            window_size=drawn.window_size,
            position=drawn.position,
            thickness=bar.size.width,
            back_color=drawn.style.bgcolor,
            bar_color=drawn.style.color,
        ).segments
        filters, background = bar.get_line_filters(), bar.background_colors[1]
        return [
            reduce(lambda line, line_filter: line.apply_filter(line_filter, background), filters, strip)
            for strip in map(_scrollbar_line, segments[crop.y : crop.bottom])
        ]

    bar.render_lines = render_lines  # type: ignore[method-assign]


@lru_cache(maxsize=64)
def _scrollbar_line(segment: Segment) -> Strip:
    return Strip([segment], len(segment.text))


class Graphics(str):
    """Escape sequences that draw a picture, made by this program from pixels, never from a capture's text."""

    __slots__ = ()


class SafeOutput(LineFilter):
    """Drops control characters and unsafe links from all output, and draws an emoji of several characters as its first.

    For control characters this is a second line of defence: text is sanitized before it is drawn. `Graphics` pass. The
    app applies this filter last. Lines keep their width.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return list(map(_safe, segments))


def _safe(segment: Segment) -> Segment:
    text, style, _ = segment
    if type(text) is Graphics:
        return segment
    if not text.isascii() and (plain := re.sub(_JOINED_EMOJI, _first_emoji, text)) != text:
        segment = Segment(text := plain, style)
    if style is not None and style.link is not None and not re.fullmatch(_SAFE_LINK, style.link):
        style = style.update_link(None)
    elif text.isprintable():  # Most text is, and needs no search.
        return segment
    return Segment(re.sub(_CONTROLS, "", text), style)


def _first_emoji(emoji: re.Match[str]) -> str:
    return emoji[1] + " " * (cell_len(emoji[0]) - cell_len(emoji[1]))


# Speech


def is_spoken(widget: Widget) -> bool:
    """Is this the app for a screen reader, with one pane, and words instead of symbols?"""
    return getattr(widget.app, "speech", None) is not None
