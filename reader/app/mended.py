"""Textual's screens, mended: what is looked up between two layouts does not count as drawn, and none closes another.

Textual's compositor keeps one map of where widgets stand and makes it anew for whoever asks after a widget was added
or removed. The next layout then finds no change: a notification stays after its time, or a line for typing is never
drawn.
A click on a widget that has just been removed ends the app.
A screen that is asked to close a second time, as by two clicks at once, closes the one below it.
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
