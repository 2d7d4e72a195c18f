"""Finds the pictures of the article being read in the background, and shows them if the reader wants pictures."""

from __future__ import annotations

import os
from asyncio import sleep
from typing import TYPE_CHECKING, Final

from reader.app import terminal
from reader.app.notices import show_notice
from reader.app.pictures import display
from reader.app.pictures.display import Rendering
from reader.app.pictures.gallery import Gallery, Sizes, Wanted
from reader.app.pictures.rows import PictureNeeded
from reader.extras import needs_extra

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

_PATIENCE: Final = 0.12
"""Seconds that an article must stay open before its pictures are looked for."""


class Pictures:
    """Shows the pictures of the article on a main screen."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._pane = main.article_pane
        self._gallery: Gallery | None = None
        """Finds and draws pictures; None until it is needed."""
        self._are_wanted: bool | None = None
        """Does the reader want pictures? None until this is first needed."""
        self._found: dict[int, Sizes] = {}
        """By article, the sizes of the pictures that were found."""

    def close(self) -> None:
        """Stop the gallery, and free the pictures in the terminal's memory."""
        if self._gallery is not None:
            self._gallery.close()
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
            self._look_for(wanted, report=True)  # Even if none were found before: some may have been added.

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
            self._look_for(wanted, report=False)

    def _look_for(self, wanted: Wanted, *, report: bool) -> None:
        """Look for the pictures of an article; `report` whether it has any."""
        gallery = self._gallery = self._gallery or Gallery(self._main.library)

        async def look() -> None:
            await sleep(_PATIENCE)
            sizes = self._found[wanted.key] = await gallery.find(wanted)
            now = self._wanted_now()
            if now is None or now.key != wanted.key:
                return
            if sizes:
                self._show(sizes, wanted.key)
            if report:
                none = "" if sizes else "; this capture has none of the article’s pictures"
                show_notice(self._main, f"Pictures on{none}")

        self._main.run_worker(look(), group="find pictures", exclusive=True)

    def _show(self, sizes: Sizes, key: int) -> None:
        self._pane.pictures.show(key, sizes, self._rendering())

    def resize(self) -> None:
        """Draw again after a resize, since the cells may have another size in pixels."""
        wanted = None if self._gallery is None else self._wanted_now()
        if wanted is not None and wanted.key in self._found:
            self.show()

    def draw(self, message: PictureNeeded) -> None:
        """Draw a picture, and show it unless the terminal has changed meanwhile."""
        wanted, gallery, rendering = self._wanted_now(), self._gallery, self._rendering()
        if wanted is None or wanted.key != message.key or gallery is None:
            return

        async def draw() -> None:
            drawing = await gallery.draw(wanted, message.figure, message.box, rendering)
            if rendering == self._rendering():
                self._pane.pictures.show_drawing(wanted.key, message.figure, message.box, drawing)

        self._main.run_worker(draw(), group="draw pictures")

    def _rendering(self) -> Rendering:
        cell = display.cell_of(*terminal.window_size())
        protocol = display.protocol_of(self._main.app.settings, os.environ, cell)
        return Rendering(protocol, cell, self._pane.view.background_colors[1].rgb)
