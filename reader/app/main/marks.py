"""Read marks and stars: shown at once, written in the background, undone and redone."""

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
"""Undoes or redoes something in a library; returns what it was, in words, or None when there is nothing."""


class Marks:
    """Read marks and stars of the article being read, and of what is listed."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._article: StoredArticle | None = None
        """The article that was being read last."""
        self._end_seen = False
        """Whether the end of the article has been seen since it was opened, or its mark set by hand."""

    def row(self) -> ArticleRow | None:
        """The row of the article being read, as it is marked now."""
        stored = self._main.article_pane.stored
        if stored is not None:
            with errors_shown(self._main):
                return self._main.list_pane.row_of(stored.key)
        return None

    def show_star(self) -> None:
        """Show in the article whether it is starred."""
        row = self.row()
        self._main.article_pane.view.show_star(row is not None and row.starred)

    def follow_reading(self, percent: int) -> None:
        """Mark an article that is read to its end."""
        stored = self._main.article_pane.stored
        if stored is not self._article:
            self._article = stored
            self._end_seen = False
            self.show_star()
        if self._main.pane == "article" and not self._end_seen and percent == 100:
            self._end_seen = True
            row = self.row()
            if row is not None and row.unread:
                self._mark_read(row, True)

    def toggle_read(self) -> None:
        """Mark the article read, or unread."""
        row = self.row()
        if row is not None:
            self._end_seen = True
            self._mark_read(row, row.unread)

    def toggle_star(self) -> None:
        """Star the article, or take its star away."""
        row = self.row()
        if row is not None:
            starred = not row.starred
            self._mark(row._replace(starred=starred), lambda own: own.state.set_starred(row.key, starred))
            self._main.post_message(Marked("Starred" if starred else "No star any more"))

    def _mark_read(self, row: ArticleRow, read: bool) -> None:
        self._mark(row._replace(unread=not read), lambda own: own.state.set_read(row.key, read))
        self._main.post_message(Marked("Read" if read else "Unread"))

    def _mark(self, row: ArticleRow, task: Task[object]) -> None:
        """Show an article with the marks of `row` while they are written; take them back if they cannot be."""
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
            self._main.renew()

    def mark_listed_read(self) -> None:
        """Mark everything that is listed as read."""
        if self._main.list_pane.choosing:
            show_notice(self._main, "The list is still being made")
            return
        self._end_seen = True
        listing = self._main.list_pane.shown.listing
        writing = self._main.write(lambda own: own.state.mark_listed_read(own.bind(listing)))
        self._main.run_worker(self._report_marked(writing))

    async def _report_marked(self, writing: Awaitable[int]) -> None:
        with errors_shown(self._main):
            number = await writing
            done = f"Marked {many(number, 'article')} read: {key_for('state.undo')} undoes it"
            show_notice(self._main, done if number else "Nothing that is listed is unread")

    def undo(self) -> None:
        """Undo the last action."""
        self._change(lambda own: own.state.undo(), "Undone: {}", "Nothing to undo")

    def redo(self) -> None:
        """Redo what was undone last."""
        self._change(lambda own: own.state.redo(), "Done again: {}", "Nothing to do again")

    def _change(self, change: Change, done: str, nothing: str) -> None:
        self._end_seen = True
        stored = self._main.article_pane.stored
        key = None if stored is None else stored.key
        writing = self._main.write(lambda own: _change_following(own, change, key))
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


def _change_following(own: Library, change: Change, key: int | None) -> tuple[str | None, int | None]:
    """What was changed, in words, and the key that article `key` has now where it has lost its own by that."""
    line = None if key is None else own.line_of(key)
    words = change(own)
    # A correction gives the articles of its capture other keys.
    if key is None or line is None or own.line_of(key) is not None:
        return words, None
    return words, own.article_at(line)
