"""Whether the terminal is light or dark: how it is asked, what it answers, and that nothing of it is taken for keys."""

from __future__ import annotations

import os
import pty
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from reader.app.background import QUESTION, Asked, Background, ask, told_by
from reader.library import Library
from reader.settings import Settings
from tests.app_stage import a_library, on_stage, pages
from tests.filling import add_pages
from tests.pseudo_terminal import Terminal, modes, python

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
        assert os.read(line.terminal, 100) == QUESTION
        for piece in pieces:
            os.write(line.terminal, piece)
            time.sleep(0.01)

    before = termios.tcgetattr(line.program)
    asked = Asked(line.program, line.program)
    thread = threading.Thread(target=terminal)
    thread.start()
    thread.join()
    with asked:
        found = asked.answer({}, patience)
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


def test_what_leaves_without_an_answer_leaves_the_terminal_as_it_was(line: Line) -> None:
    before = termios.tcgetattr(line.program)
    with Asked(line.program, line.program):
        assert not termios.tcgetattr(line.program)[3] & termios.ECHO
    assert termios.tcgetattr(line.program) == before


def test_what_is_no_terminal_is_not_asked(tmp_path: Path) -> None:
    assert ask({"TERM": "dumb"}) is None
    with (tmp_path / "file").open("wb+") as stream:
        asked = Asked(stream.fileno(), stream.fileno())
        assert asked.answer({"COLORFGBG": "0;15"}) == Background(True)
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize(
    ("value", "light"),
    [("15;0", False), ("0;15", True), ("0;default;7", True), ("12;8", False), ("", None), ("x;y", None)],
)
def test_the_variable_that_some_terminals_set(value: str, light: bool | None) -> None:
    assert told_by({"COLORFGBG": value}) is light


# While the app runs


async def test_the_settings_say_which_themes_are_light_and_dark() -> None:
    settings = Settings(light_theme="solarized-light", dark_theme="nord")
    with a_library() as library:
        for light, theme in ((True, "solarized-light"), (False, "nord"), (None, "nord")):
            async with on_stage(library, settings=settings, background=Background(light)) as stage:
                assert stage.app.theme == theme
        fixed = settings._replace(theme="paper")
        async with on_stage(library, settings=fixed, background=Background(False)) as stage:
            assert stage.app.theme == "paper"


async def test_what_was_typed_meanwhile_is_typed() -> None:
    with a_library() as library:
        async with on_stage(library, background=Background(None, "jj")) as stage:
            await stage.until(lambda: stage.screen.list_pane.rows.cursor == 2)


def test_on_a_real_terminal(tmp_path: Path) -> None:
    """Asked once, before the app, and no answer is taken for keys."""
    kept = tmp_path / "library.db"
    with Library.open(kept) as library:
        add_pages(library, pages())
    with Terminal(python("-m", "reader", "--library", str(kept)), columns=100, rows=24) as terminal:
        terminal.until_shown("j/k move")
        terminal.press("q")
        assert terminal.status() == 0
        assert terminal.is_as_before
        assert bytes(terminal.output).count(QUESTION) == 1
        assert "2031" not in modes(bytes(terminal.output))
