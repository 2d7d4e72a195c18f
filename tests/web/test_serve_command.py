"""`protocol-reader serve`: what it says before anything starts, and how it ends."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from argparse import Namespace
from pathlib import Path
from threading import Thread

import aiohttp
import pytest

from reader.app.web_driver import whole_writer
from reader.commands.serve import child_words, serve_parser
from tests.commands.stage import Run
from tests.waiting import eventually, is_running


def parsed(*words: str) -> Namespace:
    return serve_parser().parse_args(words)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--port", "65536"], "is not a whole number from 0 to 65,535"),
        (["--most", "0"], "--most: “0” is not a whole number from 1 to 1,000,000"),
        (["--library", "a", "b"], "--library and PATH cannot be used together"),
        (["--site", "no site", "."], "not a site"),
        (["--no-token", "--host", "0.0.0.0"], "--no-token: other machines can reach 0.0.0.0"),
    ],
)
def test_wrong_use(words: list[str], sentence: str, run: Run) -> None:
    status, _, err = run("serve", *words)
    assert (status, sentence in err) == (2, True)


def test_a_token_is_long_and_plain(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for token in ("short", "ein-langes-wort-mit-ä"):
        monkeypatch.setenv("PROTOCOL_READER_TOKEN", token)
        status, _, err = run("serve")
        assert (status, "PROTOCOL_READER_TOKEN needs at least 16" in err) == (2, True)


def test_what_is_not_there_is_said_before_anything_starts(tmp_path: Path, run: Run) -> None:
    missing = tmp_path / "nothing"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for words, status, sentence in (
            ([tmp_path, missing], 3, f"{missing}: there is no such file or folder"),
            (["--library", missing], 3, f"{missing}: there is no such library"),
            (["-"], 3, "standard input can be read only once"),
            (["--host", "nowhere.invalid"], 2, "--host nowhere.invalid: there is no such address"),
            (
                ["--port", taken.getsockname()[1]],
                2,
                "is used by another program; --port 0 chooses a free one",
            ),
        ):
            done = run("serve", *words)
            assert (done.status, sentence in done.err) == (status, True), words


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setitem(sys.modules, "reader.web.server", None)
    status, _, err = run("serve")
    assert (status, "serve needs the extra “web”: " in err) == (3, True)


def test_a_session_gets_the_same_options_as_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = child_words(parsed("--theme", "paper", "--site", "protocol.com", "a b; $(c)", "--", "-d"))
    assert words[0] == sys.executable
    assert words[words.index("--theme=paper") :] == [
        "--theme=paper", "--site=protocol.com", "--", f"{tmp_path}/a b; $(c)", f"{tmp_path}/-d",
    ]  # fmt: skip
    assert child_words(parsed("--library", "own.sqlite"))[-2:] == [f"--library={tmp_path}/own.sqlite", "--"]


async def first_line(*words: str, **environment: str) -> tuple[asyncio.subprocess.Process, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "reader", "serve", "--port", "0", *words,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=os.environ | environment,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(60):
        return process, (await process.stdout.readline()).decode()


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for a process's children")
@pytest.mark.parametrize(
    ("number", "words", "token"),
    # Where nobody else gets there, no token is needed.
    [(signal.SIGINT, [], r"/\?token=[\w-]{32}"), (signal.SIGKILL, ["--no-token"], "/")],
    ids=["interrupted", "killed"],
)
async def test_it_says_where_and_its_readers_end_with_it(
    number: signal.Signals, words: list[str], token: str
) -> None:
    process, said = await first_line(*words, PROTOCOL_READER_TOKEN="kestrel-nimbus-0123456789" * bool(words))
    address = said.removeprefix("Serving at ").removesuffix(" (Ctrl-C stops it)\n")
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+{token}", address)
    jar = aiohttp.CookieJar(unsafe=True)  # Cookies of an IP address, too.
    async with aiohttp.ClientSession(cookie_jar=jar) as client:
        origin = address.partition("/?")[0].rstrip("/")
        for page, status in ((origin, 200 if words else 403), (address, 200)):
            async with client.get(page) as answer:
                assert answer.status == status
        async with client.ws_connect(f"{origin}/ws", headers={"Origin": origin}) as line:
            async with asyncio.timeout(60):
                assert (await line.receive_bytes()).startswith(b"\x1b[?1049h")
            child = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])
            assert is_running(child)
            process.send_signal(number)
            out, err = await asyncio.wait_for(process.communicate(), 30)
    killed = number == signal.SIGKILL
    assert (process.returncode, out, err) == (-number if killed else 0, b"", b"")
    if killed:  # It sees for itself that nobody is there any more.
        await eventually(lambda: not is_running(child))
    assert not is_running(child)


async def test_to_other_machines_it_says_that_nothing_is_encrypted() -> None:
    process, said = await first_line("--host", "0.0.0.0")
    assert "?token=" in said
    process.terminate()
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert b"not encrypted" in out
    assert (process.returncode, err) == (0, b"")


def test_packets_of_two_threads_do_not_mix() -> None:
    size, number = 300_000, 10
    reading, writing = os.pipe()
    write = whole_writer(writing)
    threads = [
        Thread(target=lambda one=one: [write(one * size) for _ in range(number)]) for one in (b"a", b"b")
    ]
    for thread in threads:
        thread.start()
    with open(reading, "rb") as stream:  # noqa: PTH123
        packets = [stream.read(size) for _ in range(2 * number)]
    for thread in threads:
        thread.join()
    os.close(writing)
    assert sorted(packets) == [b"a" * size] * number + [b"b" * size] * number
