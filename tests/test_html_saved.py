"""Pages as browsers save them, and a story in the very markup of the site's system."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader.captures import read_captures
from reader.model import Capture, Problem
from tests.test_html_captures import articles_of

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
        (tmp_path / name).write_bytes(MESSAGE.replace("\n", "\r\n").encode())
        (capture,) = read_captures([str(tmp_path / name)])
        assert isinstance(capture, Capture)
        assert capture.text == "Nobody has “weighed” it yet."
        assert (capture.url, capture.captured) == (
            "https://protocol.example/china/roof",
            "2022-08-12T21:04:00Z",
        )


@pytest.mark.parametrize(
    "data", [b"", b"plain words", MESSAGE.split("------edge\nContent-Type: text/html")[0].encode()]
)
def test_a_message_without_a_page_is_a_problem(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "roof.mhtml").write_bytes(data)
    (found,) = read_captures([str(tmp_path / "roof.mhtml")])
    assert isinstance(found, Problem)
    assert (found.kind, found.partial) == ("damaged", False)


def test_messages_in_messages_end(tmp_path: Path) -> None:
    parts = "".join(f"Content-Type: multipart/related; boundary=b{i}\n\n--b{i}\n" for i in range(3_000))
    (tmp_path / "a.mhtml").write_text(f"MIME-Version: 1.0\n{parts}", "utf-8")
    assert all(isinstance(found, Problem) for found in read_captures([str(tmp_path / "a.mhtml")]))


def test_a_stream_story_as_the_site_writes_it() -> None:
    """Section, author and date above the picture, the headline below it, embeds and pictures in the hidden rest."""
    rest = (
        "<p><br/></p><p class='shortcode-media shortcode-media-youtube'>\n"
        "<iframe src='https://video.example/1'></iframe>\n</p>"
        "<p style=''>Two of them stayed, &amp; nobody knows why.</p><hr/><p class='shortcode-media'>\n"
        "<img class='rm-shortcode' src='https://assets.example/1/980x.png'/>\n"
        "<small class='image-media media-caption' placeholder='add caption...'>“You want a ferry?”</small>"
        "<small class='image-media media-photo-credit'>"
        "(The Harbor Office/<a href='https://v.example/x'>Video</a>)</small></p>"
        "<div class='ad-tag' data-ad-size='728x90'></div><script>ads.push({});</script>"
        "<p style=''><strong>It ended there.</strong></p></hr>"
    )
    html = f"""<div class="ad-tag"></div><div class="posts-custom posts-custom-section section-holder clearfix"
     data-source="current_page" data-attr-style_post-headline="22px"><div class="posts-wrapper clearfix"><span>
    <div class="widget tag-ferries" elid="2548953313" ><article class="clearfix image-article post-2548953313" >
    <div class="row px10"><div id="col-center" class="col"><div class="widget__body clearfix">
      <a class="widget__section js-load-brick-on-click" href="/harbor">Harbor News</a>
      <div class="social-author clearfix"><div class="social-author__avatar image"><div></div></div>
        <a class="social-author__name" href="/community/lian">Lian Huarong</a></div>
      <div class="social-date"><span class="social-date__text">1h</span></div></div>
    <div class="widget__head"><a href="https://protocol.example/ferry-1.html">
      <div class="widget__image crop-728x409"
      data-runner-img-hd="https://resize.example/a.jpg"><div class="lazyload-placeholder"><svg/></div></div></a>
      <div class="widget__body clearfix"><div class="photo-credit">
        (@ferrywatch/Video)
      </div></div></div>
    <div class="widget__body"><h1 class="widget__headline h1">
      <a class="widget__headline-text custom-post-headline" href="https://protocol.example/ferry-1.html" >
        The Ferry Office&#39;s &#39;Quiet Hour&#39; Is Over
      </a></h1>
      <div class="body js-expandable clearfix" data-elid="2548953313" data-authors="Lian Huarong"
        data-headline="x"><div class="body-description"><div class="widget__brief">
        <p style="">There's nothing better than a ferry at nine.<br/></p>
        <p style=""><em>Ferry</em> people know this.</p></div>
      <div class="js-appear-on-expand"><script type="keep-reading-content">
         {rest.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#34;")}
      </script></div>
      <div class="widget__show-more with-primary-color js-keep-reading">
        <span class="show-more js-expand">Keep reading...</span>
        <span class="show-less js-contract">Show less</span></div></div></div>
      <div class="widget__shares share-panel"><a class="share" href="https://share.example/"><i></i></a></div>
    </div></div></div></article></div></span></div></div>"""
    (article,) = articles_of(html)
    assert (article.kicker, article.headline) == ("Harbor News", "The Ferry Office's 'Quiet Hour' Is Over")
    assert (article.authors, article.published, article.truncated) == (("Lian Huarong",), None, None)
    assert [block.text for block in article.body] == [
        "There's nothing better than a ferry at nine.",
        "Ferry people know this.",
        "Two of them stayed, & nobody knows why.",
        "It ended there.",
    ]
    assert [figure[1:] for figure in article.figures] == [
        (None, "(@ferrywatch/Video)", None),
        ("“You want a ferry?”", "(The Harbor Office/Video)", "https://assets.example/1/980x.png"),
    ]
