"""What the listed version of a story lacks comes from the fullest version that has it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from reader.errors import LibraryError
from reader.export.data import article_json
from reader.library import Filters, Library
from reader.library.repair import check, rebuild
from reader.model import HEADLINE_LINK, Article, Bio, Figure, Link
from tests.filling import add_pages, indexes_its_articles, sql
from tests.generated import a_page
from tests.library.test_stories import CUT, OPENING, REST, story

BARE: dict[str, Any] = {"authors": (), "section": None, "kicker": None, "deck": None, "published": None}
WHOLE = story(*OPENING, *REST, **BARE)
LONGER = story(*OPENING, REST[0], truncated=CUT, **{**BARE, "deck": "The vouchers are still good."})
SHORTER = story(
    *OPENING,
    truncated=CUT,
    deck="A clerk copied the wrong year.",
    authors=("Lian Huarong", "Bram Haas"),
    published="2021-03-04",
    section="China",
    kicker="Protocol | China",
    bios=(Bio("Lian Huarong", "Lian Huarong covers ferries and the people who wait for them."),),
    figures=(Figure(None, "The old terminal, twice.", "Photo: Ren Kaiping/Getty Images"),),
    links=(
        Link(HEADLINE_LINK, 0, 9, "https://www.protocol.com/ferry"),
        Link(1, 2, 7, "https://www.protocol.com/clerk"),
    ),
)
MERGED = WHOLE._replace(
    deck=LONGER.deck,
    **{
        field: getattr(SHORTER, field)
        for field in ("authors", "published", "section", "kicker", "bios", "figures", "links")
    },
)
NAMES = {"page/whole.txt": WHOLE, "page/longer.txt": LONGER, "page/shorter.txt": SHORTER}


def keep(library: Library, articles: Iterable[tuple[str, Article]]) -> None:
    """Add each on a page of its own, in a transaction of its own."""
    for source, article in articles:
        add_pages(library, [a_page(source, article)])


def merged_article(library: Library, key: int) -> Article:
    """Return an article as the library shows it, without the field that keeps its identity."""
    return library.article(key).article._replace(own_id=None)


def is_sound(library: Library) -> bool:
    return list(check(library.path)) == [] and indexes_its_articles(library)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.db"


def test_the_listed_version_has_the_facts_of_the_others_in_any_order(tmp_path: Path) -> None:
    for number, order in enumerate(permutations(NAMES.items())):
        with Library.open(tmp_path / f"{number}.db") as library:
            keep(library, order)
            (row,) = library.listing().rows(0, 9)
            assert merged_article(library, row.key) == MERGED
            assert library.article(row.key).article.id == WHOLE.id
            assert library.version(row.key).article == WHOLE
            sources = {fact.field: fact.source for fact in library.article(row.key).merged}
            assert sources["deck"] == "page/longer.txt"
            assert {source for field, source in sources.items() if field != "deck"} == {"page/shorter.txt"}
            assert (row.authors, row.published, row.group) == (
                "Lian Huarong, Bram Haas",
                "2021-03-04",
                "China",
            )
            for version in library.versions(row.key):
                assert version.listed or library.article(version.key) == library.version(version.key)
            assert is_sound(library)


def test_an_export_names_the_capture_of_each_merged_fact(library: Library) -> None:
    keep(library, [(f"/home/me/{source}", article) for source, article in NAMES.items()])
    (row,) = library.listing().rows(0, 9)
    item = library.export_item(library.article(row.key))
    merged = json.loads(article_json(item))["merged"]
    others = {"section", "kicker", "authors", "published", "figures", "bios", "links"}
    assert merged == {"deck": "longer.txt"} | dict.fromkeys(others, "shorter.txt")


def test_lists_filters_people_and_search_find_what_was_merged(library: Library) -> None:
    keep(library, NAMES.items())
    for filters in (Filters(author="Bram Haas"), Filters(words="haas"), Filters(words="vouchers good")):
        assert len(library.listing(filters)) == 1
    for query in (
        "author:haas", "section:china", "after:2021-03-03 before:2021-03-05", "covers ferries", "terminal twice",
    ):  # fmt: skip
        assert library.search(query).count == 1, query
    assert library.search("section:unsectioned").count == 0
    assert library.search('"the wrong year"').count == 0  # a deck that another one hides


def test_a_removed_capture_takes_its_facts_along(library: Library) -> None:
    keep(library, NAMES.items())
    library.remove(captures_of(library, "page/shorter.txt"))
    (row,) = library.listing().rows(0, 9)
    assert merged_article(library, row.key) == WHOLE._replace(deck=LONGER.deck)
    assert (row.authors, row.published, row.group) == ("", None, "Unsectioned")
    assert library.search("author:haas").count == 0
    assert is_sound(library)
    library.remove(captures_of(library, "page/longer.txt"))
    assert library.article(row.key).article == WHOLE
    assert is_sound(library)


def test_splitting_and_undoing_it_merge_anew(library: Library) -> None:
    keep(library, NAMES.items())
    (row,) = library.listing().rows(0, 9)
    shorter = next(v.key for v in library.versions(row.key) if v.source == "page/shorter.txt")
    library.state.split(shorter)
    assert merged_article(library, row.key) == WHOLE._replace(deck=LONGER.deck)
    assert library.article(shorter).article == SHORTER
    assert is_sound(library)
    library.state.undo()
    assert merged_article(library, row.key) == MERGED
    assert is_sound(library)


def test_a_sponsor_and_a_section_come_only_from_versions_of_the_same_kind(library: Library) -> None:
    paid = SHORTER._replace(sponsored=CUT, sponsor="Kelbus Pay")
    keep(library, [("page/whole.txt", WHOLE), ("page/paid.txt", paid)])
    (row,) = library.listing().rows(0, 9)
    article = merged_article(library, row.key)
    assert (article.sponsor, article.section, row.sponsored) == (None, None, False)
    assert article.authors == SHORTER.authors


def test_links_lead_from_the_same_words(library: Library) -> None:
    moved = WHOLE._replace(body=(WHOLE.body[1], *WHOLE.body[1:]), headline="Another headline")
    keep(library, [("page/moved.txt", moved), ("page/shorter.txt", SHORTER)])
    for row in library.listing().rows(0, 9):
        article = merged_article(library, row.key)
        for link in article.links:
            assert link.block == HEADLINE_LINK or article.body[link.block].text[2:7] == OPENING[1][2:7]


def captures_of(library: Library, source: str) -> list[int]:
    return [key for (key,) in sql(library, "SELECT capture_key FROM captures WHERE source = ?", (source,))]


def test_check_reports_facts_that_are_out_of_date_and_mending_renews_them(path: Path) -> None:
    with Library.open(path) as library:
        keep(library, NAMES.items())
        (row,) = library.listing().rows(0, 9)
        sql(library, "UPDATE merged SET value = ? WHERE field = 'deck'", (json.dumps("Something else."),))
        assert "what other captures say about it is out of date" in [damage.what for damage in check(path)]
        sql(library, "DELETE FROM merged WHERE field = 'authors'")
        assert len(list(check(path))) > 1
    rebuild(path, lambda _: None)
    with Library.open(path) as library:
        (row,) = library.listing().rows(0, 9)
        assert merged_article(library, row.key) == MERGED
        assert is_sound(library)


def test_damaged_facts_are_an_error_that_names_the_article(library: Library) -> None:
    keep(library, NAMES.items())
    (row,) = library.listing().rows(0, 9)
    sql(library, "UPDATE merged SET value = '[1' WHERE field = 'bios'")
    with pytest.raises(LibraryError, match=f"about article {row.key} has been altered"):
        library.article(row.key)
    assert library.search("ferry").count == 1
