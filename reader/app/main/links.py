"""Opens addresses in the user's browser and copies them: the article's page, and links, chosen by letters."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice, product
from shutil import which
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from reader.addresses import ARCHIVE, archive_address, clean_url, host_first, original_address
from reader.app.keys import keys_of, with_keys
from reader.app.messages import show_error, show_notice
from reader.app.text.document import VisibleLink
from reader.app.text.wrapping import fit
from reader.app.widgets.panes import Piece, key_line
from reader.errors import ReaderError
from reader.permissions import Permission, require
from reader.sanitize import sanitize

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen


# The browser

_AT_ONCE: Final = 5
"""Seconds in which a browser that cannot open an address ends. Later, its user may have ended it."""
_NO_BROWSER: Final = "No browser found; $BROWSER can name one"


class BrowserError(ReaderError):
    """The browser cannot be started."""


def browse(address: str, command: str = "", failed: Callable[[str], object] = lambda _: None) -> str:
    """Open an address in the browser; return it as passed to the browser.

    Raises BrowserError if that fails, NotPermittedError if running commands is not permitted. If the browser ends at
    once with an error, a thread calls `failed` with a sentence.

    Only addresses that `clean_url` accepts are opened. The browser is `command`, from the settings; else the first
    that exists of $BROWSER (commands separated by colons), else the system's command for addresses. It gets no input,
    its output is dropped, and it runs in its own session, so that it survives Ctrl-C and the end of this program.
    """
    require(Permission.RUN_COMMANDS)
    url = clean_url(address)
    if url is None:
        raise BrowserError("Not a web address, so it was not opened")
    for template in [shlex.split(command)] if command else _commands():
        words = [word.replace("%s", url) for word in template]
        if words == template:
            words.append(url)
        try:
            null = subprocess.DEVNULL
            process = subprocess.Popen(words, stdin=null, stdout=null, stderr=null, start_new_session=True)
        except (OSError, ValueError):
            continue
        Thread(target=_wait, args=(process, words[0], failed), daemon=True).start()
        return url
    if command:
        raise BrowserError(f"“{command}” cannot be started; change the setting network.browser")
    raise BrowserError(_NO_BROWSER)


def _wait(process: "subprocess.Popen[bytes]", name: str, failed: Callable[[str], object]) -> None:
    """Wait for the browser, also so that no zombie process is left."""
    started = monotonic()
    status = process.wait()
    if status and monotonic() - started < _AT_ONCE:
        failed(f"“{name}” failed with status {status}: the browser may not have opened")


def _commands() -> Iterator[list[str]]:
    for command in os.environ.get("BROWSER", "").split(os.pathsep):
        try:
            words = shlex.split(command)
        except ValueError:
            continue
        if words and which(words[0]):
            yield words
    if sys.platform == "darwin":
        yield ["open"]
    # Without a display xdg-open would start a text browser, which would have no terminal.
    elif os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        yield ["xdg-open"]
    elif os.environ.get("WSL_DISTRO_NAME"):
        yield ["wslview"]


# The main screen's links

LETTERS: Final = "fjdkslaghrueiwotpvmcbnxz"
"""The letters for links, the easiest to reach first; q leaves."""
GONE: Final = "protocol.com"
"""A site whose pages are only in web archives any more."""
CLIPBOARD_BYTES: Final = 100_000
"""The most that terminals accept by OSC 52."""


class Links:
    """Opens and copies the address and the links of the article on a main screen."""

    def __init__(self, main: "MainScreen") -> None:
        self._main = main
        self._pane = main.article_pane
        self._links: Mapping[str, VisibleLink] = {}
        """The links in sight when choosing began, by their letters."""
        self._typed = ""

    # Addresses

    @property
    def opens(self) -> str:
        """Where `open_page` finds the page: "archive" or "site"; "" without an address."""
        address = self._address
        if address is None:
            return ""
        is_gone = f".{urlsplit(address).hostname}".endswith(f".{GONE}")
        return "archive" if is_gone or original_address(address) != address else "site"

    @property
    def _address(self) -> str | None:
        stored = self._pane.stored
        return clean_url(stored.url) if stored is not None and stored.url else None

    def open_page(self, other: bool = False) -> None:
        """Open the article's page in the browser where `opens` says, or in the `other` place of the two."""
        stored, address = self._pane.stored, self._address
        if stored is None:
            return
        if address is None:
            links = "; {out.links} lists its links" if stored.article.links else ""
            show_notice(self._main, with_keys(f"The capture does not name the address of its page{links}"))
        elif (self.opens == "archive") is other:
            self.open(original_address(address) or address)
        else:
            self.open(archive_address(address, stored.captured) or f"{ARCHIVE}{address}")

    def open(self, address: str) -> None:
        """Open an address in the browser, with a notice; without a browser, copy it."""
        app, url = self._main.app, clean_url(address)
        try:
            if app.is_web and url is not None:
                app.open_url(url)
            else:
                url = browse(address, app.settings.browser, partial(app.call_later, show_error, app))
            show_notice(app, f"{host_first(url)} opened in the browser")
        except ReaderError as error:
            if url is not None and isinstance(error, BrowserError):
                self.copy(url, "The address", f"{error}. {url} was")
            else:
                show_notice(app, str(error))

    def copy_address(self) -> None:
        """Copy the address that the capture names, or else its path."""
        stored, address = self._pane.stored, self._address
        if stored is not None and address is not None:
            self.copy(address, "The address")
        elif stored is not None:
            path = sanitize(stored.source)
            self.copy(
                path, "The path", f"The capture does not name the address of its page; its path, {path}, was"
            )

    def copy(self, text: str, name: str, copied: str = "") -> None:
        """Copy a text to the clipboard, with a notice of what was `copied`, by default the text itself.

        `name` is what to call it if it is too long.
        """
        if len(text.encode()) > CLIPBOARD_BYTES:
            show_notice(self._main, f"{name} is too long for the clipboard")
        else:
            self._main.app.copy_to_clipboard(text)
            show_notice(self._main, f"{copied or text} sent to the clipboard")

    # Letters

    @property
    def letters(self) -> Mapping[str, VisibleLink]:
        """The links that can still be chosen, by their letters; scrolling, opening or resizing removes them."""
        return self._pane.view.links.letters

    def start_choosing(self) -> None:
        """Draw letters on the links in sight."""
        stored, is_shown = self._pane.stored, "article" in self._main.panes.regions
        if stored is None:
            return
        links = self._pane.view.links.visible() if is_shown else []
        if links:
            self._main.app.clear_old_notices()
            self._links = dict(zip(labels(len(links)), links, strict=True))
            self._type("")
        else:
            more = with_keys("; {out.links} lists all links of the article") if stored.article.links else ""
            show_notice(self._main, "No link is visible" + more)

    def take_key(self, key: str, character: str | None) -> bool:
        """Use a key to choose a link; return False for any other key, which removes the letters."""
        letter = (character or "").lower()
        if not self.letters:
            return False
        if key == "backspace" and self._typed:
            self._type(self._typed[:-1])
        elif key in (*keys_of("panes.back"), *keys_of("app.quit"), *keys_of("out.follow")):
            self.stop_choosing()
        elif not letter.isalpha():
            self.stop_choosing()
            return False
        else:
            self._type(self._typed + letter)
        return True

    def stop_choosing(self) -> None:
        if self.letters:
            self._draw_letters({})

    def _type(self, typed: str) -> None:
        """Draw the letters that can still be typed; once they name one link, open it."""
        self._typed = typed
        candidates = {label: link for label, link in self._links.items() if label.startswith(typed)}
        chosen = candidates.get(typed)
        self._draw_letters(candidates if chosen is None else {})
        if not candidates:
            show_notice(self._main, f"No link has the letters “{typed}”")
        elif chosen is not None:
            self.open(chosen.url)

    def _draw_letters(self, letters: Mapping[str, VisibleLink]) -> None:
        self._pane.view.links.show_letters(letters)
        self._main.update_footer()


def labels(count: int) -> list[str]:
    """Make `count` labels of equal length, so that none is the start of another."""
    length = 1
    while len(LETTERS) ** length < count:
        length += 1
    return ["".join(label) for label in islice(product(LETTERS, repeat=length), count)]


def link_choice_pieces(letters: Mapping[str, VisibleLink], width: int) -> list[Piece]:
    """Compose the footer: as many links as fit, each with its letters and where it leads."""
    hosts = []
    for label, link in letters.items():
        address = host_first(link.url)
        is_only = len(letters) == 1  # Then show it whole.
        hosts.append((label, fit(address, width - 30) if is_only else fit(address.partition("/")[0], 60), ""))
    return [Piece(" open ", "bar--strong"), *key_line(hosts, [("{panes.back}", "leave", "")], "", width - 6)]
