"""The main screen as it is heard: a line that says what is open, one pane, and what has changed at the bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from reader.app.keys import shown_keys
from reader.app.main.bar_texts import HeaderState, Piece
from reader.app.main.layout import Regions
from reader.app.main.screen import MainScreen
from reader.app.spoken import sentences
from reader.app.spoken.announcer import Announcer
from reader.app.spoken.widgets import SpokenList, SpokenPane, header

if TYPE_CHECKING:
    from reader.app.spoken.app import SpokenApp


class SpokenMain(MainScreen):
    """The main screen without the strip of sections and the footer: the announcements say as much."""

    ROWS = SpokenList
    ARTICLE = SpokenPane
    app: SpokenApp

    def compose(self) -> ComposeResult:
        """The parts, and the announcements."""
        yield from super().compose()
        yield Announcer(self.app.announced)

    def header_pieces(self, state: HeaderState, width: int) -> list[Piece]:
        """The line at the top, in words."""
        return header(state, width)

    def regions(self, size: Size) -> Regions:
        """One pane between the line at the top and the announcements."""
        width, height = size
        below = sum(
            announcer.styles.height.value for announcer in self.query(Announcer) if announcer.styles.height
        )
        rows = max(1, height - 1 - int(below) - self.typing_line.typing)
        pane = self.list_pane.rows if self.pane == "list" else self.article_pane
        placed: dict[Widget, Region | None] = {
            self.header: Region(0, 0, width, 1),
            pane: Region(0, 1, width, rows),
        }
        entry = self.typing_line.entry
        if entry is not None and self.typing_line.typing:
            placed[entry] = Region(0, 1 + rows, width, 1)
        return placed

    def render_lines(self, crop: Region) -> list[Strip]:
        """Nothing stands between the parts."""
        return [Strip.blank(crop.width, self.visual_style.rich_style)] * crop.height

    def greet(self) -> None:
        """Announce the first steps, and nothing else until there is a key."""
        self.action_welcome()
        self.app.welcoming = True

    def action_welcome(self) -> None:
        """Announce the first steps."""
        shown = {key.id: key.shown.partition(" ")[0] for key in shown_keys()}
        self.app.notify(sentences.welcome(shown))

    def on_main_screen_marked(self, message: MainScreen.Marked) -> None:
        """The app announces marks, also those that the list shows."""
        message.prevent_default()

    def on_screen_resume(self, _: events.ScreenResume) -> None:
        """Back from another screen: say where the reader is, unless that screen has said something at its end."""
        if self.app.left_a_row:
            self.app.announce_standing()
