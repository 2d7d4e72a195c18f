"""Runs one reader in a browser: a process that draws to the page, gets its keys and ends with it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from typing import Final

from aiohttp.web import WebSocketResponse
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from reader.sanitize import sanitize

PATIENCE: Final = 7.0
"""Seconds that a reader may take to quit: longer than it waits for its last marks to be written."""
_SIGNAL_SECONDS: Final = 1.0
"""Seconds that it may take to end after a signal."""
MOST_CELLS: Final = 1_000
"""The most columns, and the most lines, of a window."""
_BEGIN: Final = b"__GANGLION__\n"
_MOST_ERRORS: Final = 20_000
"""Bytes of stderr that are kept."""
_TRACEBACK: Final = "Traceback (most recent call last)"
_LOG: Final = logging.getLogger(__name__)


class Downloads(DownloadManager):
    """The files that sessions offer for download. textual-serve would keep unfetched ones for ever."""

    async def cancel_app_downloads(self, app_service_id: str) -> None:
        """Drop the files of a session that ends."""
        await super().cancel_app_downloads(app_service_id)
        for key, download in tuple(self._active_downloads.items()):
            if download.app_service.app_service_id == app_service_id:
                del self._active_downloads[key]


class Session(AppService):
    """The process of one page.

    Unlike textual-serve's, its command is a list of words that no shell interprets, the process is sure to end, and
    its errors are shown in the page, not on the terminal that serves it.
    """

    def __init__(self, words: Sequence[str], line: WebSocketResponse, downloads: Downloads) -> None:
        """`words`: the command; `line`: the WebSocket of its page."""
        super().__init__(
            "",
            write_bytes=line.send_bytes,
            write_str=line.send_str,
            close=line.close,  # type: ignore[arg-type] # its result is not used
            download_manager=downloads,
        )
        self._words = words
        self._ending: asyncio.Task[None] | None = None
        """Ends the process; None until it is to end."""

    async def set_terminal_size(self, width: int, height: int) -> None:
        """Tell the process how many cells the window has."""
        await super().set_terminal_size(_in_cells(width), _in_cells(height))

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = self._build_environment(_in_cells(width), _in_cells(height))
        # The reader chooses its own driver, not Textual's for the web.
        environment.pop("TEXTUAL_DRIVER", None)
        self._process = process = await asyncio.create_subprocess_exec(
            *self._words, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True
        )
        assert process.stdin is not None
        self._stdin = process.stdin
        return process

    async def run(self) -> None:
        """Pass on what the process draws until it ends; then close the WebSocket."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        assert process.stderr is not None
        errors = asyncio.create_task(_first_of(process.stderr))
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await self._pass_on(process.stdout)
            # The page may be closed. Read the rest nevertheless, or the process could neither write it nor end.
            await _first_of(process.stdout)
            status = await process.wait()
            if status and (message := (await errors).decode("utf-8", "replace").strip()):
                await self._show(_for_the_page(message))
        finally:
            errors.cancel()
            with contextlib.suppress(ConnectionError):
                await self.remote_close()

    async def stop(self) -> None:
        """End the process, even if the caller is cancelled. Each call waits until it has ended."""
        if self._task is not None:
            self._ending = asyncio.create_task(self._end(self._task))
            self._task = None
        if self._ending is not None:
            await asyncio.shield(self._ending)

    async def _end(self, task: asyncio.Task[None]) -> None:
        """End the process, which `task` reads: by request, then by signals."""
        await self._download_manager.cancel_app_downloads(app_service_id=self.app_service_id)
        with contextlib.suppress(ConnectionError):
            await self.send_meta({"type": "quit"})
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        for number in (signal.SIGTERM, signal.SIGKILL):
            if done:
                break
            self._signal(number)
            done, _ = await asyncio.wait({task}, timeout=_SIGNAL_SECONDS)
        self._signal(signal.SIGKILL)  # Processes that it may have started and left behind.
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError, OSError):
            await task

    async def on_meta(self, data: bytes) -> None:
        """Act on a message of the process. Its exit is noticed when it has ended."""
        if json.loads(data)["type"] != "exit":
            await super().on_meta(data)

    async def _pass_on(self, stream: asyncio.StreamReader) -> None:
        if await stream.readline() != _BEGIN:
            return
        while True:
            kind = await stream.readexactly(1)
            payload = await stream.readexactly(int.from_bytes(await stream.readexactly(4), "big"))
            if kind == b"D":
                await self.on_data(payload)
            elif kind == b"M":
                await self.on_meta(payload)
            elif kind == b"P":
                await self.on_packed(payload)

    async def _show(self, message: str) -> None:
        lines = sanitize(message, multiline=True).replace("\n", "\r\n")
        with contextlib.suppress(ConnectionError):
            await self.remote_write_bytes(f"\x1b[?1049l\x1b[0m\x1b[2J\x1b[H{lines}\r\n".encode())

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def _in_cells(number: int) -> int:
    return max(1, min(MOST_CELLS, number))


def _for_the_page(message: str) -> str:
    """An error as the page shows it: no traceback, of which the last line is logged."""
    if _TRACEBACK not in message:
        return message
    _LOG.error("A session ended with an error: %s", message.splitlines()[-1])
    return "The reader stopped because of an error; open it again."


async def _first_of(stream: asyncio.StreamReader) -> bytes:
    """The start of a stream. The rest is read and dropped, so that the writer does not block."""
    kept = bytearray()
    while some := await stream.read(65_536):
        kept += some[: _MOST_ERRORS - len(kept)]
    return bytes(kept)
