"""Background queries of the search screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reader.app.search.bars import Fault
from reader.errors import QueryError
from reader.library import ArticleRow, Library, StoredArticle
from reader.library.search.results import Hit, Order, Results
from reader.library.search.searcher import find_places

PAGE = 100
"""How many hits are fetched at a time after the first page."""

MatchSpan = tuple[int, int, int]
"""A match in an article: block, first character, end."""


class SearchRequest(NamedTuple):
    """A search. Equal requests have equal answers until the library changes."""

    query: str
    order: Order
    typing: bool
    """May the last word be incomplete?"""


class OpenedHit(NamedTuple):
    """A hit with the article to read."""

    row: ArticleRow
    stored: StoredArticle
    places: Sequence[MatchSpan]
    """Where the query matches, in page order."""
    number: int
    """Index among the hits, from 0."""


def first_hits(library: Library, request: SearchRequest, limit: int) -> Results | Fault:
    """The first hits of a search, or the fault of its query."""
    try:
        return library.search(request.query, order=request.order, limit=limit, typing=request.typing)
    except QueryError as error:
        return Fault(error.reason, error.position, error.length)


def more_hits(library: Library, request: SearchRequest, last: Results) -> Results:
    """The hits that follow `last`."""
    return library.search(
        request.query, order=request.order, limit=PAGE, after=last.after, typing=request.typing
    )


def open_hit(library: Library, request: SearchRequest, hit: Hit, number: int) -> OpenedHit:
    """Load the article of a hit and find the matches in it."""
    stored = library.article(hit.row.key)
    try:
        places = find_places(stored.article, request.query, stems=library.stems)
    except QueryError:
        places = []
    return OpenedHit(hit.row, stored, places, number)
