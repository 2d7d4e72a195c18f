"""Opens and copies the address of the article's page and of links, which the reader chooses by letters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import urlsplit

from textual.message import Message

from reader.app.browser import BrowserError, browse, host_first
from reader.app.keys import keys_of, with_keys
from reader.app.main.article_pane import ArticlePane
from reader.app.notices import show_notice
from reader.app.text.parts import VisibleLink
from reader.app.text.wrapping import fit
from reader.app.widgets.bars import Piece, key_line
from reader.model import ARCHIVE, archive_address, original_address
from reader.sanitize import clean_url, sanitize

if TYPE_CHECKING:
    from reader.app.app import ReaderApp

LETTERS = "fjdkslaghrueiwotpvmcbnxz"
"""The letters for links, the easiest to reach first; y and q have another meaning."""
COPY = "y"
GONE = "protocol.com"
"""A site whose pages are only in web archives any more."""
CLIPBOARD_BYTES = 100_000
"""The most that terminals accept by OSC 52."""


class LinkChoice(NamedTuple):
    """Links with letters, and the letters typed so far."""

    targets: Sequence[tuple[str, str]]
    """Label and address of each link."""
    typed: str = ""
    copies: bool = False
    """Is the address copied, not opened?"""

    @property
    def candidates(self) -> list[tuple[str, str]]:
        """The links whose letters begin with the typed ones."""
        return [target for target in self.targets if target[0].startswith(self.typed)]


class Links:
    """Opens and copies the address and the links of the article in a pane."""

    class LettersChanged(Message):
        """Letters on links were drawn or removed. Posted to the article's view."""

    def __init__(self, pane: ArticlePane) -> None:
        self._pane = pane
        self._lettered: list[VisibleLink] = []
        """The links that have letters."""
        self._link_choice: LinkChoice | None = None

    # Addresses

    @property
    def opens(self) -> str:
        """Where `open_page` finds the page first: "archive" or "site"; "" without an address."""
        address = self._address
        if address is None:
            return ""
        return "archive" if original_address(address) != address or is_gone(address) else "site"

    @property
    def _address(self) -> str | None:
        stored = self._pane.stored
        return clean_url(stored.url) if stored is not None and stored.url else None

    def open_page(self, *, other: bool = False) -> None:
        """Open the article's page in the browser where `opens` says, or in the `other` place of the two."""
        stored, address = self._pane.stored, self._address
        if stored is None:
            return
        if address is None:
            unknown = "The capture does not name the address of its page; {out.links} lists its links"
            show_notice(self._pane.view, with_keys(unknown))
        else:
            on_site = original_address(address) or address
            archived = archive_address(address, stored.captured) or f"{ARCHIVE}{address}"
            self.open(archived if (self.opens == "archive") is not other else on_site)

    def open(self, address: str) -> None:
        """Open an address in the browser, with a notice."""
        app = cast("ReaderApp", self._pane.view.app)
        if app.is_web:
            if (url := clean_url(address)) is not None:
                app.open_url(url)
                show_notice(app, f"{host_first(url)} opened in the browser")
            return
        try:
            show_notice(app, f"{host_first(browse(address, app.settings.browser))} opened in the browser")
        except BrowserError as error:
            show_notice(app, str(error))

    def copy_address(self) -> None:
        """Copy the page's address, or else the path of its capture."""
        stored = self._pane.stored
        if stored is not None:
            self.copy(self._address or sanitize(stored.source), "The address")

    def copy(self, text: str, name: str, copied: str = "") -> None:
        """Copy a text to the clipboard, with a notice of what was `copied`, by default the text itself.

        `name` is what to call it if it is too long.
        """
        if len(text.encode()) > CLIPBOARD_BYTES:
            show_notice(self._pane.view, f"{name} is too long for the clipboard")
            return
        self._pane.view.app.copy_to_clipboard(text)
        show_notice(self._pane.view, f"{copied or text} copied to the clipboard")

    # Letters

    @property
    def link_choice(self) -> LinkChoice | None:
        """The links with letters; None if there are none, also after scrolling, opening or resizing."""
        return self._link_choice if self._pane.view.links.lettered else None

    def start_choosing(self, *, visible: bool) -> None:
        """Draw letters on the links in sight; `visible`: is the pane shown?"""
        if self._pane.stored is None:
            return
        self._lettered = self._pane.view.links.visible() if visible else []
        if not self._lettered:
            has_links = bool(self._pane.stored.article.links)
            more = with_keys("; {out.links} lists all links of the article") if has_links else ""
            show_notice(self._pane.view, "No link is visible" + more)
            return
        letters = labels(len(self._lettered))
        self._update(
            LinkChoice([(label, link.url) for label, link in zip(letters, self._lettered, strict=True)])
        )

    def take_key(self, key: str, character: str | None) -> bool:
        """Use a key to choose a link; return False for any other key, which removes the letters."""
        choice = self.link_choice
        if choice is None:
            return False
        letter = (character or "").lower()
        if key == "backspace" and choice.typed:
            self._update(choice._replace(typed=choice.typed[:-1]))
        elif key in (*keys_of("panes.back"), *keys_of("app.quit"), *keys_of("out.follow")):
            self.stop_choosing()
        elif not letter.isalpha():
            self.stop_choosing()
            return False
        elif letter == COPY and not choice.typed:
            self._update(choice._replace(copies=not choice.copies))
        else:
            self._update(choice._replace(typed=choice.typed + letter))
        return True

    def stop_choosing(self) -> None:
        """Remove the letters."""
        if self._link_choice is not None:
            self._update(None)

    def _update(self, choice: LinkChoice | None) -> None:
        """Draw the letters that can still be typed; once they name one link, open or copy it."""
        candidates = choice.candidates if choice is not None else []
        if choice is not None and not candidates:
            show_notice(self._pane.view, f"No link has the letters “{choice.typed}”")
            choice = None
        is_chosen = choice is not None and candidates[0][0] == choice.typed
        self._link_choice = None if is_chosen else choice
        visible = {label for label, _ in candidates} if self._link_choice is not None else set()
        targets = choice.targets if choice is not None else ()
        lettered = zip(self._lettered, targets, strict=False)
        self._pane.view.links.show_letters((link, label) for link, (label, _) in lettered if label in visible)
        self._pane.view.post_message(self.LettersChanged())
        if choice is not None and is_chosen:
            if choice.copies:
                self.copy(candidates[0][1], "The address")
            else:
                self.open(candidates[0][1])


def is_gone(address: str) -> bool:
    """Is the page's site gone? protocol.com and its subdomains are."""
    host = urlsplit(address).hostname or ""
    return host == GONE or host.endswith(f".{GONE}")


def labels(count: int) -> list[str]:
    """Make `count` labels of equal length, so that none is the start of another."""
    length = 1
    while len(LETTERS) ** length < count:
        length += 1
    return ["".join(label) for label, _ in zip(product(LETTERS, repeat=length), range(count), strict=False)]


def link_choice_pieces(choice: LinkChoice, width: int) -> list[Piece]:
    """Compose the footer: what the letters do, and as many links as fit."""
    does = "copy" if choice.copies else "open"
    ends = [("{panes.back}", "leave", "")]
    if not choice.copies and not choice.typed:
        # Leave Esc out if there is little room.
        ends = [(COPY, "copy instead", ""), *ends] if width >= 60 else [(COPY, "copy", "")]
    hosts = [(label, fit(host_first(url).partition("/")[0], 60), "") for label, url in choice.candidates]
    if len(hosts) == 1:
        # Show a single address whole.
        ((label, url),) = choice.candidates
        hosts = [(label, fit(host_first(url), width - 30), "")]
    return [Piece(f" {does} ", "bar--strong"), *key_line(hosts, ends, "", width - len(does) - 2)]
