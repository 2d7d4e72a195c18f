"""Opens and copies the article's page and the links in its text, which are chosen by letters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, cast

from textual.message import Message

from reader.app.browser import ARCHIVE, BrowserError, browse, host_first
from reader.app.keys import key_for, keys_of, with_keys
from reader.app.main.article_pane import ArticlePane
from reader.app.notices import show_notice
from reader.app.text.parts import LinkInSight
from reader.app.text.wrapping import fit, width_of
from reader.app.widgets.bars import Piece
from reader.sanitize import clean_url, sanitize

if TYPE_CHECKING:
    from reader.app.app import ReaderApp

LETTERS = "fjdkslaghrueiwotpvmcbnxz"
"""The letters nearest to resting fingers first; y and q mean something else."""
SINGLE = 20
"""The most links that have one letter each."""
COPY = "y"
_HOME = LETTERS[:9]
_SHORTEST = 12
"""The fewest cells in which an address says something."""
CLIPBOARD_BYTES = 100_000
"""The most that terminals take over OSC 52."""


class Following(NamedTuple):
    """Links that wait for letters."""

    targets: Sequence[tuple[str, str]]
    """Label and address of each link."""
    typed: str = ""
    copies: bool = False
    """Whether the address is copied, not opened."""

    @property
    def left(self) -> list[tuple[str, str]]:
        """The links that the typed letters can still mean."""
        return [target for target in self.targets if target[0].startswith(self.typed)]


class Links:
    """Opens and copies what the article in a pane leads to."""

    class LettersChanged(Message):
        """Letters to choose links by were drawn, or taken away. Posted to the article's view."""

    def __init__(self, pane: ArticlePane) -> None:
        self._pane = pane
        self._lettered: list[LinkInSight] = []
        """The links that have letters."""
        self._following: Following | None = None

    # Addresses

    def open_page(self, *, archived: bool = False) -> None:
        """Open the page of the article in the browser, or the captures that the Wayback Machine has of it."""
        stored = self._pane.stored
        if stored is None:
            return
        address = clean_url(stored.url) if stored.url else None
        if address is None:
            unknown = "The capture does not say its page’s address; {out.links} shows the links it has"
            show_notice(self._pane.view, with_keys(unknown))
        else:
            self.open(f"{ARCHIVE}{address}" if archived else address)

    def open(self, address: str) -> None:
        """Open an address in the browser, and say so."""
        app = cast("ReaderApp", self._pane.view.app)
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
            show_notice(self._pane.view, f"{what} is too long for the clipboard")
            return
        self._pane.view.app.copy_to_clipboard(text)
        show_notice(self._pane.view, f"{text} sent to the clipboard")

    # Letters

    @property
    def following(self) -> Following | None:
        """The links that wait for letters; scrolling, another article and another layout end it."""
        return self._following if self._pane.view.links.lettered else None

    def offer_letters(self, *, visible: bool) -> None:
        """Give each link in sight letters to choose it by; `visible`: whether the pane is shown."""
        if self._pane.stored is None:
            return
        self._lettered = self._pane.view.links.in_sight() if visible else []
        if not self._lettered:
            elsewhere = len(self._pane.stored.article.links)
            more = with_keys("; {out.links} lists those of the article") if elsewhere else ""
            show_notice(self._pane.view, "No link is in sight" + more)
            return
        letters = labels(len(self._lettered))
        self._wait(
            Following([(label, seen.url) for label, seen in zip(letters, self._lettered, strict=True)])
        )

    def take_key(self, key: str, character: str | None) -> bool:
        """Take a key that is meant for the letters; return False for any other, which ends them."""
        following = self.following
        if following is None:
            return False
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
        """Show the letters that can still be typed; where they name one link, open or copy it."""
        left = following.left if following is not None else []
        if following is not None and not left:
            show_notice(self._pane.view, f"No link has the letters “{following.typed}”")
            following = None
        chosen = following is not None and left[0][0] == following.typed
        self._following = None if chosen else following
        shown = {label for label, _ in left} if self._following is not None else set()
        targets = following.targets if following is not None else ()
        lettered = zip(self._lettered, targets, strict=False)
        self._pane.view.links.show_letters((seen, label) for seen, (label, _) in lettered if label in shown)
        self._pane.view.post_message(self.LettersChanged())
        if following is not None and chosen:
            if following.copies:
                self.copy(left[0][1], "The address")
            else:
                self.open(left[0][1])


def labels(count: int) -> list[str]:
    """Make `count` different labels of the same length, so that none is the start of another."""
    if count <= SINGLE:
        return list(LETTERS[:count])
    length = 2
    while len(LETTERS) ** length < count:
        length += 1
    letters = _HOME if count <= len(_HOME) ** length else LETTERS
    return ["".join(label) for label, _ in zip(product(letters, repeat=length), range(count), strict=False)]


def following_pieces(following: Following, width: int) -> list[Piece]:
    """Write the footer: what the letters do, and where as many links lead as there is room for."""
    left = following.left
    ends = [(key_for("panes.back"), "leave")]
    if not following.copies and not following.typed:
        # With little room, Esc goes without saying.
        ends = [(COPY, "copy instead"), *ends] if width >= 60 else [(COPY, "copy")]
    tail = [piece for key, word in ends for piece in _hint(key, word)]
    does = "copy" if following.copies else "open"
    pieces = [Piece(f" {does}  ", "bar--strong")]
    room = width - sum(width_of(piece.text) for piece in (*pieces, *tail))
    for number, (label, url) in enumerate(left):
        more = number + 1 < len(left)
        rest = room - len(label) - 3 - (3 if more else 0)
        if rest < _SHORTEST:
            pieces.append(Piece("…  ", "bar--muted"))
            room -= 3
            break
        # A single address is shown whole; of several the host says most.
        address = host_first(url)
        shown = fit(address if len(left) == 1 else address.partition("/")[0], min(rest, 60 if more else rest))
        pieces += _hint(label, shown)
        room -= len(label) + 3 + width_of(shown)
    return [*pieces, Piece(" " * max(0, room)), *tail]


def _hint(key: str, word: str) -> list[Piece]:
    return [Piece(key, "bar--key"), Piece(f" {word}", "bar--muted"), Piece("  ")]
