"""A page of the reader in a browser, without a browser: keys over the WebSocket, a terminal shows what comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import pyte

from tests.web.stage import Served, resize

TIMEOUT: Final = 20.0
"""Seconds after which a page that does not show what is waited for has failed."""
KEYS: Final = {
    "Enter": "\r",
    "Esc": "\x1b",
    "Tab": "\t",
    "Ctrl-p": "\x10",
    "Ctrl-u": "\x15",
    "Ctrl-z": "\x1a",
}
_COLUMNS, _LINES = 110, 36


class Page:
    def __init__(self, line: aiohttp.ClientWebSocketResponse) -> None:
        self._line = line
        self._screen = pyte.Screen(_COLUMNS, _LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._news = asyncio.Event()
        self.told: list[Any] = []
        """What the page is told to do, such as ["open_url", {...}]."""
        self.ended = False
        """Whether the session is over."""

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    async def press(self, *keys: str) -> None:
        """Press keys: characters, or names of `KEYS`."""
        for key in keys:
            await self._line.send_json(["stdin", KEYS.get(key, key)])

    async def type(self, text: str) -> None:
        """Type a text, a key at a time."""
        await self.press(*text)

    async def until(self, condition: Callable[[str], object]) -> str:
        """Wait until the screen's text is as it should be; the text."""
        try:
            async with asyncio.timeout(TIMEOUT):
                while not condition(self.text):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(self.text) from None
        return self.text

    async def listen(self) -> None:
        """Take in all that comes until the line ends."""
        async for message in self._line:
            if message.type is aiohttp.WSMsgType.BINARY:
                # What Textual asks a terminal is no text, but pyte would show a part of it.
                self._stream.feed(message.data.replace(b"\x1b[?2026$p", b""))
            elif message.type is aiohttp.WSMsgType.TEXT:
                self.told.append(json.loads(message.data))
            self._news.set()
        self.ended = True
        self._news.set()


@asynccontextmanager
async def a_page(served: Served) -> AsyncIterator[Page]:
    """A page of a server's, with a session of its own, that is resized before the reader has started."""
    async with served.line(f"/ws?width={_COLUMNS}&height=12") as line:
        await line.send_str(resize(_COLUMNS, _LINES))
        page = Page(line)
        listening = asyncio.create_task(page.listen())
        try:
            # Textual begins without the focus, whatever has been said before.
            await page.until(str.strip)
            await line.send_json(["focus"])
            yield page
        finally:
            await line.close()
            await listening
