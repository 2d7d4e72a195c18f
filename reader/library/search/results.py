"""What a search answers."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from reader.library.listing import ArticleRow

MOST_COUNTED = 10_000
"""Up to so many matches are counted."""
MOST_RANKED = 2_000
"""So many of the newest matches are put in order of relevance."""


class Order(Enum):
    """The order of matches."""

    NEWEST = "newest"
    """By printed date, the latest first; those without one last."""
    RELEVANCE = "relevance"
    """The newest `MOST_RANKED` matches, those first that have the words most often in the fewest others."""


class Hit(NamedTuple):
    """An article that matches, and where."""

    row: ArticleRow
    passage: str
    """The matching stretch of its text, at most `passages.MOST_CHARACTERS`; else how the text begins."""
    marks: tuple[tuple[int, int], ...] = ()
    """What matches in the passage: start and end of each, in order."""
    title_marks: tuple[tuple[int, int], ...] = ()
    """The same in `row.title`."""


class Results(NamedTuple):
    """A page of matches."""

    hits: tuple[Hit, ...]
    count: int  # type: ignore[assignment]  # it hides the method of tuples
    """How many articles match in all; at least so many where `capped`."""
    capped: bool
    """True when there may be more than `count`: the counting stopped at `MOST_COUNTED` or took too long."""
    after: int | None
    """What the next page is asked for with; None when there is none."""
    query: str
    until: str | None = None
    """When looking took too long: the date (YYYY-MM-DD) that it came back to. Older ones are on the next page.
    "" when only articles without a date are left."""
