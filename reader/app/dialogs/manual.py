"""A page of the manual, to be scrolled through."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from reader.app.dialogs.manual_page import page_parts
from reader.app.dialogs.raw_screen import at_any_width, scrolling_hints
from reader.app.screen_keys import screen_bindings
from reader.app.text.parts import PartsDocument
from reader.app.widgets.article_view import ArticleView
from reader.app.widgets.bars import Bar, Piece
from reader.app.widgets.drawing import is_spoken
from reader.manual import Topic, for_terminal, read_page

if TYPE_CHECKING:
    from reader.app.app import ReaderApp


class ManualScreen(Screen[None]):
    """Shows the page of one topic as an article is shown."""

    AUTO_FOCUS = "ArticleView"
    DEFAULT_CSS = """
    ManualScreen ArticleView { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("manual")

    def __init__(self, topic: Topic) -> None:
        super().__init__()
        self._topic = topic

    def compose(self) -> ComposeResult:
        """A line above, the page, a line below."""
        view = ArticleView()
        view.text_width = cast("ReaderApp", self.app).settings.text_width
        parts = page_parts(for_terminal(read_page(self._topic.name)))
        view.set_document(PartsDocument(parts, spoken=is_spoken(self)))
        title = (Piece(" Manual", "bar--title"), Piece(f"  {self._topic.title}", "bar--muted"))
        yield from (
            Bar(at_any_width, title),
            view,
            Bar(at_any_width, scrolling_hints("dismiss(None)", "back")),
        )

    def action_move(self, how: str) -> None:
        """Scroll the page."""
        self.query_one(ArticleView).scroll_by_key(how)
