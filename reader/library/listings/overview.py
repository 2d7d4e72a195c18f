"""Counts the articles of a library by section, month, author, sponsor and completeness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.database.schema import DATE, IS_SKIPPED, SPONSORED_ID
from reader.library.listings.listing import read_groups
from reader.library.listings.people import Name, authors, sponsors

TOP = 10
"""How many authors and sponsors to name by default."""


class Shares(NamedTuple):
    """How many articles are of each kind; the kinds do not overlap."""

    whole: int = 0
    """Complete, and cut off in no capture."""
    completed: int = 0
    """Complete, though another capture has only the start."""
    truncated: int = 0
    """Complete in no capture."""
    sponsored: int = 0
    """Paid for, complete or not."""


class Count(NamedTuple):
    """The articles of a section or month, each counted once, however many captures show it."""

    name: str
    """A section, or YYYY-MM; "" for articles without a date."""
    articles: int
    truncated: int
    """Articles that no capture has complete, paid for or not."""
    shares: Shares = Shares()


class Counts(NamedTuple):
    """The numbers of a library at one moment."""

    captures: int
    partial_captures: int
    problems: int
    """Files that could not be read, or only in part."""
    skipped: int
    """Files, and parts of files, that were skipped on purpose."""
    articles: int
    """Articles listed."""
    occurrences: int
    """How often captures show them."""
    whole: int
    truncated: int
    completed: int
    """Complete articles that another capture cuts off."""
    sponsored: int
    unread: int
    starred: int
    shares: Shares
    """The shares of all listed articles."""
    sections: tuple[Count, ...]
    """In display order."""
    months: tuple[Count, ...]
    """The oldest first, undated ones last."""

    @property
    def sponsored_words(self) -> str:
        """The name of the share of sponsored articles, which no other share counts, though some are truncated."""
        cut_off = self.truncated - self.shares.truncated
        return f"sponsored, {cut_off:,} of them truncated" if cut_off else "sponsored"


class Overview(NamedTuple):
    """A library at one moment."""

    counts: Counts
    authors: tuple[Name, ...]
    """The authors with the most articles, most first."""
    all_authors: int
    """The total number."""
    sponsors: tuple[Name, ...]
    """The sponsors with the most articles, most first; "" for unnamed sponsors, last."""
    all_sponsors: int


def overview(database: Database, top: int | None = TOP) -> Overview:
    """Count everything; see `Library.overview`."""
    with database.reading():
        counts = _count(database)
        written, paid = authors(database), sponsors(database)
    return Overview(counts, written[:top], len(written), paid[:top], len(paid))


def _count(database: Database) -> Counts:
    captures, partial, problems, skipped = database.numbers(
        "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM captures WHERE partial IS NOT NULL),"
        f" (SELECT count(*) FROM problems WHERE NOT {IS_SKIPPED}),"
        f" (SELECT count(*) FROM problems WHERE {IS_SKIPPED})"
    )
    cells = [
        _Cell(*row)
        for row in database.all(
            f"SELECT group_id, coalesce(substr({DATE}, 1, 7), ''), count(*), sum(truncated), sum(completed)"
            " FROM articles a WHERE listed GROUP BY 1, 2"
        )
    ]
    by_group: dict[int, list[_Cell]] = {}
    by_month: dict[str, list[_Cell]] = {}
    for cell in cells:
        by_group.setdefault(cell.group_id, []).append(cell)
        by_month.setdefault(cell.month, []).append(cell)
    total = _together("", cells)
    return Counts(
        captures=captures,
        partial_captures=partial,
        problems=problems,
        skipped=skipped,
        articles=total.articles,
        occurrences=database.number("SELECT count(*) FROM articles"),
        whole=total.articles - total.truncated,
        truncated=total.truncated,
        completed=sum(cell.completed for cell in cells),
        sponsored=total.shares.sponsored,
        unread=total.articles - database.number("SELECT count(*) FROM read_articles"),
        starred=database.number("SELECT count(*) FROM starred_articles"),
        shares=total.shares,
        sections=tuple(
            _together(group.name, by_group.get(group.group_id, ())) for group in read_groups(database)
        ),
        months=tuple(
            _together(month, by_month[month])
            for month in sorted(by_month, key=lambda month: (not month, month))
        ),
    )


class _Cell(NamedTuple):
    """The articles of a group and a month."""

    group_id: int
    month: str
    articles: int
    truncated: int
    completed: int


def _together(name: str, cells: Sequence[_Cell]) -> Count:
    paid = [cell for cell in cells if cell.group_id == SPONSORED_ID]
    own = [cell for cell in cells if cell.group_id != SPONSORED_ID]
    truncated, completed = sum(cell.truncated for cell in own), sum(cell.completed for cell in own)
    whole = sum(cell.articles for cell in own) - truncated - completed
    shares = Shares(whole, completed, truncated, sponsored=sum(cell.articles for cell in paid))
    return Count(name, sum(shares), truncated + sum(cell.truncated for cell in paid), shares)
