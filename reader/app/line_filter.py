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


class SafeOutput(LineFilter):
    """Drops control characters and links that are not plain web addresses.

    An app hands it out last in `get_line_filters`, so that it sees what the others made. Controls take no
    cell, so lines keep their width.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """`segments` themselves when nothing can have to go, as is usual."""
        if all(text.isprintable() and not (style and style.link) for text, style, _ in segments):
            return segments
        return [Segment(re.sub(_CONTROLS, "", text), _without_bad_link(style)) for text, style, _ in segments]


def _without_bad_link(style: Style | None) -> Style | None:
    if style is None or style.link is None or re.fullmatch(_SAFE_LINK, style.link):
        return style
    return style.update_link(None)
