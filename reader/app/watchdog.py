"""Ends the app on a signal or when its terminal closes.

A signal asks the app to exit. If it has not done so within `PATIENCE` seconds, a thread restores the terminal and
ends the process.

The handlers are installed before the terminal is changed. Textual is not imported, so that this does not slow
the start.
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
"""Seconds that the app has to exit by itself."""
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
"""Signals that end the app. SIGINT only comes from outside: inside the app, Ctrl-C is a key."""

RESET_TERMINAL = b"".join(
    (
        b"\x1b[?2026l",  # synchronised output: off
        b"\x1b[<u",  # the kitty keyboard protocol: restored; must come before the screen changes
        b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l",  # mouse: off
        b"\x1b[?2004l\x1b[?1004l\x1b[?2048l\x1b[?2031l",  # bracketed paste; reports of focus, size and colours: off
        b"\x1b[?7h\x1b[0m",  # line wrap on, no colours
        b"\x1b[?1049l\x1b[?25h",  # the main screen, with its cursor
    )
)
"""Escape sequences that restore the terminal."""

_CHECK = 1000
"""Milliseconds between two checks that the terminal is still there, where the system does not report it."""


class Watchdog:
    """A context in which `SIGNALS`, or the closing of the terminal, end the program. Main thread only.

    Inside `run`, the app is asked to exit; otherwise a signal raises SystemExit. The terminal is restored at the end.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        """`patience`: seconds that the app has to exit by itself."""
        self.code: int | None = None
        """The exit status after a signal: 128 + its number. None before."""
        self._app: App[Any] | None = None
        self._patience = patience
        self._entered = False
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
        self._entered = True
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._on_signal)
        # The system writes a signal's number here at once, even while the main thread is stuck in a loop.
        signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        Thread(target=self._watch, name="watchdog", daemon=True).start()
        return self

    def run(self, app: App[Any]) -> int:
        """Run `app` until it ends; return its exit status, or 128 + n if signal n ended it."""
        self._app = app
        if self.code is not None:
            # Something has swallowed the SystemExit.
            raise SystemExit(self.code)
        app.run()
        return self.code or app.return_code or 0

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._entered = False
        if self.code is not None:
            # The interrupted code may not have restored the terminal.
            self._restore_attributes()
            # The process is ending: keep the thread, in case something blocks the exit.
            if self.code == 128 + signal.SIGHUP:
                # Flushing the standard streams to a closed terminal would change the exit status.
                devnull = os.open(os.devnull, os.O_RDWR)
                for stream in (0, 1, 2):
                    if os.isatty(stream) is False:
                        os.dup2(devnull, stream)
                os.close(devnull)
            if isinstance(error, Exception):
                # Python 3.11 wraps the SystemExit of a signal that arrives while a class is made.
                raise SystemExit(self.code) from error
            return
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.write(self._pipe[1], b"\0")

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        first = self.code is None
        self.code = self.code or 128 + number
        # asyncio may still be being imported.
        running_loop = getattr(sys.modules.get("asyncio"), "_get_running_loop", None)
        loop: AbstractEventLoop | None = None if running_loop is None else running_loop()
        if loop is not None and self._app is not None:
            loop.call_soon_threadsafe(partial(self._app.exit, return_code=self.code))
        elif self._entered and first:
            raise SystemExit(self.code)

    def _watch(self) -> None:
        """In the thread: sleep until a signal comes, the terminal closes or the app has ended."""
        # Otherwise restoring the terminal from the background would stop the process.
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
        time.sleep(self._patience)
        if self._entered:
            with contextlib.suppress(OSError, ValueError):
                # Do not block on a terminal that is stopped, for example by Ctrl-S.
                if select.select([], [self._screen], [], 0.2)[1]:
                    os.write(self._screen, RESET_TERMINAL)
            self._restore_attributes()
        os._exit(128 + received[0])

    def _restore_attributes(self) -> None:
        if self._attributes is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._keyboard, termios.TCSANOW, self._attributes)


def _is_gone(terminal: int) -> bool:
    try:
        termios.tcgetattr(terminal)
    except termios.error:
        return True
    return False
