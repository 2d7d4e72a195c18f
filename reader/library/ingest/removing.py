"""Removes captures from a library. The reader's marks are kept for when the captures are added again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from reader.library.database.connection import Database
from reader.library.ingest.files import forget_files, forget_unused_pictures
from reader.library.search import indexing
from reader.library.state import marks
from reader.library.stories import matching, merging

_BATCH: Final = 500
"""Captures in a transaction, so that others need not wait long."""


class CaptureFound(NamedTuple):
    """A capture that a given name refers to."""

    key: int
    source: str
    articles: int


class Removed(NamedTuple):
    """The counts of what was removed."""

    captures: int
    articles: int
    """Versions of articles; other captures may have the same words."""


def captures_from(database: Database, names: Iterable[str]) -> Iterator[tuple[str, list[CaptureFound]]]:
    """Yield each name (a path, folder or address) with the captures from there, in order of arrival."""
    captures = {name: list[CaptureFound]() for name in names}
    paths = {os.path.abspath(name): name for name in captures}  # noqa: PTH100 (need not exist)
    addresses = {name.rstrip("/"): name for name in captures}
    query = "SELECT capture_key, source, url, articles FROM captures ORDER BY capture_key"
    for key, source, url, articles in database.rows(query):
        path = Path(os.path.abspath(source))  # noqa: PTH100
        above = (paths[str(place)] for place in (path, *path.parents) if str(place) in paths)
        name = addresses.get((url or "").rstrip("/")) or next(above, None)
        if name is not None:
            captures[name].append(CaptureFound(key, source, articles))
    yield from captures.items()


def remove(
    database: Database, captures: Sequence[int], on_progress: Callable[[Removed], None] = lambda _: None
) -> Removed:
    """Remove captures by their keys, in batches; unknown keys are ignored.

    `on_progress` receives the totals after each batch. Versions of the same stories in other captures stay.
    """
    removed = Removed(0, 0)
    for start in range(0, len(captures), _BATCH):
        with database.writing():
            forget_files(database)
            gone, articles = delete_captures(database, captures[start : start + _BATCH])
        removed = Removed(removed.captures + gone, removed.articles + articles)
        on_progress(removed)
    if removed.captures:
        with database.writing():
            forget_unused_pictures(database)
    return removed


def delete_captures(database: Database, captures: Iterable[int]) -> tuple[int, int]:
    """In the open transaction, delete captures and their articles. Return how many there were of each."""
    gone = partial = 0
    keys: list[int] = []
    for capture in captures:
        for first, count, in_part in database.all(
            "DELETE FROM captures WHERE capture_key = ? RETURNING first_article, articles, partial IS NOT NULL",
            (capture,),
        ):
            gone += 1
            partial += in_part
            keys.extend(range(first, first + count))
    listed = database.all(
        "SELECT a.key FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value WHERE seq IS NOT NULL",
        (json.dumps(keys),),
    )
    # The index needs the texts of articles to remove them.
    articles = merging.read_merged(database, [key for (key,) in listed])
    texts = {key: indexing.texts(article) for key, article in articles}
    changes = matching.forget(database, keys)._replace(texts=texts)
    indexing.update(database, changes)
    marks.update(database, changes)
    database.run(
        "UPDATE counters SET captures = captures - ?, partial_captures = partial_captures - ?",
        (gone, partial),
    )
    return gone, len(keys)
