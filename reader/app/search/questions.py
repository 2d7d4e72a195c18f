"""What the search screen asks the library in the background. Each answer comes back as a message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.message import Message
from textual.message_pump import MessagePump

from reader.app.query_worker import QueryWorker
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
    """A search. Equal requests have the same answer as long as the library does not change."""

    query: str
    order: Order
    typing: bool
    """Whether the last word may be incomplete."""


class OpenedHit(NamedTuple):
    """A hit with the article to read."""

    row: ArticleRow
    stored: StoredArticle
    places: Sequence[MatchSpan]
    """Where the query matches, in page order."""
    number: int
    """Index among the hits, from 0."""


class SearchAnswered(Message):
    """The first hits of a search, or what is wrong with the query."""

    def __init__(self, request: SearchRequest, results: Results | None, fault: Fault | None) -> None:
        super().__init__()
        self.request = request
        self.results = results
        self.fault = fault


class HitsFetched(Message):
    """The next page of hits."""

    def __init__(self, request: SearchRequest, results: Results) -> None:
        super().__init__()
        self.request = request
        self.results = results


class HitsCounted(Message):
    """How many stories match; at least that many if `capped`."""

    def __init__(self, request: SearchRequest, count: int, capped: bool) -> None:
        super().__init__()
        self.request = request
        self.count = count
        self.capped = capped


class HitLoaded(Message):
    """The article of a hit."""

    def __init__(self, hit: OpenedHit) -> None:
        super().__init__()
        self.hit = hit


def ask_search(queries: QueryWorker, reply_to: MessagePump, request: SearchRequest, limit: int) -> None:
    """Start a search for the first `limit` hits. It replaces a search that is still running."""

    def question(own: Library) -> None:
        try:
            results = own.search(request.query, order=request.order, limit=limit, typing=request.typing)
        except QueryError as error:
            fault = Fault(error.reason, error.position, error.length)
            reply_to.post_message(SearchAnswered(request, None, fault))
        else:
            reply_to.post_message(SearchAnswered(request, results, None))

    queries.ask("search", question)


def ask_more(queries: QueryWorker, reply_to: MessagePump, request: SearchRequest, last: Results) -> None:
    """Fetch the hits that follow `last`."""

    def question(own: Library) -> None:
        more = own.search(
            request.query, order=request.order, limit=PAGE, after=last.after, typing=request.typing
        )
        reply_to.post_message(HitsFetched(request, more))

    queries.ask("more", question)


def ask_count(queries: QueryWorker, reply_to: MessagePump, request: SearchRequest) -> None:
    """Count all hits, for longer than the search itself may take. Any other question goes first."""

    def question(own: Library) -> None:
        count, capped = own.count_found(request.query, typing=request.typing)
        reply_to.post_message(HitsCounted(request, count, capped))

    queries.ask("count", question, can_wait=True)


def ask_hit(
    queries: QueryWorker, reply_to: MessagePump, request: SearchRequest, hit: Hit, number: int
) -> None:
    """Load the article of a hit and find the matches in it."""

    def question(own: Library) -> None:
        stored = own.article(hit.row.key)
        try:
            places = find_places(stored.article, request.query)
        except QueryError:
            places = []
        reply_to.post_message(HitLoaded(OpenedHit(hit.row, stored, places, number)))

    queries.ask("open", question)
