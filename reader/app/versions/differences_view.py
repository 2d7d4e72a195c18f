"""What two versions of a story do not have in common, word by word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from reader.app.versions.differences_lines import Compared, sentence_document
from reader.app.widgets.line_view import LineView

WIDEST = 84
"""The most cells of a line of text."""
INDENT = 2


class DifferencesView(LineView):
    """Shows a comparison, of any length; its matches are the differences."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        "text": "text-muted",
        "label": "text-accent bold",
        "note": "foreground",
        "space": "",
        "mark": "",
        "removed": "text-error strike",
        "added": "text-success underline",
        "match": "bold",
        "current": "bold reverse",
    }

    def show(self, compared: Compared) -> None:
        """Show a comparison from its first difference on."""
        self.set_document(compared.document)
        self.finder.show((place, 2) for place in compared.changes)

    def show_note(self, sentence: str) -> None:
        """Show a sentence instead."""
        self.set_document(sentence_document(sentence))

    def column(self, width: int) -> tuple[int, int]:
        """Some air at the left where there is room."""
        indent = INDENT if width > 30 else 0
        return indent, min(WIDEST, width - indent - 1)
