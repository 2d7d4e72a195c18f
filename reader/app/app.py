"""The Textual app: keys, themes, settings and the command palette. Its screens decide what to show."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic, time
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App, SystemCommand
from textual.await_complete import AwaitComplete
from textual.dom import DOMNode
from textual.driver import Driver
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen
from textual.widgets import Input

from reader.app import keys
from reader.app.keymap import apply_app_keys, apply_keys
from reader.app.main.layout import Speech
from reader.app.main.screen import MainScreen
from reader.app.messages import show_notice
from reader.app.textual_fixes import fix_screen
from reader.app.themes import FOR_FEWER_COLOURS, INK, SUBSTITUTES, THEMES, highlight_variables
from reader.app.widgets.drawing import SafeOutput
from reader.app.widgets.panes import HEIGHTS
from reader.errors import explain, is_debugging, trace
from reader.library import Library
from reader.permissions import Permission, permitted
from reader.sanitize import sanitize
from reader.settings import InForce, Settings
from reader.settings import in_force as settings_in_force

if TYPE_CHECKING:
    from reader.app.terminal import Background
    from reader.settings.session_store import SessionStore

_INPUT_EVENTS = (events.Key, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)
_NO_FIND = "There is nothing to find on this screen; {find.everywhere} searches the library"
_NO_STAR = "There is no article to star on this screen; {state.star} works where one is open"
SETTLE_SECONDS = 1.0
"""How long a key waits, at most, until the input has taken the text typed before it, or a new screen has its rows."""


class ReaderApp(App[None]):
    """Protocol Reader on a terminal."""

    TITLE = "Protocol Reader"
    CSS = """
    MainScreen {
        overflow: hidden;
        & > #article { scrollbar-size-vertical: 1; }
    }
    Input.-textual-compact {
        background: $panel;
        color: $foreground;
        &:focus { background-tint: $foreground 0%; }
        &:nocolor > .input--cursor { text-style: reverse; }
    }
    /* Notices stand over the footer, one at a time. A dialog, too, has room there, except in a low terminal. */
    ToastRack { margin-bottom: 0; overflow-y: hidden; }
    ModalScreen.-low ToastRack { dock: top; }
    ToastHolder { display: none; }
    ToastHolder:last-child { display: block; }
    Toast { width: 100%; max-width: 100%; margin-top: 0; padding: 0 1; background: $panel; }
    Toast .toast--title { color: $foreground; }
    """
    BINDINGS = keys.app_bindings()
    VERTICAL_BREAKPOINTS = HEIGHTS
    speech: Speech | None = None
    """The words and widgets for a screen reader; None without one."""
    inputs = 0
    """How many keys and clicks there have been."""
    _input_at = 0.0
    """When the last key or click came, in Unix time as for notices."""
    _pushed_at = 0.0
    """When a screen was last pushed, on the monotonic clock."""
    _is_ready = False

    def __init__(
        self,
        library: Library,
        *,
        paths: Sequence[str] | None = None,
        title: str = "Library",
        in_force: InForce | None = None,
        background: Background | None = None,
        session_store: SessionStore | None = None,
        driver: type[Driver] | None = None,
        on_terminal: bool = False,
    ) -> None:
        """Create the app for a library.

        `paths` are captures to read into `library` once the screen is shown. The settings default to those of the file.
        `background` is the terminal's background. `session_store` has what was open last; without one, nothing is
        remembered. `driver` defaults to the terminal's. With `on_terminal`, only the terminal's colours are used.
        """
        self.in_force = in_force or settings_in_force()
        self.settings = self.in_force.settings
        """The settings in force. Set first: the code below needs them."""
        self._background = background
        keys.set_own_keys(self.settings.keys, in_words=self.speech is not None)
        # With NO_COLOR, keep Textual from sending shades of grey, too.
        super().__init__(driver_class=driver, ansi_color=True if "NO_COLOR" in os.environ else None)
        self._safe_output = SafeOutput()
        self.animation_level = "none"
        apply_app_keys(self, self.settings.keys)
        self._substitutes = SUBSTITUTES.get(self.console.color_system, {}) if on_terminal else {}
        self.few_colours = on_terminal and self.console.color_system == "standard"
        """Does the terminal have no more than sixteen colours?"""
        for own_theme in (*THEMES, *FOR_FEWER_COLOURS):
            self.register_theme(own_theme)
        # Set without the watcher, which would apply every style a second time.
        self.set_reactive(ReaderApp.theme, self._theme_of(self.settings))
        self.stylesheet.set_variables(self.get_css_variables())
        with self._context():  # Widgets ask for their app.
            self._main = MainScreen(library, paths=paths, title=title, store=session_store)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours of highlights in Textual's own themes."""
        return highlight_variables(dark=self.current_theme.dark)

    def get_default_screen(self) -> Screen[Any]:
        self._prepare(self._main)
        return self._main

    def push_screen(self, screen: Any, *args: Any, **kwargs: Any) -> Any:
        """Show a screen, with the reader's own keys."""
        new_screen = self.get_screen(screen) if isinstance(screen, str) else screen
        if not new_screen.is_attached:
            self._prepare(new_screen)
        self._pushed_at = monotonic()
        self.clear_old_notices()
        return super().push_screen(screen, *args, **kwargs)

    def pop_screen(self) -> AwaitComplete:
        self.clear_old_notices()
        return super().pop_screen()

    def clear_old_notices(self) -> None:
        """Remove the notices that were shown before the last key or click; warnings and errors stay for their time."""
        for notice in list(self._notifications):
            if notice.raised_at < self._input_at and notice.severity == "information":
                self._unnotify(notice)

    def _prepare(self, screen: Screen[Any]) -> None:
        fix_screen(screen)
        apply_keys(screen, self.settings.keys)

    async def on_event(self, event: events.Event) -> None:
        """Run a key's action before the next key is handled, so that text typed right after / reaches the prompt.

        A key such as Enter, which acts on an input, waits until the input has taken the text typed before. On a screen
        that has just been opened, keys wait for its rows.
        """
        if isinstance(event, _INPUT_EVENTS):
            if self._exit:
                return
            self.inputs += 1
            self._input_at = time()
            self._main.list_pane.stays_at_top = False
        if isinstance(event, events.Paste) and isinstance(self.focused, Input):
            lines = event.text.splitlines()
            # Textual would drop all lines but the first.
            event.text = " ".join(line.strip() for line in lines) if len(lines) > 1 else event.text
        if isinstance(event, events.Key):
            while self._is_opening:
                await asyncio.sleep(0.005)
        # Until there is a screen that can act on keys, they wait in its queue.
        can_take_keys = self.is_running and bool(self.screen_stack) and self.screen.is_mounted
        if isinstance(event, events.Key) and not event.is_forwarded and can_take_keys:
            take_key = getattr(self.screen, "take_key", None)
            if take_key is not None and take_key(event.key, event.character):
                return
            focused = self.focused
            typing = focused is not None and focused.check_consume_key(event.key, event.character)
            if focused is not None and not typing and focused.check_consume_key("a", "a"):
                caught_up = asyncio.Event()
                if focused.call_later(caught_up.set):
                    with suppress(TimeoutError):  # The input may be closing.
                        await asyncio.wait_for(caught_up.wait(), SETTLE_SECONDS)
            if not typing and (
                await self._check_bindings(event.key, priority=True) or await self._check_bindings(event.key)
            ):
                return
            # The key must not come back: another screen may be on top by then, with an action for it.
            event.stop()
        await super().on_event(event)

    @property
    def _is_opening(self) -> bool:
        is_new = monotonic() < self._pushed_at + SETTLE_SECONDS
        return is_new and getattr(self.screen, "is_opening", False)

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's filters, then ours.

        The filter that translates the terminal's colours is left out: all our colours come from themes.
        """
        filters = super().get_line_filters()
        return [
            *(filter_ for filter_ in filters if not isinstance(filter_, ANSIToTruecolor)),
            self._safe_output,
        ]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:

        def command(title: str, detail: str, action: str, node: DOMNode = screen) -> SystemCommand:
            run = partial(self.run_action, action, node)
            return SystemCommand(title[0].upper() + title[1:], detail, run)

        yield command("Change the theme", "preview and choose", "app.change_theme")
        offered = {"app.command_palette", "section(1)"}
        if isinstance(screen, MainScreen):
            truncated = "those that no capture has whole"
            yield command("Save a list of the truncated stories", truncated, "open('save_openings')")
            if permitted(Permission.FETCH):
                yield command(
                    "Look for truncated stories in the Wayback Machine", truncated, "open('fetch_openings')"
                )
            for key in keys.shown_keys():
                if key.group != "move" and key.action not in offered:
                    yield command(key.does, key.shown, key.action)
            return
        for node, binding, enabled, _ in screen.active_bindings.values():
            # Bindings without an id are Textual's, most of them for moving in a text.
            id_ = binding.id or binding.action
            allowed = keys.is_permitted(id_) and not id_.startswith("move.")
            wanted = binding.id is not None or id_ in ("undo", "redo", "quit")
            if enabled and wanted and allowed and binding.action not in offered:
                offered.add(binding.action)
                yield command(binding.description, keys.show_key(binding.key), binding.action, node)

    def action_change_theme(self) -> None:
        from reader.app.dialogs.settings import SettingsScreen  # Not for the first screen.

        self.push_screen(SettingsScreen("screen.theme"))

    def action_command_palette(self) -> None:
        from reader.app.dialogs.lists import PaletteScreen  # Not for the first screen: 1 ms.

        async def run(command: SystemCommand | None) -> None:
            if command is not None:
                await command.callback()

        if not isinstance(self.screen, PaletteScreen):
            self.push_screen(PaletteScreen(self.get_system_commands(self.screen)), run)

    async def action_everywhere(self, id_: str) -> None:
        """Run an action of the main screen on another screen, or say why it is not there.

        On a screen with `SHOWS_ARTICLE`, the keys for the article that is being read work, too.
        """
        main, screen = self._main, self.screen
        if id_ == "app.help":
            main.dialogs.open_help(screen)
        elif id_ == "find.start":
            show_notice(screen, keys.with_keys(_NO_FIND))
        elif id_ == "state.star" and not getattr(screen, "SHOWS_ARTICLE", False):
            show_notice(screen, keys.with_keys(_NO_STAR))
        else:
            await main.run_action(keys.action_of(id_))

    async def on_exit_app(self) -> None:
        """Let each worker begin: Python would warn of one that is cancelled before, after the screen is restored."""
        await asyncio.sleep(0)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Exit. If a signal ends the program, save what is typed into an open dialog first."""
        if return_code:
            for screen in self.screen_stack:
                if (keep_unsaved := getattr(screen, "keep_unsaved", None)) is not None:
                    keep_unsaved()
        super().exit(result, return_code, message)

    async def action_quit(self) -> None:
        """Quit, but warn first if that loses something."""
        key = "{app.quit_now}"
        may_discard = getattr(self.screen, "may_discard", None)
        if (may_discard is None or may_discard(key)) and self._main.session.may_leave(key):
            await super().action_quit()

    def action_help_quit(self) -> None:
        """Say which key quits, for those who press Ctrl-c."""
        show_notice(self.screen, keys.with_keys("{app.quit_now} quits at once"))

    def action_suspend_process(self) -> None:
        """Suspend to the shell, if that is permitted."""
        if not permitted(Permission.SUSPEND):
            self.notify(Permission.SUSPEND.value, timeout=4, markup=False)
        else:
            super().action_suspend_process()

    def on_ready(self) -> None:
        """Once the first screen is painted, act on the keys typed before it, and show faults in the settings."""
        # The objects of the first screen stay: exempt them from garbage collection.
        gc.freeze()
        gc.enable()
        self._is_ready = True
        self.app_resume_signal.subscribe(self, self.repaint)
        if self._background is not None and self._background.typed:
            for message in XTermParser().feed(self._background.typed):
                self.post_message(message)
        if faults := self.in_force.faults:
            sentence = faults[0].in_file(self.in_force.file)
            sentence += "" if sentence.endswith("?") else "."
            more = " One more is" if len(faults) == 2 else f" {len(faults) - 1} more are"
            where = f"on the settings screen ({keys.key_for('app.settings')})"
            sentence += f"{more if len(faults) > 1 else ' All settings are'} {where}"
            self.notify(sanitize(sentence), severity="warning", timeout=15, markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Repaint even at the same size: a terminal that was smaller for a moment has lost cells."""
        if self._is_ready and event.size == self.screen.outer_size:
            self.screen.refresh()

    def repaint(self, _: object) -> None:
        """Draw the whole screen again after returning from the shell."""
        self.refresh(layout=True)

    # Themes

    def show_theme(self, settings: Settings) -> None:
        """Use the theme of these settings, which may differ from those in force."""
        self.theme = self._theme_of(settings)

    def _theme_of(self, settings: Settings) -> str:
        """The theme of these settings, or a substitute if it is unknown or needs too many colours.

        "auto" is the dark theme unless the terminal is light.
        """
        name = settings.theme
        if name == "auto":
            light = self._background is not None and self._background.light
            name = settings.light_theme if light else settings.dark_theme
        known = name if name in self.available_themes else INK.name
        return self._substitutes.get(known, known)

    # Settings

    def change_settings(self, in_force: InForce) -> None:
        """Apply new settings, also to what is on the screen. New keys apply from the next start."""
        before, self.in_force = self.settings, in_force
        self.settings = in_force.settings._replace(keys=before.keys)
        self.show_theme(self.settings)
        if before != self.settings:
            self._main.settings_changed(before)

    def finish(self, seconds: float) -> list[str]:
        """Wait up to `seconds` for pending writes; return what was not read and what was not saved, in sentences.

        Call it after the terminal has been restored.
        """
        failure, error = self._main.list_pane.failure, self._main.writes.finish(seconds)
        unread = [] if failure is None else [f"{failure.source}: {failure.reason}"]
        return unread + ([] if error is None else [f"the last marks could not be saved: {error}"])

    def _fatal_error(self) -> None:
        # An error in a worker is no longer being handled here, but Textual has kept it.
        error = sys.exception() or self._exception
        assert error is not None
        shown = trace(error) if is_debugging() else ""
        self.bell()
        self.panic(Text(f"{shown}{explain(error)}"))
