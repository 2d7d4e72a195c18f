"""A program in a real pseudo-terminal: what it writes, byte for byte, and what its screen then shows."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import pyte

from reader.settings.config import NAME
from reader.settings.session_store import SessionStore
from tests.paths import ROOT

TIMEOUT = 60.0
"""Seconds after which a program that does not do what is waited for has failed."""

_ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[c": b"\x1b[?62;22c",
}
"""What a terminal says when it is asked."""

# What the emulated screen would print instead of ignoring.
_NOT_FOR_THE_SCREEN = re.compile(r"\x1b\[[<>=][0-9;]*u|\x1b\[\?[0-9;]*\$p")
_UNFINISHED = re.compile(r"\x1b(?:\[[<=>?]?[0-9;:]*[ -/]*)?\Z")


def modes(output: bytes) -> dict[str, str]:
    """Each private mode that was set or reset, and which it was last."""
    found = {}
    for match in re.finditer(rb"\x1b\[\?([0-9;]+)([hl])", output):
        found.update(dict.fromkeys(match[1].decode().split(";"), match[2].decode()))
    return found


class Terminal:
    """A program and the terminal it runs in. A context manager: leaving it kills what still runs."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        stdin: int | None = None,
        controlling: bool = True,
    ) -> None:
        """`controlling`: the terminal is the program's own, so that its closing is told by a signal.

        The program finds that the first steps have been shown, and remembers nothing else, unless `env` says where.
        """
        self.output = bytearray()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._drawn = 0
        self._display: list[str] = []
        self._unfinished = ""
        self.master, self.slave = pty.openpty()
        self.set_size(columns, rows)
        self.attributes = termios.tcgetattr(self.slave)
        """How the terminal was before the program."""
        self._state = TemporaryDirectory(prefix="state-")
        SessionStore(Path(self._state.name) / NAME, "").welcome()
        self.process = subprocess.Popen(
            command,
            stdin=self.slave if stdin is None else stdin,
            stdout=self.slave,
            stderr=self.slave,
            cwd=ROOT,
            env={**_environment(), "XDG_STATE_HOME": self._state.name, **(env or {})},
            start_new_session=True,
            preexec_fn=partial(_begin, controlling),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.close()

    def close(self) -> None:
        """Close the terminal, as a window is closed."""
        for end in (self.master, self.slave):
            with contextlib.suppress(OSError):
                os.close(end)
        self._state.cleanup()

    def set_size(self, columns: int, rows: int) -> None:
        self._display = []
        self._screen.resize(rows, columns)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: bytes | str) -> None:
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def read(self, wait: float) -> bool:
        """Take what the program writes within `wait` seconds, and answer its questions; whether there was any."""
        if not select.select([self.master], [], [], wait)[0]:
            return False
        data = os.read(self.master, 1 << 16)
        self.output += data
        for question, answer in _ANSWERS.items():
            if question in data:
                os.write(self.master, answer)
        return bool(data)

    def until(self, reached: Callable[[], bool]) -> None:
        end = time.monotonic() + TIMEOUT
        while not reached():
            assert time.monotonic() < end, f"not reached; the screen:\n{self.text}"
            assert self.process.poll() is None or self.read(0), f"the program ended:\n{self.text}"
            self.read(0.2)

    def until_shown(self, text: str) -> None:
        self.until(lambda: text in self.text)

    def settle(self, quiet: float = 0.3) -> None:
        """Read until nothing is written for `quiet` seconds."""
        while self.read(quiet):
            pass

    def status(self) -> int:
        """The exit status once the program has ended; -n when signal n killed it."""
        end = time.monotonic() + TIMEOUT
        while self.process.poll() is None:
            assert time.monotonic() < end, f"the program does not end; the screen:\n{self.text}"
            with contextlib.suppress(OSError):
                self.read(0.05)
        with contextlib.suppress(OSError):
            self.settle(0.05)
        return self.process.returncode

    def until_stopped(self) -> None:
        """Wait until the program is stopped, as after Ctrl-Z."""
        end = time.monotonic() + TIMEOUT
        while True:
            self.read(0.05)
            stopped, status = os.waitpid(self.process.pid, os.WUNTRACED | os.WNOHANG)
            if stopped and os.WIFSTOPPED(status):
                self.settle(0.05)
                return
            assert not stopped, "the program ended"
            assert time.monotonic() < end, "the program does not stop"

    def go_on(self) -> None:
        """Let a stopped program run."""
        self.process.send_signal(signal.SIGCONT)

    @property
    def lines(self) -> list[str]:
        if self._drawn == len(self.output) and self._display:
            return self._display
        text = self._unfinished + self._decoder.decode(bytes(self.output[self._drawn :]))
        self._drawn = len(self.output)
        unfinished = _UNFINISHED.search(text)
        self._unfinished = unfinished[0] if unfinished else ""
        text = text.removesuffix(self._unfinished)
        self._stream.feed(_NOT_FOR_THE_SCREEN.sub("", text))
        self._display = list(self._screen.display)
        return self._display

    @property
    def text(self) -> str:
        """What the screen shows, its lines joined."""
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def is_as_before(self) -> bool:
        """Whether the terminal's own settings are those from before the program."""
        return termios.tcgetattr(self.slave) == self.attributes


def python(*arguments: str) -> list[str]:
    """The command that runs this Python."""
    return [sys.executable, *arguments]


def _begin(controlling: bool) -> None:
    # Tests that are run in the background may ignore these, and what they start would too.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if controlling:
        fcntl.ioctl(1, termios.TIOCSCTTY, 0)


def _environment() -> dict[str, Any]:
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "VIRTUAL_ENV") if name in os.environ
    }
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
