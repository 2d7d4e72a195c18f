"""The steps that make the tables of a library file, and bring a file of an older version up to date.

A library holds *versions*: a row of `articles` is one article as one capture shows it, and `identity` (`Article.id`)
is what it has in common with the same words elsewhere. What a reader adds to an article belongs to its identity, never
to `key`. A version is listed at its place `(group_id, seq)`, dense from 0 in each group in order of arrival. `seq` is
NULL for a version that is not listed, so a version can hand its place to a fuller one.

What the reader adds outlives the rows of `articles`. Only `read_faces` and `starred_faces` hold keys of listed
versions: they are derived from `marks`, so that a list needs one lookup by key, and marking never rewrites `articles`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, NamedTuple

from reader.errors import LibraryError
from reader.library.database.connection import Database
from reader.library.database.errors import ForeignError, library_errors
from reader.library.database.opening import check_marks
from reader.library.database.schema import (
    APPLICATION_ID,
    INDEX,
    PAGE_BYTES,
    SPONSORED,
    SPONSORED_ID,
    UNSECTIONED,
    UNSECTIONED_ID,
)

KEPT: Final = 3
"""How many copies of older versions stay beside a library; the oldest is deleted when another is made."""


class Migration(NamedTuple):
    """One step from a version of the schema to the next: its statements succeed together or not at all."""

    name: str
    statements: tuple[str, ...]
    then: Callable[[Database], object] | None = None
    """Runs after them in the same transaction, to derive what is new from rows that are there."""


_FIRST = (
    "CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    # One row. Kept in the transaction that changes what it counts; keys are never used twice.
    """CREATE TABLE counters (
        captures INTEGER NOT NULL DEFAULT 0,
        partial_captures INTEGER NOT NULL DEFAULT 0,
        problems INTEGER NOT NULL DEFAULT 0,
        partial_problems INTEGER NOT NULL DEFAULT 0,
        last_capture INTEGER NOT NULL DEFAULT 0,
        last_article INTEGER NOT NULL DEFAULT 0)""",
    "INSERT INTO counters DEFAULT VALUES",
    # `articles` counts the listed ones and is the next free seq; `rank` orders before the name does.
    """CREATE TABLE groups (
        group_id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        rank INTEGER NOT NULL DEFAULT 0,
        articles INTEGER NOT NULL DEFAULT 0,
        truncated INTEGER NOT NULL DEFAULT 0)""",
    f"INSERT INTO groups (group_id, name, rank) VALUES ({UNSECTIONED_ID}, '{UNSECTIONED}', 1)",
    f"INSERT INTO groups (group_id, name, rank) VALUES ({SPONSORED_ID}, '{SPONSORED}', 2)",
    # The articles of a capture have consecutive keys, so a range stands for an index.
    """CREATE TABLE captures (
        capture_key INTEGER PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,
        first_article INTEGER NOT NULL,
        articles INTEGER NOT NULL,
        source TEXT NOT NULL,
        url TEXT,
        captured TEXT,
        encoding TEXT NOT NULL,
        partial TEXT,
        hints BLOB,
        text BLOB NOT NULL)""",
    # Narrow on purpose: what a list shows, filters and sorts by, apart from the texts.
    """CREATE TABLE articles (
        key INTEGER PRIMARY KEY,
        capture_key INTEGER NOT NULL,
        position INTEGER NOT NULL,
        identity BLOB NOT NULL,
        group_id INTEGER NOT NULL,
        seq INTEGER,
        truncated INTEGER NOT NULL,
        published TEXT,
        words INTEGER NOT NULL,
        untitled INTEGER NOT NULL,
        title TEXT NOT NULL,
        authors TEXT NOT NULL,
        sponsor TEXT)""",
    # The ordinals, and with them all that filters and sorts need, so that these never touch the table.
    "CREATE INDEX articles_listed ON articles (group_id, seq, truncated, published, words)",
    "CREATE TABLE records (key INTEGER PRIMARY KEY, digest BLOB NOT NULL, record BLOB NOT NULL)",
    "CREATE TABLE folded (key INTEGER PRIMARY KEY, title TEXT NOT NULL, rest TEXT NOT NULL)",
    # Dense keys, so that a page of them is a range; reading the same file again adds none.
    """CREATE TABLE problems (
        key INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        kind TEXT NOT NULL,
        reason TEXT NOT NULL,
        partial INTEGER NOT NULL,
        UNIQUE (source, kind, reason, partial))""",
)

_STORIES = (
    # The key of the story: that of its first version.
    "ALTER TABLE articles ADD COLUMN story INTEGER NOT NULL DEFAULT 0",
    # Why this version was joined, in words for a reader; NULL for the first.
    "ALTER TABLE articles ADD COLUMN why TEXT",
    # The group of its own section; `group_id` of a listed version may be that of another one.
    "ALTER TABLE articles ADD COLUMN home INTEGER NOT NULL DEFAULT 0",
    # Of the listed version: how many versions the story has; whether it is whole and another is cut off.
    "ALTER TABLE articles ADD COLUMN sightings INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE articles ADD COLUMN completed INTEGER NOT NULL DEFAULT 0",
    "UPDATE articles SET story = key, home = group_id",
    "CREATE INDEX articles_story ON articles (story)",
    # Of the first version with the same words and byline: by these others are found to be compared.
    "CREATE TABLE clues (clue INTEGER NOT NULL, key INTEGER NOT NULL, PRIMARY KEY (clue, key)) WITHOUT ROWID",
    # Identities that the reader has said are not the same story, each pair both ways.
    "CREATE TABLE apart (one BLOB NOT NULL, other BLOB NOT NULL, PRIMARY KEY (one, other)) WITHOUT ROWID",
    # The version of the parser that read it; 0 when that is not known.
    "ALTER TABLE captures ADD COLUMN parser INTEGER NOT NULL DEFAULT 0",
)

_SEARCH = (
    f"CREATE VIRTUAL TABLE search USING {INDEX}",
    # Bytes of postings that are gathered before they are written: a batch of articles fits.
    "INSERT INTO search (search, rank) VALUES ('hashsize', 67108864)",
    # Of articles that are listed under the section of another version: its name, as it was indexed with them.
    "CREATE TABLE search_sections (key INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE VIRTUAL TABLE search_words USING fts5vocab(search, instance)",
    # Covers what in: needs, so that the texts of captures are not read.
    "CREATE INDEX captures_named ON captures (source, url, first_article, articles)",
)

_STATE = (
    # A row stands for an identity with a mark; without one there is no row.
    """CREATE TABLE marks (
        identity BLOB PRIMARY KEY,
        read INTEGER NOT NULL DEFAULT 0,
        starred INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    # Keys of the representatives whose story is read, or starred.
    "CREATE TABLE read_faces (key INTEGER PRIMARY KEY)",
    "CREATE TABLE starred_faces (key INTEGER PRIMARY KEY)",
    # The highest turn is the article that was open last.
    """CREATE TABLE places (
        turn INTEGER PRIMARY KEY,
        identity BLOB NOT NULL UNIQUE,
        block INTEGER NOT NULL,
        offset INTEGER NOT NULL)""",
    "CREATE TABLE searches (name TEXT PRIMARY KEY, query TEXT NOT NULL) WITHOUT ROWID",
    # Those not undone, then those undone: undo goes down the numbers, redo up.
    """CREATE TABLE actions (
        number INTEGER PRIMARY KEY,
        undone INTEGER NOT NULL DEFAULT 0,
        kind TEXT NOT NULL,
        words TEXT NOT NULL,
        change BLOB NOT NULL)""",
    # What identities in the log are called since a newer parser read them.
    "CREATE TABLE renames (old BLOB PRIMARY KEY, new BLOB NOT NULL) WITHOUT ROWID",
    "CREATE INDEX renames_new ON renames (new)",
    # Which listings are out of date: `content` counts changes of what is kept, `state` those of the reader's.
    "ALTER TABLE counters ADD COLUMN content INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE counters ADD COLUMN state INTEGER NOT NULL DEFAULT 0",
)

_FILES = (
    # A file is known when all that is in it was kept: `captures` of them with `articles`, read by that parser.
    """CREATE TABLE files (
        path BLOB PRIMARY KEY,
        stamp BLOB NOT NULL,
        parser INTEGER NOT NULL,
        captures INTEGER NOT NULL,
        articles INTEGER NOT NULL) WITHOUT ROWID""",
)

_SEEN = (
    # YYYY-MM-DD, where the page prints no date and it is known when it was captured.
    "ALTER TABLE articles ADD COLUMN seen TEXT",
    "UPDATE articles SET seen = (SELECT substr(captured, 1, 10) FROM captures c WHERE c.capture_key ="
    " articles.capture_key) WHERE published IS NULL",
    "DROP INDEX articles_listed",
    # The ordinals, and with them all that filters and sorts need, so that these never touch the table.
    "CREATE INDEX articles_listed ON articles (group_id, seq, truncated, published, words, seen)",
)

_CORRECTIONS = (
    # By the digest of the capture's text, so that it holds whenever that text is read again, whatever reads it.
    """CREATE TABLE corrections (
        capture BLOB NOT NULL,
        line INTEGER NOT NULL,
        kind TEXT NOT NULL,
        role TEXT NOT NULL,
        value TEXT NOT NULL,
        shown TEXT NOT NULL,
        PRIMARY KEY (capture, line, kind)) WITHOUT ROWID""",
)

_REPRESENTATIVES = (
    "DROP INDEX articles_story",
    "CREATE INDEX articles_story ON articles (story, truncated, words DESC)",
    # The representative of a story; a partial index, so that whatever asks for it with "seq IS NOT NULL" finds it here.
    "CREATE INDEX articles_face ON articles (story) WHERE seq IS NOT NULL",
)

_PICTURES = (
    # The labels of WARC files: what follows one in a capture's source is the number of a record.
    "CREATE TABLE archives (archive INTEGER PRIMARY KEY, source TEXT NOT NULL UNIQUE)",
    # A digest of an address, and where on the disk the record is: see `FileOffset`.
    """CREATE TABLE pictures (
        address BLOB NOT NULL,
        archive INTEGER NOT NULL,
        start INTEGER NOT NULL,
        packed INTEGER NOT NULL,
        skipped INTEGER NOT NULL,
        PRIMARY KEY (address, archive)) WITHOUT ROWID""",
    # What was read before has no pictures noted: have `add` read it again.
    """UPDATE files SET parser = 0 WHERE instr(lower(CAST(path AS TEXT)), '.warc')
        OR instr(lower(CAST(path AS TEXT)), '.wacz')""",
)


def _join_stories(database: Database) -> None:
    from reader.library.stories.stories import group_all  # Slow to load, and only an old library needs it.

    group_all(database)


def _index(database: Database) -> None:
    if database.number("SELECT last_article FROM counters"):
        from reader.library.search.indexing import (
            index_all,  # Slow to load, and only an old library needs it.
        )

        index_all(database)


MIGRATIONS: tuple[Migration, ...] = (
    Migration("captures, articles and problems", _FIRST),
    Migration("stories", _STORIES, _join_stories),
    Migration("full-text search", _SEARCH, _index),
    Migration("marks, reading places, saved searches, undo", _STATE),
    Migration("files that were read", _FILES),
    Migration("days of captures", _SEEN),
    Migration("corrections", _CORRECTIONS),
    Migration("faces, and versions in order", _REPRESENTATIVES),
    Migration("pictures in archives", _PICTURES),
)
"""Every step, oldest first; `user_version` is how many of them a file has had."""


@library_errors
def open_database(path: Path, *, durable: bool = True) -> Database:
    """Open the library at `path`, after making it or bringing it up to date where needed.

    For `durable` see `Database`. ForeignError, NewerError or DamagedError if the file cannot be used.
    """
    database = Database(path, durable=durable)
    try:
        _prepare(database)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: Database) -> None:
    """Check the marks again as SQLite sees them, and bring the schema up to date."""
    with database.reading():  # at one moment: another program may be making the file
        application = database.number("PRAGMA application_id")
        version = database.number("PRAGMA user_version")
        tables = database.number("SELECT count(*) FROM sqlite_schema")
    if application == 0 and tables:
        raise ForeignError(
            f"{database.path}: a database of another program; name another file with --library"
        )
    check_marks(database.path, application, version)
    if version < len(MIGRATIONS):
        if database.read_only:
            raise LibraryError(
                f"{database.path}: made by an older Protocol Reader, and it cannot be brought up to date where "
                "neither file nor folder may be written; copy it to a folder of yours and name that with --library"
            )
        upgrade(database, MIGRATIONS)


def upgrade(database: Database, migrations: Sequence[Migration]) -> None:
    """Apply the missing steps in order, all of them or none.

    A file that holds captures is copied first, to a file beside it (`copies`). If that fails, nothing is done.
    """
    database.run(f"PRAGMA page_size={PAGE_BYTES}")  # of no effect on a file that has pages
    # SQLite does not wait for another program that does the same at this moment.
    database.retry_while_busy(lambda: database.run("PRAGMA journal_mode=WAL"))
    with database.writing():
        # Looked up under the lock: another program may have just done it.
        version = database.number("PRAGMA user_version")
        missing = migrations[version:]
        if missing and version and database.number("SELECT captures FROM counters"):
            _copy(database.path)
        for number, migration in enumerate(missing, version + 1):
            for statement in migration.statements:
                database.run(statement)
            if migration.then is not None:
                migration.then(database)
            database.run("INSERT INTO migrations VALUES (?, ?)", (number, migration.name))
            database.run(f"PRAGMA application_id={APPLICATION_ID}")
            database.run(f"PRAGMA user_version={number}")
    # The marks belong in the file itself, where a version that must not touch it can read them.
    database.run("PRAGMA wal_checkpoint(TRUNCATE)")


def copies(library: Path) -> list[Path]:
    """The copies of older versions beside a library, oldest first."""
    start = f"{library.name}.before-"
    found = [path for path in library.parent.iterdir() if path.name.startswith(start)]
    return sorted(
        (path for path in found if path.name.removeprefix(start).isdecimal()),
        key=lambda path: int(path.name.removeprefix(start)),
    )


def _copy(library: Path) -> None:
    """Copy what is committed, which is the file before the open transaction; drop the oldest copies."""
    older = copies(library)
    number = 1 + (int(older[-1].name.rpartition("-")[2]) if older else 0)
    try:
        with closing(Database(library)) as before:
            before.copy_to(library.with_name(f"{library.name}.before-{number}"))
    except LibraryError as error:
        raise LibraryError(
            f"{library}: this program has to change the library, and copies it before: that failed, so nothing "
            f"was done ({error})"
        ) from error
    for path in older[: 1 - KEPT]:
        with suppress(OSError):
            path.unlink()
