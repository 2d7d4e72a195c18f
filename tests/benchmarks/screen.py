"""The app from outside, with a large library: first paint, keys and memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from reader.library import Library
from tests.benchmarks import WORD
from tests.benchmarks.figures import Figure, NotMeasuredError, Quantity, interleaved, tell
from tests.benchmarks.terminal import Stroke, Terminal, written
from tests.filling import sql
from tests.generated import build, pages

PAINT_BUDGET, MEMORY_BUDGET = 1.3, 1.5
OPENING_BUDGET = 1.4
KEY_BUDGET_MS, SLOWEST_BUDGET_MS = 10.0, 40.0
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
        _forget_places(large)
        with Terminal(place.folder, _READER, str(large)) as terminal:
            return terminal.until_shown(first, _FOOTER)

    def empty() -> float:
        with Terminal(place.folder, _EMPTY) as terminal:
            return terminal.until_shown(WORD)

    readers, empties = interleaved(4 * runs, reader, empty, warm_up=2)
    name = f"first paint, {_count(large):,} articles ÷ empty app"
    yield Figure(name, Quantity(readers, "ms"), Quantity(empties, "ms"), PAINT_BUDGET)
    # What other programs add is left out of the fastest.
    yield Figure(f"{name}, the fastest", Quantity(readers, "ms", 0), Quantity(empties, "ms", 0))


def opening(runs: int, place: Place) -> Iterator[Figure]:
    """The text of a capture on the screen ÷ a word of an empty app, from the start of the process."""
    ((capture, page),) = pages(1)
    path = place.folder / "capture.txt"
    path.write_text(capture.text, "utf-8")
    first = page.articles[0].body[0].text.partition(" ")[0]

    def reader() -> float:
        with Terminal(place.folder, "reader", str(path)) as terminal:
            return terminal.until_shown(first, _FOOTER)

    def empty() -> float:
        with Terminal(place.folder, _EMPTY) as terminal:
            return terminal.until_shown(WORD)

    readers, empties = interleaved(4 * runs, reader, empty, warm_up=2)
    name = "text of a capture on the screen ÷ empty app"
    yield Figure(name, Quantity(readers, "ms"), Quantity(empties, "ms"), OPENING_BUDGET)
    yield Figure(f"{name}, the fastest", Quantity(readers, "ms", 0), Quantity(empties, "ms", 0))


def keys(_: int, place: Place) -> Iterator[Figure]:
    """A cursor key until the screen has settled, the body following the cursor."""
    paths = (place.library(place.articles), place.library(SMALL))
    for path in paths:
        _forget_places(path)
    large, small, empty = _strokes(place.folder, *paths)
    for path, strokes in zip(paths, (large, small), strict=True):
        _check_that_bodies_follow(path, strokes)
    whole = [stroke.last_ms for stroke in large]
    typical = Quantity(whole, "ms")
    name = f"cursor key, {_count(paths[0]):,} articles"
    yield Figure(f"{name}, median", typical, None, KEY_BUDGET_MS)
    yield Figure(f"{name}, 99 of 100", Quantity(whole, "ms", 0.99), None, SLOWEST_BUDGET_MS)
    # What other programs add is mostly left out of the fastest.
    yield Figure(f"{name}, 10 of 100", Quantity(whole, "ms", 0.1))
    for other, strokes, budget in (
        (f"{_count(paths[1]):,} articles", small, GROWTH_BUDGET),
        ("one word in an empty app", empty, None),
    ):
        yield Figure(
            f"{name} ÷ {other}", typical, Quantity([stroke.last_ms for stroke in strokes], "ms"), budget
        )
    first = Quantity([stroke.first_ms for stroke in large], "ms")
    yield Figure(f"{name}: last byte ÷ first", typical, first, WHOLE_BUDGET)


def _strokes(folder: Path, large: Path, small: Path) -> list[list[Stroke]]:
    """The strokes of the reader with each library and of the empty app, pressed in turn."""
    programs: list[tuple[str, str, tuple[str, ...]]] = [
        *((_READER, str(path), (_opening(path, 0), _FOOTER)) for path in (large, small)),
        (_EMPTY, "", (WORD,)),
    ]
    with ExitStack() as stack:
        terminals: list[Terminal] = []
        for module, argument, shown in programs:
            terminal = stack.enter_context(Terminal(folder, module, argument))
            terminal.until_shown(*shown)
            terminal.settle()
            terminals.append(terminal)
        rounds = [[terminal.press("j") for terminal in terminals] for _ in repeat(None, KEYS)]
    return [list(strokes) for strokes in zip(*rounds, strict=True)]


def memory(runs: int, place: Place) -> Iterator[Figure]:
    """Resident memory of the reader, after some reading here and there, ÷ of an app that shows a word."""
    large = place.library(place.articles)

    def reader() -> float:
        _forget_places(large)
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
            terminal.until_shown(WORD)
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


def _forget_places(path: Path) -> None:
    """A library opens where it was left: here, at its first article."""
    with Library.open(path) as library:
        sql(library, "DELETE FROM places")


def _opening(path: Path, index: int) -> str:
    """The start of the body of an article in the listing, as it is drawn in the article pane."""
    with Library.open(path) as library:
        (row,) = library.listing().rows(index, index + 1)
        article = library.article(row.key).article
        return (article.body[0].text if article.body else article.title)[:20]


def _count(path: Path) -> int:
    with Library.open(path) as library:
        return library.totals().articles
