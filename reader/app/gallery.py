"""One thread that finds, decodes and draws the pictures of the article that is read. The screen never waits for it.

What takes long is done in processes: decoding, since a picture may be made to crash it, and finding the records of an
archive for the first time, since that reads all of it.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from textual.message import Message

from reader.app.picture_boxes import Box, Way
from reader.app.picture_files import Named, named
from reader.article import Article
from reader.errors import LibraryError, SettingsError
from reader.library import Library
from reader.settings import find_places

# All else is imported in the thread: the screen would wait for it.
if TYPE_CHECKING:
    from reader.app.picture_drawing import Drawing
    from reader.app.picture_process import Decoder, Pixels
    from reader.app.tied import TiedProcess
    from reader.captures.pictures import Unindexed

Sizes = dict[int, tuple[int, int]]
"""Width and height in pixels of an article's pictures, by the numbers of their figures."""
KEPT_BYTES: Final = 32 << 20
"""Bytes of decoded pictures that are kept."""
_PATIENCE: Final = 0.12
"""Seconds that an article must be read before its pictures are looked for: who passes it by does not wait for them."""
_LOOKS: Final = 0.2
"""Seconds between two looks whether an archive's records are found."""
_PARTS: Final = 0.3
"""Seconds after which what is decoded is shown, though there is more."""
_INDEX: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); from reader.captures.picture_index import main;"
    " sys.exit(main(sys.argv[2:]))"
)


class Wanted(NamedTuple):
    """An article whose pictures are wanted."""

    key: int
    source: str
    article: Article


class ToDraw(NamedTuple):
    """A picture that is in sight."""

    wanted: Wanted
    figure: int
    box: Box
    way: Way


class PicturesFound(Message):
    """Which of an article's figures have a picture."""

    def __init__(self, key: int, sizes: Sizes, done: bool) -> None:
        super().__init__()
        self.key = key
        self.sizes = sizes
        self.done = done
        """Whether no more will come."""


class PictureInSight(Message):
    """A picture is to be seen that is not drawn yet."""

    def __init__(self, key: int, figure: int, box: Box) -> None:
        super().__init__()
        self.key = key
        self.figure = figure
        self.box = box


class PictureDrawn(Message):
    """A picture is ready to be seen; without a drawing it is not to be had any more."""

    def __init__(self, drawn: ToDraw, drawing: Drawing | None) -> None:
        super().__init__()
        self.drawn = drawn
        self.drawing = drawing


class Gallery:
    """Finds the pictures of the newest article that is wanted, and draws what is in sight."""

    def __init__(self, library: Library, post: Callable[[Message], object]) -> None:
        """`post` is called in the gallery's thread."""
        self._library = library
        self._post = post
        self._changed = Condition()
        self._wanted: Wanted | None = None
        self._wanted_at = 0.0
        self._to_draw: list[ToDraw] = []
        self._working = self._closed = False
        self._thread: Thread | None = None
        # The thread's own.
        self._decoder: Decoder | None = None
        self._pixels: OrderedDict[tuple[int, int], Pixels] = OrderedDict()
        self._indexing: tuple[Unindexed, TiedProcess] | None = None
        self._waiting: Wanted | None = None
        self._given_up: set[Path] = set()
        self._own: Library | None = None

    def find(self, wanted: Wanted) -> None:
        """Look for an article's pictures soon, in place of those of any other."""
        with self._changed:
            self._wanted, self._wanted_at = wanted, monotonic()
            self._to_draw.clear()
            self._begin()

    def draw(self, wanted: ToDraw) -> None:
        """Draw a picture that was found."""
        with self._changed:
            self._to_draw.append(wanted)
            self._begin()

    @property
    def busy(self) -> bool:
        """Whether anything is looked for or drawn."""
        with self._changed:
            return bool(self._wanted or self._to_draw or self._working or self._waiting)

    def close(self) -> None:
        """End the thread and its processes."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=1)

    def _begin(self) -> None:
        self._changed.notify()
        if self._thread is None and not self._closed:
            # A daemon: should it hang in the file system, the program can still end.
            self._thread = Thread(target=self._run, name="gallery", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            while (job := self._next()) is not None:
                place = named(job.source if isinstance(job, Wanted) else job.wanted.source, self._elsewhere)
                if place is None:
                    self._tell_of_none(job)
                    continue
                from reader.app.loading import switching_threads_often

                try:
                    with switching_threads_often():
                        if isinstance(job, ToDraw):
                            self._draw(job, place)
                        else:
                            self._find(job, place)
                except Exception:  # Whatever it is, other pictures can be shown.
                    self._tell_of_none(job)
        finally:
            if self._decoder is not None:
                self._decoder.close()
            if self._indexing is not None:
                self._indexing[1].end()
            if self._own is not None:
                self._own.close()

    def _next(self) -> ToDraw | Wanted | None:
        with self._changed:
            self._working = False
            while not self._closed:
                job = self._due()
                if job is not None:
                    self._working = True
                    return job
                left = self._wanted_at + _PATIENCE - monotonic() if self._wanted else None
                self._changed.wait(_LOOKS if left is None and self._indexing else left)
            return None

    def _due(self) -> ToDraw | Wanted | None:
        """What is to be done now."""
        if self._to_draw:
            return self._to_draw.pop(0)
        wanted, waiting = self._wanted, self._waiting
        if wanted is not None:
            if monotonic() < self._wanted_at + _PATIENCE:
                return None
            self._wanted = self._waiting = None
            return wanted
        if self._indexing is not None and self._indexing[1].process.poll() is not None:
            unindexed, tied = self._indexing
            tied.end()
            if tied.process.returncode:
                self._given_up.add(unindexed.path)
            self._indexing = self._waiting = None
            return waiting
        return None

    def _tell_of_none(self, job: ToDraw | Wanted) -> None:
        """The capture is not where it was: that is known before anything more is imported."""
        if isinstance(job, ToDraw):
            self._post(PictureDrawn(job, None))
        else:
            self._post(PicturesFound(job.key, {}, done=True))

    def _find(self, wanted: Wanted, place: Named) -> None:
        sizes: Sizes = {}
        told = monotonic()
        for number, size in self._decoded(wanted, place):
            sizes[number] = size
            if monotonic() - told > _PARTS:
                self._post(PicturesFound(wanted.key, dict(sizes), done=False))
                told = monotonic()
        self._post(PicturesFound(wanted.key, sizes, done=self._waiting is not wanted))

    def _decoded(
        self, wanted: Wanted, place: Named, only: int | None = None
    ) -> Iterator[tuple[int, tuple[int, int]]]:
        """Decode an article's pictures, or one; the numbers of their figures, and how large they are."""
        from reader.app.picture_process import Decoder
        from reader.captures.pictures import find_pictures

        self._decoder = self._decoder or Decoder()
        found = find_pictures(*place, wanted.article, self._folder())
        if found.unindexed is not None:
            self._index(found.unindexed, wanted)
        for number, data in found.pictures.items():
            if only not in (None, number):
                continue
            size = self._decoder.size(data)
            pixels = None if size is None else self._decoder.pixels()
            if size is not None and pixels is not None:
                self._keep((wanted.key, number), pixels)
                yield number, size
            if self._closed:
                return

    def _draw(self, job: ToDraw, place: Named) -> None:
        from reader.app.picture_drawing import draw

        known = (job.wanted.key, job.figure)
        if known not in self._pixels:
            for _ in self._decoded(job.wanted, place, job.figure):
                pass
        pixels = self._pixels.get(known)
        drawing = None
        # Whatever its library has against a picture, there is none then.
        with suppress(Exception):
            if pixels is not None:
                self._pixels.move_to_end(known)
                drawing = draw(pixels, job.box, job.way)
        self._post(PictureDrawn(job, drawing))

    def _keep(self, place: tuple[int, int], pixels: Pixels) -> None:
        self._pixels[place] = pixels
        self._pixels.move_to_end(place)
        size = sum(len(one.rgba) for one in self._pixels.values())
        while size > KEPT_BYTES and len(self._pixels) > 1:
            size -= len(self._pixels.popitem(last=False)[1].rgba)

    def _index(self, unindexed: Unindexed, wanted: Wanted) -> None:
        """Have the records of an archive found, one archive at a time; the pictures are looked for again then."""
        if unindexed.path in self._given_up:
            return
        if self._indexing is None:
            import subprocess

            from reader.app.tied import TiedProcess

            root = str(Path(__file__).parents[2])
            try:
                tied = TiedProcess(
                    [sys.executable, "-P", "-c", _INDEX, root, *unindexed.words],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            except (OSError, ValueError):
                self._given_up.add(unindexed.path)
                return
            self._indexing = unindexed, tied
        self._waiting = wanted

    def _folder(self) -> Path:
        try:
            return find_places().state / "pictures"
        except SettingsError:
            return Path()

    def _elsewhere(self, path: str) -> str | None:
        """Where a file is that was added from another folder."""
        if not self._library.kept:
            return None
        from reader.library.paths import path_of

        try:
            self._own = self._own or self._library.another()
            return path_of(self._own.database, path)
        except LibraryError:
            return None
