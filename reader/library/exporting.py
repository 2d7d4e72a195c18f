"""Selects articles of a library for export, in order, and adds their origin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from reader.errors import LibraryError
from reader.export.items import ExportItem, Note, Occurrence, make_item
from reader.library.articles import StoredArticle, read_article, read_versions
from reader.library.database.connection import Database
from reader.library.database.errors import GoneError, Interrupted
from reader.library.pictures import pictures_of
from reader.library.state.notes import Annotation, Annotations
from reader.model import Article
from reader.sanitize import sanitize


def export_item(database: Database, stored: StoredArticle, *, local_paths: bool = False) -> ExportItem:
    """Make the export item of a kept article."""
    versions = read_versions(database, stored.key) if stored.occurrences > 1 else ()
    (digest,) = database.first_row(
        "SELECT digest FROM captures WHERE capture_key = ?", (stored.capture_key,)
    ) or (None,)
    return make_item(
        stored.article,
        stored.source,
        stored.url,
        stored.captured,
        partial=stored.partial,
        digest=digest,
        tags=Annotations(database).tags(stored.key),
        merged=[(fact.field, fact.source) for fact in stored.merged],
        local_paths=local_paths,
        occurrences=[
            Occurrence(row.source, row.url, row.captured, row.truncated, row.key == stored.key)
            for row in versions
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
    annotations = Annotations(database)
    annotated = annotations.all()
    listed = [key for _, key in annotated if key is not None]
    listed += [key for tag in annotations.all_tags() for key in annotations.tagged(tag.name)]
    for key in dict.fromkeys(listed):
        if wanted is None or key in wanted:
            for item in export_items(database, [key], on_damage, local_paths=local_paths):
                yield item._replace(notes=_export_notes(annotations.of(key)))
    if wanted is None:
        gone: dict[tuple[str, str], list[Annotation]] = {}
        for annotation, representative in reversed(annotated):
            if representative is None:
                gone.setdefault((annotation.title, annotation.source), []).append(annotation)
        for (title, source), noted in gone.items():
            article = Article(
                0, "story", None, None, title, None, (), None, (), (), (), None, None, None, 0, 0
            )
            yield make_item(article, source, local_paths=local_paths)._replace(notes=_export_notes(noted))


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
