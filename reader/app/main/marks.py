"""Sets read marks and stars, which are written in the background; undo and redo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from reader.app.keys import key_for
from reader.app.messages import Marked
from reader.app.notices import errors_shown, show_notice
from reader.library import ArticleRow, Library, StoredArticle
from reader.sanitize import many

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

Mark = Callable[[Library, ArticleRow], str]
"""Marks an article in a library; returns the new mark in a word or two, or "" if nothing has changed."""
Change = Callable[[Library], str | None]
"""Undoes or redoes an action in a library; returns its description, or None if there is none."""


class Marks:
    """Marks the article being read, or all articles in the list."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._article: StoredArticle | None = None
        """The article for which `_is_settled` holds."""
        self._is_settled = False
        """Has the reader reached the article's end since opening it, or marked it by hand?"""

    def row(self) -> ArticleRow | None:
        """The list's row of the article being read."""
        stored = self._main.article_pane.stored
        if stored is not None:
            with errors_shown(self._main):
                return self._main.list_pane.row_of(stored.key)
        return None

    def show_star(self) -> None:
        """Show or hide the star in the article."""
        row = self.row()
        self._main.article_pane.view.show_star(row is not None and row.starred)

    def follow_reading(self, percent: int) -> None:
        """Mark the article as read when the reader reaches its end."""
        stored = self._main.article_pane.stored
        if stored is not self._article:
            self._article = stored
            self._is_settled = False
            self.show_star()
        if self._main.pane == "article" and not self._is_settled and percent == 100:
            self._is_settled = True
            self._mark(_mark_read)

    def toggle_read(self) -> None:
        """Mark the article as read, or as unread."""
        self._is_settled = True
        self._mark(_toggle_read)

    def toggle_star(self) -> None:
        """Star the article, or remove its star."""
        self._mark(_toggle_star)

    def _mark(self, mark: Mark) -> None:
        stored = self._main.article_pane.stored
        if stored is not None:
            writing = self._main.write(partial(_mark_row, stored.key, mark))
            self._main.run_worker(self._report_mark(writing))

    async def _report_mark(self, writing: Awaitable[str]) -> None:
        with errors_shown(self._main):
            if words := await writing:
                self._main.post_message(Marked(words))

    def mark_listed_read(self) -> None:
        """Mark all articles in the list as read."""
        if self._main.list_pane.is_pending:
            show_notice(self._main, "The list is still loading")
            return
        self._is_settled = True
        listing = self._main.list_pane.listing
        writing = self._main.write(lambda library: library.state.mark_listed_read(library.bind(listing)))
        self._main.run_worker(self._report_marked(writing))

    async def _report_marked(self, writing: Awaitable[int]) -> None:
        with errors_shown(self._main):
            number = await writing
            done = f"Marked {many(number, 'article')} as read; {key_for('state.undo')} undoes it"
            show_notice(self._main, done if number else "No listed article is unread")

    def undo(self) -> None:
        """Undo the last action."""
        self._change(lambda library: library.state.undo(), "Undone: {}", "Nothing to undo")

    def redo(self) -> None:
        """Redo the last undone action."""
        self._change(lambda library: library.state.redo(), "Redone: {}", "Nothing to redo")

    def _change(self, change: Change, done: str, nothing: str) -> None:
        self._is_settled = True
        stored = self._main.article_pane.stored
        key = None if stored is None else stored.key
        writing = self._main.write(lambda library: _change_and_follow(library, change, key))
        self._main.run_worker(self._report_change(writing, stored, done, nothing))

    async def _report_change(
        self,
        writing: Awaitable[tuple[str | None, int | None]],
        stored: StoredArticle | None,
        done: str,
        nothing: str,
    ) -> None:
        with errors_shown(self._main):
            words, key = await writing
            if key is not None and self._main.article_pane.stored is stored:
                self._main.opener.follow(key)
            show_notice(self._main, nothing if words is None else done.format(words))


def _change_and_follow(library: Library, change: Change, key: int | None) -> tuple[str | None, int | None]:
    """Run a change; return its description, and the new key of article `key` if the change gave it another."""
    line = None if key is None else library.line_of(key)
    words = change(library)
    # A correction gives new keys to the articles of its capture.
    if key is None or line is None or library.line_of(key) is not None:
        return words, None
    return words, library.article_at(line)


def _mark_row(key: int, mark: Mark, library: Library) -> str:
    row = library.row(key)
    return "" if row is None else mark(library, row)


def _mark_read(library: Library, row: ArticleRow) -> str:
    if row.unread:
        library.state.set_read(row.key, True, undoable=False)
    return "Read" if row.unread else ""


def _toggle_read(library: Library, row: ArticleRow) -> str:
    library.state.set_read(row.key, row.unread)
    return "Read" if row.unread else "Unread"


def _toggle_star(library: Library, row: ArticleRow) -> str:
    library.state.set_starred(row.key, not row.starred)
    return "Star removed" if row.starred else "Starred"
