"""Many connections, slow ones and broken requests: the server stays reachable, and says little of it."""

from __future__ import annotations

import logging
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from subprocess import PIPE
from typing import Final

import pytest

from reader.web.connections import Limits
from reader.web.server import MOST_LINES, PERIOD, ErrorPrinter
from tests.web.raw_web import PING, PONG, TEXT, TOKEN, RawServer, frame, raw_server

PATIENT = Limits(connections=20, request_seconds=300, answer_seconds=300)
_OWN_FILES: Final = 2000
HASTY = Limits(connections=20, request_seconds=0.3, answer_seconds=0.3)


@pytest.fixture
def files() -> Iterator[None]:
    """As many open files as the test needs, which are more than the server has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < _OWN_FILES:
        pytest.skip("too few open files are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OWN_FILES, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _few_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))


@pytest.mark.usefixtures("files")
def test_a_thousand_idle_connections_keep_nobody_out() -> None:
    words = [sys.executable, "-m", "reader", "serve", "--port", "0", "--token", TOKEN]
    process = subprocess.Popen(words, stdout=PIPE, stderr=PIPE, preexec_fn=_few_files)
    assert process.stdout is not None
    try:
        server = RawServer(
            int(process.stdout.readline().decode().partition("127.0.0.1:")[2].partition("/")[0])
        )
        with ExitStack() as stack:
            for number in range(1020):  # Some silent, some in the middle of a request.
                stack.enter_context(server.line()).send(b"GET / HTTP/1.1\r\nHost: 127" * (number % 2))
            server.check()
    finally:
        process.terminate()
        _, err = process.communicate()
    assert err == b""


def test_the_oldest_makes_room_and_who_is_answered_does_not() -> None:
    with raw_server(limits=PATIENT) as server, ExitStack() as stack, server.websocket() as page:
        idle = [stack.enter_context(server.line()) for _ in range(60)]
        assert idle[0].until_closed() == b""
        page.send(frame(TEXT, b'["ping", "17"]'))
        assert b'["pong", "17"]' in page.receive(1.0)
        newest = idle[-1]
        newest.send(server.request(f"/?token={TOKEN}", "Connection: close"))
        assert newest.until_closed().startswith(b"HTTP/1.1 200 ")


@pytest.mark.skipif(sys.platform != "linux", reason="needs more than one address of this machine")
def test_who_opens_many_closes_only_its_own() -> None:
    with raw_server(limits=PATIENT) as server, ExitStack() as stack:

        def connections(source: str, number: int) -> list[socket.socket]:
            place, own = ("127.0.0.1", server.port), (source, 0)
            return [stack.enter_context(socket.create_connection(place, 20, own)) for _ in range(number)]

        few, many = connections("127.0.0.3", 5), connections("127.0.0.2", 60)
        assert many[0].recv(1) == b""
        for one in few:
            one.sendall(server.request(f"/?token={TOKEN}"))
            assert one.recv(100).startswith(b"HTTP/1.1 200 ")


def test_where_all_are_answered_a_new_one_is_refused() -> None:
    with raw_server(limits=PATIENT._replace(connections=2)) as server:
        with server.websocket() as first, server.websocket():
            with server.line() as third:
                assert third.until_closed().startswith(b"HTTP/1.1 503 ")
            first.socket.shutdown(socket.SHUT_RDWR)
            first.until_closed()
        server.check()


@pytest.mark.parametrize(
    ("start", "answer"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\n", b"HTTP/1.1 408 "),
        (b"GET /?token=wrong HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"HTTP/1.1 403 "),
    ],
    ids=["silent", "half a request", "idle afterwards"],
)
def test_who_is_too_slow_is_cut_off(start: bytes, answer: bytes) -> None:
    with raw_server(limits=HASTY) as server:
        with server.line() as line:
            line.send(start)
            got = line.until_closed()
            assert got.startswith(answer)
            assert bool(got) == bool(answer)
        server.check()


def test_a_byte_now_and_then_gets_nobody_more_time() -> None:
    with raw_server(limits=HASTY) as server:
        with server.line() as line:
            line.socket.settimeout(0.02)
            got = b""
            for byte in b"GET / HTTP/1.1\r\nX: " + b"x" * 10_000:
                line.send(bytes([byte]))
                try:
                    got = line.socket.recv(100)
                    break
                except TimeoutError:
                    pass
                except ConnectionError:
                    break
            else:
                pytest.fail("it took all of it")
            assert got == b"" or got.startswith(b"HTTP/1.1 408 ")
        server.check()


def test_who_does_not_take_the_answer_is_cut_off() -> None:
    with raw_server(limits=HASTY) as server:
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            slow.connect(("127.0.0.1", server.port))
            request = server.request(f"/static/js/textual.js?token={TOKEN}")
            slow.sendall(request * 20)
            # Nothing is read: the other end is closed with what it holds, which shows as soon as somebody looks.
            slow.settimeout(20)
            while slow.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                try:
                    slow.send(b"x")
                except TimeoutError:
                    pytest.fail("it waits for ever")
                except OSError:
                    break
        server.check()


def test_a_page_lasts_though_it_is_silent() -> None:
    with raw_server(limits=HASTY) as server, server.websocket() as line:
        assert line.receive(4 * HASTY.answer_seconds)
        line.send(frame(PING, b"17"))
        assert frame(PONG, b"17", masked=False) in line.receive(1.0)


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(10_000)) + b"\r\n",
        b"\x1b]0;title\x07 / HTTP/1.1\r\n\r\n",
    ],
    ids=["TLS", "length", "version", "long line", "many headers", "escape"],
)
def test_what_is_no_request_is_refused_without_a_word_on_the_terminal(
    data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with raw_server() as server:
        with server.line() as line:
            line.send(data)
            assert line.until_closed().startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 ", b""))
        server.check()
    out, err = capfd.readouterr()
    assert out + err == ""


@pytest.mark.parametrize(
    "path",
    [
        "/page/" + "a" * 5000,
        "/static/%00",
        "/static/%ff%fe",
        "/static/../server.py",
        "/page/%2e%2e/access.py",
    ],
)
def test_what_is_no_file_of_the_page_is_not_found(path: str) -> None:
    with raw_server() as server:
        assert server.send(server.request(f"{path}?token={TOKEN}")).startswith(b"HTTP/1.1 404 ")
        server.check()


@pytest.mark.parametrize("header", [b"Upgrade: web\xc1socket", b"Upgrade: websocket\r\nConnection: \xff"])
def test_a_handshake_that_is_no_text_is_refused(header: bytes) -> None:
    with raw_server() as server:
        request = server.request(f"/ws?token={TOKEN}", f"Origin: http://127.0.0.1:{server.port}")
        answer = server.send(request[:-2] + header + b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 ")
        server.check()


def test_errors_are_few_lines_a_minute_and_short(capsys: pytest.CaptureFixture[str]) -> None:
    printer = ErrorPrinter()

    def complain(at: float, number: int) -> None:
        for _ in range(number):
            record = logging.LogRecord(
                "aiohttp", logging.ERROR, "", 1, "no \x1b]0;x\x07 " + "y" * 9000, (), None
            )
            record.created = at
            printer.emit(record)

    complain(1000.0, 5000)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == MOST_LINES
    assert all(len(line) < 400 and "\x1b" not in line for line in lines)
    complain(1000.0 + PERIOD, 1)
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"protocol-reader: {5000 - MOST_LINES:,} more errors were not shown"
    assert second.startswith("protocol-reader: no ")
