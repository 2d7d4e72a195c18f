"""The terminal around the app: when it may start, that it is left as it was, and what is let through to it."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from reader.app.app import ReaderApp
from reader.app.terminal import (
    QUERY,
    RESET_TERMINAL,
    Background,
    BackgroundQuery,
    ask_background,
)
from reader.app.widgets.drawing import SafeOutput
from reader.library import Library
from tests.app.stage import Stage, pages
from tests.filling import add_pages
from tests.paths import ROOT
from tests.pseudo_terminal import Terminal, modes, python

LEFT = {"1049": "l", "25": "h", "1000": "l", "1003": "l", "1006": "l", "2004": "l", "1004": "l", "7": "h"}
"""The modes of a terminal that has been put back."""


TINY = python("-m", "tests.app.tiny_app")


def is_left(terminal: Terminal) -> bool:
    output = bytes(terminal.output)
    # Each way of sending keys that was asked for (">") is taken back ("<").
    keyboards = re.findall(rb"\x1b\[([<>])\d*u", output)
    return (
        terminal.is_as_before
        and LEFT.items() <= modes(output).items()
        and keyboards[-1:] == [b"<"]
        and keyboards.count(b"<") >= keyboards.count(b">")
    )


# May the app start?


LOOK = python(
    "-c",
    "import os, sys\n"
    "from reader.app.terminal import obstacles\n"
    "for term in ('xterm', '', 'dumb'):\n"
    "    os.environ['TERM'] = term\n"
    "    print('in the way:', *obstacles())\n"
    "sys.__stderr__.reconfigure(encoding='latin-1')\n"
    "print(*obstacles())",
)


def test_what_is_in_the_way_of_the_app_is_named() -> None:
    with Terminal(LOOK, columns=200) as terminal:
        assert terminal.status() == 0
        assert [line.rstrip() for line in terminal.lines[:4]] == [
            "in the way:",
            "in the way: TERM is not set",
            "in the way: TERM is dumb",
            "TERM is dumb the terminal's encoding is latin-1, not UTF-8",
        ]
    done = subprocess.run(
        LOOK, capture_output=True, text=True, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True
    )
    for reason in ("keys", "standard output", "standard error"):
        assert reason in done.stdout


# Is it left as it was?


def test_a_signal_ends_the_app_in_good_order() -> None:
    with Terminal(TINY) as terminal:
        terminal.until_shown("READY")
        terminal.process.send_signal(signal.SIGHUP)
        assert terminal.status() == 128 + signal.SIGHUP
        assert is_left(terminal)
        # By itself: what the watchdog would have written is not there.
        assert RESET_TERMINAL not in bytes(terminal.output)


@pytest.mark.parametrize(
    ("number", "key", "shown"),
    [
        (signal.SIGQUIT, "l", "LOOPING"),
        (signal.SIGTERM, "w", "WORKING"),
        pytest.param(signal.SIGQUIT, "c", "COMPUTING", marks=pytest.mark.thorough),
    ],
)
def test_an_app_that_is_stuck_is_ended_and_the_terminal_put_back(
    number: signal.Signals, key: str, shown: str
) -> None:
    with Terminal(TINY) as terminal:
        terminal.until_shown("READY")
        terminal.press(key)
        terminal.until_shown(shown)
        terminal.settle()
        terminal.process.send_signal(number)
        assert terminal.status() == 128 + number
        assert is_left(terminal)


@pytest.mark.parametrize(
    ("controlling", "key"), [(True, ""), pytest.param(False, "l", marks=pytest.mark.thorough)]
)
def test_a_terminal_that_closes_ends_the_app(controlling: bool, key: str) -> None:
    with Terminal(TINY, controlling=controlling) as terminal:
        terminal.until_shown("READY")
        if key:
            terminal.press(key)
            terminal.until_shown("LOOPING")
            terminal.settle()
        terminal.close()
        assert terminal.process.wait(60) == 128 + signal.SIGHUP


def test_ctrl_z_gives_the_terminal_back_until_the_app_goes_on_or_is_ended() -> None:
    with Terminal(TINY) as terminal:
        terminal.until_shown("READY")
        terminal.press(b"\x1a")
        terminal.until_stopped()
        assert is_left(terminal)
        terminal.go_on()
        terminal.until(lambda: modes(bytes(terminal.output))["1049"] == "h")
        # Something new to draw: whether Textual draws all of what was there again is its own matter.
        terminal.press("k")
        terminal.until_shown("KEY")
        terminal.press(b"\x1a")
        terminal.until_stopped()
        terminal.process.send_signal(signal.SIGTERM)
        terminal.go_on()
        assert terminal.status() == 128 + signal.SIGTERM
        assert is_left(terminal)


# What is let through

SAFE = SafeOutput()
BLACK = Color(0, 0, 0)


CONTROLS = [
    "\x1b[31m", "\x1b]0;owned\x07", "\x9b31m", "\x07", "\x7f", "\n", "\r", "\x00", "\u202e", "\u2066", "\u200f",
]  # fmt: skip


def test_no_control_gets_through_and_what_is_clean_stays_as_it_is(library: Library) -> None:
    assert any(isinstance(line_filter, SafeOutput) for line_filter in ReaderApp(library).get_line_filters())
    style = Style(bold=True)
    for bad in CONTROLS:
        (segment,) = SAFE.apply([Segment(f"a{bad}b", style)], BLACK)
        assert segment.text.isprintable()
        assert segment.text[0] + segment.text[-1] == "ab"
        assert segment.style == style
    segments = [Segment("Zoë — 会議 🌱 […]", Style(italic=True)), Segment("x", None)]
    assert SAFE.apply(segments, BLACK) == segments


@pytest.mark.parametrize("emoji", ["👩‍👩‍👧‍👦", "❤️", "✌🏽", "👍🏽", "1️⃣", "☎️", "🏳️‍🌈", "👩🏽‍💻"])
def test_an_emoji_of_several_characters_does_not_shift_its_row(emoji: str) -> None:
    rest = "walks, and 🌱, ½ and क्\u200dष stay"
    ((drawn, _, _),) = SAFE.apply([Segment(f"The {emoji} {rest}")], BLACK)
    before, after = drawn[: -len(rest)], drawn[-len(rest) :]
    assert after == rest
    # Every character by itself, as the simplest terminals draw it.
    assert sum(map(cell_len, before)) == cell_len(before) == cell_len(f"The {emoji} ")


def test_only_web_addresses_may_be_linked() -> None:
    for link in ("javascript:x", "file:///etc/passwd", "http://a\x1b]0;x\x07", "http://a b", "ftp://a"):
        (segment,) = SAFE.apply([Segment("a", Style(link=link))], BLACK)
        assert segment.style is not None
        assert segment.style.link is None, link
    for link in ("https://example.org/a?b=c#d", "http://example.org"):
        assert SAFE.apply([Segment("a", Style(link=link))], BLACK) == [Segment("a", Style(link=link))]


IDENTITY = b"\x1b[?62;22c"
LIGHT = b"\x1b]11;rgb:f6f6/f0f0/e3e3\x1b\\"
DARK = b"\x1b]11;rgb:14/17/1c\x07"


class Line(NamedTuple):
    """Both ends of a terminal line."""

    terminal: int
    program: int


@pytest.fixture
def line() -> Iterator[Line]:
    ends = Line(*pty.openpty())
    yield ends
    os.close(ends.terminal)
    os.close(ends.program)


def answered(line: Line, *pieces: bytes, patience: float = 5.0) -> Background:
    """What comes of the question when the terminal says this, piece by piece."""

    def terminal() -> None:
        assert os.read(line.terminal, 100) == QUERY
        for piece in pieces:
            os.write(line.terminal, piece)
            time.sleep(0.01)

    before = termios.tcgetattr(line.program)
    asked = BackgroundQuery(line.program, line.program)
    assert not termios.tcgetattr(line.program)[3] & termios.ECHO
    thread = threading.Thread(target=terminal)
    thread.start()
    thread.join()
    with asked:
        found = asked.answer(patience)
    assert termios.tcgetattr(line.program) == before
    return found


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([LIGHT + IDENTITY], Background(True)),
        ([DARK + IDENTITY], Background(False)),
        ([LIGHT[:9], LIGHT[9:] + IDENTITY[:3], IDENTITY[3:]], Background(True)),
        ([IDENTITY], Background(None)),
        ([b"\x1b]11;rgba:ffff/ffff/ffff/ffff\x07" + IDENTITY], Background(True)),
        ([b"\x1b]11;nonsense\x07" + IDENTITY], Background(None)),
        ([b"jj" + LIGHT + b"\x1b[A" + IDENTITY], Background(True, "jj\x1b[A")),
    ],
)
def test_answers(line: Line, pieces: Sequence[bytes], expected: Background) -> None:
    assert answered(line, *pieces) == expected


def test_a_terminal_that_says_nothing_is_not_waited_for_long(line: Line) -> None:
    assert answered(line, patience=0.0) == Background(None, "")
    assert answered(line, b"j", patience=0.0) == Background(None, "j")


def test_what_is_no_terminal_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert ask_background() is None
    with (tmp_path / "file").open("wb+") as stream:
        assert BackgroundQuery(stream.fileno(), stream.fileno()).answer() == Background(None)
    assert (tmp_path / "file").read_bytes() == b""


# While the app runs


@pytest.mark.staged(background=Background(None, "jj"))
async def test_what_was_typed_meanwhile_is_typed(stage: Stage) -> None:
    await stage.until(lambda: stage.screen.list_pane.rows.cursor == 2)


def test_a_real_terminal_is_asked_once_and_openssl_is_not_loaded(tmp_path: Path) -> None:
    """No answer is taken for keys. To load OpenSSL takes longer than all else at the start."""
    kept = tmp_path / "library.db"
    with Library.open(kept) as library:
        add_pages(library, pages())
    with Terminal(python("-m", "reader", "--library", str(kept)), columns=100, rows=24) as terminal:
        terminal.until_shown("j/k move")
        maps = Path(f"/proc/{terminal.process.pid}/maps")
        if maps.exists():  # The system tells what a process has loaded.
            assert not re.findall(r"/(?:_ssl|_hashlib|libssl|libcrypto)\b.*", maps.read_text())
        terminal.press("q")
        assert terminal.status() == 0
        assert terminal.is_as_before
        assert bytes(terminal.output).count(QUERY) == 1
        assert "2031" not in modes(bytes(terminal.output))


# Signals at any moment of the app's start, and while it is busy: the terminal is left as it was


READER = python("-m", "reader", "sample_data")
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
MOMENTS = 8
"""How many moments of the start are tried with each signal in a thorough run; else each signal has one of them."""


@pytest.fixture(scope="module")
def start_seconds() -> float:
    """How long the app takes to show its first screen, and a bit of what follows."""
    start = time.perf_counter()
    with Terminal(READER) as terminal:
        terminal.until_shown("j/k move")
    return 1.2 * (time.perf_counter() - start)


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, *(pytest.param(number, marks=pytest.mark.thorough) for number in SIGNALS[1:])]
)
def test_a_signal_while_the_app_starts(number: signal.Signals, start_seconds: float, thorough: bool) -> None:
    for moment in range(MOMENTS) if thorough else [1 + 2 * SIGNALS.index(number)]:
        wait = start_seconds * moment / MOMENTS
        with Terminal(READER) as terminal:
            end = time.monotonic() + wait
            while (left := end - time.monotonic()) > 0:
                terminal.read(left)
            terminal.process.send_signal(number)
            status = terminal.status()
            output = bytes(terminal.output)
            said = f"{wait:.3f} s after the start, status {status}:\n{terminal.text}"
            assert terminal.is_as_before, said
            put_back = LEFT | {"2031": "l"}
            changed = {mode: state for mode, state in modes(output).items() if mode in put_back}
            assert changed.items() <= put_back.items(), said
            # Python itself has not begun to listen, or we have.
            assert status in (-number, 128 + number) or (number == signal.SIGINT and status == 1), said


def test_a_signal_while_a_class_is_made_ends_with_its_status() -> None:
    code = """
import signal
from reader.app.terminal import Watchdog

class Name:
    def __set_name__(self, owner, name):
        signal.raise_signal(signal.SIGTERM)

with Watchdog():
    class Owner:
        name = Name()
"""
    run = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, stdin=subprocess.DEVNULL
    )
    assert run.returncode == 128 + signal.SIGTERM
