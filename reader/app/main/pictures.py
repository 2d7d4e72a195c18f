"""Pictures of the article being read: found in the background, shown where the reader wants them."""

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
    PictureInSight,
    PicturesFound,
    Sizes,
    ToDraw,
    Wanted,
)

if TYPE_CHECKING:
    from reader.app.app import ReaderApp
    from reader.app.main.article_pane import ArticlePane
    from reader.library import Library, StoredArticle
    from reader.settings import Settings

REMEMBERED = 500
"""The most articles whose pictures' sizes are cached."""


class Pictures:
    """Finds and draws the pictures of the article in a pane, where they are wanted."""

    def __init__(self, library: Library, pane: ArticlePane) -> None:
        """Messages from the gallery are posted to the article's view."""
        self._library = library
        self._pane = pane
        self.gallery: Gallery | None = None
        """Finds pictures; None until one is wanted."""
        self.pictures_wanted: bool | None = None
        """Whether pictures are shown; None until it matters."""
        self._found: dict[int, Sizes] = {}
        self._asking_for: int | None = None
        """The article for which a notice is to say whether it has pictures."""

    @property
    def _settings(self) -> Settings:
        return cast("ReaderApp", self._pane.view.app).settings

    def close(self) -> None:
        """End what runs beside the screen, and free the terminal's memory."""
        if self.gallery is not None:
            self.gallery.close()
            self._pane.pictures.forget()

    def toggle(self) -> None:
        """Show pictures, or captions alone."""
        if why_not := (self._reason_against() or ("" if display.is_installed() else display.EXTRA)):
            show_notice(self._pane.view, why_not)
            return
        self.pictures_wanted = not self._are_wanted()
        wanted = self._wanted_now()
        if not self.pictures_wanted:
            show_notice(self._pane.view, "Pictures off")
            self._pane.pictures.show(0, {}, self._rendering())
        elif wanted is None:
            show_notice(self._pane.view, "Pictures on; this article names none")
        else:
            self._asking_for = wanted.key
            self._found.pop(wanted.key, None)  # What was not there may be now.
            self.show()

    def settings_changed(self) -> None:
        """Other settings hold: show pictures by them, or none."""
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
        """The article being read, if it has figures and pictures are wanted."""
        stored = self._pane.stored
        if stored is None or not stored.article.figures or not self._are_wanted():
            return None
        return Wanted(key_of(stored), stored.source, stored.article)

    def show(self) -> None:
        """Show the pictures of the article being read, or have them found."""
        wanted = self._wanted_now()
        if wanted is None:
            return
        if (sizes := self._found.get(wanted.key)) is not None:
            self._pane.pictures.show(wanted.key, sizes, self._rendering())
            return
        self.gallery = self.gallery or Gallery(self._library, self._pane.view.post_message)
        self.gallery.find(wanted)

    def resize(self) -> None:
        """The cells of the terminal may have another size now."""
        wanted = self._wanted_now() if self.gallery is not None else None
        if wanted is not None and wanted.key in self._found:
            self.show()

    def add_found(self, message: PicturesFound) -> None:
        """Some figures of an article have pictures; perhaps another article is being read by now."""
        if message.done:
            self._found.pop(message.key, None)
            self._found[message.key] = message.sizes
            if len(self._found) > REMEMBERED:
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
                "Pictures on" if message.sizes else "Pictures on; no picture of this article is kept",
            )

    def draw(self, message: PictureInSight) -> None:
        """Have a picture drawn."""
        wanted = self._wanted_now()
        if wanted is None or wanted.key != message.key or self.gallery is None:
            return
        self.gallery.draw(ToDraw(wanted, message.figure, message.box, self._rendering()))

    def show_drawn(self, message: PictureDrawn) -> None:
        """Show a picture, unless the terminal has changed since it was drawn."""
        drawn = message.drawn
        if drawn.rendering == self._rendering():
            self._pane.pictures.show_drawing(drawn.wanted.key, drawn.figure, drawn.box, message.drawing)

    def _rendering(self) -> Rendering:
        cell = display.cell_of(*terminal.window_size())
        protocol = display.protocol_of(self._settings, os.environ, cell)
        return Rendering(protocol, cell, self._pane.view.background_colors[1].rgb)


def key_of(stored: StoredArticle) -> int:
    """A key for an article with its figures as parsed: a correction can change which figure is which."""
    article = stored.article
    return hash((stored.key, article.figures, article.first_line, article.last_line))
