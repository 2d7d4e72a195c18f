"""Many connections, slow ones and broken requests: the server stays reachable, and says little of it."""

from __future__ import annotations

import logging
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from subprocess import PIPE
from typing import Final

import pytest

from reader.web.server import ErrorPrinter
from tests.web.raw_web import PING, PONG, TOKEN, RawServer, frame, raw_server

HASTY: Final = 0.3
"""Seconds for a request."""
_OWN_FILES: Final = 2000


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


@pytest.mark.parametrize(
    "start",
    [b"", b"GET / HTTP/1.1\r\n", b"GET /?token=wrong HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"],
    ids=["silent", "half a request", "refused"],
)
def test_who_sends_no_request_with_access_is_cut_off(start: bytes) -> None:
    with raw_server(request_seconds=HASTY) as server:
        with server.line() as line:
            line.send(start)
            assert line.until_closed().startswith(b"HTTP/1.1 403 " if b"token" in start else b"")
        server.check()


def test_a_byte_now_and_then_gets_nobody_more_time() -> None:
    with raw_server(request_seconds=HASTY) as server:
        with server.line() as line:
            line.socket.settimeout(0.02)
            for byte in b"GET / HTTP/1.1\r\nX: " + b"x" * 10_000:
                try:
                    line.send(bytes([byte]))
                    assert line.socket.recv(100) == b""
                    break
                except TimeoutError:
                    pass
                except ConnectionError:
                    break
            else:
                pytest.fail("it took all of it")
        server.check()


def test_a_page_lasts_though_it_is_silent() -> None:
    with raw_server(request_seconds=HASTY) as server, server.websocket() as line:
        assert line.receive(4 * HASTY)
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


def test_an_error_is_a_short_line(capsys: pytest.CaptureFixture[str]) -> None:
    text = "no \x1b]0;x\x07 " + "y" * 9000 + "\nfor developers"
    ErrorPrinter().emit(logging.LogRecord("aiohttp", logging.ERROR, "", 1, text, (), None))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("protocol-reader: no ␛]0;x␇ yyy")
    assert len(line) < 400
