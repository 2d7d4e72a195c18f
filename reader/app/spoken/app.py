"""The app for screen readers: one pane, words instead of symbols, and a line that announces each change."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.console import RenderableType
from textual import events, on
from textual.filter import LineFilter
from textual.screen import Screen

from reader.app.app import ReaderApp
from reader.app.keys import shown_keys
from reader.app.main.layout import Speech
from reader.app.main.screen import MainScreen
from reader.app.messages import Announced, ArticleOpened, Marked, PanesArranged
from reader.app.spoken import sentences
from reader.app.spoken.announcements import Announcer, cursor_offset, row_under_cursor, title_of
from reader.app.spoken.sentences import SymbolFilter, without_symbols
from reader.app.view import View
from reader.library import StoredArticle
from reader.sanitize import many, sanitize

WIDE = 200
"""Columns that the announcement of links and their letters may fill."""
Where = tuple[int, int | None, int]
"""A place in a view, as `LineView.where` returns it."""
_NOWHERE: Where = (0, None, 0)
_SHOW_CURSOR = "\x1b[?25h"


class SpokenApp(ReaderApp):
    """Protocol Reader without symbols. It announces changes, and keeps the terminal's cursor where the reader is."""

    CSS_PATH: ClassVar[Any] = ["../app.tcss", "spoken.tcss"]
    SPOKEN = True
    """True, which `drawing.is_spoken` reads: use words instead of symbols."""
    ROW_WORDS = staticmethod(sentences.row_words)
    """Describes an article, for the hits of a search."""
    announced = ""
    """The last announcement."""
    _announced_a_row = False
    """Was it about a row of a screen other than the main one?"""
    _greeting = False
    """Have the first steps been announced, with no key pressed since?"""
    _last_row = ""
    """The row last under the cursor of such a screen."""
    _last_view: View | None = None
    """The view of the main screen that was announced last."""
    _last_where: tuple[StoredArticle | None, Where] = (None, _NOWHERE)
    """The article and the position in it when the footer changed last."""
    _leads_on = False
    """Did another page down lead on to another article then?"""

    def on_ready(self) -> None:
        """Show the terminal's cursor once the app is ready."""
        super().on_ready()
        self._show_cursor()

    def repaint(self, resumed: object) -> None:
        """Repaint, and show the terminal's cursor again."""
        super().repaint(resumed)
        self._show_cursor()

    def _show_cursor(self) -> None:
        if self._driver is not None:
            self._driver.write(_SHOW_CURSOR)

    def get_line_filters(self) -> list[LineFilter]:
        """Replace symbols before anything else."""
        return [SymbolFilter(), *super().get_line_filters()]

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Before painting, move the terminal's cursor to the focused widget; afterwards announce its row."""
        if screen is self.screen and (offset := cursor_offset(self.focused)) is not None:
            self.cursor_position = offset
        super()._display(screen, renderable)
        if renderable is not None and screen is self.screen and screen is not self._main:
            screen.call_later(self._announce_row, screen)

    # Announcements

    def _speech(self) -> Speech:
        return Speech(sentences.row_words, sentences.header_pieces, lambda: Announcer(self.announced))

    def notify(self, message: str, **_: Any) -> None:
        """Announce a notice, instead of showing it for some seconds."""
        self._announce(message, of_a_row=False)

    def _announce(self, sentence: str, *, of_a_row: bool) -> None:
        self._announced_a_row = of_a_row
        self.announced = " ".join(without_symbols(sanitize(sentence)).split())
        for screen in self.screen_stack:
            for announcer in screen.query(Announcer):
                announcer.announce(self.announced)

    def push_screen(self, screen: Any, *arguments: Any, **keywords: Any) -> Any:
        """Show a screen with the announcements at its bottom, and announce its title."""
        result = super().push_screen(screen, *arguments, **keywords)
        new_screen = self.screen
        if new_screen is not self._main:
            new_screen.call_after_refresh(self._add_announcer, new_screen)
        return result

    async def _add_announcer(self, screen: Screen[Any]) -> None:
        if not screen.query(Announcer):
            await screen.mount(Announcer(self.announced))
        self._announce_row(screen, title=True)

    def _announce_row(self, screen: Screen[Any], *, title: bool = False) -> None:
        """Announce the row under the cursor of a screen other than the main one, if it has changed."""
        if screen is not self.screen:
            return
        row = row_under_cursor(screen)
        # A screen may find out what to list only after its title has been announced.
        if title or (row and self.announced == title_of(screen)):
            self._announce(". ".join(filter(None, (title_of(screen), row))), of_a_row=True)
        elif row and row != self._last_row:
            self._announce(row, of_a_row=True)
        self._last_row = row

    async def on_event(self, event: events.Event) -> None:
        """Announce other things again after the first key."""
        if isinstance(event, events.Key):
            self._greeting = False
        await super().on_event(event)

    # Messages of the main screen, which has handled them already

    @on(ArticleOpened)
    @on(PanesArranged)
    def _announce_article(self) -> None:
        if self._main is not None and not self._greeting:
            self.notify(_article_words(self._main))

    def _on_welcome_requested(self) -> None:
        # Nothing else is announced until the first key.
        first_keys = {key.id: key.shown.partition(" ")[0] for key in shown_keys()}
        self.notify(sentences.welcome(first_keys))
        self._greeting = True

    def _on_resumed(self) -> None:
        # A screen that has closed may have announced something at its end.
        if self._announced_a_row:
            self._announce_article()

    def _on_footer_changed(self) -> None:
        """Announce the letters of links, or the position in the article."""
        main = self._main
        if main is None:
            return
        stored, where = main.article_pane.stored, main.article_pane.view.where
        (last_stored, last_where), self._last_where = self._last_where, (stored, where)
        led_on, self._leads_on = self._leads_on, main.article_pane.leads_on
        if main.links.link_choice is not None:
            self.notify("".join(piece.text for piece in main.footer.pieces(WIDE)))
        elif last_stored is stored and last_where[0] not in (where[0], 0) and main.pane == "article":
            more = f". {main.article_pane.leads_on_words}" if self._leads_on else ""
            self.notify(sentences.where(*where) + more)
        elif self._leads_on and not led_on:
            self.notify(main.article_pane.leads_on_words)

    def _on_match_found(self) -> None:
        matches = None if self._main is None else self._main.article_pane.matches
        if matches is not None:
            self.notify(sentences.match(*matches))

    def _on_announced(self, message: Announced) -> None:
        self.notify(message.words)

    def _on_list_changed(self) -> None:
        """Announce the filters if they have changed."""
        main = self._main
        if main is None or main.header.state.shown is None or main.list_pane.view == self._last_view:
            return
        is_first, self._last_view = self._last_view is None, main.list_pane.view
        filters = sentences.filters(main.header.state.view, main.header.state.shown)
        if not is_first:
            self.notify(filters)
        elif main.header.state.view and not self._greeting:
            self.notify(f"{filters}. {_article_words(main)}")

    def _on_captures_read(self) -> None:
        if self._main is not None and not self._greeting:
            articles = many(self._main.list_pane.totals.articles, "article")
            self.notify(f"All captures read, {articles}. {_article_words(self._main)}")

    def _on_marked(self, message: Marked) -> None:
        words = message.words
        self.notify(f"Marked {words.lower()}" if words in ("Read", "Unread") else words)


def _article_words(main: MainScreen) -> str:
    """Describe the article that is open on the main screen."""
    row, cursor = main.marks.row(), main.list_pane.cursor
    if row is None or cursor is None:
        return " ".join(main.list_pane.note()) or "Nothing is open"
    words = sentences.article(row, cursor, len(main.list_pane.listing))
    return f"Reading. {words}" if main.pane == "article" else words
