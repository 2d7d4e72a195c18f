"""The lines of the search screen below the query and below the hits."""

from __future__ import annotations

from typing import ClassVar

from textual.reactive import reactive

from reader.app import search_texts
from reader.app.search_texts import RuleState, SearchFooterState
from reader.app.widgets.bar_texts import Piece
from reader.app.widgets.bars import Bar


class RuleBar(Bar[RuleState]):
    """The line below the query."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "bar--text", "bar--rule", "bar--strong", "bar--alert", "bar--alert-text",
    }  # fmt: skip
    DEFAULT_CSS = """
    RuleBar {
        & > .bar--alert { color: $text-error; text-style: bold; }
        & > .bar--alert-text { color: $text-error; }
    }
    """
    state = reactive(RuleState())

    def pieces(self, width: int) -> list[Piece]:
        """The count, or what is wrong."""
        return search_texts.rule(self.state, width)


class SearchFooter(Bar[SearchFooterState]):
    """The keys that matter now."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"bar--text", "bar--key", "bar--muted"}
    state = reactive(SearchFooterState())

    def pieces(self, width: int) -> list[Piece]:
        """Keys, and which hit the cursor is on."""
        return search_texts.footer(self.state, width)
