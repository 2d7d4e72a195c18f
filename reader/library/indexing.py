"""The full-text index, kept in step with the faces of stories."""

from __future__ import annotations

from reader.library.changes import Changes
from reader.library.database import Database
from reader.model import Article


def texts(_: Article) -> tuple[str, ...]:
    """What will be indexed of an article: made where it is prepared, which may be in another process."""
    return ()


def update(database: Database, changes: Changes) -> None:
    """In the open transaction: index what is listed now, drop what is not."""
