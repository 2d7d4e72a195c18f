"""Runs the app in a browser: its output goes to `protocol-reader serve`, which sends it to the page."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any, BinaryIO, Final, TextIO

from textual import events
from textual.app import App, ScreenStackError
from textual.drivers.web_driver import WebDriver
from textual.geometry import Size
from textual.message import Message

MAX_DOWNLOADS: Final = 4
"""How many files wait for the browser to fetch them, at most."""


class BrowserDriver(WebDriver):
    """Writes packets whole, ends with the server that serves it, and keeps the page up to date.

    The page gets the background's color, and whether keys type letters, for which it opens the on-screen keyboard.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._write = whole_writer(self.fileno)  # type: ignore[assignment]
        self._typing = False
        """Do keys type letters, as last sent to the page?"""

    def start_application_mode(self) -> None:
        """Start, and send the page the theme's background for its area outside of the cells."""
        super().start_application_mode()
        self._send_background()
        self._app.theme_changed_signal.subscribe(self._app, lambda _: self._send_background(), immediate=True)
        # Textual may post the first size after one that the page has sent meanwhile; this comes after both.
        asyncio.run_coroutine_threadsafe(self._post_size(), asyncio.get_running_loop())
        # The page answers with its focus, which must arrive after Textual's own assumption that it has none.
        self._app.call_later(self._send_typing)

    async def _post_size(self) -> None:
        if self._size is not None:
            size = Size(*self._size)
            self._app.post_message(events.Resize(size, size))

    def flush(self) -> None:
        """After each drawing, send the page whether keys type letters, if that has changed."""
        with contextlib.suppress(ScreenStackError):
            focused = self._app.focused
            typing = focused is not None and focused.check_consume_key("a", "a")
            if typing != self._typing:
                self._typing = typing
                self._send_typing()

    def _send_typing(self) -> None:
        self.write(f"\x1b]7770;{int(self._typing)}\x07")

    def _send_background(self) -> None:
        color = self._app.theme_variables.get("background", "")
        if re.fullmatch("#[0-9A-Fa-f]{6}", color):
            self.write(f"\x1b]11;{color}\x07")

    def process_message(self, message: Message) -> None:
        """Ignore sizes among the keys: the server sends the page's size, which it has checked."""
        if not isinstance(message, events.Resize):
            super().process_message(message)

    def _deliver_file(self, binary: BinaryIO | TextIO, **options: Any) -> None:
        """Drop the oldest waiting files first: files that are never fetched would fill the disk."""
        while len(self._deliveries) >= MAX_DOWNLOADS:
            self._deliveries.pop(next(iter(self._deliveries))).close()
        super()._deliver_file(binary, **options)

    def run_input_thread(self) -> None:
        """Read keys until the page or the server is gone, then exit as when a terminal closes."""
        super().run_input_thread()
        self._app.call_later(partial(self._app.exit, return_code=128 + signal.SIGHUP))


def whole_writer(descriptor: int) -> Callable[[bytes], None]:
    """Make a function that writes packets to a file descriptor, each whole before the next, from any thread.

    The thread that reads keys sends files, and a pipe accepts only part of a large packet at once.
    """
    lock = Lock()

    def write(data: bytes) -> None:
        with lock:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]

    return write
