"""Events that come fast, in bursts and at random: nothing breaks, and the screen shows what there is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pyte
import pytest
from textual import events
from textual.driver import Driver
from textual.geometry import Size
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from reader.app.app import ReaderApp
from reader.app.dialogs import plain_text
from reader.app.dialogs.export import ExportScreen
from reader.app.dialogs.lists import PaletteScreen, WelcomeScreen
from reader.app.dialogs.plain_text import Outcome
from reader.app.keymap import SCREENS
from reader.app.keys import KEYS
from reader.app.main.screen import MainScreen
from tests.app.scenes import SCENES, Scene, go, settled
from tests.app.stage import Stage, a_library

pytestmark = pytest.mark.staged(size=(110, 20))

LEAST, MOST = (20, 5), (300, 100)
"""The smallest and the largest terminal."""
_LISTS = [key.keys for key in KEYS] + [row.keys for rows in SCREENS.values() for row in rows]
_KEYS = tuple(dict.fromkeys(key.strip() for keys in _LISTS for key in keys.split(",")))
_TYPED = 'abcdeinorstu é会*"-:/'
_SIZES = ((20, 5), (40, 12), (80, 24), (89, 24), (90, 24), (160, 45), (300, 100), (300, 5), (20, 100))
RUN = 60
"""Events between two comparisons with a fresh drawing."""


# Bursts of keys


async def test_what_follows_in_one_burst_is_text(stage: Stage) -> None:
    for before, firsts in (([], "/fs?"), (["f1"], "/s")):
        for first in firsts:
            await stage.press(*before)
            assert isinstance(stage.app.screen, WelcomeScreen) == bool(before)
            # As keys, these would sort, show the raw capture and quit.
            await stage.type_at_once(f"{first}Srq")
            assert stage.app.screen.query_one(Input).value == "Srq"
            assert stage.app.is_running
            await stage.press("escape")


async def test_a_burst_of_keys_is_carried_out_in_order(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[str] = []

    async def run(command: str, _: str) -> Outcome:
        commands.append(command)
        return Outcome("", 0)

    monkeypatch.setattr(plain_text, "run_command", run)
    for before in ([], ["g", "f1"]):
        await stage.press(*before)
        await stage.type_at_once("jjlhk")
        assert stage.app.focused is stage.screen.list_pane.rows
        assert stage.screen.pane == "list"
        assert stage.screen.list_pane.rows.cursor == 1
        assert "A permit for a battery" in stage.text()
    await stage.type_at_once("frooftop\r")
    assert stage.screen.list_pane.view.filters.words == "rooftop"
    assert not stage.screen.prompt.is_open
    await stage.type_at_once("|wc -w\r")
    assert commands == ["wc -w"]


# Events on a terminal that keeps what is drawn


class DrawnTerminal(Driver):
    """A driver without a process that draws on a screen of pyte."""

    def __init__(self, app: Any, *, size: tuple[int, int] | None = None, **options: Any) -> None:
        super().__init__(app, size=size, **options)
        assert size is not None
        self._screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self._screen)
        self.frames = 0
        """How many times something was written."""

    @property
    def size(self) -> Size:
        return Size(self._screen.columns, self._screen.lines)

    @property
    def lines(self) -> list[str]:
        return list(self._screen.display)

    @property
    def cells(self) -> list[list[Any]]:
        """What each cell shows: a character and its colours."""
        width, height = self.size
        return [[self._screen.buffer[y][x] for x in range(width)] for y in range(height)]

    def clear(self) -> None:
        """Show nothing, until something is drawn."""
        self._screen.reset()

    def resize(self, width: int, height: int) -> None:
        """Have another size, and lose what is outside of it; the app is told."""
        self._screen.resize(height, width)
        self.start_application_mode()

    def write(self, data: str) -> None:
        self.frames += 1
        self._stream.feed(data)

    def start_application_mode(self) -> None:
        self.process_message(events.Resize(self.size, self.size))

    def disable_input(self) -> None:
        pass

    def stop_application_mode(self) -> None:
        pass


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
    # A mouse is moved to where it does something; Textual relies on that for what is under it.
    kinds: dict[str, tuple[type[events.MouseEvent], ...]] = {
        "move": (events.MouseMove,),
        "click": (events.MouseMove, events.MouseDown, events.MouseUp),
        "up": (events.MouseMove, events.MouseScrollUp),
        "down": (events.MouseMove, events.MouseScrollDown),
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
        main = app.screen_stack[0]
        assert isinstance(main, MainScreen)
        if main.dialogs.recovery is not None and main.dialogs.recovery.running:
            main.dialogs.close()
            quiet = 0
        frames = terminal.frames
        await settled(pilot)
        await pilot.pause(0.02)  # Longer than Textual lets a new size wait.
        quiet = quiet + 1 if terminal.frames == frames else 0


def _difference(drawn: list[list[Any]], terminal: DrawnTerminal) -> str:
    """The first row that differs, as it was drawn and as it is drawn anew; "" where none does."""
    for number, (before, after) in enumerate(zip(drawn, terminal.cells, strict=True)):
        if before != after:
            was, should = ("".join(cell.data for cell in row) for row in (before, after))
            column = next(x for x, cell in enumerate(before) if cell != after[x])
            cells = f"{before[column]} {after[column]}"
            return f"row {number} of {terminal.size}:\nwas:    {was!r}\nshould: {should!r}\ncolours: {cells}"
    return ""


@asynccontextmanager
async def drawn() -> AsyncIterator[tuple[StayingApp, Pilot[None]]]:
    """An app on a terminal that keeps what is drawn."""
    with a_library() as library:
        app = StayingApp(library, driver=DrawnTerminal)
        async with app.run_test(headless=False, size=(100, 30), notifications=True) as pilot:
            yield app, pilot


LARGE, WIDE = RandomEvent("size", x=100, y=60, pause=0.2), RandomEvent("size", x=160, y=45)


SMALL = RandomEvent("size", x=30, y=10)


@pytest.mark.parametrize(
    ("scene", "played"),
    [
        ("article", [LARGE, WIDE, RandomEvent("key", "h")]),
        ("list", [LARGE, SMALL, LARGE]),
        pytest.param("why", [LARGE, WIDE, RandomEvent("key", "tab")], marks=pytest.mark.thorough),
    ],
    ids=["key", "moment", "focus"],
)
async def test_a_resize_is_drawn_whatever_comes_with_it(
    scene: str, played: list[RandomEvent], tmp_path: Path
) -> None:
    await play(next(shown for shown in SCENES if shown.name == scene), tmp_path, played)


async def test_the_palette_may_be_closed_twice_or_unmounted_and_opened_while_it_closes() -> None:
    async with drawn() as (app, pilot):
        await go(pilot, "v")
        below = app.screen
        await go(pilot, "ctrl+p")
        palette = app.screen
        assert palette is not below
        palette.dismiss()
        palette.dismiss()
        await settled(pilot)
        assert app.screen is below
        await go(pilot, "ctrl+p")
        app.screen.dismiss()
        app.action_command_palette()
        await settled(pilot)
        assert isinstance(app.screen, PaletteScreen)
        app.screen.dismiss()
        await settled(pilot)
        app.action_command_palette()
        while len(app.screen_stack) > 1:
            app.pop_screen()


async def test_a_notification_is_gone_after_its_time_and_a_list_below_dialogs_shows_its_cursor() -> None:
    async with drawn() as (app, pilot):
        terminal, main = app._driver, app.screen
        assert isinstance(terminal, DrawnTerminal)
        assert isinstance(main, MainScreen)
        await go(pilot, "enter", "z")
        app.notify("The court reads the lease")
        await settled(pilot)
        await pilot.pause(0.1)
        assert "The court reads the lease" in "\n".join(terminal.lines)
        app.clear_notifications()
        for _ in range(40):
            await asyncio.sleep(0)
            # A widget that is not to be seen says that it has changed, and is looked for before the next layout.
            hidden = app.screen.query_one("#list")
            app.screen._compositor.update_widgets({hidden})
            assert not hidden.region
        await settled(pilot)
        await pilot.pause(0.1)
        assert "The court reads the lease" not in "\n".join(terminal.lines)
        await go(pilot, "z", "h", "comma", *["down"] * 8, "enter")
        assert len(app.screen_stack) == 3
        rows = main.list_pane.rows
        rows.move(3)
        await _come_to_rest(pilot, terminal)
        marked = [y for y, line in enumerate(terminal.lines) if line.startswith("▌")]
        assert marked[0] == rows.region.y + rows.line_of(3)


# Random events


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


@pytest.fixture
def harmless(nowhere: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command but echo."""
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))
    monkeypatch.setenv("SHELL", "/bin/echo")
    monkeypatch.setenv("COLORTERM", "truecolor")


BEGINNINGS = {"list", "search", "overview"}
"""The scenes of a usual run; the events lead on from there to any other screen."""


@pytest.mark.usefixtures("harmless")
@pytest.mark.parametrize(
    "scene",
    [
        pytest.param(scene, id=scene.name, marks=[] if scene.name in BEGINNINGS else [pytest.mark.thorough])
        for scene in SCENES
    ],
)
async def test_whatever_comes_the_screen_shows_what_there_is(
    scene: Scene,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    thorough: bool,
) -> None:
    seed, number = request.config.getoption("random_seed"), request.config.getoption("random_events")
    left, run = -(-number // len(SCENES if thorough else BEGINNINGS)), 0
    while left > 0:
        name = f"{seed} {scene.name} {run}"
        played = random_events(name, min(left, RUN))
        folder = tmp_path / str(run)
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            monkeypatch.setenv(variable, str(folder / variable))
        folder.mkdir()
        try:
            await play(scene, folder, played)
        except Exception as error:
            happened = "\n".join(map(str, (f"--random-seed {seed}, run {run}:", *played)))
            raise AssertionError(
                f"{type(error).__name__}: {error}\nafter these events, {happened}"
            ) from error
        left -= RUN
        run += 1
