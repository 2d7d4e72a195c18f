"""The command `fetch` against a fake of the Internet Archive's answers. Time is a fake one."""

from __future__ import annotations

import contextlib
import gzip
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from reader.cli import main
from reader.commands import fetch as command
from reader.library import Library
from tests.fake_archive import (
    FakeArchive,
    FakeClock,
    Held,
    answering,
    memento,
    refusing,
    send,
    sending_to,
    serving,
)
from tests.wayback_stage import CHINA, HELD, SITE, Stage, page


@pytest.fixture
def stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    with serving(FakeArchive(HELD)) as archive:
        yield Stage(archive, tmp_path / "kept", capsys)


def test_the_best_capture_of_each_page_is_kept(stage: Stage) -> None:
    assert stage.fetch("protocol.com/china/*") == 0
    assert stage.archive.replays == CHINA
    assert stage.kept == ["one", "two"]
    assert "2 pages fetched" in stage.err
    assert "6 captures of 2 pages" in stage.err


def test_a_second_run_asks_only_for_what_is_missing(stage: Stage) -> None:
    assert stage.fetch("protocol.com/china/*") == 0
    assert stage.fetch("protocol.com/*") == 0
    assert stage.archive.replays == [*CHINA, "20220501000000/https://www.protocol.com/fintech/three"]
    assert "2 were there before" in stage.err
    assert stage.fetch("protocol.com/*") == 0
    assert len(stage.archive.replays) == 3


def test_dates_choose_among_captures(stage: Stage) -> None:
    assert stage.fetch("protocol.com/china/one", "--to", "2021") == 0
    assert stage.fetch("protocol.com/china/one", "--from", "2023-06", "--to", "2024-01-31") == 0
    assert stage.kept == ["one, early", "parked"]


def test_a_limit_is_for_one_run(stage: Stage) -> None:
    assert stage.fetch("protocol.com/*", "--limit", "1") == 0
    assert "2 left for another time" in stage.err
    assert stage.fetch("protocol.com/*", "--limit", "1") == 0
    assert stage.kept == ["one", "two"]


@pytest.mark.parametrize("option", ["--list", "--dry-run"])
def test_the_list_says_what_would_be_fetched_and_fetches_nothing(stage: Stage, option: str) -> None:
    assert stage.fetch("protocol.com/china/*", "protocol.com/fintech/*", option) == 0
    rows = [line.split("\t") for line in stage.out.splitlines()]
    assert [(row[0], row[2]) for row in rows] == [
        ("2022-01-01T00:00:00Z", f"{SITE}/china/one"),
        ("2022-03-01T00:00:00Z", "http://protocol.com/china/two"),
        ("2022-05-01T00:00:00Z", f"{SITE}/fintech/three"),
    ]
    assert stage.archive.replays == []
    assert not stage.folder.exists()


def test_refusals_are_waited_out_and_said(stage: Stage) -> None:
    stage.archive.tricks.extend([refusing(429, "90"), None, refusing(503), None])
    assert stage.fetch("protocol.com/china/*") == 0
    assert stage.kept == ["one", "two"]
    assert stage.err.count("waiting until") == 2
    assert {90.0, 60} <= set(stage.time.slept)


def test_a_page_that_cannot_be_had_is_named_and_the_others_come(stage: Stage) -> None:
    stage.archive.tricks.extend([None, refusing(404)])
    assert stage.fetch("protocol.com/china/*") == 1
    assert stage.kept == ["two"]
    assert f"{SITE}/china/one (20220101000000): the archive does not give it out (404)" in stage.err
    assert stage.fetch("protocol.com/china/*") == 0
    assert stage.kept == ["two", "one"]


def replay(timestamp: str, body: bytes, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: send(handler, 200, body, {**memento(timestamp), **more})


def test_another_capture_of_the_page_that_the_archive_shows_is_kept_with_its_own_time(stage: Stage) -> None:
    to = f"/web/20220102101010id_/{SITE}/china/one"
    stage.archive.tricks.extend([None, sending_to(to), replay("20220102101010", page("near"))])
    assert stage.fetch("protocol.com/china/one") == 0
    assert b"WARC-Date: 2022-01-02T10:10:10Z" in gzip.decompress(next(stage.folder.iterdir()).read_bytes())
    assert stage.fetch("protocol.com/china/one") == 0
    assert stage.kept == ["near"]


@pytest.mark.parametrize(
    "tricks",
    [
        [sending_to(f"/web/20220102101010id_/{SITE}/other"), replay("20220102101010", page("other"))],
        [sending_to("https://example.org/")],
        [sending_to("http://[x/")],
        [answering(page("We are down for maintenance"))],
        [answering(page("odd"), headers={"Memento-Datetime": "yesterday"})],
        [replay("20220101000000", b"")],
        [answering(page("made"), status=201, headers=memento("20220101000000"))],
    ],
    ids=["other page", "other server", "no address", "own page", "odd time", "empty", "odd status"],
)
def test_what_is_not_the_capture_is_not_kept(stage: Stage, tricks: list[Any]) -> None:
    stage.archive.tricks.extend([None, *tricks])
    assert stage.fetch("protocol.com/china/one") == 3
    assert not list(stage.folder.glob("*"))
    assert f"{SITE}/china/one (20220101000000): " in stage.err


@pytest.mark.parametrize("year", ["0999", "9999"])
def test_a_capture_of_any_year_is_kept(stage: Stage, year: str) -> None:
    odd = answering(page("odd"), headers={"Memento-Datetime": f"Fri, 31 May {year} 23:59:59 GMT"})
    stage.archive.tricks.extend([None, odd])
    assert stage.fetch("protocol.com/china/one") == 0
    assert f"WARC-Date: {year}-05-31T23:59:59Z".encode() in gzip.decompress(
        next(stage.folder.iterdir()).read_bytes()
    )


def test_headers_of_the_answer_cannot_write_headers_of_the_record(stage: Stage) -> None:
    odd = {"Content_Type": "text/html\x01 charset\xe9", "Content_Encoding": "gzip"}
    stage.archive.tricks.extend([None, replay("20220101000000", page("one"), **odd)])
    assert stage.fetch("protocol.com/china/one") == 0
    data = gzip.decompress(next(stage.folder.iterdir()).read_bytes())
    assert b"Content-Type: text/html\r\n" in data
    assert b"Content-Encoding" not in data


def test_pages_that_fail_one_after_the_other_end_the_run(stage: Stage) -> None:
    stage.archive.held = [Held("20220101000000", f"{SITE}/{n:02}", page(str(n))) for n in range(30)]
    stage.archive.tricks.extend([None, None, *[refusing(500)] * 100])
    assert stage.fetch("protocol.com/*") == 1
    assert "10 pages in a row" in stage.err
    assert "1 page fetched" in stage.err
    assert len(stage.archive.asked) == 2 + 10 * 3


def test_ctrl_c_ends_between_records_and_says_how_to_go_on(stage: Stage) -> None:
    sleep = stage.time.sleep

    def interrupted(seconds: float) -> None:
        if len(stage.archive.replays) == 1:
            raise KeyboardInterrupt
        sleep(seconds)

    stage.time.sleep = interrupted  # type: ignore[method-assign]
    assert stage.fetch("protocol.com/china/*") == 130
    assert "stopped: 1 page fetched" in stage.err
    assert "the same command goes on from there" in stage.err
    stage.time.sleep = sleep  # type: ignore[method-assign]
    assert stage.fetch("protocol.com/china/*") == 0
    assert stage.archive.replays == CHINA


def test_wrong_use_is_said_with_status_2(stage: Stage) -> None:
    for words in ([], ["protocol"], ["a.com", "--from", "soon"], ["a.com", "--limit", "0"]):
        with pytest.raises(SystemExit) as caught:
            stage.fetch(*words)
        assert caught.value.code == 2


def test_without_a_server_there_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    time = FakeClock()
    words = ["protocol.com/*", "--server", "http://127.0.0.1:9/coll", "--into", str(tmp_path / "new")]
    assert command.run(words, clock=time.clock) == 3
    assert "http://127.0.0.1:9/coll: the server cannot be reached" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_the_environment_names_the_server(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PROTOCOL_READER_WAYBACK", stage.archive.address)
    assert main(["fetch", "protocol.com/china/*", "--list", "--into", str(stage.folder)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_what_is_fetched_is_added_to_the_library(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    words = ["--server", stage.archive.address, "--into", str(stage.folder), "--library", str(path)]
    assert command.run(["protocol.com/*", *words], clock=stage.time.clock) == 0
    with Library.open(path) as library:
        articles = [library.article(row.key) for row in library.listing().rows(0, 9)]
        assert {(one.article.headline, one.url, one.captured) for one in articles} == {
            ("one", f"{SITE}/china/one", "2022-01-01T00:00:00Z"),
            ("two", "http://protocol.com/china/two", "2022-03-01T00:00:00Z"),
            ("three", f"{SITE}/fintech/three", "2022-05-01T00:00:00Z"),
        }
        assert library.totals().captures == 3
    assert command.run(["protocol.com/*", *words], clock=stage.time.clock) == 0
    with Library.open(path) as library:
        assert library.totals().captures == 3


def test_a_library_that_cannot_be_written_leaves_what_was_fetched(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_text("no library")
    words = ["--server", stage.archive.address, "--into", str(stage.folder), "--library", str(path)]
    assert command.run(["protocol.com/*", *words], clock=stage.time.clock) == 1
    assert stage.kept == ["one", "two", "three"]


def test_without_adding_there_is_no_library(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    assert stage.fetch("protocol.com/*", "--library", str(path)) == 0
    assert not path.exists()


CODE = (
    "import sys, time; from reader.commands.fetch import run; from reader.wayback.client import Clock;"
    "sys.exit(run(sys.argv[1:], Clock(time.time, lambda seconds: None)))"
)
"""The command, with pauses that take no time."""


def test_in_a_terminal_one_line_says_how_far_it_is(stage: Stage) -> None:
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 30))
    stage.archive.tricks.extend([None, refusing(429, "7")])
    words = [sys.executable, "-c", CODE, "protocol.com/*", "--no-add", "--limit", "2"]
    words += ["--server", stage.archive.address, "--into", str(stage.folder)]
    process = subprocess.Popen(words, stderr=slave, env=os.environ | {"TERM": "xterm", "COLUMNS": ""})
    os.close(slave)
    shown = b""
    with contextlib.suppress(OSError):  # The end of a terminal.
        while more := os.read(master, 4096):
            shown += more
    os.close(master)
    assert process.wait(timeout=60) == 0
    plain = re.sub(r"\x1b\[[\d?]*[A-Za-z]", "", shown.decode())
    lines = [line.strip() for part in plain.split("\n") for line in part.split("\r")]
    assert any(line.startswith("1 of 2 pages, under a minute") for line in lines)
    assert any(line.startswith("waiting until ") for line in lines)
    assert all(len(line) <= 30 or line.startswith("protocol-reader: ") for line in lines)


def test_an_interrupt_from_the_keyboard_leaves_a_folder_to_go_on_with(stage: Stage) -> None:
    words = [sys.executable, "-c", CODE, "protocol.com/china/*", "--no-add"]
    words += ["--server", stage.archive.address, "--into", str(stage.folder)]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, env=os.environ | {"NO_COLOR": "1"})
    stage.archive.tricks.extend([None, None, lambda _: process.send_signal(signal.SIGINT)])
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"stopped: 1 page fetched" in err
    assert b"Traceback" not in err
    assert stage.kept == ["one"]
