"""Bytes to text: encodings, limits, gzip, and all the ways in which a file is broken."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.captures import read_captures
from reader.captures.text import decode
from reader.model import Capture, Problem

Read = Callable[..., tuple[Capture | None, Problem | None]]
PAGE = "Fintech\n\nThe bank that wasn’t\n\nIt said it was — and “it” stuck.\n"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes bytes to a file and reads it: the capture, the problem."""

    def write_and_read(data: bytes, name: str = "page.txt") -> tuple[Capture | None, Problem | None]:
        path = tmp_path / name
        path.write_bytes(data)
        found = list(read_captures([str(path)]))
        assert all(one.source == str(path) for one in found)
        captures = [one for one in found if isinstance(one, Capture)]
        problems = [one for one in found if isinstance(one, Problem)]
        assert found == captures + problems
        assert len(captures) <= 1 >= len(problems)
        return next(iter(captures), None), next(iter(problems), None)

    return write_and_read


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("reader.captures.text.MAX_CAPTURE", 4000)
    return 4000


def kept_in_part(found: tuple[Capture | None, Problem | None], kind: str) -> str:
    """The text that was kept, given that both records say that it is not all."""
    capture, problem = found
    assert capture is not None
    assert problem is not None
    assert (problem.kind, problem.partial) == (kind, True)
    assert capture.partial == problem.reason
    return capture.text


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (PAGE.encode(), PAGE, "utf-8"),
        (b"\xef\xbb\xbf" + PAGE.encode(), PAGE, "utf-8"),
        (b"\xff\xfe" + PAGE.encode("utf-16-le"), PAGE, "utf-16"),
        (b"\xfe\xff" + PAGE.encode("utf-16-be"), PAGE, "utf-16"),
        (PAGE.encode("cp1252"), PAGE, "cp1252"),
        (b"caf\xe9", "café", "cp1252"),
        (b"a\x81b\x9dc", "a\ufffdb\ufffdc", "cp1252"),
        (b"\xed\xa0\x80", "í\xa0€", "cp1252"),
        (b"\xff\xfea\x00b", "a\ufffd", "utf-16"),
        (b"\xef\xbb\xbf", "", "utf-8"),
        (b"\xff\xfe", "", "utf-16"),
    ],
)
def test_encodings(read: Read, data: bytes, text: str, encoding: str) -> None:
    capture, problem = read(data)
    assert problem is None
    assert capture is not None
    assert (capture.text, capture.encoding, capture.partial) == (text, encoding, None)


def test_utf_8_that_ends_inside_a_character_is_still_utf_8(read: Read) -> None:
    data = "“A page”".encode()
    assert kept_in_part(read(data[:-1]), "damaged") == "“A page\ufffd"


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_unicode_encoded_comes_back(text: str, encoding: str) -> None:
    if encoding == "utf-8":
        text = text.lstrip("\ufeff")
    assert decode(bytearray(text.encode(encoding)), whole=True)[0] == text


@given(st.binary(), st.booleans())
def test_any_bytes_are_decoded(data: bytes, whole: bool) -> None:
    text, encoding, _ = decode(bytearray(data), whole=whole)
    assert encoding in ("utf-8", "utf-16", "cp1252")
    assert len(text) <= len(data)


@pytest.mark.parametrize("data", [b"\x7fELF\0", b"a" * 8191 + b"\0", b"\xff\xfe\0\0a\0\0\0"])
def test_binary_files_are_named(read: Read, data: bytes) -> None:
    capture, problem = read(data)
    assert capture is None
    assert problem is not None
    assert (problem.kind, problem.partial) == ("binary", False)


def test_a_nul_further_on_is_no_sign_of_a_binary_file(read: Read) -> None:
    capture, problem = read(b"a" * 8192 + b"\0")
    assert problem is None
    assert capture is not None
    assert capture.text.endswith("a\0")


def test_a_capture_of_just_the_limit_is_whole(read: Read, limit: int) -> None:
    capture, problem = read(b"a" * limit)
    assert problem is None
    assert capture is not None
    assert capture.text == "a" * limit


def test_the_start_of_a_longer_one_is_kept(read: Read, limit: int) -> None:
    assert kept_in_part(read(b"a" * (limit + 1)), "too large") == "a" * limit
    text = kept_in_part(read(b"ab\xc3\xa9" * limit), "too large")
    assert text == "abé" * (limit // 4)


def test_the_limit_does_not_split_a_character(read: Read, limit: int) -> None:
    text = kept_in_part(read(b"a" * (limit - 1) + "é".encode() * 9), "too large")
    assert text == "a" * (limit - 1)


def test_the_limit_counts_memory_too(read: Read, limit: int) -> None:
    """One emoji makes every character take four bytes."""
    text = "😀" + "a" * (limit - 4)
    assert kept_in_part(read(text.encode()), "too large") == text[: limit // 4]


def test_only_what_is_kept_is_read(read: Read, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real_read = os.read

    def count(descriptor: int, most: int) -> bytes:
        data = real_read(descriptor, min(most, 1000))
        asked.append(len(data))
        return data

    monkeypatch.setattr(os, "read", count)
    kept_in_part(read(b"a" * 10 * limit), "too large")
    assert sum(asked) <= 8192 + 1000


def test_gzip_is_known_by_its_start_and_not_its_name(read: Read) -> None:
    packed = gzip.compress(PAGE.encode())
    for name in ("a.txt.gz", "a.txt", "a.GZ", "a"):
        capture, problem = read(packed, name)
        assert problem is None
        assert capture is not None
        assert capture.text == PAGE
    capture, problem = read(PAGE.encode(), "plain.txt.gz")
    assert capture is not None
    assert capture.text == PAGE


def test_what_is_packed_is_chosen_by_its_inner_name(tmp_path: Path) -> None:
    for name in ("a.txt.gz", "b.json.gz", "c.gz"):
        (tmp_path / name).write_bytes(gzip.compress(b"page"))
    found = [(type(one), Path(one.source).name) for one in read_captures([str(tmp_path)])]
    assert found == [(Capture, "a.txt.gz"), (Problem, "b.json.gz"), (Capture, "c.gz")]


@pytest.mark.parametrize("sizes", [(10, 10), (0, 5, 0), (70_000, 1, 70_000), (16_384, 16_384)])
@pytest.mark.parametrize("padding", [b"", b"\0" * 1000])
def test_gzip_of_several_members(read: Read, sizes: tuple[int, ...], padding: bytes) -> None:
    noise = os.urandom(140_010).hex()
    parts, start = [], 0
    for size in sizes:
        parts.append(noise[start : start + size])
        start += size
    capture, problem = read(padding.join(gzip.compress(part.encode()) for part in parts) + padding)
    assert problem is None
    assert capture is not None
    assert capture.text == "".join(parts)


def test_gzip_that_ends_at_every_byte(read: Read) -> None:
    """Whatever is missing at the end, no byte before it is lost and the loss is told."""
    packed = gzip.compress(PAGE.encode())
    lengths = []
    for size in range(3, len(packed)):
        capture, problem = read(packed[:size])
        assert problem is not None
        assert problem.kind == "damaged"
        assert problem.partial == (capture is not None)
        if capture is not None:
            assert capture.partial == problem.reason
            assert PAGE.startswith(capture.text.rstrip("\ufffd"))
        lengths.append(len(capture.text) if capture else 0)
    assert lengths == sorted(lengths)
    assert lengths[-1] == len(PAGE)


def test_damaged_gzip_keeps_what_came_before(read: Read) -> None:
    text = os.urandom(100_000).hex()
    packed = bytearray(gzip.compress(text.encode()))
    middle = len(packed) // 2
    packed[middle : middle + 64] = bytes(64)
    kept = kept_in_part(read(bytes(packed)), "damaged")
    assert kept[:70_000] == text[:70_000]


def test_a_wrong_checksum_is_told_and_the_text_kept(read: Read) -> None:
    packed = bytearray(gzip.compress(PAGE.encode()))
    packed[-8] ^= 1
    assert kept_in_part(read(bytes(packed)), "damaged") == PAGE


@pytest.mark.parametrize("garbage", [b"x", b"not gzip at all", b"\x1f", b"\x1f\x8b\x09"])
def test_other_data_after_gzip_is_told(read: Read, garbage: bytes) -> None:
    assert kept_in_part(read(gzip.compress(PAGE.encode()) + garbage), "damaged") == PAGE


def test_the_limit_holds_for_what_is_unpacked(read: Read, limit: int) -> None:
    assert kept_in_part(read(gzip.compress(b"a" * (limit + 1))), "too large") == "a" * limit


def test_a_bomb_is_left_before_it_is_unpacked(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader.captures.text.MAX_CAPTURE", 1 << 40)
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"a" * (1 << 20)) for _ in range(40)) + packer.flush()
    text = kept_in_part(read(bomb), "too large")
    assert set(text) == {"a"}
    assert len(text) < 10 << 20


def test_a_bomb_of_nul_bytes_is_binary(read: Read) -> None:
    capture, problem = read(gzip.compress(bytes(1 << 20)))
    assert capture is None
    assert problem is not None
    assert problem.kind == "binary"


def test_gzip_inside_gzip_is_not_unpacked(read: Read) -> None:
    capture, problem = read(gzip.compress(gzip.compress(PAGE.encode())))
    assert capture is None
    assert problem is not None
    assert problem.kind == "binary"


@given(st.binary(max_size=200), st.integers(0, 100), st.binary(max_size=3))
def test_no_gzip_raises(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int, damage: bytes
) -> None:
    packed = bytearray(gzip.compress(data))
    packed[at : at + len(damage)] = damage
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(packed)
    assert list(read_captures([str(path)]))
