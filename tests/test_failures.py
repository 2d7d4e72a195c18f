"""An error of the program itself: one sentence wherever it happens, a traceback only for those who ask for one."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Final

import pytest

from reader.cli import main
from reader.errors import explain, reason, trace
from reader.workers import LimitedCalls, WorkerLostError
from tests.commands.test_cli import PAGE
from tests.commands.test_hostile_arguments import is_control, program
from tests.pseudo_terminal import Terminal, python

SENTENCE: Final = "Please report it; PROTOCOL_READER_DEBUG=1 shows where it happened"
FAIL: Final = """
def fail(*_, **__):
    secret = "a word of a capture"
    raise KeyError("\\x1b[2Jno such thing")
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_in_a_command(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        secret = "a word of a capture"
        raise KeyError(f"\x1b[2Jno such thing {len(secret)}")

    monkeypatch.setattr("reader.commands.parse.read_files", fail)
    assert main(["parse", str(page)]) == 3
    (line,) = (short := capsys.readouterr().err).splitlines()
    assert "KeyError" in line
    assert line.endswith(SENTENCE)
    monkeypatch.setenv("PROTOCOL_READER_DEBUG", "1")
    assert main(["parse", str(page)]) == 3
    long = capsys.readouterr().err
    assert long.startswith("Traceback")
    assert "in fail" in long
    assert not any(map(is_control, short + long))


def test_in_a_thread_and_after_the_command(page: Path) -> None:
    code = (
        f"{FAIL}\nimport sys, threading, reader.commands.parse as command\nfrom reader.cli import main\n"
        "def begin(*_): thread = threading.Thread(target=fail); thread.start(); thread.join(); return ()\n"
        "command.read_files = begin\nmain()\nfail()"
    )
    done = run_code(code, "parse", str(page))
    assert sum(line.endswith(SENTENCE) for line in done.splitlines()) == 2


def test_in_a_session_of_serve(page: Path) -> None:
    code = (
        f"{FAIL}\nimport reader.commands.reading as command\ncommand.run_session = fail\n"
        "from reader.cli import session\nsession()"
    )
    (line,) = run_code(code, str(page)).splitlines()
    assert line.endswith(SENTENCE)


def run_code(code: str, *words: str, **environment: str) -> str:
    """What a program of this code says on stderr."""
    done = program(*words, code=code, **environment)
    assert not any(map(is_control, done.stderr))
    return done.stderr


@pytest.mark.parametrize("asked", ["", pytest.param("1", marks=pytest.mark.thorough)])
def test_in_the_app(page: Path, asked: str) -> None:
    code = (
        f"{FAIL}\nfrom reader.app.app import ReaderApp\nReaderApp.on_ready = fail\n"
        "from reader.cli import main\nraise SystemExit(main())"
    )
    with Terminal(
        python("-c", code, str(page)), env={"PROTOCOL_READER_DEBUG": asked}, columns=200
    ) as terminal:
        assert terminal.status() == 1
        assert "bug in Protocol Reader: KeyError" in terminal.text
        assert ("Traceback" in terminal.text) is bool(asked)
        assert "a word of a capture'" not in terminal.text.replace('secret = "a word of a capture"', "")
        assert terminal.is_as_before


def test_in_a_process_that_reads(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    for asked in ("", "1"):
        monkeypatch.setenv("PROTOCOL_READER_DEBUG", asked)
        with LimitedCalls() as calls, pytest.raises(WorkerLostError, match="crashed"):
            calls.call(1, Lock)  # What it returns cannot be sent.
        assert ("cannot pickle" in capfd.readouterr().err) is bool(asked)


def test_what_the_system_says_names_the_file_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too long") as named:
        (tmp_path / ("n" * 300)).stat()
    assert explain(named.value).startswith(f"{tmp_path}/nnn")
    assert "255 bytes" in explain(named.value)
    assert reason(OSError(123456, "No such error")) == "No such error"
    assert explain(OSError("\x1b[2J")) == "␛[2J"
    assert "LC_ALL=C.UTF-8" in explain(UnicodeEncodeError("latin-1", "“", 0, 1, "not in range"))
    assert "memory" in explain(MemoryError())


def test_a_traceback_has_no_local_variables_and_no_controls() -> None:
    try:
        secret = "\x1b[2J" * 3
        raise ValueError(secret)
    except ValueError as error:
        shown = trace(error)
    assert "secret = '" not in shown
    assert not any(map(is_control, shown))


def test_an_interrupt_while_the_program_is_loaded_is_no_failure() -> None:
    code = """
import sys
from reader.start import main

class Finder:
    def find_spec(self, name, *_):
        if name == "reader.cli":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Finder())
sys.exit(main())
"""
    done = program(code=code)
    assert (done.returncode, done.stderr) == (130, "")
