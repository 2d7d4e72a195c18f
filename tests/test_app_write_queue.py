"""The writes: everything is written, in order, in its own thread."""

from __future__ import annotations

from threading import Event

import pytest

from reader.app.write_queue import WriteQueue
from reader.errors import LibraryError
from reader.library import Filters, Library, Show
from tests.app_stage import a_library

PATIENCE = 5.0


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
