"""WARC and WET: what a page's record gives, and what is saved of a file whose lengths lie or which ends anywhere."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.captures import PASSED_OVER, read_captures, warc_records
from reader.model import Capture
from tests.archives import DATE, PAGE, Found, flips, http, packed, read, record, tarred, text_of, warc, zipped


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pages.warc"


def test_a_page_with_its_address_and_time(file: Path) -> None:
    found = read(file, record(http(PAGE)))
    assert found.items == [Capture(f"{file}:1", PAGE, "https://www.protocol.com/story", DATE)]


@pytest.mark.parametrize("version", ["0.17", "0.18", "1.0", "1.1"])
def test_versions(file: Path, version: str) -> None:
    assert read(file, record(http(PAGE), version=version)).texts == [PAGE]


def test_a_wet_files_conversions(file: Path) -> None:
    info = record("software: x", kind="warcinfo", url=None, media="application/warc-fields")
    data = info + record(PAGE, kind="conversion", media="text/plain", url="https://www.protocol.com/a")
    found = read(file, data)
    assert found.items == [Capture(f"{file}:2", PAGE, "https://www.protocol.com/a", DATE)]


def test_a_resource_is_a_page_as_it_is(file: Path) -> None:
    assert read(file, record(PAGE, kind="resource", media="text/plain;charset=utf-8")).texts == [PAGE]


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
        "6 records passed over",
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
    for charset in ("iso-8859-1", "no-such", "idna", "rot13", "undefined"):
        found = read(file, record(http("caf\u00e9’s".encode("cp1252"), f'text/plain; charset="{charset}"')))
        assert found.texts == ["caf\u00e9’s"]


def test_html_is_handed_on_with_what_is_known_of_it(file: Path) -> None:
    found = read(
        file, record(http("<!doctype html><html><body><p>A line of it</p></body></html>", "text/html"))
    )
    (capture,) = found.captures
    assert "A line of it" in capture.text
    assert (capture.url, capture.captured) == ("https://www.protocol.com/story", DATE)


class TestEncodings:
    CHUNKED = "Transfer-Encoding: chunked\r\n"

    @pytest.mark.parametrize("end", [b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"000;a=b\r\n\r\n"])
    def test_chunks(self, file: Path, end: bytes) -> None:
        data = PAGE.encode()
        body = b"".join(
            b"%x\r\n%s\r\n" % (len(data[i : i + 7]), data[i : i + 7]) for i in range(0, len(data), 7)
        )
        found = read(file, record(http(body + end, fields=self.CHUNKED)))
        assert (found.texts, found.problems) == ([PAGE], [])

    def test_chunks_that_were_joined_already(self, file: Path) -> None:
        assert read(file, record(http(PAGE, fields=self.CHUNKED))).texts == [PAGE]

    def test_chunks_that_end_early_are_kept(self, file: Path) -> None:
        found = read(file, record(http(b"5\r\nFirst\r\nff\r\nand not all", fields=self.CHUNKED)))
        assert found.texts == ["Firstand not all"]
        assert found.kinds == [("damaged", True)]
        assert found.captures[0].partial

    @pytest.mark.parametrize(
        "coding", ["gzip", "x-gzip", "deflate", "raw deflate", "gzip, gzip", "identity", "GZIP"]
    )
    def test_packed_bodies(self, file: Path, coding: str) -> None:
        body = PAGE.encode()
        if "gzip" in coding.lower():
            for _ in coding.split(","):
                body = gzip.compress(body)
        elif coding == "deflate":
            body = zlib.compress(body)
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

    def test_brotli_is_told(self, file: Path) -> None:
        packed_twice = [record(http(b"\x0b\x02\x80abc\x03", fields="Content-Encoding: br\r\n"))] * 2
        found = read(file, b"".join(packed_twice) + record(http(PAGE)))
        assert found.texts == [PAGE]
        assert found.kinds == [("packed", True)]
        assert found.reasons.startswith("2 records (1, 2)")
        assert "Brotli" in found.reasons

    def test_a_packed_body_that_is_damaged_is_kept_as_far_as_it_goes(self, file: Path) -> None:
        body = gzip.compress(text_of(1, 500).encode())[:-200]
        found = read(file, record(http(body, fields="Content-Encoding: gzip\r\n")) + record(http(PAGE)))
        assert found.texts[0].startswith("Page 1\n\nword1x0 word1x1")
        assert found.texts[1:] == [PAGE]
        assert found.captures[0].partial
        assert found.kinds == [("damaged", True)]

    def test_a_bomb_in_a_body(self, file: Path) -> None:
        bomb = zlib.compressobj(9, wbits=31)
        body = b"".join(bomb.compress(b"a" * (1 << 20)) for _ in range(40)) + bomb.flush()
        found = read(file, record(http(body, fields="Content-Encoding: gzip\r\n")) + record(http(PAGE)))
        assert found.texts[1:] == [PAGE]
        assert len(found.texts[0]) < 10 << 20
        assert found.kinds == [("too large", True)]


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
        assert found.reasons.startswith("1 damaged record, first at byte ")

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
        assert found.reasons.startswith("1 damaged record, ")

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
        assert "1 cut off" in found.reasons
    else:
        assert (found.texts[2], found.problems) == (text_of(2), [])


def test_a_packed_file_that_ends_early(file: Path) -> None:
    data = packed(warc(3, 300))
    for missing in (1, 8, 100, 400):
        found = read(file, data[:-missing])
        assert found.texts[:2] == [text_of(0, 300), text_of(1, 300)]
        assert text_of(2, 300).startswith(found.texts[2].rstrip("\r\n\ufffd"))
        assert ("damaged", True) in found.kinds


def test_a_damaged_member_costs_no_other(file: Path) -> None:
    records = warc(10, 300)
    members = [gzip.compress(one, mtime=0) for one in records]
    for at in (10, 11, 60, 200, -9, -5, -1):
        damaged = bytearray(members[4])
        damaged[at] ^= 0xFF
        found = read(file, b"".join([*members[:4], bytes(damaged), *members[5:]]))
        kept = [capture for capture in found.captures if capture.text != text_of(4, 300)]
        expected = [text_of(number, 300) for number in range(10) if number != 4]
        assert [capture.text for capture in kept if not capture.partial][-5:] == expected[-5:]
        assert set(expected) <= set(found.texts)
        assert ("damaged", True) in found.kinds


def test_each_byte_flipped_costs_at_most_its_record(file: Path) -> None:
    records = warc(3, 5)
    ends = [sum(map(len, records[: n + 1])) for n in range(3)]
    expected = [text_of(n, 5) for n in range(3)]
    for at, data in flips(b"".join(records), 3):
        touched = next(n for n, end in enumerate(ends) if at < end)
        found = read(file, data)
        for number, text in enumerate(expected):
            # The line ends before a record may be taken for the end of the page before it.
            assert number == touched or text in [one.rstrip("\r\n") + "\n" for one in found.texts], (
                at,
                number,
            )


def test_each_packed_byte_flipped_costs_at_most_its_record(file: Path) -> None:
    members = [gzip.compress(one, mtime=0) for one in warc(3, 5)]
    ends = [sum(map(len, members[: n + 1])) for n in range(3)]
    for at, data in flips(b"".join(members), 3):
        touched = next(n for n, end in enumerate(ends) if at < end)
        if at < 10:
            continue  # Then it is no gzip file any more.
        found = read(file, data)
        for number in range(3):
            assert number == touched or text_of(number, 5) in found.texts, (at, number)


def test_a_record_cut_by_the_crawler_is_marked(file: Path) -> None:
    cut = record(http(PAGE), fields="WARC-Truncated: length\r\n")
    found = read(file, cut * 3)
    assert all(capture.partial for capture in found.captures)
    assert found.kinds == [("cut off", True)]
    assert found.reasons.startswith("3 records (1, 2, 3)")


def test_line_ends_without_carriage_returns(file: Path) -> None:
    data = b"".join(warc(3)).replace(b"\r\n", b"\n")
    content = http(PAGE).replace(b"\r\n", b"\n")
    data = record(content).replace(b"\r\n", b"\n") * 2
    assert read(file, data).texts == [PAGE, PAGE]


def test_long_records_are_kept_in_part(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_records, "MAX_CONTENT", 100_000)
    found = read(file, record(http("a" * 1_000_000)) + record(http(PAGE)))
    assert set(found.texts[0]) == {"a"}
    assert 99_000 < len(found.texts[0]) <= 100_000
    assert found.captures[0].partial
    assert found.texts[1:] == [PAGE]
    assert found.kinds == [("too large", True)]


def test_a_length_that_lies_beyond_what_is_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_records, "MAX_CONTENT", 100_000)
    records = warc(2000)
    records[3] = record(http(text_of(3)), length=10**9)
    records[5] = record("x", kind="metadata", length=10**9)
    found = read(file, b"".join(records))
    assert found.texts == [text_of(number) for number in range(2000) if number != 5]
    assert found.reasons.startswith("2 damaged records")


def test_an_endless_header(file: Path) -> None:
    found = read(file, b"WARC/1.0\r\n" + b"X-Field: yes\r\n" * 100_000 + b"\r\n\r\n" + record(http(PAGE)))
    assert found.texts == [PAGE]
    assert found.reasons.startswith("1 damaged record, first at byte 0")


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


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([*warc(2), b"WARC/1.0\r\n", b"\r\n\r\n"]))))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.warc"
    path.write_bytes(b"WARC/1.0\r\n" + b"".join(parts))
    assert list(read_captures([str(path)]))


@pytest.mark.parametrize("form", ["plain", "packed"])
def test_memory_is_flat(form: str) -> None:
    """200 MB through a pipe into a child that says how much more memory that took than 2 MB."""
    code = (
        "import resource, sys\n"
        "from reader.captures import read_captures\n"
        "used = count = 0\n"
        "for count, _ in enumerate(read_captures(['-']), 1):\n"
        "    used = used or count == 20 and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used) >> 10)\n"
    )
    page = record(http(text_of(0, 9000)))
    data = gzip.compress(page) if form == "packed" else page
    count = (200 << 20) // len(page)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for _ in range(count):
            child.stdin.write(data)
        child.stdin.close()
        found, grown = map(int, child.stdout.read().split())
    assert found == count
    assert grown < 30
