"""The article in its pane: head, body and tail, each part recognisable with colours and without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual import events
from textual.message import Message
from textual.reactive import reactive

from reader.app.keys import with_keys
from reader.app.pictures.rows import PictureRows
from reader.app.text.article_lines import Sightings, article_document, hint_document, signed_at
from reader.app.text.flow import Document, ReadingPosition
from reader.app.text.linked import Linked
from reader.app.text.parts import PartsDocument
from reader.app.text.searchable_view import SearchableView
from reader.app.text.typesetting import Setting
from reader.app.text.wrapping import NARROWEST, Hyphenate
from reader.app.widgets.line_view import LineView
from reader.library import StoredArticle
from reader.settings import Settings

__all__ = ["ArticleView", "ReadingPosition"]

TEXT_WIDTH = 72
"""The most cells of a line of text, unless the reader chooses others."""
NARROWEST_TEXT = 20
WIDEST_TEXT = 160
MOST_LINE_SPACING = 2
MOST_PARAGRAPH_SPACING = 3
INDENT = 3
"""The least empty cells left of the text, in a pane that has room for them."""
HINT = (
    "Nothing is open. Choose an article in the list with {move.down} and {move.up}; {panes.read} reads it, "
    "{app.help} lists every key."
)


class ArticleView(PictureRows, Linked, SearchableView):
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
        "picture": "foreground on panel",
        "space": "",
        "link-paragraph": "text-primary underline",
        "link-item": "text-primary underline",
        "link-quote": "text-primary italic underline",
        "link-signoff": "text-primary italic underline",
        "link-subhead": "text-primary bold underline",
        "letters": "text-accent bold reverse",
    }

    text_width: reactive[int] = reactive(TEXT_WIDTH, init=False, repaint=False)
    """The most cells of a line of text."""
    line_spacing: reactive[int] = reactive(0, init=False, repaint=False)
    """Empty lines between the lines of a body, 0 to 2."""
    paragraph_spacing: reactive[int] = reactive(1, init=False, repaint=False)
    """As many more between its paragraphs, 0 to 3."""
    alignment: reactive[str] = reactive("ragged", init=False, repaint=False)
    """Whether its lines are "ragged" or "justified"."""
    hyphenation: reactive[str] = reactive("off", init=False, repaint=False)
    """What its words are broken by: "off", "auto" or a language; see `reader.app.text.hyphens`."""

    class Moved(LineView.Moved):
        """Another row is at the top, or the number of rows is better known."""

    class Found(SearchableView.Found):
        """A search has come further, or to another match."""

    class Hyphens(Message):
        """What breaks words has been loaded, or cannot be."""

        def __init__(self, wanted: str, hyphenate: Hyphenate | None, error: str | None = None) -> None:
            super().__init__()
            self.wanted = wanted
            self.hyphenate = hyphenate
            self.error = error
            """Why there is none, in a sentence; None where all is well."""

    class NameClicked(Message):
        """The name of an author or of a `sponsor` was clicked."""

        def __init__(self, name: str, *, sponsor: bool) -> None:
            super().__init__()
            self.name = name
            """"" for a sponsor that the page does not name."""
            self.sponsor = sponsor

    _shown: StoredArticle | None = None
    _hyphenate: Hyphenate | None = None
    _is_being_set = False
    """Whether more settings are about to change."""

    def on_mount(self) -> None:
        """Show the hint until there is an article."""
        if self._document is None:
            self.show(None)

    def show(
        self,
        shown: StoredArticle | None,
        place: ReadingPosition | None = None,
        sightings: Sightings = Sightings(),  # noqa: B008 (frozen)
    ) -> None:
        """Show an article from a place on, else from its start; None shows a hint instead.

        Only this view is drawn again.
        """
        self._shown = shown
        document = hint_document(with_keys(HINT)) if shown is None else article_document(shown, sightings)
        self.set_document(document, place)

    def set_document(self, document: Document, place: ReadingPosition | None = None) -> None:
        """Show a document, set as the reader wants it."""
        if isinstance(document, PartsDocument):
            document.typeset(self._setting)
        super().set_document(document, place)

    def show_found(self, found: Iterable[tuple[int, int, int]]) -> None:
        """Mark what a search of the library has found: block, first character and end, in page order."""
        self.show_known((ReadingPosition(block, start), end - start) for block, start, end in found)

    def star(self, starred: bool) -> None:
        """Show whether the article is starred; the place stays, and what was found too."""
        if isinstance(self._document, PartsDocument) and self._document.star(starred):
            self.lay_out_again()

    def on_click(self, event: events.Click) -> None:
        """Say whose name was clicked."""
        offset = event.get_content_offset(self)
        spot = None if offset is None else self.spot(offset.x, offset.y)
        if spot is None or self._shown is None or not isinstance(self._document, PartsDocument):
            return
        role = self._document.role(spot[0])
        name = signed_at(self._shown.article, role, spot[1])
        if name is not None:
            self.post_message(self.NameClicked(name, sponsor=role == "paid"))

    def column(self, width: int) -> tuple[int, int]:
        """The text's first cell and its width: centred, and with some air at its left where there is room."""
        indent = min(INDENT, width // 16)
        text = max(NARROWEST, min(self.text_width, width - indent - min(1, indent)))
        return max(indent, (width - text) // 2), text

    def validate_text_width(self, text_width: int) -> int:
        """Keep within what can be read."""
        return min(max(text_width, NARROWEST_TEXT), WIDEST_TEXT)

    def validate_line_spacing(self, spacing: int) -> int:
        """Keep within what there is."""
        return min(max(spacing, 0), MOST_LINE_SPACING)

    def validate_paragraph_spacing(self, spacing: int) -> int:
        """Keep within what there is."""
        return min(max(spacing, 0), MOST_PARAGRAPH_SPACING)

    def watch_text_width(self) -> None:
        """Wrap for the new width; the place stays."""
        self._set_again()

    def watch_line_spacing(self) -> None:
        """Set the lines apart, or together; the place stays."""
        self._set_again()

    def watch_paragraph_spacing(self) -> None:
        """Set the paragraphs apart, or together; the place stays."""
        self._set_again()

    def watch_alignment(self) -> None:
        """Fill the lines, or leave them; the place stays."""
        self._set_again()

    def watch_hyphenation(self, _: str, wanted: str) -> None:
        """Have a dictionary loaded, once what is to be seen is seen; until then words stay whole."""
        if wanted == "off":
            self._hyphenate = None
            self._set_again()
        else:
            self.call_after_refresh(self._begin_loading, wanted)

    def set_text(self, settings: Settings) -> None:
        """Set the text as the settings say, all in one; the place stays."""
        self._is_being_set = True
        self.text_width = settings.text_width
        self.line_spacing = settings.line_spacing
        self.paragraph_spacing = settings.paragraph_spacing
        self.alignment = settings.alignment
        self.hyphenation = settings.hyphenation
        self._is_being_set = False
        self._set_again()

    @property
    def _setting(self) -> Setting:
        return Setting(
            self.line_spacing, self.paragraph_spacing, self.alignment == "justified", self._hyphenate
        )

    def _set_again(self) -> None:
        """Lay out again in the setting that is wanted now."""
        if self._is_being_set or self._document is None:
            return
        if isinstance(self._document, PartsDocument):
            self._document.typeset(self._setting)
        self.lay_out_again()

    def _begin_loading(self, wanted: str) -> None:
        from functools import partial

        self.run_worker(partial(self._load, wanted), thread=True, group="hyphens", exclusive=True)

    def _load(self, wanted: str) -> None:
        """In a thread of its own: it takes some 50 ms."""
        from reader.app.text.hyphens import HyphenationError, hyphenation

        try:
            found = self.Hyphens(wanted, hyphenation(wanted))
        except HyphenationError as error:
            found = self.Hyphens(wanted, None, str(error))
        self.post_message(found)

    def on_article_view_hyphens(self, message: Hyphens) -> None:
        """Break words from now on, unless another wish came meanwhile."""
        if message.wanted == self.hyphenation:
            self._hyphenate = message.hyphenate
            self._set_again()
