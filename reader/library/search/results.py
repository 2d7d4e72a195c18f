"""The results of a search, as records. Kept apart from the searcher, which the app loads only for a search."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from reader.library.listings.listing import ArticleRow

MOST_COUNTED = 10_000
"""The most matches that are counted."""
MOST_RANKED = 2_000
"""How many of the newest matches are ranked by relevance."""


class Order(Enum):
    """The order of matches."""

    NEWEST = "newest"
    """By printed date, the latest first; those without one last."""
    RELEVANCE = "relevance"
    """The newest `MOST_RANKED` matches by BM25: rare words, and words used often in an article, count most."""


class Hit(NamedTuple):
    """An article that matches, with a passage to show."""

    row: ArticleRow
    passage: str
    """The part of its text that matches, at most `passages.MOST_CHARACTERS`; if none does, how the text begins."""
    marks: tuple[tuple[int, int], ...] = ()
    """Start and end of each match in the passage, in order."""
    title_marks: tuple[tuple[int, int], ...] = ()
    """The same in `row.title`."""


class Results(NamedTuple):
    """A page of matches."""

    hits: tuple[Hit, ...]
    count: int  # type: ignore[assignment]  # it hides the method of tuples
    """How many articles match; if `capped`, at least this many."""
    capped: bool
    """True if there may be more than `count`: counting stopped at `MOST_COUNTED` or took too long."""
    after: int | None
    """The `after` of the next page; None on the last."""
    query: str
    until: str | None = None
    """If the search ran out of time, the date (YYYY-MM-DD) it came to; older matches are on the next page.
    "" if only articles without a date are left. None if the page is complete."""
