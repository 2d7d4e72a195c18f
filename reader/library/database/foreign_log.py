"""Detects a write-ahead log that does not belong to the library beside it.

SQLite trusts any log with the right name. A log of another library, or an old one beside a restored backup, would
overwrite pages of the file at the next checkpoint. It can be detected because capture keys are never reused, counts of
changes only grow, and a library's own log does not damage it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, NamedTuple

from reader.library.database.errors import RAISED_BY_SQLITE

_ALONE, _TOGETHER = "immutable=1", "mode=ro"
_ENDS: Final = """
    SELECT min(capture_key) FROM captures UNION SELECT max(capture_key) FROM captures"""


class _View(NamedTuple):
    """Values that differ between two states of a library."""

    articles: int
    changes: int
    captures: dict[int, bytes | None]
    """The digests of some captures by key; None for a missing capture."""


def log_of(path: Path) -> Path:
    """Return the path of a library's write-ahead log, which need not exist."""
    return path.with_name(f"{path.name}-wal")


def has_log(path: Path) -> bool:
    """Does a log have changes that are not yet in the file?"""
    try:
        return log_of(path).stat().st_size > 0
    except OSError:
        return False


def is_plainly_foreign(path: Path) -> bool:
    """Quick check: do a few rows show that the log is not the library's own? Takes a millisecond or two."""
    # Check twice: while another program writes the log into the file, a view may be half old and half new.
    return has_log(path) and _contradicts(path) and _contradicts(path)


def is_foreign(path: Path) -> bool:
    """Full check: also reads the whole file to see if it is sound alone but damaged with the log."""
    if is_plainly_foreign(path):
        return True
    return has_log(path) and not _is_sound(path, _TOGETHER) and _is_sound(path, _ALONE)


def _contradicts(path: Path) -> bool:
    alone = _view(path, _ALONE)
    together = None if alone is None else _view(path, _TOGETHER, tuple(alone.captures))
    if alone is None or together is None:
        return False
    if (together.articles, together.changes) < (alone.articles, alone.changes):
        return True
    # A capture may be removed, but its key is never reused.
    return any(digest not in (None, alone.captures[key]) for key, digest in together.captures.items())


def _view(path: Path, mode: str, keys: tuple[int, ...] | None = None) -> _View | None:
    """Read the file with or without its log, as `mode` says; None if that is impossible."""
    try:
        with closing(_connect(path, mode)) as connection:
            articles, changes = connection.execute("SELECT last_article, content FROM counters").fetchone()
            if not isinstance(articles, int) or not isinstance(changes, int):
                return None
            if keys is None:
                keys = tuple(key for (key,) in connection.execute(_ENDS) if key is not None)
            digests = {key: _digest(connection, key) for key in keys}
    except (*RAISED_BY_SQLITE, TypeError):
        return None
    return _View(articles, changes, digests)


def _digest(connection: sqlite3.Connection, key: int) -> bytes | None:
    with suppress(*RAISED_BY_SQLITE):
        row = connection.execute("SELECT digest FROM captures WHERE capture_key = ?", (key,)).fetchone()
        return row[0] if row is not None else None
    return None


def _is_sound(path: Path, mode: str) -> bool:
    try:
        with closing(_connect(path, mode)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except RAISED_BY_SQLITE:
        return False


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
