"""What the reader has marked, kept in step with the faces of stories."""

from __future__ import annotations

from reader.library.changes import Changes
from reader.library.database import Database


def settle(database: Database, changes: Changes) -> None:
    """In the open transaction: give faces the marks of their stories' identities."""
