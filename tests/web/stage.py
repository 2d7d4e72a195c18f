"""The server of the reader in a browser, on a free port, with small programs in the place of readers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from reader.web.access import LOOPBACK_NAMES, AccessPolicy, listen, resolve
from reader.web.server import Server

_WITH_PACKETS = """
import json, os, sys, signal
def send(kind, data):
    sys.stdout.buffer.write(kind + len(data).to_bytes(4, "big") + data)
    sys.stdout.buffer.flush()
def packets():
    while head := sys.stdin.buffer.read(5):
        yield head[:1], sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))
print("__GANGLION__", flush=True)
"""
ECHO = f"""{_WITH_PACKETS}
send(b"D", f"{{os.environ['COLUMNS']}}x{{os.environ['ROWS']}}".encode())
for kind, data in packets():
    told = json.loads(data) if kind == b"M" else {{}}
    if told.get("type") == "quit":
        break
    send(b"D", kind + data)
send(b"M", b'{{"type": "exit"}}')
"""
"""Says its size, then everything that it is told, and ends when it is asked to."""
STUBBORN = f"""{_WITH_PACKETS}
import subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "300"])
send(b"D", str(child.pid).encode())
while True:
    time.sleep(60)
"""
"""Never ends by itself, nor when it is asked to; has started another process and says its number."""
DRAWING = f"""{_WITH_PACKETS}
for _ in range(1000):
    send(b"D", bytes(64_000))
next(packets())
"""
"""Draws more than a page shows at once, and then waits for what it is told."""
FAILING = "import sys; sys.exit('protocol-reader: the library is \\x1b]0;gone\\x07')"
"""Ends with an error before it begins."""
BROKEN = f"""{_WITH_PACKETS}
send(b"D", b"first")
def secret_place():
    raise KeyError("a \\x1b]0;secret\\x07")
secret_place()
"""
"""Ends with an error that nobody has foreseen."""
FILE = f"""{_WITH_PACKETS}
sys.path[:0] = {sys.path!r}
from textual._binary_encode import dump
key, left = "some-key", [b"first, ", b"second", b""]
name = "/tmp/x/A “roof”; filename=evil.html"
about = {{"type": "deliver_file_start", "key": key, "path": name, "open_method": "browser", "encoding": ""}}
send(b"M", json.dumps({{**about, "mime_type": "text/html", "name": None}}).encode())
for kind, data in packets():
    told = json.loads(data) if kind == b"M" else {{}}
    if told.get("type") == "quit":
        break
    if told.get("type") == "deliver_chunk_request":
        send(b"P", dump(("deliver_chunk", key, left.pop(0))))
"""
"""Hands out a file whose name is no name of a file."""


class Served(NamedTuple):
    """A server that runs, and a browser's part of it."""

    client: aiohttp.ClientSession
    address: str
    """Scheme, host and port."""

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    async def get(self, path: str = "/", **headers: str) -> tuple[int, str, Mapping[str, str]]:
        async with self.client.get(self.address + path, headers=headers) as answer:
            return answer.status, await answer.text(), answer.headers

    def line(self, path: str = "/ws", **headers: str) -> Any:
        """A WebSocket as our own page opens it."""
        return self.client.ws_connect(self.address + path, headers={"Origin": self.address, **headers})


@asynccontextmanager
async def serving(
    program: str | Sequence[str] = ECHO, *, token: str | None = None, most: int = 8
) -> AsyncIterator[Served]:
    """A server whose sessions run a Python program, or a command."""
    words = [sys.executable, "-c", program] if isinstance(program, str) else program
    policy = AccessPolicy(token=token, hosts=LOOPBACK_NAMES)
    server = Server(words, policy, most=most)
    listening = listen(resolve("127.0.0.1"), 0)
    jar = aiohttp.CookieJar(unsafe=True)  # Cookies of an IP address, too.
    async with server.serving(listening), aiohttp.ClientSession(cookie_jar=jar) as client:
        yield Served(client, f"http://127.0.0.1:{listening.getsockname()[1]}")


def sessions() -> list[int]:
    """The processes of sessions that run: started by this process, first of a process group, in a terminal of pages."""
    own = str(os.getpid())
    pids = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent, _, session = path.read_text(errors="replace").rpartition(")")[2].split()[:4]
            is_first = session == path.parent.name and state != "Z"
            if (
                parent == own
                and is_first
                and b"TERM_PROGRAM=textual" in (path.parent / "environ").read_bytes()
            ):
                pids.append(int(session))
    return pids


def resize(width: object, height: object) -> str:
    """What a page says when its window has changed."""
    return json.dumps(["resize", {"width": width, "height": height}])
