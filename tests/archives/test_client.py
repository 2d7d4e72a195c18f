"""How the client behaves towards a server that is slow, strict, broken or lies. Time is a fake one."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from reader.archives import client as client_module
from reader.archives.addresses import server_at
from reader.archives.client import AnswerError, Client, retry_after
from reader.errors import FetchError
from tests.archives.fake_archive import FakeArchive, FakeClock, answering, raw, refusing, sending_to, serving


class Stage:
    """A fake archive, a client for it, and the time they share."""

    def __init__(self, archive: FakeArchive) -> None:
        self.archive = archive
        self.time = FakeClock()
        self.waits: list[float] = []
        archive.now = self.time.time
        self.client = self.client_of(archive.address)

    def client_of(self, address: str) -> Client:
        return Client(server_at(address), lambda seconds, _: self.waits.append(seconds))

    def get(self, path: str = "/x", most: int = 1 << 20) -> bytes:
        return self.client.get(self.archive.address + path, most).body

    def will(self, *tricks: Callable[[BaseHTTPRequestHandler], None] | None) -> None:
        self.archive.tricks.extend(tricks)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with serving(FakeArchive([])) as archive:
        stage = Stage(archive)
        monkeypatch.setattr(client_module, "time", stage.time)
        yield stage


OK = answering(b"yes")


def test_any_minute_has_less_than_twenty_requests_redirects_and_retries_included(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "http_proxy", stage.archive.address
    )  # The archive itself, as a machine of another name.
    client = stage.client_of("http://archive.example")
    for i in range(60):
        stage.will(OK if i % 5 else sending_to(f"/other{i}"), *([] if i % 5 else [refusing(502), OK]))
        client.get("http://archive.example/x")
    times = stage.archive.times
    assert len(times) == 84
    assert max(sum(start <= other < start + 60 for other in times) for start in times) < 20


def test_a_server_on_this_machine_is_asked_without_pauses(stage: Stage) -> None:
    for _ in range(60):
        stage.will(OK)
        stage.get()
    assert stage.time.slept == []
    # It can ask for pauses all the same.
    stage.will(refusing(429, "7"), OK)
    stage.get()
    assert stage.time.slept == [7]


def test_refusals_double_from_a_minute_to_an_hour_and_are_never_shorter_than_asked(stage: Stage) -> None:
    stage.will(*[refusing(429)] * 7, OK, refusing(503), OK)
    stage.get()
    stage.get()
    assert stage.waits == [60, 120, 240, 480, 960, 1920, 3600, 60]
    stage.waits.clear()
    stage.will(refusing(429, "5"), refusing(429, "5"), refusing(429, "500"), OK)
    stage.get()
    assert stage.waits == [5, 120, 500]
    assert retry_after("Fri, 31 Dec 1999 23:59:59 GMT", 946_684_739) == 60
    assert retry_after("Fri, 31 Dec 1999 23:59:59 GMT", 2e9) == 0
    odd = (None, "", "soon", "-5", "٣", "Fri, 31 Dec 99999 23:59:59 GMT", "Fri, 31 Dec 1999 23:59:59 +9999")
    assert [retry_after(text, 0) for text in odd] == [None] * len(odd)


def test_a_server_that_only_refuses_or_wants_hours_is_left_alone(stage: Stage) -> None:
    stage.will(refusing(429, "86400"))
    with pytest.raises(FetchError, match=r"24\.0 hours"):
        stage.get()
    assert stage.time.slept == []
    stage.client = stage.client_of(stage.archive.address)
    stage.will(*[refusing(429)] * 20)
    with pytest.raises(FetchError, match=r"refused 8 times in a row.*again in a few hours"):
        stage.get()
    assert len(stage.archive.asked) == 1 + 8


def test_a_failure_of_the_server_is_tried_again_three_times_in_all(stage: Stage) -> None:
    stage.will(refusing(502), refusing(500), OK, *[refusing(500)] * 3)
    assert stage.get() == b"yes"
    with pytest.raises(AnswerError, match=r"500.*3 times"):
        stage.get()
    # An address for which the server has no capacity is given up, and others go on.
    stage.will(*[refusing(503, "1")] * 3, OK)
    with pytest.raises(AnswerError, match="503"):
        stage.get()
    assert stage.get() == b"yes"


def test_redirects_stay_on_the_server(stage: Stage) -> None:
    stage.will(sending_to("/y"), OK)
    assert stage.client.get(stage.archive.address + "/x").url == stage.archive.address + "/y"
    for target in ("https://example.org/x", "http://127.0.0.1:1/x", "file:///etc/passwd", "//example.org/"):
        stage.will(sending_to(target))
        with pytest.raises(AnswerError, match="redirects to another one"):
            stage.get()
    for nowhere in ("http://[x/", "//[", "http://a:b/", "\\\\x"):
        stage.will(sending_to(nowhere))
        with pytest.raises(AnswerError, match="redirects to another one, nowhere"):
            stage.get()
    for target in ("/x", "/{}"):  # In a circle, and without end.
        stage.will(*[sending_to(target.format(i)) for i in range(6)])
        with pytest.raises(AnswerError, match="loop"):
            stage.get()


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nshort",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"",
    ],
    ids=["length", "chunks", "no chunk", "header", "other protocol", "nothing"],
)
def test_an_answer_that_is_not_whole_is_asked_for_again_and_then_an_error(stage: Stage, data: bytes) -> None:
    stage.will(OK, raw(data), OK)
    stage.get()
    assert stage.get() == b"yes"
    stage.will(*[raw(data)] * 3)
    with pytest.raises(AnswerError, match="3 times"):
        stage.get()


def test_a_body_is_never_read_beyond_its_cap(stage: Stage) -> None:
    sent = []

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(10_000):
            handler.wfile.write(b"x" * 65_536)
            sent.append(65_536)

    stage.will(OK, endless)
    stage.get()
    with pytest.raises(AnswerError, match="longer than 1 MB") as caught:
        stage.get()
    assert caught.value.kind == "too large"
    assert sum(sent) < 64 << 20


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n\r\n", None])
def test_a_server_that_drips_is_cut_off(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, start: bytes | None
) -> None:
    ended = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(start or b"")
            for _ in range(30_000):
                if start is not None:
                    handler.wfile.write(b"x")
                time.sleep(0.01)
                if ended.is_set():
                    return
        except OSError:
            pass

    stage.will(*[drip] * 3)
    monkeypatch.setattr(client_module, "SILENCE_SECONDS", 0.3)
    monkeypatch.setattr(client_module, "ANSWER_SECONDS", 0.4)
    with pytest.raises((AnswerError, FetchError), match=r"seconds|not HTTP|was lost"):
        stage.get()
    ended.set()


@pytest.mark.parametrize(
    ("where", "error", "says"),
    [
        ("urllib3.util.connection.create_connection", TimeoutError(), "no answer within 60 seconds"),
        ("socket.getaddrinfo", socket.gaierror(socket.EAI_NONAME, "unknown"), "name cannot be resolved"),
    ],
)
def test_why_a_server_cannot_be_reached_is_said_in_words(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, where: str, error: OSError, says: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    address = stage.archive.address.replace("http:", "https:")
    with pytest.raises(FetchError, match="encryption"):
        stage.client_of(address).get(f"{address}/x")
    monkeypatch.setattr(where, fail)
    with pytest.raises(FetchError, match=says):
        stage.client_of(address).get(f"{address}/x")


def test_a_server_that_goes_away_is_tried_for_some_minutes(stage: Stage) -> None:
    stage.will(OK)
    stage.get()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    before = stage.time.time()
    with pytest.raises(FetchError, match="run the same command again"):
        stage.client.get(f"http://127.0.0.1:{port}/x")
    assert stage.time.time() - before >= 150


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "http://[x", "http://ada:secret:9"])
def test_a_proxy_that_cannot_be_used_is_said(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    for name in ("no_proxy", "NO_PROXY", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(FetchError, match=r"https_proxy names cannot be used; write it as http://") as caught:
        stage.client_of("https://archive.example")
    assert "secret" not in str(caught.value)


def test_a_proxy_of_the_environment_is_asked_and_not_for_this_machine(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []

    def as_proxy(handler: BaseHTTPRequestHandler) -> None:
        said.append(handler.headers["Proxy-Authorization"])
        OK(handler)

    for name in ("no_proxy", "NO_PROXY", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", stage.archive.address.replace("http://", "ada:p%40ss@"))
    stage.will(as_proxy, as_proxy)
    client = stage.client_of("http://archive.example")
    assert client.get("http://archive.example/x?y").body == b"yes"
    assert stage.get("/z") == b"yes"
    assert stage.archive.asked == ["http://archive.example/x?y", "/z"]
    assert said == ["Basic " + base64.b64encode(b"ada:p@ss").decode(), None]
