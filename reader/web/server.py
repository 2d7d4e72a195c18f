"""The server: the page, its files, a session for each page that is open, and downloads, all behind the gate."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

import textual_serve
from aiohttp import WSMsgType, web
from textual_serve.download_manager import DownloadManager

from reader.safe_text import clean, clean_filename
from reader.web.gate import Asked, Gate
from reader.web.session import Session, in_cells

MOST_SESSIONS: Final = 8
"""How many readers run at once, unless told otherwise."""
_HEARTBEAT: Final = 15.0
"""Seconds between two looks whether a page is still there."""
_PAGE: Final = Path(__file__).parent / "page"
_STATIC: Final = Path(textual_serve.__file__).parent / "static"
_HEADERS: Final = {
    # Nothing from elsewhere is loaded, nothing is sent elsewhere, and no other page has this one inside.
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


class _Complaints(logging.Handler):
    """Errors of our own as a line on stderr; what a request says of itself reaches no terminal as it is."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        told = f"{record.getMessage()}{f' ({error!r})' if error else ''}"
        print(f"protocol-reader: {clean(told)}", file=sys.stderr)


class Server:
    """Readers in browsers, until it is told to stop."""

    def __init__(self, words: Sequence[str], gate: Gate, *, most: int = MOST_SESSIONS) -> None:
        """`words`: the command that a session runs; `most`: how many sessions there may be at once."""
        self._words = words
        self._gate = gate
        self._most = most
        self._downloads = DownloadManager()
        self._open: dict[Session, web.WebSocketResponse] = {}
        self._cookie = "protocol-reader"

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Those that are open."""
        return tuple(self._open)

    async def run(self, listening: socket.socket, ready: Callable[[], object]) -> None:
        """Serve on a socket that listens, until SIGINT, SIGTERM or SIGHUP comes; `ready` is called once it does."""
        # Cookies are kept by host, whatever the port: servers side by side must not take each other's.
        self._cookie = f"protocol-reader-{listening.getsockname()[1]}"
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in ("aiohttp", "textual-serve"):
            logging.getLogger(name).addHandler(_Complaints(logging.ERROR))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1.0)
        try:
            await runner.setup()
            await web.SockSite(runner, listening).start()
            ready()
            await stop.wait()
        finally:
            await runner.cleanup()

    def application(self) -> web.Application:
        """What answers requests."""
        app = web.Application(middlewares=[self._let_through])
        app.router.add_get("/", self._index)
        app.router.add_get("/ws", self._session)
        app.router.add_get("/download/{key}", self._download)
        app.router.add_static("/page", _PAGE)
        app.router.add_static("/static", _STATIC)
        app.on_response_prepare.append(_add_headers)
        app.on_shutdown.append(self._end_all)
        return app

    @web.middleware
    async def _let_through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = Asked(
            host=request.headers.get("Host", ""),
            origin=request.headers.get("Origin"),
            token=request.query.get("token"),
            cookie=request.cookies.get(self._cookie),
            socket=request.path == "/ws",
        )
        refusal = self._gate.refusal(asked)
        if refusal is not None:
            return web.Response(status=403, text=f"{refusal}\n")
        return await handler(request)

    async def _index(self, request: web.Request) -> web.StreamResponse:
        page = web.Response(text=_index(), content_type="text/html")
        page.set_cookie(
            self._cookie, self._gate.cookie, httponly=True, samesite="Strict", secure=request.secure
        )
        return page

    async def _session(self, request: web.Request) -> web.StreamResponse:
        """A page's line: its keys and sizes come in, what is drawn goes out."""
        line = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=1 << 20)
        try:
            await line.prepare(request)
        except ValueError as error:  # aiohttp takes any key for ASCII.
            raise web.HTTPBadRequest(text="its WebSocket key is none") from error
        if len(self._open) >= self._most:
            most = "one reader is" if self._most == 1 else f"{self._most} readers are"
            await line.send_bytes(f"At most {most} open at once: close another page first.\r\n".encode())
            await line.close()
            return line
        session = Session(
            self._words,
            write_bytes=line.send_bytes,
            write_str=line.send_str,
            close=line.close,
            download_manager=self._downloads,
        )
        self._open[session] = line
        try:
            width, height = (_number(request.query.get(name)) for name in ("width", "height"))
            await session.start(in_cells(width or 80), in_cells(height or 24))
            await _listen(line, session)
        except OSError as error:
            with contextlib.suppress(ConnectionError):
                await line.send_bytes(f"The reader cannot be started ({clean(str(error))}).\r\n".encode())
        finally:
            try:
                # Also when this request is given up: the process must not outlive its page.
                await asyncio.shield(session.stop())
            finally:
                self._open.pop(session, None)
                await line.close()
        return line

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """A file that a session hands out, once."""
        key = request.match_info["key"]
        try:
            download = await self._downloads.get_download_metadata(key)
        except KeyError:
            return web.Response(status=404, text="There is no such file any more; export it again.\n")
        name = clean_filename(download.file_name)
        # Never shown as a page: it would be one of ours, and could do what ours can.
        headers = {
            "Cache-Control": "no-store",
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        }
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        async for chunk in self._downloads.download(key):
            await response.write(chunk)
        await response.write_eof()
        return response

    async def _end_all(self, _app: web.Application) -> None:
        await asyncio.gather(*(session.stop() for session in self._open), return_exceptions=True)


async def _listen(line: web.WebSocketResponse, session: Session) -> None:
    """Do what the page says, until it is gone; what makes no sense ends it too."""
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


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def _index() -> str:
    return (_PAGE / "index.html").read_text(encoding="utf-8")


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 10 else None
