"""The steps that create the tables of a library file and upgrade older files.

A library holds *versions*: a row of `articles` is one article as one capture shows it. Versions with the same words
have the same `identity` (`Article.id`). What a reader adds to an article belongs to its identity, never to `key`. A
version is listed at its place `(group_id, seq)`, dense from 0 in each group in order of arrival. `seq` is NULL for a
version that is not listed, so a version can pass its place on to a fuller one.

The reader's additions outlive the rows of `articles`. Only `read_faces` and `starred_faces` hold keys of listed
versions. They are derived from `marks`, so that a list needs one lookup by key, and marking never rewrites `articles`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, NamedTuple

from reader.errors import LibraryError
from reader.library.database import views
from reader.library.database.connection import Database, OnProgress, unreported
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
"""How many copies of older versions stay beside a library; a new one replaces the oldest."""


class Migration(NamedTuple):
    """One step from a version of the schema to the next. Its statements succeed together or not at all."""

    name: str
    statements: tuple[str, ...]
    then: Callable[[Database, OnProgress], object] | None = None
    """Runs after the statements in the same transaction, to fill new tables from existing rows."""


_FIRST = (
    "CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    # One row, updated in the transaction that changes what it counts. Keys are never reused.
    """CREATE TABLE counters (
        captures INTEGER NOT NULL DEFAULT 0,
        partial_captures INTEGER NOT NULL DEFAULT 0,
        problems INTEGER NOT NULL DEFAULT 0,
        partial_problems INTEGER NOT NULL DEFAULT 0,
        last_capture INTEGER NOT NULL DEFAULT 0,
        last_article INTEGER NOT NULL DEFAULT 0)""",
    "INSERT INTO counters DEFAULT VALUES",
    # `articles` counts the listed articles and is the next free seq. Groups are ordered by `rank`, then name.
    """CREATE TABLE groups (
        group_id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        rank INTEGER NOT NULL DEFAULT 0,
        articles INTEGER NOT NULL DEFAULT 0,
        truncated INTEGER NOT NULL DEFAULT 0)""",
    f"INSERT INTO groups (group_id, name, rank) VALUES ({UNSECTIONED_ID}, '{UNSECTIONED}', 1)",
    f"INSERT INTO groups (group_id, name, rank) VALUES ({SPONSORED_ID}, '{SPONSORED}', 2)",
    # The articles of a capture have consecutive keys, so a range replaces an index.
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
    # Narrow on purpose: what a list shows, filters and sorts by, without the texts.
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
    # Places, with everything that filters and sorts need, so that they never read the table.
    "CREATE INDEX articles_listed ON articles (group_id, seq, truncated, published, words)",
    "CREATE TABLE records (key INTEGER PRIMARY KEY, digest BLOB NOT NULL, record BLOB NOT NULL)",
    "CREATE TABLE folded (key INTEGER PRIMARY KEY, title TEXT NOT NULL, rest TEXT NOT NULL)",
    # Dense keys, so that a page is a range. Reading the same file again adds no rows.
    """CREATE TABLE problems (
        key INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        kind TEXT NOT NULL,
        reason TEXT NOT NULL,
        partial INTEGER NOT NULL,
        UNIQUE (source, kind, reason, partial))""",
)

# What listed versions lack and other versions of their stories have: a field of the article as JSON, and the key of
# the version it comes from. Grouping writes it, so that a library of version 1 needs it from the step "stories" on.
_MERGED_TABLE = """CREATE TABLE IF NOT EXISTS merged (
        key INTEGER NOT NULL,
        field TEXT NOT NULL,
        value TEXT NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (key, field)) WITHOUT ROWID"""

_STORIES = (
    # The key of the story's first version.
    "ALTER TABLE articles ADD COLUMN story INTEGER NOT NULL DEFAULT 0",
    # Why this version belongs to the story, in words for a reader; NULL for the first.
    "ALTER TABLE articles ADD COLUMN why TEXT",
    # The group of its own section; a listed version may be in another group (`group_id`).
    "ALTER TABLE articles ADD COLUMN home INTEGER NOT NULL DEFAULT 0",
    # For listed versions: how many versions the story has, and whether this one completes a cut-off one.
    "ALTER TABLE articles ADD COLUMN sightings INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE articles ADD COLUMN completed INTEGER NOT NULL DEFAULT 0",
    "UPDATE articles SET story = key, home = group_id",
    "CREATE INDEX articles_story ON articles (story)",
    # The fingerprints of the first version with the same words and byline, for finding candidates to compare.
    "CREATE TABLE clues (clue INTEGER NOT NULL, key INTEGER NOT NULL, PRIMARY KEY (clue, key)) WITHOUT ROWID",
    # Identities that the reader has split, each pair in both directions.
    "CREATE TABLE apart (one BLOB NOT NULL, other BLOB NOT NULL, PRIMARY KEY (one, other)) WITHOUT ROWID",
    # The version of the parser that read it; 0 if unknown.
    "ALTER TABLE captures ADD COLUMN parser INTEGER NOT NULL DEFAULT 0",
    _MERGED_TABLE,
)

_SEARCH = (
    f"CREATE VIRTUAL TABLE search USING {INDEX}",
    # Bytes of postings that FTS5 gathers before it writes them: room for a batch of articles.
    "INSERT INTO search (search, rank) VALUES ('hashsize', 67108864)",
    # For articles listed under the section of another version: that section's name, as it was indexed.
    "CREATE TABLE search_sections (key INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE VIRTUAL TABLE search_words USING fts5vocab(search, instance)",
    # Covers the columns that in: needs, so that the texts of captures are not read.
    "CREATE INDEX captures_named ON captures (source, url, first_article, articles)",
)

_STATE = (
    # Identities without marks have no row.
    """CREATE TABLE marks (
        identity BLOB PRIMARY KEY,
        read INTEGER NOT NULL DEFAULT 0,
        starred INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    # The representatives of stories that are read, or starred.
    "CREATE TABLE read_faces (key INTEGER PRIMARY KEY)",
    "CREATE TABLE starred_faces (key INTEGER PRIMARY KEY)",
    # The highest turn belongs to the article that was open last.
    """CREATE TABLE places (
        turn INTEGER PRIMARY KEY,
        identity BLOB NOT NULL UNIQUE,
        block INTEGER NOT NULL,
        offset INTEGER NOT NULL)""",
    "CREATE TABLE searches (name TEXT PRIMARY KEY, query TEXT NOT NULL) WITHOUT ROWID",
    # Undone actions have the highest numbers: undo goes down, redo goes up.
    """CREATE TABLE actions (
        number INTEGER PRIMARY KEY,
        undone INTEGER NOT NULL DEFAULT 0,
        kind TEXT NOT NULL,
        words TEXT NOT NULL,
        change BLOB NOT NULL)""",
    # No longer used.
    "CREATE TABLE renames (old BLOB PRIMARY KEY, new BLOB NOT NULL) WITHOUT ROWID",
    "CREATE INDEX renames_new ON renames (new)",
    # Show which listings are out of date: `content` counts changes of kept articles, `state` of the reader's marks.
    "ALTER TABLE counters ADD COLUMN content INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE counters ADD COLUMN state INTEGER NOT NULL DEFAULT 0",
)

_FILES = (
    # Files whose captures are all kept, with the number of captures and articles and the parser that read them.
    """CREATE TABLE files (
        path BLOB PRIMARY KEY,
        stamp BLOB NOT NULL,
        parser INTEGER NOT NULL,
        captures INTEGER NOT NULL,
        articles INTEGER NOT NULL) WITHOUT ROWID""",
)

_SEEN = (
    # The day of the capture, YYYY-MM-DD, if it is known and the page prints no date.
    "ALTER TABLE articles ADD COLUMN seen TEXT",
    "UPDATE articles SET seen = (SELECT substr(captured, 1, 10) FROM captures c WHERE c.capture_key ="
    " articles.capture_key) WHERE published IS NULL",
    "DROP INDEX articles_listed",
    # Places, with everything that filters and sorts need, so that they never read the table.
    "CREATE INDEX articles_listed ON articles (group_id, seq, truncated, published, words, seen)",
)

_CORRECTIONS = (
    # Keyed by the digest of the capture's text, so that they apply whenever the same text is read again.
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
    # Finds the representative of a story. The partial index serves all queries with "seq IS NOT NULL".
    "CREATE INDEX articles_face ON articles (story) WHERE seq IS NOT NULL",
)

_PICTURES = (
    # The labels of WARC files. In a capture's source, a record number follows the label.
    "CREATE TABLE archives (archive INTEGER PRIMARY KEY, source TEXT NOT NULL UNIQUE)",
    # A digest of the picture's address, and where on the disk its record is: see `FileOffset`.
    """CREATE TABLE pictures (
        address BLOB NOT NULL,
        archive INTEGER NOT NULL,
        start INTEGER NOT NULL,
        packed INTEGER NOT NULL,
        skipped INTEGER NOT NULL,
        PRIMARY KEY (address, archive)) WITHOUT ROWID""",
    # Archives that were read before have no picture rows: have `add` read them again.
    """UPDATE files SET parser = 0 WHERE instr(lower(CAST(path AS TEXT)), '.warc')
        OR instr(lower(CAST(path AS TEXT)), '.wacz')""",
)

_ANNOTATIONS = (
    # Highlights, and notes to whole articles, whose quote is empty. Numbers are never reused.
    """CREATE TABLE annotations (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        quote TEXT NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        color TEXT NOT NULL,
        note TEXT NOT NULL,
        title TEXT NOT NULL,
        source TEXT NOT NULL,
        made TEXT NOT NULL)""",
    # The identities of the story that an annotation belongs to.
    """CREATE TABLE annotated (
        identity BLOB NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (identity, number)) WITHOUT ROWID""",
    "CREATE INDEX annotated_number ON annotated (number)",
    "CREATE TABLE tags (identity BLOB NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (identity, tag)) WITHOUT ROWID",
)

_DOUBTFUL = (
    # Whether the article may have been read wrongly (`Article.doubtful`). Older articles do not say.
    "ALTER TABLE articles ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX articles_doubtful ON articles (key) WHERE doubtful",
)


def _join_stories(database: Database, on_progress: OnProgress) -> None:
    from reader.library.stories.stories import group_all  # Slow to load, and only an old library needs it.

    group_all(database, on_progress)


def _index(database: Database, on_progress: OnProgress) -> None:
    if database.number("SELECT last_article FROM counters"):
        from reader.library.search.indexing import (
            index_all,
        )  # Slow to load, and only an old library needs it.

        index_all(database, on_progress)


def _merge_stories(database: Database, on_progress: OnProgress) -> None:
    from reader.library.stories import merging  # Slow to load, and only an old library needs it.

    merging.merge_all(database)
    _index(database, on_progress)
    database.run("DROP TABLE search_sections")


MIGRATIONS: tuple[Migration, ...] = (
    Migration("captures, articles and problems", _FIRST),
    Migration("stories", _STORIES, _join_stories),
    Migration("full-text search", _SEARCH, _index),
    Migration("marks, reading positions, saved searches, undo", _STATE),
    Migration("files that were read", _FILES),
    Migration("days of captures", _SEEN),
    Migration("corrections", _CORRECTIONS),
    Migration("faces, and versions in order", _REPRESENTATIVES),
    Migration("pictures in archives", _PICTURES),
    Migration("highlights, notes and tags", _ANNOTATIONS),
    Migration("views for other programs", views.statements()),
    Migration("doubtful articles", _DOUBTFUL),
    Migration("merged facts of stories", (_MERGED_TABLE, *views.statements()), _merge_stories),
)
"""All steps, oldest first. A file's `user_version` counts the steps it has had."""


@library_errors
def open_database(path: Path, *, durable: bool = True, on_progress: OnProgress = unreported) -> Database:
    """Open the library at `path`. Create or upgrade it if necessary; `on_progress` receives how far an upgrade is.

    For `durable` see `Database`. ForeignError, NewerError or DamagedError if the file cannot be used.
    """
    database = Database(path, durable=durable)
    try:
        _prepare(database, on_progress)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: Database, on_progress: OnProgress) -> None:
    """Check the marks again as SQLite sees them, and upgrade the schema."""
    with database.reading():  # at one moment: another program may be making the file
        application = database.number("PRAGMA application_id")
        version = database.number("PRAGMA user_version")
        tables = database.number("SELECT count(*) FROM sqlite_schema")
    if application == 0 and tables:
        raise ForeignError(
            f"{database.path}: this database belongs to another program; choose another file with --library"
        )
    check_marks(database.path, application, version)
    if version < len(MIGRATIONS):
        if database.read_only:
            raise LibraryError(
                f"{database.path}: an older Protocol Reader made this library, and it cannot be upgraded "
                "because the file and its folder are read-only; copy it to a folder of your own and "
                "open that copy with --library"
            )
        upgrade(database, MIGRATIONS, on_progress)


def upgrade(
    database: Database, migrations: Sequence[Migration], on_progress: OnProgress = unreported
) -> None:
    """Apply the missing steps in order, all or none.

    A file with captures is first copied to a file beside it (`copies`). If that fails, nothing is done.
    """
    database.run(f"PRAGMA page_size={PAGE_BYTES}")  # no effect once the file has pages
    # SQLite itself does not wait for another program that does the same.
    database.retry_while_busy(lambda: database.run("PRAGMA journal_mode=WAL"))
    with database.writing():
        # Read under the lock: another program may have just upgraded the file.
        version = database.number("PRAGMA user_version")
        missing = migrations[version:]
        if missing and version and database.number("SELECT captures FROM counters"):
            _copy(database.path)
        for number, migration in enumerate(missing, version + 1):
            for statement in migration.statements:
                database.run(statement)
            if migration.then is not None:
                migration.then(database, on_progress)
            database.run("INSERT INTO migrations VALUES (?, ?)", (number, migration.name))
            database.run(f"PRAGMA application_id={APPLICATION_ID}")
            database.run(f"PRAGMA user_version={number}")
    # Move the marks into the file itself, where a version that must not open it can read them.
    database.run("PRAGMA wal_checkpoint(TRUNCATE)")


def copies(library: Path) -> list[Path]:
    """Return the copies of older versions beside a library, oldest first."""
    start = f"{library.name}.before-"
    paths = [path for path in library.parent.iterdir() if path.name.startswith(start)]
    return sorted(
        (path for path in paths if path.name.removeprefix(start).isdecimal()),
        key=lambda path: int(path.name.removeprefix(start)),
    )


def _copy(library: Path) -> None:
    """Copy the file as it was before the open transaction, and delete the oldest copies."""
    older = copies(library)
    number = 1 + (int(older[-1].name.rpartition("-")[2]) if older else 0)
    try:
        with closing(Database(library)) as before:
            before.copy_to(library.with_name(f"{library.name}.before-{number}"))
    except LibraryError as error:
        raise LibraryError(
            f"{library}: this version has to upgrade the library and copies it first; the copy failed, so nothing "
            f"was changed ({error})"
        ) from error
    for path in older[: 1 - KEPT]:
        with suppress(OSError):
            path.unlink()
