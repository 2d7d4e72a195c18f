"""Processes that read: they end with whoever started them, when they take too long, and on Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from reader.cli import main as run_command
from reader.commands import parse as parse_command
from reader.library import Library, importing, reading
from reader.library.importing import fill
from reader.worker import GivenUpError, LimitedCalls, WorkerLostError
from tests.pseudo_terminal import Terminal, python
from tests.worker_stage import (
    SLOW,
    double,
    end,
    fail,
    get_stuck,
    is_running,
    leave,
    number_in,
    parse_or_get_stuck,
    read_and_get_stuck,
    until,
)

CODE = "from tests.worker_stage import main; raise SystemExit(main())"


@contextmanager
def program(*words: str) -> Iterator[subprocess.Popen[str]]:
    """The program in a session of its own, as a terminal starts it."""
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    folder = tmp_path / "pile"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02}.txt").write_text(f"Protocol | China\nQuay {number}\n")
    (folder / SLOW).write_text("x")
    return folder


def test_what_a_call_returns(tmp_path: Path) -> None:
    with LimitedCalls() as calls:
        assert calls.call(1, double, 21) == 42
        with pytest.raises(ValueError, match="no reason"):
            calls.call(1, fail, "no reason")
        assert calls.call(1, double, number=4) == 8


def test_a_call_that_takes_too_long_is_ended_and_the_next_is_made(tmp_path: Path) -> None:
    note = tmp_path / "note"
    with LimitedCalls(patience=3.0) as calls:
        with pytest.raises(WorkerLostError, match="over 3 seconds"):
            calls.call(1, get_stuck, str(note))
        assert not is_running(number_in(note))
        assert calls.call(1, double, 21) == 42


def test_a_call_that_ends_its_process_is_told(tmp_path: Path) -> None:
    with LimitedCalls() as calls:
        with pytest.raises(WorkerLostError, match="status 7"):
            calls.call(1, leave)
        assert calls.call(1, double, 21) == 42


def test_a_call_that_is_not_wanted_any_more_is_given_up(tmp_path: Path) -> None:
    note = tmp_path / "note"
    with LimitedCalls(give_up=note.exists) as calls, pytest.raises(GivenUpError):
        calls.call(1, get_stuck, str(note))
    assert not is_running(number_in(note))


@pytest.mark.skipif(sys.platform != "linux", reason="only there does the kernel tell of a parent's death")
def test_a_busy_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "note"
    with program("ask", str(note)) as parent:
        busy = number_in(note)
        assert is_running(busy)
        parent.kill()
        try:
            until(lambda: not is_running(busy), 10)
        finally:
            end(busy)


def test_an_addition_ends_with_its_processes_on_an_interrupt(pile: Path, tmp_path: Path) -> None:
    with program("add", "--jobs", "1", "--library", str(tmp_path / "library.db"), str(pile)) as adding:
        busy = number_in(pile / f"{SLOW}.process")
        adding.send_signal(signal.SIGINT)
        out, err = adding.communicate(timeout=60)
    assert adding.returncode == 130
    assert "stopped: what was read is kept" in err
    assert "Traceback" not in err + out
    until(lambda: not is_running(busy))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_parsing_in_processes_ends_with_them_on_an_interrupt(pile: Path, jobs: str) -> None:
    with program("parse", "--jobs", jobs, str(pile)) as parsing:
        busy = number_in(pile / f"{SLOW}.process")
        parsing.send_signal(signal.SIGINT)
        out, err = parsing.communicate(timeout=60)
    assert parsing.returncode == 130
    assert "Traceback" not in err + out
    until(lambda: not is_running(busy))


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("Protocol | China\nQuay one\n")
    (folder / "b.txt").write_text("The ferry sails at noon. " * 20_000)
    (folder / "c.txt").write_text("Protocol | China\nQuay two\n")
    return folder


def test_the_app_names_a_text_that_takes_too_long_and_reads_the_others(
    texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "read_capture", read_and_get_stuck)
    monkeypatch.setattr(importing, "LimitedCalls", partial(LimitedCalls, 3.0))
    with Library.temporary() as library:
        summary = fill(library, [str(texts)], on_progress=lambda _: None, stop=lambda: False)
        (problem,) = library.problems()
    assert (summary.captures, summary.problems) == (2, (("crash", 1),))
    assert problem.source == str(texts / "b.txt")
    assert "seconds" in problem.reason
    assert not is_running(number_in(texts / "b.txt.process"))


def test_the_app_does_not_wait_for_a_text_when_it_is_to_end(
    texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "read_capture", read_and_get_stuck)
    note = texts / "b.txt.process"
    with Library.temporary() as library:
        summary = fill(library, [str(texts)], on_progress=lambda _: None, stop=note.exists)
        assert not library.problems()
    assert (summary.captures, summary.stopped) == (1, True)
    assert not is_running(number_in(note))


def test_parse_names_a_text_that_takes_too_long_and_reads_the_others(
    texts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parse_command, "parse_capture", parse_or_get_stuck)
    monkeypatch.setattr(parse_command, "LimitedCalls", partial(LimitedCalls, 3.0))
    assert run_command(["parse", str(texts)]) == 1
    out, err = capsys.readouterr()
    assert [json.loads(line)["source"] for line in out.splitlines()] == [
        str(texts / name) for name in ("a.txt", "c.txt")
    ]
    assert f"{texts / 'b.txt'}: reading it took over" in err


def test_the_screen_reads_a_long_text(texts: Path) -> None:
    with Terminal(python("-m", "reader", str(texts))) as terminal:
        terminal.until_shown("3 captures")


def test_the_screen_ends_with_its_processes_while_a_text_is_read(texts: Path) -> None:
    with Terminal(python("-c", CODE, "open", str(texts))) as terminal:
        terminal.until_shown("Protocol Reader")
        terminal.until((texts / "b.txt.process").exists)
        busy = number_in(texts / "b.txt.process")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.status() == 128 + signal.SIGTERM
    until(lambda: not is_running(busy))
