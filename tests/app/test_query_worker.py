"""The query worker and the write queue: the latest question counts, and everything is written in order."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Iterator
from queue import Queue
from threading import Event
from typing import Any

import pytest

from reader.app.threads import QueryWorker, WriteQueue
from reader.errors import LibraryError
from reader.library import Filters, Interrupted, Library, Show
from tests.waiting import PATIENCE

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.fixture
def errors() -> Queue[LibraryError]:
    return Queue()


@pytest.fixture
def answers() -> Queue[Any]:
    return Queue()


@pytest.fixture
def queries(library: Library, errors: Queue[LibraryError]) -> Iterator[QueryWorker]:
    queries = QueryWorker(library, errors.put)
    yield queries
    queries.close()


class Blocked:
    """A task that goes on when it is told to."""

    def __init__(self) -> None:
        self.begun, self.go_on = Event(), Event()

    def __call__(self, own: Library) -> int:
        self.begun.set()
        assert self.go_on.wait(PATIENCE)
        return 1


def failing(own: Library) -> None:
    raise LibraryError("the disk is gone")


every_failure = pytest.mark.parametrize(
    ("task", "error"), [(failing, "the disk is gone"), (lambda _: 1 // 0, "ZeroDivisionError")]
)


def test_a_question_being_asked_is_ended_by_a_newer_one(queries: QueryWorker, answers: Queue[Any]) -> None:
    begun = Event()

    def endless(own: Library) -> None:
        begun.set()
        own._database.first_row(ENDLESS)

    queries.ask("list", endless)
    assert begun.wait(PATIENCE)
    # The query may begin a moment after this, so it is interrupted until it ends.
    queries.ask("list", lambda own: answers.put("answered"))
    while answers.empty():
        assert queries._connection is not None
        queries._connection.interrupt()
    assert answers.get(timeout=PATIENCE) == "answered"


def test_a_question_that_an_interruption_met_by_mistake_is_asked_again(
    queries: QueryWorker, answers: Queue[Any]
) -> None:
    mistakes = [Interrupted("meant for another")]

    def unlucky(own: Library) -> None:
        if mistakes:
            raise mistakes.pop()
        answers.put("answered")

    queries.ask("list", unlucky)
    assert answers.get(timeout=PATIENCE) == "answered"


@every_failure
async def test_an_error_is_told_and_the_next_question_is_answered(
    queries: QueryWorker, errors: Queue[LibraryError], task: Callable[[Library], Any], error: str
) -> None:
    failed = queries.ask("list", task)
    assert error in str(errors.get(timeout=PATIENCE))
    assert (await queries.ask("list", Library.totals)).articles == 10
    with pytest.raises(CancelledError):
        await failed


# The writes: everything is written, in order, in its own thread


def test_the_write_queue_writes_everything_in_order(library: Library) -> None:
    writes, blocked = WriteQueue(library), Blocked()
    waited = writes.do(blocked)
    saved = [
        writes.do(lambda own, number=number: own.state.save_search("last", str(number)))  # type: ignore[misc]
        for number in range(50)
    ]
    assert writes.busy
    assert not saved[0].cancel()
    assert "it takes too long" in str(writes.finish(0.01))
    late = writes.do(lambda own: own.state.save_search("late", "late"))
    assert late.cancelled()
    blocked.go_on.set()
    assert writes.finish(PATIENCE) is None
    assert [search.query for search in library.state.searches()] == ["49"]
    assert sum(library.state.undo() is not None for _ in range(60)) == 50
    assert waited.result() == 1
    assert all(future.exception() is None for future in saved)


@every_failure
def test_the_write_queue_reports_an_error_goes_on_and_tells_of_one_at_the_end(
    library: Library, task: Callable[[Library], Any], error: str
) -> None:
    writes, blocked = WriteQueue(library), Blocked()
    failed = writes.do(task)
    written = writes.do(lambda own: own.state.set_read(1, True))
    with pytest.raises(LibraryError, match=error):
        failed.result(PATIENCE)
    written.result(PATIENCE)
    assert len(library.listing(Filters(unread=Show.HIDE))) == 1
    writes.do(blocked)
    writes.do(task)
    assert "it takes too long" in str(writes.finish(0.01))
    blocked.go_on.set()
    assert error in str(writes.finish(PATIENCE))
