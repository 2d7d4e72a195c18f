"""Finds, decodes and draws the pictures of the open article in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reader.app.loading import switching_threads_often
from reader.app.pictures.display import Box, Rendering
from reader.app.query_worker import QueryWorker
from reader.library import Interrupted, Library
from reader.model import Article

# Pillow is imported in the thread: with the readers of captures it takes longer than the first frame.
if TYPE_CHECKING:
    from reader.app.pictures.drawing import Decoder, Drawing, Pixels

Sizes = dict[int, tuple[int, int]]
"""Width and height in pixels of the pictures of an article, by the numbers of their figures."""


class Wanted(NamedTuple):
    """An article whose pictures are wanted."""

    key: int
    source: str
    article: Article


class Gallery:
    """Finds the pictures of the last requested article, and draws the visible ones. The screen never waits."""

    def __init__(self, library: Library) -> None:
        # A library that cannot be opened has no pictures.
        self._queries = QueryWorker(library, lambda _: None)
        self._wanted: Wanted | None = None
        """The article requested last."""
        self._read: tuple[int, dict[int, bytes]] = (0, {})
        """The key of an article, and the files of its pictures by the numbers of their figures."""
        self._decoder: Decoder | None = None

    def close(self) -> None:
        """End the thread and the process that decodes."""
        self._wanted = None
        self._queries.close()
        if self._decoder is not None:
            self._decoder.close()

    async def find(self, wanted: Wanted) -> Sizes:
        """Find the pictures of an article. CancelledError if another article is requested meanwhile."""

        def find(library: Library) -> Sizes:
            sizes: Sizes = {}
            try:
                self._read = (0, {})  # A file may have more pictures by now.
                with switching_threads_often():
                    for figure in self._files(library, wanted):
                        if self._wanted is not wanted:
                            break
                        if (pixels := self._decode(library, wanted, figure)) is not None:
                            sizes[figure] = pixels.original
            except Interrupted:
                raise
            except Exception:  # Whatever is wrong with the capture, its text can be read.
                return {}
            return sizes

        self._wanted = wanted
        return await self._queries.ask("find", find)

    async def draw(self, wanted: Wanted, figure: int, box: Box, rendering: Rendering) -> Drawing | None:
        """Draw a picture that was found; None if that fails."""

        def draw(library: Library) -> Drawing | None:
            try:
                with switching_threads_often():
                    if (pixels := self._decode(library, wanted, figure)) is not None:
                        from reader.app.pictures import drawing

                        return drawing.draw(pixels, box, rendering)
            except Interrupted:
                raise
            except Exception:  # A bad picture must not keep the reader from the text.
                return None
            return None

        return await self._queries.ask(f"draw {figure}", draw)

    def _files(self, library: Library, wanted: Wanted) -> dict[int, bytes]:
        if self._read[0] != wanted.key:
            self._read = wanted.key, library.pictures(wanted.source, wanted.article)
        return self._read[1]

    def _decode(self, library: Library, wanted: Wanted, figure: int) -> Pixels | None:
        from reader.app.pictures.drawing import Decoder

        data = self._files(library, wanted).get(figure)
        self._decoder = self._decoder or Decoder()
        return None if data is None else self._decoder.decode(data)
