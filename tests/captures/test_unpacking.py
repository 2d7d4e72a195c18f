"""gzip and Zstandard: files are read by what is inside; damage, bombs and early ends cost no more than they must."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.captures import NOT_A_CAPTURE
from reader.captures.source import CutShortError, Source
from reader.captures.unpacking import GZIP, Unpacking
from tests.captures.archives import PAGE, found_at, read, tarred, text_of, warc


@pytest.fixture
def zstd() -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        zstd = pytest.importorskip("backports.zstd")
    return zstd


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "page.txt.gz"


def kept_in_part(path: Path, data: bytes, kind: str) -> str:
    """The text that is kept, given that capture and problem both say that it is not all."""
    found = read(path, data)
    assert found.kinds == [(kind, True)]
    assert found.captures[0].partial == found.reasons
    return found.texts[0]


class TestGzip:
    def test_the_name_inside_decides_in_a_folder(self, tmp_path: Path) -> None:
        for name in ("a.txt.gz", "b.json.gz", "c.gz"):
            (tmp_path / name).write_bytes(gzip.compress(b"page"))
        found = found_at(tmp_path)
        assert (found.sources, found.texts) == (["/a.txt.gz", "/c.gz"], ["page"] * 2)
        assert found.kinds == [(NOT_A_CAPTURE, False)]

    def test_an_end_at_any_byte_loses_nothing_before_it(self, file: Path) -> None:
        data = gzip.compress(PAGE.encode())
        lengths = []
        for size in range(3, len(data)):
            found = read(file, data[:size])
            assert found.kinds == [("damaged", bool(found.captures))]
            text = "".join(found.texts).rstrip("\ufffd")
            assert PAGE.startswith(text)
            lengths.append(len(text))
        assert lengths == sorted(lengths)
        assert lengths[-1] == len(PAGE)

    def test_a_wrong_checksum_is_named_and_the_text_kept_but_for_its_last_words(self, file: Path) -> None:
        text = text_of(1, 300)
        data = bytearray(gzip.compress(text.encode()))
        data[-8] ^= 1
        kept = kept_in_part(file, bytes(data), "damaged")
        assert text.startswith(kept)
        assert len(kept) > len(text) - 200

    @pytest.mark.parametrize("garbage", [b"x", b"not gzip at all", b"\x1f", b"\x1f\x8b\x09"])
    def test_other_data_behind_it_is_named(self, file: Path, garbage: bytes) -> None:
        assert kept_in_part(file, gzip.compress(PAGE.encode()) + garbage, "damaged") == PAGE


class Packing(NamedTuple):
    """A compression, and the suffix of files that have it."""

    suffix: str
    compress: Callable[[bytes], bytes]


@pytest.fixture(params=["gz", "bz2", "xz", "zst"])
def packing(request: pytest.FixtureRequest) -> Packing:
    if request.param == "zst":
        return Packing("zst", request.getfixturevalue("zstd").compress)
    quick: dict[str, Callable[[bytes], bytes]] = {
        "gz": gzip.compress,
        "bz2": partial(bz2.compress, compresslevel=1),
        "xz": partial(lzma.compress, preset=0),
    }
    return Packing(request.param, quick[request.param])


@pytest.fixture
def few_free_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many pieces may be nearly empty, or the file is taken for a bomb."""
    monkeypatch.setattr("reader.captures.unpacking.FREE_MEMBERS", 2000)


class TestPackings:
    @pytest.mark.parametrize("name", ["page.txt.{}", "page.txt", "page"])
    def test_pages_under_any_name(self, tmp_path: Path, packing: Packing, name: str) -> None:
        path = tmp_path / name.format(packing.suffix)
        assert read(path, packing.compress(PAGE.encode())).texts == [PAGE]

    @pytest.mark.parametrize("name", ["pages.tar.{}", "pages.t{}", "pages"])
    def test_archives(self, tmp_path: Path, packing: Packing, name: str) -> None:
        data = packing.compress(tarred({"a.txt": PAGE.encode()}))
        assert read(tmp_path / name.format(packing.suffix), data).sources == ["/a.txt"]

    def test_records_packed_one_by_one_or_with_padding(self, tmp_path: Path, packing: Packing) -> None:
        data = bytes(4).join(map(packing.compress, warc(3)))
        found = read(tmp_path / f"a.warc.{packing.suffix}", data)
        assert (found.texts, found.problems) == ([text_of(n) for n in range(3)], [])

    @pytest.mark.parametrize("name", ["a.txt.{}", "a.warc.{}"])
    def test_what_is_packed_twice_or_binary_is_not_meant(
        self, tmp_path: Path, packing: Packing, name: str
    ) -> None:
        path = tmp_path / name.format(packing.suffix)
        for inside in (packing.compress(PAGE.encode()), packing.compress(warc(1)[0])):
            assert read(path, packing.compress(inside)).kinds == [("packed", False)]
        assert read(path, packing.compress(bytes(1 << 16))).captures == []

    def test_a_damaged_piece_costs_no_other(self, tmp_path: Path, packing: Packing) -> None:
        pieces = [bytearray(packing.compress(one)) for one in warc(5, 300)]
        pieces[2][5] ^= 0xFF
        pieces[2][len(pieces[2]) // 2] ^= 0xFF
        found = read(tmp_path / f"a.warc.{packing.suffix}", b"".join(pieces))
        assert {text_of(n, 300) for n in (0, 1, 3, 4)} <= set(found.texts)
        assert ("damaged", True) in found.kinds

    def test_an_early_end_is_named(self, tmp_path: Path, packing: Packing) -> None:
        text = os.urandom(600_000).hex()
        data = packing.compress(text.encode())[:-100]
        kept = kept_in_part(tmp_path / f"a.txt.{packing.suffix}", data, "damaged")
        assert text.startswith(kept)
        assert len(kept) > len(text) // 2

    def test_a_bomb(self, tmp_path: Path, packing: Packing, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("reader.captures.pages.MAX_CAPTURE", 1 << 20)
        data = packing.compress(b"a" * (4 << 20))
        assert len(kept_in_part(tmp_path / f"a.txt.{packing.suffix}", data, "too large")) <= 1 << 20

    @pytest.mark.usefixtures("few_free_members")
    def test_very_many_nearly_empty_pieces_are_named(self, tmp_path: Path, packing: Packing) -> None:
        data = packing.compress(b"A page\n") + packing.compress(b"a") * 3000
        found = read(tmp_path / f"a.txt.{packing.suffix}", data)
        assert found.texts[0].startswith("A page\naaa")
        assert found.kinds == [("too large", True)]
        assert "nearly empty pieces" in found.reasons

    @pytest.mark.usefixtures("few_free_members")
    def test_very_many_short_pieces_are_read(self, tmp_path: Path, packing: Packing) -> None:
        line = b"A line of text in a member of its own.\n"
        found = read(tmp_path / f"a.txt.{packing.suffix}", packing.compress(line) * 3000)
        assert (found.texts, found.problems) == ([line.decode() * 3000], [])


class TestZstd:
    def test_frames_that_are_skipped(self, zstd: Any, tmp_path: Path) -> None:
        skipped = b"\x50\x2a\x4d\x18\x03\0\0\0abc"
        assert read(tmp_path / "a", skipped + zstd.compress(PAGE.encode()) + skipped).texts == [PAGE]

    @pytest.mark.parametrize("packed_dictionary", [False, True])
    def test_a_warc_with_its_dictionary(self, zstd: Any, tmp_path: Path, packed_dictionary: bool) -> None:
        records = warc(200)
        trained = zstd.train_dict(records, 2000)
        content = trained.dict_content
        content = zstd.compress(content) if packed_dictionary else content
        frame = b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content
        data = frame + b"".join(zstd.compress(one, zstd_dict=trained) for one in records)
        found = read(tmp_path / "a.warc.zst", data)
        assert (found.texts, found.problems) == ([text_of(n) for n in range(200)], [])

    def test_a_window_that_takes_too_much_memory(self, zstd: Any, tmp_path: Path) -> None:
        options = {zstd.CompressionParameter.window_log: 30}
        packer = zstd.ZstdCompressor(options=options)
        data = packer.compress(b"a page " * 10) + packer.compress(b"again") + packer.flush()
        found = read(tmp_path / "a.txt.zst", data)
        assert found.captures == []
        assert found.kinds == [("damaged", False)]


def unpacking_of(data: bytes) -> Unpacking:
    return Unpacking(Source("", "", io.BytesIO(data).read, explicit=True), GZIP)


@cache
def noise(size: int) -> bytes:
    return bytes(random.Random(size).choices(b"abcdefgh \n", k=size))


class TestMembers:
    def test_what_stands_between_members_costs_none_and_repeats_none(self) -> None:
        """That was gone through again once for each such place, which doubled with every one."""
        data = b"".join(gzip.compress(b"page %d " % n) + b"what is no gzip" for n in range(40))
        reading = unpacking_of(data)
        parts: list[bytes] = []
        with pytest.raises(CutShortError):
            parts.extend(iter(partial(reading.read, 1000), b""))
        assert b"".join(parts) == b"".join(b"page %d " % n for n in range(40))

    @given(
        st.lists(st.sampled_from([1, 17, 300, 5_000, 40_000, 90_000]), min_size=1, max_size=6),
        st.integers(0, 99),
    )
    def test_each_byte_is_known_to_be_in_its_member(self, sizes: list[int], step: int) -> None:
        text = noise(90_000)
        members = [gzip.compress(text[:size]) for size in sizes]
        reading = unpacking_of(b"".join(members))
        while reading.read(1000 * (step + 1)):
            pass
        packed = given = 0
        for member, size in zip(members, sizes, strict=True):
            for offset in (0, size // 2, size - 1):
                assert reading.member_at(given + offset) == (packed, offset)
            packed += len(member)
            given += size
