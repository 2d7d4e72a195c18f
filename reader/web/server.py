"""The server: the page and its files, a session for each open page, and downloads, for those who have access."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

import textual_serve
from aiohttp import WSMsgType, web
from aiohttp.http import HttpProcessingError
from aiohttp.web import WebSocketResponse
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from reader.sanitize import clean_filename, sanitize
from reader.web.access import BACKLOG, AccessPolicy

# The server

_LOGGERS: Final = ("aiohttp", "asyncio", "textual-serve", "reader.web")
_LONGEST_LINE: Final = 300
REQUEST_SECONDS: Final = 10.0
"""Seconds from the start of a connection to the end of its first request."""
_MOST_WAITING: Final = 128
"""The most connections without a complete request."""
_MOST_AT_ONCE: Final = 64
"""The most connections to accept before others are closed, or there would be too many open files."""
_HEARTBEAT: Final = 15.0
"""Seconds between two checks whether a page is still open."""
_PAGE: Final = Path(__file__).parent / "page"
_STATIC: Final = Path(textual_serve.__file__).parent / "static"
_HEADERS: Final = {
    # Nothing is loaded from elsewhere or sent elsewhere, and no other page embeds this one.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Serves readers to browsers until it is stopped."""

    def __init__(self, words: Sequence[str], policy: AccessPolicy, *, most: int) -> None:
        """`words`: the command that a session runs; `most`: how many sessions may be open at once."""
        self._words = words
        self._policy = policy
        self._most = most
        self._waiting: dict[web.RequestHandler, asyncio.TimerHandle] = {}
        """The connections without a complete request, and what closes them."""
        self._downloads = Downloads()
        self._open: set[Session] = set()
        self._cookie = "protocol-reader"

    async def run(self, listening: socket.socket, ready: Callable[[], object]) -> None:
        """Serve on a listening socket until SIGINT, SIGTERM or SIGHUP; `ready` is called once requests are answered."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
        async with self.serving(listening):
            ready()
            await stop.wait()

    @contextlib.asynccontextmanager
    async def serving(self, listening: socket.socket) -> AsyncIterator[None]:
        """Serve on a listening socket until the block ends."""
        # Browsers keep cookies by host, not by port: servers side by side must not overwrite each other's.
        self._cookie = f"protocol-reader-{listening.getsockname()[1]}"
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        for name in _LOGGERS:
            logging.getLogger(name).addHandler(_PRINTER)
        await runner.setup()
        assert runner.server is not None
        make_protocol = runner.server
        loop = asyncio.get_running_loop()
        accepting = await loop.create_server(
            lambda: self._expecting_request(make_protocol()), sock=listening, backlog=_MOST_AT_ONCE
        )
        listening.listen(BACKLOG)
        try:
            yield
        finally:
            accepting.close()
            await runner.cleanup()

    def _expecting_request(self, connection: web.RequestHandler) -> asyncio.Protocol:
        """Close a new connection unless it sends a request in time, so that idle ones do not keep others out."""
        loop = asyncio.get_running_loop()
        self._waiting[connection] = loop.call_later(REQUEST_SECONDS, self._drop, connection)
        if len(self._waiting) > _MOST_WAITING:
            self._drop(next(iter(self._waiting)))
        return connection

    def _drop(self, connection: web.RequestHandler) -> None:
        self._waiting.pop(connection).cancel()
        if connection.transport is not None:
            connection.transport.abort()

    def _application(self) -> web.Application:
        async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
            for name, value in _HEADERS.items():
                response.headers.setdefault(name, value)

        async def end_all(_app: web.Application) -> None:
            await asyncio.gather(*(session.stop() for session in self._open), return_exceptions=True)

        app = web.Application(middlewares=[self._check_access])
        app.router.add_get("/", self._index)
        app.router.add_get("/ws", self._session)
        app.router.add_get("/download/{key}", self._download)
        # A route for each file: no path is made from a request.
        for address, folder in (("/page", _PAGE), ("/static", _STATIC)):
            for path in filter(Path.is_file, folder.rglob("*")):
                app.router.add_get(f"{address}/{path.relative_to(folder).as_posix()}", partial(_send, path))
        app.on_response_prepare.append(add_headers)
        app.on_shutdown.append(end_all)
        return app

    @web.middleware
    async def _check_access(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        refusal = self._policy.refusal(
            request.headers.get("Host", ""),
            request.headers.get("Origin"),
            request.query.get("token"),
            request.cookies.get(self._cookie),
            websocket=request.path == "/ws",
        )
        if (timer := self._waiting.pop(request.protocol, None)) is not None:
            timer.cancel()
        if refusal is not None:
            response = web.Response(status=403, text=f"{refusal}\n")
            response.force_close()  # only who has access may hold connections
            return response
        try:
            return await handler(request)
        except UnicodeError:
            # aiohttp quotes headers that are no UTF-8 in its refusal, which then cannot be sent.
            return web.Response(status=400, text="This is not a valid request from a browser.\n")

    async def _index(self, request: web.Request) -> web.StreamResponse:
        text = (_PAGE / "index.html").read_text(encoding="utf-8")
        page = web.Response(text=text, content_type="text/html")
        cookie = self._policy.cookie
        page.set_cookie(self._cookie, cookie, httponly=True, samesite="Strict", secure=request.secure)
        return page

    async def _session(self, request: web.Request) -> web.StreamResponse:
        line = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=1 << 20)
        try:
            await line.prepare(request)
        except ValueError as error:  # aiohttp takes any key for ASCII.
            raise web.HTTPBadRequest(text="its WebSocket key is invalid") from error
        if len(self._open) >= self._most:
            most = "one reader" if self._most == 1 else f"{self._most} readers"
            await line.send_bytes(
                f"At most {most} can be open at once: close another page first.\r\n".encode()
            )
            await line.close()
            return line
        session = Session(self._words, line, self._downloads)
        self._open.add(session)
        try:
            width, height = (_number(request.query.get(name)) for name in ("width", "height"))
            await session.start(width or 80, height or 24)
            await _listen(line, session)
        except OSError as error:
            with contextlib.suppress(ConnectionError):
                await line.send_bytes(f"The reader cannot be started ({sanitize(str(error))}).\r\n".encode())
        finally:
            try:
                await session.stop()  # The process must not outlive its page.
            finally:
                self._open.discard(session)
                await line.close()
        return line

    async def _download(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        try:
            download = await self._downloads.get_download_metadata(key)
        except KeyError:
            return web.Response(status=404, text="This file no longer exists; export it again.\n")
        name = quote(clean_filename(download.file_name), safe="")
        # Never shown as a page: it would have the rights of ours.
        headers = {
            "Cache-Control": "no-store",
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        }
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        # The session may have ended meanwhile, or another request may have taken the rest.
        with contextlib.suppress(KeyError, ValueError):
            async for chunk in self._downloads.download(key):
                await response.write(chunk)
        await response.write_eof()
        return response


async def _listen(line: web.WebSocketResponse, session: Session) -> None:
    """Act on the page's messages until it is closed; a malformed message ends it too."""
    async for message in line:
        if message.type is not WSMsgType.TEXT:
            continue
        try:
            match message.json():
                case ["stdin", str(text)]:
                    await session.send_bytes(text.encode("utf-8", "replace"))
                case ["resize", {"width": int(width), "height": int(height)}]:
                    await session.set_terminal_size(width, height)
                case ["ping", str(when)]:
                    await line.send_json(["pong", when])
                case ["focus"]:
                    await session.focus()
                case ["blur"]:
                    await session.blur()
        except (ValueError, RecursionError, ConnectionError):
            return


async def _send(path: Path, _request: web.Request) -> web.StreamResponse:
    return web.FileResponse(path)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 10 else None


class ErrorPrinter(logging.Handler):
    """Prints errors as short sanitized lines on stderr."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):  # a malformed request, which aiohttp has refused
            return
        # asyncio's further lines are for developers.
        message, _, _ = record.getMessage().partition("\n")
        line = sanitize(f"{message}{f' ({error!r})' if error else ''}")
        print(f"protocol-reader: {line[:_LONGEST_LINE]}{'…' * (len(line) > _LONGEST_LINE)}", file=sys.stderr)


_PRINTER: Final = ErrorPrinter()


# A session: a process that draws to the page, gets its keys and ends with it

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
