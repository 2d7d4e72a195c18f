"""Tags and texts of any HTML: what the standard says of the odd ones, and work linear in the document."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.captures import html_tokens
from reader.captures.html_tokens import (
    MAX_ATTRIBUTES,
    attributes_of,
    content_of,
    first_of,
    is_raw,
    name_of,
    plain,
    start_of,
    tags_of,
    tokens,
)


def parts_of(html: str, *, runs: bool = False) -> list[str]:
    """Texts and tags by turns; an element that is cut apart from them is a tag, as others of its kind are."""
    found: list[bytes] = []
    for cut in tokens(html.encode(), runs=runs):
        # A part goes on with the text that the one before ended in.
        first, *others = cut.texts
        found[-1:] = [b"".join(found[-1:]) + first]
        for tag, text in zip(cut.tags, others, strict=True):
            for blanks, one in [pair for part in tags_of(tag) for pair in zip(*part, strict=False)]:
                assert not blanks.strip()
                found[-1] += blanks
                found += [one, b""]
            found[-1] += text
        if cut.start:
            assert bytes(cut.element).startswith(cut.start)
            found += [bytes(cut.element), b""]
    return [part.decode() for part in found]


@pytest.mark.parametrize(
    ("html", "parts"),
    [
        ("<p>a<b>c</B></P>x", ["", "<p>", "a", "<b>", "c", "</B>", "", "</P>", "x"]),
        ("a < b <3 c", ["a < b <3 c"]),
        ('<a href="x>y" b=\'>\' c=d>t', ["", '<a href="x>y" b=\'>\' c=d>', "t"]),
        ('<a "x>y">t', ["", '<a "x>', 'y">t']),
        ("<!-- a > b -->x<!-->y<!--->z", ["", "<!-- a > b -->", "x", "<!-->", "y", "<!--->", "z"]),
        ("<!-- a --!>b", ["", "<!-- a --!>", "b"]),
        ("<script>if (a<b) '</scrip>'</SCRIPT >t", ["", "<script>if (a<b) '</scrip>'</SCRIPT >", "t"]),
        ("<scripted>x</scripted>", ["", "<scripted>", "x", "</scripted>", ""]),
        ("<title>a <b> c</title>d", ["", "<title>a <b> c</title>", "d"]),
        ("<![CDATA[ x ]]>y<?php z ?>", ["", "<![CDATA[ x ]]>", "y", "<?php z ?>", ""]),
        ("</ x>a</>b", ["", "</ x>", "a", "</>", "b"]),
        ("x<p", ["x", "<p", ""]),
        ('x<p a="b>c', ["x", '<p a="b>c', ""]),
        ("x<!-- y", ["x", "<!-- y", ""]),
        ("x<script>y", ["x", "<script>y", ""]),
    ],
)  # fmt: skip
def test_tags_are_cut_as_browsers_cut_them(html: str, parts: list[str]) -> None:
    assert parts_of(html) == parts
    assert parts_of(html, runs=True) == parts


def test_attributes() -> None:
    tag = b'<DIV class="a b" ID=x data-x=\'1>2\' hidden q = "&amp;&#8217;" id=second a/b=c/d>'
    found, too_many = attributes_of(tag)
    assert name_of(tag) == "div"
    assert found == {
        "class": "a b", "id": "x", "data-x": "1>2", "hidden": "", "q": "&’", "a": "", "b": "c/d",
    }  # fmt: skip
    assert not too_many


def test_more_attributes_than_are_looked_at() -> None:
    tag = b"<p " + b" ".join(b"a%d=1" % i for i in range(10**5)) + b">"
    found, too_many = attributes_of(tag)
    assert (len(found), too_many) == (MAX_ATTRIBUTES, True)


def test_content_of_an_element_that_is_one_token() -> None:
    assert content_of(b'<script type="a>b">x < y</script >') == "x < y"
    assert content_of(b"<script>x") == "x"


def test_entities() -> None:
    assert plain("a &amp; b &mdash; &#x2019;&#39; &lt &nosuch;") == "a & b — ’' < &nosuch;"
    assert plain("&#" + "9" * 5000 + ";x") == "\ufffdx"


@given(st.text(alphabet="<>!-/= \"'apscritl&;\n", max_size=60))
def test_no_byte_is_lost(html: str) -> None:
    assert "".join(parts_of(html)) == html
    assert parts_of(html, runs=True) == parts_of(html)


def test_tags_with_blanks_between_are_one_run() -> None:
    (cut,) = tokens(b"a</b>\n</p> <p class=x>b<a href=/x><i>c<script>x</script> </p>d", runs=True)
    assert cut.tags == [b"</b>\n</p> <p class=x>", b"<a href=/x>", b"<i>", b"<script>x</script> </p>"]
    assert cut.texts == [b"a", b"b", b"", b"c", b"d"]


def test_the_start_of_a_run() -> None:
    run = b"<SCRIPT type=x>a < b</script>\n</p>"
    assert is_raw(run)
    assert first_of(run) == (b"<SCRIPT type=x>a < b</script>", b"\n</p>")
    assert start_of(run) == b"<SCRIPT type=x>"
    assert not is_raw(b"<scripted></p>")


LONG = "if (a < b) c(); " * 400


@pytest.mark.parametrize(
    ("html", "parts"),
    [
        (f"a<script>{LONG}</script>b<p>c", ["a", f"<script>{LONG}</script>", "b", "<p>", "c"]),
        (f"<SCRIPT a='>'>{LONG}</script x='>' >b", ["", f"<SCRIPT a='>'>{LONG}</script x='>' >", "b"]),
        (f"<style>{LONG}</scrip></style></style>", ["", f"<style>{LONG}</scrip></style>", "", "</style>", ""]),
        (f"a<script>{LONG}<script></scripts>", ["a", f"<script>{LONG}<script></scripts>", ""]),
        (f"<title>{LONG}</title\n><title>{LONG}", ["", f"<title>{LONG}</title\n>", "", f"<title>{LONG}", ""]),
        (f"<!-- <script>{LONG} -->a</script>", ["", f"<!-- <script>{LONG} -->", "a", "</script>", ""]),
        (f"<p a='<script>{LONG}'>a", ["", f"<p a='<script>{LONG}'>", "a"]),
        ("<script a", ["", "<script a", ""]),
        *[
            (f"<script>{code}</ScRipt>a</p>", ["", f"<script>{code}</ScRipt>", "a", "</p>", ""])
            for code in ("/" * 3000, "<" * 3000, "</" * 3000, "a/b <c" * 900, "a</b" * 900, "/<" + "x" * 9000)
        ],
    ],
)  # fmt: skip
def test_long_elements_are_cut_as_short_ones_are(html: str, parts: list[str]) -> None:
    assert parts_of(html) == parts
    assert parts_of(html, runs=True) == parts


def test_batches_are_the_same_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    html = "<p>a<b>c</b>" * 20 + "d"
    whole = parts_of(html)
    monkeypatch.setattr(html_tokens, "BATCH", 7)
    assert parts_of(html) == whole
    assert parts_of(html, runs=True) == whole
    assert parts_of("<p>" * 40, runs=True) == ["", *["<p>", ""] * 40]


def steps_for(html: bytes, *, runs: bool) -> int:
    """How many functions the interpreter calls: each cut is one, however long it takes."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        list(tokens(html, runs=runs))
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    "piece",
    [
        b"<a ",
        b'<a b="',
        b"<a b='",
        b"<a =",
        b"<script>",
        b"<script ",
        b"<!--",
        b"</",
        b"<![",
        b'="',
        b"<title",
        b"<p><",
        b"</p> ",
        b"<script/<",
    ],
)
def test_a_megabyte_of_beginnings_is_cut_at_once(piece: bytes) -> None:
    """Quadratic work would take hours here, so that this ends shows that it is not."""
    html = piece * ((1 << 20) // len(piece))
    assert "".join(parts_of(html.decode())).encode() == html
    assert steps_for(html, runs=False) < 200
    assert steps_for(html, runs=True) < 200
