"""The clerk: the newest question of each kind is answered, in its own thread, with its own connection."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Queue
from threading import Event, current_thread
from typing import Any

import pytest

from reader.app.clerk import Clerk
from reader.errors import LibraryError
from reader.library import Interrupted, Library
from tests.app_stage import a_library

PATIENCE = 5.0


@pytest.fixture
def library() -> Iterator[Library]:
    with a_library() as library:
        yield library


@pytest.fixture
def errors() -> Queue[LibraryError]:
    return Queue()


@pytest.fixture
def clerk(library: Library, errors: Queue[LibraryError]) -> Iterator[Clerk]:
    clerk = Clerk(library, errors.put)
    yield clerk
    clerk.close()


def test_a_question_is_asked_in_another_thread_with_another_connection(
    library: Library, clerk: Clerk
) -> None:
    answers: Queue[Any] = Queue()
    clerk.ask(
        "count", lambda own: answers.put((own is library, current_thread().name, own.totals().articles))
    )
    assert answers.get(timeout=PATIENCE) == (False, "clerk", 10)


def test_only_the_newest_of_those_that_wait_is_asked(clerk: Clerk) -> None:
    begun, go_on = Event(), Event()
    answers: Queue[Any] = Queue()

    def slow(own: Library) -> None:
        begun.set()
        go_on.wait(PATIENCE)

    clerk.ask("other", slow)
    begun.wait(PATIENCE)
    for number in range(3):
        clerk.ask("list", lambda own, number=number: answers.put(number))  # type: ignore[misc]
    assert clerk.busy("list")
    go_on.set()
    assert answers.get(timeout=PATIENCE) == 2
    assert answers.empty()


def test_a_question_of_another_kind_does_not_take_its_place(clerk: Clerk) -> None:
    answers: Queue[Any] = Queue()
    clerk.ask("list", lambda own: answers.put("list"))
    clerk.ask("title", lambda own: answers.put("title"))
    assert {answers.get(timeout=PATIENCE), answers.get(timeout=PATIENCE)} == {"list", "title"}


def test_the_question_being_asked_is_ended_by_a_newer_one(clerk: Clerk) -> None:
    begun = Event()
    answers: Queue[Any] = Queue()

    def endless(own: Library) -> None:
        begun.set()
        try:
            own._database.one(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
            )
        except Interrupted:
            answers.put("ended")
            raise

    clerk.ask("list", endless)
    begun.wait(PATIENCE)
    # The query may begin a moment after this, so it is interrupted until it ends.
    clerk.ask("list", lambda own: answers.put("answered"))
    while answers.empty():
        assert clerk._own is not None
        clerk._own.interrupt()
    assert [answers.get(timeout=PATIENCE), answers.get(timeout=PATIENCE)] == ["ended", "answered"]


def test_a_question_that_can_wait_is_ended_by_any_other(clerk: Clerk) -> None:
    begun = Event()
    answers: Queue[Any] = Queue()

    def endless(own: Library) -> None:
        begun.set()
        own._database.one(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        )

    clerk.ask("count", endless, can_wait=True)
    begun.wait(PATIENCE)
    clerk.ask("open", lambda own: answers.put("opened"))
    while answers.empty():
        assert clerk._own is not None
        clerk._own.interrupt()
    assert answers.get(timeout=PATIENCE) == "opened"
    assert not clerk.busy("count")


def test_a_question_that_can_wait_and_was_not_begun_is_not_asked_after_another(clerk: Clerk) -> None:
    begun, go_on = Event(), Event()
    answers: Queue[Any] = Queue()

    def slow(own: Library) -> None:
        begun.set()
        go_on.wait(PATIENCE)

    clerk.ask("other", slow)
    begun.wait(PATIENCE)
    clerk.ask("count", lambda own: answers.put("counted"), can_wait=True)
    clerk.ask("open", lambda own: answers.put("opened"))
    go_on.set()
    assert answers.get(timeout=PATIENCE) == "opened"
    clerk.ask("other", lambda own: answers.put("other"))
    assert answers.get(timeout=PATIENCE) == "other"


def test_a_question_that_an_interruption_met_by_mistake_is_asked_again(clerk: Clerk) -> None:
    answers: Queue[Any] = Queue()
    asked: list[int] = []

    def unlucky(own: Library) -> None:
        asked.append(1)
        if len(asked) == 1:
            raise Interrupted("meant for another")
        answers.put("answered")

    clerk.ask("list", unlucky)
    assert answers.get(timeout=PATIENCE) == "answered"


def test_an_error_is_told_and_the_next_question_is_asked(clerk: Clerk, errors: Queue[LibraryError]) -> None:
    answers: Queue[Any] = Queue()

    def failing(own: Library) -> None:
        raise LibraryError("the disk is gone")

    clerk.ask("list", failing)
    assert str(errors.get(timeout=PATIENCE)) == "the disk is gone"
    clerk.ask("list", lambda own: answers.put("answered"))
    assert answers.get(timeout=PATIENCE) == "answered"


def test_after_closing_nothing_is_asked(clerk: Clerk) -> None:
    answers: Queue[Any] = Queue()
    clerk.ask("list", lambda own: answers.put(1))
    assert answers.get(timeout=PATIENCE) == 1
    clerk.close()
    clerk.ask("list", lambda own: answers.put(2))
    assert not clerk.busy("list")
    assert answers.empty()


def test_an_error_that_nobody_has_foreseen_is_told_and_the_next_question_is_answered(
    clerk: Clerk, errors: Queue[LibraryError]
) -> None:
    answers: Queue[int] = Queue()
    clerk.ask("list", lambda own: answers.put(1 // 0))
    assert "ZeroDivisionError" in str(errors.get(timeout=PATIENCE))
    clerk.ask("list", lambda own: answers.put(own.totals().articles))
    assert answers.get(timeout=PATIENCE) == 10
