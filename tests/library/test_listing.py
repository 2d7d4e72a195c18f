"""Listings against a plain model of them: groups, order, filters, and every way to look a row up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product

import pytest

from reader.library import SPONSORED, UNSECTIONED, Filters, Library, Listing, Show, Sort, fold
from reader.model import Article, Reason
from tests.filling import add_pages
from tests.generated import a_page, an_article, pages

ARTICLES = 400
MADE = list(pages(ARTICLES, seed=7))
KEPT: list[tuple[int, Article]] = list(enumerate((a for _, page in MADE for a in page.articles), 1))
"""Every article with the key it gets: they are counted from 1 in order of arrival."""
SEEN = dict(enumerate((capture.captured for capture, page in MADE for _ in page.articles), 1))
"""When the capture of each was made."""
SPONSOR = next(article.sponsor for _, article in KEPT if article.sponsor)
NAMED = [
    Filters(author="inigo CASTELLA"),
    Filters(section="China", author="Rufus Vu"),
    Filters(words="own", author="Rufus Vu"),
    Filters(truncated=Show.HIDE, author="Rufus Vu"),
    Filters(section="China", author=""),
    Filters(author=""),
    Filters(sponsor=SPONSOR.upper()),
    Filters(words="e", sponsor=SPONSOR),
    Filters(month="2021-03"),
    Filters(section="China", truncated=Show.ONLY, month="2021-10"),
]
FILTERS = [
    *NAMED,
    Filters(author="Rufus"),
    Filters(section="China", sponsor=SPONSOR),
    Filters(sponsored=Show.HIDE, sponsor=SPONSOR),
    Filters(sponsor=""),
    Filters(month=""),
    *(
        Filters(section, truncated, sponsored, words)
        for section, truncated, sponsored, words in product(
            (None, "China", UNSECTIONED, SPONSORED, "No such section"),
            Show,
            Show,
            ("", "cafe own", "TOR Lian"),
        )
    ),
]


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    with Library.temporary() as library:
        add_pages(library, MADE[:20])
        add_pages(library, MADE[20:])
        yield library


folded = cache(fold)


def group_of(article: Article) -> str:
    return SPONSORED if article.sponsored else article.section or UNSECTIONED


COUNTS = Counter(group_of(article) for _, article in KEPT)


def group_order(name: str) -> tuple[int, int, str]:
    """The most articles first."""
    return {UNSECTIONED: 1, SPONSORED: 2}.get(name, 0), -COUNTS[name], name


def shows(show: Show, badge: bool) -> bool:
    return show is Show.ALL or badge == (show is Show.ONLY)


def expected(filters: Filters, sort: Sort) -> list[tuple[int, Article]]:
    """The keys and articles that a listing must have, from the rules alone."""

    def listed(key: int, article: Article) -> bool:
        authors = [folded(name) for name in article.authors]
        text = folded("\n".join([article.title, article.deck or "", *article.authors]))
        return (
            filters.section in (None, group_of(article))
            and shows(filters.truncated, article.truncated is not None)
            and shows(filters.sponsored, article.sponsored is not None)
            and all(word in text for word in folded(filters.words).split())
            and (filters.author is None or folded(filters.author) in (authors or [""]))
            and (
                filters.sponsor is None
                or (
                    article.sponsored is not None and folded(filters.sponsor) == folded(article.sponsor or "")
                )
            )
            and (filters.month is None or (article.published or "")[:7] == filters.month)
        )

    def order(pair: tuple[int, Article]) -> tuple[tuple[int, int, str], int, str, int]:
        key, article = pair
        number = {
            Sort.NEWEST: -int((article.published or SEEN[key] or "0")[:10].replace("-", "")),
            Sort.LONGEST: -article.words,
        }
        title = folded(article.title) if sort is Sort.TITLE else ""
        return group_order(group_of(article)), number.get(sort, 0), title, key

    return sorted(((key, article) for key, article in KEPT if listed(key, article)), key=order)


def all_keys(listing: Listing) -> list[int]:
    return [row.key for row in listing.rows(0, len(listing))]


def whole(article: Article) -> bool:
    return article.truncated is None and article.sponsored is None


@pytest.mark.parametrize("sort", Sort)
def test_every_filter_in_every_order(library: Library, sort: Sort, thorough: bool) -> None:
    telling = set()
    chosen = FILTERS if thorough else [*NAMED, *FILTERS[len(NAMED) :: 5]]
    for filters in chosen:
        model = expected(filters, sort)
        listing = library.listing(filters, sort)
        assert all_keys(listing) == [key for key, _ in model], filters
        names = [group_of(article) for _, article in model]
        groups = [(group.name, group.count, group.first) for group in listing.groups]
        assert groups == [(name, names.count(name), names.index(name)) for name in dict.fromkeys(names)], (
            filters
        )
        telling |= {filters} if 0 < len(model) < ARTICLES else set()
    assert telling.issuperset(NAMED)
    for field in ("words", "truncated", "sponsored"):
        assert {getattr(one, field) for one in telling} == {getattr(one, field) for one in chosen}


def test_each_of_several_authors_counts_and_so_does_any_spelling() -> None:
    found = {
        Filters(author="Anders Whitlock"): {"Both", "Loud"},
        Filters(author="ada reyes"): {"Both", "Another"},
        Filters(author="Anders Whitlock, Ada Reyes"): {"Both"},
        Filters(author=""): set(),
        Filters(sponsor="nimbuspay"): {"One", "Two"},
        Filters(sponsor=""): {"Four"},
    }
    paid = Reason("label", 1, "A message from")
    made = [
        an_article(headline="Both", deck="By Anders", authors=("Anders Whitlock", "Ada Reyes")),
        an_article(headline="Loud", authors=("ANDERS WHITLÖCK",)),
        an_article(headline="Another", deck="Anders Whitlock", authors=("Ada Reyes", "Anders Whitlocke")),
        an_article(headline="Side by side", authors=("Ada Anders", "Whitlock Reyes")),
        an_article(headline="One", sponsored=paid, sponsor="Nimbuspay"),
        an_article(headline="Two", sponsored=paid, sponsor="NIMBUSPAY", section=None),
        an_article(headline="Three", sponsored=paid, sponsor="Nimbuspay Labs"),
        an_article(headline="Four", sponsored=paid),
    ]
    with Library.temporary() as library:
        add_pages(library, [a_page("one", *made)])
        for filters, titles in found.items():
            assert {row.title for row in library.listing(filters).rows(0, 9)} == titles


def test_rows_tell_what_the_article_says(library: Library) -> None:
    rows = library.listing().rows(0, ARTICLES)
    for row, (key, article) in zip(rows, expected(Filters(), Sort.ADDED), strict=True):
        assert row.key == key
        assert row[1:5] == (
            group_of(article),
            article.title,
            article.headline is None,
            ", ".join(article.authors),
        )
        cut, paid = article.truncated is not None, article.sponsored is not None
        assert row[6:10] == (cut, paid, article.sponsor, article.published)
    assert {row.untitled for row in rows} == {row.truncated for row in rows} == {False, True}


@pytest.mark.parametrize("sort", [Sort.ADDED, Sort.TITLE])
@pytest.mark.parametrize("filters", [Filters(), Filters(sponsored=Show.HIDE), Filters(truncated=Show.ONLY)])
def test_finding_a_title(library: Library, filters: Filters, sort: Sort) -> None:
    titles = [fold(article.title) for _, article in expected(filters, sort)]
    for words in ("glacier", "TORdyne", "café Own", "nowhere"):
        listing = library.listing(filters, sort)
        matches = [n for n, title in enumerate(titles) if all(word in title for word in fold(words).split())]
        for start in range(0, len(titles), 5):
            down = next((n for n in matches if n >= start), None)
            up = next((n for n in reversed(matches) if n <= start), None)
            assert listing.find(start, 1, words) == down
            assert listing.find(start, -1, words) == up
        assert listing.find(-9, 1, words) == (matches[0] if matches else None)
        assert listing.find(len(titles) + 9, -1, words) == (matches[-1] if matches else None)
        assert listing.find(len(titles), 1, words) is None
        assert listing.find(-1, -1, words) is None
    assert library.listing(filters, sort).find(0, 1, "  ") is None


@pytest.mark.parametrize("sort", [Sort.ADDED, Sort.LONGEST])
@pytest.mark.parametrize(
    "filters",
    [Filters(), Filters(section=SPONSORED), Filters(truncated=Show.HIDE), Filters(truncated=Show.ONLY)],
)
def test_seeking_a_whole_article(
    library: Library, filters: Filters, sort: Sort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.library.listing._SEARCHED", 2)  # One far away is found in steps.
    listing = library.listing(filters, sort)
    wholes = [n for n, (_, article) in enumerate(expected(filters, sort)) if whole(article)]
    for start in range(-1, len(listing) + 2):
        assert listing.seek_whole(start, 1) == next((n for n in wholes if n >= start), None)
        assert listing.seek_whole(start, -1) == next((n for n in reversed(wholes) if n <= start), None)


@pytest.mark.parametrize("filters", [Filters(), Filters(truncated=Show.HIDE), Filters(words="lettuce")])
def test_a_listing_stays_as_it_was_made(filters: Filters) -> None:
    cabbage = an_article(section="Power", headline="A cabbage")
    with Library.temporary() as library:
        add_pages(library, [a_page("one", an_article(headline="lettuce 1"), cabbage)])
        before = library.listing(filters)
        rows = before.rows(0, 99)
        add_pages(library, [a_page("two", an_article(headline="lettuce 2"), an_article(section="Climate"))])
        assert before.rows(0, 99) == rows
        assert (before.index_of(3), before.index_of(4)) == (None, None)
        assert before.find(0, 1, "2") is None
        assert before.find(len(before) - 1, -1, "lettuce 1") == 0
        assert before.find(1, 1, "lettuce") is None  # the second would have stood there
        after = library.listing(filters)
        assert len(after) > len(before)
        assert after.index_of(3) is not None


def test_where_a_key_stands_and_that_odd_words_are_only_words(library: Library) -> None:
    for filters, sort in product((Filters(), Filters(section="China"), Filters(truncated=Show.ONLY)), Sort):
        listing = library.listing(filters, sort)
        every = listing.rows(0, len(listing))
        assert listing.rows(-3, 5) == every[:5]
        assert listing.rows(len(every) - 7, len(every) + 60) == every[-7:]
        listed = {row.key: index for index, row in enumerate(every)}
        keys = [0, *(key for key, _ in KEPT), ARTICLES + 1]
        assert {key: listing.index_of(key) for key in keys} == {key: listed.get(key) for key in keys}
    for words in ("%", "_", "' OR 1=1 --", '"keltara', "\x00", "a" * 10_000, "\ud800", "0123456 " * 999):
        assert all_keys(library.listing(Filters(words=words))) == []
        assert library.listing().find(0, 1, words) is None


def test_titles_sort_without_case_accents_and_opening_marks() -> None:
    titles = ["“Zebra”", "Égal", "eager", "‘apple’", "(banana)", "Éa"]
    with Library.temporary() as library:
        add_pages(library, [a_page("one", *(an_article(headline=title) for title in titles))])
        rows = library.listing(sort=Sort.TITLE).rows(0, 9)
    assert [row.title for row in rows] == ["‘apple’", "(banana)", "Éa", "eager", "Égal", "“Zebra”"]


def test_an_article_without_a_date_sorts_by_its_capture_but_counts_as_undated() -> None:
    dates = [
        ("2022-05-04T10:00:00Z", None, "May"),
        ("2022-11-20", "2021-03-04", "March"),
        (None, None, "No day"),
        ("2022-08-01", None, "August"),
        ("2023-01-01", "2022-06-02", "June"),
    ]
    with Library.temporary() as library:
        for captured, published, headline in dates:
            article = an_article(headline=headline, published=published)
            capture, page = a_page(headline, article)
            add_pages(library, [(capture._replace(captured=captured), page)])
        rows = library.listing(sort=Sort.NEWEST).rows(0, 9)
        assert [row.title for row in rows] == ["August", "June", "May", "March", "No day"]
        assert [row.published for row in rows[:2]] == [None, "2022-06-02"]
        months = [(month.name, month.articles) for month in library.overview().months]
        assert months == [("2021-03", 1), ("2022-06", 1), ("", 3)]
        assert len(library.listing(Filters(month=""))) == 3
        found = library.search("after:2022-01-01").hits
        assert [hit.row.title for hit in found] == ["June"]
