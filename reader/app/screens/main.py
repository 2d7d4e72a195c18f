"""The main screen: the list beside the article, and what every key does."""

from __future__ import annotations

from textual import events, messages, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from reader.app import keys
from reader.app.arrangement import arrange, is_narrow
from reader.app.messages import TitleFound
from reader.app.screens.shelf import Shelf
from reader.app.view import View
from reader.app.widgets.article_list import ArticleList
from reader.app.widgets.article_view import ArticleView, Place
from reader.app.widgets.bar_texts import FooterState
from reader.app.widgets.bars import Bar, Footer
from reader.errors import LibraryError
from reader.library import Library, StoredArticle
from reader.safe_text import clean, clean_url

PLACES_KEPT = 1_000
CLIPBOARD_BYTES = 100_000
"""The most that terminals take over OSC 52."""
USUAL_WIDTH = 72


class MainScreen(Shelf):
    """Two panes, or one at a time where the terminal is narrow."""

    BINDINGS = keys.bindings()
    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-tall")]

    def __init__(self, library: Library, *, paths: Sequence[str] | None, title: str) -> None:
        """See `Shelf`."""
        super().__init__(library, paths=paths, title=title)
        self.article = ArticleView(id="article")
        self.footer = Footer(id="footer")
        self.side = Vertical(self.strip, self.articles, id="side")
        self.pane = "list"
        self.entry: EntryBar | None = None
        self._sidebar = True
        self._zen = False
        self._stored: StoredArticle | None = None
        self._places: dict[int, Place] = {}
        self._finding = ""
        self._origin = 0

    def compose(self) -> ComposeResult:
        """Header, panes and footer."""
        yield self.header
        yield Horizontal(self.side, self.article, id="panes")
        yield self.footer

    # What is seen, and which pane has the keys

    def arrange(self) -> None:
        """Show the parts that size and wishes call for, and let the right pane have the keys."""
        parts = arrange(self.app.size.width, self.pane, sidebar=self._sidebar, zen=self._zen)
        ...
