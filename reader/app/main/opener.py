"""Which article is read: the one under the cursor, a hit of a search, another version of the story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.app.notices import errors_shown
from reader.app.text.article_lines import OtherVersions
from reader.app.view import View
from reader.library import StoredArticle

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen
    from reader.app.search.questions import OpenedHit


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
            self._main.turn_to("article")

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
