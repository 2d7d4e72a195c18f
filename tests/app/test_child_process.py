"""What the app starts ends with it, whether it is left, asked to end or killed."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reader.app.child_process import ChildProcess
from reader.library import Library
from tests.app.features.overview_stage import a_library
from tests.app.stage import pages
from tests.filling import add_pages
from tests.paths import ROOT
from tests.pseudo_terminal import TIMEOUT, Terminal, python
from tests.waiting import is_running, number_in, wait_until

STUBBORN = "trap '' TERM INT HUP; echo $$ > {0}; while :; do sleep 1; done"
"""A command of a shell that ends only when it is killed, and writes down its number."""


def wait_until_gone(process: int) -> None:
    wait_until(lambda: not is_running(process))


def test_a_program_is_what_it_would_be_alone() -> None:
    words = ["/bin/sh", "-c", 'cat; echo "$0" "$1"; exit 7', "a  b", "$c"]
    tied = ChildProcess(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert tied.process.communicate("given\n")[0] == "given\na  b $c\n"
    assert tied.process.returncode == 7
    tied.end()
    tied.end()


def test_a_program_that_does_not_end_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    command = f"({STUBBORN.format(second)}) & {STUBBORN.format(first)}"
    tied = ChildProcess(["/bin/sh", "-c", command])
    # In the subshell, $$ is the shell's number, too: what it starts is in the group all the same.
    numbers = [number_in(first), number_in(second)]
    tied.end()
    assert tied.process.wait(TIMEOUT) == -signal.SIGKILL
    for number in numbers:
        wait_until_gone(number)


def test_a_program_ends_when_the_one_that_started_it_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "number"
    program = (
        "import sys, time\n"
        "from reader.app.child_process import ChildProcess\n"
        "tied = ChildProcess(['/bin/sh', '-c', sys.argv[1]])\n"
        "time.sleep(3600)"
    )
    with subprocess.Popen(python("-c", program, STUBBORN.format(file)), cwd=ROOT) as parent:
        number = number_in(file)
        parent.kill()
    wait_until_gone(number)


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    with pytest.raises(FileNotFoundError):
        ChildProcess(["/bin/sh"], cwd=tmp_path / "nowhere")
    assert len(list(Path("/dev/fd").iterdir())) == before


@contextmanager
def asking_for_a_command(folder: Path) -> Iterator[Terminal]:
    """The program at its prompt for a command."""
    kept = folder / "library.db"
    with Library.open(kept) as library:
        add_pages(library, pages())
    with Terminal(python("-m", "reader", "--library", str(kept)), env={"SHELL": "/bin/sh"}) as terminal:
        terminal.until_shown("j/k move")
        terminal.press("|")
        terminal.until_shown("pipe to")
        yield terminal


@contextmanager
def piping(folder: Path, command: str) -> Iterator[Terminal]:
    """The program while it runs a command."""
    with asking_for_a_command(folder) as terminal:
        terminal.press(f"{command}\r")
        terminal.until_shown("Esc stop")
        yield terminal


def end(terminal: Terminal, how: str | signal.Signals) -> None:
    """End the app; it is gone at once."""
    if isinstance(how, signal.Signals):
        terminal.process.send_signal(how)
    else:
        terminal.press(how)
    terminal.status()


@pytest.mark.parametrize("how", ["q", signal.SIGKILL], ids=str)
def test_a_piped_command_ends_with_the_app(how: str | signal.Signals, tmp_path: Path) -> None:
    with piping(tmp_path, STUBBORN.format(tmp_path / "number")) as terminal:
        number = number_in(tmp_path / "number")
        if how == "q":
            # Back to the list first, where it leaves the app.
            terminal.press("q")
            terminal.until_shown("j/k move")
        end(terminal, how)
        wait_until_gone(number)


def test_a_command_that_lets_go_of_nothing_does_not_hold_up_the_end(tmp_path: Path) -> None:
    """What has a session of its own cannot be ended, but may not keep the app either."""
    file = tmp_path / "number"
    with piping(tmp_path, f"setsid sh -c 'echo $$ > {file}; exec sleep 3600'") as terminal:
        number = number_in(file)
        try:
            terminal.press("\x11")
            assert terminal.status() == 0
        finally:
            os.kill(number, signal.SIGKILL)


def test_looking_for_stories_ends_with_the_app(tmp_path: Path) -> None:
    with a_library(tmp_path / "library.db"):
        pass
    file = tmp_path / "number"
    # In Python's place: what the app starts to look for stories never ends by itself.
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{STUBBORN.format(file)}\n", "utf-8")
    program.chmod(0o755)
    start = (
        "import sys\n"
        "from reader.cli import main\n"
        f"sys.executable = {str(program)!r}\n"
        f"sys.exit(main(['--library', {str(tmp_path / 'library.db')!r}]))"
    )
    with Terminal(python("-c", start), rows=40, columns=120) as terminal:
        terminal.until_shown("j/k move")
        terminal.press("v")
        terminal.until_shown("Overview")
        terminal.press("G\r")
        terminal.until_shown("Wayback Machine")
        terminal.press("\r")
        number = number_in(file)
        end(terminal, "\x11")
        wait_until_gone(number)
