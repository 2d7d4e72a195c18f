"""Hints are evidence: they decide what a line alone does not show, and wrong ones lose nothing."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader import parse
from reader.model import Article, Figure, LineHint, Link, Page
from reader.parsing.hints import ROLES
from tests.parsing.test_invariants import TEXTS, check, texts

MARKS = ("opens", "within", "sponsored", "published", "writer", "link", "image", "quote", "", "no such role")


VALUES = (
    "",
    "2022-03-04",
    "2022-13-40",
    "0 5 https://protocol.example/a",
    "9 2 x",
    "x",
    "-1 99999999999 http://a",
)


@given(texts | st.sampled_from(TEXTS), st.integers(0, 1 << 32))
def test_no_hints_lose_a_line_or_use_one_twice(text: str, seed: int) -> None:
    random, roles = Random(seed), [*sorted(ROLES), *MARKS]
    said = [
        LineHint(n, random.choice(roles), random.choice(VALUES))
        for n in range(-2, text.count("\n") + 5)
        for _ in range(random.randint(0, 3))
    ]
    check(text, parse(text, hints=said))


@pytest.mark.parametrize("text", TEXTS[::2], ids=range(0, len(TEXTS), 2))
def test_hints_that_say_nothing_or_repeat_what_was_found_change_nothing(text: str) -> None:
    page = parse(text)
    said = [LineHint(10**6, "headline"), LineHint(0, "deck"), LineHint(1, "no such role"), LineHint(2, "")]
    assert parse(text, hints=said) == page
    said = [LineHint(line.n, line.label) for line in page.lines]
    said += [LineHint(article.first_line, "opens") for article in page.articles]
    assert without_confidence(parse(text, hints=said)) == without_confidence(page)


def without_confidence(page: Page) -> Page:
    """The page without how surely its articles were read, which hints do change."""
    return page._replace(articles=tuple(article._replace(confidence=None) for article in page.articles))


def first(text: str, *said: tuple[int, str] | tuple[int, str, str]) -> Article:
    return parse(text, hints=[LineHint(*hint) for hint in said]).articles[0]


def test_a_hint_decides_what_a_line_is() -> None:
    text = "Bulletins\n\nFerry timetable\n\nThe harbor\n\nThe ferry leaves at nine, and nobody knows why it should."
    article = first(text, (1, "headline"), (3, "deck"), (5, "caption"))
    assert (article.headline, article.deck) == ("Bulletins", "Ferry timetable")
    assert article.figures == (Figure(None, "The harbor", None),)


def test_an_author_may_stand_before_the_headline() -> None:
    text = "China\n\nLian Huarong\n\nMarch 4, 2021\n\nThe lettuce on the roof\n\nNobody has weighed it yet, they say."
    article = first(text, (1, "kicker"), (3, "author"), (5, "date"), (7, "headline"), (9, "body"))
    assert article.headline == "The lettuce on the roof"
    assert (article.authors, article.published, article.kicker) == (("Lian Huarong",), "2021-03-04", "China")


def test_an_article_opens_where_a_hint_says_so() -> None:
    body = "The company says the change was announced in March; the staff remember a poster by the stairs."
    text = f"{body}\n\n{body[:60]}.\n\n{body[4:]}"
    assert len(parse(text).articles) == 1
    said = [LineHint(1, "opens"), LineHint(3, "opens"), LineHint(5, "within")]
    said += [LineHint(n, "body") for n in (1, 3, 5)]
    pages = parse(text, hints=said)
    assert [len(article.body) for article in pages.articles] == [1, 2]


def test_what_was_paid_for_is_known_by_its_mark() -> None:
    text = "A quieter way to pay\n\nPayments are moving faster than ever.\n\nNimbuspay"
    article = first(text, (1, "headline"), (3, "body"), (5, "author"), *((n, "sponsored") for n in (1, 3, 5)))
    assert article.sponsored is not None
    assert article.sponsored.because == "label" or article.sponsored.because == "author slot"
    assert article.sponsor == "Nimbuspay"
    assert article.authors == ()


def test_a_date_and_authors_count_where_the_page_prints_none() -> None:
    text = "The lettuce on the roof\n\nNobody has weighed it yet, they say."
    said = ((1, "published", "2021-03-04"), (1, "writer", "Lian Huarong"), (1, "writer", "Bram Haas"))
    article = first(text, *said)
    assert (article.published, article.authors) == ("2021-03-04", ("Lian Huarong", "Bram Haas"))
    printed = first(
        "The lettuce on the roof\n\nMarch 9, 2021\n\nBy Zoë Vu\n\nNobody has weighed it yet.", *said
    )
    assert (printed.published, printed.authors) == ("2021-03-09", ("Zoë Vu",))
    impossible = first(text, (1, "published", "2021-02-29"), (1, "published", "2021-03-04"))
    assert impossible.published == "2021-03-04"


def test_links_and_pictures_keep_their_addresses() -> None:
    text = "The lettuce on the roof\n\nLettuce under lamps.\n\nPhoto: Nan Ito/Getty Images\n\n"
    text += "Nobody  has weighed it.\n\n  • One head, sold"
    article = first(
        text,
        (1, "headline"),
        (1, "link", "0 23 https://protocol.example/roof"),
        (3, "caption"),
        (5, "image", "https://protocol.example/a.jpg"),
        (7, "body"),
        (7, "link", "7 10 https://protocol.example/weights"),
        (7, "link", "7 10 javascript:alert(1)"),
        (7, "link", "x"),
        (9, "link", "6 10 https://protocol.example/heads"),
    )
    assert article.figures == (
        Figure(None, "Lettuce under lamps.", "Photo: Nan Ito/Getty Images", "https://protocol.example/a.jpg"),
    )
    assert article.links == (
        Link(-1, 0, 23, "https://protocol.example/roof"),
        Link(0, 7, 10, "https://protocol.example/weights"),
        Link(1, 4, 8, "https://protocol.example/heads"),
    )
    assert article.body[0].text[7:10] == "has"
    assert article.body[1].text[4:8] == "head"


def test_a_page_whose_markup_calls_all_of_it_furniture_holds_no_article() -> None:
    lines = (
        "Page not found",
        "Sorry, we lost that page.",
        "It may have moved. Try a search, or start again.",
        "Share",
    )
    page = parse("\n\n".join(lines), hints=[LineHint(n, "furniture") for n in (1, 3, 5, 7)])
    assert (page.articles, page.furniture) == ((), lines)
