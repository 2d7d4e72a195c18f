"""Processes that read: they end with whoever started them, when they take too long, and on Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from reader import shards, workers
from reader.cli import main as run_command
from reader.commands import parse as parse_command
from reader.library import Library
from reader.library.ingest import engine, reading
from reader.workers import LimitedCalls, WorkerLostError, WorkerPool
from tests.pseudo_terminal import Terminal, python
from tests.shards.worker_stage import (
    SLOW,
    count,
    double,
    end,
    fail,
    get_stuck,
    get_stuck_on,
    leave,
    make_or_leave,
    parse_or_get_stuck,
    read_mines_on,
)
from tests.waiting import is_running, number_in, wait_until

CODE = "from tests.shards.worker_stage import main; raise SystemExit(main())"


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
    for number in range(10):
        (folder / f"{number:02}.txt").write_text(f"Protocol | China\nQuay {number}\n")
    # More than this process reads itself.
    (folder / SLOW).write_text("The ferry sails at noon. " * 20_000)
    return folder


def test_what_a_call_returns_or_raises_and_what_a_generator_yields() -> None:
    with LimitedCalls() as calls:
        assert calls.call(1, double, 21) == 42
        with pytest.raises(ValueError, match="no reason"):
            calls.call(1, fail, "no reason")
        assert calls.call(1, double, number=4) == 8
        assert list(calls.each(1, count, 1_000)) == list(range(1_000))
        for end, error in ("fail", ValueError), ("leave", WorkerLostError):
            items = calls.each(1, count, 2, end)
            assert [next(items), next(items)] == [0, 1]
            with pytest.raises(error):
                next(items)
        for number in calls.each(1, count, 1_000):
            if number == 10:
                break  # The rest is not wanted; the next call has another process.
        assert calls.call(1, double, 21) == 42


def test_a_process_that_takes_too_long_ends_or_was_stopped_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "note"
    with LimitedCalls(patience=2.0) as calls:
        with pytest.raises(WorkerLostError, match="over 2 seconds"):
            calls.call(1, get_stuck, str(note))
        assert not is_running(number_in(note))
        with pytest.raises(WorkerLostError, match="status 7"):
            calls.call(1, leave)
        process = calls.call(1, os.getpid)
        end(process)
        wait_until(lambda: not is_running(process))
        with pytest.raises(WorkerLostError, match="signal 9"):
            calls.call(1, double, 21)
        assert calls.call(1, double, 21) == 42
        process = calls.call(1, os.getpid)
        os.kill(process, signal.SIGSTOP)
        monkeypatch.setattr(workers, "_LATE", 0.0)
        with pytest.raises(WorkerLostError, match="stopped responding"):
            calls.call(1, double, 21)
        monkeypatch.undo()
        assert not is_running(process)
        assert calls.call(1, double, 21) == 42


def test_a_busy_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "note"
    with program("ask", str(note)) as parent:
        busy = number_in(note)
        assert is_running(busy)
        parent.kill()
        try:
            wait_until(lambda: not is_running(busy))
        finally:
            end(busy)


@pytest.mark.parametrize("words", ["add --jobs 1", "parse --jobs 2"])
def test_a_command_ends_with_its_processes_on_an_interrupt(pile: Path, tmp_path: Path, words: str) -> None:
    library = ["--library", str(tmp_path / "library.db")] if words.startswith("add") else []
    with program(*words.split(), *library, str(pile)) as running:
        busy = number_in(pile / f"{SLOW}.process")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert not library or "stopped; what is counted here is in the library" in err
    assert "Traceback" not in err + out
    wait_until(lambda: not is_running(busy))


def test_a_file_that_takes_its_process_too_long_is_named_and_the_others_are_read(
    pile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pile / SLOW).write_text(f"mine: slow\n{'The ferry sails at noon. ' * 20_000}")
    monkeypatch.setattr(reading, "_read_in_parts", read_mines_on)
    monkeypatch.setattr(engine, "WorkerPool", partial(WorkerPool, patience=3.0))
    with Library.temporary() as library:
        summary = library.ingest([str(pile)], jobs=3)
        (problem,) = library.problems()
    assert (summary.new, summary.problems) == (10, (("crash", 1),))
    assert problem.source == str(pile / SLOW)
    assert "seconds" in problem.reason
    assert not is_running(number_in(pile / f"{SLOW}.process"))


def test_of_a_file_only_the_page_that_ends_its_process_is_lost(
    pile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pile / SLOW).unlink()
    texts = [f"Number {n}\n\n{'The ferry sails at noon. ' * 1_500}" for n in range(20)]
    texts[0] += "mine: leave"
    texts[12] += "mine: die"
    (pile / "later.jsonl").write_text("\n".join(json.dumps({"text": text}) for text in texts))
    monkeypatch.setattr(reading, "_read_in_parts", read_mines_on)
    with Library.temporary() as library:
        summary = library.ingest([str(pile)], jobs=1)
        problems = library.problems()
        assert library.totals().captures == 10 + 18
    assert (summary.new, summary.problems) == (10 + 18, (("crash", 2),))
    assert "status 7" in problems[0].reason
    assert "page 13 of the file" in problems[1].reason


def test_files_are_not_waited_for_when_it_is_to_end(pile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_read_in_parts", get_stuck_on)
    note = pile / f"{SLOW}.process"
    with Library.temporary() as library:
        assert library.ingest([str(pile)], jobs=2, stop=note.exists).stopped
    assert not is_running(number_in(note))


def numbers(count: int, calls: LimitedCalls) -> Iterator[int]:
    for number in range(count):
        yield calls.call(1, double, number)


def test_what_jobs_yield_comes_in_order_and_then_what_they_raise() -> None:
    def job(calls: LimitedCalls) -> Iterator[int]:
        yield calls.call(1, double, 2)
        calls.call(1, fail, "no reason")

    with WorkerPool(2) as pool:
        results = [pool.run(partial(numbers, count)) for count in (20, 0, 3, 7)]
        failing = pool.run(job)
        assert [list(result) for result in results] == [
            list(range(0, 2 * count, 2)) for count in (20, 0, 3, 7)
        ]
        assert next(failing) == 4
        with pytest.raises(ValueError, match="no reason"):
            next(failing)


def test_few_results_wait_and_the_pool_ends_busy_processes_all_the_same(tmp_path: Path) -> None:
    made: list[int] = []
    note = tmp_path / "note"

    def count_up(_: LimitedCalls) -> Iterator[int]:
        for number in range(1_000):
            made.append(number)
            yield number

    def stick(calls: LimitedCalls) -> Iterator[None]:
        yield calls.call(1, get_stuck, str(note))

    with WorkerPool(2) as pool:
        results = pool.run(count_up)
        pool.run(stick)
        assert [next(results) for _ in range(10)] == list(range(10))
        busy = number_in(note)
    assert len(made) < 20
    assert not is_running(busy)


def test_parse_names_a_text_that_takes_too_long_and_reads_the_others(
    pile: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parse_command, "parse_capture", parse_or_get_stuck)
    monkeypatch.setattr(parse_command, "LimitedCalls", partial(LimitedCalls, 3.0))
    assert run_command(["parse", str(pile)]) == 1
    out, err = capsys.readouterr()
    assert [json.loads(line)["source"] for line in out.splitlines()] == [
        str(pile / f"{number:02}.txt") for number in range(10)
    ]
    assert f"{pile / SLOW}: reading it took over" in err


def test_parse_prints_the_other_shards_when_a_process_is_lost(
    pile: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (pile / SLOW).write_text("The ferry sails at noon. " * 200_000)  # Its shard ends there.
    (pile / "z.txt").write_text("Protocol | China\nQuay Z\n")
    monkeypatch.setattr(shards, "make_shard", make_or_leave)
    assert run_command(["parse", "--jobs", "2", str(pile)]) == 1
    out, err = capfd.readouterr()
    sources = [json.loads(line)["source"] for line in out.splitlines()]
    assert sources[-1:] == [str(pile / "z.txt")]
    assert str(pile / SLOW) not in sources
    assert "none of its pages were kept" in err


def test_the_screen_ends_with_its_processes_while_a_text_is_read(pile: Path) -> None:
    note = pile / f"{SLOW}.process"
    with Terminal(python("-c", CODE, "open", str(pile))) as terminal:
        terminal.until_shown("Protocol Reader")
        terminal.until(note.exists)
        busy = number_in(note)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.status() == 128 + signal.SIGTERM
    wait_until(lambda: not is_running(busy))
