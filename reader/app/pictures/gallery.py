"""Finds, decodes and draws the pictures of the open article in the background."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from textual.message import Message

from reader.app.loading import switching_threads_often
from reader.app.pictures.display import Box, Rendering
from reader.app.query_worker import QueryWorker
from reader.library import Interrupted, Library
from reader.model import Article

# Pillow is imported in the thread: with the readers of captures it takes longer than the first frame.
if TYPE_CHECKING:
    from reader.app.pictures.decoder import Decoder, Pixels
    from reader.app.pictures.drawing import Drawing

Sizes = dict[int, tuple[int, int]]
"""Width and height in pixels of the pictures of an article, by the numbers of their figures."""
_PATIENCE: Final = 0.12
"""Seconds that an article must stay open before its pictures are looked for."""
_PART_SECONDS: Final = 0.3
"""Seconds after which the pictures decoded so far are shown."""


class Wanted(NamedTuple):
    """An article whose pictures are wanted."""

    key: int
    source: str
    article: Article


class ToDraw(NamedTuple):
    """A visible picture to draw."""

    wanted: Wanted
    figure: int
    box: Box
    rendering: Rendering


class PicturesFound(Message):
    """Some figures of an article have pictures."""

    def __init__(self, key: int, sizes: Sizes, done: bool) -> None:
        super().__init__()
        self.key = key
        self.sizes = sizes
        self.done = done
        """Are there no more?"""


class PictureNeeded(Message):
    """A picture that is not drawn yet has become visible."""

    def __init__(self, key: int, figure: int, box: Box) -> None:
        super().__init__()
        self.key = key
        self.figure = figure
        self.box = box


class PictureDrawn(Message):
    """A picture has been drawn, or cannot be drawn if `drawing` is None."""

    def __init__(self, drawn: ToDraw, drawing: Drawing | None) -> None:
        super().__init__()
        self.drawn = drawn
        self.drawing = drawing


class Gallery:
    """Finds the pictures of the last requested article, and draws the visible ones. The screen never waits."""

    def __init__(self, library: Library, post: Callable[[Message], object]) -> None:
        """`post` is called in another thread."""
        self._post = post
        # A failed query reports that there are no pictures; a library that cannot be opened has none.
        self._queries = QueryWorker(library, lambda _: None)
        self._replaced = Event()
        """Set when another article, or none, is requested."""
        self._read: tuple[int, dict[int, bytes]] = (0, {})
        """The key of an article, and the files of its pictures by the numbers of their figures."""
        self._decoder: Decoder | None = None

    def find(self, wanted: Wanted) -> None:
        """Search the pictures of an article soon; this replaces an earlier search."""
        self._replaced.set()
        self._replaced = Event()
        self._queries.ask("find", partial(self._find, wanted, self._replaced))

    def draw(self, job: ToDraw) -> None:
        """Draw a picture that was found."""
        self._queries.ask(f"draw {job.figure}", partial(self._draw, job))

    @property
    def busy(self) -> bool:
        """Is it searching or drawing pictures?"""
        return self._queries.busy()

    def close(self) -> None:
        """End the thread and the process that decodes."""
        self._replaced.set()
        self._queries.close()
        if self._decoder is not None:
            self._decoder.close()

    def _find(self, wanted: Wanted, replaced: Event, library: Library) -> None:
        if replaced.wait(_PATIENCE):
            return
        sizes: Sizes = {}
        reported = monotonic()
        try:
            self._read = (0, {})  # A file may have more pictures by now.
            with switching_threads_often():
                for figure in self._files(library, wanted):
                    if (pixels := self._decode(library, wanted, figure)) is not None:
                        sizes[figure] = pixels.original
                    if monotonic() - reported > _PART_SECONDS:
                        self._post(PicturesFound(wanted.key, dict(sizes), done=False))
                        reported = monotonic()
                    if replaced.is_set():
                        return
        except Interrupted:
            raise
        except Exception:  # Whatever is wrong with the capture, other pictures can be shown.
            sizes = {}
        self._post(PicturesFound(wanted.key, sizes, done=True))

    def _draw(self, job: ToDraw, library: Library) -> None:
        drawing = None
        try:
            with switching_threads_often():
                if (pixels := self._decode(library, job.wanted, job.figure)) is not None:
                    from reader.app.pictures.drawing import draw

                    drawing = draw(pixels, job.box, job.rendering)
        except Interrupted:
            raise
        except Exception:  # A bad picture must not keep the reader from the text.
            drawing = None
        self._post(PictureDrawn(job, drawing))

    def _files(self, library: Library, wanted: Wanted) -> dict[int, bytes]:
        if self._read[0] != wanted.key:
            self._read = wanted.key, library.pictures(wanted.source, wanted.article)
        return self._read[1]

    def _decode(self, library: Library, wanted: Wanted, figure: int) -> Pixels | None:
        from reader.app.pictures.decoder import Decoder

        data = self._files(library, wanted).get(figure)
        self._decoder = self._decoder or Decoder()
        return None if data is None else self._decoder.decode(data)
