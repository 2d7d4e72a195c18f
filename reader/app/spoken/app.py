"""The app as it is heard."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.console import RenderableType
from textual import events
from textual.command import CommandPalette
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widgets import OptionList

from reader.app.app import ReaderApp
from reader.app.main.article_pane import Where
from reader.app.main.screen import MainScreen
from reader.app.messages import TitleFound
from reader.app.overview.view import OverviewView
from reader.app.spoken import sentences
from reader.app.spoken.announcer import Announcer
from reader.app.spoken.main import SpokenMain
from reader.app.spoken.signs import WithoutSigns, without_signs
from reader.app.spoken.widgets import SpokenDocument, SpokenHits, caret, spoken
from reader.app.view import View
from reader.app.widgets.grouped_list import GroupedList
from reader.app.widgets.line_view import LineView
from reader.library import StoredArticle
from reader.sanitize import many, sanitize

WIDE = 200
"""Columns that the announcement of link letters may fill."""
_NOWHERE: Where = (0, None, 0)
_SHOW_CURSOR = "\x1b[?25h"


class SpokenApp(ReaderApp):
    """Protocol Reader without signs, its changes announced, the terminal's cursor where the reader is."""

    CSS_PATH: ClassVar[Any] = ["../app.tcss", "spoken.tcss"]
    ONE_PANE = True
    """See `arrangement.one_pane`."""
    MAIN = SpokenMain
    HITS = SpokenHits
    DOCUMENT = SpokenDocument
    announced = ""
    """The last announcement."""
    left_a_row = False
    """Whether that was of a row on another screen than the main one."""
    welcoming = False
    """Whether the first steps have been announced and no key has been pressed since."""
    _row_told = ""
    """The row of such a screen that the cursor was on last."""
    _view_told: View | None = None
    """The view of the main screen that was announced last."""
    _where_told: tuple[StoredArticle | None, Where] = (None, _NOWHERE)
    """The article, and where in it the reader was, when the footer changed last."""

    def on_ready(self) -> None:
        """Show the terminal's cursor, too."""
        super().on_ready()
        self._show_cursor()

    def repaint(self, resumed: object) -> None:
        """Show the terminal's cursor again, too."""
        super().repaint(resumed)
        self._show_cursor()

    def _show_cursor(self) -> None:
        if self._driver is not None:
            self._driver.write(_SHOW_CURSOR)

    def get_line_filters(self) -> list[LineFilter]:
        """What is drawn has no signs."""
        return [WithoutSigns(), *super().get_line_filters()]

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Before anything is painted: the cursor follows what has the keys."""
        if screen is self.screen and (at := caret(self.focused)) is not None:
            self.cursor_position = at
        super()._display(screen, renderable)
        if renderable is not None and screen is self.screen and screen is not self._main:
            screen.call_later(self._say_where, screen)

    # Announcements

    def notify(self, message: str, **_: Any) -> None:
        """Announce it: there are no messages that go by themselves."""
        self._announce(message, of_a_row=False)

    def _announce(self, sentence: str, *, of_a_row: bool) -> None:
        self.left_a_row = of_a_row
        self.announced = " ".join(without_signs(sanitize(sentence)).split())
        for screen in self.screen_stack:
            for announcer in screen.query(Announcer):
                announcer.say(self.announced)

    def push_screen(self, screen: Any, *arguments: Any, **keywords: Any) -> Any:
        """Show a screen, with the announcements at its bottom and its title as the first of them."""
        pushed = super().push_screen(screen, *arguments, **keywords)
        shown = self.screen
        if shown is not self._main:
            shown.call_after_refresh(self._join, shown)
        return pushed

    async def _join(self, screen: Screen[Any]) -> None:
        if not screen.query(Announcer):
            await screen.mount(Announcer(self.announced))
        self._say_where(screen, title=True)

    async def on_event(self, event: events.Event) -> None:
        """After the first key, something else than the first steps is announced."""
        if isinstance(event, events.Key):
            self.welcoming = False
        await super().on_event(event)

    # What the main screen reports, after it has dealt with that itself

    def announce_standing(self) -> None:
        """Announce which article is open."""
        main = self._main
        if main is None or self.welcoming:
            return
        self.notify(_standing(main))

    def on_main_screen_article_opened(self) -> None:
        """Announce it."""
        self.announce_standing()

    def on_main_screen_pane_turned(self) -> None:
        """Announce what is there."""
        self.announce_standing()

    def on_main_screen_footer_changed(self) -> None:
        """Announce the letters of links, or how far the article has been read."""
        main = self._main
        if main is None:
            return
        where = main.article_pane.where
        before, self._where_told = self._where_told, (main.article_pane.stored, where)
        if main.links.following is not None:
            self.notify("".join(piece.text for piece in main.footer.pieces(WIDE)))
            return
        moved = before[0] is main.article_pane.stored and before[1] not in (where, _NOWHERE)
        if moved and main.pane == "article":
            self.notify(sentences.where(*where))

    def on_main_screen_match_found(self) -> None:
        """Announce which match it is."""
        matches = None if self._main is None else self._main.article_pane.matches
        if matches is not None:
            self.notify(sentences.match(*matches))

    def on_title_found(self, message: TitleFound) -> None:
        """Announce that there is none."""
        if self._main is not None and message.words == self._main.list_pane.wanted and message.key is None:
            self.notify(f"No title has “{sanitize(message.words)}”")

    def on_main_screen_typing_started(self, message: MainScreen.TypingStarted) -> None:
        """Announce what is to be typed."""
        self.notify(f"Type what to {message.label}. Enter ends typing, Escape drops it")

    def on_main_screen_list_changed(self) -> None:
        """Announce the filters when they are others."""
        main = self._main
        if main is None or main.header.state.shown is None or main.list_pane.view == self._view_told:
            return
        first, self._view_told = self._view_told is None, main.list_pane.view
        filters = sentences.filters(main.header.state.view, main.header.state.shown)
        if not first:
            self.notify(filters)
        elif main.header.state.view and not self.welcoming:
            self.notify(f"{filters}. {_standing(main)}")

    def on_main_screen_captures_read(self) -> None:
        """Announce how many articles there are."""
        if self._main is not None and not self.welcoming:
            articles = many(self._main.list_pane.totals.articles, "article")
            self.notify(f"All captures read, {articles}. {_standing(self._main)}")

    def on_main_screen_marked(self, message: MainScreen.Marked) -> None:
        """Announce how the article is marked."""
        words = message.words
        self.notify(f"Marked {words.lower()}" if words in ("Read", "Unread") else words)

    # What other screens show

    def _say_where(self, screen: Screen[Any], *, title: bool = False) -> None:
        """Announce the row under the cursor, where it is another one."""
        if screen is not self.screen:
            return
        row = ". ".join(words for words in _row(screen) if words.strip())
        if title:
            self._announce(". ".join(filter(None, (_title(screen), row))), of_a_row=True)
        elif row and row != self._row_told:
            self._announce(row, of_a_row=True)
        self._row_told = row


def _standing(main: MainScreen) -> str:
    """Which article is open on the main screen."""
    row, cursor = main.marks.row(), main.list_pane.cursor
    if row is None or cursor is None:
        return " ".join(main.list_pane.note()) or "Nothing is open"
    said = sentences.article(row, cursor, len(main.list_pane.shown))
    return f"Reading. {said}" if main.pane == "article" else said


def _title(screen: Screen[Any]) -> str:
    """What a screen is called: on its frame, else as its class is."""
    for dialog in screen.query("#dialog"):
        if dialog.border_title:
            return str(dialog.border_title)
    return "Commands" if isinstance(screen, CommandPalette) else type(screen).__name__.removesuffix("Screen")


def _row(screen: Screen[Any]) -> list[str]:
    """What the cursor is on: in what has the keys, else in the list that follows them."""
    focused = screen.focused
    if isinstance(focused, GroupedList | LineView | OverviewView):
        return list(spoken(focused))
    for options in screen.query(OptionList):
        if options.display and options.highlighted is not None:
            return [" ".join(_plain(options.get_option_at_index(options.highlighted).prompt).split())]
    return [
        words
        for rows in screen.query(GroupedList)
        if rows.display and rows.keys_elsewhere
        for words in spoken(rows)
    ]


def _plain(prompt: Any) -> str:
    return str(getattr(prompt, "plain", prompt))
