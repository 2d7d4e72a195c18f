"""Random keys, mouse events and resizes, in bursts that no screen has time for, and what must hold after them."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from textual import events
from textual.command import CommandPalette
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input
from textual.worker import WorkerCancelled

from reader.app.app import ReaderApp
from reader.app.dialogs.export import ExportScreen
from reader.app.keys import KEYS
from reader.app.screen_keys import SCREENS
from tests.app.drawn_terminal import DrawnTerminal
from tests.app.scenes import Scene, go, settled

LEAST, MOST = (20, 5), (300, 100)
"""The smallest and the largest terminal."""
_LISTS = [key.keys for key in KEYS] + [row.keys for rows in SCREENS.values() for row in rows]
_KEYS = tuple(dict.fromkeys(key.strip() for keys in _LISTS for key in keys.split(",")))
_TYPED = 'abcdeinorstu é会*"-:/'
_SIZES = ((20, 5), (40, 12), (80, 24), (89, 24), (90, 24), (160, 45), (300, 100), (300, 5), (20, 100))


class RandomEvent(NamedTuple):
    """One event, and how long nothing happens after it."""

    kind: str
    """"key", "size", "move", "click", "up" or "down", as the wheel turns."""
    key: str = ""
    x: float = 0
    """A size, or a place as a part of the terminal's width."""
    y: float = 0
    pause: float = 0
    """Seconds; 0 lets the app do one step at most."""

    def __str__(self) -> str:
        what = self.key or f"{self.x:.4g},{self.y:.4g}"
        return f"{self.kind} {what}{f' ({self.pause:g} s)' if self.pause else ''}"


class StayingApp(ReaderApp):
    """Goes on when it is asked to end, takes back no notification by itself, and writes only into its folder."""

    CSS_PATH = str(Path(inspect.getfile(ReaderApp)).with_name("app.tcss"))

    def exit(self, *_: object, **__: object) -> None:
        pass

    def notify(self, message: str, **options: Any) -> None:
        super().notify(message, **{**options, "timeout": 3600})

    def action_suspend_process(self) -> None:
        pass

    async def on_event(self, event: events.Event) -> None:
        is_path = isinstance(event, events.Key) and event.character in ("/", "~")
        if not is_path or not isinstance(self.screen, ExportScreen):
            await super().on_event(event)


def random_events(seed: str, number: int) -> list[RandomEvent]:
    """`number` events, the same for the same seed."""
    random = Random(seed)
    made = []
    for _ in range(number):
        pause = random.choice((0, 0, 0, 0.002, 0.01, 0.03))
        chance = random.random()
        if chance < 0.55:
            made.append(RandomEvent("key", random.choice(_KEYS), pause=pause))
        elif chance < 0.65:
            made.append(RandomEvent("key", _character_to_key(random.choice(_TYPED)), pause=pause))
        elif chance < 0.8:
            size = random.choice(_SIZES) if random.random() < 0.5 else _any_size(random)
            made.append(RandomEvent("size", x=size[0], y=size[1], pause=pause))
        else:
            kind = random.choice(("move", "click", "click", "up", "down"))
            made.append(RandomEvent(kind, x=random.random(), y=random.random(), pause=pause))
    return made


def _any_size(random: Random) -> tuple[int, int]:
    return random.randint(LEAST[0], MOST[0]), random.randint(LEAST[1], MOST[1])


async def play(scene: Scene, folder: Path, played: Sequence[RandomEvent]) -> None:
    """Come to a scene, have the events happen, and compare what is seen then with a fresh drawing."""
    with scene.library(folder) as library:
        app = StayingApp(library, driver=DrawnTerminal)
        async with app.run_test(headless=False, size=(100, 30), notifications=True) as pilot:
            terminal = app._driver
            assert isinstance(terminal, DrawnTerminal)
            await go(pilot, *scene.keys)
            for event in played:
                _happen(terminal, event)
                await asyncio.sleep(event.pause)
                if app._exception is not None:
                    return  # It is raised at the end of the run.
            await _come_to_rest(pilot, terminal)
            app.clear_notifications()
            await _come_to_rest(pilot, terminal)
            drawn = terminal.cells
            terminal.clear()
            for screen in app.screen_stack:
                for node in screen.walk_children(with_self=True):
                    node.refresh(layout=True)
            await _come_to_rest(pilot, terminal)
            if difference := _difference(drawn, terminal):
                raise AssertionError(f"{app.screen}: {difference}")


def _happen(terminal: DrawnTerminal, event: RandomEvent) -> None:
    if event.kind == "size":
        terminal.resize(int(event.x), int(event.y))
        return
    if event.kind == "key":
        character = _character_of(event.key)
        terminal.process_message(events.Key(event.key, character))
        return
    x, y = int(event.x * terminal.size.width), int(event.y * terminal.size.height)
    kinds: dict[str, tuple[type[events.MouseEvent], ...]] = {
        "move": (events.MouseMove,),
        "click": (events.MouseDown, events.MouseUp),
        "up": (events.MouseScrollUp,),
        "down": (events.MouseScrollDown,),
    }
    for kind in kinds[event.kind]:
        button = int(event.kind == "click")
        terminal.process_message(
            kind(None, x, y, 0, 0, button=button, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=y)
        )


_CHARACTERS = {_character_to_key(chr(code)): chr(code) for code in range(32, 127)}


def _character_of(key: str) -> str | None:
    return key if len(key) == 1 else _CHARACTERS.get(key)


async def _come_to_rest(pilot: Pilot[Any], terminal: DrawnTerminal) -> None:
    """Wait until nothing is drawn any more, without what comes and goes by itself."""
    app = pilot.app
    quiet = 0
    while quiet < 3:
        for line in app.screen.query(Input):
            line.cursor_blink = False
        recovery = getattr(app.screen_stack[0], "recovery", None)
        if recovery is not None and recovery.running:
            recovery.stop()
            quiet = 0
        frames = terminal.frames
        with suppress(WorkerCancelled):  # A palette that is closed lets go of what it was looking for.
            await settled(pilot)
        # Longer than Textual lets a new size wait, and than its palette waits to say that it finds nothing.
        await pilot.pause(0.6 if isinstance(app.screen, CommandPalette) else 0.02)
        quiet = quiet + 1 if terminal.frames == frames else 0


def _difference(drawn: list[list[Any]], terminal: DrawnTerminal) -> str:
    """The first rows that differ, as they were drawn and as they are drawn anew; "" where none does."""
    for number, (before, after) in enumerate(zip(drawn, terminal.cells, strict=True)):
        if before != after:
            columns = [x for x, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
            return "\n".join(
                (
                    f"row {number}, columns {columns[0]} to {columns[-1]}, of {terminal.size}:",
                    f"was:    {''.join(cell.data for cell in before)!r}",
                    f"should: {''.join(cell.data for cell in after)!r}",
                    f"colours: {before[columns[0]]} {after[columns[0]]}",
                )
            )
    return ""
