"""Sets a damaged library aside, or rebuilds its derived data.

Derived data are counts, places, representative versions with their marks, and the full-text index.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from reader.errors import LibraryError
from reader.library.database.connection import Database, OnProgress, unreported
from reader.library.database.foreign_log import log_of
from reader.library.search import indexing
from reader.library.state import marks
from reader.library.stories import merging
from reader.library.stories.placing import Places, refresh

_BATCH: Final = 2_000

_COUNTERS: Final = """
    UPDATE counters SET
    captures = (SELECT count(*) FROM captures),
    partial_captures = (SELECT count(partial) FROM captures),
    problems = (SELECT count(*) FROM problems),
    partial_problems = (SELECT count(*) FROM problems WHERE partial),
    last_capture = max(last_capture, coalesce((SELECT max(capture_key) FROM captures), 0)),
    last_article = max(last_article, coalesce((SELECT max(key) FROM articles), 0))"""
_PLACES: Final = """
    UPDATE articles SET seq = place.n FROM
    (SELECT key, row_number() OVER (PARTITION BY group_id ORDER BY seq, key) - 1 n FROM articles
    WHERE seq IS NOT NULL) place
    WHERE articles.key = place.key AND articles.seq <> place.n"""
_UNLISTED: Final = """
    UPDATE articles SET group_id = home, sightings = 1, completed = 0
    WHERE seq IS NULL AND (group_id, sightings, completed) IS NOT (home, 1, 0)"""
_GROUPS: Final = """
    UPDATE groups SET
    articles = (SELECT count(*) FROM articles a WHERE a.group_id = groups.group_id AND seq IS NOT NULL),
    truncated = (SELECT coalesce(sum(truncated), 0) FROM articles a
    WHERE a.group_id = groups.group_id AND seq IS NOT NULL)"""


def name_aside(path: Path) -> Path:
    """Return an unused name beside `path` for a damaged library."""
    number = 1
    while (target := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    return target


def set_aside(path: Path) -> Path:
    """Rename a library file, with SQLite's files beside it, and return the new name. Nothing is deleted."""
    target = name_aside(path)
    try:
        for suffix in ("-wal", "-shm", ""):  # the file last: if this is interrupted, it is still a library
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                beside.rename(target.with_name(target.name + suffix))
    except OSError as error:
        raise LibraryError(f"{path}: the file cannot be renamed ({error.strerror})") from error
    return target


def set_log_aside(path: Path) -> Path:
    """Rename a write-ahead log that belongs to another library, and return its new name."""
    log = log_of(path)
    number = 1
    while (target := log.with_name(f"{log.name}.foreign-{number}")).exists():
        number += 1
    try:
        log.rename(target)
        # SQLite makes a new one.
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    except OSError as error:
        raise LibraryError(f"{log}: the file cannot be renamed ({error.strerror})") from error
    return target


def mend(database: Database, on_progress: OnProgress = unreported) -> Path:
    """Copy the library aside, then rebuild its derived data in one transaction. Return the copy's path.

    Captures, articles and the reader's marks are not touched.
    """
    aside = name_aside(database.path)
    database.copy_to(aside)
    with database.writing():
        for step in (_COUNTERS, _PLACES, _UNLISTED, _GROUPS):
            database.run(step)
        merging.forget_all(database)
        _refresh_stories(database, on_progress)
        indexing.index_all(database, on_progress)
    return aside


def _refresh_stories(database: Database, on_progress: OnProgress) -> None:
    """Choose the representative of each story again."""
    stories = [story for (story,) in database.rows("SELECT DISTINCT story FROM articles ORDER BY story")]
    for start in range(0, len(stories), _BATCH):
        on_progress("stories", start, len(stories))
        places = Places(database)
        changes = refresh(database, places, stories[start : start + _BATCH])
        places.close()
        marks.update(database, changes)
