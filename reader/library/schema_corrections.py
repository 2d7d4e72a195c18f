"""What the reader says a line is, where the parser takes it for something else."""

from __future__ import annotations

from reader.library.migration import Migration

_STATEMENTS = (
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

CORRECTIONS = Migration("corrections", _STATEMENTS)
