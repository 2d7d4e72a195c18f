"""The second net under everything that is drawn: no control character leaves, no link but http and https."""

from __future__ import annotations

import re

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_find_control = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
).search
_drop_controls = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+"
).sub
_is_safe_link = re.compile(r"https?://[!-~]+").fullmatch


class SafeOutput(LineFilter):
    """Drops control characters and links that are not plain web addresses.

    An app hands it out last in `get_line_filters`, so that it sees what the others made. Controls take no
    cell, so lines keep their width.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """`segments` themselves when nothing had to go, as is usual."""
        if not any(_find_control(text) or (style and style.link) for text, style, _ in segments):
            return segments
        return [Segment(_drop_controls("", text), _without_bad_link(style)) for text, style, _ in segments]


def _without_bad_link(style: Style | None) -> Style | None:
    if style is None or style.link is None or _is_safe_link(style.link):
        return style
    return style.update_link(None)
