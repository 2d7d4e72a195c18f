"""The article pane: the article being read, how articles are opened, and what was read before."""

from collections.abc import Sequence
from contextlib import suppress
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.app.keys import with_keys
from reader.app.messages import errors_shown, show_notice
from reader.app.text.article_lines import OtherVersions, Written, matches_around_note
from reader.app.text.document import ReadingPosition
from reader.app.text.wrapping import fit
from reader.app.view import View
from reader.app.widgets.article_view import HINT, NOTHING_LISTED, ArticleView
from reader.app.widgets.highlights import HighlightLayer, SelectionLayer
from reader.app.widgets.pictures import PictureLayer
from reader.errors import LibraryError
from reader.library import GoneError, StoredArticle
from reader.library.state.notes import Annotation
from reader.model import WORDS_A_MINUTE
from reader.sanitize import sanitize

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen
    from reader.app.search import OpenedHit

MOST_VISITS: Final = 100
"""How many visits to articles are remembered."""
_HIT_GONE: Final = "This result is no longer in the library; {find.everywhere} shows the others"


class Visit(NamedTuple):
    """An article that was read, and where the reader left it."""

    key: int
    position: ReadingPosition


class ArticlePane:
    """The article being read, the widget that shows it, and how it was opened. Each opens where the reader left it."""

    def __init__(self, main: "MainScreen") -> None:
        self._main = main
        self._library = main.library
        self.view = ArticleView(id="article")
        self.pictures = PictureLayer(self.view)
        self.highlights = HighlightLayer(self.view)
        self.selection = SelectionLayer(self.view)
        self.view.overlays = (self.highlights, self.pictures, *self.view.overlays, self.selection)
        self.stored: StoredArticle | None = None
        self.hit: OpenedHit | None = None
        """The search hit being read; None when the article was not opened from a search."""
        self.is_from_notes = False
        """Was it opened from the list of highlights and notes?"""
        self.listed: StoredArticle | None = None
        """The version in the list, while the reader reads another one; otherwise None."""
        self.leads_on = False
        """Does the next press of the key for a page down lead on, because the last one came to the end?"""
        self.written = Written()
        self.version_keys: Sequence[int] = ()
        """All versions of the story; empty if there is only one."""
        self._others = OtherVersions()
        self._visits: list[Visit] = []
        """Articles count as read once the pane has had the focus."""
        self._last_visit = -1
        """The index of the article that was read last."""
        self._is_jumping = False

    # Reading

    def scroll(self, how: str) -> bool:
        """Scroll by a movement; return False for a page down that leads on to another article instead.

        That is the second in a row at the end, so that nobody skips what is being read.
        """
        is_page = how == "page_down"
        if is_page and self.leads_on and self.view.is_at_end:
            return False
        self.view.scroll_by_key(how)
        self.leads_on = is_page and self.view.is_at_end
        return True

    @property
    def leads_on_words(self) -> str:
        """Say what another page down opens, at the end of an article."""
        follows = "next unread article" if self.hit is None else "next result"
        return with_keys(f"{{move.page_down}} again: {follows}")

    @property
    def minutes_left(self) -> int:
        """The minutes that the rest takes to read, rounded up; 0 at the end or without an article."""
        words = 0 if self.stored is None else self.stored.article.words
        return ceil(words * (100 - self.view.where[2]) / 100 / WORDS_A_MINUTE)

    @property
    def paragraph(self) -> str:
        """The paragraph at the top of the screen; "" above the text."""
        block, body = self.view.position.block, () if self.stored is None else self.stored.article.body
        return body[min(block, len(body) - 1)].text if body and block >= 0 else ""

    def keep_position(self, *, save: bool = False) -> None:
        """Remember the position in the article; `save`: also in the library, as while the pane has the focus."""
        if self.stored is None:
            return
        key, position = self.stored.key, self.view.position
        self._main.session.set_position(key, position, save=save or self._main.pane == "article")
        if self._is_last_visit:
            self._visits[self._last_visit] = Visit(key, position)

    def update_written(self) -> None:
        """Show the highlights, notes and tags of the article as the library has them now; the position stays."""
        before, self.written = self.written, self._look_up_written(self.stored)
        if (before.tags, before.note) != (self.written.tags, self.written.note):
            self._show(self.view.position)
        elif before != self.written:
            self.highlights.show(self.written.annotations)

    def _show(self, position: ReadingPosition | None) -> None:
        list_pane = self._main.list_pane
        hint = HINT
        if list_pane.cursor is None:  # While articles are on their way, the list alone says so.
            hint = "" if list_pane.is_loading or list_pane.is_pending else NOTHING_LISTED
        self.view.show(self.stored, position, self._others, self.written, hint=hint)
        if self.written.annotations:
            self.highlights.show(self.written.annotations)

    # Opening

    def read(self, stored: StoredArticle | None, *, is_version: bool = False) -> None:
        """Open an article, or None for an empty pane; this ends a search in the last one.

        `is_version`: it is another version of the article being read; the way back and the listed version stay.
        """
        self.keep_position()
        listed = (self.listed or self.stored) if is_version else None
        self.listed = listed if listed and stored and listed.key != stored.key else None
        self.hit = self.hit if is_version else None
        self.is_from_notes = self.is_from_notes and is_version
        self.leads_on = False
        self._look_up_versions(stored)
        self.written = self._look_up_written(stored)
        self.stored = stored
        self._show(None if stored is None else self._main.session.position(stored.key))
        self._main.article_opened()

    def article_removed(self) -> None:
        """Say that the article being read is gone, and go to the list, so that the next one does not count as read."""
        # A correction by this program, which is still being written, opens the article again.
        if self.stored is not None and self._main.pane == "article" and not self._main.writes.busy:
            if self.hit is None:
                title = fit(sanitize(self.stored.article.title), 60)
                show_notice(self._main, f"“{title}” was removed or corrected elsewhere", seconds=10)
            self._main.panes.focus_pane("list")

    def open_under_cursor(self, *, is_gone: bool = False, is_version: bool = False) -> None:
        """Open the article under the list's cursor.

        `is_gone`: because the one in the pane was removed; `is_version`: it is another version of that one.
        """
        key, stored, hit = self._main.list_pane.key, None, self.hit
        with errors_shown(self._main):
            stored = None if key is None else self._library.article(key)
        self.read(stored)
        if is_version:
            self.hit = hit
        elif is_gone and hit is not None:
            show_notice(self._main, with_keys(_HIT_GONE), seconds=5)

    def open_hit(self, hit: "OpenedHit") -> None:
        """Open a search hit at its first match or note, with matches marked, and move the list's cursor to it."""
        self._main.dialogs.close_above()
        with errors_shown(self._main):
            self._point_at(hit.row.key)
            self.read(hit.stored)
            self.hit = hit
            body, note = hit.stored.article.body, self.written.note
            self.view.finder.show(matches_around_note(hit.places, body, note))
            for annotation in self.written.annotations:
                if annotation.number == hit.annotation:
                    self.highlights.scroll_to(annotation)
            self._focus()

    def open_from(self, view: View, key: int) -> None:
        """Open an article, and list the view that it was chosen from."""
        with errors_shown(self._main):
            stored = self._library.article(key)
            self._main.list_pane.to_select = key
            self._main.list_pane.show_view(view)
            self.read(stored)
            self._focus()

    def open_note(self, annotation: Annotation | None, key: int) -> None:
        """Open an article at a highlight or its note, or where it was left."""
        with errors_shown(self._main):
            self.keep_position()
            if self._is_last_visit and self.stored is not None and self.stored.key == key:
                # Another visit to the same article: the way back leads to the place that the reader is taken from.
                self._add_visit(self._visits[self._last_visit])
            self.is_from_notes = self._open(key)
            if self.is_from_notes and annotation is not None:
                self.highlights.scroll_to(annotation)

    def _open(self, key: int, position: ReadingPosition | None = None) -> bool:
        """Open an article at a position, or where it was left; False if its story is not listed.

        Raises LibraryError if the library no longer has it.
        """
        stored, row = self._library.article(key), self._library.row(key)
        if row is None:
            return False
        self.keep_position()
        self._point_at(row.key)
        if position is not None:
            self._main.session.set_position(key, position)
            self.stored = None  # So that its position is not kept over the wanted one.
        self.read(stored)
        self._focus()
        return True

    def _point_at(self, key: int) -> None:
        """Move the list's cursor to an article. If a filter hides it, all filters are cleared."""
        list_pane = self._main.list_pane
        index = list_pane.listing.index_of(key)
        if index is not None:
            list_pane.move(index)
        else:
            list_pane.to_select = key
            list_pane.show_other_view(View(sort=list_pane.view.sort))

    def _focus(self) -> None:
        if self._main.pane == "article":
            self._main.update_footer()
        else:
            self._main.panes.focus_pane("article")

    # Going back and forth

    def visit(self) -> None:
        """Remember that the article is being read; what was ahead is forgotten."""
        if self.stored is None or self._main.pane != "article" or self._is_jumping or self._is_last_visit:
            return
        self._add_visit(Visit(self.stored.key, self.view.position))

    @property
    def _is_last_visit(self) -> bool:
        return (
            self._last_visit >= 0
            and self.stored is not None
            and self._visits[self._last_visit].key == self.stored.key
        )

    def _add_visit(self, visit: Visit) -> None:
        self._visits = [*self._visits[: self._last_visit + 1], visit][-MOST_VISITS:]
        self._last_visit = len(self._visits) - 1

    def jump(self, step: int) -> None:
        """Go back (-1) or forward (1) through the articles read in this session, past those no longer kept."""
        self.keep_position()
        # After passing over other articles in the list, the first step back leads to the one read last.
        number = self._last_visit + step if self._is_last_visit or step > 0 else self._last_visit
        self._is_jumping = True
        while 0 <= number < len(self._visits):
            with suppress(LibraryError):
                if self._open(*self._visits[number]):
                    self._last_visit = number
                    break
            number += step
        else:
            where = "back" if step < 0 else "forward"
            show_notice(self._main, f"There is no article to go {where} to")
        self._is_jumping = False

    # Versions of a story

    def open_version(self, key: int, *, focus: bool = True) -> None:
        """Open a version of the article, listed or not, or the same one with other notices."""
        with errors_shown(self._main):
            self.read(self._library.article(key), is_version=True)
            if focus:
                self._focus()

    def leave_version(self) -> None:
        self.read(self.listed, is_version=True)

    def leave_hit(self) -> None:
        self.hit = None
        self._main.dialogs.reopen_search()

    def leave_to_notes(self) -> None:
        self.is_from_notes = False
        self._main.highlights.open_list()

    def update_versions(self) -> None:
        """Update the notices about other versions if the story has changed; the text being read stays."""
        stored = self.stored
        if stored is None:
            return
        with errors_shown(self._main):
            versions = self._library.versions(stored.key)
            if not versions or len(versions) == stored.occurrences:
                return
            listed = None if versions[0].key == stored.key else self._library.article(versions[0].key)
            self.read(self._library.article(stored.key), is_version=True)
            self.listed = listed

    def follow(self, key: int) -> None:
        """Go on with an article whose `key` is new because its capture was parsed again."""
        main = self._main
        if self.stored is None:
            return
        with errors_shown(main):
            self.take_position_to(key)
            main.list_pane.to_select = key
            main.reload()
            if not main.queries.busy("list") and self.stored is not None and self.stored.key != key:
                # The list has another version of the story.
                self.open_version(key, focus=False)

    def take_position_to(self, key: int) -> None:
        """Have an article open at the place of the one being read, which has nearly the same text.

        Raises LibraryError.
        """
        if self.stored is None:
            return
        before, after = self.stored.article.body, self._library.article(key).article.body
        block, offset = self.view.position
        if 0 <= block < len(before):
            text = before[block].text
            same_blocks = (number for number, other in enumerate(after) if other.text == text)
            block = next(same_blocks, min(block, max(0, len(after) - 1)))
        elif block >= 0:
            # Parts below the body are numbered on from its last block.
            block += len(after) - len(before)
        self._main.session.set_position(key, ReadingPosition(block, offset))

    def _look_up_versions(self, stored: StoredArticle | None) -> None:
        """Look up the versions of the story, and what the article's notices say about them."""
        self._others, self.version_keys = OtherVersions(), ()
        if stored is None or stored.occurrences == 1:
            return
        with errors_shown(self._main):
            versions = self._library.versions(stored.key)
            self.version_keys = [version.key for version in versions]
            if versions and versions[0].key != stored.key:
                self._others = OtherVersions(listed=versions[0].source)
            elif stored.completed:
                truncated = (v.truncated and v.identity != versions[0].identity for v in versions)
                self._others = OtherVersions(truncated=sum(truncated))

    def _look_up_written(self, stored: StoredArticle | None) -> Written:
        if stored is not None:
            with errors_shown(self._main), suppress(GoneError):
                annotations = self._library.annotations
                return Written(annotations.of(stored.key), annotations.tags(stored.key))
        return Written()
