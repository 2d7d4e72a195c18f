"""Tables of what the reader adds: marks, reading places, saved searches and the log that undoes.

State belongs to identities and outlives the rows of `articles`. Only `read_faces` and `starred_faces` name rows:
they are derived from `marks`, so that a list and a filter need one lookup by key, and marking never touches
`articles`. With columns there, marking a million articles would rewrite each of them and its place in indexes.
"""

from __future__ import annotations

from reader.library.migration import Migration

_STATEMENTS = (
    # A row stands for an identity with a mark; without one there is no row.
    """CREATE TABLE marks (
        identity BLOB PRIMARY KEY,
        read INTEGER NOT NULL DEFAULT 0,
        starred INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    # Keys of the faces whose story is read, or starred.
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

STATE = Migration("marks, reading places, saved searches, undo", _STATEMENTS)
