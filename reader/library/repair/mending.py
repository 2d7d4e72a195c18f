"""Makes anew what follows from what is kept: counts, places, faces, marks of faces, the full-text index."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Final

from reader.library.changes import Changes
from reader.library.database.connection import Database
from reader.library.database.errors import library_errors
from reader.library.repair.checking import name_aside
from reader.library.search import indexing
from reader.library.state import marks
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


@library_errors
def mend(database: Database) -> None:
    """Make all of it anew in one transaction. Captures, articles, and what the reader has marked are not touched."""
    with database.writing():
        database.run(_COUNTERS)
        for step in (_PLACES, _UNLISTED, _GROUPS):
            database.run(step)
        _faces(database)
        database.run("INSERT INTO search (search) VALUES ('delete-all')")
        indexing.index_all(database)


def copy_aside(database: Database) -> Path:
    """Copy a library that is about to be mended; where to."""
    aside = name_aside(database.path)
    database.copy_to(aside)
    return aside


def _faces(database: Database) -> None:
    """Find the face of each story again."""
    stories = iter(database.all("SELECT DISTINCT story FROM articles ORDER BY story"))
    while batch := [story for (story,) in islice(stories, _BATCH)]:
        places = Places(database)
        refreshed = refresh(database, places, batch)
        places.close()
        marks.settle(
            database,
            Changes(listed=refreshed.listed, unlisted=refreshed.unlisted, touched=refreshed.touched),
        )
