"""What holds for any text: no line lost or used twice, no exception, time linear in the lines."""

from __future__ import annotations

import json
import re
import sys
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader import Page, parse
from reader.model import EVIDENCE_LENGTH
from reader.parsing import decoder
from reader.parsing.states import BREAKS, FIRST_STEPS, LABELS, OUTSIDE, STATES, STEPS
from reader.sanitize import sanitize
from tests.paths import CAPTURES, SAMPLE_DATA

TEXTS = [
    path.read_bytes().decode("utf-8-sig")
    for folder in (CAPTURES, SAMPLE_DATA)
    for path in sorted(folder.glob("*.txt"))
]
LINES = sorted({line for text in TEXTS for line in text.splitlines() if line.strip()})
ODD_LINES = [
    "×",
    "\u200b",
    "\u00ad",
    "\x1b[31m",
    "•",
    "—",
    ".",
    "Photo:",
    "By ",
    "(",
    '"',
    "Keep Reading",
    "\x85",
    "\u3164",
    "   \t ",
]

texts = st.text() | st.lists(st.text(max_size=40) | st.sampled_from(LINES + ODD_LINES), max_size=60).map(
    "\n".join
)


def numbers_of(text: str) -> list[int]:
    """The numbers of the lines that hold anything but white space and zero-width characters."""
    invisible = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
    lines = re.split(r"\r\n|\n|\r", text)
    return [n for n, line in enumerate(lines, 1) if line.translate(invisible).strip()]


def check(page: Page, text: str) -> None:
    has_plain_ends = (
        "\n" in text or "\r" in text or not re.search("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", text)
    )
    if has_plain_ends:
        assert [line.n for line in page.lines] == numbers_of(text)
    seen = [line.n for line in page.lines]
    assert seen == sorted(set(seen))
    assert {line.label for line in page.lines} <= set(LABELS)
    owners = {line.article for line in page.lines} - {None}
    assert owners == set(range(len(page.articles)))
    for line in page.lines:
        assert (line.article is None) == (line.label == "furniture")
    for article in page.articles:
        assert article.title
        assert article.first_line <= article.last_line
    used = sum(map(lines_in, page.articles)) + len(page.furniture)
    shown = (
        sum(1 for line in page.lines if sanitize(re.split(r"\r\n|\n|\r", text)[line.n - 1]).strip())
        if has_plain_ends
        else used
    )
    assert used == shown
    json.dumps(page.to_json(lines=True))


def lines_in(article: object) -> int:
    """How many lines an article's fields hold: each line stands in one of them, once."""
    from reader import Article

    assert isinstance(article, Article)
    figures = sum(part is not None for figure in article.figures for part in figure[:3])
    heads = sum(part is not None for part in (article.kicker, article.headline, article.deck))
    return figures + heads + len(article.body) + len(article.bios) + article_extras[id(article)]


article_extras: dict[int, int] = {}
"""Lines that end in a field without being one: markers, author lines, sponsor lines, labels, dates."""


def count_extras(page: Page) -> None:
    article_extras.clear()
    for article in page.articles:
        labels = [line.label for line in page.lines if line.article == article.position]
        article_extras[id(article)] = sum(
            label in ("marker", "author", "byline", "sponsor", "sponsor label", "date") for label in labels
        )


@given(texts)
def test_no_text_loses_a_line_or_uses_one_twice(text: str) -> None:
    page = parse(text)
    count_extras(page)
    check(page, text)


@given(st.sampled_from(TEXTS), st.data())
def test_a_capture_cut_off_anywhere_keeps_its_lines(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    page = parse(text[start:end])
    count_extras(page)
    check(page, text[start:end])


@given(st.sampled_from(TEXTS), st.sampled_from(["\r\n", "\r", "\n\n", "\n\n\n\n", " \n", "\t\n \n"]))
def test_line_ends_and_spaces_change_no_article(text: str, end: str) -> None:
    lines = text.splitlines()
    # Another line end alone changes no gap; more empty lines change all gaps alike.
    page, other = parse("\n".join(lines)), parse(end.join(lines))
    if end.strip(" \t") in ("\r\n", "\r", "\n"):
        assert [a.to_json() for a in other.articles] == [a.to_json() for a in page.articles]
    else:
        assert len(other.lines) == len(page.lines)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_byte_order_mark_and_odd_spaces_change_no_article(text: str) -> None:
    odd = "\ufeff" + text.replace(". ", ".\u00a0").replace(" — ", "\u2009—\u2009")
    assert [a.to_json() for a in parse(odd).articles] == [a.to_json() for a in parse(text).articles]


def calls_for(text: str) -> int:
    """How many functions, ours and the interpreter's, a parse calls."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        parse(text)
    finally:
        sys.setprofile(None)
    return calls


def test_work_grows_linearly_with_the_lines() -> None:
    text = "\n\n".join(TEXTS)
    parse(text * 8)  # What is worked out once is left out of the count.
    assert calls_for(text * 8) < 2.2 * calls_for(text * 4) < 4.84 * calls_for(text * 2)


@pytest.mark.parametrize(
    "opening", ["", "From: ", "To: ", "Photo: ", "By ", "Sign up ", "Home > ", "We use "]
)
@pytest.mark.parametrize(
    "unit", ["A", "1,", "@", "É", "*", "A ", "a@ ", "the ", "A.A", "J. ", "and A ", "> "]
)
def test_a_long_line_is_read_in_a_moment(opening: str, unit: str) -> None:
    for length in (60, 140, 10_000):  # A pattern that tries every way to divide the line would take hours.
        line = opening + (unit * length)[:length] + "!"
        assert parse(line, source="-").to_json(lines=True)["lines"]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "CACHE_SIZE", 50)
    before = [parse(text).to_json(lines=True) for text in TEXTS[:12]]
    assert len(decoder._steps) < 50 + max(len(text.splitlines()) for text in TEXTS[:12])
    assert [parse(text).to_json(lines=True) for text in TEXTS[:12]] == before


def test_every_state_can_be_left_to_furniture_and_entered() -> None:
    entered = set(FIRST_STEPS).union(BREAKS, *STEPS)
    assert entered == set(range(len(STATES)))
    assert not BREAKS.keys().isdisjoint(OUTSIDE)


def test_a_reason_repeats_no_long_line() -> None:
    line = "The roof garden has been photographed more often than it has been watered " * 2_000
    (article,) = parse(f"A roof garden\n\nPhoto: Nan Ito/Getty Images\n\n{line.strip()}").articles
    assert article.truncated is not None
    assert article.truncated.because == "cut off"
    assert len(article.truncated.text) == EVIDENCE_LENGTH
