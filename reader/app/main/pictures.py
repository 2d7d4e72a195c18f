"""Finds the pictures of the article being read in the background, and shows them if the reader wants pictures."""

import os
from asyncio import sleep
from functools import partial
from typing import TYPE_CHECKING, Final

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
from reader.library import Interrupted, Library, StoredArticle

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

Sizes = dict[int, tuple[int, int]]
"""Width and height in pixels of the pictures of an article, by the numbers of their figures."""
_PATIENCE: Final = 0.12
"""Seconds that an article must stay open before its pictures are looked for."""


class Pictures:
    """Shows the pictures of the article on a main screen; finds and draws them in one thread of its own."""

    def __init__(self, main: "MainScreen") -> None:
        self._main = main
        self._pane = main.article_pane
        # A library that cannot be opened has no pictures.
        self._queries = QueryWorker(main.library, lambda _: None)
        self._decoder = Decoder()
        self._read: tuple[object, dict[int, bytes]] = (None, {})
        """The key of an article, and the files of its pictures by the numbers of their figures."""
        self._are_wanted: bool | None = None
        """Does the reader want pictures? None until this is first needed."""
        self._found: dict[object, Sizes] = {}
        """By the key of an article, the sizes of the pictures that were found."""

    def close(self) -> None:
        """End the thread and the process that decodes, and free the pictures in the terminal's memory."""
        self._queries.close()
        self._decoder.close()
        if self._found:
            self._pane.pictures.forget()

    def toggle(self) -> None:
        if reason := self._reason_against():
            show_notice(self._main, reason)
            return
        self._are_wanted = not self._wants_pictures()
        stored = self._pictured()
        if not self._are_wanted:
            show_notice(self._main, "Pictures off")
            self._show({}, None)
        elif stored is None:
            show_notice(self._main, "Pictures on; this article has none")
        else:
            self._look_for(stored, report=True)  # Even if none were found before: some may have been added.

    def settings_changed(self) -> None:
        self._are_wanted = None
        if self._pictured() is None:
            self._show({}, None)
        else:
            self.show()

    def _reason_against(self) -> str:
        app = self._main.app
        reason = reason_against(app.settings, os.environ, few_colours=app.few_colours)
        return reason or ("" if is_installed() else needs_extra("Showing pictures", "images"))

    def _wants_pictures(self) -> bool:
        if self._are_wanted is None:
            wanted = wanted_at_first(self._main.app.settings, os.environ)
            self._are_wanted = wanted and not self._reason_against()
        return self._are_wanted

    def _pictured(self) -> StoredArticle | None:
        """The article being read, if it has figures and the reader wants pictures."""
        stored = self._pane.stored
        has_figures = stored is not None and bool(stored.article.figures)
        return stored if has_figures and self._wants_pictures() else None

    def show(self) -> None:
        """Show the pictures of the article being read, or start to look for them."""
        if (stored := self._pictured()) is None:
            return
        if (sizes := self._found.get(_key(stored))) is not None:
            self._show(sizes, _key(stored))
        else:
            self._look_for(stored, report=False)

    def _look_for(self, stored: StoredArticle, *, report: bool) -> None:
        """Look for the pictures of an article; `report` whether it has any."""

        async def look() -> None:
            await sleep(_PATIENCE)
            key = _key(stored)
            sizes = self._found[key] = await self._find(stored)
            now = self._pictured()
            if now is None or _key(now) != key:
                return
            if sizes:
                self._show(sizes, key)
            if report:
                none = "" if sizes else "; this capture has none of the article’s pictures"
                show_notice(self._main, f"Pictures on{none}")

        # Not a coroutine, which Python would complain about if the next one takes its place before it begins.
        self._main.run_worker(look, group="find pictures", exclusive=True)  # type: ignore[arg-type]

    def _show(self, sizes: Sizes, key: object) -> None:
        self._pane.pictures.show(key, sizes, self._rendering())

    def resize(self) -> None:
        """Draw again after a resize, since the cells may have another size in pixels."""
        if self._found:
            self.show()

    def draw(self, message: PictureNeeded) -> None:
        """Draw a picture, and show it unless the terminal has changed meanwhile."""
        stored, rendering = self._pictured(), self._rendering()
        if stored is None or _key(stored) != message.key:
            return

        def drawing(library: Library) -> Drawing | None:
            pixels = self._decode(library, stored, message.figure)
            return None if pixels is None else draw(pixels, message.box, rendering)

        async def show() -> None:
            drawn = await self._ask(f"draw {message.figure}", drawing, None)
            if rendering == self._rendering():
                self._pane.pictures.show_drawing(message, drawn)

        self._main.run_worker(show(), group="draw pictures")

    def _rendering(self) -> Rendering:
        cell = cell_of(*terminal.window_size())
        protocol = protocol_of(self._main.app.settings, os.environ, cell)
        return Rendering(protocol, cell, self._pane.view.background_colors[1].rgb)

    # In the background

    async def _find(self, stored: StoredArticle) -> Sizes:
        """Each picture is a query of its own, so that another article need not wait for all."""
        self._read = (None, {})  # A file may have more pictures by now.
        no_figures: list[int] = []
        figures = await self._ask("find", lambda library: list(self._files(library, stored)), no_figures)
        sizes: Sizes = {}
        for figure in figures:
            pixels = await self._ask("find", partial(self._decode, stored=stored, figure=figure), None)
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

    def _files(self, library: Library, stored: StoredArticle) -> dict[int, bytes]:
        if self._read[0] != _key(stored):
            self._read = _key(stored), library.pictures(stored.source, stored.article)
        return self._read[1]

    def _decode(self, library: Library, stored: StoredArticle, figure: int) -> Pixels | None:
        data = self._files(library, stored).get(figure)
        return None if data is None else self._decoder.decode(data)


def _key(stored: StoredArticle) -> object:
    """What tells an article from others. A correction can change the numbers of its figures."""
    article = stored.article
    return stored.key, article.figures, article.first_line, article.last_line
