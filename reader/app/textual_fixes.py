"""Faults of Textual that are mended here: its compositor, its screens and its command palette.

The compositor keeps one map of where widgets stand, and makes it anew for whoever asks after a widget was added or
removed. The next layout then finds no change: a notification stays after its time, or a prompt is never drawn. A
click on a widget that has just been removed ends the app. A screen that is asked to close a second time, as by two
clicks at once, closes the one below it. The palette fails while its rows change, before it is laid out, and when it
closes.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import _compositor, command, events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.css.query import NoMatches

if TYPE_CHECKING:
    from textual.geometry import Offset, Size
    from textual.screen import Screen
    from textual.widget import Widget

    Map = _compositor.CompositorMap


class Compositor(_compositor.Compositor):
    """Compares each layout with the one that was drawn."""

    _asked_for: Map | None = None
    """Where widgets stand now, where that may differ from the layout that was drawn last."""

    @property
    def full_map(self) -> Map:
        """Where all widgets stand."""
        if self.root is None:
            return {}
        if self._full_map_invalidated:
            self._full_map_invalidated = False
            self._asked_for, _ = self._arrange_root(self.root, self.size, visible_only=False)
        return self._full_map if self._asked_for is None else self._asked_for

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Look up what text stands at a cell: none where the widget drawn there has been removed since."""
        widget, offset = super().get_widget_and_offset_at(x, y)
        return (None, None) if widget is not None and widget.parent is None else (widget, offset)

    def reflow(self, parent: Widget, size: Size) -> _compositor.ReflowResult:
        """Lay out, and note what has changed since it was drawn, also by scrolling."""
        self._asked_for = None
        if self._visible_map is not None:
            self._full_map = {**self._full_map, **self._visible_map}
        return super().reflow(parent, size)


def mend(screen: Screen[Any]) -> None:
    """Mend a screen that has not been shown yet."""
    screen._compositor = Compositor()
    dismiss = screen.dismiss

    def dismiss_once(result: Any = None) -> AwaitComplete:
        stack = screen.app.screen_stack
        if screen not in stack:
            return AwaitComplete()
        # Textual would close whatever is on top, such as the palette, and leave this one.
        for above in reversed(stack[stack.index(screen) + 1 :]):
            above.dismiss()
        return dismiss(result)

    screen.dismiss = dismiss_once  # type: ignore[method-assign]


class SteadyList(command.CommandList):
    """The palette's list."""

    def action_page_up(self) -> None:
        """As Textual's, which looks for the line of the row under the cursor and may have no lines yet."""
        with suppress(KeyError, IndexError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """As Textual's; see `action_page_up`."""
        with suppress(KeyError, IndexError):
            super().action_page_down()  # type: ignore[no-untyped-call]

    def on_click(self, event: events.Click) -> None:
        """Not on a row that is still seen and no more there."""
        row = event.style.meta.get("option")
        if row is not None and row >= self.option_count:
            event.prevent_default()


class Palette(command.CommandPalette):
    """The command palette."""

    def compose(self) -> ComposeResult:
        """As Textual's, with our list."""
        usual, command.CommandList = command.CommandList, SteadyList  # type: ignore[misc]
        try:
            yield from super().compose()
        finally:
            command.CommandList = usual  # type: ignore[misc]

    def _on_mount(self, event: events.Mount) -> None:
        """Skip Textual's set-up when the palette was closed before it was mounted: no screen is below it then."""
        if self not in self.app.screen_stack[1:]:
            event.prevent_default()

    def _watch__list_visible(self) -> None:
        # Commands are still being gathered for a moment after the palette was closed, and its parts are gone.
        with suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()
