"""Finds the pictures of the article being read in the background, and shows them if the reader wants pictures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

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
    from reader.app.app import ReaderApp
    from reader.app.main.article_pane import ArticlePane
    from reader.library import Library, StoredArticle
    from reader.settings import Settings

CACHED_ARTICLES = 500
"""For how many articles the sizes of pictures are cached."""


class Pictures:
    """Shows the pictures of the article in a pane."""

    def __init__(self, library: Library, pane: ArticlePane) -> None:
        """The gallery posts its messages to the article's view."""
        self._library = library
        self._pane = pane
        self.gallery: Gallery | None = None
        """Finds and draws pictures; None until it is needed."""
        self.pictures_wanted: bool | None = None
        """Does the reader want pictures? None until this is first needed."""
        self._found: dict[int, Sizes] = {}
        self._asking_for: int | None = None
        """The article for which a notice will report whether it has pictures."""

    @property
    def _settings(self) -> Settings:
        return cast("ReaderApp", self._pane.view.app).settings

    def close(self) -> None:
        """Stop the gallery, and free the pictures in the terminal's memory."""
        if self.gallery is not None:
            self.gallery.close()
            self._pane.pictures.forget()

    def toggle(self) -> None:
        """Show pictures, or captions alone."""
        if reason := (
            self._reason_against()
            or ("" if display.is_installed() else needs_extra("Showing pictures", "images"))
        ):
            show_notice(self._pane.view, reason)
            return
        self.pictures_wanted = not self._are_wanted()
        wanted = self._wanted_now()
        if not self.pictures_wanted:
            show_notice(self._pane.view, "Pictures off")
            self._pane.pictures.show(0, {}, self._rendering())
        elif wanted is None:
            show_notice(self._pane.view, "Pictures on; this article has none")
        else:
            self._asking_for = wanted.key
            self._found.pop(wanted.key, None)  # Look again: pictures may have been added since.
            self.show()

    def settings_changed(self) -> None:
        """Show or hide pictures after a change of the settings."""
        self.pictures_wanted = None
        if self._wanted_now() is None:
            self._pane.pictures.show(0, {}, self._rendering())
        else:
            self.show()

    def _are_wanted(self) -> bool:
        if self.pictures_wanted is None:
            wanted = display.wanted_at_first(self._settings, os.environ) and not self._reason_against()
            self.pictures_wanted = wanted and display.is_installed()
        return self.pictures_wanted

    def _reason_against(self) -> str:
        few = getattr(self._pane.view.app, "few_colours", False)
        return display.reason_against(self._settings, os.environ, few_colours=few)

    def _wanted_now(self) -> Wanted | None:
        """The article being read, if it has figures and the reader wants pictures."""
        stored = self._pane.stored
        if stored is None or not stored.article.figures or not self._are_wanted():
            return None
        return Wanted(key_of(stored), stored.source, stored.article)

    def show(self) -> None:
        """Show the pictures of the article being read, or start to look for them."""
        wanted = self._wanted_now()
        if wanted is None:
            return
        if (sizes := self._found.get(wanted.key)) is not None:
            self._pane.pictures.show(wanted.key, sizes, self._rendering())
            return
        self.gallery = self.gallery or Gallery(self._library, self._pane.view.post_message)
        self.gallery.find(wanted)

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
            self._pane.pictures.show(message.key, message.sizes, self._rendering())
        if self._asking_for == message.key and (message.done or message.sizes):
            self._asking_for = None
            show_notice(
                self._pane.view,
                "Pictures on"
                if message.sizes
                else "Pictures on; this capture has none of the article’s pictures",
            )

    def draw(self, message: PictureNeeded) -> None:
        """Start to draw a picture."""
        wanted = self._wanted_now()
        if wanted is None or wanted.key != message.key or self.gallery is None:
            return
        self.gallery.draw(ToDraw(wanted, message.figure, message.box, self._rendering()))

    def show_drawn(self, message: PictureDrawn) -> None:
        """Show a drawn picture, unless the terminal has changed since."""
        drawn = message.drawn
        if drawn.rendering == self._rendering():
            self._pane.pictures.show_drawing(drawn.wanted.key, drawn.figure, drawn.box, message.drawing)

    def _rendering(self) -> Rendering:
        cell = display.cell_of(*terminal.window_size())
        protocol = display.protocol_of(self._settings, os.environ, cell)
        return Rendering(protocol, cell, self._pane.view.background_colors[1].rgb)


def key_of(stored: StoredArticle) -> int:
    """A key for an article and its figures, since a correction can change their numbers."""
    article = stored.article
    return hash((stored.key, article.figures, article.first_line, article.last_line))
