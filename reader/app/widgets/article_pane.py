"""The article view as a pane of the main screen."""

from __future__ import annotations

from rich.style import Style
from textual.geometry import Region
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

    def on_mount(self) -> None:
        """Prepare the scrollbar."""
        super().on_mount()
        quicken(self.vertical_scrollbar)

    @property
    def rich_style(self) -> Style:
        """The view's own style, kept between lines."""
        return self.visual_style.rich_style

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines in `crop`; a new size is drawn before its message comes."""
        self._sync()
        return super().render_lines(crop)

    def _style(self, role: str) -> Style:
        return self.style_of(f"{self.KIND}--{role}")

    @property
    def where(self) -> Where:
        """What `Moved` will say or has said last."""
        return self._last_report or (0, None, 0)

    async def scroll_by_key(self, how: str) -> None:
        """Scroll as a key asks: "down", "page_up" and so on."""
        await self.run_action(SCROLLS[how])
