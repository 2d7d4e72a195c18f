"""Selects articles of a library for export, in order, and adds their origin and their pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from reader.errors import LibraryError
from reader.export.items import ExportItem, Note, Occurrence, make_item, without_folders
from reader.library.articles import StoredArticle, read_article, read_versions
from reader.library.database.connection import Database
from reader.library.database.errors import GoneError, Interrupted
from reader.library.ingest import files
from reader.library.state.notes import Annotation, Annotations, GoneStory
from reader.model import Article
from reader.sanitize import sanitize

if TYPE_CHECKING:
    from reader.captures.pictures import Pictures


def export_item(database: Database, stored: StoredArticle, *, local_paths: bool = False) -> ExportItem:
    """Make the export item of a kept article."""
    versions = read_versions(database, stored.key) if stored.occurrences > 1 else ()
    return make_item(
        stored.article,
        stored.source,
        stored.url,
        stored.captured,
        partial=stored.partial,
        digest=stored.digest,
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
    gone: Iterable[GoneStory],
    on_damage: Callable[[str], None],
    *,
    local_paths: bool = False,
) -> Iterator[ExportItem]:
    """Yield the export items of articles with highlights, notes or tags, those written about last first.

    Without `keys`, all such articles; then those of `gone`, with the title and the source that they were noted with.
    """
    wanted = None if keys is None else set(keys)
    annotations = Annotations(database)
    listed = [key for _, key in annotations.all() if key is not None]
    listed += [key for tag in annotations.all_tags() for key in tag.keys]
    for key in dict.fromkeys(listed):
        if wanted is None or key in wanted:
            for item in export_items(database, [key], on_damage, local_paths=local_paths):
                yield item._replace(notes=_export_notes(annotations.of(key), local_paths))
    for story in gone:
        article = Article(
            0, "story", None, None, story.title, None, (), None, (), (), (), None, None, None, 0, 0
        )
        item = make_item(article, story.source, tags=story.tags, local_paths=local_paths)
        yield item._replace(id=story.identity.hex(), notes=_export_notes(story.annotations, local_paths))


def _export_notes(annotations: Iterable[Annotation], local_paths: bool) -> tuple[Note, ...]:
    """The notes of an export: that on the article, then highlights in the order in which they were made."""
    notes: list[Note] = []
    for annotation in sorted(annotations, key=lambda annotation: annotation.is_highlight):
        source = annotation.source if local_paths else without_folders(annotation.source)
        texts = (*annotation.quote, annotation.color, annotation.note, annotation.made, source)
        notes.append(Note(*(sanitize(text, multiline=True) for text in texts)))
    return tuple(notes)


# The pictures, for the app too


def pictures_of(database: Database, source: str, article: Article, *, for_export: bool = False) -> Pictures:
    """Find the pictures of an article of the capture `source`; none if its file is gone.

    `for_export`: only those that an export may have; see `find_pictures`.
    """
    file = files.file_of(source)
    if file is None:
        return {}
    path, inner = file
    # The readers of captures take longer to import than the first frame takes to draw.
    from reader.captures.pictures import addresses_of, find_pictures
    from reader.captures.results import address_key
    from reader.captures.source import FileOffset

    keys = [address_key(address) for address in addresses_of(article).values()]
    try:
        stored = files.picture_offsets(database, source, path, keys)
        offsets = {key: [FileOffset(*row) for row in rows] for key, rows in stored.items()}
        return find_pictures(path, inner, article, offsets, for_export=for_export)
    except Interrupted:
        raise
    except Exception:  # Whatever is wrong with the file, the article can be read and exported without it.
        return {}
