"""The article pane, and the object that opens articles in it."""

from __future__ import annotations

from contextlib import suppress
from math import ceil
from typing import TYPE_CHECKING

from reader.app.highlights.layers import HighlightLayer, SelectionLayer
from reader.app.notices import errors_shown
from reader.app.pictures.rows import PictureLayer
from reader.app.text.article_lines import WORDS_A_MINUTE, OtherVersions, Written
from reader.app.text.flow import ReadingPosition
from reader.app.view import View
from reader.app.widgets.article_view import ArticleView
from reader.app.widgets.drawing import is_spoken
from reader.library import GoneError, StoredArticle
from reader.library.state.notes import Annotation

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen
    from reader.app.search.hits import OpenedHit

NARROWEST, WIDEST = 28, 120
"""Limits of the text's width, in columns."""


class ArticlePane:
    """The article being read, the widget that shows it, and how it was opened."""

    def __init__(self) -> None:
        self.view = ArticleView(id="article")
        self.pictures = PictureLayer(self.view)
        self.highlights = HighlightLayer(self.view)
        self.selection = SelectionLayer(self.view)
        self.view.overlays = (self.highlights, self.pictures, *self.view.overlays, self.selection)
        self.stored: StoredArticle | None = None
        """The article being read."""
        self.hit: OpenedHit | None = None
        """The search hit being read; None when the article was not opened from a search."""
        self.listed: StoredArticle | None = None
        """The version in the list, while the reader reads another one; otherwise None."""
        self.matches: tuple[int, int] | None = None
        """Current match and number of matches, during a search in the article."""
        self.leads_on = False
        """Does the next press of the key for a page down lead on, because the last one came to the end?"""
        self.written = Written()
        """The highlights, notes and tags of the article."""
        self._others = OtherVersions()

    def set_text_width(self, width: int) -> None:
        """Set the width of the text, within `NARROWEST` and `WIDEST`."""
        self.view.text_width = max(NARROWEST, min(WIDEST, width))

    def read(
        self,
        stored: StoredArticle | None,
        position: ReadingPosition | None,
        others: OtherVersions,
        written: Written,
        *,
        is_version: bool = False,
    ) -> None:
        """Show another article from a position on; this ends a search in the last one.

        `is_version`: it is another version of the article being read; `hit` and the listed version stay.
        """
        hit, listed = (self.hit, self.listed or self.stored) if is_version else (None, None)
        self.matches, self.leads_on = None, False
        self.stored, self.written, self._others = stored, written, others
        self.hit = hit
        self.listed = listed if listed and stored and listed.key != stored.key else None
        self._show(position)

    def show_written(self, written: Written) -> None:
        """Show other highlights, notes and tags in the same article; the position stays."""
        before, self.written = self.written, written
        if (before.tags, before.note) != (written.tags, written.note):
            self.matches = None
            self._show(self.view.position)
        elif before != written:
            self.highlights.show(written.annotations, spoken=is_spoken(self.view))

    def _show(self, position: ReadingPosition | None) -> None:
        self.view.show(self.stored, position, self._others, self.written)
        if self.written.annotations:
            self.highlights.show(self.written.annotations, spoken=is_spoken(self.view))

    def scroll(self, how: str) -> bool:
        """Scroll by a movement; return False for a page down that leads on to another article instead.

        That is the second in a row at the end, so that nobody skips what is being read.
        """
        is_page = how == "page_down"
        if is_page and self.leads_on and self.view.where[2] == 100:
            return False
        self.view.scroll_by_key(how)
        self.leads_on = is_page and self.view.where[2] == 100
        return True

    @property
    def minutes_left(self) -> int:
        """The minutes that the rest takes to read, rounded up; 0 at the end or without an article."""
        if self.stored is None:
            return 0
        rest = self.stored.article.words * (100 - self.view.where[2]) / 100
        return ceil(rest / WORDS_A_MINUTE)

    def stop_finding(self) -> None:
        """End the search and remove its marks."""
        self.view.finder.clear()
        self.matches = None

    def position_in(self, other: StoredArticle) -> ReadingPosition:
        """Find the text that is at the top now in `other`, the same article parsed again."""
        block, offset = self.view.position
        before = () if self.stored is None else self.stored.article.body
        if 0 <= block < len(before):
            text = before[block].text
            same_blocks = (number for number, unit in enumerate(other.article.body) if unit.text == text)
            block = next(same_blocks, min(block, max(0, len(other.article.body) - 1)))
        elif block >= 0:
            # Parts below the body are numbered on from its last block.
            block += len(other.article.body) - len(before)
        return ReadingPosition(block, offset)


class ArticleOpener:
    """Opens articles in the article pane, each where the reader left it."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._library = main.library
        self._pane = main.article_pane

    def open_under_cursor(self) -> None:
        """Open the article under the cursor."""
        stored = None
        with errors_shown(self._main):
            key = self._main.list_pane.key
            stored = None if key is None else self._library.article(key)
        self.read(stored)

    def read(self, stored: StoredArticle | None, *, is_version: bool = False) -> None:
        """Open an article where it was left; None for an empty pane. `is_version`: see `ArticlePane.read`."""
        self.keep_position()
        self._main.jumps.leave()
        position = None if stored is None else self._main.session.position(stored.key)
        others, written = self._other_versions(stored), self.written(stored)
        self._pane.read(stored, position, others, written, is_version=is_version)
        self._main.article_opened()

    def keep_position(self, *, save: bool = False) -> None:
        """Remember the position in the article; `save`: also in the library, as in the article pane."""
        if (stored := self._pane.stored) is not None:
            save = save or self._main.pane == "article"
            self._main.session.set_position(stored.key, self._pane.view.position, save=save)

    def open_hit(self, hit: OpenedHit) -> None:
        """Open a search hit at its first match, with all matches marked, and move the list's cursor to it."""
        self._main.close_screens_above()
        with errors_shown(self._main):
            self._point_at(hit.row.key)
            self.read(hit.stored)
            self._pane.hit = hit
            self._pane.view.show_matches(hit.places)
            self._show_pane()

    def _point_at(self, key: int) -> None:
        """Move the list's cursor to an article. If a filter hides it, all filters are cleared."""
        list_pane = self._main.list_pane
        index = list_pane.listing.index_of(key)
        if index is not None:
            list_pane.move(index)
        else:
            list_pane.successor = key
            self._main.show_view(View(sort=list_pane.view.sort))

    def open_article(self, key: int, view: View) -> None:
        """Open an article, and list the view that it was chosen from."""
        with errors_shown(self._main):
            stored = self._library.article(key)
            self._main.list_pane.successor = key
            self._main.show_view(view)
            self.read(stored)
            self._show_pane()

    def open_place(self, key: int, position: ReadingPosition) -> bool:
        """Open an article at a position; False if its story is not listed. LibraryError if it is not kept."""
        stored, row = self._library.article(key), self._library.row(key)
        if row is None:
            return False
        self.keep_position()
        self._point_at(row.key)
        self._main.session.set_position(key, position)
        self._pane.stored = None  # So that its position is not kept over the wanted one.
        self.read(stored)
        self._show_pane()
        return True

    def open_highlight(self, key: int, annotation: Annotation | None) -> None:
        """Open an article at a highlight, or where it was left."""
        with errors_shown(self._main):
            stored, row = self._library.article(key), self._library.row(key)
            if row is None:
                return
            self._main.jumps.mark_place()
            self._point_at(row.key)
            self.read(stored)
            if annotation is not None and annotation.is_highlight:
                self._pane.highlights.scroll_to(annotation)
            self._show_pane()

    def open_version(self, key: int) -> None:
        """Open a version of the article, listed or not."""
        if self._read_version(key):
            self._show_pane()

    def _show_pane(self) -> None:
        """Focus the article pane."""
        if self._main.pane == "article":
            self._main.update_footer()
        else:
            self._main.panes.focus_pane("article")

    def leave_version(self) -> bool:
        """Go back to the version in the list; False if the pane shows it already."""
        listed, hit = self._pane.listed, self._pane.hit
        if listed is None:
            return False
        self.read(listed)
        self._pane.hit = hit
        return True

    def reopen_version(self) -> None:
        """Open the version again after a change of the story's other versions, which its notices mention."""
        stored = self._pane.stored
        if stored is not None:
            self._read_version(stored.key)

    def update_versions(self) -> None:
        """Update the notices about other versions if the story has changed; the text being read stays."""
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

    def follow(self, key: int) -> None:
        """Go on with an article whose `key` is new because its capture was parsed again."""
        if self._pane.stored is None:
            return
        with errors_shown(self._main):
            self._main.session.set_position(key, self._pane.position_in(self._library.article(key)))
            self._main.list_pane.successor = key
            self._main.reload()
            stored = self._pane.stored
            if not self._main.queries.busy("list") and stored is not None and stored.key != key:
                # The list has another version of the story.
                self._read_version(key)

    def _read_version(self, key: int) -> bool:
        with errors_shown(self._main):
            self.read(self._library.article(key), is_version=True)
            return True
        return False

    def written(self, stored: StoredArticle | None) -> Written:
        """Look up the highlights, notes and tags of an article."""
        if stored is not None:
            with errors_shown(self._main), suppress(GoneError):
                annotations = self._library.annotations
                return Written(annotations.of(stored.key), annotations.tags(stored.key))
        return Written()

    def _other_versions(self, stored: StoredArticle | None) -> OtherVersions:
        """Look up what the article's notices say about other versions, if it has any."""
        if stored is not None and stored.occurrences > 1:
            with errors_shown(self._main):
                representative = self._library.representative(stored.key)
                if representative is not None and representative.key != stored.key:
                    return OtherVersions(listed=representative.source)
                if representative is not None and stored.completed:
                    return OtherVersions(cut_off=representative.cut_off)
        return OtherVersions()
