"""The app: themes, the command palette and the way in and out. What is seen is the main screen's matter."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App, SystemCommand
from textual.driver import Driver
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen
from textual.widget import Widget

from reader.app import keys
from reader.app.main.layout import Speech
from reader.app.main.screen import MainScreen
from reader.app.mended import mend
from reader.app.themes import FEW, INK, INK_16, PAPER_16, THEMES
from reader.app.widgets.drawing import SafeOutput
from reader.errors import ReaderError
from reader.library import Library
from reader.model import Problem
from reader.permissions import Permission, permitted
from reader.sanitize import sanitize
from reader.settings import InForce, Settings

if TYPE_CHECKING:
    from reader.app.background import Asked, Background
    from reader.app.watchdog import Watchdog
    from reader.settings.session_store import SessionStore

FINISH_SECONDS = 6.0
"""How long the end of the program waits for what the reader marked: a little longer than a write waits for a lock."""

IN_PART = 1
"""The exit status after reading the captures broke off."""

SETTLE_SECONDS = 1.0
"""How long a key waits at most for what was typed before it."""


class ReaderApp(App[None]):
    """Protocol Reader on a terminal."""

    TITLE = "Protocol Reader"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    _is_ready = False
    """Whether the first screen has been painted."""
    _themed = False
    """Whether the theme is the one to start with."""

    def __init__(
        self,
        library: Library,
        *,
        paths: Sequence[str] | None = None,
        title: str = "Library",
        theme: str | None = None,
        settings: Settings | None = None,
        in_force: InForce | None = None,
        background: Background | None = None,
        memory: SessionStore | None = None,
        driver: type[Driver] | None = None,
        on_terminal: bool = False,
    ) -> None:
        """`paths`: captures to read into `library` once the screen stands; `background`: the terminal's.

        The settings are those of `in_force`, which also tells where they come from, else `settings`, else the
        usual ones; `theme` goes before them. `memory`: what was open last; without one nothing is remembered.
        `driver`: what it is drawn by; the terminal's when None. `on_terminal`: it has no more colours than that shows.
        """
        self.settings = in_force.settings if in_force else settings or Settings()
        """What is in force; set before anything is made that asks for it."""
        self.in_force = in_force
        """Where that comes from; None when nobody has looked."""
        self._background = background
        keys.use(self.settings.keys)
        # Without colours there are no shades either: only then are none sent at all.
        super().__init__(driver_class=driver, ansi_color=True if "NO_COLOR" in os.environ else None)
        self._library = library
        self._paths = paths
        self._title = title
        self._memory = memory
        self._safe_output = SafeOutput()
        self._main: MainScreen | None = None
        self.animation_level = "none"
        if self.settings.keys:
            from reader.app.keymap import follow_everywhere

            follow_everywhere(self, self.settings.keys)
        self.few_colours = on_terminal and self.console.color_system == "standard"
        """Whether the terminal says of no more than sixteen."""
        for own in (*THEMES, INK_16, PAPER_16):
            self.register_theme(own)
        # Set without the watcher, which would apply every style a second time.
        self.set_reactive(ReaderApp.theme, self._known_theme(theme or self._theme_wanted()))
        self._themed = True
        self.stylesheet.set_variables(self.get_css_variables())

    def get_css_variables(self) -> dict[str, str]:
        """Those of the theme; none on the way to it, since they would be of Textual's own."""
        return super().get_css_variables() if self._themed else {}

    def get_default_screen(self) -> Screen[Any]:
        """The main screen."""
        self._main = MainScreen(self._library, paths=self._paths, title=self._title, speech=self._speech())
        self._prepare(self._main)
        if self._memory is not None:
            self._main.restoring.restore(self._memory, self.settings)
        return self._main

    def _speech(self) -> Speech | None:
        """How the main screen is put in words; None where it is seen."""
        return None

    def push_screen(self, screen: Any, *args: Any, **more: Any) -> Any:
        """Show a screen, with the keys that the reader has given its actions."""
        shown = self.get_screen(screen) if isinstance(screen, str) else screen
        if not shown.is_attached:
            self._prepare(shown)
        return super().push_screen(screen, *args, **more)

    def _prepare(self, screen: Screen[Any]) -> None:
        """What a screen needs before it is shown for the first time."""
        mend(screen)
        if self.settings.keys:
            from reader.app.keymap import follow

            follow(screen, self.settings.keys)

    async def on_event(self, event: events.Event) -> None:
        """Act on a key before the next one is looked at, so that what is typed right after / is not taken for keys.

        What is typed waits in the line for it: a key that acts on the line, as Enter does, comes after all of that.
        """
        if isinstance(event, events.Key) and not event.is_forwarded and self._screen_stands:
            take = getattr(self.screen, "take_key", None)
            if take is not None and take(event.key, event.character):
                return
            focused = self.focused
            typing = focused is not None and focused.check_consume_key(event.key, event.character)
            if focused is not None and not typing and focused.check_consume_key("a", "a"):
                await _settled(focused)
            if not typing and (
                await self._check_bindings(event.key, priority=True) or await self._check_bindings(event.key)
            ):
                return
        await super().on_event(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The palette, whose key comes first wherever it is pressed, leaves it to a screen that needs it."""
        if action == "command_palette" and getattr(self.screen, "TAKES_CTRL_P", False):
            return False
        return super().check_action(action, parameters)

    @property
    def _screen_stands(self) -> bool:
        """Whether keys can be acted on; until then they wait in the screen's queue."""
        return self.is_running and bool(self.screen_stack) and self.screen.is_mounted

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's filters, and ours after them.

        All colours come from themes, so there are none of the terminal's own to translate.
        """
        usual = super().get_line_filters()
        return [*(one for one in usual if not isinstance(one, ANSIToTruecolor)), self._safe_output]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the command palette offers: every key's action, and the themes."""
        yield SystemCommand("Change the theme", "our own and Textual's", self.action_change_theme)
        if isinstance(screen, MainScreen):
            commands = [("Save the list of stories that no capture has whole", "open('save_openings')")]
            if permitted(Permission.FETCH):
                commands.append(("Look for such stories in the Wayback Machine", "open('fetch_openings')"))
            for name, action in commands:
                yield SystemCommand(name, "known only by their openings", _runner(screen, action))
        else:
            yield from self._commands_of(screen)
        for key in keys.shown_keys() if isinstance(screen, MainScreen) else ():
            if key.group != "move" and key.action not in ("app.command_palette", "section(1)"):
                yield SystemCommand(
                    f"{key.does[0].upper()}{key.does[1:]}", key.shown, _runner(screen, key.action)
                )

    def _commands_of(self, screen: Screen[Any]) -> Iterator[SystemCommand]:
        """What can be done on a screen that is not the main one, but for moving."""
        offered: set[str] = {"app.command_palette"}
        for _, binding, enabled, _ in screen.active_bindings.values():
            id_ = binding.id or ""
            listed = keys.offered(id_) and not id_.startswith("move.")
            if enabled and binding.description and listed and binding.action not in offered:
                offered.add(binding.action)
                name = f"{binding.description[0].upper()}{binding.description[1:]}"
                yield SystemCommand(name, self.get_key_display(binding), _runner(screen, binding.action))

    def action_command_palette(self) -> None:
        """Show the command palette."""
        from reader.app.palette import Palette  # Not needed for the first screen.

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_suspend_process(self) -> None:
        """To the shell, where there is one."""
        if not permitted(Permission.SUSPEND):
            self.notify(Permission.SUSPEND.value, timeout=4, markup=False)
        else:
            super().action_suspend_process()

    def on_ready(self) -> None:
        """The first screen has been painted: what was made for it will stay, so the collector need not look at it."""
        gc.freeze()
        gc.enable()
        self._is_ready = True
        self.app_resume_signal.subscribe(self, self.repaint)
        if self._background is not None or (self.in_force is not None and self.in_force.faults):
            from reader.app.starting import begin

            begin(self, self._background, self.in_force)

    def on_resize(self, event: events.Resize) -> None:
        """Paint all again where there is nothing to lay out: a terminal that was smaller for a moment shows less."""
        if self._is_ready and event.size == self.screen.outer_size:
            self.screen.refresh()

    def repaint(self, _: object) -> None:
        """Back from the shell: the terminal shows nothing of what it did."""
        self.refresh(layout=True)

    # Themes

    def _theme_wanted(self) -> str:
        """The theme of the settings: where it follows the terminal, the dark one unless that says it is light."""
        settings = self.settings
        if settings.theme != "auto":
            return settings.theme
        light = self._background is not None and self._background.light
        return settings.light_theme if light else settings.dark_theme

    def _known_theme(self, name: str) -> str:
        """A theme that there is, and whose colours the terminal has."""
        known = name if name in self.available_themes else INK.name
        return FEW.get(known, known) if self.few_colours else known

    # Settings

    def change_settings(self, in_force: InForce) -> None:
        """Other settings hold from now on, and what is on the screen follows; the keys do from the next start."""
        before, self.in_force = self.settings, in_force
        self.settings = in_force.settings._replace(keys=before.keys)
        themes = ("theme", "light_theme", "dark_theme")
        if any(getattr(before, name) != getattr(self.settings, name) for name in themes):
            self.theme = self._known_theme(self._theme_wanted())
        if self._main is not None and before != self.settings:
            self._main.settings_changed(before)

    @property
    def loading_failure(self) -> Problem | None:
        """Why reading the captures of this session broke off; None unless it did."""
        return None if self._main is None else self._main.list_pane.failure

    def finish(self) -> ReaderError | None:
        """Once the terminal is as it was: wait for what is still to be written; why it was not, None when it was."""
        return None if self._main is None else self._main.writes.finish(FINISH_SECONDS)

    def _fatal_error(self) -> None:
        """Leave after an error with a sentence that explains it."""
        from rich.text import Text

        from reader.errors import explain, is_debugging, trace

        # Textual has it where it comes from a worker, and nothing is being handled.
        error = sys.exception() or self._exception
        assert error is not None
        shown = trace(error) if is_debugging() else ""
        self.bell()
        self.panic(Text(f"{shown}{explain(error)}"))


async def _settled(line: Widget) -> None:
    """Wait until a line for typing has taken what was typed; not for ever, should it be closing."""
    taken = asyncio.Event()
    if line.call_later(taken.set):
        with suppress(TimeoutError):
            await asyncio.wait_for(taken.wait(), SETTLE_SECONDS)


def _runner(screen: Screen[Any], action: str) -> Any:
    async def run_it() -> None:
        await screen.run_action(action)

    return run_it


def _kind(settings: Settings) -> type[ReaderApp]:
    """The app to be seen, or the one to be heard."""
    if not settings.screen_reader:
        return ReaderApp
    from reader.app.spoken.app import SpokenApp

    return SpokenApp


def _run_served(app: ReaderApp) -> int:
    """Without a terminal there is none to put back: the driver sees to it that the app ends."""
    app.run()
    return app.return_code or 0


def run(
    library: Library,
    *,
    paths: Sequence[str] | None = None,
    title: str,
    settings: Settings | None = None,
    in_force: InForce | None = None,
    asked: Asked | None = None,
    memory: SessionStore | None = None,
    watchdog: Watchdog | None,
) -> int:
    """Open the app on `library` until the reader leaves; its exit status.

    `paths` are captures to read into the library meanwhile; `title` says what is open, `memory` what was; `asked`
    is the question for the terminal's background, where the theme depends on it. The caller has made sure that
    there is a terminal (`reader.app.terminal`), which `watchdog` puts back, and closes the library. Without a
    watchdog the app is served to a browser.
    """
    # Nothing made before the first screen is garbage, so collecting would only delay it.
    gc.disable()
    driver = None
    if watchdog is None:
        from reader.app.served import ServedDriver

        driver = ServedDriver
    background = None if asked is None else asked.answer()
    settings = in_force.settings if in_force else settings or Settings()
    app = _kind(settings)(
        library,
        paths=paths,
        title=title,
        settings=settings,
        in_force=in_force,
        background=background,
        memory=memory,
        driver=driver,
        on_terminal=watchdog is not None,
    )
    try:
        code = _run_served(app) if watchdog is None else watchdog.run(app)
        failure = app.loading_failure
        if failure is not None:
            print(f"protocol-reader: {sanitize(f'{failure.source}: {failure.reason}')}", file=sys.stderr)
            code = code or IN_PART
        if (lost := app.finish()) is not None:
            print(
                f"protocol-reader: what was marked last is not kept: {sanitize(str(lost))}", file=sys.stderr
            )
        return code
    finally:
        gc.enable()
        gc.unfreeze()
