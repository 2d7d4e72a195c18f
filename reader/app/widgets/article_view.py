"""The article in its pane: head, body and tail, each part recognisable with colours and without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.reactive import reactive

from reader.app.article_lines import PartsDocument, Sightings, article_document, hint_document
from reader.app.flow import Place
from reader.app.keys import tell
from reader.app.layout import NARROWEST
from reader.app.widgets.line_view import LineView
from reader.app.widgets.searchable_view import SearchableView
from reader.library import StoredArticle

__all__ = ["ArticleView", "Place"]

TEXT_WIDTH = 72
"""The most cells of a line of text, unless the reader chooses others."""
NARROWEST_TEXT = 20
WIDEST_TEXT = 160
INDENT = 3
"""The least empty cells left of the text, in a pane that has room for them."""
HINT = (
    "Nothing is open. Choose an article in the list with {move.down} and {move.up}; {panes.read} reads it, "
    "{app.help} lists every key."
)


class ArticleView(SearchableView):
    """Shows one article, centred in lines of at most `text_width` cells."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        **SearchableView.LOOKS,
        "kicker": "text-accent bold",
        "headline": "bold",
        "deck": "italic",
        "byline": "text-muted",
        "caption": "text-muted",
        "credit": "text-muted italic",
        "paragraph": "",
        "subhead": "bold",
        "item": "",
        "quote": "italic",
        "signoff": "italic",
        "bio": "text-muted",
        "bio-name": "text-muted bold",
        "notice": "text-warning",
        "paid": "text-warning",
        "truncated": "text-warning bold",
        "sponsored": "text-warning bold",
        "whole": "text-success bold",
        "sighting": "text-success",
        "source": "text-muted",
        "rule": "text-muted",
        "mark": "text-accent",
        "hint": "text-muted",
        "space": "",
    }

    text_width: reactive[int] = reactive(TEXT_WIDTH, init=False, repaint=False)
    """The most cells of a line of text."""

    class Moved(LineView.Moved):
        """Another row is at the top, or the number of rows is better known."""

    class Found(SearchableView.Found):
        """A search has come further, or to another match."""

    def on_mount(self) -> None:
        """Show the hint until there is an article."""
        if self._document is None:
            self.show(None)

    def show(
        self,
        shown: StoredArticle | None,
        place: Place | None = None,
        sightings: Sightings = Sightings(),  # noqa: B008 (frozen)
    ) -> None:
        """Show an article from a place on, else from its start; None shows a hint instead.

        Only this view is drawn again.
        """
        document = hint_document(tell(HINT)) if shown is None else article_document(shown, sightings)
        self.set_document(document, place)

    def show_found(self, found: Iterable[tuple[int, int, int]]) -> None:
        """Mark what a search of the library has found: block, first character and end, in page order."""
        self.show_known((Place(block, start), end - start) for block, start, end in found)

    def star(self, starred: bool) -> None:
        """Show whether the article is starred; the place stays, and what was found too."""
        if isinstance(self._document, PartsDocument) and self._document.star(starred):
            self.lay_out_again()

    def column(self, width: int) -> tuple[int, int]:
        """The text's first cell and its width: centred, and with some air at its left where there is room."""
        indent = min(INDENT, width // 16)
        text = max(NARROWEST, min(self.text_width, width - indent - min(1, indent)))
        return max(indent, (width - text) // 2), text

    def validate_text_width(self, text_width: int) -> int:
        """Keep within what can be read."""
        return min(max(text_width, NARROWEST_TEXT), WIDEST_TEXT)

    def watch_text_width(self) -> None:
        """Wrap for the new width; the place stays."""
        self.lay_out_again()
