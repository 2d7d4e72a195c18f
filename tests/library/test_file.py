"""The library file is made, refused, damaged, locked or full, and errors say what to do."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Timer

import pytest

import reader.library.actions  # noqa: F401 (imported on a full disk, its compiled file would be cut off)
from reader.errors import LibraryError
from reader.library import Library
from reader.library.database.schema import PAGE_BYTES, SCHEMA_VERSION
from reader.library.repair import check
from reader.permissions import LIBRARY_ID
from tests.commands.stage import Run
from tests.filling import add_pages, sql
from tests.generated import a_page, an_article, build
from tests.paths import ROOT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.db"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with 80 articles, which no test changes."""
    path = tmp_path_factory.mktemp("original") / "library.db"
    build(path, 80)
    return path


@pytest.fixture
def filled(original: Path, path: Path) -> Path:
    return Path(shutil.copy(original, path))


def read_everything(path: Path) -> None:
    with Library.open(path) as library:
        listing = library.listing()
        for row in listing.rows(0, len(listing)):
            library.capture(library.article(row.key).capture_key)
        library.totals()
        library.stamps()
        library.problems()


def test_a_new_or_empty_file_is_marked_as_ours_and_what_is_no_file_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    for path in (tmp_path / "empty.db", tmp_path / "new.db"):
        with Library.open(path):
            head = path.read_bytes()[:72]  # while open: not only in the write-ahead log
        assert int.from_bytes(head[68:72], "big") == LIBRARY_ID
        assert int.from_bytes(head[60:64], "big") == SCHEMA_VERSION
        assert sql(path, "PRAGMA page_size") == [(PAGE_BYTES,)]
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "note").write_text("x")
    for name, says in (
        ("", "not a file"),
        ("pipe", "not a file"),
        ("note/library.db", "cannot create the library's"),
    ):
        with pytest.raises(LibraryError, match=says):
            Library.open(tmp_path / name)


@pytest.mark.parametrize(
    "content",
    [
        b"Protocol | China\n\nThe lettuce on the roof\n" * 9,
        b"SQLite format 3\0",
        b"x",
        bytes(4096),
        "CREATE TABLE bills (amount)",
        "PRAGMA application_id=77",
        "PRAGMA user_version=3",
    ],
)
def test_another_file_and_the_database_of_another_program_are_refused_untouched(
    path: Path, content: bytes | str
) -> None:
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        sql(path, content)
    before = path.read_bytes()
    says = "not a library of Protocol Reader" if isinstance(content, bytes) else "another program"
    for use in (Library.open, lambda path: list(check(path))):
        with pytest.raises(LibraryError, match=says) as caught:
            use(path)
        assert str(path) in str(caught.value)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE records SET record = '' WHERE key = 9", "article 9 of pile"),
        (
            "UPDATE records SET record = CAST('[1]' AS BLOB), digest = '{digest}' WHERE key = 9",
            "article 9 of pile",
        ),
        ("UPDATE captures SET digest = x'00' WHERE capture_key = 2", "text of capture 2"),
        ("DELETE FROM counters", "the library is damaged"),
    ],
)
def test_changed_content_is_noticed(filled: Path, statement: str, says: str) -> None:
    assert sql(filled, "PRAGMA quick_check") == [("ok",)]
    sql(filled, statement.replace("'{digest}'", f"x'{sha256(b'[1]').hexdigest()}'"))
    with pytest.raises(LibraryError, match=says):
        read_everything(filled)


def test_a_library_with_a_damaged_header_is_damaged_and_not_foreign(filled: Path, run: Run) -> None:
    data = bytearray(filled.read_bytes())
    data[16:18] = b"\0\3"  # the size of a page
    filled.write_bytes(data)
    with pytest.raises(LibraryError, match="the library is damaged"):
        Library.open(filled)
    assert run("check", "--mend", "--library", filled).status == 1


def test_a_signal_stops_a_query_that_takes_long(filled: Path) -> None:
    long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000000) SELECT count(*) FROM n"
    # A program that is started in the background may ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Library.open(filled) as library:
            database = library._database

            def count() -> None:
                with database.stopped_by_signals():
                    Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
                    database.all(long)

            with pytest.raises(KeyboardInterrupt):
                count()
            assert database.number("SELECT 1") == 1
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_library_opened_on_a_full_disk_is_written_and_followed_once_there_is_space(filled: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        library = Library.open(filled)
        writer = library.another()
        with pytest.raises(LibraryError, match="disk is full"):
            writer.state.set_starred(1, True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with library, writer:
        writer.state.set_starred(1, True)
        library.retry_full_disk()
        assert library.totals().starred == 1


@pytest.mark.parametrize("replaced", [False, True])
def test_nothing_is_written_once_the_file_was_moved(filled: Path, original: Path, replaced: bool) -> None:
    moved = filled.with_name("moved.db")
    with Library.open(filled) as library:
        filled.rename(moved)
        if replaced:
            shutil.copy(original, filled)
        for write in (library.another, partial(library.state.save_search, "tide", "tide")):
            with pytest.raises(LibraryError, match="moved, deleted or replaced"):
                write()
    assert filled.exists() == replaced
    with Library.open(moved) as library:
        assert not library.state.searches()


def test_locks_outlive_another_connection_of_the_process(path: Path, tmp_path: Path) -> None:
    script = "import sys, pathlib, reader.library as r; r.Library.open(pathlib.Path(sys.argv[1])).close()"
    with Library.open(path) as library:
        add_pages(library, [a_page("one", an_article())])
        library.another().close()
        Library.open(path).close()
        library.ingest([str(tmp_path)])  # it contains the library
        subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=True)
        assert path.with_name(f"{path.name}-wal").exists()  # the other process knew that it was not the last
        add_pages(library, [a_page("two", an_article())])
    with Library.open(path) as library:
        assert library.totals().captures == 2


def test_an_older_library_is_refused_untouched_and_check_mend_makes_a_new_one_of_it(
    filled: Path, run: Run
) -> None:
    with Library.open(filled) as library:
        listing = library.listing()
        rows = listing.rows(0, len(listing))
        library.state.save_search("ferries", "ferry OR harbor")
        library.annotations.set_tags(rows[0].key, ["ferries"])
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("PRAGMA user_version=7")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = filled.read_bytes()
    for words in (["add", filled.parent], ["check"], ["remove", filled.parent]):
        status, _, err = run(*words, "--library", filled)
        assert (status, "before the first release made this library" in err) == (3, True)
    assert filled.read_bytes() == before
    assert run("check", "--mend", "--library", filled).status == 0
    assert filled.with_name("library.db.damaged-1").read_bytes() == before
    with Library.open(filled) as library:
        assert library.listing().rows(0, len(rows)) == rows
        assert library.annotations.tags(rows[0].key) == ("ferries",)
        assert [search.name for search in library.state.searches()] == ["ferries"]
        # The other version may log changes in another form.
        assert library.state.undo() is None
    assert run("check", "--library", filled).status == 0
