"""Lists of captures as servers give them: in sheets, in pages, packed, damaged, endless, or not at all."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from reader.wayback import listing as listing_module
from tests.fake_archive import (
    FakeArchive,
    answering,
    refusing,
    sending_to,
    serving,
)
from tests.wayback_stage import HELD, SITE, Stage


@pytest.fixture
def stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    with serving(FakeArchive(HELD)) as archive:
        yield Stage(archive, tmp_path / "kept", capsys)


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


def test_a_list_of_endless_pages_is_an_error(stage: Stage) -> None:
    stage.archive.tricks.append(answering(b'{"pages": 1000000000}'))
    stage.archive.address += "/collection"
    assert stage.fetch("protocol.com/*") == 3
    assert "1,000,000,000 pages; ask for less" in stage.err


def test_a_list_that_comes_packed_unasked_is_read(stage: Stage) -> None:
    table = [
        ["timestamp", "original", "mimetype", "statuscode"],
        ["20220101000000", f"{SITE}/a", "text/html", "200"],
    ]
    packed = gzip.compress(json.dumps(table).encode())
    stage.archive.tricks.append(answering(packed, headers={"Content-Encoding": "gzip"}))
    assert stage.fetch("protocol.com/*", "--list") == 0
    assert f"{SITE}/a" in stage.out


def test_a_list_that_may_have_been_cut_off_is_said(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_module, "ROWS", 2)
    table = [["timestamp", "original", "mimetype", "statuscode"]]
    table += [["20220101000000", f"{SITE}/{n}", "text/html", "200"] for n in range(2)]
    stage.archive.tricks.append(answering(json.dumps(table).encode()))
    assert stage.fetch("protocol.com/*", "--list") == 0
    assert "ask for less at a time" in stage.err


def test_a_list_that_goes_in_a_circle_is_an_error(stage: Stage) -> None:
    rows = [
        ["timestamp", "original", "mimetype", "statuscode"],
        ["20220101000000", f"{SITE}/", "text/html", "200"],
    ]
    circle = answering(json.dumps([*rows, [], [quote("a b!")]]).encode())
    stage.archive.tricks.extend([circle] * 9)
    assert stage.fetch("protocol.com/*") == 3
    assert "circle" in stage.err
    assert len(stage.archive.asked) == 2


@pytest.mark.parametrize(
    ("trick", "said"),
    [
        (answering(b"<html>Welcome</html>"), "a web page (200) where a list of captures was expected"),
        (refusing(404), "a web page (404) where a list"),
        (refusing(403), "does not give this list out (403)"),
        (answering(b"org,archive)/ 2022 text"), "something else (200)"),
        (answering(b'[["timestamp", "orig'), "damaged or cut short, twice"),
        (answering(b"[" * 100_000), "damaged or cut short, twice"),
        (answering(b"[1, 2]"), "damaged or cut short, twice"),
        (answering(b'[["timestamp"], [1], [], ["\\ud800"]]'), "damaged or cut short, twice"),
        (answering(b'{"pages": ' + b"9" * 5_000 + b"}"), "damaged or cut short, twice"),
        (answering(gzip.compress(b"[[]]")[:-9]), "damaged or cut short, twice"),
        (answering(gzip.compress(bytes(20 << 20))), "damaged or cut short, twice"),
        (refusing(500), "no list of captures came: the server failed (500)"),
        (sending_to("https://example.org/"), "sends us to another, example.org"),
        (answering(b"Bad request\x1b[2J", 400), "does not list captures (400 Bad request␛[2J)"),
        (answering(b"<html>Bad</html>", 400), "does not list captures (400)"),
        (answering(b"[]"), "lists no captures"),
        (answering(b""), "lists no captures"),
    ],
)
def test_a_server_without_a_list_is_named_with_what_is_wrong(stage: Stage, trick: Any, said: str) -> None:
    stage.archive.tricks.extend([trick] * 9)
    assert stage.fetch("protocol.com/*") == 3
    assert stage.archive.address in stage.err
    assert said in stage.err


def test_an_endless_list_is_an_error(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_module, "MOST_BYTES", 1 << 20)

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n[")
        for _ in range(1000):
            handler.wfile.write(b'["a", "b"],' * 10_000)

    stage.archive.tricks.append(endless)
    assert stage.fetch("protocol.com/*") == 3
    assert "longer than 1 MB" in stage.err


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
    assert "1, an address that is not usable" in stage.err
    assert stage.err.isascii() or not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", stage.err)
