"""Targets: queries, settings, the answers of a web archive, and requests to the reader in a browser."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from reader.app.keymap import with_checked_keys
from reader.archives.addresses import pattern_of, server_at
from reader.archives.client import Client
from reader.archives.fetching import ReplayArchive, fetch
from reader.archives.listing import Choice, Listed, listing
from reader.archives.warc_folder import WarcFolder, look
from reader.captures import read_captures
from reader.errors import FetchError, QueryError, SettingsError
from reader.library import Library
from reader.model import Capture
from reader.parsing import parse_capture
from reader.sanitize import sanitize
from reader.settings import in_force
from reader.settings.options import OPTIONS
from reader.settings.writing import keep
from tests.archives.fake_archive import FakeClock
from tests.filling import add_pages
from tests.fuzz.captures import PAGES, SAMPLES, capture_targets, has
from tests.fuzz.mutators import Mutator
from tests.fuzz.runner import Target

_QUERIES: Final = (
    'kestrel outage', '"strange business"', '-kestrel -"by train"', "kestrel OR nimbus", "(a OR b) c", "kest*",
    'section:enterprise author:"Anders Whitlock" sponsor:nim* is:truncated', "after:2021 before:2022-06",
    "in:headline kestrel", "in:2022-03", "is:unread is:starred -(is:read OR is:sponsored)",
)  # fmt: skip
_QUERY_WORDS: Final = (
    "(", ")", '"', "“", "”", "„", "-", "*", ":", "OR", "AND", "NOT", "NEAR", "section:", "author:", "sponsor:", "is:", "in:",
    "before:", "after:", "truncated", "starred", "headline", "2022", "2022-06-31", "0000", "9999-12-31", "a", "'", "''", ";", "--",
    "^", "+", "{", "}", "\\", "\0", "\x1b[31m", "é", "e\u0301", "東京", "ไทย", "\u202e", "\ud800", "🙂", "٣", "…", "ﬁ", "İ", "ß", "\n", " ",
)  # fmt: skip
_CONFIG: Final = """\
[text]
width = 70
alignment = "justified"
hyphenation = "en"
[screen]
theme = "ink"
remember = true
[network]
wayback = "https://web.archive.org"
[list]
sort = "newest"
[keys]
next_article = ["j", "down"]
search = "/"
"""
_CONFIG_WORDS: Final = (
    "[", "]", "[[", "]]", "=", ".", ",", "{", "}", '"', "'", '"""', "'''", "#", "\n", "\r\n", "\t", "true", "inf", "nan", "0x10", "1e999",
    "-1", "1_0", "9" * 5_000, "2022-05-06T07:08:09Z", "2022-13-01", "07:08", "\\u00e9", "\\ud800", "\\x1b", "\x1b[31m", "\0", "\ufeff",
    "[text]", "[keys]", "[network]", "width", "theme", "wayback", "[[text]]", "a.b.c", '"a b"', "[[[", "{a={a={a=", "ctrl+c", "\x7f", "\u202e",
)  # fmt: skip
_TABLE: Final = [
    ["timestamp", "original", "mimetype", "statuscode", "length"],
    ["20220101000000", "https://www.protocol.com/china/one", "text/html", "200", "1000"],
    ["20220201000000", "http://protocol.com:80/china/two?rebelltitem=3", "text/html", "200", "-"],
    ["20220301000000", "https://www.protocol.com/[x]%", "warc/revisit", "-", "99"],
    [],
    ["com,protocol)/china/two 20220201000000%21"],
]
_PYWB: Final = [
    {"urlkey": "com,protocol)/", "timestamp": "20220101000000", "url": "https://www.protocol.com/china/one", "mime": "text/html",
     "status": "200", "length": "1000", "digest": "X"},
    {"timestamp": "20220201000000", "url": "https://www.protocol.com/china/two", "mime": "text/html", "status": "200"},
    {"pages": 3, "pageSize": 1, "blocks": 3},
]  # fmt: skip
_PAGE: Final = "https://www.protocol.com/china/one"
_MOST_SHEETS: Final = 4
_ANSWERS: Final = [
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nMemento-Datetime: Sat, 01 Jan 2022 00:00:00 GMT\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(PAGES[1]), PAGES[1]),
    b"HTTP/1.1 200 OK\r\nMemento-Datetime: Sat, 01 Jan 2022 00:00:00 GMT\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<html\r\n0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: /web/20220102000000id_/https://www.protocol.com/china/one\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.0 503 Busy\r\nRetry-After: 120\r\n\r\n<html>",
]
_HEADERS: Final = (
    b"Location: http://[x/\r\n", b"Location: //[\r\n", b"Location: \xff\xfe\r\n", b"Location: http://a:99999/\r\n", b"Location: ?\r\n",
    b"Memento-Datetime: Fri, 31 Dec 0999 23:59:59 GMT\r\n", b"Memento-Datetime: Fri, 31 Dec 9999 23:59:59 -9999\r\n",
    b"Content-Encoding: gzip\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: -1\r\n", b"Content-Length: 99999999999999999999\r\n",
    b"Retry-After: 99999999999999999999\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 000 \r\n", b"HTTP/9.9 200 OK\r\n", b"fffffffff\r\n",
    b"-5\r\n", b"\r\n\r\n", b"Content-Type: text/html\x0bx\r\n", b" folded\r\n", b": \r\n", b"X" * 70_000, b"A: b\r\n",
)  # fmt: skip
_REQUESTS: Final = [
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n",
    b"GET /page/page.js HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\nGET /download/x?a=b HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
    b"GET /ws?width=80&height=24 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x92abcd:\x12\x12\x00\x08\x0c\r\x00",
    b"POST /?token=x HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 5\r\nCookie: token=x\r\n\r\nhello",
]
_REQUEST_WORDS: Final = (
    b"Host: [::1\r\n", b"Host: 127.0.0.1:x\r\n", b"Origin: http://[x/\r\n", b"Origin: null\r\n", b"Transfer-Encoding: chunked\r\n", b"\r\n\r\n",
    b"Content-Length: -1\r\n", b"?width=99999999999999999999&height=x", b"?token=%ff%00", b"/../../etc/passwd", b"//[x", b"%", b"%2e%2e/", b"\0",
    b"Cookie: \xff=\x00;;;\r\n", b"Range: bytes=5-1\r\n", b"If-Modified-Since: Fri, 99 Foo 9999 99:99:99 GMT\r\n", b"HTTP/1.1", b"OPTIONS * ",
    b"Upgrade: websocket\r\n", b"Expect: 100-continue\r\n", b"\x88\x80abcd", b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"\x01\x00", b"\xf1\x80",
)  # fmt: skip


_SILENCE: Final = 0.2
"""Seconds without an answer after which no more is sent."""


class QueryTarget:
    """What is typed into a search."""

    name = "query"

    @contextmanager
    def opened(self) -> Iterator[None]:
        """A library to search."""
        paths = [str(path) for path in sorted(SAMPLES.glob("*.txt"))[:8]]
        captures = [one for one in read_captures(paths) if isinstance(one, Capture)]
        with Library.temporary() as self._library:
            add_pages(self._library, [(capture, parse_capture(capture)) for capture in captures])
            yield

    def make(self, mutator: Mutator) -> bytes:
        """A query, which may have halves of surrogate pairs."""
        tokens = re.findall(r"\w+|\W", mutator.random.choice(_QUERIES))
        return "".join(mutator.tokens(tokens, _QUERY_WORDS)).encode("utf-8", "surrogatepass")

    def check(self, data: bytes) -> None:
        """Search, whole and while it is typed; a fault stands where it says."""
        query = data.decode("utf-8", "surrogatepass")
        for typing in (False, True):
            try:
                self._library.search(query, typing=typing)
            except QueryError as error:
                _check_fault(error, query)


def _check_fault(fault: QueryError, query: str) -> None:
    assert 0 <= fault.position <= fault.position + fault.length <= len(query)
    assert sanitize(fault.reason) == fault.reason


class ConfigTarget:
    """A file of settings."""

    name = "config"

    @contextmanager
    def opened(self) -> Iterator[None]:
        """A folder for it."""
        with TemporaryDirectory() as folder:
            self._file = Path(folder) / "protocol-reader" / "config.toml"
            self._file.parent.mkdir()
            self._environment = {"XDG_CONFIG_HOME": folder, "HOME": folder}
            yield

    def make(self, mutator: Mutator) -> bytes:
        """A file that may be no TOML, and no text."""
        tokens = re.findall(r"\w+|\W", _CONFIG)
        words = (*_CONFIG_WORDS, *(option.key for option in OPTIONS), *(option.group for option in OPTIONS))
        data = "".join(mutator.tokens(tokens, words)).encode("utf-8", "surrogatepass")
        return mutator.broken(data) if mutator.chance(0.2) else data

    def check(self, data: bytes) -> None:
        """Read it, say what is wrong with it, and change a setting in it."""
        self._file.write_bytes(data)
        found = with_checked_keys(in_force(environment=self._environment))
        for fault in found.faults:
            sentence = found.sentence(fault)
            assert sanitize(sentence) == sentence, sentence
        with suppress(SettingsError):
            keep(self._file, "text.width", 80)
            assert in_force(environment=self._environment).source("text.width").startswith("config.toml")


class _RawServer:
    """Sends the same bytes to everyone who asks."""

    def __init__(self) -> None:
        self.answer = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.settimeout(10)
                request = b""
                while b"\r\n\r\n" not in request and (more := connection.recv(1 << 16)):
                    request += more
                connection.sendall(self.answer)


class WaybackTarget:
    """What a web archive answers."""

    def __init__(self, name: str) -> None:
        """`name`: "cdx" for lists of captures, "replay" for captures."""
        self.name = name

    @contextmanager
    def opened(self) -> Iterator[None]:
        """A server, and a folder for what is fetched."""
        self._server = _RawServer()
        try:
            with TemporaryDirectory() as folder:
                self._folder = Path(folder)
                yield
        finally:
            self._server.close()

    def make(self, mutator: Mutator) -> bytes:
        """A whole answer."""
        if self.name == "replay":
            return mutator.broken(mutator.random.choice(_ANSWERS), _ANSWERS, _HEADERS)
        if mutator.chance(0.5):
            body = mutator.json(_TABLE)
        else:
            body = b"\n".join(mutator.json(row) for row in _PYWB[: mutator.random.randint(1, 3)])
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
            len(body),
            body,
        )

    def check(self, data: bytes) -> None:
        """List captures or fetch one, from an archive that answers so whatever it is asked."""
        self._server.answer = data
        for layout in ("", "/collection"):
            time = FakeClock()
            server = server_at(self._server.address + layout)
            client = Client(server, time.clock)
            with suppress(FetchError):
                if self.name == "cdx":
                    self._list(client)
                else:
                    self._fetch(client)

    def _list(self, client: Client) -> None:
        choice = Choice()
        for sheet in islice(listing(client, pattern_of("protocol.com/*"), "2020", None), _MOST_SHEETS):
            choice.take(sheet.captures)
            assert all(sanitize(reason) == reason for reason in sheet.others)
        choice.best()

    def _fetch(self, client: Client) -> None:
        folder = self._folder / "kept"
        try:
            with WarcFolder(folder) as kept:
                for item in fetch(
                    {"wayback": ReplayArchive(client)}, [Listed("20220101000000", _PAGE, 1000)], kept
                ):
                    assert all(sanitize(str(part)) == str(part) for part in item[:1])
            look(folder)
        finally:
            for file in folder.glob("*"):
                file.unlink()


class ServeTarget:
    """What is sent to the reader in a browser, through a socket of its own."""

    name = "serve"

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The server in a thread, and what it logs."""
        from aiohttp.http_exceptions import HttpProcessingError  # It is of an extra.

        errors: list[str] = []

        class Handler(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                if not record.exc_info or not isinstance(record.exc_info[1], HttpProcessingError):
                    errors.append(self.format(record))

        handler = Handler(logging.ERROR)
        self._errors = errors
        loggers = [logging.getLogger(name) for name in ("aiohttp", "asyncio")]
        for logger in loggers:
            logger.addHandler(handler)
        ready = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        thread.start()
        try:
            assert ready.wait(60)
            yield
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            thread.join(60)
            for logger in loggers:
                logger.removeHandler(handler)

    async def _serve(self, ready: threading.Event) -> None:
        from tests.web.stage import serving  # It needs an extra.

        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with serving() as served:
            self._port = int(served.address.rpartition(":")[2])
            ready.set()
            await self._stop.wait()

    def make(self, mutator: Mutator) -> bytes:
        """Requests, one after the other, and what comes after them."""
        return mutator.broken(mutator.random.choice(_REQUESTS), _REQUESTS, _REQUEST_WORDS)

    def check(self, data: bytes) -> None:
        """It answers, with anything but its own failure, and answers others afterwards."""
        self._errors.clear()
        answer = self._exchange(data)
        assert not re.search(rb"^HTTP/1\.[01] 5\d\d", answer, re.MULTILINE), answer[:300]
        good = self._exchange(_REQUESTS[0], 60)
        assert good.startswith(b"HTTP/1.1 200 "), good[:300]
        assert not self._errors, self._errors[0]

    def _exchange(self, data: bytes, silence: float = _SILENCE) -> bytes:
        answer = b""
        with socket.create_connection(("127.0.0.1", self._port), timeout=20) as line, suppress(OSError):
            line.sendall(data.replace(b"PORT", b"%d" % self._port))
            line.settimeout(silence)
            with suppress(TimeoutError):
                while more := line.recv(1 << 16):
                    answer += more
                return answer
            # It waits for more.
            line.shutdown(socket.SHUT_WR)
            line.settimeout(20)
            while more := line.recv(1 << 16):
                answer += more
        return answer


def targets() -> dict[str, Target]:
    """All that can be tried with what is installed, by their names."""
    made: list[Target] = [
        *capture_targets(),
        QueryTarget(),
        ConfigTarget(),
        WaybackTarget("cdx"),
        WaybackTarget("replay"),
    ]
    if has("aiohttp") and has("textual_serve"):
        made.append(ServeTarget())
    return {target.name: target for target in made}
