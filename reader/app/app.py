"""The app: keys, themes, settings and the command palette. What it shows is up to its screens."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App, SystemCommand
from textual.driver import Driver
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen
from textual.widget import Widget

from reader.app import keys
from reader.app.keymap import follow, follow_everywhere
from reader.app.main.layout import Speech
from reader.app.main.screen import MainScreen
from reader.app.textual_fixes import Palette, mend
from reader.app.themes import FEW, INK, INK_16, PAPER_16, THEMES
from reader.app.widgets.drawing import SafeOutput
from reader.errors import ReaderError, explain, is_debugging, trace
from reader.library import Library
from reader.model import Problem
from reader.permissions import Permission, permitted
from reader.sanitize import sanitize
from reader.settings import InForce, Settings

if TYPE_CHECKING:
    from reader.app.terminal import Background
    from reader.settings.session_store import SessionStore

SETTLE_SECONDS = 1.0
"""The most seconds that a key waits for what was typed before it."""


class ReaderApp(App[None]):
    """Protocol Reader on a terminal."""

    TITLE = "Protocol Reader"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    _is_ready = False
    """Whether the first screen has been painted."""
    _themed = False
    """Whether the first theme has been set."""

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
        session_store: SessionStore | None = None,
        driver: type[Driver] | None = None,
        on_terminal: bool = False,
    ) -> None:
        """`paths`: captures to read into `library` once the screen is shown; `background`: the terminal's.

        The settings are those of `in_force`, which also has their sources, else `settings`, else the defaults;
        `theme` overrides theirs. `session_store`: what was open last; without one nothing is remembered. `driver`: the
        driver to draw with, the terminal's when None. `on_terminal`: use no more colours than the terminal has.
        """
        self.settings = in_force.settings if in_force else settings or Settings()
        """The settings in force; set first, because what is made next needs them."""
        self.in_force = in_force
        """The settings with their sources; None where they were not read from anywhere."""
        self._background = background
        keys.use(self.settings.keys)
        # Without colours there are no shades either: only then are none sent at all.
        super().__init__(driver_class=driver, ansi_color=True if "NO_COLOR" in os.environ else None)
        self._library = library
        self._paths = paths
        self._title = title
        self._session_store = session_store
        self._safe_output = SafeOutput()
        self._main: MainScreen | None = None
        self.animation_level = "none"
        if self.settings.keys:
            follow_everywhere(self, self.settings.keys)
        self.few_colours = on_terminal and self.console.color_system == "standard"
        """Whether the terminal has no more than sixteen colours."""
        for own in (*THEMES, INK_16, PAPER_16):
            self.register_theme(own)
        # Set without the watcher, which would apply every style a second time.
        self.set_reactive(ReaderApp.theme, self._known_theme(theme or self._theme_wanted()))
        self._themed = True
        self.stylesheet.set_variables(self.get_css_variables())

    def get_css_variables(self) -> dict[str, str]:
        """The variables of the theme; none before the first theme is set, since they would be Textual's."""
        return super().get_css_variables() if self._themed else {}

    def get_default_screen(self) -> Screen[Any]:
        """The main screen."""
        self._main = MainScreen(self._library, paths=self._paths, title=self._title, speech=self._speech())
        self._prepare(self._main)
        if self._session_store is not None:
            self._main.restoring.restore(self._session_store, self.settings)
        return self._main

    def _speech(self) -> Speech | None:
        """How the main screen reads its contents aloud; None where it is not."""
        return None

    def push_screen(self, screen: Any, *args: Any, **more: Any) -> Any:
        """Show a screen, with the keys that the reader has given its actions."""
        shown = self.get_screen(screen) if isinstance(screen, str) else screen
        if not shown.is_attached:
            self._prepare(shown)
        return super().push_screen(screen, *args, **more)

    def _prepare(self, screen: Screen[Any]) -> None:
        """Prepare a screen before it is shown for the first time."""
        mend(screen)
        if self.settings.keys:
            follow(screen, self.settings.keys)

    async def on_event(self, event: events.Event) -> None:
        """Act on a key before the next one is looked at, so that text typed right after / is not taken for keys.

        A key that acts on the line for typing, as Enter does, waits until the line has taken what was typed before.
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
        """Leave the palette's key to a screen that needs it: the app would otherwise take it first."""
        if action == "command_palette" and getattr(self.screen, "TAKES_CTRL_P", False):
            return False
        return super().check_action(action, parameters)

    @property
    def _screen_stands(self) -> bool:
        """Can keys be acted on? Until then they wait in the screen's queue."""
        return self.is_running and bool(self.screen_stack) and self.screen.is_mounted

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's filters, and ours after them.

        All colours come from themes, so there are no colours of the terminal to translate.
        """
        usual = super().get_line_filters()
        return [*(one for one in usual if not isinstance(one, ANSIToTruecolor)), self._safe_output]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The commands of the palette: every key's action, and the themes."""
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
        """The actions of a screen other than the main one, without those that move."""
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
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_suspend_process(self) -> None:
        """Suspend to the shell, where there is one."""
        if not permitted(Permission.SUSPEND):
            self.notify(Permission.SUSPEND.value, timeout=4, markup=False)
        else:
            super().action_suspend_process()

    def on_ready(self) -> None:
        """The first screen is painted: its objects will stay, so the garbage collector need not look at them."""
        gc.freeze()
        gc.enable()
        self._is_ready = True
        self.app_resume_signal.subscribe(self, self.repaint)
        if self._background is not None or (self.in_force is not None and self.in_force.faults):
            _show_typed_and_faults(self, self._background, self.in_force)

    def on_resize(self, event: events.Resize) -> None:
        """Paint everything again even at the same size: a terminal that was smaller for a moment shows less."""
        if self._is_ready and event.size == self.screen.outer_size:
            self.screen.refresh()

    def repaint(self, _: object) -> None:
        """Back from the shell: the terminal shows something else now."""
        self.refresh(layout=True)

    # Themes

    def _theme_wanted(self) -> str:
        """The theme of the settings; with "auto" the dark one, unless the terminal is light."""
        settings = self.settings
        if settings.theme != "auto":
            return settings.theme
        light = self._background is not None and self._background.light
        return settings.light_theme if light else settings.dark_theme

    def _known_theme(self, name: str) -> str:
        """The theme with this name, or one that exists and has only colours that the terminal has."""
        known = name if name in self.available_themes else INK.name
        return FEW.get(known, known) if self.few_colours else known

    # Settings

    def change_settings(self, in_force: InForce) -> None:
        """Use other settings from now on, also for what is on the screen; new keys are used from the next start."""
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

    def finish(self, seconds: float) -> ReaderError | None:
        """Wait so long for what is still to be written; return why it was not, or None.

        Call it once the terminal is as it was.
        """
        return None if self._main is None else self._main.writes.finish(seconds)

    def _fatal_error(self) -> None:
        """Leave the app after an error, with a sentence that explains it."""
        # Textual has it where it comes from a worker, and nothing is being handled.
        error = sys.exception() or self._exception
        assert error is not None
        shown = trace(error) if is_debugging() else ""
        self.bell()
        self.panic(Text(f"{shown}{explain(error)}"))


async def _settled(line: Widget) -> None:
    """Wait until a line for typing has taken what was typed; not for ever, because it may be closing."""
    taken = asyncio.Event()
    if line.call_later(taken.set):
        with suppress(TimeoutError):
            await asyncio.wait_for(taken.wait(), SETTLE_SECONDS)


def _runner(screen: Screen[Any], action: str) -> Any:
    async def run_it() -> None:
        await screen.run_action(action)

    return run_it


def _show_typed_and_faults(app: ReaderApp, background: Background | None, in_force: InForce | None) -> None:
    """Once the first screen is painted: take the keys typed before it, and show faults of the settings."""
    if background is not None and background.typed:
        for message in XTermParser().feed(background.typed):
            app.post_message(message)
    if in_force is not None and in_force.faults:
        app.notify(sanitize(faults_sentence(in_force)), severity="warning", timeout=15, markup=False)


def faults_sentence(in_force: InForce) -> str:
    """Put the faults in one sentence: the first of them, and where the others are shown."""
    first, *others = in_force.faults
    more = "" if not others else " One more is" if len(others) == 1 else f" {len(others)} more are"
    screen = f"{more or ' All settings are'} on the settings screen ({keys.key_for('app.settings')})"
    sentence = in_force.sentence(first)
    return f"{sentence}{'' if sentence.endswith('?') else '.'}{screen}"
