"""A capture as it was kept: its lines with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from reader.app.dialogs.raw_lines import RawDocument
from reader.app.widgets.line_view import LineView


class RawView(LineView):
    """Shows the raw text of a capture, of any length and in lines of any length."""

    LOOKS: ClassVar[Mapping[str, str]] = {**LineView.LOOKS, "text": "", "number": "text-muted"}

    _text: RawDocument | None = None

    def show(self, text: str, line: int = 1) -> None:
        """Show a text with one of its lines, counted from 1, at the top; the last when there are fewer."""
        self._text = RawDocument(text)
        self.set_document(self._text, self._text.find_line(line))

    @property
    def line(self) -> int:
        """The number of the line at the top; 0 when nothing is shown."""
        return self._text.line(self.position) if self._text is not None else 0
