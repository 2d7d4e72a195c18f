"""The prompt in place of the footer: for words to find, words to filter by, or a command for the article's text."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from reader.app.keys import with_keys
from reader.app.messages import Announced, prompt_words
from reader.app.notices import show_notice
from reader.app.view import View
from reader.permissions import Permission, permitted
from reader.sanitize import sanitize

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen
    from reader.app.widgets.entry_bar import EntryBar

_NO_SEARCH = "No search yet; {find.start} finds in this pane"


class Prompt:
    """Opens the prompt and acts on the typed text. Its purposes are "words", "titles", "article" and "pipe"."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self.entry: EntryBar | None = None
        """The input line; None until it is first opened."""
        self._find_start = 0
        """Where the list's cursor was when a search in titles began. It starts there again with every typed letter."""
        self._view_before = View()
        self._key_before: int | None = None
        """The view and the article under the cursor when the words to filter by were asked for."""

    @property
    def is_open(self) -> bool:
        """Is the prompt open?"""
        return self.entry is not None and bool(self.entry.purpose)

    async def open(self, purpose: str) -> None:
        """Ask for words to "filter" by, words to "find" in the focused pane, or a command to "pipe" to."""
        main = self._main
        if purpose == "filter":
            if main.narrow:
                main.panes.focus_pane("list")
            self._view_before, self._key_before = main.list_pane.view, main.list_pane.key
            await self._open("words", "filter", main.list_pane.view.filters.words)
        elif purpose == "pipe":
            if not permitted(Permission.RUN_COMMANDS):
                show_notice(main, Permission.RUN_COMMANDS.value)
            elif main.article_pane.stored is not None:
                await self._open("pipe", "pipe to", "")
        elif main.pane == "article":
            await self._open("article", "find in article", "")
        elif main.list_pane.cursor is not None:
            self._find_start = main.list_pane.cursor
            await self._open("titles", "find title", "")

    async def _open(self, purpose: str, label: str, text: str) -> None:
        main = self._main
        if self.entry is None:
            from reader.app.widgets.entry_bar import EntryBar  # Textual's Input: not for the first screen.

            entry = EntryBar(id="entry")
            await main.mount(entry)
            self.entry = entry
        main.panes.state = main.panes.state._replace(zen=False)
        self.entry.open(purpose, label, text)
        main.panes.lay_out()
        main.post_message(Announced(prompt_words(label)))

    def close(self, *, keep: bool) -> None:
        """Close the prompt and focus the pane again; unless `keep`, go back to what was before it."""
        if self.entry is None:
            return
        purpose = self.entry.purpose
        self.entry.close()
        if not keep and purpose == "article":
            self._main.article_pane.stop_finding()
        elif not keep and purpose == "titles":
            self._find_title("")
        elif not keep and purpose == "words" and self._view_before != self._main.list_pane.view:
            self._main.list_pane.successor = self._key_before
            self._main.show_view(self._view_before)
        self._main.panes.focus_pane(self._main.pane)

    def changed(self, purpose: str, text: str) -> None:
        """Apply the text as it is typed; a command waits until it is complete."""
        if purpose == "words":
            self._main.show_view(self._main.list_pane.view.with_words(text))
        elif purpose == "article":
            self._main.article_pane.view.finder.find(text)
        elif purpose == "titles":
            self._find_title(text)

    def _find_title(self, words: str) -> None:
        list_pane = self._main.list_pane
        list_pane.look_for(words)
        if list_pane.title_words:
            finding = list_pane.find_title(self._find_start, 1)
            self._main.run_worker(self._go_to_title(words, finding))
        else:
            self._main.go_to(self._find_start)

    async def _go_to_title(self, words: str, finding: Awaitable[int | None]) -> None:
        """Go to the title that was found, or report that there is none."""
        list_pane = self._main.list_pane
        key = await finding
        if words != list_pane.title_words:
            return
        index = None if key is None else list_pane.listing.index_of(key)
        self.note("" if index is not None else "no such title")
        if index is not None:
            self._main.go_to(index)
            return
        missing = f"No title contains “{sanitize(words)}”"
        if self.is_open:
            self._main.post_message(Announced(missing))
        else:
            show_notice(self._main, missing)

    def find_step(self, step: int) -> None:
        """Go to the next or previous match in the focused pane."""
        list_pane, article = self._main.list_pane, self._main.article_pane
        if self._main.pane == "article" and article.matches is not None:
            article.view.finder.step(step)
        elif self._main.pane == "list" and list_pane.title_words and list_pane.cursor is not None:
            finding = list_pane.find_title(list_pane.cursor + step, step)
            self._main.run_worker(self._go_to_title(list_pane.title_words, finding))
        else:
            show_notice(self._main, with_keys(_NO_SEARCH))

    def note(self, words: str) -> None:
        """Show a note beside the typed text, if the prompt is open."""
        if self.entry is not None and self.is_open:
            self.entry.show_note(words)
