"""The widget that shows an article: head, body and tail, distinct with and without colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from textual import events
from textual.geometry import Offset
from textual.message import Message

from reader.app.keys import with_keys
from reader.app.messages import show_error
from reader.app.text.article_lines import OtherVersions, Written, article_document, hint_document
from reader.app.text.document import NOTHING, Document, ReadingPosition
from reader.app.text.typesetting import HyphenationError, Typesetting, load_hyphenation
from reader.app.text.wrapping import NARROWEST
from reader.app.widgets.drawing import draw_scrollbar_in_lines, is_spoken
from reader.app.widgets.layers import LinkLayer
from reader.app.widgets.line_view import LineView
from reader.library import StoredArticle
from reader.settings import Settings
from reader.settings.options import BY_NAME

_WIDTH: Final = BY_NAME["text.width"]
INDENT = 3
"""At least this many empty cells are left of the text, in a pane with room for them."""
HINT = (
    "No article is open. Choose one in the list with {move.down} and {move.up}; {panes.read} reads it, "
    "{app.help} lists all keys."
)
NOTHING_LISTED = "The list is empty. {app.help} lists all keys."
"""Hints in place of an article; the second one if the list has none."""


class ArticleView(LineView):
    """Shows an article, centred, in lines of at most `text_width` cells."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        **LineView.LOOKS,
        "kicker headline": "text-accent bold",
        "deck quote signoff": "italic",
        "byline caption bio source rule hint": "text-muted",
        "credit note": "text-muted italic",
        "paragraph item space": "",
        "subhead": "bold",
        "bio-name": "text-muted bold",
        "notice paid": "text-warning",
        "truncated sponsored": "text-warning bold",
        "whole": "text-success bold",
        "version": "text-success",
        "mark inserted tag note-name": "text-accent",
        "picture": "foreground on panel",
        "link-paragraph link-item": "text-primary underline",
        "link-quote link-signoff": "text-primary italic underline",
        "link-subhead": "text-primary bold underline",
        "letters": "text-accent bold reverse",
        "highlight-yellow": "highlight-text unbold on highlight-yellow",
        "highlight-green": "highlight-text unbold on highlight-green",
        "highlight-blue": "highlight-text unbold on highlight-blue",
        "highlight-plain selected-plain": "underline",
        "selected": "input-selection-foreground on input-selection-background",
        "cursor": "reverse",
    }

    class Clicked(Message):
        """The view was clicked."""

        def __init__(self, at: Offset) -> None:
            """`at`: the cell of the view."""
            super().__init__()
            self.at = at

    class Dragged(Message):
        """The mouse is dragged over the text, from one cell of the view to another."""

        def __init__(self, start: Offset, end: Offset, *, first: bool) -> None:
            super().__init__()
            self.start = start
            self.end = end
            self.first = first
            """Has dragging just begun?"""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.links = LinkLayer(self)
        self.overlays = (self.links, self.finder)
        self.typesetting = Typesetting()
        """How the body is typeset."""
        self._text_width = Settings().text_width
        self._pressed_at: Offset | None = None
        """Where the mouse button was pressed, while it is held down."""
        self._dragged = False
        """Has the mouse been dragged since then?"""
        self._hyphenation = "off"
        """The hyphenation from the settings: "off", "auto" or a language."""

    def on_mount(self) -> None:
        draw_scrollbar_in_lines(self.vertical_scrollbar)
        if self.document is NOTHING:
            self.show(None)

    # The document

    def show(
        self,
        stored: StoredArticle | None,
        position: ReadingPosition | None = None,
        others: OtherVersions = OtherVersions(),  # noqa: B008 (frozen)
        written: Written = Written(),  # noqa: B008 (frozen)
        *,
        hint: str = HINT,
    ) -> None:
        """Show an article from a position or from its start; None shows the hint instead."""
        if stored is None:
            self.set_document(hint_document(with_keys(hint)), position)
        else:
            self.set_document(article_document(stored, others, written, spoken=is_spoken(self)), position)

    def set_document(self, document: Document, position: ReadingPosition | None = None) -> None:
        document.typesetting = self.typesetting
        super().set_document(document, position)

    def show_star(self, starred: bool) -> None:
        if self.document.star(starred):
            self.lay_out_again()

    # Typesetting

    @property
    def text_width(self) -> int:
        """The maximum width of the text in cells, within limits. Setting it keeps the position."""
        return self._text_width

    @text_width.setter
    def text_width(self, text_width: int) -> None:
        self._text_width = max(_WIDTH.least, min(_WIDTH.most, text_width))
        self._typeset_again()

    def apply_settings(self, settings: Settings) -> None:
        """Typeset the text by the settings; the position stays."""
        self._text_width = settings.text_width
        hyphenate = self.typesetting.hyphenate
        if settings.hyphenation != self._hyphenation:
            self._hyphenation, hyphenate = settings.hyphenation, None
            try:
                hyphenate = load_hyphenation(settings.hyphenation)
            except HyphenationError as error:
                show_error(self, str(error))
        self.typesetting = Typesetting(
            settings.line_spacing, settings.paragraph_spacing, settings.alignment == "justified", hyphenate
        )
        self._typeset_again()

    def _typeset_again(self) -> None:
        self.document.typesetting = self.typesetting
        self.lay_out_again()

    def column(self, width: int) -> tuple[int, int]:
        """The text's first cell and its width: centred, with an indent if there is room."""
        if is_spoken(self):
            return 0, max(NARROWEST, min(self._text_width, width))
        indent = min(INDENT, width // 16)
        text = max(NARROWEST, min(self._text_width, width - indent - min(1, indent)))
        return max(indent, (width - text) // 2), text

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._dragged = False
        if event.button == 1:
            self._pressed_at = event.get_content_offset(self)

    def on_mouse_up(self) -> None:
        self._pressed_at = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        if not self._dragged:
            self.post_message(self.Clicked(event.get_content_offset(self) or Offset(-1, 0)))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self.links.point_at(self.links.at(event.x, event.y))
        has_moved = self._dragged or event.offset != self._pressed_at
        if self._pressed_at is not None and event.button == 1 and has_moved:
            first, self._dragged = not self._dragged, True
            self.capture_mouse()
            self.post_message(self.Dragged(self._pressed_at, event.offset, first=first))

    def on_leave(self) -> None:
        self.links.point_at(None)
