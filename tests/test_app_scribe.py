"""The scribe: everything is written, in order, in its own thread."""

from __future__ import annotations

from queue import Queue
from threading import Event

from reader.app.scribe import Scribe
from reader.errors import LibraryError
from reader.library import Filters, Library, Show
from tests.app_stage import a_library

PATIENCE = 5.0


def test_the_scribe_writes_everything_in_order() -> None:
    with a_library() as library:
        scribe, go_on, errors = Scribe(library), Event(), Queue[LibraryError]()
        scribe.do(lambda own: go_on.wait(PATIENCE), errors.put)
        for number in range(50):
            scribe.do(lambda own, number=number: own.state.save_search("last", str(number)), errors.put)  # type: ignore[misc]
        assert scribe.busy
        scribe.close()
        scribe.do(lambda own: own.state.save_search("late", "late"), errors.put)
        go_on.set()
        assert scribe.finish(PATIENCE) is None
        assert [search.query for search in library.state.searches()] == ["49"]
        assert sum(library.state.undo() is not None for _ in range(60)) == 50
        assert errors.empty()


def test_the_scribe_tells_of_an_error_and_goes_on() -> None:
    with a_library() as library:
        scribe, errors = Scribe(library), Queue[LibraryError]()

        def failing(own: Library) -> None:
            raise LibraryError("the disk is gone")

        scribe.do(failing, errors.put)
        scribe.do(lambda own: own.state.set_read(1, True), errors.put)
        assert str(errors.get(timeout=PATIENCE)) == "the disk is gone"
        assert scribe.finish(PATIENCE) is None
        assert len(library.listing(Filters(unread=Show.HIDE))) == 1


def test_what_fails_at_the_end_is_told_at_the_end() -> None:
    with a_library() as library:
        scribe, go_on, errors = Scribe(library), Event(), Queue[LibraryError]()

        def failing(own: Library) -> None:
            go_on.wait(PATIENCE)
            raise LibraryError("the disk is gone")

        scribe.do(failing, errors.put)
        scribe.do(failing, errors.put)
        assert "busy" in str(scribe.finish(0.01))
        go_on.set()
        assert str(scribe.finish(PATIENCE)) == "the disk is gone"
        assert errors.empty()


def test_an_error_that_nobody_has_foreseen_is_told_and_the_next_task_is_done() -> None:
    with a_library() as library:
        scribe, errors = Scribe(library), Queue[LibraryError]()
        scribe.do(lambda own: 1 // 0, errors.put)
        scribe.do(lambda own: own.state.set_read(1, True), errors.put)
        assert "ZeroDivisionError" in str(errors.get(timeout=PATIENCE))
        assert scribe.finish(PATIENCE) is None
        assert len(library.listing(Filters(unread=Show.HIDE))) == 1
