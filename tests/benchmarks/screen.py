"""The app from outside, with a large library: first paint, keys and memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from reader.library import Library
from tests.benchmarks.empty_app import SHOWN
from tests.benchmarks.figures import Figure, NotMeasuredError, Quantity, interleaved, tell
from tests.benchmarks.terminal import Stroke, Terminal, written
from tests.generated import build

PAINT_BUDGET, MEMORY_BUDGET = 1.15, 1.4
KEY_BUDGET_MS, SLOWEST_BUDGET_MS = 6.0, 30.0
GROWTH_BUDGET, WHOLE_BUDGET = 1.5, 1.5
SMALL = 1_000
"""Articles of the library that a large one is compared with."""
KEYS = 200
"""How often the cursor is moved."""
_EMPTY, _READER = "tests.benchmarks.empty_app", "tests.benchmarks.open_library"
_FOOTER = "help"
_ALL_KEYS = "jjjjjGg" + "j" * 20 + "l" + " " * 5 + "h"
"""What is pressed before memory is looked at: somebody has read a little here and there."""


@dataclass(frozen=True)
class Place:
    """Where the programs and the libraries are."""

    folder: Path
    articles: int
    given: Path | None = None
    """A library to use in place of a generated one."""

    def library(self, articles: int) -> Path:
        """A library of so many generated articles, built once a run."""
        if articles == self.articles and self.given is not None:
            return self.given
        path = self.folder / f"{articles}.db"
        if not path.exists():
            tell(f"building a library of {articles:,} articles")
            build(path, articles)
        return path


def paint(runs: int, place: Place) -> Iterator[Figure]:
    """First paint of the reader ÷ of an app that shows a word, from the start of the process."""
    large = place.library(place.articles)
    first = _opening(large, 0)

    def reader() -> float:
        with Terminal(place.folder, _READER, str(large)) as terminal:
            return terminal.until_shown(first, _FOOTER)

    def empty() -> float:
        with Terminal(place.folder, _EMPTY) as terminal:
            return terminal.until_shown(SHOWN)

    readers, empties = interleaved(4 * runs, reader, empty, warm_up=2)
    name = f"first paint, {_count(large):,} articles ÷ empty app"
    yield Figure(name, Quantity(readers, "ms"), Quantity(empties, "ms"), PAINT_BUDGET)


def keys(runs: int, place: Place) -> Iterator[Figure]:
    """A cursor key until the screen has settled, the body following the cursor."""
    paths = (place.library(place.articles), place.library(SMALL))
    strokes: list[list[Stroke]] = [[], []]
    with ExitStack() as stack:
        terminals = [stack.enter_context(Terminal(place.folder, _READER, str(path))) for path in paths]
        for terminal, path in zip(terminals, paths, strict=True):
            terminal.until_shown(_opening(path, 0), _FOOTER)
            terminal.settle()
        for _ in repeat(None, KEYS):
            for found, terminal in zip(strokes, terminals, strict=True):
                found.append(terminal.press("j"))
    for path, found in zip(paths, strokes, strict=True):
        _check_that_bodies_follow(path, found)
    large, small = ([stroke.last_ms for stroke in found] for found in strokes)
    first = [stroke.first_ms for stroke in strokes[0]]
    name = f"cursor key, {_count(paths[0]):,} articles"
    yield Figure(f"{name}, median", Quantity(large, "ms"), None, KEY_BUDGET_MS)
    yield Figure(f"{name}, 99 of 100", Quantity(large, "ms", 0.99), None, SLOWEST_BUDGET_MS)
    yield Figure(f"{name} ÷ {SMALL:,} articles", Quantity(large, "ms"), Quantity(small, "ms"), GROWTH_BUDGET)
    yield Figure(f"{name}: last byte ÷ first", Quantity(large, "ms"), Quantity(first, "ms"), WHOLE_BUDGET)


def memory(runs: int, place: Place) -> Iterator[Figure]:
    """Resident memory of the reader, after some reading here and there, ÷ of an app that shows a word."""
    large = place.library(place.articles)

    def reader() -> float:
        with Terminal(place.folder, _READER, str(large)) as terminal:
            terminal.until_shown(_opening(large, 0), _FOOTER)
            terminal.settle()
            for key in _ALL_KEYS:
                terminal.type(key)
                terminal.settle(0.03)
            terminal.settle()
            return terminal.memory_mb

    def empty() -> float:
        with Terminal(place.folder, _EMPTY) as terminal:
            terminal.until_shown(SHOWN)
            terminal.settle()
            return terminal.memory_mb

    readers, empties = interleaved(runs, reader, empty)
    name = f"memory, {_count(large):,} articles ÷ empty app"
    yield Figure(name, Quantity(readers, "MB"), Quantity(empties, "MB"), MEMORY_BUDGET)


def _check_that_bodies_follow(path: Path, strokes: list[Stroke]) -> None:
    """A key that leaves the body for later would be timed too short."""
    followed = sum(
        _opening(path, number).encode() in written(stroke.output) for number, stroke in enumerate(strokes, 1)
    )
    if followed < 0.9 * len(strokes):
        raise NotMeasuredError(
            f"keys were not measured: the body followed the cursor {followed} of {len(strokes)} times"
        )


def _opening(path: Path, index: int) -> str:
    """The start of the body of an article in the listing, as it is drawn in the article pane."""
    with Library.open(path) as library:
        (row,) = library.listing().rows(index, index + 1)
        return library.article(row.key).article.body[0].text[:20]


def _count(path: Path) -> int:
    with Library.open(path) as library:
        return library.totals().articles
