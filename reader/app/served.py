"""The app in a browser: what is drawn goes to `protocol-reader serve`, which sends it to the page."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from threading import Lock
from typing import Any

from textual import messages
from textual.app import App
from textual.drivers.web_driver import WebDriver

NO_PIPE = "In a browser no article is piped to a command: it would run where the reader is served from"
NO_SUSPENDING = "In a browser there is no shell to go to; q ends the reader"


class ServedDriver(WebDriver):
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
