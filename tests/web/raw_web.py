"""A server of the reader on 127.0.0.1 that is sent raw bytes and raw WebSocket frames, for tests and fuzzers.

with raw_server() as server:
    server.send(b"GET / HTTP/1.1\\r\\n…")          # what comes back, until the server closes or is silent
    with server.websocket() as line:               # one that has shown the token
        line.send(frame(TEXT, b'["stdin", "j"]'))
    server.check()                                 # fails unless it still answers, and has reported no error
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Final, Self

from reader.web.access import listen, resolve
from reader.web.server import LOGGERS, is_own_error
from tests.web.stage import ECHO, make_server

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
"""Opcodes of frames."""
TOKEN: Final = "kestrel-nimbus-0123456789"
_TIMEOUT: Final = 20.0
_SILENCE: Final = 0.05


def frame(
    opcode: int, payload: bytes = b"", *, final: bool = True, masked: bool = True, reserved: int = 0
) -> bytes:
    """A WebSocket frame, as RFC 6455 has it in 5.2; `reserved`: the three bits that should be 0."""
    first = (0x80 if final else 0) | reserved << 4 | opcode
    size, mask = len(payload), 0x80 if masked else 0
    if size < 126:
        head = struct.pack("!BB", first, mask | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", first, mask | 126, size)
    else:
        head = struct.pack("!BBQ", first, mask | 127, size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))


class Line:
    """A TCP connection, on which a WebSocket may have been opened."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> bool:
        """Send bytes; whether the server takes any more."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def receive(self, silence: float = _SILENCE) -> bytes:
        """What comes until the server closes or is silent so many seconds."""
        got = bytearray()
        self.socket.settimeout(silence)
        with suppress(TimeoutError, ConnectionError):
            while some := self.socket.recv(65_536):
                got += some
        self.socket.settimeout(_TIMEOUT)
        return bytes(got)

    def until_closed(self) -> bytes:
        """What comes until the server closes, which it must within a while."""
        got = bytearray()
        with suppress(ConnectionError):
            while some := self.socket.recv(65_536):
                got += some
        return bytes(got)


class RawServer:
    """A server that runs in another thread."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.complaints: list[str] = []
        """The errors that it has reported."""

    def line(self) -> Line:
        """A new TCP connection."""
        return Line(self.port)

    def send(self, data: bytes, silence: float = _SILENCE) -> bytes:
        """Send bytes on a connection of their own; what comes back."""
        with self.line() as line:
            line.send(data)
            return line.receive(silence)

    def request(self, path: str, *headers: str) -> bytes:
        """A request as it should be."""
        return "\r\n".join(
            [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *headers, "", ""]
        ).encode()

    @contextmanager
    def websocket(self, path: str = "/ws?width=80&height=24") -> Iterator[Line]:
        """A WebSocket of a page of ours, ready for frames."""
        with self.line() as line:
            line.send(
                self.request(
                    f"{path}&token={TOKEN}",
                    f"Origin: http://127.0.0.1:{self.port}",
                    "Connection: Upgrade",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                )
            )
            head = b""
            while b"\r\n\r\n" not in head:
                some = line.socket.recv(1)
                assert some, head
                head += some
            assert head.startswith(b"HTTP/1.1 101 "), head
            yield line

    def check(self) -> None:
        """Fail unless the server still answers as it should, and has reported no error."""
        with self.line() as line:
            line.send(self.request(f"/?token={TOKEN}", "Connection: close"))
            assert line.until_closed().startswith(b"HTTP/1.1 200 ")
        assert self.complaints == []


class _Collector(logging.Handler):
    def __init__(self, complaints: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.addFilter(is_own_error)
        self._complaints = complaints

    def emit(self, record: logging.LogRecord) -> None:
        self._complaints.append(self.format(record))


@contextmanager
def raw_server(
    program: str | Sequence[str] = ECHO, *, most: int = 8, request_seconds: float = 10.0
) -> Iterator[RawServer]:
    """A server whose sessions run a Python program, or a command such as `child_words` makes."""
    listening = listen(resolve("127.0.0.1"), 0)
    server = RawServer(listening.getsockname()[1])
    ready, loop, stop = Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with make_server(program, token=TOKEN, most=most, request_seconds=request_seconds).serving(
            listening
        ):
            ready.set()
            await stop.wait()

    collector = _Collector(server.complaints)
    for name in LOGGERS:
        logging.getLogger(name).addHandler(collector)
    thread = Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(_TIMEOUT)
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(collector)
