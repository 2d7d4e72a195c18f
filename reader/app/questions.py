"""What is asked of a library when something is searched, as the query worker answers it: each a message of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import NamedTuple, Protocol

from textual.message import Message
from textual.message_pump import MessagePump

from reader.app.query_worker import QueryWorker
from reader.app.search.texts import Fault
from reader.app.write_queue import Result, Task
from reader.errors import QueryError
from reader.library import ArticleRow, Library, StoredArticle
from reader.library.search.results import Hit, Order, Results

PAGE = 100
"""How many hits are fetched at a time after the first ones."""

Found = tuple[int, int, int]
"""A match in an article: block, first character, end."""


class Write(Protocol):
    """Has a task write to the library in a thread of its own; what is awaited is its result, or LibraryError."""

    def __call__(self, task: Task[Result]) -> Awaitable[Result]:
        """Put the task in the queue, now."""


class Asked(NamedTuple):
    """A search; equal ones have the same answer while the library stays as it is."""

    query: str
    order: Order
    typing: bool
    """Whether the last word may go on."""


class Opened(NamedTuple):
    """A hit to be read."""

    row: ArticleRow
    stored: StoredArticle
    places: Sequence[Found]
    """Where the query matches, in page order."""
    number: int
    """Which hit it is, from 0."""


class Answered(Message):
    """What a search has found, or what is wrong with it."""

    def __init__(self, asked: Asked, results: Results | None, fault: Fault | None) -> None:
        super().__init__()
        self.asked = asked
        self.results = results
        self.fault = fault


class Fetched(Message):
    """More hits of a search."""

    def __init__(self, asked: Asked, results: Results) -> None:
        super().__init__()
        self.asked = asked
        self.results = results


class Counted(Message):
    """How many stories a search finds: at least so many where `capped`."""

    def __init__(self, asked: Asked, count: int, capped: bool) -> None:
        super().__init__()
        self.asked = asked
        self.count = count
        self.capped = capped


class HitOpened(Message):
    """A hit with its whole article."""

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self.opened = opened


def ask_search(queries: QueryWorker, reply_to: MessagePump, asked: Asked, limit: int) -> None:
    """Have a search begun, for so many hits at first; it ends one that is going on."""

    def question(own: Library) -> None:
        try:
            results = own.search(asked.query, order=asked.order, limit=limit, typing=asked.typing)
        except QueryError as error:
            fault = Fault(error.reason, error.position, error.length)
            reply_to.post_message(Answered(asked, None, fault))
        else:
            reply_to.post_message(Answered(asked, results, None))

    queries.ask("search", question)


def ask_more(queries: QueryWorker, reply_to: MessagePump, asked: Asked, last: Results) -> None:
    """Have the hits fetched that follow `last`."""

    def question(own: Library) -> None:
        more = own.search(asked.query, order=asked.order, limit=PAGE, after=last.after, typing=asked.typing)
        reply_to.post_message(Fetched(asked, more))

    queries.ask("more", question)


def ask_count(queries: QueryWorker, reply_to: MessagePump, asked: Asked) -> None:
    """Have the hits of a search counted, in more time than it had, unless something else is asked."""

    def question(own: Library) -> None:
        count, capped = own.count_found(asked.query, typing=asked.typing)
        reply_to.post_message(Counted(asked, count, capped))

    queries.ask("count", question, can_wait=True)


def ask_hit(queries: QueryWorker, reply_to: MessagePump, asked: Asked, hit: Hit, number: int) -> None:
    """Have a hit's article read, and what matches in it found."""

    def question(own: Library) -> None:
        from reader.library.search.searcher import find_places

        stored = own.article(hit.row.key)
        try:
            places = find_places(stored.article, asked.query)
        except QueryError:
            places = []
        reply_to.post_message(HitOpened(Opened(hit.row, stored, places, number)))

    queries.ask("open", question)
