"""Every screen, and how a reader comes to it: for the pictures, the contrast and the walk through all keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from textual.pilot import Pilot

from reader.library import Library
from reader.library.state import anchors, corrections
from tests.app.features import corrections_stage, overview_stage, versions_stage
from tests.app.stage import PROBLEMS, a_library, busy, press_keys
from tests.waiting import eventually


@contextmanager
def _stories(_: Path) -> Iterator[Library]:
    with a_library(PROBLEMS) as library:
        library.state.save_search("Courts", "judge -section:policy")
        yield library


@contextmanager
def _corrected(folder: Path) -> Iterator[Library]:
    with corrections_stage.a_library(folder) as library:
        said = corrections.label("caption")
        library.state.correct(corrections_stage.spot("The fish"), said, "The fish hall of Vellmouth")
        yield library


@contextmanager
def _versions(_: Path) -> Iterator[Library]:
    with versions_stage.a_library() as library:
        yield library


@contextmanager
def _empty(_: Path) -> Iterator[Library]:
    with Library.temporary() as library:
        yield library


@contextmanager
def _kept(folder: Path) -> Iterator[Library]:
    with overview_stage.a_library(folder / "library.db") as library:
        yield library


@contextmanager
def _annotated(_: Path) -> Iterator[Library]:
    """Highlights, a note and tags, all made on one day."""
    with a_library() as library, patch("reader.library.state.notes.datetime") as clock:
        clock.now.return_value = datetime(2022, 12, 1, tzinfo=UTC)
        first, second = (row.key for row in library.listing().rows(0, 2))
        for key, color, words, note in (
            (first, "yellow", "had put the water", "Who had?"),
            (first, "green", "cost more than", ""),
            (first, "blue", "into the plan", ""),
            (second, "blue", "nobody had", ""),
        ):
            texts = [block.text for block in library.article(key).article.body]
            block = next(number for number, text in enumerate(texts) if words in text) + len(color) % 3
            start = texts[block].index(words)
            quote = anchors.quote(texts, (block, start), (block, start + len(words)))
            library.annotations.highlight(key, quote, color, note)  # type: ignore[arg-type]
        library.annotations.write_note(first, "Worth another look:\n1. the plan\n2. the lamps\n3. the water")
        library.annotations.set_tags(first, ["farming", "later"])
        yield library


class Scene(NamedTuple):
    name: str
    library: Callable[[Path], AbstractContextManager[Library]]
    keys: tuple[str, ...]
    """What leads to it from the first screen."""
    pictured: bool = True
    """Is there a picture of it at each size?"""


WAIT = ""
"""Among keys: go on when what the letters before it have opened is complete."""

SCENES = (
    Scene("list", _stories, ("j", "j", "j")),
    Scene("article", _stories, ("j", "enter")),
    Scene("empty", _empty, ()),
    Scene("filter", _stories, ("f", *"ca")),
    Scene("annotated", _annotated, ("enter",), pictured=False),
    Scene("selecting", _annotated, ("enter", "v", "w", "w", "e"), pictured=False),
    Scene("highlight", _annotated, ("enter", "v", "g", "right_square_bracket", "enter"), pictured=False),
    Scene("note", _annotated, ("enter", "w"), pictured=False),
    Scene("tags", _annotated, ("enter", "J", "number_sign"), pictured=False),
    Scene("notes", _annotated, ("H",), pictured=False),
    Scene("notes-empty", _empty, ("H",), pictured=False),
    Scene("find", _stories, ("enter", "slash", *"let")),
    Scene("sections", _stories, ("s", "down")),
    Scene("authors", _stories, ("a", "down")),
    Scene("author", _stories, ("a", "enter", "j")),
    Scene("sponsor", _stories, ("dollar_sign", "enter")),
    Scene("help", _stories, ("question_mark", "j")),
    Scene("manual", _stories, ("question_mark", *"queries", "enter")),
    Scene("first-steps", _stories, ("f1",)),
    Scene("problems", _stories, ("P", "j")),
    Scene("settings", _stories, ("comma", "down")),
    Scene("choice", _stories, ("comma", *["down"] * 8, "enter")),
    Scene("raw", _stories, ("G", "r")),
    Scene("search", _stories, ("ctrl+f", *"the plan", "down")),
    Scene("search-fault", _stories, ("ctrl+f", *"plan is:hole", "home")),
    Scene("hit", _stories, ("ctrl+f", *"judge", "enter", "n")),
    Scene("browse-menu", _stories, ("B",)),
    Scene("links-menu", _stories, ("W",)),
    Scene("export-menu", _stories, ("E",)),
    Scene("view-menu", _stories, ("T",)),
    Scene("export", _stories, ("j", "e")),
    Scene("citation", _stories, ("j", "Y")),
    Scene("pipe", _stories, ("vertical_line", *"wc")),
    Scene("piped", _stories, ("vertical_line", *"sed -n 1,9p", "enter")),
    Scene("why", _corrected, ("i", WAIT, "n")),
    Scene("correcting", _corrected, ("i", WAIT, "j", "enter", "a")),
    Scene("versions", _versions, ("d",)),
    Scene("version", _versions, ("d", WAIT, "j", "enter")),
    Scene("overview", _stories, ("v",)),
    Scene("overview-empty", _empty, ("v",)),
    Scene("fetching", _kept, ("v", WAIT, "G", "enter")),
)

ALIKE = set(
    "author sponsor hit search-fault overview-empty version filter pipe annotated notes-empty "
    "links-menu export-menu view-menu".split()
)
"""Scenes on the screen of another one, with its looks and its kind of keys: one picture each."""
OF_A_KIND = {"authors", "choice", "correcting", "find", "highlight", "piped", "tags"}
"""Scenes with looks of their own, and with no keys but those of choosers, of the article, or of screens with a text."""


def _each(usual: list[Scene]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "scene",
        [
            pytest.param(scene, id=scene.name, marks=[] if scene in usual else [pytest.mark.thorough])
            for scene in SCENES
        ],
    )


_KINDS = [scene for scene in SCENES if scene.name not in ALIKE | OF_A_KIND]
every_scene = _each(_KINDS)
"""Every scene in a thorough run, and else one of each kind."""
some_scenes = _each(_KINDS[::3])
"""Every scene in a thorough run, and else a third of the kinds."""


async def go(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys: letters as one types them, any other key once all that came before it is done."""
    await settled(pilot)
    for typed, run in groupby(keys, lambda key: len(key) == 1):
        for some in [list(run)] if typed else [[key] for key in run]:
            await press_keys(pilot, *filter(None, some))
            await settled(pilot)


async def settled(pilot: Pilot[Any]) -> None:
    """Wait for the threads and the workers of every screen, and for what they have said."""
    while True:
        await pilot.pause()
        screens = list(pilot.app.screen_stack)
        workers = [one for one in pilot.app.workers if one.is_running and one.node in screens]
        if not workers and not any(map(busy, screens)):
            return
        if workers:  # An empty list stands for all that there are.
            await pilot.app.workers.wait_for_complete(workers)
        await eventually(lambda: not any(map(busy, pilot.app.screen_stack)))
