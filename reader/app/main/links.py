"""Where the article being read leads: its page, the links in its text, and the letters to choose those by."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from reader.app.keys import keys_of, with_keys
from reader.app.notices import show_notice
from reader.sanitize import clean_url, sanitize

if TYPE_CHECKING:
    from reader.app.app import ReaderApp
    from reader.app.main.article_pane import ArticlePane
    from reader.app.text.body_links import Seen
    from reader.app.text.link_letters import Following

CLIPBOARD_BYTES = 100_000
"""The most that terminals take over OSC 52."""


class Links:
    """Opens and copies what the article in a pane leads to."""

    def __init__(self, pane: ArticlePane) -> None:
        self._pane = pane
        self._lettered: list[Seen] = []
        """The links that have letters."""
        self._following: Following | None = None

    # Addresses

    def open_page(self, *, archived: bool = False) -> None:
        """Open the page of the article in the browser, or the captures that the Wayback Machine has of it."""
        from reader.app.browser import ARCHIVE  # It starts programs: the first screen need not import that.

        stored = self._pane.stored
        if stored is None:
            return
        address = clean_url(stored.url) if stored.url else None
        if address is None:
            unknown = "The capture does not say its page’s address; {out.links} shows the links it has"
            show_notice(self._pane, with_keys(unknown))
        else:
            self.open(f"{ARCHIVE}{address}" if archived else address)

    def open(self, address: str) -> None:
        """Open an address in the browser, and say so."""
        from reader.app.browser import BrowserError, browse, host_first

        app = cast("ReaderApp", self._pane.app)
        if app.is_web:
            if (url := clean_url(address)) is not None:
                app.open_url(url)
                show_notice(app, f"{host_first(url)} handed to the browser")
            return
        try:
            show_notice(app, f"{host_first(browse(address, app.settings.browser))} handed to the browser")
        except BrowserError as error:
            show_notice(app, str(error))

    def copy_address(self) -> None:
        """Copy the page's address, or the path it was read from."""
        stored = self._pane.stored
        if stored is not None:
            address = clean_url(stored.url) if stored.url else None
            self.copy(address or sanitize(stored.source), "The address")

    def copy(self, text: str, what: str) -> None:
        """Send a text to the clipboard, and say so."""
        if len(text.encode()) > CLIPBOARD_BYTES:
            show_notice(self._pane, f"{what} is too long for the clipboard")
            return
        self._pane.app.copy_to_clipboard(text)
        show_notice(self._pane, f"{text} sent to the clipboard")

    # Letters

    @property
    def following(self) -> Following | None:
        """The links that wait for letters; scrolling, another article and another layout end that."""
        return self._following if self._pane.lettered else None

    def offer_letters(self, *, visible: bool) -> None:
        """Give each link in sight letters to choose it by; `visible`: whether the pane is."""
        from reader.app.text.link_letters import Following, labels

        if self._pane.stored is None:
            return
        self._lettered = self._pane.links_in_sight() if visible else []
        if not self._lettered:
            elsewhere = len(self._pane.stored.article.links)
            more = with_keys("; {out.links} lists those of the article") if elsewhere else ""
            show_notice(self._pane, "No link is in sight" + more)
            return
        letters = labels(len(self._lettered))
        self._wait(
            Following([(label, seen.url) for label, seen in zip(letters, self._lettered, strict=True)])
        )

    def take_key(self, key: str, character: str | None) -> bool:
        """Whether a key is meant for the letters; any that is not ends them and does what it always does."""
        following = self.following
        if following is None:
            return False
        from reader.app.text.link_letters import COPY

        letter = (character or "").lower()
        if key == "backspace" and following.typed:
            self._wait(following._replace(typed=following.typed[:-1]))
        elif key in (*keys_of("panes.back"), *keys_of("app.quit"), *keys_of("out.follow")):
            self.stop_following()
        elif not letter.isalpha():
            self.stop_following()
            return False
        elif letter == COPY and not following.typed:
            self._wait(following._replace(copies=not following.copies))
        else:
            self._wait(following._replace(typed=following.typed + letter))
        return True

    def stop_following(self) -> None:
        """Take the letters away."""
        if self._following is not None:
            self._wait(None)

    def _wait(self, following: Following | None) -> None:
        """Show the letters that can still be typed; where they name a link, go there."""
        left = following.left if following is not None else []
        if following is not None and not left:
            show_notice(self._pane, f"No link has the letters “{following.typed}”")
            following = None
        chosen = following is not None and left[0][0] == following.typed
        self._following = None if chosen else following
        shown = {label for label, _ in left} if self._following is not None else set()
        targets = following.targets if following is not None else ()
        lettered = zip(self._lettered, targets, strict=False)
        self._pane.show_letters((seen, label) for seen, (label, _) in lettered if label in shown)
        self._pane.post_message(self._pane.LettersChanged())
        if following is not None and chosen:
            if following.copies:
                self.copy(left[0][1], "The address")
            else:
                self.open(left[0][1])
