"""What the overview tells of a library: its counts, and who wrote and who paid most."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from reader.library.counts import Counts, count_now
from reader.library.database import Database
from reader.library.folding import fold
from reader.library.schema import SPONSORED_ID
from reader.library.schema_seen import DATE

TOP = 10
"""How many authors and sponsors are named."""


class AuthorCount(NamedTuple):
    """The articles that somebody signed, alone or with others."""

    name: str
    """As it is mostly written."""
    articles: int
    truncated: int
    """Those that no capture has whole."""


class SponsorCount(NamedTuple):
    """What somebody paid for."""

    name: str
    """As it is mostly written; "" for all that was paid for nobody knows by whom."""
    articles: int
    first: str | None
    """The day of the first, YYYY-MM-DD, printed or else of its capture; None where none has one."""
    last: str | None


class Overview(NamedTuple):
    """A library at one moment."""

    counts: Counts
    authors: tuple[AuthorCount, ...]
    """Those with most articles, most first."""
    all_authors: int
    """How many there are."""
    sponsors: tuple[SponsorCount, ...]
    all_sponsors: int


def overview(database: Database) -> Overview:
    """Look all of it over; a matter of a second or two at 1,000,000 articles."""
    with database.reading():
        counts = count_now(database)
        written, paid = authors(database), sponsors(database)
    return Overview(counts, tuple(written[:TOP]), len(written), tuple(paid[:TOP]), len(paid))


def authors(database: Database) -> list[AuthorCount]:
    """Everybody who signed something, most articles first."""
    found: dict[str, list[AuthorCount]] = {}
    rows = database.all(
        "SELECT authors, count(*), sum(truncated) FROM articles WHERE seq IS NOT NULL AND authors <> ''"
        " GROUP BY authors"
    )
    for names, articles, truncated in rows:
        for name in dict.fromkeys(names.split(", ")):
            found.setdefault(fold(name), []).append(AuthorCount(name, articles, truncated))
    return _most_first(
        AuthorCount(
            _usual(spellings), sum(one.articles for one in spellings), sum(one.truncated for one in spellings)
        )
        for folded, spellings in found.items()
        if folded
    )


def sponsors(database: Database) -> list[SponsorCount]:
    """Everybody who paid for something, most articles first; the unnamed last."""
    found: dict[str, list[SponsorCount]] = {}
    rows = database.all(
        f"SELECT coalesce(sponsor, ''), count(*), min({DATE}), max({DATE}) FROM articles a INDEXED BY articles_listed"
        " WHERE group_id = ? AND seq IS NOT NULL GROUP BY 1",
        (SPONSORED_ID,),
    )
    for name, articles, first, last in rows:
        found.setdefault(fold(name), []).append(SponsorCount(name, articles, first, last))
    together = [
        SponsorCount(
            _usual(spellings),
            sum(one.articles for one in spellings),
            min(filter(None, (one.first for one in spellings)), default=None),
            max(filter(None, (one.last for one in spellings)), default=None),
        )
        for spellings in found.values()
    ]
    return sorted(_most_first(together), key=lambda one: not one.name)


One = TypeVar("One", AuthorCount, SponsorCount)


def _usual(spellings: Iterable[One]) -> str:
    """The spelling that most articles have."""
    return max(spellings, key=lambda one: (one.articles, one.name)).name


def _most_first(counts: Iterable[One]) -> list[One]:
    return sorted(counts, key=lambda one: (-one.articles, fold(one.name), one.name))
