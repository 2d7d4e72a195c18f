"""Targets: the answers of a web archive; and the names of all targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from reader.archives.addresses import pattern_of, server_at
from reader.archives.client import Client
from reader.archives.fetching import Listed, Query, ReplayArchive, best_captures, fetch, listing
from reader.archives.warc_folder import WarcFolder, look
from reader.errors import FetchError
from reader.sanitize import sanitize
from tests.archives.fake_archive import FakeArchive, FakeClock, raw, serving
from tests.fuzz.captures import PAGES, capture_targets
from tests.fuzz.mutators import Mutator
from tests.fuzz.runner import Check, Target

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


def _make_list(mutator: Mutator) -> bytes:
    rows = _PYWB[: mutator.random.randint(1, 3)]
    body = mutator.json(_TABLE) if mutator.chance(0.5) else b"\n".join(map(mutator.json, rows))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


def _make_replay(mutator: Mutator) -> bytes:
    return mutator.broken(mutator.choice(_ANSWERS), _ANSWERS, _HEADERS)


@contextmanager
def _opened_archive(use: Callable[[Client, Path], None]) -> Iterator[Check]:
    """A server that answers the same whatever it is asked, used as an archive of either layout."""

    class Parrot(FakeArchive):
        def answer(self, handler: BaseHTTPRequestHandler) -> None:
            raw(data)(handler)

    data = b""
    with serving(Parrot([])) as archive, TemporaryDirectory() as folder:

        def check(case: bytes) -> None:
            nonlocal data
            data = case
            for layout in ("", "/collection"):
                client = Client(server_at(archive.address + layout), FakeClock().clock)
                with suppress(FetchError):
                    use(client, Path(folder))

        yield check


def _list(client: Client, _: Path) -> None:
    for part in islice(listing(client, Query(pattern_of("protocol.com/*"), "2020")), _MOST_SHEETS):
        best_captures(part.captures)
        assert all(sanitize(reason) == reason for reason in part.skipped)


def _fetch(client: Client, folder: Path) -> None:
    wanted = [Listed("20220101000000", _PAGE, 1000)]
    try:
        with WarcFolder(folder / "kept") as kept:
            for item in fetch({"wayback": ReplayArchive(client)}, wanted, kept):
                assert isinstance(item, int) or sanitize(item.source) == item.source
        look(folder / "kept")
    finally:
        for file in (folder / "kept").glob("*"):
            file.unlink()


def targets() -> dict[str, Target]:
    """All that can be tried with what is installed, by their names."""
    made = [
        *capture_targets(),
        Target("cdx", _make_list, partial(_opened_archive, _list)),
        Target("replay", _make_replay, partial(_opened_archive, _fetch)),
    ]
    return {target.name: target for target in made}
