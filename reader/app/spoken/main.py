"""The main screen as it is heard: a line that says what is open, one pane, and what has changed at the bottom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from reader.app.arrangement import Wishes
from reader.app.keys import shown_keys
from reader.app.messages import Filled, TitleFound
from reader.app.screens.main import MainScreen
from reader.app.spoken import sentences
from reader.app.spoken.announcer import Announcer
from reader.app.spoken.widgets import SpokenList, SpokenPane, header
from reader.app.view import View
from reader.app.widgets.bars import Bar
from reader.library import Library, StoredArticle
from reader.safe_text import clean
from reader.wording import many

if TYPE_CHECKING:
    from reader.app.widgets.article_view import ArticleView

WIDE = 200
"""Cells in which the letters of links are told."""
Where = tuple[int, int | None, int]


class SpokenMain(MainScreen):
    """The main screen; the strip of sections and the footer are not seen, since the announcements say as much."""

    def __init__(self, library: Library, *, paths: Sequence[str] | None, title: str) -> None:
        """See `Shelf`."""
        super().__init__(library, paths=paths, title=title)
        self.articles = SpokenList(id="list")
        self.article = SpokenPane(id="article")
        self.header = Bar(header, self.header.state, id="header")
        self.welcoming = False
        """Whether the first steps have been announced and no key has been pressed since."""
        self._view_told: View | None = None
        self._article_told: tuple[StoredArticle | None, Where] = None, (0, None, 0)

    def compose(self) -> ComposeResult:
        """The parts, and the announcements."""
        yield from super().compose()
        yield Announcer(self._announced)

    @property
    def _announced(self) -> str:
        return str(getattr(self.app, "announced", ""))

    def announce(self, sentence: str) -> None:
        """Say what has changed."""
        self.app.notify(sentence)

    # Where the parts stand

    def regions(self, size: Size) -> dict[Widget, Region | None]:
        """One pane between the line at the top and the announcements."""
        width, height = size
        below = sum(
            announcer.styles.height.value for announcer in self.query(Announcer) if announcer.styles.height
        )
        rows = max(1, height - 1 - int(below) - self.typing)
        pane = self.articles if self.pane == "list" else self.article
        placed: dict[Widget, Region | None] = {
            self.header: Region(0, 0, width, 1),
            pane: Region(0, 1, width, rows),
        }
        if self.entry is not None and self.typing:
            placed[self.entry] = Region(0, 1 + rows, width, 1)
        return placed

    def render_lines(self, crop: Region) -> list[Strip]:
        """Nothing stands between the parts."""
        return [Strip.blank(crop.width, self.visual_style.rich_style)] * crop.height

    # What is announced

    def say(self, sentence: str) -> None:
        """Announce it."""
        self.announce(sentence)

    def complain(self, sentence: str) -> None:
        """Announce it."""
        self.announce(sentence)

    def _say_unseen(self, said: str) -> None:
        self.announce(f"Marked {said.lower()}" if said in ("Read", "Unread") else said)

    def read(self, stored: StoredArticle | None) -> None:
        """Show an article, and say which."""
        super().read(stored)
        self._announce_standing()

    def standing(self) -> str:
        """Which article is open."""
        row, cursor = self._row_read(), self.articles.cursor
        if row is None or cursor is None:
            return " ".join(self._note(self.shown.listing)) or "Nothing is open"
        said = sentences.article(row, cursor, len(self.shown))
        return f"Reading. {said}" if self.pane == "article" else said

    def _announce_standing(self) -> None:
        if not self.welcoming:
            self.announce(self.standing())

    def wish(self, wishes: Wishes) -> None:
        """Turn to a pane, and say what is there."""
        super().wish(wishes)
        self._announce_standing()

    def tell_footer(self) -> None:
        """Say how far the article has been read, and which match is the current one."""
        super().tell_footer()
        before, self._article_told = self._article_told, (self.stored, self.article.where)
        if self.following is not None:
            self.announce("".join(piece.text for piece in self.footer.pieces(WIDE)))
            return
        if self.pane != "article" or before[0] is not self.stored or not before[1][0]:
            return
        if before[1] != self.article.where:
            self.announce(sentences.where(*self.article.where))

    def on_article_view_found(self, message: ArticleView.Found) -> None:
        """Say which match it is."""
        super().on_article_view_found(message)
        self.announce(sentences.match(message.current, message.count))

    def on_title_found(self, message: TitleFound) -> None:
        """Say it where there is none."""
        super().on_title_found(message)
        if message.words == self._wanted and message.key is None:
            self.announce(f"No title has “{clean(self._wanted)}”")

    async def start_typing(self, purpose: str, label: str, text: str) -> None:
        """Say what is to be typed."""
        await super().start_typing(purpose, label, text)
        self.announce(f"Type what to {label}. Enter ends typing, Escape drops it")

    def _tell(self) -> None:
        """Say the filters when they are others."""
        super()._tell()
        state = self.header.state
        if state.shown is None or self.view == self._view_told:
            return
        first, self._view_told = self._view_told is None, self.view
        said = sentences.filters(state.view, state.shown)
        if not first:
            self.announce(said)
        elif state.view:
            self.announce(f"{said}. {self.standing()}")

    def on_filled(self, message: Filled) -> None:
        """Say that all captures have been read."""
        super().on_filled(message)
        if not self.welcoming:
            articles = many(self._totals.articles, "article")
            self.announce(f"All captures read, {articles}. {self.standing()}")

    def greet(self) -> None:
        """Announce the first steps, and nothing else until there is a key."""
        self.action_welcome()
        self.welcoming = True

    def action_welcome(self) -> None:
        """Announce the first steps."""
        keys = {key.id: key.shown.partition(" ")[0] for key in shown_keys()}
        self.announce(sentences.welcome(keys))

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Back from another screen: say where the reader is, unless that screen has said something at its end."""
        super().on_screen_resume(event)
        if getattr(self.app, "left_a_row", False):
            self.announce(self.standing())
