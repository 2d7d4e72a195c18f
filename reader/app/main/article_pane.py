"""The pane of the main screen that shows the article being read."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from reader.app.text.article_lines import Sightings
from reader.app.text.flow import ReadingPosition
from reader.app.widgets.article_view import ArticleView
from reader.app.widgets.drawing import Direct, quicken
from reader.library import StoredArticle

if TYPE_CHECKING:
    from reader.app.search.questions import OpenedHit

Where = tuple[int, int | None, int]
"""The first line in sight from 1, how many there are if known, and how far down that is in percent."""


class ArticlePane(Direct, ArticleView, inherit_bindings=False):
    """The article view with its keys left to the screen, so that a key has one name for both panes."""

    stored: StoredArticle | None = None
    """The article being read."""
    hit: OpenedHit | None = None
    """The hit of a search that is being read; None when the article was opened in another way."""
    listed: StoredArticle | None = None
    """What was read before, while another version of it is; None else."""
    matches: tuple[int, int] | None = None
    """Which match of how many, while something is looked for."""

    class LettersChanged(Message):
        """Letters to choose links by were drawn, or taken away."""

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

    def read(self, stored: StoredArticle | None, place: ReadingPosition | None, sightings: Sightings) -> None:
        """Show another article from a place on; nothing is looked for in it yet."""
        self.matches = self.hit = self.listed = None
        self.stored = stored
        self.show(stored, place, sightings)

    def read_version(
        self, stored: StoredArticle, place: ReadingPosition | None, sightings: Sightings
    ) -> None:
        """Show another version of the article that is read; `listed` and `hit` stay what they are."""
        hit, listed = self.hit, self.listed or self.stored
        self.read(stored, place, sightings)
        self.hit = hit
        self.listed = listed if listed is not None and listed.key != stored.key else None

    def stop_finding(self) -> None:
        """Take the matches away."""
        self.clear_find()
        self.matches = None

    def place_in(self, other: StoredArticle) -> ReadingPosition:
        """The place in another reading of the article where the text is that is at the top now."""
        block, offset = self.place
        before = () if self.stored is None else self.stored.article.body
        if 0 <= block < len(before):
            text = before[block].text
            same = (number for number, unit in enumerate(other.article.body) if unit.text == text)
            block = next(same, min(block, max(0, len(other.article.body) - 1)))
        elif block >= 0:
            # What stands below the body counts on from it.
            block += len(other.article.body) - len(before)
        return ReadingPosition(block, offset)
