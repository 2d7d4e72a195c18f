"""Counts, authors and sponsors of a library against naive counts of what is listed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from reader.library import ArticleRow, Library
from reader.library.overview import MOST_BIOS, NameCount, Shares, names_in
from reader.model import Article, Bio, Reason
from tests.app.features import versions_stage
from tests.app.features.overview_stage import fill
from tests.commands.stage import Run
from tests.filling import add_pages, sql
from tests.generated import a_page, an_article, pages


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Library]:
    """Generated articles, some twice, stories in several captures, and some that are paid for."""
    with Library.open(tmp_path / "counted.db") as counted:
        add_pages(counted, pages(160))
        add_pages(counted, pages(80, seed=2))
        add_pages(counted, versions_stage.pages())
        fill(counted, times=2)
        yield counted


def rows(counted: Library) -> list[ArticleRow]:
    listing = counted.listing()
    return listing.rows(0, len(listing))


def shares(listed: list[ArticleRow]) -> Shares:
    kinds = [3 if row.sponsored else 2 if row.truncated else 1 if row.completed else 0 for row in listed]
    return Shares(*map(kinds.count, range(4)))


def test_shares_of_all_of_sections_and_of_months(counted: Library) -> None:
    listed, counts = rows(counted), counted.overview()
    assert counts.shares == shares(listed)
    assert counts.shares.completed
    assert sum(counts.shares) == counts.articles == len(listed)
    months = [(row.published or "")[:7] for row in listed]
    for found, names in ((counts.sections, [row.group for row in listed]), (counts.months, months)):
        assert {one.name for one in found} == set(names)
        for one in found:
            of_it = [row for row, name in zip(listed, names, strict=True) if name == one.name]
            assert (one.articles, one.shares) == (len(of_it), shares(of_it))
            assert one.truncated == sum(row.truncated for row in of_it)
    dated = [one.name for one in counts.months if one.name]
    assert dated == sorted(dated)


def test_stats_say_who_wrote_and_who_paid(counted: Library, run: Run) -> None:
    listed = rows(counted)
    (stats,) = run("stats", "--library", counted.path, "--json").objects
    authors = Counter(name for row in listed if row.authors for name in row.authors.split(", "))
    assert {one["name"]: one["articles"] for one in stats["authors"]} == dict(authors)
    paid = Counter(row.sponsor for row in listed if row.sponsored)
    assert {one["name"]: one["articles"] for one in stats["sponsors"]} == dict(paid)
    assert stats["sponsors"][-1]["name"] is None
    assert stats["shares"] == shares(listed)._asdict()
    assert sum(month["shares"]["sponsored"] for month in stats["months"]) == stats["sponsored"]
    table = run("stats", "--library", counted.path).out
    unpaid = stats["shares"]["whole"] + stats["shares"]["completed"]
    assert re.search(rf"^whole, not sponsored +{unpaid} ", table, re.MULTILINE)
    assert f"and {len(authors) - 10:,} more authors; --json has all" in table
    assert f"{stats['truncated']:,} truncated in every capture" in table
    assert "Nimbuspay" in table


def test_stats_search_exports_and_views_agree_on_months_and_sponsors(counted: Library, run: Run) -> None:
    (stats,) = run("stats", "--library", counted.path, "--json").objects
    months = {one["name"]: one["articles"] for one in stats["months"]}
    sponsors = {one["name"]: (one["articles"], one["first"], one["last"]) for one in stats["sponsors"]}
    assert months[None]
    searched = run(
        "search", "--library", counted.path, "--json", "--limit", 9_999, "is:whole OR is:truncated"
    )
    exported = run("export", "--library", counted.path, "--format", "json")
    viewed = sql(counted, "SELECT published, sponsored, sponsor FROM v_articles")
    listed = [
        [(article["published"], article["sponsored"], article["sponsor"]) for article in done.objects]
        for done in (searched, exported)
    ]
    for articles in (*listed, viewed):
        assert Counter(published and published[:7] for published, *_ in articles) == months
        paid = Counter(sponsor for _, sponsored, sponsor in articles if sponsored)
        assert paid == {name: count for name, (count, *_) in sponsors.items()}
    view = sql(counted, "SELECT sponsor, articles, first_published, last_published FROM v_sponsors")
    assert {name: tuple(counts) for name, *counts in view} == sponsors
    for month in filter(None, months):
        year, number = map(int, month.split("-"))
        following = f"{year + number // 12}-{number % 12 + 1:02}"
        assert counted.count_found(f"after:{month} before:{following}") == (months[month], False)


CUT = Reason("marker", 9, "Keep ReadingShow less")
PAID = Reason("author slot", 5, "Nimbuspay")
ADVERTISING = Reason("advertising", 3, "Book a demo")
WHITLOCK = "Anders Whitlock covers clouds for Protocol."


def made() -> Iterator[Article]:
    def story(headline: str, *authors: str, **changes: Any) -> Article:
        return an_article(**{"headline": headline, "authors": authors, **changes})

    yield story("One", "Anders Whitlock", bios=(Bio("Anders Whitlock", WHITLOCK),))
    yield story("Two", "ANDERS WHITLÖCK", published="2022-05-01", truncated=CUT)
    yield story(
        "Three",
        "Ada Reyes",
        "Anders Whitlock",
        published="2020-11-30",
        section="Policy",
        bios=(Bio(None, "Ada Reyes is an editor."), Bio(None, "Anders Whitlock is a reporter.")),
    )
    yield story("Four", "Ada Reyes", published=None)
    yield story(
        "Five", sponsored=PAID, sponsor="Nimbuspay", bios=(Bio("Nimbuspay", "Nimbuspay moves money."),)
    )
    yield story("Six", sponsored=PAID, sponsor="NIMBUSPAY", published="2021-09-09", truncated=CUT)
    yield story("Seven", sponsored=ADVERTISING)
    yield story("Eight")


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    with Library.temporary() as library:
        add_pages(
            library,
            [a_page(f"pile/{n}", article, captured="2023-05-04") for n, article in enumerate(made(), 1)],
        )
        yield library


def test_a_library_without_articles_or_names() -> None:
    with Library.temporary() as library:
        found = library.overview()
        assert found.shares == Shares()
        assert (found.sections, found.months, found.authors, found.sponsors) == ((), (), (), ())
        add_pages(library, [a_page("one", an_article(authors=()))])
        assert library.authors() == library.sponsors() == ()
        assert library.profile("Anders").totals == NameCount("Anders", 0, 0, None, None)


def test_what_there_is_of_an_author(library: Library) -> None:
    anders, ada = library.authors()
    assert (anders, anders.whole) == (NameCount("Anders Whitlock", 3, 1, "2020-11-30", "2022-05-01"), 2)
    assert ada == NameCount("Ada Reyes", 2, 0, "2020-11-30", "2020-11-30")
    assert names_in("Ada Reyes, Anders Whitlock, ADA REYES") == ("ADA REYES", "Anders Whitlock")
    assert names_in("Ada Reyes, Anders Whit…") == ("Ada Reyes",)
    found = library.profile("anders whitlock")
    assert found.totals == anders
    assert found.sections == (("China", 2), ("Policy", 1))
    assert found.years == (("2022", 1), ("2021", 1), ("2020", 1))
    assert found.sponsored == 0
    assert titles(library, found.keys) == ["Two", "One", "Three"]
    assert found.bios == (
        (WHITLOCK, "pile/1", "2021-03-04"),
        ("Anders Whitlock is a reporter.", "pile/3", "2020-11-30"),
    )


def titles(library: Library, keys: Sequence[int]) -> list[str]:
    return [piece.row.title for piece in library.profile_rows(keys)]


def test_articles_without_a_date_come_last_and_one_that_is_gone_keeps_its_place(library: Library) -> None:
    found = library.profile("Ada Reyes")
    assert found.bios == (("Ada Reyes is an editor.", "pile/3", "2020-11-30"),)
    assert found.years == (("2020", 1), ("", 1))
    assert titles(library, found.keys) == ["Three", "Four"]
    assert titles(library, [found.keys[0], 999, found.keys[1]]) == ["Three", "…", "Four"]
    assert titles(library, []) == []


def test_of_a_text_that_another_goes_on_with_only_the_longer_is_kept() -> None:
    def story(n: int, text: str) -> Article:
        bio = Bio("Lian Huarong", text)
        return an_article(headline=f"Story {n}", published=f"2021-03-{n + 1:02}", bios=(bio,))

    texts = [
        "Lian Huarong was an intern.",
        "Lian Huarong covers China and roofs.",
        "Lian Huarong covers China",
        "LIAN HUARONG COVERS CHINA AND ROOFS.",
        "Other: Lian Huarong.",
    ]
    with Library.temporary() as library:
        add_pages(library, [a_page(f"{n}", story(n, text)) for n, text in enumerate(texts)])
        said = library.profile("Lian Huarong").bios
        assert [one.text for one in said] == [texts[4], texts[3], texts[0]]
        add_pages(
            library, [a_page(f"more {n}", story(n + 9, f"Lian Huarong, version {n}.")) for n in range(9)]
        )
        assert len(library.profile("Lian Huarong").bios) == MOST_BIOS


def test_what_there_is_of_a_sponsor(library: Library) -> None:
    assert library.sponsors() == (
        NameCount("NIMBUSPAY", 2, 1, "2021-03-04", "2021-09-09"),
        NameCount("", 1, 0, "2021-03-04", "2021-03-04"),
    )
    found = library.profile("Nimbuspay", sponsor=True)
    assert found.totals == library.sponsors()[0]
    assert found.sponsored == 2
    assert [one.text for one in found.bios] == ["Nimbuspay moves money."]
    shown = library.profile_rows(found.keys)
    assert [(piece.row.title, piece.paid) for piece in shown] == [("Six", PAID), ("Five", PAID)]
    unknown = library.profile("", sponsor=True)
    assert [piece.paid for piece in library.profile_rows(unknown.keys)] == [ADVERTISING]
