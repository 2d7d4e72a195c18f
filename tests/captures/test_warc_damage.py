"""WARC files whose lengths lie, which end anywhere or hold other data: what is saved of them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from reader.captures.warc import records as warc_records
from tests.captures.archives import PAGE, Found, flips, http, packed, read, record, text_of, warc


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pages.warc"


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


def test_thousands_of_lengths_that_lie(file: Path) -> None:
    found = read(file, b"".join(record(http(text_of(n)), length=30 << 20) for n in range(5000)))
    assert found.texts == [text_of(n) for n in range(5000)]
    assert found.reasons.startswith("4,999 records (1, 2, 3, …): wrong length")


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
    assert found.reasons.startswith("2 records (4, 6): ")


def test_an_endless_header(file: Path) -> None:
    found = read(file, b"WARC/1.0\r\n" + b"X-Field: yes\r\n" * 100_000 + b"\r\n\r\n" + record(http(PAGE)))
    assert found.texts == [PAGE]
    assert found.reasons.startswith("1 record (byte 0): ")


def test_line_ends_without_carriage_returns(file: Path) -> None:
    data = b"".join(warc(3)).replace(b"\r\n", b"\n")
    content = http(PAGE).replace(b"\r\n", b"\n")
    data = record(content).replace(b"\r\n", b"\n") * 2
    assert read(file, data).texts == [PAGE, PAGE]
