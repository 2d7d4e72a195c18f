"""Finds, decodes and draws the pictures of the open article in the background."""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from reader.app.pictures.display import Box, Rendering
from reader.app.threads import Query, QueryWorker, Result, switching_threads_often
from reader.library import Interrupted, Library
from reader.model import Article

# Pillow is imported in the thread: with the readers of captures it takes longer than the first frame.
if TYPE_CHECKING:
    from reader.app.pictures.decoder import Decoder, Pixels
    from reader.app.pictures.drawing import Drawing

Sizes = dict[int, tuple[int, int]]
"""Width and height in pixels of the pictures of an article, by the numbers of their figures."""


class Wanted(NamedTuple):
    """An article whose pictures are wanted."""

    key: int
    source: str
    article: Article


class Gallery:
    """Finds the pictures of an article, and draws the visible ones, in one thread. The screen never waits."""

    def __init__(self, library: Library) -> None:
        # A library that cannot be opened has no pictures.
        self._queries = QueryWorker(library, lambda _: None)
        self._read: tuple[int, dict[int, bytes]] = (0, {})
        """The key of an article, and the files of its pictures by the numbers of their figures."""
        self._decoder: Decoder | None = None

    def close(self) -> None:
        """End the thread and the process that decodes."""
        self._queries.close()
        if self._decoder is not None:
            self._decoder.close()

    async def find(self, wanted: Wanted) -> Sizes:
        """Find the pictures of an article."""

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

    async def draw(self, wanted: Wanted, figure: int, box: Box, rendering: Rendering) -> "Drawing | None":
        """Draw a picture that was found; None if that fails."""

        def draw(library: Library) -> "Drawing | None":
            pixels = self._decode(library, wanted, figure)
            if pixels is None:
                return None
            from reader.app.pictures import drawing

            return drawing.draw(pixels, box, rendering)

        return await self._ask(f"draw {figure}", draw, None)

    async def _ask(self, kind: str, query: Query[Result], otherwise: Result) -> Result:
        """The result of a query, or `otherwise` if anything goes wrong: the text can be read without pictures."""

        def run(library: Library) -> Result:
            try:
                with switching_threads_often():
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

    def _decode(self, library: Library, wanted: Wanted, figure: int) -> "Pixels | None":
        from reader.app.pictures.decoder import Decoder

        data = self._files(library, wanted).get(figure)
        self._decoder = self._decoder or Decoder()
        return None if data is None else self._decoder.decode(data)
