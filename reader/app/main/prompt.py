"""The prompt in place of the footer: for words to find, words to filter by, or a command for the article's text."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.app.keys import with_keys
from reader.app.messages import Announced, show_notice
from reader.app.widgets.panes import match_words
from reader.permissions import Permission, permitted
from reader.sanitize import sanitize

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen
    from reader.app.widgets.screens import EntryBar

_NO_SEARCH: Final = "No search yet; {find.start} finds in this pane"


class Purpose(NamedTuple):
    """What the prompt asks for."""

    label: str
    """Stands before the text."""
    text: str = ""
    """The text at first."""
    changed: Callable[[str], object] = lambda _: None
    """Gets the text as it is typed."""
    submitted: Callable[[str], object] = lambda _: None
    """Gets the complete text."""
    cancelled: Callable[[], object] = lambda: None
    """Goes back to what was before the prompt."""


class Prompt:
    """Opens the prompt and acts on the typed text."""

    def __init__(self, main: "MainScreen") -> None:
        self._main = main
        self._list = main.list_pane
        self.entry: EntryBar | None = None
        """The input line; None until it is first opened."""
        self._purpose = Purpose("")

    @property
    def is_open(self) -> bool:
        return self.entry is not None and self.entry.is_open

    async def filter(self) -> None:
        main, list_pane = self._main, self._list
        if main.narrow:
            main.panes.focus_pane("list")
        view, key = list_pane.view, list_pane.key

        def changed(words: str) -> None:
            list_pane.show_view(list_pane.view.with_words(words))

        def cancelled() -> None:
            if view != list_pane.view:
                list_pane.to_select = key
                list_pane.show_view(view)

        # The list must be seen.
        main.panes.state = main.panes.state._replace(zen=False)
        await self._open(Purpose("filter", view.filters.words, changed, cancelled=cancelled))

    async def find(self) -> None:
        start, article = self._list.cursor, self._main.article_pane
        if self._main.pane == "article":
            finder = article.view.finder
            await self._open(Purpose("find in article", changed=finder.find, cancelled=finder.clear))
        elif start is not None:
            # Each letter that is typed searches again from the first place.
            find = partial(self._find_title, start)
            await self._open(Purpose("find title", changed=find, cancelled=partial(find, "")))

    async def pipe(self) -> None:
        if not permitted(Permission.RUN_COMMANDS):
            show_notice(self._main, Permission.RUN_COMMANDS.value)
        elif self._main.article_pane.stored is not None:
            await self._open(Purpose("pipe to", submitted=self._main.dialogs.open_piped))

    async def _open(self, purpose: Purpose) -> None:
        main = self._main
        if self.entry is None:
            from reader.app.widgets.screens import EntryBar  # Textual's Input: not for the first screen.

            entry = EntryBar(id="entry")
            await main.mount(entry)
            self.entry = entry
        self._purpose = purpose
        self.entry.open(purpose.label, purpose.text, selected=True)
        main.panes.lay_out()

    def changed(self, text: str) -> None:
        """Use the text as it is typed; a late message may have that of another prompt."""
        if self.entry is not None and self.entry.is_open and text == self.entry.input.value:
            self._purpose.changed(text)

    def submit(self, text: str) -> None:
        if self.is_open:
            self._close()
            self._purpose.submitted(text)

    def cancel(self) -> None:
        self._purpose.cancelled()
        self._close()

    def accept_if_left(self) -> None:
        """Close the prompt, and keep what the typed text has done so far, if a click has moved the focus elsewhere."""
        if self.entry is not None and self.is_open and self.entry.is_left:
            self._close()

    def _close(self) -> None:
        if self.entry is not None:
            self.entry.close()
            self._main.panes.focus_pane(self._main.pane)

    def note(self, words: str) -> None:
        """Show a note beside the typed text, if the prompt is open."""
        if self.entry is not None and self.is_open:
            self.entry.show_note(words)

    # Finding

    def find_step(self, step: int) -> None:
        """Go to the next or previous match in the focused pane."""
        article = self._main.article_pane
        if self._main.pane == "article" and article.view.finder.match is not None:
            article.view.finder.step(step)
        elif self._main.pane == "list" and self._list.title_words and self._list.cursor is not None:
            self._main.run_worker(self._go_to_title(self._list.cursor + step, step))
        else:
            show_notice(self._main, with_keys(_NO_SEARCH))

    def _find_title(self, start: int, words: str) -> None:
        self._list.look_for(words)
        if self._list.title_words:
            self._main.run_worker(self._go_to_title(start, 1))
        else:
            self._list.go_to(start)

    async def _go_to_title(self, start: int, step: int) -> None:
        """Go to the nearest title from `start` that has the words, or report that there is none."""
        words = self._list.title_words
        index = await self._list.find_title(start, step)
        if words != self._list.title_words:
            return
        self.note("no such title" if index is None else match_words(self._list.title_match))
        self._main.update_footer()
        missing = f"No title contains “{sanitize(words)}”"
        if index is not None:
            self._list.go_to(index)
        elif self.is_open:
            self._main.post_message(Announced(missing))
        else:
            show_notice(self._main, missing)
