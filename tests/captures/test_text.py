"""Plain text: encodings, limits, and what is binary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.captures import read_captures
from reader.captures.text import decode, is_binary
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


def test_mustard_makes_no_archive_of_a_page(read: Read) -> None:
    start = PAGE.encode()
    text = start + b"x" * (255 - len(start)) + b" mustard is what the bank is out of.\n" * 20
    assert text[257:262] == b"ustar"  # as in the header of a tar archive
    capture, problem = read(text)
    assert capture is not None
    assert capture.text == text.decode()
    assert problem is None


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
    assert decode(bytearray(text.encode(encoding)), complete=True)[0] == text


@pytest.mark.parametrize(
    "data",
    [b"\x7fELF\0", b"a\0" * 100, b"\xff\xfe\0\0a\0\0\0", b"\0\1", bytes(range(256)) * 9, b"a page\1\2" * 9],
)
def test_binary_files_are_named(read: Read, data: bytes) -> None:
    capture, problem = read(data)
    assert capture is None
    assert problem is not None
    assert (problem.kind, problem.partial) == ("binary", False)


@pytest.mark.parametrize("stray", [b"\0", b"\x1b[0m", b"\x01", b"\x7f\x02", b"\0 and \0" * 9])
def test_a_page_with_a_few_stray_control_characters_is_text(read: Read, stray: bytes) -> None:
    words = b"The harbour reopened on Monday. " * 100
    capture, problem = read(words + stray + words)
    assert problem is None
    assert capture is not None
    assert capture.text == (words + stray.replace(b"\0", b"") + words).decode()


@pytest.mark.parametrize("charset", ["iso-2022-jp", "shift_jis", "cp1252"])
def test_other_encodings_of_text_are_not_binary(charset: str) -> None:
    assert not is_binary("プロトコル、港".encode(charset) if charset != "cp1252" else b"\xa3 caf\xe9")


def test_the_start_of_a_longer_one_is_kept(read: Read, limit: int) -> None:
    assert kept_in_part(read(b"a" * (limit + 1)), "too large") == "a" * limit
    text = kept_in_part(read(b"ab\xc3\xa9" * limit), "too large")
    assert text == "abé" * (limit // 4)


def test_the_limit_counts_memory_too(read: Read, limit: int) -> None:
    """One emoji makes every character take four bytes."""
    text = "😀" + "a" * (limit - 4)
    assert kept_in_part(read(text.encode()), "too large") == text[: limit // 4]
