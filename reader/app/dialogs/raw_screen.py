"""The capture as it was kept, under the article that was read from it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from reader.app.dialogs.raw_view import RawView
from reader.app.keys import hint
from reader.app.notices import show_error
from reader.app.screen_keys import screen_bindings
from reader.app.widgets.bars import Bar, Piece
from reader.errors import LibraryError
from reader.library import Library, StoredArticle
from reader.sanitize import sanitize


def at_any_width(pieces: tuple[Piece, ...], _: int) -> list[Piece]:
    """All the pieces."""
    return list(pieces)


def scrolling_hints(action: str, does: str) -> tuple[Piece, ...]:
    """The keys below a text that can only be scrolled and left."""
    return (
        Piece(f" {hint('{move.down}/{move.up}')}", "bar--key"),
        Piece(" scroll  ", "bar--muted"),
        Piece(hint("{panes.back}"), "bar--key", action),
        Piece(f" {does}", "bar--muted", action),
    )


class RawScreen(Screen[None]):
    """Opens where the article begins."""

    AUTO_FOCUS = "RawView"
    DEFAULT_CSS = """
    RawScreen RawView { height: 1fr; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("raw")

    def __init__(self, library: Library, stored: StoredArticle, line: int | None = None) -> None:
        """`line`: the line to open at, from 1; where the article begins when None."""
        super().__init__()
        self._library = library
        self._stored = stored
        self._line = line or stored.article.first_line
        self._view = RawView()

    def compose(self) -> ComposeResult:
        """A line above, the text, a line below."""
        stored = self._stored
        about = " · ".join(word for word in (stored.captured, stored.encoding, stored.partial) if word)
        said = (
            Piece(f" {sanitize(stored.source)}", "bar--title"),
            Piece(f"  {sanitize(about)}", "bar--muted"),
        )
        yield from (
            Bar(at_any_width, said),
            self._view,
            Bar(at_any_width, scrolling_hints("dismiss(None)", "back")),
        )

    def on_mount(self) -> None:
        """Read the capture's text."""
        try:
            text = self._library.raw(self._stored.capture_key)
        except LibraryError as error:
            show_error(self, str(error))
            self.dismiss(None)
            return
        self._view.show(text, self._line)

    def action_move(self, how: str) -> None:
        """Scroll the text."""
        self._view.scroll_by_key(how)
