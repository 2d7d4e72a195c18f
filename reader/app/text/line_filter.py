"""The second net under everything that is drawn: no control character leaves, no link but http and https."""

from __future__ import annotations

import re

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

# None of them is printable to Python, nor is much else: what is goes by unsearched, and these are seldom compiled.
_CONTROLS = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+"
_SAFE_LINK = r"https?://[!-~]+"


class Graphics(str):
    """Escape sequences that this program has made of a picture's pixels. No text of a capture ever becomes one."""

    __slots__ = ()


class SafeOutput(LineFilter):
    """Drops control characters and links that are not plain web addresses; `Graphics` passes.

    An app hands it out last in `get_line_filters`, so that it sees what the others made. Controls take no
    cell, so lines keep their width.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """`segments` themselves when nothing had to go, as is usual."""
        if not any(_has_control(text) or (style and style.link) for text, style, _ in segments):
            return segments
        return [segment if type(segment.text) is Graphics else _safe(segment) for segment in segments]


def _has_control(text: str) -> bool:
    return not text.isprintable() and type(text) is not Graphics and re.search(_CONTROLS, text) is not None


def _safe(segment: Segment) -> Segment:
    return Segment(re.sub(_CONTROLS, "", segment.text), _without_bad_link(segment.style))


def _without_bad_link(style: Style | None) -> Style | None:
    if style is None or style.link is None or re.fullmatch(_SAFE_LINK, style.link):
        return style
    return style.update_link(None)
