"""What a library holds, counted: every number against a naive count of what is listed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from reader.cli import main
from reader.library import ArticleRow, Library
from reader.library.listings.overview import Shares
from tests import versions_stage
from tests.filling import add_pages
from tests.generated import pages
from tests.overview_stage import fill


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Generated articles, some twice, stories in several captures, and some that are paid for."""
    with Library.open(tmp_path / "library.db") as library:
        add_pages(library, pages(160))
        add_pages(library, pages(80, seed=2))
        add_pages(library, versions_stage.pages())
        fill(library, times=2)
        yield library


def rows(library: Library) -> list[ArticleRow]:
    listing = library.listing()
    return listing.rows(0, len(listing))


def part(row: ArticleRow) -> int:
    return 3 if row.sponsored else 2 if row.truncated else 1 if row.completed else 0


def shares(listed: list[ArticleRow]) -> Shares:
    found = Counter(map(part, listed))
    return Shares(*(found[number] for number in range(4)))


def month_of(library: Library, row: ArticleRow) -> str:
    if row.published is not None:
        return row.published[:7]
    return (library.article(row.key).captured or "")[:7]


def test_shares_of_all_of_sections_and_of_months(library: Library) -> None:
    listed, counts = rows(library), library.overview().counts
    assert counts.shares == shares(listed)
    assert counts.shares.completed
    assert sum(counts.shares) == counts.articles == len(listed)
    for one in counts.sections:
        of_it = [row for row in listed if row.group == one.name]
        assert (one.articles, one.shares) == (len(of_it), shares(of_it))
        assert one.truncated == sum(row.truncated for row in of_it)
    months = {row.key: month_of(library, row) for row in listed}
    assert {one.name for one in counts.months} == set(months.values())
    for one in counts.months:
        of_it = [row for row in listed if months[row.key] == one.name]
        assert (one.articles, one.shares) == (len(of_it), shares(of_it))
        assert one.truncated == sum(row.truncated for row in of_it)
    dated = [one.name for one in counts.months if one.name]
    assert dated == sorted(dated)


def test_an_empty_library_has_nothing() -> None:
    with Library.temporary() as library:
        found = library.overview()
    assert found.counts.shares == Shares()
    assert (found.counts.sections, found.counts.months, found.authors, found.sponsors) == ((), (), (), ())


def test_stats_say_who_wrote_and_who_paid(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    listed = rows(library)
    assert main(["stats", "--library", str(library.path), "--json"]) == 0
    stats = json.loads(capsys.readouterr().out)
    authors = Counter(name for row in listed if row.authors for name in row.authors.split(", "))
    assert {one["name"]: one["articles"] for one in stats["authors"]} == dict(authors)
    paid = Counter(row.sponsor for row in listed if row.sponsored)
    assert {one["name"]: one["articles"] for one in stats["sponsors"]} == dict(paid)
    assert stats["sponsors"][-1]["name"] is None
    assert stats["shares"] == shares(listed)._asdict()
    assert sum(month["shares"]["sponsored"] for month in stats["months"]) == stats["sponsored"]
    assert main(["stats", "--library", str(library.path)]) == 0
    table = capsys.readouterr().out
    assert f"and {len(authors) - 10:,} more authors; --json has all" in table
    assert f"{stats['truncated']:,} known only by their openings" in table
    assert "Nimbuspay" in table
