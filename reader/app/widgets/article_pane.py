"""The article view as a pane of the main screen."""

from __future__ import annotations

from collections.abc import Collection

from textual.geometry import Region, Size
from textual.strip import Strip

from reader.app.widgets.article_view import ArticleView
from reader.app.widgets.direct import Direct, quicken

Where = tuple[int, int | None, int]
"""The first line in sight from 1, how many there are if known, and how far down that is in percent."""
SCROLLS = {
    "down": "scroll_down",
    "up": "scroll_up",
    "top": "scroll_home",
    "bottom": "scroll_end",
    "page_down": "page_down",
    "page_up": "page_up",
    "half_down": "half_page_down",
    "half_up": "half_page_up",
}
"""The article view's action for each way to move."""


class ArticlePane(Direct, ArticleView, inherit_bindings=False):
    """The article view with its keys left to the screen, so that a key has one name for both panes."""

    def __init__(self, *, id: str | None = None) -> None:
        self._painted: dict[int, Strip] = {}
        """What the terminal shows on each line, as far as that is known."""
        self._painted_for = Size(0, 0)
        super().__init__(id=id)

    def on_mount(self) -> None:
        """Prepare the scrollbar."""
        super().on_mount()
        quicken(self.vertical_scrollbar)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines in `crop`; a new size is drawn before its message comes."""
        self.prepare_rows()
        strips = self.without_covered_graphics(super().render_lines(crop), crop.y)
        for y, strip in zip(crop.line_range, strips, strict=True):
            if self._painted.get(y) != strip:
                self._painted.pop(y, None)
        return strips

    def _exchange_repaint_regions(self) -> Collection[Region]:
        """The changed regions when the screen is about to paint: of those, the lines that look different.

        Articles have many empty lines in common, and a line that need not be painted is saved in every widget
        beside this one too.
        """
        regions = super()._exchange_repaint_regions()
        if self._painted_for != self.size:
            self._painted.clear()
            self._painted_for = self.size
        width, height = self.size
        rows = sorted({y for region in regions for y in region.line_range if 0 <= y < height})
        if not rows:
            return regions
        strips = dict(enumerate(self.render_lines(Region(0, 0, width, height))))
        changed = [y for y in rows if y not in self._painted]
        self._painted.update((y, strips[y]) for y in changed)
        return [Region(0, y, width, 1) for y in changed]

    @property
    def where(self) -> Where:
        """What `Moved` will say or has said last."""
        return self._last_report or (0, None, 0)

    async def scroll_by_key(self, how: str) -> None:
        """Scroll as a key asks: "down", "page_up" and so on."""
        await self.run_action(SCROLLS[how])
