"""What two versions of a story do not have in common, word by word."""

from __future__ import annotations

from typing import ClassVar

from reader.app.differences_lines import Compared, sentence_document
from reader.app.widgets.line_view import LineView
from reader.app.widgets.searchable_view import SearchableView

WIDEST = 84
"""The most cells of a line of text."""
INDENT = 2


class DifferencesView(SearchableView):
    """Shows a comparison, of any length; its matches are the differences."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "differences-view--text",
        "differences-view--label",
        "differences-view--note",
        "differences-view--space",
        "differences-view--mark",
        "differences-view--removed",
        "differences-view--added",
        "differences-view--match",
        "differences-view--current",
    }
    DEFAULT_CSS = """
    DifferencesView {
        & > .differences-view--text { color: $text-muted; }
        & > .differences-view--label { color: $text-accent; text-style: bold; }
        & > .differences-view--note { color: $foreground; }
        & > .differences-view--removed { color: $text-error; text-style: strike; }
        & > .differences-view--added { color: $text-success; text-style: underline; }
        & > .differences-view--match { text-style: bold; }
        & > .differences-view--current { text-style: bold reverse; }
    }
    """
    KIND = "differences-view"

    class Moved(LineView.Moved):
        """Another row is at the top, or the number of rows is better known."""

    class Found(SearchableView.Found):
        """Another difference is the current one."""

    def show(self, compared: Compared) -> None:
        """Show a comparison from its first difference on."""
        self.set_document(compared.document)
        self.show_known((place, 2) for place in compared.changes)

    def say(self, sentence: str) -> None:
        """Show a sentence instead."""
        self.set_document(sentence_document(sentence))

    def column(self, width: int) -> tuple[int, int]:
        """Some air at the left where there is room."""
        indent = INDENT if width > 30 else 0
        return indent, min(WIDEST, width - indent - 1)
