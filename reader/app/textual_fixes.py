"""Works around faults of Textual's compositor and screens.

The compositor has one map of widget positions, and rebuilds it for any query after a widget was added or removed.
The next layout then finds no change: a notification stays after its time, or a prompt is never drawn. A click on a
widget that has just been removed ends the app. A screen that is closed twice, as by two clicks at once, also closes
the one below it. A screen that is resized twice while the app starts alternates between both sizes for ever. When a
screen below two dialogs changes, its old rows stay: the dialog on top is drawn again, but not the one between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import _compositor
from textual.await_complete import AwaitComplete

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
    dismiss, refresh = screen.dismiss, screen._compositor_refresh

    def screens_above() -> list[Screen[Any]]:
        stack = screen.app.screen_stack
        return stack[stack.index(screen) + 1 :] if screen in stack else []

    def dismiss_once(result: Any = None) -> AwaitComplete:
        if screen not in screen.app.screen_stack:
            return AwaitComplete()
        # Textual would close the screen on top, such as the palette, and leave this one.
        for above in reversed(screens_above()):
            above.dismiss()
        return dismiss(result)

    def refresh_all_above() -> None:
        if regions := screen._compositor._dirty_regions:
            for above in screens_above():
                above._set_dirty(*regions)
        refresh()

    screen.dismiss = dismiss_once  # type: ignore[method-assign]
    screen._compositor_refresh = refresh_all_above  # type: ignore[method-assign]
    screen_resized = screen._screen_resized
    # A screen that is laid out for an old size reports that size to itself: two sizes would alternate for ever.
    screen._screen_resized = lambda _: screen_resized(screen.app.size)  # type: ignore[assignment, method-assign]
