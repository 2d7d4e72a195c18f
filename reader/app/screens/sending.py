"""What leaves the program: addresses, citations, exports, text for other commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reader.app.screens.browsing import Browsing
from reader.library import Show
from reader.permissions import Permission, permitted
from reader.safe_text import clean, clean_url

if TYPE_CHECKING:
    from reader.app.widgets.entry_bar import EntryBar
    from reader.library import Library

CLIPBOARD_BYTES = 100_000
"""The most that terminals take over OSC 52."""
_PIPE = "pipe"
"""What the line for typing is opened for."""


class Sending(Browsing):
    """The part of the main screen that sends articles elsewhere."""

    def __init__(self, library: Library, *, paths: Sequence[str] | None, title: str) -> None:
        """See `Shelf`."""
        super().__init__(library, paths=paths, title=title)
        self._style = ""
        """The style of the last citation."""

    # Clipboard

    def action_copy_address(self) -> None:
        """Send the page's address, or the path it was read from, to the clipboard."""
        if self.stored is not None:
            address = clean_url(self.stored.url) if self.stored.url else None
            self.copy(address or clean(self.stored.source), "The address")

    def action_cite(self) -> None:
        """Send a citation to the clipboard, in a style to be chosen."""
        if self.stored is None:
            return
        from reader.app.screens.citation import CitationScreen
        from reader.library.taking import piece_of

        def chosen(answer: tuple[str, str] | None) -> None:
            if answer is not None:
                self._style, text = answer
                self.copy(text, "The citation")

        style = self._style or self.settings.citation_style
        self.app.push_screen(CitationScreen(piece_of(self.library, self.stored), style), chosen)

    def copy(self, text: str, what: str) -> None:
        """Send a text to the clipboard, and say so."""
        if len(text.encode()) > CLIPBOARD_BYTES:
            self.say(f"{what} is too long for the clipboard")
            return
        self.app.copy_to_clipboard(text)
        self.say(f"{text} sent to the clipboard")

    # Files

    def action_export(self) -> None:
        """Put the article, what is listed or what was searched for into a file."""
        from reader.app.screens.export import ExportScreen
        from reader.app.takings import an_article, listed_openings, what_is_found, what_is_listed

        choices = []
        if self.stored is not None:
            choices.append(an_article(self.stored))
        if len(self.shown.listing):
            choices.append(what_is_listed(self.shown.listing, self.view.in_words()))
            if self.view.filters.truncated is Show.ONLY:
                choices.append(listed_openings(self.shown.listing, self.view.in_words()))
        if self.search is not None and (answered := self.search.answered) is not None:
            choices.append(what_is_found(*answered))
        if not choices:
            self.say("There is nothing to export")
            return
        self.app.push_screen(ExportScreen(self.library, choices))

    # Other commands

    async def action_pipe(self) -> None:
        """Let a command be typed that gets the article's text."""
        if not permitted(Permission.RUN_COMMANDS):
            self.say(Permission.RUN_COMMANDS.value)
        elif self.stored is not None:
            await self.start_typing(_PIPE, "pipe to", "")

    def on_entry_bar_changed(self, message: EntryBar.Changed) -> None:
        """A command does nothing before it is complete."""
        if message.purpose == _PIPE:
            message.prevent_default()

    def on_entry_bar_submitted(self, message: EntryBar.Submitted) -> None:
        """Run the command, if there is one."""
        if message.purpose != _PIPE:
            return
        message.prevent_default()
        self.stop_typing(keep=True)
        if self.stored is None or not message.text.strip():
            return
        from reader.app.screens.piped import PipedScreen
        from reader.export.text import piece_text
        from reader.library.taking import piece_of

        text = piece_text(piece_of(self.library, self.stored))
        self.app.push_screen(PipedScreen(message.text.strip(), text))
