"""Many connections, slow ones and broken requests: the server stays reachable, and says little of it."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from subprocess import PIPE
from typing import Final
from urllib.request import urlopen

import pytest

from reader.web.server import ErrorPrinter
from tests.web.stage import Served, serving

TOKEN: Final = "kestrel-nimbus-0123456789"
HASTY: Final = 0.3
FILES: Final = 512
"""How many open files the server may have."""


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that waits only `HASTY` seconds for a request."""
    monkeypatch.setattr("reader.web.server.REQUEST_SECONDS", HASTY)


def _few_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))


def test_as_many_idle_connections_as_open_files_keep_nobody_out() -> None:
    words = [sys.executable, "-m", "reader", "serve", "--port", "0"]
    environment = {**os.environ, "PROTOCOL_READER_TOKEN": TOKEN}
    process = subprocess.Popen(words, stdout=PIPE, stderr=PIPE, env=environment, preexec_fn=_few_files)
    assert process.stdout is not None
    try:
        address = process.stdout.readline().decode().split()[2]
        port = int(address.partition("127.0.0.1:")[2].partition("/")[0])
        with ExitStack() as stack:
            process.send_signal(signal.SIGSTOP)  # It finds all of them at once, as on a busy machine.
            for number in range(FILES - 4):  # Some silent, some in the middle of a request.
                line = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                line.sendall(b"GET / HTTP/1.1\r\nHost: 127" * (number % 2))
            process.send_signal(signal.SIGCONT)
            assert urlopen(address, timeout=20).status == 200
    finally:
        process.terminate()
        _, err = process.communicate()
    assert err == b""


@asynccontextmanager
async def raw_line(
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[tuple[Served, StreamReader, StreamWriter]]:
    """A TCP connection to a server, which must still answer afterwards and report no error."""
    async with serving() as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        yield served, reader, writer
        writer.close()
        assert (await served.get())[0] == 200
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def until_closed(reader: StreamReader) -> bytes:
    """What comes until the server closes, which it must within a while."""
    with suppress(ConnectionError):
        return await asyncio.wait_for(reader.read(), 20)
    return b""


@pytest.mark.usefixtures("_hasty")
@pytest.mark.parametrize(
    "start",
    [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"],
    ids=["silent", "half a request", "refused"],
)
async def test_who_sends_no_request_with_access_is_cut_off(
    start: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with raw_line(caplog) as (_, reader, writer):
        writer.write(start)
        assert (await until_closed(reader)).startswith(b"HTTP/1.1 403 " if b"evil" in start else b"")


@pytest.mark.usefixtures("_hasty")
async def test_a_byte_now_and_then_gets_nobody_more_time(caplog: pytest.LogCaptureFixture) -> None:
    async with raw_line(caplog) as (_, reader, writer):
        for byte in b"GET / HTTP/1.1\r\nX: " + b"x" * 10_000:
            writer.write(bytes([byte]))
            with suppress(TimeoutError):
                assert await asyncio.wait_for(until_closed(reader), 0.02) == b""
                break
        else:
            pytest.fail("it took all of it")


@pytest.mark.usefixtures("_hasty")
async def test_a_page_lasts_though_it_is_silent() -> None:
    async with serving() as served, served.line() as line:
        await line.receive_bytes()
        await asyncio.sleep(4 * HASTY)
        await line.send_str('["ping", "17"]')
        assert await line.receive_json() == ["pong", "17"]


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
async def test_what_is_no_request_is_refused_without_a_word_on_the_terminal(
    data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    async with serving() as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(data)
        assert (await until_closed(reader)).startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 ", b""))
        writer.close()
        assert (await served.get())[0] == 200
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "path",
    [
        b"/page/" + b"a" * 5000,
        b"/static/%00",
        b"/static/%ff%fe",
        b"/static/../server.py",
        b"/page/%2e%2e/access.py",
    ],
)
async def test_what_is_no_file_is_not_found(path: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with raw_line(caplog) as (served, reader, writer):
        host = b"127.0.0.1:%d" % served.port
        writer.write(b"GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (path, host))
        async with asyncio.timeout(20):
            assert (await reader.readline()).startswith(b"HTTP/1.1 404 ")


def test_an_error_is_a_short_line(capsys: pytest.CaptureFixture[str]) -> None:
    text = "no \x1b]0;x\x07 " + "y" * 9000 + "\nfor developers"
    ErrorPrinter().emit(logging.LogRecord("aiohttp", logging.ERROR, "", 1, text, (), None))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("protocol-reader: no ␛]0;x␇ yyy")
    assert len(line) < 400
