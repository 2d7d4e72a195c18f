"""What is listed, which captures are of one page, and which of them is the best."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import FetchError
from reader.wayback.addresses import moment, page_key, pattern_of, server_at
from reader.wayback.listing import Choice, Listed, parse_list

PAGE = "https://www.protocol.com/china/a-story"


def best(*captures: Listed) -> list[Listed]:
    choice = Choice()
    choice.take(captures)
    return choice.best()


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


@pytest.mark.parametrize(
    "text", ["", "*", "protocol", "a b.com", "file:///etc/passwd", "protocol.com/*/x", "\x1b[2J.com"]
)
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(FetchError, match=r"protocol\.com/china/\*") as caught:
        pattern_of(text)
    assert "\x1b" not in str(caught.value)


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


def test_other_queries_are_other_pages() -> None:
    assert page_key("https://protocol.com/?p=2") != page_key("https://protocol.com/?p=3")
    assert page_key("https://protocol.com/?b=1&a=2") == page_key("https://protocol.com/?a=2&b=1")


def test_whole_goes_before_short_and_then_late_before_early() -> None:
    early, late = Listed("20210101000000", PAGE, 40_000), Listed("20220601000000", PAGE, 38_000)
    short = Listed("20221101000000", PAGE, 2_000)
    assert best(early, late, short) == [late]


def test_captures_from_after_the_site_closed_count_only_when_there_are_no_others() -> None:
    before, after = Listed("20210101000000", PAGE, 30_000), Listed("20240101000000", PAGE, 90_000)
    assert best(before, after) == [before]
    assert best(after) == [after]
    elsewhere = [Listed(capture.timestamp, "https://example.org/", 1) for capture in (before, after)]
    assert best(*elsewhere) == [elsewhere[1]]


def test_the_page_s_own_address_goes_before_an_item_s() -> None:
    own, item = (
        Listed("20210101000000", PAGE, 30_000),
        Listed("20220101000000", PAGE + "?rebelltitem=2", 31_000),
    )
    assert best(own, item) == [own]
    assert best(item) == [item]


listed = st.builds(
    Listed,
    st.sampled_from(["20200101000000", "20210101000000", "20220101000000", "20230101000000"]),
    st.sampled_from([PAGE, PAGE + "?rebelltitem=1", "https://www.protocol.com/b"]),
    st.integers(0, 9),
)


@given(st.lists(listed, max_size=12), st.randoms())
def test_the_order_of_the_list_and_repeats_change_nothing(captures: list[Listed], random: object) -> None:
    mixed = captures * 2
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert best(*captures) == best(*mixed)


@given(st.lists(listed, min_size=1, max_size=12))
def test_the_rule_holds_against_looking_at_all_captures(captures: list[Listed]) -> None:
    for chosen in best(*captures):
        page = [capture for capture in captures if capture.key == chosen.key]
        page = [capture for capture in page if capture.timestamp < "2023"] or page
        whole = [capture for capture in page if 4 * capture.length >= 3 * max(one.length for one in page)]
        own = [capture for capture in whole if "?" not in capture.url] or whole
        latest = max(capture.timestamp for capture in own)
        assert chosen in [capture for capture in own if capture.timestamp == latest]


def test_dates_are_years_months_or_days() -> None:
    assert [
        moment(text) for text in ("2022", "2022-05", "2022-05-17", "20220517120000", "2022-05-17T12:00Z")
    ] == [
        "2022",
        "202205",
        "20220517",
        "20220517120000",
        "202205171200",
    ]
    for text in ("", "22", "2022-13", "2022-02-30", "soon", "٢٠٢٢"):
        with pytest.raises(FetchError, match="no date"):
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
    assert pywb.capture_at(address) == ("20220101000000", PAGE + "?a=1#b")
    assert archive.capture_at(address) is None
    with pytest.raises(FetchError, match="--server"):
        server_at("ftp://x")


ALL = pattern_of("protocol.com/*")
ROW = {"timestamp": "20220101000000", "url": PAGE, "mime": "text/html", "status": "200", "length": "12"}


def lines(*rows: Mapping[str, object]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_both_forms_of_a_list_are_read() -> None:
    table = [
        ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"],
        ["com,protocol)/china/a-story", "20220101000000", PAGE, "text/html", "200", "ABC", "12"],
    ]
    expected = [Listed("20220101000000", PAGE, 12)]
    assert parse_list(json.dumps(table).encode(), ALL).captures == expected
    assert parse_list(lines(ROW), ALL).captures == expected
    continued = [*table, [], ["com%2Cprotocol%29%2F+20220101000000%21"]]
    assert parse_list(json.dumps(continued).encode(), ALL).resume == "com,protocol)/ 20220101000000!"
    assert parse_list(b"[]", ALL).captures == parse_list(b"", ALL).captures == []
    assert parse_list(b'{"pages": 3, "pageSize": 10, "blocks": 25}', ALL).pages == 3


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
    part = parse_list(lines(*odd, ROW), ALL)
    assert len(part.captures) == 1
    assert sorted(part.others.values()) == [1, 1, 2, 3]


def test_an_unknown_length_is_no_length() -> None:
    for length in ("-", "", None, "9" * 40, "١"):
        assert parse_list(lines({**ROW, "length": length}), ALL).captures[0].length == 0


@pytest.mark.parametrize(
    "body",
    [
        b"[[",
        b'[["timestamp"',
        b'{"url": "x"',
        b"[1]",
        b'[["a"],["b"]]',
        b"[" * 100_000,
        b"null",
        b'"x"',
        lines(ROW)[:-9],
    ],
)
def test_damaged_lists_are_errors(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (of json or our own)
        parse_list(body, ALL)


def test_pages_are_the_same_whether_brackets_and_percent_signs_are_encoded_or_not() -> None:
    assert page_key(f"{PAGE}-[1]/100%?a[]=%") == page_key(f"{PAGE}-%5B1%5d/100%25?a%5B%5D=%25")
    assert page_key(f"{PAGE}%20") != page_key(f"{PAGE}%2520")
    pattern = pattern_of("protocol.com/a[1]/*")
    assert pattern.covers("https://protocol.com/a[1]/b")
    assert pattern.covers("https://protocol.com/a%5B1%5D/b")
