"""Finds the pictures of the article being read in the background, and shows them if the reader wants pictures."""

import os
from asyncio import sleep
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.app import terminal
from reader.app.messages import show_notice
from reader.app.pictures import (
    Decoder,
    Pixels,
    Rendering,
    cell_of,
    is_installed,
    protocol_of,
    reason_against,
    wanted_at_first,
)
from reader.app.threads import Query, QueryWorker, Result
from reader.app.widgets.pictures import Drawing, PictureNeeded, draw
from reader.extras import needs_extra
from reader.library import Interrupted, Library
from reader.model import Article

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

Sizes = dict[int, tuple[int, int]]
"""Width and height in pixels of the pictures of an article, by the numbers of their figures."""


class Wanted(NamedTuple):
    """An article whose pictures are wanted."""

    key: int
    source: str
    article: Article


_PATIENCE: Final = 0.12
"""Seconds that an article must stay open before its pictures are looked for."""


class Pictures:
    """Shows the pictures of the article on a main screen; finds and draws them in one thread of its own."""

    def __init__(self, main: "MainScreen") -> None:
        self._main = main
        self._pane = main.article_pane
        # A library that cannot be opened has no pictures.
        self._queries = QueryWorker(main.library, lambda _: None)
        self._decoder: Decoder | None = None
        self._read: tuple[int, dict[int, bytes]] = (0, {})
        """The key of an article, and the files of its pictures by the numbers of their figures."""
        self._are_wanted: bool | None = None
        """Does the reader want pictures? None until this is first needed."""
        self._found: dict[int, Sizes] = {}
        """By article, the sizes of the pictures that were found."""

    def close(self) -> None:
        """End the thread and the process that decodes, and free the pictures in the terminal's memory."""
        self._queries.close()
        if self._decoder is not None:
            self._decoder.close()
        if self._found:
            self._pane.pictures.forget()

    def toggle(self) -> None:
        """Show pictures, or captions alone."""
        missing = "" if is_installed() else needs_extra("Showing pictures", "images")
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
            wanted = wanted_at_first(self._main.app.settings, os.environ)
            self._are_wanted = wanted and not self._reason_against() and is_installed()
        return self._are_wanted

    def _reason_against(self) -> str:
        app = self._main.app
        return reason_against(app.settings, os.environ, few_colours=app.few_colours)

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

        async def look() -> None:
            await sleep(_PATIENCE)
            sizes = self._found[wanted.key] = await self._find(wanted)
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
        wanted = self._wanted_now() if self._found else None
        if wanted is not None and wanted.key in self._found:
            self.show()

    def draw(self, message: PictureNeeded) -> None:
        """Draw a picture, and show it unless the terminal has changed meanwhile."""
        wanted, rendering = self._wanted_now(), self._rendering()
        if wanted is None or wanted.key != message.key:
            return

        def drawing(library: Library) -> Drawing | None:
            pixels = self._decode(library, wanted, message.figure)
            return None if pixels is None else draw(pixels, message.box, rendering)

        async def show() -> None:
            drawn = await self._ask(f"draw {message.figure}", drawing, None)
            if rendering == self._rendering():
                self._pane.pictures.show_drawing(wanted.key, message.figure, message.box, drawn)

        self._main.run_worker(show(), group="draw pictures")

    def _rendering(self) -> Rendering:
        cell = cell_of(*terminal.window_size())
        protocol = protocol_of(self._main.app.settings, os.environ, cell)
        return Rendering(protocol, cell, self._pane.view.background_colors[1].rgb)

    # In the background

    async def _find(self, wanted: Wanted) -> Sizes:

        def files(library: Library) -> list[int]:
            self._read = (0, {})  # A file may have more pictures by now.
            return list(self._files(library, wanted))

        figures: list[int] = await self._ask("find", files, [])
        sizes: Sizes = {}
        for figure in figures:
            pixels = await self._ask("find", partial(self._decode, wanted=wanted, figure=figure), None)
            if pixels is not None:
                sizes[figure] = pixels.original
        return sizes

    async def _ask(self, kind: str, query: Query[Result], otherwise: Result) -> Result:
        """The result of a query, or `otherwise` if anything goes wrong: the text can be read without pictures."""

        def run(library: Library) -> Result:
            try:
                return query(library)
            except Interrupted:
                raise
            except Exception:
                return otherwise

        return await self._queries.ask(kind, run)

    def _files(self, library: Library, wanted: Wanted) -> dict[int, bytes]:
        if self._read[0] != wanted.key:
            self._read = wanted.key, library.pictures(wanted.source, wanted.article)
        return self._read[1]

    def _decode(self, library: Library, wanted: Wanted, figure: int) -> Pixels | None:
        data = self._files(library, wanted).get(figure)
        self._decoder = self._decoder or Decoder()
        return None if data is None else self._decoder.decode(data)
