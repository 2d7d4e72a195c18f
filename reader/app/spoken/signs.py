"""A net under everything that is drawn: no line, bar or block leaves, and dots between words are commas."""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_FIRST, _LAST = "\u2500", "\u259f"
"""Box Drawing and Block Elements."""
_BLANK: Final = dict.fromkeys(range(ord(_FIRST), ord(_LAST) + 1), " ") | {ord("•"): " ", ord("★"): " "}


def without_signs(text: str) -> str:
    """`text` as it can be spoken, as wide as before."""
    return text if text.isascii() else text.translate(_BLANK).replace(" · ", ",  ")


class WithoutSigns(LineFilter):
    """Draws what can be spoken."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """`segments` themselves when nothing had to go."""
        if all(text.isascii() for text, _, _ in segments):
            return segments
        return [Segment(without_signs(text), style, control) for text, style, control in segments]
