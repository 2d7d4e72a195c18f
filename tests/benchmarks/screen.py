"""The app from outside, in a real pseudo-terminal: first frame, keys and memory with a large library."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from reader.library import Library
from tests.benchmarks import Figure, NotMeasuredError, Place, interleaved, notify
from tests.filling import sql
from tests.generated import build, pages
from tests.pseudo_terminal import Terminal, python

_SMALL = 1_000
"""Articles of the library that a large one is compared with."""
_KEYS = 200
"""How often the cursor is moved."""
_QUIET = 0.06
"""Seconds without output after which a screen has settled."""
_READER = ("-m", "reader")
_EMPTY, _WORD = (str(Path(__file__).with_name("empty_app.py")),), "READY"
"""Run by its path, as the package of the benchmarks imports what an empty app does not need."""
_FOOTER = "help"
_ALL_KEYS = "jjjjjGg" + "j" * 20 + "l" + " " * 5 + "h"
"""What is pressed before memory is looked at: somebody has read a little here and there."""
_CONTROLS = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.|[\x00-\x1f]")


class Stroke(NamedTuple):
    """What followed a key."""

    first_ms: float
    """Until the first byte."""
    last_ms: float
    """Until the last byte before the screen settled."""
    text: bytes
    """Without what only controls the terminal."""


class TimedTerminal(Terminal):
    """A Python program in a terminal, timed from outside; what is written is not drawn."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        """`folder` stands for the home folder and holds the byte code, so that only the first start compiles."""
        self._start = perf_counter()
        env = {"HOME": str(folder), "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
        super().__init__(python(*arguments), columns=120, rows=40, env=env)

    def until_written(self, *texts: str) -> float:
        """Milliseconds from the start of the program until all the texts have been written."""
        self.until(lambda: all(text.encode() in _CONTROLS.sub(b"", self.output) for text in texts))
        return 1000 * (perf_counter() - self._start)

    def time_key(self, key: str) -> Stroke:
        """Type a key and time what follows."""
        before, start = len(self.output), perf_counter()
        self.press(key)
        if not self.read(60):
            raise NotMeasuredError(f"keys were not measured: nothing followed {key!r}")
        first = last = perf_counter()
        while self.read(_QUIET):
            last = perf_counter()
        text = _CONTROLS.sub(b"", self.output[before:])
        return Stroke(1000 * (first - start), 1000 * (last - start), bytes(text))

    @property
    def memory_mb(self) -> float:
        """The process's resident memory."""
        words = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout) / 1024


def paint(place: Place) -> Iterator[Figure]:
    """The first frame of the reader ÷ of an app that shows a word, from the start of the process."""
    library = _library(place, place.articles)
    arguments = (*_READER, "--library", str(library))
    yield from _openings(place, "first frame", 1.3, lambda: _forget(library), arguments, _opening(library, 0))


def opening(place: Place) -> Iterator[Figure]:
    """The text of a capture on the screen ÷ a word of an empty app, from the start of the process."""
    ((capture, page),) = pages(1)
    path = place.folder / "capture.txt"
    path.write_text(capture.text, "utf-8")
    first = page.articles[0].body[0].text.partition(" ")[0]
    yield from _openings(place, "text of a capture", 1.4, lambda: None, (*_READER, str(path)), first)


def _openings(
    place: Place,
    name: str,
    budget: float,
    prepare: Callable[[], None],
    arguments: tuple[str, ...],
    text: str,
) -> Iterator[Figure]:
    def reader() -> float:
        prepare()
        with TimedTerminal(place.folder, *arguments) as terminal:
            return terminal.until_written(text, _FOOTER)

    def empty() -> float:
        with TimedTerminal(place.folder, *_EMPTY) as terminal:
            return terminal.until_written(_WORD)

    readers, empties = interleaved(4 * place.runs, reader, empty, warm_up=2)
    yield Figure(f"{name} ÷ empty app", readers, "ms", empties, budget)
    # What other programs add is left out of the fastest.
    yield Figure(f"{name} ÷ empty app, the fastest", readers, "ms", empties, quantile=0)


def keys(place: Place) -> Iterator[Figure]:
    """A cursor key until the screen has settled, the body following the cursor."""
    libraries = [_library(place, articles) for articles in (place.articles, _SMALL)]
    with ExitStack() as stack:
        terminals = []
        for path in libraries:
            _forget(path)
            terminal = stack.enter_context(TimedTerminal(place.folder, *_READER, "--library", str(path)))
            terminal.until_written(_opening(path, 0), _FOOTER)
            terminals.append(terminal)
        for terminal in terminals:
            terminal.settle()
        rounds = [[terminal.time_key("j") for terminal in terminals] for _ in range(_KEYS)]
    large, small = zip(*rounds, strict=True)
    for path, strokes in zip(libraries, (large, small), strict=True):
        # A key that leaves the body for later would be timed too short.
        followed = sum(_opening(path, n).encode() in stroke.text for n, stroke in enumerate(strokes, 1))
        if followed < 0.9 * _KEYS:
            raise NotMeasuredError(f"keys: the body followed the cursor only {followed} of {_KEYS} times")
    whole = [stroke.last_ms for stroke in large]
    yield Figure("cursor key, median", whole, "ms", budget=10)
    yield Figure("cursor key, 99 of 100", whole, "ms", budget=40, quantile=0.99)
    yield Figure(
        f"cursor key ÷ with {_SMALL:,} articles", whole, "ms", [stroke.last_ms for stroke in small], 1.5
    )
    yield Figure("cursor key: last byte ÷ first", whole, "ms", [stroke.first_ms for stroke in large], 1.5)


def memory(place: Place) -> Iterator[Figure]:
    """Resident memory of the reader, after some reading here and there, ÷ of an app that shows a word."""
    library = _library(place, place.articles)

    def used(arguments: tuple[str, ...], shown: str, pressed: str) -> float:
        _forget(library)
        with TimedTerminal(place.folder, *arguments) as terminal:
            terminal.until_written(shown)
            for key in pressed:
                terminal.settle(0.03)
                terminal.press(key)
            terminal.settle()
            return terminal.memory_mb

    reader = partial(used, (*_READER, "--library", str(library)), _opening(library, 0), _ALL_KEYS)
    readers, empties = interleaved(place.runs, reader, partial(used, _EMPTY, _WORD, ""))
    yield Figure("memory ÷ empty app", readers, "MB", empties, 1.5)


def _library(place: Place, articles: int) -> Path:
    """A library of so many generated articles, built once a run."""
    if articles == place.articles and place.library is not None:
        return place.library
    path = place.folder / f"{articles}.db"
    if not path.exists():
        notify(f"building a library of {articles:,} articles")
        build(path, articles)
    return path


def _forget(path: Path) -> None:
    """Let a library open at its first article instead of where it was left."""
    with Library.open(path) as library:
        sql(library, "DELETE FROM places")


def _opening(path: Path, index: int) -> str:
    """The start of the body of an article in the listing, as it is drawn in the article pane."""
    with Library.open(path) as library:
        (row,) = library.listing().rows(index, index + 1)
        article = library.article(row.key).article
        return (article.body[0].text if article.body else article.title)[:20]
