"""Widgets that make whole finished lines: without borders, padding and opacity there is nothing to add to them.

Textual would look up and apply the widget's styles for every line anew, which costs more than making the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

from rich.segment import Segment
from rich.style import Style
from textual import messages
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget

from reader.app.text import looks

# Mixed in and no widgets themselves: every class of widgets costs the start of the app time.
if TYPE_CHECKING:
    _Base = Widget
else:
    _Base = object


def finished(widget: Widget, strips: Iterable[Strip]) -> list[Strip]:
    """`strips` as the app's line filters leave them."""
    filters, background = widget.get_line_filters(), widget.background_colors[1]
    done = []
    for strip in strips:
        for line_filter in filters:
            strip = strip.apply_filter(line_filter, background)
        done.append(strip)
    return done


def cropped(strips: list[Strip], crop: Region, width: int) -> list[Strip]:
    """The columns of `strips`, `width` cells wide, that `crop` asks for."""
    if crop.column_span == (0, width):
        return strips
    return [strip.crop(*crop.column_span) for strip in strips]


class KeptStyles(_Base):
    """Mixed into a widget, so that it makes the styles of its text once, not after every refresh."""

    LOOKS: ClassVar[Mapping[str, str]]
    """By the names it has for them; see `looks`."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        self._styles_kept: dict[str, Style] = {}
        super().__init__(*arguments, **keywords)

    def style_of(self, name: str) -> Style:
        """The style of a name in `LOOKS`."""
        style = self._styles_kept.get(name)
        if style is None:
            style = self._styles_kept[name] = looks.style_of(self, self.LOOKS[name])
        return style

    def notify_style_update(self) -> None:
        """Forget the old styles."""
        self._styles_kept.clear()
        super().notify_style_update()


class Direct(KeptStyles):
    """Mixed into a widget whose `render_line` makes finished lines: each is kept until it is refreshed."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        self._kept: dict[int, Strip] = {}
        self._kept_for = Size(0, 0)
        super().__init__(*arguments, **keywords)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines in `crop`."""
        kept, size = self._kept, self.size
        if self._kept_for != size:
            kept.clear()
            self._kept_for = size
        missing = [y for y in crop.line_range if y not in kept]
        kept.update(zip(missing, finished(self, map(self.render_line, missing)), strict=True))
        return cropped([kept[y] for y in crop.line_range], crop, size.width)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Forget the lines that have changed."""
        if not regions:
            self._kept.clear()
        for region in regions:
            for y in region.line_range:
                self._kept.pop(y, None)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Forget the lines in the old colours."""
        self._kept.clear()
        super().notify_style_update()


def paint_together(screen: Screen[Any], widgets: Iterable[Widget]) -> None:
    """Have what changed in several widgets painted in one frame.

    Each widget reports its changes when it is next idle, one after the other; with the reports of all of them in the
    screen's queue already, the screen paints only after the last.
    """
    for widget in widgets:
        screen.post_message(messages.Update(widget))


def quicken(bar: ScrollBar) -> None:
    """Have a vertical scrollbar drawn from a handful of lines that stay the same objects."""
    bar.render_lines = partial(_bar_lines, bar)  # type: ignore[method-assign]


def _bar_lines(bar: ScrollBar, crop: Region) -> list[Strip]:
    drawn: Any = bar.render()
    style = drawn.style
    segments = drawn.render_bar(
        size=bar.size.height,
        virtual_size=drawn.virtual_size,
        window_size=drawn.window_size,
        position=drawn.position,
        thickness=bar.size.width,
        back_color=style.bgcolor,
        bar_color=style.color,
    ).segments
    return cropped(finished(bar, map(_bar_line, segments[crop.y : crop.bottom])), crop, bar.size.width)


@lru_cache(maxsize=64)
def _bar_line(segment: Segment) -> Strip:
    return Strip([segment], len(segment.text))
