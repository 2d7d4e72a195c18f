"""Sets read marks and stars, which show at once and are written in the background; undo and redo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from reader.app.keys import key_for
from reader.app.messages import Marked
from reader.app.notices import errors_shown, show_notice
from reader.app.write_queue import Task
from reader.library import ArticleRow, Library, StoredArticle
from reader.sanitize import many

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

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
        """The list's row of the article being read, with its current marks."""
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
            row = self.row()
            if row is not None and row.unread:
                self._mark_read(row, True, undoable=False)

    def toggle_read(self) -> None:
        """Mark the article as read, or as unread."""
        row = self.row()
        if row is not None:
            self._is_settled = True
            self._mark_read(row, row.unread)

    def toggle_star(self) -> None:
        """Star the article, or remove its star."""
        row = self.row()
        if row is not None:
            starred = not row.starred
            self._mark(
                row._replace(starred=starred), lambda library: library.state.set_starred(row.key, starred)
            )
            self._main.post_message(Marked("Starred" if starred else "Star removed"))

    def _mark_read(self, row: ArticleRow, read: bool, *, undoable: bool = True) -> None:
        self._mark(
            row._replace(unread=not read),
            lambda library: library.state.set_read(row.key, read, undoable=undoable),
        )
        self._main.post_message(Marked("Read" if read else "Unread"))

    def _mark(self, row: ArticleRow, task: Task[object]) -> None:
        """Show the marks of `row` while they are written; take them back if writing fails."""
        with errors_shown(self._main):
            ticket = self._main.list_pane.mark(row)
            self._main.run_worker(self._write_mark(row.key, ticket, self._main.write(task)))
            self._main.show_counts()
            self.show_star()
            self._main.paint_at_once()

    async def _write_mark(self, key: int, ticket: int, writing: Awaitable[object]) -> None:
        written = False
        with errors_shown(self._main):
            await writing
            written = True
        self._main.list_pane.rows.unmark(key, ticket)
        if not written:
            self._main.reload()

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
