"""The step that makes stories of versions: which are the same piece, and which of them is listed."""

from __future__ import annotations

from typing import Any

from reader.library.migration import Migration

_STATEMENTS = (
    # The key of the story: that of its first version.
    "ALTER TABLE articles ADD COLUMN story INTEGER NOT NULL DEFAULT 0",
    # Why this version was joined, in words for a reader; NULL for the first.
    "ALTER TABLE articles ADD COLUMN why TEXT",
    # The group of its own section; `group_id` of a face may be that of another version.
    "ALTER TABLE articles ADD COLUMN home INTEGER NOT NULL DEFAULT 0",
    # Of the face: how many versions there are; whether it is whole and another is cut off.
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


def _join(database: Any) -> None:
    from reader.library.stories.stories import settle_all  # Only here: reading a library needs none of it.

    settle_all(database)


STORIES = Migration("stories", _STATEMENTS, _join)
