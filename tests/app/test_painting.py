"""What the terminal shows after many small updates is what one whole update would show."""

from __future__ import annotations

from random import Random
from typing import Any

import pyte
import pytest
from textual._compositor import CompositorUpdate
from textual.app import App

from reader.library import Library
from tests.app.stage import PROBLEMS, Stage, a_library, on_stage
from tests.filling import add_pages
from tests.generated import pages

WIDTH, HEIGHT = 110, 24
KEYS = (
    *[
        "j",
        "k",
        "J",
        "K",
        "G",
        "g",
        "space",
        "b",
        "ctrl+d",
        "ctrl+u",
        "l",
        "h",
        "tab",
        "z",
        "ctrl+b",
        "t",
        "p",
    ],
    *["1", "3", "0", "S", "n", "N", "plus", "minus", "equals_sign", "escape", "enter", "right_curly_bracket"],
)


class Painted:
    """A terminal that is fed every update of an app, and one that is fed the whole screen when asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.terminal = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.Stream(self.terminal)

        def display(app: App[Any], screen: Any, renderable: Any) -> None:
            if isinstance(renderable, CompositorUpdate):
                self.stream.feed(renderable.render_segments(app.console).replace("\n", ""))

        monkeypatch.setattr(App, "_display", display)

    def differs(self, stage: Stage) -> list[int]:
        """The lines that a whole update would change."""
        whole = pyte.Screen(WIDTH, HEIGHT)
        update: Any = stage.app.screen._compositor.render_update(
            full=True, screen_stack=stage.app._background_screens
        )
        pyte.Stream(whole).feed(update.render_segments(stage.app.console).replace("\n", "\r\n"))
        return [y for y in range(HEIGHT) if cells(whole, y) != cells(self.terminal, y)]


def cells(screen: Any, y: int) -> list[Any]:
    return [screen.buffer[y][x] for x in range(WIDTH)]


async def test_small_updates_add_up(monkeypatch: pytest.MonkeyPatch, thorough: bool) -> None:
    painted = Painted(monkeypatch)
    random = Random(1)
    with Library.temporary() as library:
        add_pages(library, pages(120))
        async with on_stage(library, size=(WIDTH, HEIGHT)) as stage:
            for key in random.choices(KEYS, k=1_000 if thorough else 40):
                await stage.press(key)
                assert (key, painted.differs(stage)) == (key, [])


async def test_dialogs_searches_and_themes_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    painted = Painted(monkeypatch)
    with a_library(PROBLEMS) as library:
        async with on_stage(library, size=(WIDTH, HEIGHT)) as stage:
            for keys in (
                ["question_mark"], ["down"], ["escape"], ["j"], ["P"], ["escape"], ["r"], ["j"], ["q"], ["J"],
                ["l", "/", *"lettuce"], ["enter"], ["n"], ["N"], ["J"], ["K"], ["/", "x"], ["escape"], ["escape"],
                ["f", *"the"], ["enter"], ["escape"], ["s"], ["escape"], ["k"],
            ):  # fmt: skip
                await stage.press(*keys)
                assert (keys, painted.differs(stage)) == (keys, [])
            for theme in ("paper", "nord", "ink"):
                stage.app.theme = theme
                await stage.settle()
                await stage.press("j")
                assert (theme, painted.differs(stage)) == (theme, [])


SEARCH_KEYS = (
    "ctrl+f", "ctrl+f", "f", "e", "r", "space", "backspace", "backspace", "down", "up", "pagedown", "ctrl+o", "tab",
    "enter", "enter", "escape", "J", "K", "n", "j", "l", "h", "d", "d", "G", "ctrl+u", "t",
)  # fmt: skip


async def test_small_updates_add_up_while_searching(monkeypatch: pytest.MonkeyPatch, thorough: bool) -> None:
    painted = Painted(monkeypatch)
    random = Random(1)
    with Library.temporary() as library:
        add_pages(library, pages(120))
        async with on_stage(library, size=(WIDTH, HEIGHT)) as stage:
            for key in ("ctrl+f", *random.choices(SEARCH_KEYS, k=1_000 if thorough else 50)):
                await stage.press(key)
                assert (key, painted.differs(stage)) == (key, [])
