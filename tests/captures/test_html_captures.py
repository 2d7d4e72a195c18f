"""Pages of HTML as captures: text, address, dates, encodings, faults, and the twins of captures of text."""

from __future__ import annotations

import io
import json
from html import escape
from pathlib import Path
from random import Random
from typing import Any

import pytest

from reader.captures.pages import looks_like_html, read_html, read_saved_page, read_text
from reader.captures.results import ReadPage
from reader.captures.source import Source
from reader.model import Article, Capture, Problem
from reader.parsing import parse_capture
from tests.captures.archives import html_page, read
from tests.captures.html_twins import Twin, hide_the_rest, page_of, plain_page, rebelmouse_page, twin_of
from tests.parsing.truth import decoded, differences, truth_of
from tests.paths import CAPTURES

BODY = "Nobody has weighed it yet, and nobody will before the spring, they say."
STORY = f"""<div class="posts-custom" data-source="current_post"><div class="widget" elid="1"><article class="post-1">
<a class="widget__section" href="/china">China</a>
<h1 class="widget__headline"><a class="widget__headline-text" href="/china/roof">The lettuce on the roof</a></h1>
<div class="body"><div class="body-description"><p>{BODY}</p></div></div></article></div></div>"""


def found_in(html: str | bytes, **known: str) -> tuple[Capture, Problem | None]:
    capture, *problems = html_page(html, **known)
    assert isinstance(capture, Capture)
    assert len(problems) <= 1
    problem = problems[0] if problems else None
    assert problem is None or isinstance(problem, Problem)
    assert capture.partial == (problem.reason if problem else None)
    return capture, problem


def text_of(html: str | bytes) -> str:
    return found_in(html)[0].text


def hints_of(html: str, role: str) -> list[tuple[int, str]]:
    return [(hint.n, hint.value) for hint in found_in(html)[0].hints if hint.role == role]


def articles_of(html: str, **known: str) -> tuple[Article, ...]:
    return parse_capture(found_in(html, **known)[0]).articles


def test_text_is_laid_out_as_a_crawl_keeps_it() -> None:
    html = """<div>Nimbuspay</div><div>Its words</div><p>One<p>Two <b>and</b>
      more<h2>Head</h2><ul><li>first<li>second</ul><ol><li>a</li><li>b</li></ol>
      x<br>y<table><tr><td>c<td>d</table><pre>e\n f</pre><blockquote>g</blockquote>"""
    assert text_of(html) == (
        "Nimbuspay\nIts words\n\nOne\n\nTwo and more\n\nHead\n\n• first\n• second"
        "\n\n1. a\n2. b\n\nx\ny\nc\nd\n\ne\nf\n\ng"
    )


def test_what_is_not_shown_is_no_text() -> None:
    html = """<head><title>t</title><style>s</style></head><script>j</script><template>u</template>
      <noscript>n</noscript><!-- c --><svg><text>v</text></svg><select><option>o</select>
      <div hidden>h</div><iframe>i</iframe>shown<svg/>, too"""
    assert text_of(html) == "shown, too"


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<P>a<b>c</B></P>x", ["ac", "", "x"]),
        ("a < b <3 c", ["a < b <3 c"]),
        ("<!-- a > b -->x<!-->y<!--->z<!-- a --!>b", ["xyzb"]),
        ("x<![CDATA[ x ]]>y<?php z ?>", ["xy"]),
        ("a &amp; b &mdash; &#x2019;&#39; &lt &nosuch;", ["a & b — ’' < &nosuch;"]),
        ("&#" + "9" * 5000 + ";x", ["\ufffdx"]),
        ("x</p>y<br/>z</br>w", ["x", "", "y", "z", "w"]),
        ("<table>a<tr><td>b</table>", ["a", "b"]),
        ("<svg class=js-appear-on-expand><template><text>a</text></template></svg>", ["a"]),
    ],
)  # fmt: skip
def test_odd_markup_is_read_as_browsers_read_it(html: str, lines: list[str]) -> None:
    assert text_of(html).split("\n") == lines


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>one <b>two</b> <i>three</i></p>", ["one two three"]),
        ("<p>one<b> </b> <i> </i>two</p>", ["one two"]),
        ("<p>one<img src=/a.jpg alt=two> </p> <p>three</p>", ["one", "", "three"]),
        ("<p> <img src=/a.jpg alt=two> </p> <p>three</p>", ["two", "", "three"]),
        ("<ol> <li>one</li> <li>two</li> </ol> <ul> <li>three</li> </ul>", ["1. one", "2. two", "", "• three"]),
        ("<ol><li>one<ul><li>two</ul><li>three</ol>", ["1. one", "", "• two", "", "2. three"]),
        ("<pre>one\n <b> </b> two</pre> <div>three</div>", ["one", "two", "", "three"]),
        ("<nav><li>one</nav><li>two", ["one", "• two"]),
    ],
)  # fmt: skip
def test_blanks_pictures_and_lists(html: str, lines: list[str]) -> None:
    assert text_of(html).split("\n") == lines


def test_elements_end_where_the_standard_ends_them() -> None:
    """A section's end is a paragraph's too; what is hidden parts no lines."""
    assert text_of("<section><p>one</section><div>two</div>") == "one\n\ntwo"
    assert text_of("<div>one</div><noscript><p>no text</p></noscript><div>two</div>") == "one\ntwo"
    assert text_of("one<select><option>no text</select> two") == "one two"
    assert text_of("<body hidden class=ad-tag><p>one") == "one"


def test_links_that_follow_one_another_stay_apart() -> None:
    html = '<p><a href="https://a.example">one</a><a href="https://a.example">two</a> <pre><a href="https://b.example">x</a>'
    assert hints_of(html, "link") == [
        (1, "0 3 https://a.example"),
        (1, "3 6 https://a.example"),
        (3, "0 1 https://b.example"),
    ]


def test_the_hidden_rest_is_put_where_it_belongs_and_the_button_is_dropped() -> None:
    button = '<div class="js-keep-reading"><span>Keep Reading</span><span>Show less</span></div>'
    for rest, texts in (
        ("<template><p>Two.<p>Three &amp; four.</template>", ["Two.", "Three & four."]),
        ('<script type="keep-reading-content">&lt;p&gt;Two.&lt;/p&gt;</script>', ["Two."]),
        ("<template> </template>", []),
    ):
        html = STORY.replace("</p>", f'</p><div class="js-appear-on-expand">{rest}</div>{button}', 1)
        (article,) = articles_of(html)
        assert [block.text for block in article.body] == [BODY, *texts]
        # Without a rest it still says that the story is cut off.
        assert (article.truncated is None) == bool(texts)


def test_what_the_page_says_of_itself() -> None:
    story = {"@type": ["NewsArticle"], "datePublished": "2021-03-04T08:00:00Z"}
    writers = [{"name": "Lian Huarong"}, "Bram Haas"]
    data = {"@graph": [{"@type": "WebSite", "url": "https://site.example/"}, story | {"author": writers}]}
    head = f"""<meta property="og:url" content="https://other.example/">
      <link rel=canonical href="https://protocol.example/china/roof?rebelltitem=2&amp;a=b#rebelltitem2">
      <script type="application/ld+json">{json.dumps(data)}</script>"""
    capture, _ = found_in(head + STORY)
    assert capture.url == "https://protocol.example/china/roof?a=b"
    (article,) = parse_capture(capture).articles
    assert (article.published, article.authors) == ("2021-03-04", ("Lian Huarong", "Bram Haas"))
    known, _ = found_in(
        head + STORY, url="https://archive.example/x?rebelltitem=4", captured="2022-08-12T00:00:00Z"
    )
    assert (known.url, known.captured) == ("https://archive.example/x", "2022-08-12T00:00:00Z")


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2021-03-04T08:00">',
        '<META NAME=date CONTENT=2021-03-04>',
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2021-03-04",}</script>'
        '<meta itemprop="datePublished" content="2021-03-04">',
    ],
)  # fmt: skip
def test_dates_of_pages_of_any_system(head: str) -> None:
    assert articles_of(head + STORY)[0].published == "2021-03-04"
    html = f"<html><head>{head}</head><body><nav>Home</nav><h1>A ferry</h1><p>{BODY}</p></body></html>"
    assert articles_of(html)[0].published == "2021-03-04"


def test_the_printed_date_counts_first() -> None:
    head = '<meta property="article:published_time" content="2021-03-04">'
    html = head + STORY.replace("<h1", '<div class="social-date__text">March 9, 2021</div><h1')
    assert articles_of(html)[0].published == "2021-03-09"


def test_links_and_pictures_keep_their_addresses() -> None:
    html = """<link rel=canonical href="https://protocol.example/a/b"><h1>A ferry</h1>
      <figure><img src="/p/1.jpg" alt="A ferry at noon"><figcaption>The ferry, at noon.</figcaption></figure>
      <p>So <a href="c?d=1">the  <b>ferry</b></a> &amp; <a href="javascript:x()">all</a> of
      <a href="//e.example">it</a>.</p>"""
    assert hints_of(html, "link") == [
        (7, "3 12 https://protocol.example/a/c?d=1"),
        (7, "22 24 https://e.example"),
    ]
    assert hints_of(html, "image") == [(3, "https://protocol.example/p/1.jpg")]
    (article,) = articles_of(html)
    shown = [article.body[link.block].text[link.start : link.end] for link in article.links]
    assert shown == ["the ferry", "it"]
    assert article.figures[0].url == "https://protocol.example/p/1.jpg"


def test_what_was_paid_for_is_marked() -> None:
    html = STORY.replace('class="widget"', 'class="widget tag-sponsored-content"')
    assert articles_of(html)[0].sponsored is not None
    assert (
        articles_of(STORY.replace("</h1>", '</h1><div class="badges_sponsored"></div>'))[0].sponsored
        is not None
    )
    assert articles_of(STORY.replace('class="widget"', 'class="widget no-sponsor"'))[0].sponsored is None


def test_a_line_by_an_author_and_its_date_are_told_apart() -> None:
    html = f"""<h1>A ferry</h1>
      <p>By <a rel=author href=/x>Lian Huarong</a> | <time datetime="2021-03-04">March 4</time></p>
      <p>{BODY}</p>"""
    (article,) = articles_of(html)
    assert (article.authors, article.published) == (("Lian Huarong",), "2021-03-04")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\xef\xbb\xbf" + "<p>café — “a”".encode(), "utf-8"),
        (b"\xff\xfe" + "<p>café — “a”".encode("utf-16-le"), "utf-16"),
        ("<p>café — “a”".encode("cp1252"), "cp1252"),
        ("<meta charset=iso-8859-1><p>café — “a”".encode("cp1252"), "cp1252"),
        (
            '<meta http-equiv=Content-Type content="text/html; charset=koi8-r"><p>кафе'.encode("koi8-r"),
            "koi8-r",
        ),
        ("<META CHARSET='Shift_JIS'><p>喫茶".encode("shift_jis"), "shift_jis"),
        ("<meta charset=shift_jis><p>café — “a”".encode(), "utf-8"),
        ("<meta charset=utf-8><p>café — “a”".encode("cp1252"), "cp1252"),
        ("<script>'\xe9'</script><p title='\xe9'>".encode("latin-1") + "café — “a”".encode(), "utf-8"),
        ("<meta charset=utf-16><p>café — “a”".encode(), "utf-8"),
        ("<meta charset=base64><p>café — “a”".encode(), "utf-8"),
    ],
)
def test_encodings(data: bytes, encoding: str) -> None:
    capture, problem = found_in(data)
    assert problem is None
    assert capture.encoding == encoding
    assert capture.text in ("café — “a”", "кафе", "喫茶")


def test_the_servers_word_for_the_encoding_counts_first() -> None:
    data = "<meta charset=koi8-r><p>кафе".encode("cp1251")
    assert found_in(data, charset="windows-1251")[0].text == "кафе"


@pytest.mark.parametrize(
    ("is_html", "heads"),
    [
        (True, (
            b"<!doctype html><p>a", b"\xef\xbb\xbf \n<HTML lang=en>", b"<div class=a><p>x</p></div>", b"<body>",
            b'<?xml version="1.0"?>\n<!-- a --><!DOCTYPE html PUBLIC "x">',
            b"<!-- saved --> <!-- by hand --> <head><title>", b"\xff\xfe" + "<!doctype html>".encode("utf-16-le"),
        )),
        (False, (
            b"China\n\nThe roof", b"<3 this", b"<p", b"<p>only", b"<?xml version='1.0'?><rss>", b"<svg><p>", b"",
            b"<<<<", b"<!-- " * 800, b"<!----><!---->" * 300,
        )),
    ],
)  # fmt: skip
def test_html_is_known_by_its_start(is_html: bool, heads: tuple[bytes, ...]) -> None:
    assert [head for head in heads if looks_like_html(head) is not is_html] == []


# Pages as browsers save them, and a story in the markup of the site's system

MESSAGE = """From: <Saved by a browser>
Snapshot-Content-Location: https://protocol.example/china/roof
Subject: =?utf-8?Q?The_roof?=
Date: Fri, 12 Aug 2022 17:04:00 -0400
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="----edge"

------edge
Content-Type: text/css
Content-Location: cid:a

p { color: red }
------edge
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable
Content-Location: https://protocol.example/china/roof

<p>Nobody has =E2=80=9Cweighed=E2=80=9D it =
yet.</p>
------edge--
"""


def test_a_page_that_a_browser_saved_as_a_message(tmp_path: Path) -> None:
    for name in ("roof.mhtml", "roof"):
        (capture,) = read(tmp_path / name, MESSAGE.replace("\n", "\r\n").encode()).captures
        assert capture.text == "Nobody has “weighed” it yet."
        assert (capture.url, capture.captured) == (
            "https://protocol.example/china/roof",
            "2022-08-12T21:04:00Z",
        )


@pytest.mark.parametrize(
    "data", [b"", b"plain words", MESSAGE.split("------edge\nContent-Type: text/html")[0].encode()]
)
def test_a_message_without_a_page_is_a_problem(tmp_path: Path, data: bytes) -> None:
    found = read(tmp_path / "roof.mhtml", data)
    assert (found.captures, found.kinds) == ([], [("damaged", False)])


@pytest.mark.parametrize("read_page", [read_text, read_html, read_saved_page])
def test_a_file_with_a_page_to_skip_is_not_read(read_page: ReadPage) -> None:
    data = io.BytesIO(MESSAGE.encode())
    source = Source("roof", "roof", data.read, explicit=True)
    source.filter.skip = 1
    assert (list(read_page(source)), data.tell()) == ([], 0)


def test_writers_an_hour_and_a_picture_in_the_hidden_rest_of_a_stream_story() -> None:
    rest = (
        "<p><br/></p><p><iframe src='https://video.example/1'></iframe></p><p>Two of them stayed.</p>"
        "<p class='shortcode-media'><img class='rm-shortcode' src='https://assets.example/1/980x.png'/>"
        "<small class='image-media media-caption'>“You want a ferry?”</small>"
        "<small class='image-media media-photo-credit'>(The Harbor Office/<a href='/x'>Video</a>)</small></p>"
    )
    html = STORY.replace("<h1", '<div class="social-date"><span class="social-date__text">1h</span></div><h1')
    html = html.replace('<div class="body">', '<div class="body" data-authors="Lian Huarong, Bram Haas">')
    script = f'<script type="keep-reading-content">{escape(rest)}</script>'
    (article,) = articles_of(html.replace("</p>", f'</p><div class="js-appear-on-expand">{script}</div>', 1))
    assert (article.authors, article.published) == (("Lian Huarong", "Bram Haas"), None)
    assert [block.text for block in article.body] == [BODY, "Two of them stayed."]
    assert [figure[1:] for figure in article.figures] == [
        ("“You want a ferry?”", "(The Harbor Office/Video)", "https://assets.example/1/980x.png")
    ]


# Twins of captures of text


PAGES = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.thorough] if number % 2 else [])
    for number, path in enumerate(sorted(CAPTURES.glob("*.txt")))
]
"""Half of the captures in a usual run."""


def make_whole(truth: dict[str, Any], twin: Twin, hidden: dict[int, list[str]]) -> None:
    """Put the hidden rests into the truth."""
    for i, rest in hidden.items():
        first = next(words for label, words in twin.stories[i].parts if label in ("headline", "paragraph"))
        (story,) = (
            story
            for story in truth["stories"]
            if story["truncated"]
            and (story["headline"] == first or first.startswith(story["first_body"][:30]))
        )
        story |= {
            "truncated": False,
            "body_paragraphs": story["body_paragraphs"] + len(rest),
            "last_body": rest[-1][-40:],
        }


@pytest.mark.parametrize("path", PAGES)
def test_a_twin_has_the_same_articles_with_the_sites_own_markup_and_with_any(
    path: Path, thorough: bool
) -> None:
    for seed in range(3 if thorough else 1):
        random, truth = Random(f"{path.stem}/{seed}"), truth_of(path)
        twin = twin_of(decoded(path))
        assert differences(page_of(plain_page(twin, random)), truth) == []
        make_whole(truth, twin, hide_the_rest(twin, random))
        assert differences(page_of(rebelmouse_page(twin, random)), truth) == []
