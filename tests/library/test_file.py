"""The library file is made, refused, damaged, locked or full, and errors say what to do."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from threading import Timer

import pytest

from reader.cli import main
from reader.errors import LibraryError
from reader.library import Library
from reader.library.database import errors
from reader.library.database.schema import APPLICATION_ID, PAGE_BYTES, SCHEMA_VERSION
from tests.filling import add_pages
from tests.generated import a_page, an_article, build, pages
from tests.paths import ROOT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.db"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with 400 articles, which no test changes."""
    path = tmp_path_factory.mktemp("original") / "library.db"
    build(path, 400)
    return path


@pytest.fixture
def filled(original: Path, path: Path) -> Path:
    """A copy of `original`."""
    return Path(shutil.copy(original, path))


def query(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement).fetchall()


def read_everything(path: Path) -> None:
    with Library.open(path) as library:
        listing = library.listing()
        for row in listing.rows(0, len(listing)):
            library.raw(library.article(row.key).capture_key)
        library.totals()
        library.stamps()
        library.problems()


@pytest.mark.parametrize("exists", [False, True])
def test_a_new_or_empty_file_is_marked_as_ours_in_its_own_bytes(path: Path, exists: bool) -> None:
    if exists:
        path.touch()
    with Library.open(path):
        head = path.read_bytes()[:72]  # while open: not only in the write-ahead log
    assert int.from_bytes(head[68:72], "big") == APPLICATION_ID
    assert int.from_bytes(head[60:64], "big") == SCHEMA_VERSION
    assert query(path, "PRAGMA journal_mode") == [("wal",)]
    assert query(path, "PRAGMA page_size") == [(PAGE_BYTES,)]


def test_the_content_is_there_after_opening_again(filled: Path) -> None:
    with Library.open(filled) as library:
        assert library.totals().articles == 400
        add_pages(library, [a_page("later", an_article(headline="Later", section=None))])
    with Library.open(filled) as library:
        assert library.totals().articles == 401
        assert library.article(401).article.headline == "Later"


@pytest.mark.parametrize(
    "content", [b"Protocol | China\n\nThe lettuce on the roof\n" * 9, b"SQLite format 3\0", bytes(4096)]
)
def test_a_file_that_is_no_database_is_refused_untouched(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(LibraryError, match="not a library of Protocol Reader") as caught:
        Library.open(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE bills (amount)", "PRAGMA application_id=77", "PRAGMA user_version=3"]
)
def test_the_database_of_another_program_is_refused_untouched(path: Path, statement: str) -> None:
    query(path, statement)
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="another program"):
        Library.open(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_a_pipe_and_a_file_as_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="not a file"):
        Library.open(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LibraryError, match="not a file"):
        Library.open(tmp_path / "pipe")
    (tmp_path / "note").write_text("x")
    with pytest.raises(LibraryError, match="cannot create the library's folder"):
        Library.open(tmp_path / "note" / "library.db")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            "UPDATE records SET record = CAST(replace(record, 'story', 'stork') AS BLOB) WHERE key = 9",
            "article 9 of pile",
        ),
        ("UPDATE records SET record = '' WHERE key = 9", "article 9 of pile"),
        (
            "UPDATE records SET record = CAST('[1]' AS BLOB), digest = '{digest}' WHERE key = 9",
            "article 9 of pile",
        ),
        ("UPDATE captures SET text = x'00' WHERE capture_key = 2", "text of capture 2"),
        ("UPDATE captures SET digest = x'00' WHERE capture_key = 2", "text of capture 2"),
        ("DELETE FROM counters", "the library is damaged"),
    ],
)
def test_changed_content_is_noticed(filled: Path, statement: str, says: str) -> None:
    assert query(filled, "PRAGMA quick_check") == [("ok",)]
    query(filled, statement.replace("'{digest}'", f"x'{sha256(b'[1]').hexdigest()}'"))
    with pytest.raises(LibraryError, match=says):
        read_everything(filled)


def test_another_program_that_writes_too_long_is_reported(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(filled, isolation_level=None)) as writer, Library.open(filled) as library:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryError, match=r"another program has kept the library locked .*try again"):
            add_pages(library, [a_page("one", an_article())])
        assert library.totals().articles == len(library.listing()) == 400  # reading goes on
        writer.execute("ROLLBACK")
        assert add_pages(library, [a_page("one", an_article())]).articles == 1


def test_a_signal_stops_a_query_that_would_not_end(filled: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with Library.open(filled) as library:
        database = library._database

        def count() -> None:
            with database.stopped_by_signals():
                Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
                database.all(endless)

        with pytest.raises(KeyboardInterrupt):
            count()
        assert database.number("SELECT 1") == 1


def test_a_full_disk_loses_nothing(filled: Path) -> None:
    with Library.open(filled) as library:
        kept = library._database
        kept.run(f"PRAGMA max_page_count={kept.number('PRAGMA page_count') + 2}")
        with pytest.raises(LibraryError, match=r"disk is full; free some space"):
            add_pages(library, pages(4_000, seed=2))
        assert library.totals().articles == len(library.listing()) == 400
        kept.run("PRAGMA max_page_count=1000000")
        add_pages(library, pages(40, seed=2))
        assert library.totals().articles == len(library.listing()) == 440
    read_everything(filled)


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
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Library.open(filled) as library:
        listing = library.listing()
        rows = listing.rows(0, len(listing))
        library.annotations.set_tags(rows[0].key, ["ferries"])
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("PRAGMA user_version=7")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = filled.read_bytes()
    for command in ("add", "check", "remove"):
        paths = [] if command == "check" else [str(filled.parent)]
        assert main([command, *paths, "--library", str(filled)]) == 3
        assert "before the first release made this library" in capsys.readouterr().err
    assert filled.read_bytes() == before
    assert main(["check", "--mend", "--library", str(filled)]) == 1
    assert filled.with_name("library.db.damaged-1").read_bytes() == before
    with Library.open(filled) as library:
        assert library.listing().rows(0, len(rows)) == rows
        assert library.annotations.tags(rows[0].key) == ("ferries",)
        # The other version may log changes in another form.
        assert library.state.undo() is None
    assert main(["check", "--library", str(filled)]) == 0


def test_an_older_library_without_captures_keeps_what_the_reader_saved(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Library.open(path) as library:
        library.state.save_search("ferries", "ferry OR harbor")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=7")
    assert main(["check", "--mend", "--library", str(path)]) == 1
    assert "made a new library" in capsys.readouterr().err
    with Library.open(path) as library:
        assert [search.name for search in library.state.searches()] == ["ferries"]


def test_an_addition_waits_for_another_that_writes(filled: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(next(pages(8, seed=9))[0].text, encoding="utf-8")
    command = [sys.executable, "-m", "reader", "add", "--library", str(filled), str(page)]
    with closing(sqlite3.connect(filled, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        waiting = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(2)
        writer.execute("ROLLBACK")
    assert waiting.communicate()[1] == ""
    assert waiting.returncode == 0
