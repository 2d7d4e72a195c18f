"""Marks articles as read or starred, in the background; undoes and redoes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reader.app.keys import key_for
from reader.app.messages import Announced, errors_shown, show_notice
from reader.library import ArticleRow, Library
from reader.sanitize import many

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen


class Marks:
    """Marks the article being read, or all articles in the list."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._is_settled = False
        """Has the reader reached the article's end since opening it, or marked it by hand?"""

    def row(self) -> ArticleRow | None:
        stored = self._main.article_pane.stored
        if stored is not None:
            with errors_shown(self._main):
                return self._main.list_pane.row_of(stored.key)
        return None

    def show_star(self) -> None:
        """Show or hide the star in the article."""
        row = self.row()
        self._main.article_pane.view.show_star(row is not None and row.starred)

    def article_opened(self) -> None:
        """Show the star of the article that has just been opened, and wait for its end."""
        self._is_settled = False
        self.show_star()

    def end_reached(self) -> None:
        """Mark the article as read, unless that was done since it was opened."""

        def mark(library: Library, row: ArticleRow) -> str:
            if row.unread:
                library.state.set_read(row.key, True, undoable=False)
            return "Read" if row.unread else ""

        if not self._is_settled:
            self._is_settled = True
            self._mark(mark)

    def toggle_read(self) -> None:
        """Mark the article as read, or as unread."""

        def mark(library: Library, row: ArticleRow) -> str:
            library.state.set_read(row.key, row.unread)
            return "Read" if row.unread else "Unread"

        self._is_settled = True
        self._mark(mark)

    def toggle_star(self) -> None:

        def mark(library: Library, row: ArticleRow) -> str:
            library.state.set_starred(row.key, not row.starred)
            return "Star removed" if row.starred else "Starred"

        self._mark(mark)

    def _mark(self, mark: Callable[[Library, ArticleRow], str]) -> None:
        """Run `mark` on the article's row; it returns the new mark in a word or two, or "" if nothing has changed."""
        main, stored = self._main, self._main.article_pane.stored
        if stored is None:
            return

        def write(library: Library) -> str:
            row = library.row(stored.key)
            return "" if row is None else mark(library, row)

        def report(words: str) -> None:
            if not words:
                return
            spoken = f"Marked {words.lower()}" if words in ("Read", "Unread") else words
            main.post_message(Announced(spoken))
            if main.speech is None and (main.panes.regions.list is None or not main.is_active):
                show_notice(main, words)  # The list, which shows the mark, is hidden.

        main.write(write, report)

    def mark_listed(self) -> None:
        """Mark all articles in the list as read."""
        main, listing = self._main, self._main.list_pane.listing
        if main.list_pane.is_pending:
            show_notice(main, "The list is still loading")
            return

        def report(number: int) -> None:
            done = f"Marked {many(number, 'article')} as read; {key_for('state.undo')} undoes it"
            show_notice(main, done if number else "No listed article is unread")

        self._is_settled = True
        main.write(lambda library: library.state.mark_listed_read(library.bind(listing)), report)

    def undo(self) -> None:
        self._change(lambda library: library.state.undo(), "Undone: {}", "Nothing to undo")

    def redo(self) -> None:
        self._change(lambda library: library.state.redo(), "Redone: {}", "Nothing to redo")

    def _change(self, change: Callable[[Library], str | None], done: str, nothing: str) -> None:
        """Undo or redo an action; `change` returns its description, or None if there is none."""
        main, stored = self._main, self._main.article_pane.stored

        def write(library: Library) -> tuple[str | None, int | None]:
            line = None if stored is None else library.line_of(stored.key)
            words = change(library)
            # A correction gives new keys to the articles of its capture.
            is_same = stored is None or line is None or library.line_of(stored.key) is not None
            return words, None if is_same or line is None else library.article_at(line)

        def report(result: tuple[str | None, int | None]) -> None:
            words, key = result
            if key is not None and main.article_pane.stored is stored:
                main.article_pane.follow(key)
            show_notice(main, nothing if words is None else done.format(words))

        self._is_settled = True
        main.write(write, report)
