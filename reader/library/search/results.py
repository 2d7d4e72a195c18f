"""The results of a search as records. Pure."""

from enum import Enum
from typing import NamedTuple

from reader.library.listing import ArticleRow

MOST_COUNTED = 10_000
MOST_RANKED = 2_000
"""How many of the newest matches are ranked by relevance."""


class Order(Enum):
    """The order of matches."""

    NEWEST = "newest"
    """By printed date, the newest first, undated ones last."""
    RELEVANCE = "relevance"
    """The newest `MOST_RANKED` matches by BM25, which favours rare words and words that an article uses often."""


class Hit(NamedTuple):
    """A matching article, with a passage to show."""

    row: ArticleRow
    passage: str
    """The part of its text that matches, or else its beginning; at most `passages.MOST_CHARACTERS`."""
    marks: tuple[tuple[int, int], ...] = ()
    """Start and end of each match in the passage, in order."""
    title_marks: tuple[tuple[int, int], ...] = ()


class Results(NamedTuple):
    """A page of matches."""

    hits: tuple[Hit, ...]
    count: int  # type: ignore[assignment]  # hides a method of tuples
    """The number of matching articles, or the least number if `capped`."""
    capped: bool
    """True if there may be more than `count`: counting stopped at `MOST_COUNTED` or took too long."""
    after: int | None
    """The `after` of the next page; None on the last."""
    query: str


class SavedSearch(NamedTuple):
    """A search under a name."""

    name: str
    query: str
