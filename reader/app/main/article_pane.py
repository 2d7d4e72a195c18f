"""The pane of the main screen that shows the article being read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.app.pictures.rows import PictureLayer
from reader.app.text.article_lines import OtherVersions
from reader.app.text.flow import ReadingPosition
from reader.app.widgets.article_view import ArticleView
from reader.library import StoredArticle

if TYPE_CHECKING:
    from reader.app.search.questions import OpenedHit


class ArticlePane:
    """The article in `view`, and how it was opened."""

    def __init__(self) -> None:
        self.view = ArticleView(id="article")
        self.pictures = PictureLayer(self.view)
        self.view.overlays = (self.pictures, *self.view.overlays)
        self.stored: StoredArticle | None = None
        """The article being read."""
        self.hit: OpenedHit | None = None
        """The hit of a search that is being read; None when the article was opened in another way."""
        self.listed: StoredArticle | None = None
        """The version that the list shows, while another one is read; None else."""
        self.matches: tuple[int, int] | None = None
        """Which match of how many, while the reader looks for something."""

    def read(
        self, stored: StoredArticle | None, position: ReadingPosition | None, others: OtherVersions
    ) -> None:
        """Show another article from a position on; nothing is looked for in it yet."""
        self.matches = self.hit = self.listed = None
        self.stored = stored
        self.view.show(stored, position, others)

    def read_version(
        self, stored: StoredArticle, position: ReadingPosition | None, others: OtherVersions
    ) -> None:
        """Show another version of the article being read; `listed` and `hit` stay what they are."""
        hit, listed = self.hit, self.listed or self.stored
        self.read(stored, position, others)
        self.hit = hit
        self.listed = listed if listed is not None and listed.key != stored.key else None

    def stop_finding(self) -> None:
        """Take the matches away."""
        self.view.finder.clear()
        self.matches = None

    def position_in(self, other: StoredArticle) -> ReadingPosition:
        """The position in another reading of the article of the text that is at the top now."""
        block, offset = self.view.position
        before = () if self.stored is None else self.stored.article.body
        if 0 <= block < len(before):
            text = before[block].text
            same = (number for number, unit in enumerate(other.article.body) if unit.text == text)
            block = next(same, min(block, max(0, len(other.article.body) - 1)))
        elif block >= 0:
            # What stands below the body counts on from it.
            block += len(other.article.body) - len(before)
        return ReadingPosition(block, offset)
