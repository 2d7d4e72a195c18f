"""Takes captures out of a library. What the reader has marked stays, and is there again when they are added again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from reader.library import pictures
from reader.library.database.connection import Database
from reader.library.database.errors import library_errors
from reader.library.database.records import decode_article
from reader.library.ingest import files as known_files
from reader.library.search import indexing
from reader.library.state import marks
from reader.library.stories import stories
from reader.model import Article

_FIRST_BATCH: Final = 100
"""Captures of the first transaction, so that others need not wait long."""
_GROWTH: Final = 1.5
"""How many times as many each next one has: the stories of what goes are made anew in each."""
_BATCH: Final = 1_000
"""Captures of a transaction at most."""


class Chosen(NamedTuple):
    """A capture that is meant."""

    key: int
    source: str
    articles: int


class Removed(NamedTuple):
    """What was taken out."""

    captures: int
    articles: int
    """Versions of articles; other captures may have the same ones."""


@library_errors
def choose(database: Database, names: Iterable[str]) -> Iterator[tuple[str, list[Chosen]]]:
    """For each of `names`, a path, a folder or an address, the captures that come from there, in order of arrival."""
    wanted = {name: list[Chosen]() for name in names}
    paths = {os.path.abspath(name): name for name in wanted}  # noqa: PTH100 (need not exist)
    addresses = {name.rstrip("/"): name for name in wanted}
    query = "SELECT capture_key, source, url, articles FROM captures ORDER BY capture_key"
    for rows in database.chunks(query):
        for key, source, url, articles in rows:
            name = addresses.get((url or "").rstrip("/")) or _named(source, paths)
            if name is not None:
                wanted[name].append(Chosen(key, source, articles))
    yield from wanted.items()


def _named(source: str, paths: dict[str, str]) -> str | None:
    """Which of the absolute `paths` a source is, or lies in."""
    path = os.path.abspath(source)  # noqa: PTH100
    while True:
        if path in paths:
            return paths[path]
        above = os.path.dirname(path)  # noqa: PTH120
        if above == path:
            return None
        path = above


@library_errors
def remove(
    database: Database, captures: Sequence[int], on_progress: Callable[[Removed], None] = lambda _: None
) -> Removed:
    """Take captures out by their keys, some at a time; keys that there are not are left out.

    `on_progress` is told after each batch what is gone. What other captures show of the same stories stays.
    """
    removed = Removed(0, 0)
    for batch in _batches(captures):
        with database.writing():
            gone, articles = _remove(database, batch)
        removed = Removed(removed.captures + gone, removed.articles + articles)
        on_progress(removed)
    if removed.captures:
        with database.writing():
            pictures.forget_unused(database)
    return removed


def _batches(captures: Sequence[int]) -> Iterator[Sequence[int]]:
    start, size = 0, float(_FIRST_BATCH)
    while start < len(captures):
        yield captures[start : start + int(size)]
        start += int(size)
        size = min(size * _GROWTH, _BATCH)


def take_out(database: Database, captures: Iterable[int]) -> tuple[int, int]:
    """In the open transaction: take captures and their articles out; how many of either there were."""
    gone = partial = 0
    keys: list[int] = []
    for capture in captures:
        row = database.one(
            "SELECT first_article, articles, partial IS NOT NULL FROM captures WHERE capture_key = ?",
            (capture,),
        )
        if row is None:
            continue
        first, count, in_part = row
        gone += 1
        partial += in_part
        keys.extend(range(first, first + count))
        database.run("DELETE FROM captures WHERE capture_key = ?", (capture,))
    forget(database, keys)
    database.run(
        "UPDATE counters SET captures = captures - ?, partial_captures = partial_captures - ?",
        (gone, partial),
    )
    return gone, len(keys)


def forget(database: Database, keys: Sequence[int]) -> None:
    """In the open transaction: take versions out of their stories, with all that follows from it."""
    texts = _faces(database, keys)
    changes = stories.forget(database, keys)._replace(articles=texts)
    indexing.update(database, changes)
    marks.settle(database, changes)


def _faces(database: Database, keys: Sequence[int]) -> dict[int, Article]:
    """Those of the articles that are listed: to take them out, the index must be told what it was given."""
    articles: dict[int, Article] = {}
    for key in keys:
        row = database.one(
            "SELECT record FROM records JOIN articles USING (key) WHERE key = ? AND seq IS NOT NULL", (key,)
        )
        with suppress(ValueError, TypeError):
            if row is not None:
                articles[key] = decode_article(row[0])
    return articles


def _remove(database: Database, captures: Iterable[int]) -> tuple[int, int]:
    known_files.forget(database)
    return take_out(database, captures)
