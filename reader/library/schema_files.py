"""What `add` knows of files it has read, so that those which did not change are not read again."""

from __future__ import annotations

from reader.library.migration import Migration

_STATEMENTS = (
    # A file is known when all that is in it was kept: `captures` of them with `articles`, read by that parser.
    """CREATE TABLE files (
        path BLOB PRIMARY KEY,
        stamp BLOB NOT NULL,
        parser INTEGER NOT NULL,
        captures INTEGER NOT NULL,
        articles INTEGER NOT NULL) WITHOUT ROWID""",
)

FILES = Migration("files that were read", _STATEMENTS)
