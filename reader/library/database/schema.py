"""The tables of a library file, and the ordered steps that make them.

A library holds *versions*: a row of `articles` is one article as one capture shows it, and `identity`
(`Article.id`) is what it has in common with the same words elsewhere. Whatever a reader adds to an article
belongs to its identity, never to `key`. A row is listed by its place `(group_id, seq)`, dense from 0 in each
group in order of arrival; `seq` is NULL for a row that is kept and not listed, so a version may hand its
place to a fuller one.
"""

from __future__ import annotations

from reader.library.migration import Migration as Migration
from reader.library.pictures import PICTURES
from reader.library.schema_corrections import CORRECTIONS
from reader.library.schema_faces import FACES
from reader.library.schema_files import FILES
from reader.library.schema_seen import SEEN
from reader.library.schema_state import STATE
from reader.library.schema_stories import STORIES
from reader.library.search.schema import SEARCH

APPLICATION_ID = 0x50524452
"""What marks an SQLite file as a library of this program ("PRDR")."""

PAGE_BYTES = 8192
"""The size of a page of a new file: with 4096 a listing read from a cold disk takes half as long again."""

UNSECTIONED_ID = 1
SPONSORED_ID = 2
UNSECTIONED = "Unsectioned"
"""The group of articles whose page prints no section."""
SPONSORED = "Sponsored"
"""The group of paid posts, whatever their section."""


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

MIGRATIONS: tuple[Migration, ...] = (
    Migration("captures, articles and problems", _FIRST),
    STORIES,
    SEARCH,
    STATE,
    FILES,
    SEEN,
    CORRECTIONS,
    FACES,
    PICTURES,
)
"""Every step, oldest first; `user_version` is how many of them a file has had."""
