"""The prompt in place of the footer: for words to find, words to filter by, or a command for the article's text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.app.keys import with_keys
from reader.app.messages import Announced, prompt_words
from reader.app.notices import show_notice
from reader.app.view import View
from reader.permissions import Permission, permitted
from reader.sanitize import sanitize

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen
    from reader.app.widgets.entry_bar import EntryBar

_NO_SEARCH: Final = "No search yet; {find.start} finds in this pane"


class Prompt:
    """Opens the prompt and acts on the typed text. Its purposes are "words", "titles", "article" and "pipe"."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._list = main.list_pane
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
        main, text = self._main, ""
        if purpose == "filter":
            if main.narrow:
                main.panes.focus_pane("list")
            self._view_before, self._key_before = self._list.view, self._list.key
            purpose, label, text = "words", "filter", self._list.view.filters.words
        elif purpose == "pipe":
            if not permitted(Permission.RUN_COMMANDS):
                show_notice(main, Permission.RUN_COMMANDS.value)
                return
            if main.article_pane.stored is None:
                return
            label = "pipe to"
        elif main.pane == "article":
            purpose, label = "article", "find in article"
        elif self._list.cursor is not None:
            self._find_start = self._list.cursor
            purpose, label = "titles", "find title"
        else:
            return
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
        elif not keep and purpose == "words" and self._view_before != self._list.view:
            self._list.successor = self._key_before
            self._main.show_view(self._view_before)
        self._main.panes.focus_pane(self._main.pane)

    def changed(self, purpose: str, text: str) -> None:
        """Apply the text as it is typed; a command waits until it is complete."""
        if purpose == "words":
            self._main.show_view(self._list.view.with_words(text))
        elif purpose == "article":
            self._main.article_pane.view.finder.find(text)
        elif purpose == "titles":
            self._find_title(text)

    def _find_title(self, words: str) -> None:
        self._list.look_for(words)
        if self._list.title_words:
            self._main.run_worker(self._go_to_title(self._find_start, 1))
        else:
            self._main.go_to(self._find_start)

    async def _go_to_title(self, start: int, step: int) -> None:
        """Go to the nearest title from `start` that has the words, or report that there is none."""
        words = self._list.title_words
        index = await self._list.find_title(start, step)
        if words != self._list.title_words:
            return
        self.note("" if index is not None else "no such title")
        missing = f"No title contains “{sanitize(words)}”"
        if index is not None:
            self._main.go_to(index)
        elif self.is_open:
            self._main.post_message(Announced(missing))
        else:
            show_notice(self._main, missing)

    def find_step(self, step: int) -> None:
        """Go to the next or previous match in the focused pane."""
        article = self._main.article_pane
        if self._main.pane == "article" and article.matches is not None:
            article.view.finder.step(step)
        elif self._main.pane == "list" and self._list.title_words and self._list.cursor is not None:
            self._main.run_worker(self._go_to_title(self._list.cursor + step, step))
        else:
            show_notice(self._main, with_keys(_NO_SEARCH))

    def note(self, words: str) -> None:
        """Show a note beside the typed text, if the prompt is open."""
        if self.entry is not None and self.is_open:
            self.entry.show_note(words)
