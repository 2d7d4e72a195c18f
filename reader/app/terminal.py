"""The terminal: can the app start here, is the background light or dark, and who restores it at the end?

Textual is not imported, so that a command can ask before it loads the app. The query for the background's colour
is sent, and the handlers of signals are installed, before the app's modules are imported.
"""

import array
import codecs
import fcntl
import io
import os
import re
import select
import signal
import sys
import termios
import time
import tty
from contextlib import suppress
from functools import partial
from importlib import import_module
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, Self, TextIO

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from textual.app import App

QUERY: Final = b"\x1b]11;?\x1b\\\x1b[c"
"""Asks for the background's colour, then for the device attributes, which every terminal answers."""
PATIENCE: Final = 1.0
"""Seconds to wait for the answer; only a slow connection takes long. A later answer would be read as keys."""
_COLOUR: Final = re.compile(
    r"\x1b\]11;(?:rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})[^\x07\x1b]*|[^\x07\x1b]*)(?:\x07|\x1b\\)"
)
_DEVICE_ATTRIBUTES: Final = re.compile(r"\x1b\[\?[0-9;]*c")
_MAX_BYTES: Final = 4096


def obstacles() -> tuple[str, ...]:
    """List, as phrases, why the app cannot start on the terminal of this process; empty when it can."""
    reasons: list[str] = []
    term, encoding = os.environ.get("TERM", ""), getattr(sys.__stderr__, "encoding", None) or ""
    if not _is_terminal(sys.__stdin__) and not _has_terminal():
        reasons.append("there is no terminal to read keys from")
    if not _is_terminal(sys.__stdout__):
        reasons.append("standard output is not a terminal")
    if not _is_terminal(sys.__stderr__):  # The screen is written to it.
        reasons.append("standard error is not a terminal")
    if term in ("", "dumb", "unknown"):
        reasons.append(f"TERM is {term}" if term else "TERM is not set")
    if not encoding or codecs.lookup(encoding).name != "utf-8":
        reasons.append(f"the terminal's encoding is {encoding or 'unknown'}, not UTF-8")
    return tuple(reasons)


def window_size() -> tuple[int, int, int, int]:
    """Rows, columns, and width and height in pixels of the terminal; zeros for what is unknown."""
    size = array.array("H", [0, 0, 0, 0])
    try:
        fcntl.ioctl(sys.__stderr__.fileno() if sys.__stderr__ else 2, termios.TIOCGWINSZ, size)
    except (OSError, ValueError):
        return 0, 0, 0, 0
    rows, columns, width, height = size
    return rows, columns, width, height


def read_keys_from_terminal() -> BinaryIO:
    """Read keys from the terminal although standard input is piped; return the piped data as a file.

    From then on `sys.stdin` reads the piped data, too. OSError when the process has no terminal.
    """
    terminal = os.open(os.ctermid(), os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        piped = os.dup(0)
        os.dup2(terminal, 0)
    finally:
        os.close(terminal)
    data = io.BufferedReader(io.FileIO(piped))
    sys.stdin = io.TextIOWrapper(data)
    return data


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # The stream is closed.
        return False


def _has_terminal() -> bool:
    try:
        os.close(os.open(os.ctermid(), os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


# Light or dark


class Background(NamedTuple):
    """The terminal's answer about its background."""

    light: bool | None = None
    """Is the background light? None when unknown."""
    typed: str = ""
    """Keys that were typed before the answer came."""


class BackgroundQuery:
    """A query for the background's colour, sent when it is created. Until it is closed, typed keys are not echoed."""

    def __init__(self, keyboard: int, screen: int) -> None:
        """`keyboard` and `screen` are file descriptors of the terminal."""
        self._keyboard = keyboard
        self._before: list[Any] | None = None
        try:
            before = termios.tcgetattr(keyboard)
            tty.setcbreak(keyboard, termios.TCSANOW)
            self._before = before
            os.write(screen, QUERY)
        except (termios.error, OSError):
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Restore the terminal."""
        before, self._before = self._before, None
        if before is not None:
            with suppress(termios.error):
                termios.tcsetattr(self._keyboard, termios.TCSANOW, before)

    def answer(self, patience: float = PATIENCE) -> Background:
        """Wait for the terminal's answer."""
        text, deadline = "", time.monotonic() + patience
        data = b""
        while self._before is not None and len(data) < _MAX_BYTES and not _DEVICE_ATTRIBUTES.search(text):
            seconds_left = max(0.0, deadline - time.monotonic())
            if not select.select([self._keyboard], [], [], seconds_left)[0]:
                break
            try:
                piece = os.read(self._keyboard, 1024)
            except OSError:
                break
            if not piece:
                break
            data += piece
            text = data.decode("utf-8", "replace")
        self.close()
        colour = _COLOUR.search(text)
        light = None if colour is None else _is_light(colour)
        # Enter types a carriage return once the app reads the keys.
        typed = _DEVICE_ATTRIBUTES.sub("", _COLOUR.sub("", text), 1).replace("\n", "\r")
        return Background(light, typed)


def ask_background() -> BackgroundQuery | None:
    """Ask the terminal for its background's colour; None where that is impossible or would get no answer."""
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "linux") or sys.__stdin__ is None or sys.__stderr__ is None:
        return None
    try:
        keyboard, screen = sys.__stdin__.fileno(), sys.__stderr__.fileno()
        # A background process would be stopped if it touched the terminal.
        if not os.isatty(keyboard) or not os.isatty(screen) or os.tcgetpgrp(keyboard) != os.getpgrp():
            return None
    except (OSError, ValueError):
        return None
    return BackgroundQuery(keyboard, screen)


def _is_light(colour: re.Match[str]) -> bool | None:
    """Is the colour in a match of `_COLOUR` light? None if its format is unknown."""
    if colour[1] is None:
        return None
    red, green, blue = (int(part, 16) / int("f" * len(part), 16) for part in colour.groups())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5


# Ending on a signal, or when the terminal closes

EXIT_PATIENCE: Final = 2.0
"""Seconds that the app has to exit by itself."""
SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
"""Signals that end the app. SIGINT only comes from outside: inside the app, Ctrl-C is a key."""
RESET_TERMINAL: Final = b"".join(
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
_CHECK: Final = 1000
"""Milliseconds between two checks that the terminal is still there, where the system does not report it."""


class Watchdog:
    """A context in which `SIGNALS`, or the closing of the terminal, end the program. Main thread only.

    Inside `run`, the app is asked to exit; otherwise a signal raises SystemExit. If the app has not exited within
    `EXIT_PATIENCE` seconds, a thread restores the terminal and ends the process.
    """

    def __init__(self, patience: float = EXIT_PATIENCE) -> None:
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
        with suppress(termios.error):
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

    def run(self, app: "App[Any]") -> int:
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
            with suppress(OSError, ValueError):
                # Do not block on a terminal that is stopped, for example by Ctrl-S.
                if select.select([], [self._screen], [], 0.2)[1]:
                    os.write(self._screen, RESET_TERMINAL)
            self._restore_attributes()
        os._exit(128 + received[0])

    def _restore_attributes(self) -> None:
        if self._attributes is not None:
            with suppress(termios.error):
                termios.tcsetattr(self._keyboard, termios.TCSANOW, self._attributes)


def _is_gone(terminal: int) -> bool:
    try:
        termios.tcgetattr(terminal)
    except termios.error:
        return True
    return False


# Importing hashlib and asyncio without OpenSSL

# OpenSSL would cost each start of the app 5 ms and 6 MB. The app makes no connections of its own and hashes little.
# Both modules do without it, as in a Python that was built without it, and what needs it later can import it. Modules
# that are imported before this file are not affected.


def import_asyncio() -> None:
    """Import asyncio, before the app does."""
    _import_without("ssl", "asyncio")


def _import_without(missing: str, name: str) -> None:
    """Import the module `name` as if the module `missing` could not be imported."""
    if missing in sys.modules:
        return
    sys.modules[missing] = None  # type: ignore[assignment]  # as the language reference has it
    try:
        import_module(name)
    finally:
        del sys.modules[missing]


_import_without("_hashlib", "hashlib")
