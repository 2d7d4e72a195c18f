"""Works around faults of Textual's compositor, screens and command palette.

The compositor has one map of widget positions, and rebuilds it for any query after a widget was added or removed.
The next layout then finds no change: a notification stays after its time, or a prompt is never drawn. A click on a
widget that has just been removed ends the app. A screen that is closed twice, as by two clicks at once, also closes
the one below it. A screen that is resized twice while the app starts alternates between both sizes for ever. The
palette fails while its rows change, before it is laid out, and when it closes.
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

    _queried_map: Map | None = None
    """Current widget positions, if they may differ from the layout that was drawn last."""

    @property
    def full_map(self) -> Map:
        """The positions of all widgets."""
        if self.root is None:
            return {}
        if self._full_map_invalidated:
            self._full_map_invalidated = False
            self._queried_map, _ = self._arrange_root(self.root, self.size, visible_only=False)
        return self._full_map if self._queried_map is None else self._queried_map

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Find the text at a cell; none if the widget drawn there has been removed since."""
        widget, offset = super().get_widget_and_offset_at(x, y)
        return (None, None) if widget is not None and widget.parent is None else (widget, offset)

    def reflow(self, parent: Widget, size: Size) -> _compositor.ReflowResult:
        """Lay out, and find what has changed since the last drawing, also by scrolling."""
        self._queried_map = None
        if self._visible_map is not None:
            self._full_map = {**self._full_map, **self._visible_map}
        return super().reflow(parent, size)


def fix_screen(screen: Screen[Any]) -> None:
    """Apply the fixes to a screen that has not been shown yet."""
    screen._compositor = Compositor()
    dismiss = screen.dismiss

    def dismiss_once(result: Any = None) -> AwaitComplete:
        stack = screen.app.screen_stack
        if screen not in stack:
            return AwaitComplete()
        # Textual would close the screen on top, such as the palette, and leave this one.
        for above in reversed(stack[stack.index(screen) + 1 :]):
            above.dismiss()
        return dismiss(result)

    screen.dismiss = dismiss_once  # type: ignore[method-assign]
    screen_resized = screen._screen_resized
    # A screen that is laid out for an old size reports that size to itself: two sizes would alternate for ever.
    screen._screen_resized = lambda _: screen_resized(screen.app.size)  # type: ignore[assignment, method-assign]


class PaletteList(command.CommandList):
    """The palette's list, safe to use while its rows change."""

    def action_page_up(self) -> None:
        """Move a page up; Textual fails if the row under the cursor has no line yet."""
        with suppress(KeyError, IndexError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move a page down; see `action_page_up`."""
        with suppress(KeyError, IndexError):
            super().action_page_down()  # type: ignore[no-untyped-call]

    def on_click(self, event: events.Click) -> None:
        """Ignore a click on a row that is still drawn but no longer in the list."""
        row = event.style.meta.get("option")
        if row is not None and row >= self.option_count:
            event.prevent_default()


class Palette(command.CommandPalette):
    """The command palette, safe to use while it opens and closes."""

    def compose(self) -> ComposeResult:
        """Compose Textual's palette with our list."""
        textual_list, command.CommandList = command.CommandList, PaletteList  # type: ignore[misc]
        try:
            yield from super().compose()
        finally:
            command.CommandList = textual_list  # type: ignore[misc]

    def _on_mount(self, event: events.Mount) -> None:
        """Skip Textual's set-up when the palette was closed before it was mounted: no screen is below it then."""
        if self not in self.app.screen_stack[1:]:
            event.prevent_default()

    def _watch__list_visible(self) -> None:
        # For a moment after the palette has closed, commands still arrive, but its widgets are gone.
        with suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()
