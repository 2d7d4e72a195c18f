"""Pictures of the article that is read: looked for once the screen stands, shown where they are wanted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events

from reader.app import terminal
from reader.app.pictures import display
from reader.app.pictures.display import Way
from reader.app.pictures.gallery import (
    Gallery,
    PictureDrawn,
    PictureInSight,
    PicturesFound,
    Sizes,
    ToDraw,
    Wanted,
)
from reader.app.screens.sending import Sending

if TYPE_CHECKING:
    from reader.library import Library, StoredArticle

REMEMBERED = 500
"""Articles of which it is remembered which pictures they have."""


class Picturing(Sending):
    """The part of the main screen that has pictures found and drawn."""

    def __init__(self, library: Library, *, paths: Sequence[str] | None, title: str) -> None:
        """See `Shelf`."""
        super().__init__(library, paths=paths, title=title)
        self.gallery: Gallery | None = None
        """What finds pictures, once one was wanted."""
        self.pictures_wanted: bool | None = None
        """Whether pictures are shown; None until that has mattered."""
        self._found: dict[int, Sizes] = {}
        self._asking_for: int | None = None
        """The article of which the reader wants to be told whether it has pictures."""

    def _begin(self) -> None:
        super()._begin()
        self._picture()

    def on_unmount(self) -> None:
        """End what runs beside the screen, and free the terminal's memory."""
        if self.gallery is not None:
            self.gallery.close()
            self.article.forget_pictures()

    def read(self, stored: StoredArticle | None) -> None:
        """Show an article, with its pictures if they are known."""
        super().read(stored)
        # Nothing is looked for on the way to the first paint.
        if self._poll_timer is not None:
            self._picture()

    def action_pictures(self) -> None:
        """Show pictures, or captions alone."""
        if why_not := (self._reason_against() or ("" if display.is_installed() else display.EXTRA)):
            self.say(why_not)
            return
        self.pictures_wanted = not self._are_wanted()
        wanted = self._wanted_now()
        if not self.pictures_wanted:
            self.say("Pictures off")
            self.article.show_pictures(0, {}, self._way())
        elif wanted is None:
            self.say("Pictures on; this article names none")
        else:
            self._asking_for = wanted.key
            self._found.pop(wanted.key, None)  # What was not there may be now.
            self._picture()
        self.paint_at_once()

    def picture_anew(self) -> None:
        """Other settings hold: show pictures by them, or none."""
        self.pictures_wanted = None
        if self._wanted_now() is None:
            self.article.show_pictures(0, {}, self._way())
        else:
            self._picture()

    def _are_wanted(self) -> bool:
        if self.pictures_wanted is None:
            wanted = display.wanted_at_first(self.settings, os.environ) and not self._reason_against()
            self.pictures_wanted = wanted and display.is_installed()
        return self.pictures_wanted

    def _reason_against(self) -> str:
        few = getattr(self.app, "few_colours", False)
        return display.reason_against(self.settings, os.environ, few_colours=few)

    def _wanted_now(self) -> Wanted | None:
        """The article that is read, if it has figures and pictures are wanted."""
        stored = self.stored
        if stored is None or not stored.article.figures or not self._are_wanted():
            return None
        return Wanted(key_of(stored), stored.source, stored.article)

    def _picture(self) -> None:
        """Show the pictures of the article that is read, or have them found."""
        wanted = self._wanted_now()
        if wanted is None:
            return
        if (sizes := self._found.get(wanted.key)) is not None:
            self.article.show_pictures(wanted.key, sizes, self._way())
            return
        self.gallery = self.gallery or Gallery(self.library, self.post_message)
        self.gallery.find(wanted)

    def on_resize(self, _: events.Resize) -> None:
        """With the terminal's letters, its cells may have another size now."""
        wanted = self._wanted_now() if self.gallery is not None else None
        if wanted is not None and wanted.key in self._found:
            self._picture()

    def on_pictures_found(self, message: PicturesFound) -> None:
        """It is known which figures have a picture; perhaps another article is read by now."""
        if message.done:
            self._found.pop(message.key, None)
            self._found[message.key] = message.sizes
            if len(self._found) > REMEMBERED:
                del self._found[next(iter(self._found))]
        wanted = self._wanted_now()
        if wanted is None or wanted.key != message.key:
            return
        if message.sizes:
            self.article.show_pictures(message.key, message.sizes, self._way())
            self.paint_at_once()
        if self._asking_for == message.key and (message.done or message.sizes):
            self._asking_for = None
            self.say("Pictures on" if message.sizes else "Pictures on; no picture of this article is kept")

    def on_picture_in_sight(self, message: PictureInSight) -> None:
        """Have a picture drawn."""
        wanted = self._wanted_now()
        if wanted is None or wanted.key != message.key or self.gallery is None:
            return
        self.gallery.draw(ToDraw(wanted, message.figure, message.box, self._way()))

    def on_picture_drawn(self, message: PictureDrawn) -> None:
        """Show it, unless it is drawn for a terminal that has changed since."""
        drawn = message.drawn
        if drawn.way == self._way():
            self.article.show_drawing(drawn.wanted.key, drawn.figure, drawn.box, message.drawing)
            self.paint_at_once()

    def _way(self) -> Way:
        cell = display.cell_of(*terminal.sizes())
        protocol = display.protocol_of(self.settings, os.environ, cell)
        return Way(protocol, cell, self.article.background_colors[1].rgb)


def key_of(stored: StoredArticle) -> int:
    """What stands for an article and its figures as they are read now: a correction changes which is which."""
    article = stored.article
    return hash((stored.key, article.figures, article.first_line, article.last_line))
