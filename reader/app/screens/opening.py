"""What is opened: hits of a search, other versions of a story, addresses in the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from reader.app.flow import Place
from reader.app.keys import key_for, tell
from reader.app.screens.marking import Marking
from reader.app.shown import Reading, place
from reader.errors import LibraryError
from reader.library import ArticleRow, SavedSearch
from reader.safe_text import clean_url

if TYPE_CHECKING:
    from reader.app.asking import Opened
    from reader.app.screens.search import SearchScreen

SEARCH = "search"
"""The name by which the app keeps the search screen."""


class Opening(Marking):
    """The part of the main screen that shows what other screens have chosen."""

    search: SearchScreen | None = None
    """The search screen, once it has been needed."""

    # Search

    def action_search(self, query: str = "") -> None:
        """Search the whole library; what was looked for last can be typed over."""
        if self.search is None:
            from reader.app.screens.search import SearchScreen

            self.search = SearchScreen(self.library, self.open_hit, self.write)
            self.app.install_screen(self.search, SEARCH)
            self.app.push_screen(SEARCH)
        else:
            self.app.push_screen(SEARCH)
            self.search.action_query()
        if query:
            self.search.call_after_refresh(self.search.search, query)

    def saved_searches(self) -> Sequence[SavedSearch]:
        """The searches that were saved."""
        try:
            return self.library.state.searches()
        except LibraryError as error:
            self.complain(str(error))
            return ()

    def forget_search(self, search: SavedSearch, then: Callable[[], None]) -> None:
        """Remove a saved search, and then do something more."""

        def done() -> None:
            then()
            self.say(f"“{search.name}” is removed; {key_for('state.undo')} brings it back")

        self.write(lambda own: own.state.remove_search(search.name), done)

    def open_hit(self, hit: Opened) -> None:
        """Read a hit, every match marked, the first in sight. The list's cursor goes to it, whatever the filters."""
        if self.point_at(hit.row):
            self.read(hit.stored)
            self.hit = hit
            self.article.show_found(hit.places)
            self.paint_article()

    def point_at(self, row: ArticleRow) -> bool:
        """Put the list's cursor on an article, whatever the filters; False, which is said, when that fails."""
        try:
            if self.shown.index_of(row.key) is None:
                self.shown = place(self.shown.listing, Reading(row))
            index = self.shown.index_of(row.key)
        except LibraryError as error:
            self.complain(str(error))
            return False
        guest = self.shown.guest
        if (None if guest is None else guest.key) != self.articles.guest:
            self.articles.guest = None if guest is None else guest.key
            self.articles.show(self.shown, index or 0)
        else:
            self.articles.move(index or 0)
        return True

    def paint_article(self) -> None:
        """Show the article pane, all that changed in one frame."""
        if self.pane == "article":
            self.tell_footer()
            self.paint_at_once()
        else:
            # All is painted when it is arranged; a pane that is reported before would be left out.
            self.turn_to("article")

    def step_hit(self, step: int) -> bool:
        """Read the next hit, or the one before, where a hit is being read; False where none is."""
        if self.hit is None or self.search is None or self.pane != "article":
            return False
        if not self.search.step(step):
            self.say(f"No hit further {'down' if step > 0 else 'up'}")
        return True

    def back_from_elsewhere(self) -> bool:
        """Back from another version to the listed one, or from a hit to the results; False where neither is read."""
        if self.pane != "article":
            return False
        if self.listed is not None:
            hit = self.hit
            self.read(self.listed)
            self.hit = hit
            self.paint_at_once()
            return True
        if self.hit is None:
            return False
        self.hit = None
        self.app.push_screen(SEARCH)
        return True

    # Addresses

    def action_open_address(self) -> None:
        """Open the page of the article in the browser."""
        if self.stored is not None and (address := self._address()):
            self.browse(address)

    def action_look_up(self) -> None:
        """Look for captures of the page in the Wayback Machine."""
        from reader.app.browser import ARCHIVE

        if self.stored is not None and (address := self._address()):
            self.browse(ARCHIVE + address)

    def action_links(self) -> None:
        """Show where the article leads."""
        from reader.app.screens.links import LinksScreen

        def chosen(address: str | None) -> None:
            if address is not None:
                self.browse(address)

        if self.stored is not None:
            self.app.push_screen(LinksScreen(self.stored.article), chosen)

    def browse(self, address: str) -> None:
        """Open an address in the browser, and say so."""
        from reader.app.browser import BrowserError, browse, host_first

        if self.app.is_web:
            if (url := clean_url(address)) is not None:
                self.app.open_url(url)
                self.say(f"{host_first(url)} handed to the browser")
            return
        try:
            self.say(f"{host_first(browse(address, self.settings.browser))} handed to the browser")
        except BrowserError as error:
            self.say(str(error))

    def _address(self) -> str | None:
        """The address of the page that is read; None, which is said, when its capture does not tell."""
        url = None if self.stored is None else self.stored.url
        address = clean_url(url) if url else None
        if address is None:
            self.say(tell("The capture does not say its page’s address; {out.links} shows the links it has"))
        return address

    # Versions

    def action_versions(self) -> None:
        """Show which versions of the article there are, and how they differ."""
        if self.stored is None:
            return
        from reader.app.screens.versions import VersionsScreen

        screen = VersionsScreen(self.library, self.stored, self.write)

        def chosen(key: int | None) -> None:
            if key is not None:
                self.show_version(key)
            elif screen.changed and self.stored is not None:
                # What it says of the other versions is no longer so.
                self._read_version(self.stored.key)
                self.paint_at_once()

        self.app.push_screen(screen, chosen)

    # Why

    def action_why(self) -> None:
        """Show why each line of the article was read as it was."""
        from reader.app.screens.why import WhyScreen

        if self.stored is not None:
            self.app.push_screen(WhyScreen(self.library, self.stored, self.write, self.follow))

    def follow(self, key: int) -> None:
        """The article being read has another key, since its capture was read again: go on with it."""
        stored = self.stored
        if stored is None:
            return
        try:
            new = self.library.article(key)
        except LibraryError as error:
            self.complain(str(error))
            return
        block, offset = self.article.place
        if 0 <= block < len(stored.article.body):
            text = stored.article.body[block].text
            same = (number for number, other in enumerate(new.article.body) if other.text == text)
            block = next(same, min(block, max(0, len(new.article.body) - 1)))
        elif block >= 0:
            # What stands below the body counts on from it.
            block += len(new.article.body) - len(stored.article.body)
        self._places[key] = Place(block, offset)
        self._heir = key
        self._renew(self.library.version())
        if not self.clerk.busy("list") and self.stored is not None and self.stored.key != key:
            # Another version of the story is listed.
            self._read_version(key)

    def show_version(self, key: int) -> None:
        """Read one version of the article, whichever the list shows."""
        if self._read_version(key):
            self.paint_article()

    def _renew(self, version: int) -> None:
        super()._renew(version)
        self._follow_story()

    def _follow_story(self) -> None:
        """The text being read stays; what is said of its story's other versions is what holds now."""
        stored = self.stored
        if stored is None:
            return
        try:
            face = self.library.face(stored.key)
            if face is None or face.sightings == stored.sightings:
                return
            listed = None if face.key == stored.key else self.library.article(face.key)
        except LibraryError as error:
            self.complain(str(error))
            return
        if self._read_version(stored.key):
            self.listed = listed
            self.paint_at_once()

    def _read_version(self, key: int) -> bool:
        hit, listed = self.hit, self.listed or self.stored
        try:
            stored = self.library.article(key)
        except LibraryError as error:
            self.complain(str(error))
            return False
        self.read(stored)
        self.hit = hit
        self.listed = listed if listed is not None and listed.key != key else None
        return True
