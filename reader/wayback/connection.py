"""One HTTP exchange: never longer than its deadline, never more than its cap, redirects not followed."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from reader.permissions import Permission, require
from reader.safe_text import clean

CHUNK = 1 << 16
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Patience(NamedTuple):
    """How long an exchange may take."""

    silence: float = 60
    """Seconds without a byte."""
    whole: float = 600
    """Seconds from the request to the last byte."""


class Answer(NamedTuple):
    """What a server answered."""

    url: str
    """The address that was asked."""
    status: int
    headers: Message
    body: bytes
    """As it came: a Content-Encoding is not undone."""


class ExchangeError(Exception):
    """An exchange without a usable answer; its text is a sentence's end that says why."""

    def __init__(self, kind: str, reason: str) -> None:
        """`kind`: "unreachable", "cut short", "too large" or "no answer"."""
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


def exchange(url: str, *, agent: str, most: int, patience: Patience) -> Answer:
    """GET `url`; ExchangeError when there is no whole answer of at most `most` bytes in time.

    NotPermittedError where nothing may be fetched.
    """
    require(Permission.FETCH)
    request = urllib.request.Request(
        url, headers={"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "identity"}
    )
    guard = _Guard()
    timer = threading.Timer(patience.whole, guard.cut)
    timer.daemon = True
    timer.start()
    try:
        with _opener(url, guard).open(request, timeout=patience.silence) as response:
            answer = Answer(url, response.status, response.headers, _read(response, most))
        failure = None
    except ExchangeError as error:
        failure = error
    except Exception as error:  # The library that reads the answer may raise anything on what a server sends.
        failure = _explained(error, patience)
    finally:
        timer.cancel()
    if guard.is_cut:
        raise ExchangeError("cut short", f"the answer took over {patience.whole:.0f} seconds")
    if failure:
        raise failure
    return answer


def _read(response: http.client.HTTPResponse, most: int) -> bytes:
    """The body; `read` would not tell a body that ends too early."""
    body = bytearray()
    if (response.length or 0) > most:
        raise ExchangeError("too large", f"it is longer than {most >> 20} MB")
    while chunk := response.read1(CHUNK):
        body += chunk
        if len(body) > most:
            raise ExchangeError("too large", f"it is longer than {most >> 20} MB")
    if response.length:
        raise ExchangeError("cut short", f"the answer ended {response.length:,} bytes too early")
    return bytes(body)


def _explained(error: Exception, patience: Patience) -> ExchangeError:
    """What went wrong, in a person's terms."""
    why = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(why, ssl.SSLError):
        text = getattr(why, "verify_message", None) or why.reason or "no secure connection"
        return ExchangeError(
            "unreachable", f"its certificate or encryption is not accepted: {clean(str(text))}"
        )
    if isinstance(why, socket.gaierror):
        return ExchangeError("unreachable", "its name is not known here")
    if isinstance(why, TimeoutError):
        kind = "unreachable" if isinstance(error, urllib.error.URLError) else "cut short"
        return ExchangeError(kind, f"no answer within {patience.silence:.0f} seconds")
    if isinstance(why, http.client.IncompleteRead):
        return ExchangeError("cut short", "the answer ended too early")
    if isinstance(why, ConnectionRefusedError):
        return ExchangeError("unreachable", "the connection was refused")
    if isinstance(why, ConnectionError):
        return ExchangeError("cut short", "the connection was broken off")
    if isinstance(why, OSError):
        return ExchangeError("unreachable", clean(why.strerror or str(why)))
    return ExchangeError("no answer", f"what came is not HTTP ({clean(type(why).__name__)})")


class _Guard:
    """Shuts the connection of an exchange that takes too long: a server may send a byte now and then for ever."""

    def __init__(self) -> None:
        self.is_cut = False
        self.socket: socket.socket | None = None

    def cut(self) -> None:
        self.is_cut = True
        if self.socket:
            with contextlib.suppress(OSError):  # It may have ended by itself.
                self.socket.shutdown(socket.SHUT_RDWR)


def _opener(url: str, guard: _Guard) -> urllib.request.OpenerDirector:
    """What opens `url` and hands out every answer as it is, redirects and errors too."""

    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            super().connect()
            guard.socket = self.sock

    class Secure(http.client.HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            guard.socket = self.sock

    class Opening(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
        def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Plain, req)

        def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            arguments: dict[str, Any] = {"context": ssl.create_default_context()}
            return self.do_open(Secure, req, **arguments)

    opener = urllib.request.OpenerDirector()
    # A server on this machine is never behind a proxy.
    opener.add_handler(urllib.request.ProxyHandler({} if urlsplit(url).hostname in _LOOPBACK else None))
    opener.add_handler(Opening())
    return opener
