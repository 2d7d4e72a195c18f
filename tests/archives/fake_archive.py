"""A small fake of the Internet Archive's Wayback Machine on 127.0.0.1, which can also misbehave to order."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from reader.archives import client
from reader.commands import COMMANDS


class FakeClock:
    """Time that passes only when it is slept through."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self.slept: list[float] = []

    def time(self) -> float:
        return 1_800_000_000.0 + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def run(self, name: str, words: Sequence[str]) -> int:
        """Run `fetch` or `missing` by this clock."""
        command = COMMANDS[name]
        main = getattr(import_module(f"reader.commands.{command.module}"), f"run_{name}")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(client, "time", self)
            return command.make_parser().run(main, words)


class Held(NamedTuple):
    """One capture that the fake holds."""

    timestamp: str
    url: str
    body: bytes = b"<html><body><p>A page.</p></body></html>"
    mime: str = "text/html"
    status: int = 200
    length: int | None = None

    @property
    def key(self) -> str:
        parts = urlsplit(self.url)
        host = (parts.hostname or "").removeprefix("www.")
        query = f"?{parts.query}" if parts.query else ""
        return f"{','.join(reversed(host.split('.')))}){parts.path or '/'}{query}".lower()


Trick = Callable[[BaseHTTPRequestHandler], None]


class FakeArchive:
    """What it holds, what it was asked, and what it is to do instead of answering."""

    def __init__(self, held: list[Held]) -> None:
        self.held = sorted(held, key=lambda one: (one.key, one.timestamp))
        self.tricks: deque[Trick | None] = deque()
        """For each request to come: what to do instead; None to answer it."""
        self.asked: list[str] = []
        """Path and query of each request."""
        self.times: list[float] = []
        self.now: Callable[[], float] = lambda: 0.0
        self.most_rows: int | None = None
        """A sheet is never longer than this."""
        self.address = ""

    @property
    def replays(self) -> list[str]:
        """The captures asked for, as timestamp/address."""
        return [path.split("/web/", 1)[1].replace("id_/", "/", 1) for path in self.asked if "/web/" in path]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append(handler.path)
        self.times.append(self.now())
        if self.tricks and (trick := self.tricks.popleft()):
            trick(handler)
        elif handler.path.startswith("/cdx/search/cdx?"):
            send(handler, 200, json.dumps(self._table(handler.path)).encode())
        elif handler.path.startswith("/web/"):
            self._replay(handler)
        else:
            send(handler, 404, b"<html>Not found</html>")

    def _table(self, path: str) -> list[list[str]]:
        wanted = {name: values[-1] for name, values in parse_qs(urlsplit(path).query).items()}
        conditions = parse_qs(urlsplit(path).query).get("filter", [])
        rows = [
            one
            for one in self.held
            if is_asked_for(wanted, one.key)
            and one.timestamp >= wanted.get("from", "")
            and one.timestamp[: len(wanted.get("to", ""))] <= wanted.get("to", "")
            and {f"statuscode:{one.status}", f"mimetype:{one.mime}"} >= set(conditions)
        ]
        first = 0
        if "resumeKey" in wanted:
            first = next(i for i, one in enumerate(rows) if self._resume(one) == wanted["resumeKey"]) + 1
        most = min(int(wanted.get("limit", "150000")), self.most_rows or 150_000)
        sheet = rows[first : first + most]
        if not sheet:
            return []
        table = [["timestamp", "original", "mimetype", "statuscode", "length"]]
        table += [
            [one.timestamp, one.url, one.mime, str(one.status), str(one.length or len(one.body))]
            for one in sheet
        ]
        if len(rows) > first + most and wanted.get("showResumeKey") == "true":
            table += [[], [quote(self._resume(sheet[-1]), safe="")]]
        return table

    def _resume(self, one: Held) -> str:
        return f"{one.key} {one.timestamp}!"

    def _replay(self, handler: BaseHTTPRequestHandler) -> None:
        timestamp, _, url = handler.path.removeprefix("/web/").partition("id_/")
        for one in self.held:
            if (one.timestamp, one.url.replace(":80/", "/")) == (timestamp, url):
                media = {"Content-Type": f"{one.mime}; charset=utf-8"}
                send(handler, one.status, one.body, media | memento(timestamp))
                return
        send(handler, 404, b"<html>The Wayback Machine has not archived that URL.</html>")


def is_asked_for(wanted: dict[str, str], key: str) -> bool:
    """Whether the key of a capture is one that a query of the index covers."""
    host, _, rest = wanted["url"].partition("://")[2].partition("/")
    site = ",".join(reversed(host.removeprefix("www.").split(".")))
    start = site if wanted["matchType"] == "domain" else f"{site})/{rest}".lower()
    return key == start if wanted["matchType"] == "exact" else key.startswith(start)


def memento(timestamp: str) -> dict[str, str]:
    """The header that an archive sends with a capture."""
    moment = datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return {"Memento-Datetime": format_datetime(moment, usegmt=True)}


def send(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    """A usual answer."""
    handler.send_response(status)
    usual = {"Content-Type": "text/html", "Content-Length": str(len(body))}
    for name, value in (usual | (headers or {})).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def refusing(status: int, retry_after: str | None = None) -> Trick:
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    return lambda handler: send(handler, status, b"<html>Too many requests</html>", headers)


def answering(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Trick:
    """Answers with something of its own."""
    return lambda handler: send(handler, status, body, headers)


def raw(data: bytes) -> Trick:
    """Answers with these bytes alone."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(data)
        handler.close_connection = True

    return answer


def sending_to(address: str) -> Trick:
    """Redirects."""
    return lambda handler: send(handler, 302, b"", {"Location": address})


@contextmanager
def serving(archive: FakeArchive) -> Iterator[FakeArchive]:
    """The archive, answering at its `address`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                archive.answer(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    server = Server(("127.0.0.1", 0), Handler)
    archive.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield archive
    finally:
        server.shutdown()
        server.server_close()
