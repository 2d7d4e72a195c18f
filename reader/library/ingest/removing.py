"""Removes captures from a library, and parses kept ones again after a parser update or a correction.

The reader's marks are kept: for when removed captures are added again, or for the articles with the same words.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from reader.captures import STANDARD_INPUT
from reader.library.articles import read_capture, unpacked
from reader.library.database.connection import Database, Row
from reader.library.database.errors import library_errors
from reader.library.database.schema import LOST_TEXT, decode_article
from reader.library.ingest.files import forget_unused_pictures
from reader.library.ingest.reading import PreparedPage, prepare
from reader.library.ingest.writing import write
from reader.library.search import indexing
from reader.library.state import marks
from reader.library.state.corrections import corrected
from reader.library.stories import matching, representatives
from reader.model import Article
from reader.parsing import PARSER_VERSION, parse_capture
from reader.sanitize import label_of

_BATCH: Final = 500
"""Captures in a transaction, so that others need not wait long."""
_OF_CAPTURE: Final = (
    "FROM captures c JOIN records r ON r.key >= first_article AND r.key < first_article + articles"
    " WHERE capture_key = ? ORDER BY r.key"
)


class Removed(NamedTuple):
    """The counts of what was removed."""

    captures: int
    articles: int
    """Articles of which no other capture has a version."""


def captures_from(database: Database, names: Iterable[str]) -> dict[str, list[int]]:
    """Return the keys of the captures from each name (a path, folder or address), in order of arrival."""
    captures = {name: list[int]() for name in names}
    paths = {label_of(os.path.abspath(name)): name for name in captures}  # noqa: PTH100 (need not exist)
    addresses = {_bare(name): name for name in captures}
    query = "SELECT capture_key, source, url FROM captures ORDER BY capture_key"
    for key, source, url in database.rows(query):
        path = Path(os.path.abspath(source))  # noqa: PTH100
        file = re.sub(r":\d+$", "", str(path))  # Of several pages in one file, each has its number.
        above = (paths[place] for place in (str(path), file, *map(str, path.parents)) if place in paths)
        name = (addresses.get(_bare(url)) if url else None) or next(above, None)
        if name is not None:
            captures[name].append(key)
    return captures


def _bare(address: str) -> str:
    """Shorten an address to what people write of it: without scheme, “www.” and the last slash."""
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", address).rstrip("/")


def remove(
    database: Database, captures: Sequence[int], on_progress: Callable[[Removed], None] = lambda _: None
) -> Removed:
    """Remove captures by their keys, in batches; unknown keys are ignored.

    `on_progress` receives the totals after each batch. Versions of the same stories in other captures stay.
    """
    removed = Removed(0, 0)
    for start in range(0, len(captures), _BATCH):
        with database.writing():
            database.run("DELETE FROM files")  # so that all are read again
            batch = captures[start : start + _BATCH]
            articles = articles_only_in(database, batch)
            gone = delete_captures(database, batch)
        removed = Removed(removed.captures + gone, removed.articles + articles)
        on_progress(removed)
    if removed.captures:
        with database.writing():
            forget_unused_pictures(database)
    return removed


def articles_only_in(database: Database, captures: Sequence[int]) -> int:
    """Return how many articles leave the library with these captures, since no other has a version of them."""
    return database.number(
        "WITH going AS (SELECT value FROM json_each(?)), stories AS (SELECT DISTINCT story FROM captures c"
        " JOIN articles a ON a.key >= first_article AND a.key < first_article + c.articles"
        " WHERE c.capture_key IN going)"
        " SELECT count(*) FROM stories s WHERE NOT EXISTS"
        " (SELECT 1 FROM articles v WHERE v.story = s.story AND v.capture_key NOT IN going)",
        (json.dumps(list(captures)),),
    )


def delete_captures(database: Database, captures: Iterable[int]) -> int:
    """In the open transaction, delete captures and their articles. Return how many captures there were."""
    gone = 0
    keys: list[int] = []
    for capture in captures:
        for first, count in database.all(
            "DELETE FROM captures WHERE capture_key = ? RETURNING first_article, articles", (capture,)
        ):
            gone += 1
            keys.extend(range(first, first + count))
    listed = database.all(
        "SELECT a.key FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value WHERE listed",
        (json.dumps(keys),),
    )
    # The index needs the texts of articles to remove them.
    articles = representatives.read_merged(database, [key for (key,) in listed])
    texts = {key: indexing.texts(article) for key, article in articles}
    indexing.update(database, matching.forget(database, keys)._replace(texts=texts))
    return gone


def remove_replaced(database: Database, pages: Iterable[PreparedPage]) -> None:
    """In the open transaction, remove the captures without text whose articles have all come back with these pages."""
    lost = database.all(
        "SELECT c.capture_key, a.identity FROM captures c"
        " JOIN articles a ON a.key >= c.first_article AND a.key < c.first_article + c.articles"
        " WHERE c.partial = ?",
        (LOST_TEXT,),
    )
    if not lost:
        return
    identities = {article.columns[1] for page in pages for article in page.articles}
    still_lost = {key for key, identity in lost if identity not in identities}
    delete_captures(database, {key for key, _ in lost} - still_lost)


@library_errors
def remove_cut_captures(database: Database) -> None:
    """Remove captures whose file was cut off, if a later one from the same place begins with the same lines.

    The reader's marks move to the articles that have most of the lines.
    """
    if database.first_row("SELECT 1 FROM captures WHERE partial IS NOT NULL") is None:
        return
    with database.writing():
        pairs = database.all(
            "SELECT c.capture_key, c.text, c.digest, w.capture_key, w.text, w.digest"
            " FROM captures c CROSS JOIN captures w ON w.source = c.source AND w.capture_key > c.capture_key"
            " WHERE c.partial IS NOT NULL AND w.partial IS NULL AND c.source <> ?",
            (STANDARD_INPUT,),
        )
        for cut, packed, digest, whole, *whole_text in pairs:
            text = unpacked(database, cut, packed, digest).rstrip()
            # The last line may have been torn inside a character or a tag.
            if not unpacked(database, whole, *whole_text).startswith(text.rpartition("\n")[0] or text):
                continue
            records = database.all(f"SELECT record {_OF_CAPTURE}", (whole,))
            articles = [decode_article(record) for (record,) in records]
            _pass_marks_on(database, cut, articles)
            delete_captures(database, [cut])
            listed = representatives.representatives_of(
                database, (bytes.fromhex(article.id) for article in articles)
            )
            marks.update(database, representatives.Changes(touched=listed))


# Parsing again


def replace_pages(database: Database, pages: Iterable[PreparedPage]) -> int:
    """In the open transaction, replace captures that were parsed again. Return how many gave different articles.

    The reader's marks move to the article with the same words, or else to the one that has most of the lines.
    Captures that are gone, or that another program has updated already, are skipped.
    """
    changed: dict[int, PreparedPage] = {}
    for page in pages:
        row = database.first_row("SELECT capture_key, parser FROM captures WHERE digest = ?", (page.digest,))
        if row is None or row[1] >= PARSER_VERSION:
            continue
        digests = [digest for (digest,) in database.all(f"SELECT r.digest {_OF_CAPTURE}", (row[0],))]
        if digests == [article.digest for article in page.articles]:
            database.run("UPDATE captures SET parser = ? WHERE capture_key = ?", (PARSER_VERSION, row[0]))
        else:
            changed[row[0]] = page
    for key, page in changed.items():
        _pass_marks_on(database, key, [decode_article(article.record) for article in page.articles])
    if changed:
        # Earlier actions can no longer be undone, since the log names the old identities.
        database.run("DELETE FROM actions")
        delete_captures(database, changed)
        write(database, list(changed.values()))
    return len(changed)


def keys_of(database: Database, digest: bytes) -> Row | None:
    """Return the key of a capture and that of its first article, for `reread` to restore; None if it is not kept."""
    return database.first_row("SELECT capture_key, first_article FROM captures WHERE digest = ?", (digest,))


def reread(database: Database, digest: bytes, *, undoing: bool = False, first: int | None = None) -> None:
    """In the open transaction, parse a capture again with its current corrections, if it is kept.

    The article that has most of an old article's lines also gets its marks; when `undoing`, only its reading position.
    The capture keeps its key. Its articles get keys from `first` on, if these are free, else the next ones.
    """
    kept = keys_of(database, digest)
    if kept is None:
        return
    key = kept[0]
    capture = read_capture(database, key)
    page = parse_capture(corrected(database, capture, digest))
    _pass_marks_on(database, key, page.articles, only_position=undoing)
    delete_captures(database, [key])
    prepared = [prepare(capture, page, digest)]
    # In a library that was mended, other captures may have these keys.
    taken = "SELECT 1 FROM articles WHERE key >= ? AND key < ?"
    if first is None or database.first_row(taken, (first, first + len(page.articles))) is not None:
        write(database, prepared, (key, database.number("SELECT last_article + 1 FROM counters")))
        return
    write(database, prepared, (key, first))
    # A story is named after its first version, which may be one of these again.
    articles = range(first, first + len(page.articles))
    indexing.update(database, matching.regroup(database, articles))


def _pass_marks_on(
    database: Database, capture: int, new: Sequence[Article], *, only_position: bool = False
) -> None:
    """Give the marks of each article whose words changed to the one that has most of its lines.

    The old identities keep their marks, but not the reading position: other captures may have them, and undoing a
    correction restores them.
    """
    same = {article.id for article in new}
    for (record,) in database.all(f"SELECT record {_OF_CAPTURE}", (capture,)):
        try:
            old = decode_article(record)
        except (ValueError, TypeError):
            continue
        shared = [
            min(article.last_line, old.last_line) - max(article.first_line, old.first_line) + 1
            for article in new
        ]
        if old.id in same or max(shared, default=0) <= 0:
            continue
        successor = new[shared.index(max(shared))]
        blocks = {block.text: number for number, block in reversed(list(enumerate(successor.body)))}
        identities = bytes.fromhex(old.id), bytes.fromhex(successor.id)
        marks.move_position(database, *identities, [blocks.get(block.text, 0) for block in old.body])
        if not only_position:
            marks.share(database, *identities)
