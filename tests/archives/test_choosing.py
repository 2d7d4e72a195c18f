"""The choice of captures: addresses, patterns, lists, the best of each page, and pages that fit a headline."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

import pytest

from reader.archives.addresses import (
    MOST,
    Fit,
    MissingStory,
    Trust,
    best_pages,
    capture_in,
    moment,
    page_key,
    page_words,
    pattern_of,
    server_at,
    words,
)
from reader.archives.fetching import Listed, Query, best_captures, parse_list
from reader.errors import FetchError

PAGE = "https://www.protocol.com/china/a-story"


@pytest.mark.parametrize(
    ("text", "url", "match"),
    [
        ("protocol.com/china/*", "https://protocol.com/china/", "prefix"),
        ("https://www.protocol.com/*", "https://www.protocol.com/", "prefix"),
        ("protocol.com*", "https://protocol.com", "prefix"),
        ("*.protocol.com", "https://protocol.com", "domain"),
        ("*.protocol.com/*", "https://protocol.com", "domain"),
        ("http://protocol.com/china/a-story", "https://protocol.com/china/a-story", "exact"),
    ],
)
def test_a_pattern_is_an_address_all_below_it_or_a_domain(text: str, url: str, match: str) -> None:
    assert pattern_of(text)[:2] == (url, match)


def test_a_pattern_covers_what_it_asks_for_and_nothing_else() -> None:
    below = pattern_of("protocol.com/china/*")
    assert below.covers("https://www.protocol.com/China/a-story")
    assert below.covers("http://protocol.com/china")
    assert not below.covers("https://protocol.com/fintech/")
    assert not below.covers("https://protocol.com.example.org/china/a")
    domain = pattern_of("*.protocol.com")
    assert domain.covers("https://events.protocol.com/x")
    assert not domain.covers("https://notprotocol.com/x")
    assert pattern_of(PAGE).covers("http://protocol.com/china/a-story/?rebelltitem=3")
    for text in ("", "*", "protocol", "a b.com", "file:///etc/passwd", "protocol.com/*/x", "\x1b[2J.com"):
        with pytest.raises(FetchError, match=r"protocol\.com/china/\*") as caught:
            pattern_of(text)
        assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "other",
    [
        "http://protocol.com/china/a-story",
        PAGE + "/",
        PAGE + "?rebelltitem=2",
        PAGE + "?rebelltitem=2#rebelltitem2",
        PAGE + "?utm_source=x&utm_medium=y",
        PAGE + "?fbclid=abc",
        "https://www.protocol.com/China/A-Story",
    ],
)
def test_the_addresses_of_one_page_have_one_key(other: str) -> None:
    assert page_key(other) == page_key(PAGE)
    assert page_key(f"{other}[1]%") == page_key(f"{other}%5B1%5d%25")


def test_the_best_capture_of_a_page_is_the_latest_whole_one_from_before_the_site_closed() -> None:
    early, late = Listed("20210101000000", PAGE, 30_000), Listed("20220101000000", PAGE, 28_000)
    cut_off = late._replace(timestamp="20220201000000", length=9_000)
    item = late._replace(url=f"{PAGE}?rebelltitem=1")
    closed = Listed("20240101000000", PAGE, 90_000)
    captures = [early, late, cut_off, item, closed]
    assert best_captures(captures) == best_captures(captures[::-1]) == [late]
    assert best_captures([cut_off, early]) == [early]
    assert best_captures([closed]) == [closed]
    elsewhere = [Listed(capture.timestamp, "https://example.org/", 1) for capture in (early, closed)]
    assert best_captures(elsewhere) == [elsewhere[1]]


def test_dates_are_years_months_or_days() -> None:
    dates = {
        "2022": "2022",
        "2022-05": "202205",
        "2022-05-17": "20220517",
        "2022-05-17T12:00Z": "202205171200",
    }
    assert {date: moment(date) for date in dates} == dates
    for text in ("", "22", "2022-13", "2022-02-30", "soon", "٢٠٢٢"):
        with pytest.raises(FetchError, match="not a date"):
            moment(text)


def test_a_bare_host_is_the_wayback_machine_and_a_path_a_collection() -> None:
    archive = server_at("https://web.archive.org")
    assert (archive.listing, archive.replay) == (
        "https://web.archive.org/cdx/search/cdx",
        "https://web.archive.org/web",
    )
    assert server_at("web.archive.org/web/") == archive
    pywb = server_at("http://127.0.0.1:8080/coll/")
    assert (pywb.listing, pywb.replay) == ("http://127.0.0.1:8080/coll/cdx", "http://127.0.0.1:8080/coll")
    address = pywb.bytes_of("20220101000000", PAGE + "?a=1#b")
    assert address == f"http://127.0.0.1:8080/coll/20220101000000id_/{PAGE}?a=1%23b"
    assert capture_in(address) == ("20220101000000", PAGE + "?a=1#b")
    with pytest.raises(FetchError, match="--server"):
        server_at("ftp://x")


ALL = Query(pattern_of("protocol.com/*"))
ROW = {"timestamp": "20220101000000", "url": PAGE, "mime": "text/html", "status": "200", "length": "12"}


def lines(*rows: Mapping[str, object]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_what_is_no_page_or_not_asked_for_is_passed_over_and_counted() -> None:
    odd = [
        {**ROW, "status": "301"},
        {**ROW, "mime": "image/png"},
        {**ROW, "mime": "warc/revisit", "status": "-"},
        {**ROW, "timestamp": "20221301000000"},
        {**ROW, "url": "javascript:alert(1)"},
        {**ROW, "url": "https://www.protocol.com/\x1b[2J"},
        {**ROW, "url": "https://example.org/"},
    ]
    part = parse_list(lines(*odd, {**ROW, "length": "-"}), ALL)
    assert [capture.length for capture in part.captures] == [0], "an unknown length is no length"
    assert sorted(Counter(part.skipped).values()) == [1, 1, 2, 3]
    assert parse_list(lines(ROW), ALL._replace(since="2023")).skipped == ["outside the dates"]


SITE = "https://www.protocol.com"
FARMS = MissingStory("The rooftop farms aren’t feeding anyone yet", "China", None)
CAFE = MissingStory("Who’s at the Café? Nobody", "Enterprise", None)


def trust(address: str, *wanted: MissingStory) -> list[tuple[int, Trust]]:
    return [(fit.story, fit.trust) for fit in best_pages([f"{SITE}{address}"], wanted)]


def test_words_of_headlines_and_addresses() -> None:
    assert words("Who’s at the Café? $1.5 billion") == ["whos", "at", "the", "cafe", "1", "5", "billion"]
    assert page_words(f"{SITE}/china/Rooftop-farms") == ("china", ["rooftop", "farms"])
    assert page_words(f"{SITE}/policy/who-s-there-2655012345.html?a=b") == ("policy", ["whos", "there"])
    assert page_words(f"{SITE}/rooftop-farms-2") == ("", ["rooftop", "farms"])
    assert page_words(f"{SITE}/the-year-2022") == ("", ["the", "year", "2022"])
    assert page_words(f"{SITE}/") == ("", [])


def test_words_must_stand_in_the_headline_in_their_order_and_tell_something() -> None:
    assert trust("/china/rooftop-farms-arent-feeding", FARMS) == [(0, Trust.SURE)]
    assert trust("/enterprise/whos-at-the-cafe-nobody", CAFE) == [(0, Trust.SURE)]
    for likely in ("/policy/rooftop-farms-feeding", "/china/rooftop-farms"):
        assert trust(likely, FARMS) == [(0, Trust.LIKELY)]
    for other in (
        "/china/farms-rooftop-arent-feeding", "/china/rooftop-farms-arent-hungry", "/china/rooftop-farms-farms",
        "/policy/rooftop-farms", "/china/the-rooftop",
    ):  # fmt: skip
        assert trust(other, FARMS) == []


def test_a_known_address_goes_before_all_others() -> None:
    known = FARMS._replace(address="http://protocol.com/china/lettuce/")
    pages = [f"{SITE}/china/rooftop-farms-arent-feeding", f"{SITE}/china/lettuce"]
    assert best_pages(pages, [known, FARMS]) == [Fit(0, 1, Trust.KNOWN), Fit(1, 0, Trust.SURE)]
    assert trust("/china/rooftop-farms-arent-feeding", known) == [(0, Trust.SURE)]


def test_a_story_takes_the_pages_with_most_words_and_a_page_may_fit_several_stories() -> None:
    pages = [f"{SITE}/china/rooftop-farms{more}" for more in ("", "-arent-feeding-anyone", "-arent-feeding")]
    assert best_pages(pages, [FARMS]) == [Fit(0, 1, Trust.SURE)]
    assert len(best_pages([f"{SITE}/{n}/rooftop-farms-feeding" for n in "abcdefg"], [FARMS])) == MOST
    stories = (FARMS, CAFE, FARMS._replace(headline="Rooftop farms"))
    assert trust("/china/rooftop-farms", *stories) == [(0, Trust.LIKELY), (2, Trust.SURE)]
    wordless = [f"{SITE}/", f"{SITE}/china", f"{SITE}/%ff-%00"]
    assert best_pages(wordless, [MissingStory(None, "China", None), FARMS]) == []
