"""WARC and WET: what a page's record gives, and what is saved of a file whose lengths lie or which ends anywhere."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import brotlicffi
import pytest

from reader.captures import PASSED_OVER
from reader.captures.pages import MAX_CAPTURE
from reader.captures.warc import MAX_BODY
from reader.model import Capture
from tests.captures.archives import (
    DATE,
    GROWTH,
    PAGE,
    Found,
    flips,
    found_at,
    http,
    packed,
    read,
    record,
    tarred,
    text_of,
    warc,
    zipped,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pages.warc"


def test_a_page_with_its_address_and_time(file: Path) -> None:
    found = read(file, record(http(PAGE)))
    assert found.items == [Capture(f"{file}:1", PAGE, "https://www.protocol.com/story", DATE)]
    # Of a WET file, the conversions.
    info = record("software: x", kind="warcinfo", url=None, media="application/warc-fields")
    data = info + record(PAGE, kind="conversion", media="text/plain", url="https://www.protocol.com/a")
    assert read(file, data).items == [Capture(f"{file}:2", PAGE, "https://www.protocol.com/a", DATE)]


@pytest.mark.parametrize("kind", ["warcinfo", "request", "metadata", "revisit"])
def test_what_no_page_can_be_is_skipped_silently(file: Path, kind: str) -> None:
    found = read(file, record("x: y", kind=kind) + record(http(PAGE)))
    assert (found.texts, found.problems) == ([PAGE], [])
    found = read(file, record("x: y", kind=kind))
    assert (found.texts, found.kinds) == ([], [("no page", False)])


def test_what_is_no_page_is_counted_once(file: Path) -> None:
    others = [
        record(http("x", status="404 Not Found")),
        record(http("x", status="301 Moved")),
        record(http("x", status="404 Not Found")),
        record(http(b"\x89PNG\0", "image/png")),
        record("x", kind="continuation"),
        record("x", media="text/dns", url="dns:www.protocol.com"),
    ]
    found = read(file, b"".join(others) + record(http(PAGE)))
    assert found.texts == [PAGE]
    (problem,) = found.problems
    assert (problem.kind, problem.partial) == (PASSED_OVER, True)
    for part in (
        "6 records skipped",
        "2 with status 404",
        "1 with status 301",
        "1 image/png",
        "1 text/dns",
    ):
        assert part in problem.reason


def test_a_declared_encoding_is_used_where_it_is_no_utf_8(file: Path) -> None:
    text = "Стеклянный мост"
    found = read(file, record(http(text.encode("koi8-r"), "text/plain; charset=KOI8-R")))
    assert (found.texts, found.captures[0].encoding) == ([text], "koi8-r")
    for charset in ("iso-8859-1", "no-such", "idna", "rot13", "base64", "utf-16", "undefined"):
        found = read(file, record(http("caf\u00e9’s".encode("cp1252"), f'text/plain; charset="{charset}"')))
        assert found.texts == ["caf\u00e9’s"]


class TestEncodings:
    CHUNKED = "Transfer-Encoding: chunked\r\n"

    @pytest.mark.parametrize("end", [b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"000;a=b\r\n\r\n"])
    def test_chunks(self, file: Path, end: bytes) -> None:
        parts = [PAGE.encode()[i : i + 7] for i in range(0, len(PAGE.encode()), 7)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        for content in (body + end, PAGE.encode()):  # The second were joined already.
            found = read(file, record(http(content, fields=self.CHUNKED)))
            assert (found.texts, found.problems) == ([PAGE], [])

    def test_chunks_that_end_early_are_kept(self, file: Path) -> None:
        found = read(file, record(http(b"5\r\nFirst\r\nff\r\nand not all", fields=self.CHUNKED)))
        assert found.texts == ["Firstand not all"]
        assert found.kinds == [("damaged", True)]
        assert found.captures[0].partial

    @pytest.mark.parametrize(
        "coding", ["gzip", "x-gzip", "deflate", "raw deflate", "gzip, gzip", "identity", "GZIP", "br"]
    )
    def test_packed_bodies(self, file: Path, coding: str) -> None:
        body = PAGE.encode()
        if "gzip" in coding.lower():
            for _ in coding.split(","):
                body = gzip.compress(body)
        elif coding == "deflate":
            body = zlib.compress(body)
        elif coding == "br":
            body = brotlicffi.compress(body)
        elif coding == "raw deflate":
            packer = zlib.compressobj(wbits=-15)
            body = packer.compress(body) + packer.flush()
        field = f"Content-Encoding: {coding.removeprefix('raw ')}\r\n"
        found = read(file, record(http(body, fields=field)))
        assert (found.texts, found.problems) == ([PAGE], [])

    @pytest.mark.parametrize("coding", ["gzip", "br"])
    def test_a_body_that_was_unpacked_already(self, file: Path, coding: str) -> None:
        html = "<!doctype html><p>A line of it</p>"
        found = read(file, record(http(html, "text/html", fields=f"Content-Encoding: {coding}\r\n")))
        assert "A line of it" in found.texts[0]

    def test_an_unknown_coding_is_named(self, file: Path) -> None:
        packed_twice = [record(http(b"\x0b\x02\x80abc\x03", fields="Content-Encoding: dcb\r\n"))] * 2
        found = read(file, b"".join(packed_twice) + record(http(PAGE)))
        assert found.texts == [PAGE]
        assert found.kinds == [("packed", True)]
        assert found.reasons.startswith("2 records (1, 2)")

    @pytest.mark.parametrize("coding", ["gzip", "br"])
    def test_a_packed_body_that_is_damaged_is_kept_as_far_as_it_goes(self, file: Path, coding: str) -> None:
        body = text_of(1, 5_000).encode()
        body = (gzip.compress(body) if coding == "gzip" else brotlicffi.compress(body, quality=1))[:-200]
        fields = f"Content-Encoding: {coding}\r\n"
        found = read(file, record(http(body, fields=fields)) + record(http(PAGE)))
        assert found.texts[0].startswith("Page 1\n\nword1x0 word1x1")
        assert found.texts[1:] == [PAGE]
        assert found.captures[0].partial
        assert found.kinds == [("damaged", True)]

    @pytest.mark.parametrize("compress", [gzip.compress, brotlicffi.compress])
    def test_a_packed_body_that_is_longer_than_a_page_is_marked(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, compress: Callable[[bytes], bytes]
    ) -> None:
        assert MAX_BODY > MAX_CAPTURE
        monkeypatch.setattr("reader.captures.pages.MAX_CAPTURE", 1_000)
        monkeypatch.setattr("reader.captures.warc.MAX_BODY", 1_001)
        coding = "gzip" if compress is gzip.compress else "br"
        body = compress(b"0123456789" * 200_000)
        packed_record = record(http(body, fields=f"Content-Encoding: {coding}\r\n"))
        found = read(file, packed_record + record(http("A page")))
        assert found.texts == ["0123456789" * 100, "A page"]
        assert found.captures[0].partial
        assert found.kinds == [("too large", True)]


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
def test_a_crawl_by_wget(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "story.html").write_text(
        "<html><body><h1>The harbour</h1><p>It reopened on Monday.</p></body></html>"
    )
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/story.html"
        command = ["wget", "--quiet", "--no-config", "--no-proxy", "--warc-file=crawl", url]
        subprocess.run(command, cwd=tmp_path, check=True)
        server.shutdown()
    (capture,) = found_at(tmp_path / "crawl.warc.gz").captures
    assert (capture.url, capture.text) == (url, "The harbour\n\nIt reopened on Monday.")


def test_found_by_content_and_inside_others(tmp_path: Path) -> None:
    data = packed(warc(2))
    texts = [text_of(0), text_of(1)]
    for name, content in (
        ("page.txt", data),
        ("x", gzip.compress(b"".join(warc(2)))),
        ("x.zip", zipped({"a/b.warc.gz": data})),
        ("x.tar.gz", gzip.compress(tarred({"b.warc": b"".join(warc(2))}))),
    ):
        assert read(tmp_path / name, content).texts == texts, name
    found = read(tmp_path / "x.zip", zipped({"a/b.warc.gz": data}))
    assert found.sources == ["/a/b.warc.gz:1", "/a/b.warc.gz:2"]


def test_a_wacz_gives_its_archive_and_nothing_else(tmp_path: Path) -> None:
    files = {
        "datapackage.json": b'{"profile": "data-package"}',
        "archive/data.warc.gz": packed(warc(2)),
        "pages/pages.jsonl": b'{"url": "https://www.protocol.com/0", "text": "again"}',
        "indexes/index.cdx.gz": gzip.compress(b"com,protocol)/ 2022 {}"),
    }
    found = read(tmp_path / "crawl.wacz", zipped(files))
    assert (found.texts, found.problems) == ([text_of(0), text_of(1)], [])
    assert read(tmp_path / "crawl.zip", zipped(files)).texts == [text_of(0), text_of(1)]


@pytest.mark.parametrize("form", ["plain", "packed"])
def test_memory_is_flat(form: str) -> None:
    """40 MB through a pipe into a child that says how much more memory that took than 2 MB."""
    page = record(http(text_of(0, 9000)))
    data = gzip.compress(page) if form == "packed" else page
    count = (40 << 20) // len(page)
    with subprocess.Popen(
        [sys.executable, "-c", GROWTH, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for _ in range(count):
            child.stdin.write(data)
        child.stdin.close()
        found, grown = map(int, child.stdout.read().split())
    assert found == count
    assert grown < 12


# Lengths that lie, early ends and other data


class TestLengthsThatLie:
    """Ten pages; what one of them says of its length is wrong."""

    @pytest.fixture(params=["plain", "packed"])
    def damaged(self, request: pytest.FixtureRequest, file: Path) -> object:
        def read_with(at: int, replacement: bytes) -> Found:
            records = warc(10)
            records[at] = replacement
            return read(file, packed(records) if request.param == "packed" else b"".join(records))

        return read_with

    def lying(self, at: int, by: int) -> bytes:
        content = http(text_of(at))
        return record(content, url=f"https://www.protocol.com/{at}", length=len(content) + by)

    # The longest swallows the next record to its last byte.
    @pytest.mark.parametrize(
        "by", [-300, -100, -5, -1, 1, 3, 4, 5, 50, len(warc(10)[5]), 10**5, 10**9, 10**17]
    )
    def test_no_page_is_lost(self, damaged: object, by: int) -> None:
        found: Found = damaged(4, self.lying(4, by))  # type: ignore[operator]
        assert found.texts == [text_of(number) for number in range(10)]
        assert [capture.partial is not None for capture in found.captures] == [n == 4 for n in range(10)]
        assert found.kinds == [("damaged", True)]
        assert found.reasons.startswith("1 record (5): ")

    @pytest.mark.parametrize("by", [-300, -5, 1, 4, 50, 10**5, 10**9])
    def test_the_last_one(self, damaged: object, by: int) -> None:
        found: Found = damaged(9, self.lying(9, by))  # type: ignore[operator]
        assert [text.rstrip("\r\n") for text in found.texts] == [text_of(n).rstrip() for n in range(10)]
        if by > 4 or by < 0:
            assert found.kinds == [("damaged", True)]

    @pytest.mark.parametrize("length", ["", "-1", "x", "1" * 30, "0x10", "１"])
    def test_a_length_that_is_none(self, damaged: object, length: str) -> None:
        bad = record(http(text_of(4))).replace(b"Content-Length: ", f"Content-Length: {length}#".encode(), 1)
        found: Found = damaged(4, bad)  # type: ignore[operator]
        assert found.texts == [text_of(number) for number in range(10) if number != 4]
        assert found.kinds == [("damaged", True)]
        assert found.reasons.startswith("1 record (byte ")

    def test_what_a_page_shows_of_records_stays_in_it(self, damaged: object) -> None:
        shown = f"A record looks like this:\r\n\r\n{record('x', length=99).decode()}and so on."
        found: Found = damaged(4, record(http(shown)))  # type: ignore[operator]
        assert found.texts[4] == shown
        assert found.problems == []

    def test_other_data_between_records(self, damaged: object) -> None:
        found: Found = damaged(4, b"no record\r\n\r\n" * 30_000)  # type: ignore[operator]
        assert found.texts == [text_of(number) for number in range(10) if number != 4]
        assert found.kinds == [("damaged", True)]
        assert "other data" in found.reasons


@pytest.mark.parametrize("missing", [1, 4, 5, 20, 100, 250])
def test_a_file_that_ends_early(file: Path, missing: int) -> None:
    found = read(file, b"".join(warc(3))[:-missing])
    assert found.texts[:2] == [text_of(0), text_of(1)]
    if missing > 4:  # Those are only line ends.
        assert text_of(2).startswith(found.texts[2])
        assert found.captures[2].partial
        assert found.kinds == [("damaged", True)]
        assert "1 record (3): cut off" in found.reasons
    else:
        assert (found.texts[2], found.problems) == (text_of(2), [])


@pytest.mark.parametrize("is_packed", [False, True])
def test_each_byte_flipped_costs_at_most_its_record(file: Path, is_packed: bool, thorough: bool) -> None:
    records = [packed([one]) for one in warc(3, 5)] if is_packed else warc(3, 5)
    ends = [sum(map(len, records[: n + 1])) for n in range(3)]
    for at, data in flips(b"".join(records), 3 if thorough else 11):
        if is_packed and at < 10:
            continue  # Then it is no gzip file any more.
        touched = next(n for n, end in enumerate(ends) if at < end)
        # The line ends before a record may be taken for the end of the page before it.
        texts = [text.rstrip("\r\n") + "\n" for text in read(file, data).texts]
        assert {text_of(n, 5) for n in range(3) if n != touched} <= {*texts}, at


def test_a_record_cut_by_the_crawler_is_marked(file: Path) -> None:
    cut = record(http(PAGE), fields="WARC-Truncated: length\r\n")
    found = read(file, cut * 3)
    assert all(capture.partial for capture in found.captures)
    assert found.kinds == [("cut off", True)]
    assert found.reasons.startswith("3 records (1, 2, 3)")


def test_long_records_are_kept_in_part(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader.captures.warc.MAX_CONTENT", 100_000)
    found = read(file, record(http("a" * 1_000_000)) + record(http(PAGE)))
    assert set(found.texts[0]) == {"a"}
    assert 99_000 < len(found.texts[0]) <= 100_000
    assert found.captures[0].partial
    assert found.texts[1:] == [PAGE]
    assert found.kinds == [("too large", True)]


def test_an_endless_header(file: Path) -> None:
    found = read(file, b"WARC/1.0\r\n" + b"X-Field: yes\r\n" * 100_000 + b"\r\n\r\n" + record(http(PAGE)))
    assert found.texts == [PAGE]
    assert found.reasons.startswith("1 record (byte 0): ")


def test_line_ends_without_carriage_returns(file: Path) -> None:
    assert read(file, (record(http(PAGE)) * 2).replace(b"\r\n", b"\n")).texts == [PAGE, PAGE]
