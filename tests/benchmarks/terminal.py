"""A program in a real pseudo-terminal, timed from outside: when something is shown, how long a key takes.

Programs are compiled into a folder of the run's own, so a first run there, which is not counted, makes all
later ones start as an installed program does, whatever the environment says about writing byte code.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import NamedTuple, Self

from reader.settings import NAME
from reader.settings.session_store import SessionStore
from tests.paths import ROOT

COLUMNS, ROWS = 120, 40
QUIET = 0.06
"""Seconds without output after which a screen has settled."""
PATIENCE = 60.0
"""Seconds that a program gets to show what it should."""

_ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronised output: known, off
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",  # size reports: unknown
    b"\x1b[?u": b"\x1b[?0u",  # the kitty keyboard protocol: off
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[c": b"\x1b[?62;22c",
}
_CONTROLS = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.|[\x00-\x1f]")
_KEPT = ("PATH", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")


class Stroke(NamedTuple):
    """What followed a key."""

    first_ms: float
    """Until the first byte."""
    last_ms: float
    """Until the last byte before the screen settled."""
    output: bytes


class Terminal:
    """A module of this project, run in a terminal of its own. A context manager: it is ended on the way out."""

    def __init__(self, folder: Path, module: str, *arguments: str) -> None:
        """`folder` holds the byte code and stands for the home folder."""
        self.output = bytearray()
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        command = [sys.executable, "-m", module, *arguments]
        self._start = perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env=_environment(folder),
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        until = perf_counter() + 5
        while self._process.poll() is None and perf_counter() < until:
            self._read(0.02)
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    @property
    def memory_mb(self) -> float:
        """The process's resident memory."""
        said = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self._process.pid)], capture_output=True, text=True, check=True
        )
        return int(said.stdout) / 1024

    def until_shown(self, *texts: str) -> float:
        """Milliseconds from the start of the program until all the texts have been written."""
        wanted = [text.encode() for text in texts]
        while perf_counter() - self._start < PATIENCE:
            at = self._read(0.2)
            shown = written(self.output)
            if all(text in shown for text in wanted):
                return 1000 * ((at or perf_counter()) - self._start)
            if self._process.poll() is not None and at is None:
                break
        raise RuntimeError(f"{texts} not shown, but: {written(self.output)[-2000:].decode(errors='replace')}")

    def settle(self, quiet: float = 5 * QUIET) -> None:
        """Read until nothing has come for so many seconds."""
        while self._read(quiet) is not None:
            pass

    def type(self, key: str) -> None:
        """Type a key and wait for nothing."""
        os.write(self._master, key.encode())

    def press(self, key: str) -> Stroke:
        """Type a key and time what follows. A key that nothing follows is an error."""
        before = len(self.output)
        start = perf_counter()
        self.type(key)
        first = last = self._read(PATIENCE)
        if first is None or last is None:
            raise RuntimeError(f"nothing followed the key {key!r}")
        while (at := self._read(QUIET)) is not None:
            last = at
        return Stroke(1000 * (first - start), 1000 * (last - start), bytes(self.output[before:]))

    def _read(self, wait: float) -> float | None:
        """Take what is written within `wait` seconds and answer questions; when it came, or None."""
        if not select.select([self._master], [], [], wait)[0]:
            return None
        data = b""
        with suppress(OSError):  # Linux's word for: the other end is closed.
            data = os.read(self._master, 1 << 16)
        at = perf_counter()
        if not data:
            return None
        self.output += data
        for question, answer in _ANSWERS.items():
            if question in data:
                os.write(self._master, answer)
        return at


def written(output: bytes | bytearray) -> bytes:
    """The output without what only controls the terminal."""
    return _CONTROLS.sub(b"", output)


def _environment(folder: Path) -> dict[str, str]:
    """The same for every program, with nothing of the user's own settings."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    SessionStore(folder / ".local" / "state" / NAME, "").welcome()
    own = {"HOME": str(folder), "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    return {**kept, **own, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
