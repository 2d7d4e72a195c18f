"""Pages made to break a reader: what is too long, too deep or no HTML at all is kept as far as it goes."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reader.captures.html import bounds
from reader.captures.html.bounds import MAX_NAMES, UNCHECKED_TAGS
from reader.model import LineHint
from reader.parsing import parse_capture
from tests.captures.archives import read
from tests.captures.test_html_captures import found_in, text_of
from tests.parsing.test_invariants import check


def test_a_page_longer_than_the_limit_is_kept_up_to_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.captures.pages.MAX_DOCUMENT", 30)
    capture, problem = found_in("one " * 10)
    assert problem is not None
    assert (problem.kind, problem.partial) == ("too large", True)
    assert capture.text == ("one " * 10)[:30].strip()
    found = read(tmp_path / "a.html", b"<html><p>one</p><p>two</p><p>three</p>")
    assert (found.texts, found.kinds) == (["one\n\ntwo\n\nt"], [("too large", True)])


def test_deep_nesting_keeps_every_word() -> None:
    depth = UNCHECKED_TAGS // 20
    capture, problem = found_in("".join(f"<div class=kicker><section>{i}" for i in range(depth)))
    assert capture.text.split() == [str(i) for i in range(depth)]
    assert problem is None
    # What stands before nesting that is too deep keeps its marks.
    html = "<h1>A ferry</h1>" + "<p>x</p>" * (UNCHECKED_TAGS // 2) + "<div>z" * (UNCHECKED_TAGS // 2)
    capture, problem = found_in(html)
    assert problem is not None
    assert "nested deeper" in problem.reason
    assert capture.text.split()[:2] == ["A", "ferry"]
    assert capture.text.count("x") == capture.text.count("z") == UNCHECKED_TAGS // 2
    assert capture.hints[0] == LineHint(1, "title")


def test_a_hundred_thousand_attributes_keep_the_rest_of_the_page() -> None:
    tag = "<p " + " ".join(f"a{i}=1" for i in range(10**5)) + ">"
    capture, problem = found_in(f"{tag}one<p>two")
    assert capture.text == "one\n\ntwo"
    assert problem is not None
    assert "attributes" in problem.reason


QUADRATIC = {
    "open formatting elements": "<p>" + "".join(f"<b a={i}>" for i in range(8_000)) + "<p>x" * 8_000,
    "options": "<p>" + "x<p>" * 8_000 + "<select>" + "<option>y" * 40_000,
    "a page's tags": "".join(f"<body a{i}=1>x " for i in range(6_000)),
    "text after ends with attributes": ("</b a=1>" + "x " * 500) * 7_000,
}


@pytest.mark.parametrize("html", QUADRATIC.values(), ids=QUADRATIC.keys())
def test_what_the_parser_takes_long_for_ends_and_keeps_the_words(html: str) -> None:
    """Without bounds each takes minutes or all of the memory, so that this ends shows that there are some."""
    assert text_of(html).count("x") == html.count("x")


def test_more_names_than_are_read() -> None:
    html = "<h1>one</h1>" + "".join(f"<p a{i}=1>x" for i in range(MAX_NAMES))
    capture, problem = found_in(html)
    assert problem is not None
    assert "different attributes" in problem.reason
    assert capture.text.split() == ["one", *"x" * MAX_NAMES]


def test_more_tags_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_TAGS", 2 * UNCHECKED_TAGS)
    capture, problem = found_in("<p>x" * (2 * UNCHECKED_TAGS + 10))
    assert capture.text.count("x") == 2 * UNCHECKED_TAGS - 1
    assert problem is not None
    assert "tags" in problem.reason


def test_a_line_has_a_limited_number_of_links() -> None:
    html = "<link rel=canonical href=https://protocol.example/><p>" + "<a href=/a>x</a> \x07" * 1_100
    assert len([hint for hint in found_in(html)[0].hints if hint.role == "link"]) == 1_000


def test_hidden_text_in_hidden_text_ends() -> None:
    inner = "<p>deep</p>"
    for _ in range(9):
        inner = f'<p>x</p><script type="keep-reading-content">{escape(inner)}</script>'
    assert text_of(f"<div class=body-description>{inner}").split() == ["x"] * 4


TAGS = st.sampled_from(
    "<p> </p> <div> </div> <article> </article> <b> </b> <ul> <li> </li> </ul> <template> </template> "
    "<h1> </h1> <a> <table> <td> </table> "
    "<script> </script> <!-- --> <pre> </pre> <time> <noscript> </noscript> <blockquote> <br> "
    "<hr> <nav> </nav> </x> <a <!".split()
) | st.sampled_from(
    [
        '<div class="widget" elid=1>', '<article class="post-1">', '<div class="body-description">',
        '<a rel=author href="/b">', '<div class="js-appear-on-expand">', '<svg class="js-appear-on-expand">',
        '<script type="keep-reading-content">&lt;p&gt;x&lt;/p&gt;</script>', '<img src=/a.jpg alt="An alt">',
        '<div class="js-keep-reading">', '<span class="widget__headline-text">',
        '<div class="posts-custom" data-source=current_post>', '<a href="https://protocol.example/a b">',
        '<time datetime="2021-03-04">', "<li hidden>", "<div class=badges_sponsored>", "• 1. x",
        '<script type="application/ld+json">[{"@type":"Article","datePublished":1,"author":{"name":[]}}]</script>',
    ]
)  # fmt: skip


@given(st.lists(TAGS | st.text(max_size=12), max_size=60).map("".join))
@example('<p>Thanks <a rel=author href="/b">Ann</a> for it')
@example(
    '<div data-authors="Ann" class="body">x</div><h1>y</h1><footer><img src=/a.jpg alt="An alt"></footer>'
)
def test_any_markup_is_read_and_no_line_is_lost(html: str) -> None:
    capture, _ = found_in(html)
    assert all(isinstance(hint, LineHint) and hint.n >= 1 for hint in capture.hints)
    lines = capture.text.split("\n")
    assert all(1 <= hint.n <= len(lines) and lines[hint.n - 1] for hint in capture.hints)
    page = parse_capture(capture)
    check(capture.text, page)
    for article in page.articles:
        for link in article.links:
            text = (article.headline or "") if link.block < 0 else article.body[link.block].text
            assert 0 <= link.start < link.end <= len(text)
