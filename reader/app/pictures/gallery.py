"""Finds, decodes and draws the pictures of the open article in the background."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
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
KEPT_BYTES: Final = 32 << 20
"""Bytes of decoded pictures that are kept."""
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
        self._library = library
        self._post = post
        # A failed query reports that there are no pictures; a library that cannot be opened has none.
        self._queries = QueryWorker(library, lambda _: None)
        self._wanted: Wanted | None = None
        self._replaced = Event()
        """Set when another article, or none, is requested."""
        self._decoder: Decoder | None = None
        self._pixels: OrderedDict[tuple[int, int], Pixels] = OrderedDict()

    def find(self, wanted: Wanted) -> None:
        """Search the pictures of an article soon; this replaces an earlier search."""
        self._replaced.set()
        self._wanted, self._replaced = wanted, Event()
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
            with switching_threads_often():
                for figure, pixels in self._decoded(library, wanted):
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
        from reader.app.pictures.drawing import draw

        wanted = job.wanted
        if self._wanted is None or wanted.key != self._wanted.key:
            return
        drawing = None
        try:
            with switching_threads_often():
                if (wanted.key, job.figure) not in self._pixels:
                    for _ in self._decoded(library, wanted, job.figure):
                        pass
                if (pixels := self._pixels.get((wanted.key, job.figure))) is not None:
                    drawing = draw(pixels, job.box, job.rendering)
        except Interrupted:
            raise
        except Exception:  # A bad picture must not keep the reader from the text.
            drawing = None
        self._post(PictureDrawn(job, drawing))

    def _decoded(
        self, library: Library, wanted: Wanted, only: int | None = None
    ) -> Iterator[tuple[int, Pixels]]:
        """Decode and keep the pictures of an article, or one of them; yield them with the numbers of their figures."""
        pictures = library.pictures(wanted.source, wanted.article)
        if not pictures:  # Nothing more is imported.
            return
        from reader.app.pictures.decoder import Decoder

        self._decoder = self._decoder or Decoder()
        for figure, data in pictures.items():
            if only in (None, figure) and (pixels := self._decoder.decode(data)) is not None:
                self._keep((wanted.key, figure), pixels)
                yield figure, pixels

    def _keep(self, place: tuple[int, int], pixels: Pixels) -> None:
        self._pixels[place] = pixels
        self._pixels.move_to_end(place)
        size = sum(len(kept.rgba) for kept in self._pixels.values())
        while size > KEPT_BYTES and len(self._pixels) > 1:
            size -= len(self._pixels.popitem(last=False)[1].rgba)
