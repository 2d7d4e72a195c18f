"""The gate: nothing that a terminal obeys or that cannot be seen gets through, and ordinary text does."""

from __future__ import annotations

import re
import sys
from itertools import chain
from unicodedata import category

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reader.addresses import MAX_URL, clean_url, host_of
from reader.sanitize import (
    MAX_FILENAME,
    MAX_MARKS,
    clean_filename,
    is_sanitized,
    label_of,
    sanitize,
    sanitize_message,
)

HOSTILE = [
    pytest.param("\x1b[31m", "␛[31m", id="colour"),
    pytest.param("\x1b[2J", "␛[2J", id="clear screen"),
    pytest.param("\x1b]0;owned\x07", "␛]0;owned␇", id="title"),
    pytest.param("\x07\x08\x08\x00\x7f", "␇␈␈␀␡", id="pictures"),
    pytest.param("\x1c\x1d\x1e\x1f", "␜␝␞␟", id="separators are no line ends"),
    pytest.param("\x9b31m", "\ufffd31m", id="C1 CSI"),
    pytest.param("a\tb", "a b", id="tab"),
    pytest.param("pay \u202egnp.exe\u202c", "pay gnp.exe", id="right-to-left override"),
    pytest.param("a\u200f\u061c\u200e\u2066b\u2069", "ab", id="direction marks"),
    pytest.param("\u200b\u200c\u200d\u2060", "", id="zero width alone"),
    pytest.param("\ufeffa", "a", id="BOM"),
    pytest.param("\ue000\U000f0000\U00100000", "\ufffd\ufffd\ufffd", id="private use"),
    pytest.param("\uffff\ufdd0\U0001fffe\U000effff", "\ufffd" * 4, id="noncharacters"),
    pytest.param("a\u00adb", "ab", id="soft hyphen"),
    pytest.param("a\ufe0f\U000e0100", "a", id="selectors with nothing to select"),
    pytest.param("\u2764\ufe0f\ufe0e\ufe01", "\u2764\ufe0f", id="one selector a base"),
    pytest.param("x\U000e0041\U000e007f", "x", id="tags"),
    pytest.param("a\xa0b\u3000c\u2009d", "a b c d", id="blanks"),
    pytest.param("e" + "\u0301" * 40 + "x", "e" + "\u0301" * MAX_MARKS + "x", id="pile of marks"),
    pytest.param("a\u200d b\u200c. \u200dc", "a b. c", id="joiners at word ends"),
    pytest.param("a\u200d\u200c\u200db", "a\u200db", id="one joiner a place"),
]
ORDINARY = [
    "Q&A [Updated]: 50% of $5 {deals} \\ [/] [bold]x[/bold] [@click=app.quit]",
    ":smile: $primary [link='http://evil']x[/link]",
    "“It’s – she said — fine…” «Zoë» café naïve Đặng €5 £6 ™ © ½ • ‹›",
    "Привет, мир. Їжак",
    "中文报道,『日本語のテキスト』カタカナ、한국어 문장",
    "यह एक हिन्दी वाक्य है। क्‍ष क्‌ष",
    "నమస్కారం தமிழ் ಕನ್ನಡ",
    "അവന്‍ വന്നു",
    "می‌خواهم ۲۰‌ساله",
    "العَرَبِيَّة شَدَّة",
    "བོད་སྐད་ཀྱི་ཡི་གེ།",
    "ᠮᠣᠩᠭᠣᠯ ᠬᠠᠷ᠎ᠠ",
    "👩‍💻 👨‍👩‍👧‍👦 ❤️ 🏳️‍🌈 🧑🏽‍⚕️ 1️⃣ #️⃣ 🇩🇪 🙂‍↔️ ☎︎",
    "葛\U000e0100飾区",
]


@pytest.mark.parametrize(("text", "expected"), HOSTILE)
def test_hostile_text_is_made_harmless(text: str, expected: str) -> None:
    assert sanitize(text) == expected
    assert sanitize(text, multiline=True) == expected
    assert sanitize(f"“中文” {text}") == f"“中文” {expected}"


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_untouched(text: str) -> None:
    assert sanitize(text) == text


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_line_ends(end: str) -> None:
    assert sanitize(f"a{end}b{end}{end}") == "a b  "
    assert sanitize(f"a{end}b{end}{end}", multiline=True) == "a\nb\n\n"


def _visible(char: str) -> bool:
    """Whether a character may ever come out, told by Unicode's own properties."""
    code = ord(char)
    if category(char) in ("Cc", "Cs", "Co", "Zl", "Zp") or code & 0xFFFE == 0xFFFE:
        return False
    if category(char) == "Zs":
        return char == " "
    return not (0xFDD0 <= code <= 0xFDEF or 0xE0000 <= code <= 0xE007F)


def test_every_single_character(thorough: bool) -> None:
    joiners = {"\u180e", "\u200c", "\u200d"}
    # Of ideographs, Korean syllables and old scripts, which are all alike, the usual run takes only some.
    common = chain(range(0x3500), range(0x9F00, 0xAD00), range(0xD700, 0x10300), range(0x1F000, 0x20000))
    beyond = (
        plane + code for plane in range(0x20000, 0x110000, 0x10000) for code in (0, 0xA5, 0xFFFE, 0xFFFF)
    )
    for code in chain(range(0x20000) if thorough else common, range(0xE0000, 0xE1000), beyond):
        char = chr(code)
        cleaned = sanitize(char)
        assert len(cleaned) <= 1, hex(code)
        assert all(map(_visible, cleaned)), hex(code)
        if cleaned != char:  # Nothing that can be seen is lost.
            selector = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
            lost = not char.isprintable() or char in "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
            assert lost or selector or char in joiners, hex(code)


def test_python_words_hold_no_marks() -> None:
    """`clean` looks for marks, joiners and selectors outside of words only."""
    marks = [chr(code) for code in range(sys.maxunicode + 1) if category(chr(code))[0] == "M"]
    assert not re.search(r"[\w\x00-\x7f]", "".join(marks) + "\u180e\u200c\u200d")


ODD = "\x00\x07\x1b\t\n\r\v\f\x7f\x85\x9b\xa0\xad\u0301\u0300\u061c\u115f\u180e\u200b\u200c\u200d\u2028\u202e"
ODD += "\u2800\u094d\u0e49\u3164\ud800\udfff\ue000\ufe00\ufe0f\ufeff\uffff\U0001f468\U0001f3fd"
ODD += "\U000e0041\U000e0100\u2764\u2640\u0646a1# .中é’"
texts = st.text(st.sampled_from(ODD), max_size=40) | st.text(st.characters(), max_size=40)


@given(texts)
@example("a\u200d\u200b b")
@example("\u2764\u200d\ufe0f ")
@example("it’s — “so”\nçà et là")
@example("中文\n")
def test_nothing_obeyed_or_unseen_comes_out_and_clean_text_stays_as_it_is(text: str) -> None:
    line, block = sanitize(text), sanitize(text, multiline=True)
    assert (sanitize(line), sanitize(block, multiline=True)) == (line, block)
    assert all(map(_visible, line))
    assert all(_visible(char) or char == "\n" for char in block)
    assert not is_sanitized(text) or text in (line, block)
    assert len(block.split("\n")) == len(re.split("\r\n|[\n\r\v\f\x85\u2028\u2029]", text))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.protocol.com/china/roofs", "https://www.protocol.com/china/roofs"),
        ("HTTP://Example.COM/Path?q=1&r=a%20b#frag", "http://example.com/Path?q=1&r=a%20b#frag"),
        (" https://example.com\n", "https://example.com"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("https://bücher.example/ä?ö=ü#é", "https://xn--bcher-kva.example/%C3%A4?%C3%B6=%C3%BC#%C3%A9"),
        ('https://example.com/a b"<>`', "https://example.com/a%20b%22%3C%3E%60"),
        ("http://192.0.2.7/x", "http://192.0.2.7/x"),
        ("http://[2001:db8::1]:81/x", "http://[2001:db8::1]:81/x"),
    ],
)
def test_addresses_that_are_fine(url: str, expected: str) -> None:
    assert clean_url(url) == expected
    assert clean_url(expected) == expected


REFUSED = (
    "", "example.com", "//example.com/x", "javascript:alert(1)", "file:///etc/passwd", "ftp://example.com/",
    "-https://example.com", "https://", "https:///path", "https://user@example.com/", "https://@example.com/",
    "https://www.protocol.com:x@evil.example/", "https://example.com\\@evil.example/", "https://example.com/a\\b",
    "https://example.com/\x1b]0;x\x07", "https://example.com/a\nb", "https://example.com/a\tb",
    "https://example.com/\u202egnp", "https://example.com/\x9b", "https://exam\u200bple.com/",
    "https://example.com/\ud800", "https://exa mple.com/", "https://%65xample.com/", "https://example.com:99999/",
    "https://example.com:port/", "https://fa\xdf.example/", "https://a\u2100b.example/", "https://-example.com/",
    "https://ex..ample.com/", f"https://{'a' * 64}.example/", "https://[::1/",
    f"https://example.com/{'a' * MAX_URL}", f"https://example.com/{'é' * (MAX_URL // 2)}",
)  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_addresses_that_are_refused(url: str) -> None:
    assert clean_url(url) is None
    assert host_of(url) == ""


@given(st.text() | texts.map("https://example.com/".__add__) | texts.map("https://".__add__))
def test_addresses_come_out_as_plain_ascii_or_not_at_all(url: str) -> None:
    cleaned = clean_url(url)
    if cleaned is not None:
        assert re.fullmatch(r"https?://[a-z0-9_.\[\]:-]+[!-~]*", cleaned)
        assert "\\" not in cleaned
        assert "@" not in host_of(cleaned) != ""
        assert clean_url(cleaned) == cleaned


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jinhe's rooftop farms.md", "Jinhe's rooftop farms.md"),
        ("中文 – “titre”.txt", "中文 – “titre”.txt"),
        ("../../etc/passwd", "etc-passwd"),
        ('a/b\\c:d*e?f"g<h>i|j', "a-b-c-d-e-f-g-h-i-j"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("~root", "root"),
        ("  a \n b  ", "a b"),
        ("ends. . ", "ends"),
        ("\x1b[2J\x00\u202egnp", "[2J-gnp"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("", "untitled"),
        ("\u200b", "untitled"),
        ("con .txt", "_con .txt"),
        ("中" * 300 + ".md", "中" * 65 + ".md"),
        ("a" * 300, "a" * MAX_FILENAME),
    ],
)
def test_file_names(name: str, expected: str) -> None:
    assert clean_filename(name) == expected


@given(st.text(max_size=300) | st.text(st.sampled_from(ODD + "./-~"), max_size=300))
def test_file_names_are_always_usable(name: str) -> None:
    cleaned = clean_filename(name)
    assert 0 < len(cleaned.encode()) <= MAX_FILENAME
    assert not re.search(r"[/\\\x00-\x1f\x7f]", cleaned)
    assert cleaned[0] not in "-.~ "
    assert cleaned[-1] not in ". "
    assert clean_filename(cleaned) == cleaned


@given(texts)
def test_messages_and_labels_are_safe(text: str) -> None:
    for shown in (sanitize_message(text), label_of(text)):
        assert sanitize(shown) == shown
    assert sanitize(text) != text or sanitize_message(text) == text
