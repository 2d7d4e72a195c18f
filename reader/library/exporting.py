"""Selects articles of a library for export, in order, and adds their origin."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice

from reader.errors import LibraryError
from reader.export.items import ExportItem, Note, Occurrence, make_item
from reader.library.articles import StoredArticle, StoryVersions, Version, read_article
from reader.library.database.connection import Database
from reader.library.database.errors import GoneError, Interrupted
from reader.library.database.schema import DATE
from reader.library.pictures import pictures_of
from reader.library.state import notes, positions
from reader.library.state.notes import Annotation
from reader.model import Article
from reader.sanitize import sanitize

_PAGE = 500
"""How many articles to read at once."""


def newest_keys(database: Database) -> array[int]:
    """Return all listed articles by printed date, the newest first, undated ones last; eight bytes each."""
    return _keys(database, "SELECT key FROM articles WHERE seq IS NOT NULL ORDER BY published DESC, key DESC")


def opening_keys(database: Database) -> array[int]:
    """Return the articles of which only the opening is known, the newest first, undated ones last; eight bytes each."""
    return _keys(
        database,
        f"SELECT key FROM articles a WHERE seq IS NOT NULL AND truncated ORDER BY {DATE} DESC, key DESC",
    )


def _keys(database: Database, query: str) -> array[int]:
    return array("q", (key for (key,) in database.rows(query)))


def now_complete(database: Database, keys: Iterable[int]) -> set[int]:
    """Return those of these articles whose story is complete now, since another version is listed."""
    remaining = iter(keys)
    whole: set[int] = set()
    while batch := list(islice(remaining, _PAGE)):
        rows = database.all(
            "SELECT a.key FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
            " CROSS JOIN articles f ON f.story = a.story WHERE f.seq IS NOT NULL AND NOT f.truncated",
            (json.dumps(batch),),
        )
        whole.update(key for (key,) in rows)
    return whole


def export_item(database: Database, stored: StoredArticle, *, local_paths: bool = False) -> ExportItem:
    """Make the export item of a kept article."""
    rows: list[Version] = []
    if stored.occurrences > 1:
        versions = StoryVersions(database, stored.key)
        rows = versions.rows(0, len(versions))
    return make_item(
        stored.article,
        stored.source,
        stored.url,
        stored.captured,
        partial=stored.partial,
        digest=positions.capture_digest(database, stored.capture_key),
        tags=notes.tags_of_story(database, stored.story),
        merged=[(fact.field, fact.source) for fact in stored.merged],
        local_paths=local_paths,
        occurrences=[
            Occurrence(row.source, row.url, row.captured, row.truncated, row.key == stored.key)
            for row in rows
        ],
    )._replace(pictures=partial(pictures_of, database, stored.source, stored.article, for_export=True))


def export_items(
    database: Database, keys: Iterable[int], on_damage: Callable[[str], None], *, local_paths: bool = False
) -> Iterator[ExportItem]:
    """Yield the export items of articles, with the paths of captures if `local_paths` is set.

    `on_damage` receives a sentence about each article that cannot be read. Articles removed meanwhile are skipped.
    """
    for key in keys:
        try:
            yield export_item(database, read_article(database, key), local_paths=local_paths)
        except Interrupted:
            raise
        except GoneError:
            continue
        except LibraryError as error:
            on_damage(str(error))


def noted_items(
    database: Database,
    keys: Iterable[int] | None,
    on_damage: Callable[[str], None],
    *,
    local_paths: bool = False,
) -> Iterator[ExportItem]:
    """Yield the export items of articles with highlights, notes or tags, those written about last first.

    Without `keys`, all such articles, and then the highlights and notes whose captures are gone, with the title and
    the source that they were made with.
    """
    wanted = None if keys is None else set(keys)
    annotated = notes.all_annotations(database)
    listed = [key for _, key in annotated if key is not None]
    listed += [key for tag in notes.all_tags(database) for key in notes.keys_with(database, "tag", tag.name)]
    for key in dict.fromkeys(listed):
        if wanted is None or key in wanted:
            for item in export_items(database, [key], on_damage, local_paths=local_paths):
                story = database.number("SELECT story FROM articles WHERE key = ?", (key,))
                yield item._replace(notes=_export_notes(notes.of_story(database, story)))
    if wanted is None:
        gone: dict[tuple[str, str], list[Annotation]] = {}
        for annotation, representative in reversed(annotated):
            if representative is None:
                gone.setdefault((annotation.title, annotation.source), []).append(annotation)
        for (title, source), annotations in gone.items():
            article = Article(
                0, "story", None, None, title, None, (), None, (), (), (), None, None, None, 0, 0
            )
            yield make_item(article, source, local_paths=local_paths)._replace(
                notes=_export_notes(annotations)
            )


def _export_notes(annotations: Iterable[Annotation]) -> tuple[Note, ...]:
    return tuple(
        Note(
            _sanitized(annotation.quote.text),
            _sanitized(annotation.quote.before),
            _sanitized(annotation.quote.after),
            annotation.color,
            _sanitized(annotation.note),
            sanitize(annotation.made),
        )
        for annotation in annotations
    )


def _sanitized(text: str) -> str:
    return sanitize(text, multiline=True)


def all_readable(database: Database, keys: Iterable[int]) -> bool:
    """Are all these articles intact?"""
    try:
        for key in keys:
            read_article(database, key)
    except Interrupted:
        raise
    except LibraryError:
        return False
    return True
