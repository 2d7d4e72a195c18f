"""How the app ends when the system asks: signals and a terminal that closes.

A signal asks the app to leave in good order. If it has not ended within `PATIENCE`, whatever keeps it, a
thread of ours puts the terminal back as it was and ends the process.

The handlers stand before anything is changed in the terminal. Nothing of Textual is imported, so that this costs
the start no time.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import time
from functools import partial
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from textual.app import App

PATIENCE = 2.0
"""Seconds that the app gets to end by itself."""
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
"""What asks the app to end. SIGINT comes from outside only: in the app Ctrl-C is a key."""

LEAVE = b"".join(
    (
        b"\x1b[?2026l",  # synchronised output: off
        b"\x1b[<u",  # the kitty keyboard protocol: as before; must come before the screen changes
        b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l",  # mouse: off
        b"\x1b[?2004l\x1b[?1004l\x1b[?2048l\x1b[?2031l",  # bracketed paste; reports of focus, size and colours: off
        b"\x1b[?7h\x1b[0m",  # line wrap on, no colours
        b"\x1b[?1049l\x1b[?25h",  # the screen as it was, cursor shown
    )
)
"""Sets a terminal back to how the app found it."""

_CHECK = 1000
"""Milliseconds between two checks that the terminal is still there, where the system does not report it."""


class Watchdog:
    """While it is entered, `SIGNALS` and the closing of the terminal end the program. Main thread only.

    An app that `run` runs is asked to exit; without one a signal raises SystemExit. At the end the terminal is as
    it was.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        """`patience` is in seconds."""
        self.code: int | None = None
        """The exit status once a signal has come: 128 + its number."""
        self._app: App[Any] | None = None
        self._patience = patience
        self._inside = False
        self._keyboard = sys.__stdin__.fileno() if sys.__stdin__ else 0
        self._screen = sys.__stderr__.fileno() if sys.__stderr__ else 2
        self._attributes: list[Any] | None = None
        self._pipe = (-1, -1)
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        with contextlib.suppress(termios.error):
            self._attributes = termios.tcgetattr(self._keyboard)
        self._pipe = os.pipe()
        for end in self._pipe:
            os.set_blocking(end, False)
        self._inside = True
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._on_signal)
        # The system writes a signal's number here at once, also while the main thread is stuck in a loop.
        signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        Thread(target=self._watch, name="watchdog", daemon=True).start()
        return self

    def run(self, app: App[Any]) -> int:
        """Run `app` until it ends; its exit status, or 128 + n when signal n ended it."""
        self._app = app
        if self.code is not None:
            # Whoever was interrupted has taken the SystemExit for something else.
            raise SystemExit(self.code)
        app.run()
        return self.code or app.return_code or 0

    def __exit__(self, *_: object) -> None:
        self._inside = False
        if self.code is not None:
            # What the signal interrupted may not have put the terminal back.
            self._restore_attributes()
            # The process is to end: the thread stays, for whatever still keeps it.
            if self.code == 128 + signal.SIGHUP:
                _point_to_nowhere()
            return
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.write(self._pipe[1], b"\0")

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        first = self.code is None
        self.code = self.code or 128 + number
        loop = _running_loop()
        if loop is not None and self._app is not None:
            loop.call_soon_threadsafe(partial(self._app.exit, return_code=self.code))
        elif self._inside and first:
            raise SystemExit(self.code)

    def _watch(self) -> None:
        """The thread: sleeps until a signal comes, the terminal closes or the app has ended."""
        # Else putting the terminal back from the background would stop the process.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        reading, writing = self._pipe
        poll = select.poll()
        poll.register(reading, select.POLLIN)
        poll.register(self._keyboard, 0)
        reported = self._attributes is None
        while True:
            events = dict(poll.poll(None if reported else _CHECK))
            if reading in events:
                received = [number for number in os.read(reading, 64) if number in (0, *SIGNALS)]
                if received:
                    break
            if self._keyboard in events:
                poll.unregister(self._keyboard)
            if not reported and _is_gone(self._keyboard):
                reported = True
                os.kill(os.getpid(), signal.SIGHUP)
        if received[0] == 0:
            os.close(reading)
            os.close(writing)
            return
        self._wait_and_end(128 + received[0])

    def _wait_and_end(self, code: int) -> None:
        time.sleep(self._patience)
        if self._inside:
            self._restore()
        os._exit(code)

    def _restore(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            # A terminal that takes nothing, as after Ctrl-S, must not keep us.
            if select.select([], [self._screen], [], 0.2)[1]:
                os.write(self._screen, LEAVE)
        self._restore_attributes()

    def _restore_attributes(self) -> None:
        if self._attributes is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._keyboard, termios.TCSANOW, self._attributes)


def _running_loop() -> AbstractEventLoop | None:
    """The event loop of this thread, where one runs; a module that is being imported has none yet."""
    running = getattr(sys.modules.get("asyncio"), "_get_running_loop", None)
    loop: AbstractEventLoop | None = None if running is None else running()
    return loop


def _is_gone(terminal: int) -> bool:
    try:
        termios.tcgetattr(terminal)
    except termios.error:
        return True
    return False


def _point_to_nowhere() -> None:
    """Lead the standard streams to nowhere: failing to write out their rest would change the exit status."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        if os.isatty(stream) is False:
            os.dup2(nowhere, stream)
    os.close(nowhere)
