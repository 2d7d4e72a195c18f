"""The query worker and the write queue: the latest question counts, and everything is written in order."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Iterator
from queue import Queue
from threading import Event, current_thread
from typing import Any

import pytest

from reader.app.query_worker import QueryWorker
from reader.app.write_queue import WriteQueue
from reader.errors import LibraryError
from reader.library import Filters, Interrupted, Library, Show
from tests.app.stage import a_library
from tests.waiting import PATIENCE


@pytest.fixture
def errors() -> Queue[LibraryError]:
    return Queue()


@pytest.fixture
def queries(library: Library, errors: Queue[LibraryError]) -> Iterator[QueryWorker]:
    queries = QueryWorker(library, errors.put)
    yield queries
    queries.close()


def test_a_question_is_asked_in_another_thread_with_another_connection(
    library: Library, queries: QueryWorker
) -> None:
    answers: Queue[Any] = Queue()
    queries.ask(
        "count", lambda own: answers.put((own is library, current_thread().name, own.totals().articles))
    )
    assert answers.get(timeout=PATIENCE) == (False, "query-worker", 10)


def test_only_the_newest_of_those_that_wait_is_asked(queries: QueryWorker) -> None:
    begun, go_on = Event(), Event()
    answers: Queue[Any] = Queue()

    def slow(own: Library) -> None:
        begun.set()
        go_on.wait(PATIENCE)

    queries.ask("other", slow)
    begun.wait(PATIENCE)
    for number in range(3):
        queries.ask("list", lambda own, number=number: answers.put(number))  # type: ignore[misc]
    assert queries.busy("list")
    go_on.set()
    assert answers.get(timeout=PATIENCE) == 2
    assert answers.empty()


def test_a_question_of_another_kind_does_not_take_its_place(queries: QueryWorker) -> None:
    answers: Queue[Any] = Queue()
    queries.ask("list", lambda own: answers.put("list"))
    queries.ask("title", lambda own: answers.put("title"))
    assert {answers.get(timeout=PATIENCE), answers.get(timeout=PATIENCE)} == {"list", "title"}


def test_the_question_being_asked_is_ended_by_a_newer_one(queries: QueryWorker) -> None:
    begun = Event()
    answers: Queue[Any] = Queue()

    def endless(own: Library) -> None:
        begun.set()
        try:
            own._database.first_row(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
            )
        except Interrupted:
            answers.put("ended")
            raise

    queries.ask("list", endless)
    begun.wait(PATIENCE)
    # The query may begin a moment after this, so it is interrupted until it ends.
    queries.ask("list", lambda own: answers.put("answered"))
    while answers.empty():
        assert queries._connection is not None
        queries._connection.interrupt()
    assert [answers.get(timeout=PATIENCE), answers.get(timeout=PATIENCE)] == ["ended", "answered"]


def test_a_question_that_can_wait_is_ended_by_any_other(queries: QueryWorker) -> None:
    begun = Event()
    answers: Queue[Any] = Queue()

    def endless(own: Library) -> None:
        begun.set()
        own._database.first_row(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        )

    queries.ask("count", endless, low_priority=True)
    begun.wait(PATIENCE)
    queries.ask("open", lambda own: answers.put("opened"))
    while answers.empty():
        assert queries._connection is not None
        queries._connection.interrupt()
    assert answers.get(timeout=PATIENCE) == "opened"
    assert not queries.busy("count")


def test_a_question_that_can_wait_and_was_not_begun_is_not_asked_after_another(queries: QueryWorker) -> None:
    begun, go_on = Event(), Event()
    answers: Queue[Any] = Queue()

    def slow(own: Library) -> None:
        begun.set()
        go_on.wait(PATIENCE)

    queries.ask("other", slow)
    begun.wait(PATIENCE)
    queries.ask("count", lambda own: answers.put("counted"), low_priority=True)
    queries.ask("open", lambda own: answers.put("opened"))
    go_on.set()
    assert answers.get(timeout=PATIENCE) == "opened"
    queries.ask("other", lambda own: answers.put("other"))
    assert answers.get(timeout=PATIENCE) == "other"


def test_a_question_that_an_interruption_met_by_mistake_is_asked_again(queries: QueryWorker) -> None:
    answers: Queue[Any] = Queue()
    asked: list[int] = []

    def unlucky(own: Library) -> None:
        asked.append(1)
        if len(asked) == 1:
            raise Interrupted("meant for another")
        answers.put("answered")

    queries.ask("list", unlucky)
    assert answers.get(timeout=PATIENCE) == "answered"


def test_an_error_is_told_and_the_next_question_is_asked(
    queries: QueryWorker, errors: Queue[LibraryError]
) -> None:
    answers: Queue[Any] = Queue()

    def failing(own: Library) -> None:
        raise LibraryError("the disk is gone")

    queries.ask("list", failing)
    assert str(errors.get(timeout=PATIENCE)) == "the disk is gone"
    queries.ask("list", lambda own: answers.put("answered"))
    assert answers.get(timeout=PATIENCE) == "answered"


def test_after_closing_nothing_is_asked(queries: QueryWorker) -> None:
    answers: Queue[Any] = Queue()
    queries.ask("list", lambda own: answers.put(1))
    assert answers.get(timeout=PATIENCE) == 1
    queries.close()
    queries.ask("list", lambda own: answers.put(2))
    assert not queries.busy("list")
    assert answers.empty()


def test_an_error_that_nobody_has_foreseen_is_told_and_the_next_question_is_answered(
    queries: QueryWorker, errors: Queue[LibraryError]
) -> None:
    answers: Queue[int] = Queue()
    queries.ask("list", lambda own: answers.put(1 // 0))
    assert "ZeroDivisionError" in str(errors.get(timeout=PATIENCE))
    queries.ask("list", lambda own: answers.put(own.totals().articles))
    assert answers.get(timeout=PATIENCE) == 10


async def test_an_answer_can_be_awaited(queries: QueryWorker) -> None:
    assert (await queries.ask("count", Library.totals)).articles == 10


async def test_an_answer_that_will_not_come_is_cancelled(
    queries: QueryWorker, errors: Queue[LibraryError]
) -> None:
    begun, go_on = Event(), Event()

    def slow(own: Library) -> int:
        begun.set()
        go_on.wait(PATIENCE)
        return 1

    def failing(own: Library) -> int:
        raise LibraryError("the disk is gone")

    first = queries.ask("other", slow)
    begun.wait(PATIENCE)
    replaced = queries.ask("list", slow)
    failed = queries.ask("list", failing)
    with pytest.raises(CancelledError):
        await replaced
    go_on.set()
    assert await first == 1
    with pytest.raises(CancelledError):
        await failed
    assert str(errors.get(timeout=PATIENCE)) == "the disk is gone"
    queries.close()
    with pytest.raises(CancelledError):
        await queries.ask("list", slow)


# The writes: everything is written, in order, in its own thread


def save(number: int, library: Library) -> None:
    library.state.save_search("last", str(number))


def test_the_write_queue_writes_everything_in_order() -> None:
    with a_library() as library:
        writes, go_on = WriteQueue(library), Event()
        waited = writes.do(lambda own: go_on.wait(PATIENCE))
        saved = [writes.do(lambda own, number=number: save(number, own)) for number in range(50)]  # type: ignore[misc]
        assert writes.busy
        writes.close()
        late = writes.do(lambda own: own.state.save_search("late", "late"))
        assert late.cancelled()
        go_on.set()
        assert writes.finish(PATIENCE) is None
        assert [search.query for search in library.state.searches()] == ["49"]
        assert sum(library.state.undo() is not None for _ in range(60)) == 50
        assert waited.result() is True
        assert all(future.exception() is None for future in saved)


def test_the_write_queue_reports_an_error_and_goes_on() -> None:
    with a_library() as library:
        writes = WriteQueue(library)

        def failing(own: Library) -> None:
            raise LibraryError("the disk is gone")

        failed = writes.do(failing)
        written = writes.do(lambda own: own.state.set_read(1, True))
        with pytest.raises(LibraryError, match="the disk is gone"):
            failed.result(PATIENCE)
        written.result(PATIENCE)
        assert writes.finish(PATIENCE) is None
        assert len(library.listing(Filters(unread=Show.HIDE))) == 1


def test_what_is_in_the_queue_cannot_be_cancelled() -> None:
    with a_library() as library:
        writes, go_on = WriteQueue(library), Event()
        writes.do(lambda own: go_on.wait(PATIENCE))
        assert not writes.do(lambda own: own.state.set_read(1, True)).cancel()
        go_on.set()
        assert writes.finish(PATIENCE) is None
        assert len(library.listing(Filters(unread=Show.HIDE))) == 1


def test_what_fails_at_the_end_is_reported_at_the_end() -> None:
    with a_library() as library:
        writes, go_on = WriteQueue(library), Event()

        def failing(own: Library) -> None:
            go_on.wait(PATIENCE)
            raise LibraryError("the disk is gone")

        writes.do(failing)
        writes.do(failing)
        assert "busy" in str(writes.finish(0.01))
        go_on.set()
        assert str(writes.finish(PATIENCE)) == "the disk is gone"


def test_an_error_that_nobody_has_foreseen_is_explained_and_the_next_task_is_run() -> None:
    with a_library() as library:
        writes = WriteQueue(library)
        failed = writes.do(lambda own: 1 // 0)
        writes.do(lambda own: own.state.set_read(1, True))
        with pytest.raises(LibraryError, match="ZeroDivisionError"):
            failed.result(PATIENCE)
        assert writes.finish(PATIENCE) is None
        assert len(library.listing(Filters(unread=Show.HIDE))) == 1
