"""One thread that finds, decodes and draws the pictures of the article that is read. The screen never waits for it."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Condition, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from textual.message import Message

from reader.app.pictures.display import Box, Way
from reader.errors import LibraryError
from reader.library import Library
from reader.model import Article

# All else is imported in the thread: the screen would wait for it.
if TYPE_CHECKING:
    from reader.app.pictures.decoder import Decoder, Pixels
    from reader.app.pictures.drawing import Drawing

Sizes = dict[int, tuple[int, int]]
"""Width and height in pixels of an article's pictures, by the numbers of their figures."""
KEPT_BYTES: Final = 32 << 20
"""Bytes of decoded pictures that are kept."""
_PATIENCE: Final = 0.12
"""Seconds that an article must be read before its pictures are looked for: who passes it by does not wait for them."""
_PARTS: Final = 0.3
"""Seconds after which what is decoded is shown, though there is more."""


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


class CaptureFile(NamedTuple):
    """The file on the disk that holds a capture."""

    path: str
    label: str
    """How the capture's source names it."""
    inner: str
    """What follows that in the source: a member ("2022/page.html"), a record (":12"), or nothing."""


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
        self._connection: Library | None = None

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
            return bool(self._wanted or self._to_draw or self._working)

    def close(self) -> None:
        """End the thread and its process."""
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
                wanted = job.wanted if isinstance(job, ToDraw) else job
                file = file_of(wanted.source, self._path_elsewhere)
                if file is None:  # Known before anything more is imported.
                    self._report_none(job)
                    continue
                from reader.app.loading import switching_threads_often

                try:
                    with switching_threads_often():
                        if isinstance(job, ToDraw):
                            self._draw(job, file)
                        else:
                            self._find(job, file)
                except Exception:  # Whatever it is, other pictures can be shown.
                    self._report_none(job)
        finally:
            if self._decoder is not None:
                self._decoder.close()
            if self._connection is not None:
                self._connection.close()

    def _next(self) -> ToDraw | Wanted | None:
        """Wait for the next thing to do; None once the gallery is closed."""
        with self._changed:
            self._working = False
            while not self._closed:
                left = self._wanted_at + _PATIENCE - monotonic() if self._wanted else None
                job: ToDraw | Wanted | None = None
                if self._to_draw:
                    job = self._to_draw.pop(0)
                elif left is not None and left <= 0:
                    job, self._wanted = self._wanted, None
                if job is not None:
                    self._working = True
                    return job
                self._changed.wait(left)
            return None

    def _report_none(self, job: ToDraw | Wanted) -> None:
        if isinstance(job, ToDraw):
            self._post(PictureDrawn(job, None))
        else:
            self._post(PicturesFound(job.key, {}, done=True))

    def _find(self, wanted: Wanted, file: CaptureFile) -> None:
        sizes: Sizes = {}
        reported = monotonic()
        for figure, pixels in self._decoded(wanted, file):
            sizes[figure] = pixels.original
            if monotonic() - reported > _PARTS:
                self._post(PicturesFound(wanted.key, dict(sizes), done=False))
                reported = monotonic()
        self._post(PicturesFound(wanted.key, sizes, done=True))

    def _draw(self, job: ToDraw, file: CaptureFile) -> None:
        from reader.app.pictures.drawing import draw

        place = job.wanted.key, job.figure
        if place not in self._pixels:
            for _ in self._decoded(job.wanted, file, job.figure):
                pass
        pixels = self._pixels.get(place)
        drawing = None
        # Whatever its library has against a picture, there is none then.
        with suppress(Exception):
            if pixels is not None:
                self._pixels.move_to_end(place)
                drawing = draw(pixels, job.box, job.way)
        self._post(PictureDrawn(job, drawing))

    def _decoded(
        self, wanted: Wanted, file: CaptureFile, only: int | None = None
    ) -> Iterator[tuple[int, Pixels]]:
        """Decode and keep an article's pictures, or one of them, with the numbers of their figures."""
        from reader.app.pictures.decoder import Decoder
        from reader.captures.pictures import Offsets, addresses_of, find_pictures
        from reader.captures.results import address_key
        from reader.captures.source import FileOffset

        self._decoder = self._decoder or Decoder()
        keys = [address_key(address) for address in addresses_of(wanted.article).values()]
        offsets: Offsets = {}
        with suppress(LibraryError):
            found = self._library_here().picture_offsets(wanted.source, file.label, keys)
            offsets = {key: [FileOffset(*row) for row in rows] for key, rows in found.items()}
        for figure, data in find_pictures(file.path, file.inner, wanted.article, offsets).items():
            if only not in (None, figure):
                continue
            if (pixels := self._decoder.decode(data)) is not None:
                self._keep((wanted.key, figure), pixels)
                yield figure, pixels
            if self._closed:
                return

    def _keep(self, place: tuple[int, int], pixels: Pixels) -> None:
        self._pixels[place] = pixels
        self._pixels.move_to_end(place)
        size = sum(len(kept.rgba) for kept in self._pixels.values())
        while size > KEPT_BYTES and len(self._pixels) > 1:
            size -= len(self._pixels.popitem(last=False)[1].rgba)

    def _library_here(self) -> Library:
        """A connection of this thread."""
        self._connection = self._connection or self._library.another()
        return self._connection

    def _path_elsewhere(self, path: str) -> str | None:
        """Where a file is that was added from another folder."""
        if not self._library.kept:
            return None
        try:
            return self._library_here().added_path(path)
        except LibraryError:
            return None


def file_of(source: str, elsewhere: Callable[[str], str | None] = lambda _: None) -> CaptureFile | None:
    """The file that holds a capture; None when it is not there any more.

    `elsewhere` knows where a file is whose relative path leads to nothing from here.
    """
    files = list(_possible_files(source))
    for file in files:
        if _is_file(file.path):
            return file
    if source.startswith("/"):
        return None
    for file in files:
        if (path := elsewhere(file.label)) and _is_file(path):
            return file._replace(path=path)
    return None


def _possible_files(source: str) -> Iterator[CaptureFile]:
    """What a source can mean, the longest path first."""
    yield CaptureFile(source, source, "")
    path, _, record = source.rpartition(":")
    if record.isdecimal():
        yield CaptureFile(path, path, f":{record}")
    at = len(source)
    while (at := source.rfind("/", 0, at)) > 0:
        yield CaptureFile(source[:at], source[:at], source[at + 1 :])


def _is_file(path: str) -> bool:
    try:
        return os.path.isfile(path)  # noqa: PTH113 (Path does not keep a path's spelling)
    except ValueError:
        return False
