"""The command `fetch` against a fake of the Internet Archive: lists, choice, keeping. Time is a fake one."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from reader.archives import fetching
from reader.errors import LibraryError
from reader.library import Library
from tests.archives.fake_archive import (
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

SITE = "https://www.protocol.com"


def page(name: str) -> bytes:
    return f"<html><body><h1>{name}</h1><p>The branch opens at noon.</p></body></html>".encode()


HELD = [
    Held("20210101000000", f"{SITE}/china/one", page("one, early"), length=900),
    Held("20220101000000", f"{SITE}/china/one", page("one"), length=1000),
    Held("20220901000000", f"{SITE}/china/one", b"<html>Sorry</html>", length=100),
    Held("20220201000000", f"{SITE}/china/one?rebelltitem=3", page("one, an item"), length=1001),
    Held("20240101000000", f"{SITE}/china/one", page("parked"), length=5000),
    Held("20220301000000", "http://protocol.com:80/china/two", page("two"), length=1000),
    Held("20220401000000", f"{SITE}/china/old-address", b"", status=301),
    Held("20220401000000", f"{SITE}/china/picture.png", b"png", mime="image/png"),
    Held("20220501000000", f"{SITE}/fintech/three", page("three"), length=1000),
]
CHINA = ["20220101000000/https://www.protocol.com/china/one", "20220301000000/http://protocol.com/china/two"]


class Stage:
    def __init__(self, archive: FakeArchive, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.archive = archive
        self.folder = folder
        self.time = FakeClock()
        archive.now = self.time.time
        self._capsys = capsys
        self.out = self.err = ""

    def fetch(self, *words: str) -> int:
        base = ["--server", self.archive.address, "--into", str(self.folder)]
        base += [] if "--library" in words else ["--no-add"]
        try:
            return self.time.run("fetch", [*words, *base])
        finally:
            self.out, self.err = self._capsys.readouterr()

    @property
    def data(self) -> bytes:
        """The kept records."""
        return b"".join(gzip.decompress(file.read_bytes()) for file in sorted(self.folder.glob("*.warc.gz")))

    @property
    def kept(self) -> list[str]:
        """The headlines of the kept pages, in order."""
        return [found.decode() for found in re.findall(rb"<h1>(.*?)</h1>", self.data)]


@pytest.fixture
def stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    with serving(FakeArchive(HELD)) as archive:
        yield Stage(archive, tmp_path / "kept", capsys)


def test_the_best_capture_of_each_page_is_kept(stage: Stage) -> None:
    stage.archive.tricks.extend([refusing(429, "90"), None])
    assert stage.fetch("protocol.com/china/*") == 0
    assert stage.err.count("waiting until") == 1
    assert stage.archive.replays == CHINA
    assert stage.kept == ["one", "two"]
    assert "2 pages (0.0 MB) fetched" in stage.err
    assert "6 captures of 2 pages" in stage.err


def test_a_second_run_asks_only_for_what_is_missing(stage: Stage) -> None:
    assert stage.fetch("protocol.com/*", "--limit", "1") == 0
    assert "2 left for next time" in stage.err
    assert stage.fetch("protocol.com/china/*") == 0
    assert stage.fetch("protocol.com/*") == 0
    assert stage.archive.replays == [*CHINA, "20220501000000/https://www.protocol.com/fintech/three"]
    assert "2 already fetched" in stage.err
    assert stage.fetch("protocol.com/*") == 0
    assert len(stage.archive.replays) == 3


def test_the_list_says_what_would_be_fetched_and_fetches_nothing(stage: Stage) -> None:
    dates = ("--since", "2022-01", "--until", "2022")
    assert stage.fetch("protocol.com/china/*", "protocol.com/fintech/*", "--list", *dates) == 0
    listed = stage.out
    assert stage.fetch("protocol.com/china/*", "protocol.com/fintech/*", "--dry-run") == 0
    assert stage.out == listed
    rows = [line.split("\t") for line in stage.out.splitlines()]
    assert [(row[0], row[2]) for row in rows] == [
        ("2022-01-01T00:00:00Z", f"{SITE}/china/one"),
        ("2022-03-01T00:00:00Z", "http://protocol.com/china/two"),
        ("2022-05-01T00:00:00Z", f"{SITE}/fintech/three"),
    ]
    assert stage.archive.replays == []
    assert not stage.folder.exists()
    assert stage.fetch("protocol.com/china/one", "--until", "2021") == 0
    assert stage.fetch("protocol.com/china/one", "--since", "2023-06", "--until", "2024-01-31") == 0
    assert stage.kept == ["one, early", "parked"]


def test_a_page_that_cannot_be_had_is_named_and_the_others_come(stage: Stage) -> None:
    stage.archive.tricks.extend([None, refusing(404)])
    assert stage.fetch("protocol.com/china/*") == 1
    assert stage.kept == ["two"]
    assert (
        f"{SITE}/china/one (20220101000000): the archive lists it, but does not serve it (404)" in stage.err
    )
    assert stage.fetch("protocol.com/china/*") == 0
    assert stage.kept == ["two", "one"]


def replay(timestamp: str, body: bytes, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: send(handler, 200, body, {**memento(timestamp), **more})


def test_another_capture_that_the_archive_shows_is_kept_with_its_own_time_and_no_odd_headers(
    stage: Stage,
) -> None:
    to = f"/web/20220102101010id_/{SITE}/china/one"
    odd = {"Content_Type": "text/html\x01 charset\xe9", "Content_Encoding": "gzip"}
    stage.archive.tricks.extend([None, sending_to(to), replay("20220102101010", page("near"), **odd)])
    assert stage.fetch("protocol.com/china/one") == 0
    assert b"WARC-Date: 2022-01-02T10:10:10Z" in stage.data
    assert b"Content-Type: text/html\r\n" in stage.data
    assert b"Content-Encoding" not in stage.data
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
def test_what_is_not_the_capture_is_not_kept(stage: Stage, tmp_path: Path, tricks: list[Any]) -> None:
    stage.archive.tricks.extend([None, *tricks])
    path = tmp_path / "library.db"
    assert stage.fetch("protocol.com/china/one", "--library", str(path)) == 3
    assert not list(stage.folder.glob("*"))
    assert not path.exists()
    assert f"{SITE}/china/one (20220101000000): " in stage.err


def test_wrong_use_is_said_with_status_2_and_a_server_that_is_not_there_with_3(stage: Stage) -> None:
    wrong = {
        "": "PATTERN is missing",
        "protocol": "protocol.com/china/*",
        "a.com --from wayback,archive": "choose wayback or commoncrawl, not",
        "a.com --limit 0": "is not a whole number from 1",
        "a.com --since 2022-05 --until 2021": "--until is before --since",
    }
    for words, says in wrong.items():
        with pytest.raises(SystemExit) as caught:
            stage.fetch(*words.split())
        assert (caught.value.code, says in stage.err) == (2, True)
    stage.archive.address = "http://127.0.0.1:9/coll"
    assert stage.fetch("protocol.com/*") == 3
    assert re.search("http://127.0.0.1:9/coll: the server cannot be reached.*--server", stage.err)
    assert sum(stage.time.slept) < 20
    assert not stage.folder.exists()


def test_what_is_fetched_is_added_to_the_library(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    assert stage.fetch("protocol.com/*", "--library", str(path)) == 0
    with Library.open(path) as library:
        articles = [library.article(row.key) for row in library.listing().rows(0, 9)]
        assert {(one.article.headline, one.url, one.captured) for one in articles} == {
            ("one", f"{SITE}/china/one", "2022-01-01T00:00:00Z"),
            ("two", "http://protocol.com/china/two", "2022-03-01T00:00:00Z"),
            ("three", f"{SITE}/fintech/three", "2022-05-01T00:00:00Z"),
        }
        assert library.totals().captures == 3
    assert stage.fetch("protocol.com/*", "--library", str(path)) == 0
    with Library.open(path) as library:
        assert library.totals().captures == 3
    asked = len(stage.archive.asked)
    path.write_text("no library")
    with pytest.raises(LibraryError, match="not a library"):
        stage.fetch("protocol.com/*", "--library", str(path))
    assert len(stage.archive.asked) == asked


CODE = (
    "import sys, time; from reader.cli import main; sleep = time.sleep; time.sleep = lambda seconds: sleep(0.5);"
    "sys.exit(main(['fetch', *sys.argv[1:]]))"
)
"""The command, with short pauses."""


def test_a_library_that_cannot_be_written_leaves_what_was_fetched(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "library.db"

    def spoil(_: BaseHTTPRequestHandler) -> None:
        path.write_text("no library")

    stage.archive.tricks.extend([None, spoil])
    assert stage.fetch("protocol.com/*", "--library", str(path)) == 1
    assert stage.kept == ["one", "two", "three"]


def test_a_library_that_cannot_be_written_is_found_before_the_first_page(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "library.db"
    Library.open(path).close()
    monkeypatch.setattr(Library, "can_write", False)
    with pytest.raises(LibraryError, match="cannot be written"):
        stage.fetch("protocol.com/*", "--library", str(path))
    assert (stage.archive.replays, stage.kept) == ([], [])
    assert stage.fetch("protocol.com/*", "--no-add") == 0


def test_an_interrupt_from_the_keyboard_leaves_a_folder_to_go_on_with(stage: Stage) -> None:
    words = [sys.executable, "-c", CODE, "protocol.com/china/*", "--no-add"]
    words += ["--server", stage.archive.address, "--into", str(stage.folder)]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, env=os.environ | {"NO_COLOR": "1"})
    stage.archive.tricks.extend([None, None, lambda _: process.send_signal(signal.SIGINT)])
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"stopped; 1 page (0.0 MB) fetched" in err
    assert b"run the same command again to continue" in err
    assert b"Traceback" not in err
    assert stage.kept == ["one"]
    assert stage.fetch("protocol.com/china/*") == 0
    assert stage.kept == ["one", "two"]


def test_a_long_list_comes_in_sheets(stage: Stage) -> None:
    stage.archive.most_rows = 2
    assert stage.fetch("protocol.com/*") == 0
    assert stage.kept == ["one", "two", "three"]
    asked = [path for path in stage.archive.asked if path.startswith("/cdx/")]
    assert len(asked) == 4
    assert all(("resumeKey=" in path) is (number > 0) for number, path in enumerate(asked))


def test_a_list_in_numbered_pages_is_read_to_its_end(stage: Stage) -> None:
    row = {"mime": "text/html", "status": "200", "length": "9"}
    sheets = [{**row, "timestamp": "20220101000000", "url": f"{SITE}/{n}"} for n in range(3)]
    stage.archive.tricks.append(answering(b'{"pages": 3, "pageSize": 1, "blocks": 3}'))
    stage.archive.tricks.extend(answering(json.dumps(sheet).encode()) for sheet in sheets)
    stage.archive.address += "/collection"
    assert stage.fetch("protocol.com/*", "--list") == 0
    assert [line.split("\t")[2] for line in stage.out.splitlines()] == [f"{SITE}/{n}" for n in range(3)]
    assert all(path.startswith("/collection/cdx?") for path in stage.archive.asked)
    assert [path.partition("&page=")[2] for path in stage.archive.asked] == ["", "0", "1", "2"]
    stage.archive.tricks.append(answering(b'{"pages": 1000000000}'))
    assert stage.fetch("protocol.com/*") == 3
    assert "1,000,000,000 pages; narrow the pattern" in stage.err
    # A server that does not number its pages answers with the list itself.
    stage.archive.tricks.append(answering(json.dumps(sheets[0]).encode()))
    assert stage.fetch("protocol.com/*", "--list") == 0
    assert f"{SITE}/0" in stage.out


HEAD = ["timestamp", "original", "mimetype", "statuscode"]
ROW = ["20220101000000", f"{SITE}/a", "text/html", "200"]


DAMAGED = [
    b"[[",
    b"[" * 100_000,
    b"[1, 2]",
    b'[["a"],["b"]]',
    b'[["timestamp"], [1], [], ["\\ud800"]]',
    b'{"pages": ' + b"9" * 5_000 + b"}",
    gzip.compress(b"[[]]")[:-9],
    gzip.compress(bytes(20 << 20)),
]


def test_a_list_that_may_have_been_cut_off_is_said(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "ROWS", 2)
    stage.archive.tricks.append(answering(json.dumps([HEAD, ROW, ROW]).encode()))
    assert stage.fetch("protocol.com/*", "--list") == 0
    assert "ask for less at a time" in stage.err


@pytest.mark.parametrize(
    ("trick", "said"),
    [
        (answering(b"<html>Welcome</html>"), "a web page (200) instead of a list of captures"),
        (refusing(404), "a web page (404) instead of a list"),
        (refusing(403), "refuses to give this list (403)"),
        (answering(b"org,archive)/ 2022 text"), "something else (200)"),
        *((answering(body), "damaged or cut short twice") for body in DAMAGED),
        (refusing(500), "could not fetch the list of captures: the server failed (500)"),
        (sending_to("https://example.org/"), "redirects to another one, example.org"),
        (answering(b"Bad request\x1b[2J", 400), "does not list captures (400 Bad request␛[2J)"),
        (answering(b"<html>Bad</html>", 400), "does not list captures (400)"),
        (answering(json.dumps([HEAD, ROW, [], [quote("a b!")]]).encode()), "repeats itself"),
        (answering(b"[]"), "has no captures of these pages"),
        (answering(b""), "has no captures of these pages"),
    ],
)
def test_a_server_without_a_list_is_named_with_what_is_wrong(stage: Stage, trick: Any, said: str) -> None:
    stage.archive.tricks.extend([trick] * 9)
    assert stage.fetch("protocol.com/*") == 3
    assert stage.archive.address in stage.err
    assert said in stage.err


def test_what_a_list_says_reaches_the_terminal_only_cleaned(stage: Stage) -> None:
    row = {
        "timestamp": "20220101000000",
        "mime": "text/html",
        "status": "200",
        "url": f"{SITE}/a\x9b31mb\u202e",
    }
    good = {**row, "url": f"{SITE}/caf\u00e9"}
    stage.archive.tricks.append(answering("\n".join(map(json.dumps, (row, good))).encode()))
    assert stage.fetch("protocol.com/*", "--list") == 0
    assert stage.out.split("\t")[2] == f"{SITE}/caf%C3%A9\n"
    assert "skipped 1 in the list: an unusable address" in stage.err
    assert stage.err.isascii() or not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", stage.err)


def test_pages_that_fail_one_after_the_other_end_the_run(stage: Stage) -> None:
    stage.archive.held = [Held("20220101000000", f"{SITE}/{n:02}", page(str(n))) for n in range(30)]
    stage.archive.tricks.extend([None, None, *[refusing(500)] * 100])
    assert stage.fetch("protocol.com/*") == 1
    assert "10 pages in a row" in stage.err
    assert "1 page (0.0 MB) fetched" in stage.err
    assert len(stage.archive.asked) == 2 + 10 * 3
