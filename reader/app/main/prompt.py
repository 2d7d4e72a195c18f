"""The prompt in the footer's place: what to find, what to filter by, a command for the article's text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.app.keys import with_keys
from reader.app.messages import PromptOpened, TitleFound
from reader.app.notices import show_notice
from reader.permissions import Permission, permitted
from reader.sanitize import sanitize

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen
    from reader.app.widgets.entry_bar import EntryBar

_NOT_FINDING = "Nothing is looked for: {find.start} finds in this pane"


class Prompt:
    """Opens the prompt, and acts on what is typed. Its purposes: words, titles, article, pipe."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self.entry: EntryBar | None = None
        """The line for typing, once it has been needed."""

    @property
    def is_open(self) -> bool:
        """Is something being typed?"""
        return self.entry is not None and bool(self.entry.purpose)

    async def open(self, purpose: str) -> None:
        """Have words typed to "filter" by, words to "find" in the pane that has the keys, or a command ("pipe")."""
        main = self._main
        if purpose == "filter":
            if main.narrow:
                main.panes.turn_to("list")
            await self._open("words", "filter", main.list_pane.view.filters.words)
        elif purpose == "pipe":
            if not permitted(Permission.RUN_COMMANDS):
                show_notice(main, Permission.RUN_COMMANDS.value)
            elif main.article_pane.stored is not None:
                await self._open("pipe", "pipe to", "")
        elif main.pane == "article":
            await self._open("article", "find in article", "")
        elif main.list_pane.cursor is not None:
            main.list_pane.start_finding()
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
        main.panes.arrange_again()
        main.post_message(PromptOpened(label))

    def close(self, *, keep: bool) -> None:
        """Close the prompt and give the keys back to the pane; what was typed stays in force if `keep`."""
        if self.entry is None:
            return
        purpose = self.entry.purpose
        self.entry.close()
        if not keep and purpose == "article":
            self._main.article_pane.stop_finding()
        elif not keep and purpose == "titles":
            self._find_title("")
        self._main.panes.turn_to(self._main.pane)

    def changed(self, purpose: str, text: str) -> None:
        """Act on what is typed, as it is typed; a command does nothing before it is complete."""
        if purpose == "words":
            self._main.choose(self._main.list_pane.view.with_words(text))
        elif purpose == "article":
            self._main.article_pane.view.finder.find(text)
        elif purpose == "titles":
            self._find_title(text)

    def _find_title(self, words: str) -> None:
        index = self._main.list_pane.find(words)
        if index is not None:
            self._main.go_to(index)

    def title_found(self, message: TitleFound) -> None:
        """Go to the title that was found, or say that there is none."""
        listed = self._main.list_pane
        if message.words != listed.wanted:
            return
        index = None if message.key is None else listed.shown.index_of(message.key)
        if self.is_open:
            self.note("" if index is not None else "no such title")
        elif index is None:
            show_notice(self._main, f"No title has “{sanitize(listed.wanted)}”")
        if index is not None:
            self._main.go_to(index)

    def find_step(self, step: int) -> None:
        """Go to the next or the previous match in the pane that has the keys."""
        listed, article = self._main.list_pane, self._main.article_pane
        if self._main.pane == "article" and article.matches is not None:
            article.view.finder.step(step)
        elif self._main.pane == "list" and listed.wanted:
            listed.find_step(step)
        else:
            show_notice(self._main, with_keys(_NOT_FINDING))

    def note(self, words: str) -> None:
        """Show what was found beside the typed text, while the prompt is open."""
        if self.entry is not None and self.is_open:
            self.entry.show_note(words)
