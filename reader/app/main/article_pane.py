"""The article being read: the pane that shows it, and how articles come into the pane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.app.notices import errors_shown
from reader.app.pictures.rows import PictureLayer
from reader.app.text.article_lines import OtherVersions
from reader.app.text.flow import ReadingPosition
from reader.app.view import View
from reader.app.widgets.article_view import ArticleView
from reader.library import StoredArticle

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen
    from reader.app.search.questions import OpenedHit

NARROWEST, WIDEST = 28, 120
"""Columns of text."""


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

    def set_text_width(self, width: int) -> None:
        """Set the text in lines of at most so many cells, within reason."""
        self.view.text_width = max(NARROWEST, min(WIDEST, width))

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


class Opener:
    """Puts articles into the article pane, each where it was left."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._library = main.library
        self._pane = main.article_pane

    def open_under_cursor(self) -> None:
        """Read the article under the cursor."""
        stored = None
        with errors_shown(self._main):
            key = self._main.list_pane.key
            stored = None if key is None else self._library.article(key)
        self.read(stored)

    def read(self, stored: StoredArticle | None) -> None:
        """Show an article where it was left; None for none."""
        self.keep_position()
        position = None if stored is None else self._main.session.position(stored.key)
        self._pane.read(stored, position, self._other_versions(stored))
        self._main.article_opened()

    def keep_position(self, *, save: bool = False) -> None:
        """Remember where the article is left; that of an article only passed by is not saved."""
        if (stored := self._pane.stored) is not None:
            save = save or self._main.pane == "article"
            self._main.session.set_position(stored.key, self._pane.view.position, save=save)

    def open_hit(self, hit: OpenedHit) -> None:
        """Read a hit, every match marked, the first in sight. The list's cursor goes to it, whatever the filters."""
        with errors_shown(self._main):
            self._main.list_pane.point_at(hit.row)
            self.read(hit.stored)
            self._pane.hit = hit
            self._pane.view.show_matches(hit.places)
            self._show_pane()

    def open_article(self, key: int, view: View) -> None:
        """Read an article, and list what it was chosen from."""
        with errors_shown(self._main):
            stored, row = self._library.article(key), self._library.row(key)
            if row is not None:
                self._main.list_pane.point_at(row)
                self.read(stored)
                self._main.choose(view)
                self._show_pane()

    def open_version(self, key: int) -> None:
        """Read one version of the article, whichever the list shows."""
        if self._read_version(key):
            self._show_pane()

    def _show_pane(self) -> None:
        """Show the article pane, all that changed in one frame."""
        if self._main.pane == "article":
            self._main.update_footer()
            self._main.paint_at_once()
        else:
            # All is painted when it is arranged; a pane that is reported before would be left out.
            self._main.panes.turn_to("article")

    def leave_version(self) -> bool:
        """Go back from another version to the one in the list; False where none is read."""
        listed, hit = self._pane.listed, self._pane.hit
        if listed is None:
            return False
        self.read(listed)
        self._pane.hit = hit
        self._main.paint_at_once()
        return True

    def reread_version(self) -> None:
        """What is said of the other versions is no longer so: say it anew."""
        stored = self._pane.stored
        if stored is not None and self._read_version(stored.key):
            self._main.paint_at_once()

    def renew_version(self) -> None:
        """The text being read stays; what is said of its story's other versions is what holds now."""
        stored = self._pane.stored
        if stored is None:
            return
        with errors_shown(self._main):
            representative = self._library.representative(stored.key)
            if representative is None or representative.occurrences == stored.occurrences:
                return
            listed = None if representative.key == stored.key else self._library.article(representative.key)
            if self._read_version(stored.key):
                self._pane.listed = listed
                self._main.paint_at_once()

    def follow(self, key: int) -> None:
        """The article being read has another key, since its capture was read again: go on with it."""
        if self._pane.stored is None:
            return
        with errors_shown(self._main):
            self._main.session.set_position(key, self._pane.position_in(self._library.article(key)))
            self._main.list_pane.successor = key
            self._main.renew()
            stored = self._pane.stored
            if not self._main.queries.busy("list") and stored is not None and stored.key != key:
                # Another version of the story is listed.
                self._read_version(key)

    def _read_version(self, key: int) -> bool:
        with errors_shown(self._main):
            stored = self._library.article(key)
            self.keep_position()
            position = self._main.session.position(key)
            self._pane.read_version(stored, position, self._other_versions(stored))
            self._main.article_opened()
            return True
        return False

    def _other_versions(self, stored: StoredArticle | None) -> OtherVersions:
        """What to say of an article's other versions; nothing is asked where there is none."""
        if stored is not None and stored.occurrences > 1:
            with errors_shown(self._main):
                representative = self._library.representative(stored.key)
                if representative is not None and representative.key != stored.key:
                    return OtherVersions(listed=representative.source)
                if representative is not None and stored.completed:
                    return OtherVersions(cut_off=representative.cut_off)
        return OtherVersions()
