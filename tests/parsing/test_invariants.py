"""What holds for any text: no line lost or used twice, and no exception."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader import Article, Page, parse
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


ODD_LINES = '× \u200b \u00ad \x1b[31m • — . Photo: By ( " Keep\u00a0Reading \x85 \u3164 \t'.split(" ")

texts = st.text() | st.lists(st.text(max_size=40) | st.sampled_from(LINES + ODD_LINES), max_size=60).map(
    "\n".join
)


def numbers_of(text: str) -> list[int]:
    """The numbers of the lines that hold anything but white space and zero-width characters."""
    invisible = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
    lines = re.split(r"\r\n|\n|\r", text)
    return [n for n, line in enumerate(lines, 1) if line.translate(invisible).strip()]


def check(text: str, page: Page) -> None:
    """Each line of the text has one label, and stands in one field of its article, or in the furniture."""
    assert [line.n for line in page.lines] == sorted({line.n for line in page.lines})
    assert {line.label for line in page.lines} <= set(LABELS)
    assert {line.article for line in page.lines} - {None} == set(range(len(page.articles)))
    assert all((line.article is None) == (line.label == "furniture") for line in page.lines)
    for article in page.articles:
        assert article.title
        assert article.first_line <= article.last_line
    if "\n" in text or "\r" in text or not re.search("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", text):
        assert [line.n for line in page.lines] == numbers_of(text)
        lines = re.split(r"\r\n|\n|\r", text)
        shown = sum(1 for line in page.lines if sanitize(lines[line.n - 1]).strip())
        assert sum(lines_in(page, article) for article in page.articles) + len(page.furniture) == shown
    json.dumps(page.to_json(lines=True))


def lines_in(page: Page, article: Article) -> int:
    """How many lines an article's fields hold, or end in a field without being one, as markers and dates do."""
    figures = sum(part is not None for figure in article.figures for part in figure[:3])
    heads = sum(part is not None for part in (article.kicker, article.headline, article.deck))
    extras = ("marker", "author", "byline", "sponsor", "sponsor label", "date")
    labels = [line.label for line in page.lines if line.article == article.position]
    return figures + heads + len(article.body) + len(article.bios) + sum(map(labels.count, extras))


@given(texts)
def test_no_text_loses_a_line_or_uses_one_twice(text: str) -> None:
    check(text, parse(text))


@given(st.sampled_from(TEXTS), st.data())
def test_a_capture_cut_off_anywhere_keeps_its_lines(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    check(text[start:end], parse(text[start:end]))


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
def test_a_capture_keeps_its_lines_and_odd_spaces_change_no_article(text: str) -> None:
    page = parse(text)
    check(text, page)
    odd = "\ufeff" + text.replace(". ", ".\u00a0").replace(" — ", "\u2009—\u2009")
    assert [a.to_json() for a in parse(odd).articles] == [a.to_json() for a in page.articles]


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
