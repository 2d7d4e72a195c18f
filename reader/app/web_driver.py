"""The app in a browser: what is drawn goes to `protocol-reader serve`, which sends it to the page."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from threading import Lock
from typing import Any, BinaryIO, Final, TextIO

from textual import events, messages
from textual.app import App
from textual.drivers.web_driver import WebDriver
from textual.message import Message

MOST_DOWNLOADS: Final = 4
"""Files that wait to be fetched by the browser."""


class PageDriver(WebDriver):
    """Textual's, but packets are written whole, the app ends with whoever serves it, and the page has its color."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        """As Textual's."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._write = whole_writer(self.fileno)  # type: ignore[assignment]

    def start_application_mode(self) -> None:
        """As Textual's; the page has the theme's background, also where no cell reaches."""
        super().start_application_mode()
        self._tell_background()
        self._app.theme_changed_signal.subscribe(self._app, lambda _: self._tell_background(), immediate=True)

    def _tell_background(self) -> None:
        color = self._app.theme_variables.get("background", "")
        if re.fullmatch("#[0-9A-Fa-f]{6}", color):
            self.write(f"\x1b]11;{color}\x07")

    def process_message(self, message: Message) -> None:
        """As Textual's, but a size never comes among the keys: that of the page has been checked by the server."""
        if not isinstance(message, events.Resize):
            super().process_message(message)

    def _deliver_file(self, binary: BinaryIO | TextIO, **about: Any) -> None:
        """As Textual's; files that are not fetched take room on the disk, so the oldest goes."""
        while len(self._deliveries) >= MOST_DOWNLOADS:
            self._deliveries.pop(next(iter(self._deliveries))).close()
        super()._deliver_file(binary, **about)

    def run_input_thread(self) -> None:
        """Read keys until there is nobody any more to send them; then nobody sees the app either."""
        super().run_input_thread()
        self._app.post_message(messages.ExitApp())


def whole_writer(number: int) -> Callable[[bytes], None]:
    """What writes packets to a file descriptor, each whole before the next, whichever thread it comes from.

    Files are handed out by the thread that reads keys, and a pipe takes no more than a part of a large packet at once.
    """
    lock = Lock()

    def write(data: bytes) -> None:
        with lock:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(number, rest) :]

    return write
