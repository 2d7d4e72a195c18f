"""Plain text: encodings, limits, and what is binary."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.captures.pages import decode, is_binary
from reader.model import Capture
from tests.captures.archives import PAGE, Found, read

LIMIT = 4000


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file, of which only so many bytes are kept."""
    monkeypatch.setattr("reader.captures.pages.MAX_CAPTURE", LIMIT)
    return tmp_path / "page.txt"


def kept_in_part(found: Found, kind: str) -> str:
    """The text that was kept, given that both records say that it is not all."""
    assert found.kinds == [(kind, True)]
    assert found.captures[0].partial == found.reasons
    return found.texts[0]


def test_mustard_makes_no_archive_of_a_page(file: Path) -> None:
    start = PAGE.encode()
    text = start + b"x" * (255 - len(start)) + b" mustard is what the bank is out of.\n" * 20
    assert text[257:262] == b"ustar"  # as in the header of a tar archive
    assert read(file, text).items == [Capture(str(file), text.decode())]


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
        (b"a\r\nb\rc\nd", "a\r\nb\rc\nd", "utf-8"),
    ],
)
def test_encodings(file: Path, data: bytes, text: str, encoding: str) -> None:
    assert read(file, data).items == [Capture(str(file), text, encoding=encoding)]


def test_utf_8_that_ends_inside_a_character_is_still_utf_8(file: Path) -> None:
    data = "“A page”".encode()
    assert kept_in_part(read(file, data[:-1]), "damaged") == "“A page\ufffd"


@pytest.mark.parametrize("before", ["", "<meta charset=utf-8><p>", "<html><p>"])
def test_a_bad_byte_does_not_change_the_encoding_of_a_page(file: Path, before: str) -> None:
    data = f"{before}The “harbor” isn’t open".encode().replace(b"is", b"i\xffs")
    assert kept_in_part(read(file, data), "damaged") == "The “harbor” i\ufffdsn’t open"


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_unicode_encoded_comes_back(text: str, encoding: str) -> None:
    if encoding == "utf-8":
        text = text.lstrip("\ufeff")
    assert decode(bytearray(text.encode(encoding)), complete=True)[0] == text


@pytest.mark.parametrize(
    "data",
    [b"\x7fELF\0", b"a\0" * 100, b"\xff\xfe\0\0a\0\0\0", b"\0\1", bytes(range(256)) * 9, b"a page\1\2" * 9],
)
def test_binary_files_are_named(file: Path, data: bytes) -> None:
    found = read(file, data)
    assert (found.captures, found.kinds) == ([], [("binary", False)])


def test_utf_16_without_a_mark_is_named(file: Path) -> None:
    for encoding in "utf-16-le", "utf-16-be":
        assert "UTF-16 without a byte order mark" in read(file, PAGE.encode(encoding)).reasons
    for data in (b"\0" * 100, b"\0\1\2", b"\1\0\2\0" * 50):
        assert "binary data" in read(file, data).reasons


@pytest.mark.parametrize("stray", [b"\0", b"\x1b[0m", b"\x01", b"\x7f\x02", b"\0 and \0" * 9])
def test_a_page_with_a_few_stray_control_characters_is_text(file: Path, stray: bytes) -> None:
    words = b"The harbour reopened on Monday. " * 50
    found = read(file, words + stray + words)
    assert found.texts == [(words + stray.replace(b"\0", b"") + words).decode()]
    assert found.problems == []


@pytest.mark.parametrize("charset", ["iso-2022-jp", "shift_jis", "cp1252"])
def test_other_encodings_of_text_are_not_binary(charset: str) -> None:
    assert not is_binary("プロトコル、港".encode(charset) if charset != "cp1252" else b"\xa3 caf\xe9")


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        (b"a" * (LIMIT + 1), "a" * LIMIT),
        (b"ab\xc3\xa9" * LIMIT, "abé" * (LIMIT // 4)),
        (b"a" * (LIMIT - 1) + "é".encode() * 9, "a" * (LIMIT - 1)),  # No character is split.
        # The limit counts memory too: one emoji makes every character take four bytes.
        (("😀" + "a" * (LIMIT - 4)).encode(), "😀" + "a" * (LIMIT // 4 - 1)),
    ],
)
def test_the_start_of_what_is_too_long_is_kept(file: Path, data: bytes, kept: str) -> None:
    assert kept_in_part(read(file, data), "too large") == kept
    assert read(file, b"a" * LIMIT).problems == []
