"""The lines of the search screen below the query and below the hits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.reactive import reactive

from reader.app import search_texts
from reader.app.search_texts import RuleState, SearchFooterState
from reader.app.widgets.bar_texts import Piece
from reader.app.widgets.bars import Bar


class RuleBar(Bar[RuleState]):
    """The line below the query."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        **Bar.LOOKS,
        "bar--alert": "text-error bold",
        "bar--alert-text": "text-error",
    }
    state = reactive(RuleState())

    def pieces(self, width: int) -> list[Piece]:
        """The count, or what is wrong."""
        return search_texts.rule(self.state, width)


class SearchFooter(Bar[SearchFooterState]):
    """The keys that matter now."""

    state = reactive(SearchFooterState())

    def pieces(self, width: int) -> list[Piece]:
        """Keys, and which hit the cursor is on."""
        return search_texts.footer(self.state, width)
