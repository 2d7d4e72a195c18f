"""Finds the pictures of the article being read in the background, and shows them if the reader wants pictures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from reader.app import terminal
from reader.app.notices import show_notice
from reader.app.pictures import display
from reader.app.pictures.display import Rendering
from reader.app.pictures.gallery import (
    Gallery,
    PictureDrawn,
    PictureNeeded,
    PicturesFound,
    Sizes,
    ToDraw,
    Wanted,
)
from reader.extras import needs_extra

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

CACHED_ARTICLES: Final = 500
"""For how many articles the sizes of pictures are cached."""


class Pictures:
    """Shows the pictures of the article on a main screen."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._pane = main.article_pane
        self.gallery: Gallery | None = None
        """Finds and draws pictures; None until it is needed. It posts its messages to the article's view."""
        self._are_wanted: bool | None = None
        """Does the reader want pictures? None until this is first needed."""
        self._found: dict[int, Sizes] = {}
        self._asking_for: int | None = None
        """The article for which a notice will report whether it has pictures."""

    def close(self) -> None:
        """Stop the gallery, and free the pictures in the terminal's memory."""
        if self.gallery is not None:
            self.gallery.close()
            self._pane.pictures.forget()

    def toggle(self) -> None:
        """Show pictures, or captions alone."""
        missing = "" if display.is_installed() else needs_extra("Showing pictures", "images")
        if reason := self._reason_against() or missing:
            show_notice(self._main, reason)
            return
        self._are_wanted = not self._wants_pictures()
        wanted = self._wanted_now()
        if not self._are_wanted:
            show_notice(self._main, "Pictures off")
            self._show({}, 0)
        elif wanted is None:
            show_notice(self._main, "Pictures on; this article has none")
        else:
            self._asking_for = wanted.key
            self._found.pop(wanted.key, None)  # Look again: pictures may have been added since.
            self.show()

    def settings_changed(self) -> None:
        """Show or hide pictures after a change of the settings."""
        self._are_wanted = None
        if self._wanted_now() is None:
            self._show({}, 0)
        else:
            self.show()

    def _wants_pictures(self) -> bool:
        if self._are_wanted is None:
            wanted = display.wanted_at_first(self._main.app.settings, os.environ)
            self._are_wanted = wanted and not self._reason_against() and display.is_installed()
        return self._are_wanted

    def _reason_against(self) -> str:
        app = self._main.app
        return display.reason_against(app.settings, os.environ, few_colours=app.few_colours)

    def _wanted_now(self) -> Wanted | None:
        """The article being read, if it has figures and the reader wants pictures."""
        stored = self._pane.stored
        if stored is None or not stored.article.figures or not self._wants_pictures():
            return None
        article = stored.article
        # A correction can change the numbers of the figures.
        key = hash((stored.key, article.figures, article.first_line, article.last_line))
        return Wanted(key, stored.source, article)

    def show(self) -> None:
        """Show the pictures of the article being read, or start to look for them."""
        wanted = self._wanted_now()
        if wanted is not None and wanted.key in self._found:
            self._show(self._found[wanted.key], wanted.key)
        elif wanted is not None:
            self.gallery = self.gallery or Gallery(self._main.library, self._pane.view.post_message)
            self.gallery.find(wanted)

    def _show(self, sizes: Sizes, key: int) -> None:
        self._pane.pictures.show(key, sizes, self._rendering())

    def resize(self) -> None:
        """Draw again after a resize, since the cells may have another size in pixels."""
        wanted = self._wanted_now() if self.gallery is not None else None
        if wanted is not None and wanted.key in self._found:
            self.show()

    def add_found(self, message: PicturesFound) -> None:
        """Remember the pictures that were found, and show them if their article is still open."""
        if message.done:
            self._found.pop(message.key, None)
            self._found[message.key] = message.sizes
            if len(self._found) > CACHED_ARTICLES:
                del self._found[next(iter(self._found))]
        wanted = self._wanted_now()
        if wanted is None or wanted.key != message.key:
            return
        if message.sizes:
            self._show(message.sizes, message.key)
        if self._asking_for == message.key and (message.done or message.sizes):
            self._asking_for = None
            none = "" if message.sizes else "; this capture has none of the article’s pictures"
            show_notice(self._main, f"Pictures on{none}")

    def draw(self, message: PictureNeeded) -> None:
        """Start to draw a picture."""
        wanted = self._wanted_now()
        if wanted is not None and wanted.key == message.key and self.gallery is not None:
            self.gallery.draw(ToDraw(wanted, message.figure, message.box, self._rendering()))

    def show_drawn(self, message: PictureDrawn) -> None:
        """Show a drawn picture, unless the terminal has changed since."""
        drawn = message.drawn
        if drawn.rendering == self._rendering():
            self._pane.pictures.show_drawing(drawn.wanted.key, drawn.figure, drawn.box, message.drawing)

    def _rendering(self) -> Rendering:
        cell = display.cell_of(*terminal.window_size())
        protocol = display.protocol_of(self._main.app.settings, os.environ, cell)
        return Rendering(protocol, cell, self._pane.view.background_colors[1].rgb)
