"""Parses kept captures again, after a parser update or a correction. The reader's marks stay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from reader.library.articles import unpacked
from reader.library.database.connection import Database
from reader.library.database.errors import library_errors
from reader.library.database.records import decode_article, decode_hints
from reader.library.ingest.preparing import PreparedPage, prepare
from reader.library.ingest.removing import delete_captures
from reader.library.ingest.writing import write
from reader.library.search import indexing
from reader.library.state import marks, notes, positions
from reader.library.state.corrections import corrected
from reader.library.stories import stories
from reader.model import Article, Capture
from reader.parsing import PARSER_VERSION, parse_capture


@library_errors
def replace_pages(database: Database, pages: Iterable[PreparedPage]) -> int:
    """Replace kept captures that were parsed again, in one transaction. Return how many gave different articles.

    The reader's marks move to the article with the same words, or else to the one that has most of the lines.
    Captures that are gone, or that another program has updated already, are skipped.
    """
    pages = list(pages)
    if not pages:
        return 0
    changed: dict[int, PreparedPage] = {}
    with database.writing():
        for page in pages:
            row = database.first_row(
                "SELECT capture_key, parser FROM captures WHERE digest = ?", (page.digest,)
            )
            if row is None or row[1] >= PARSER_VERSION:
                continue
            if _reads_alike(database, row[0], page):
                database.run("UPDATE captures SET parser = ? WHERE capture_key = ?", (PARSER_VERSION, row[0]))
            else:
                changed[row[0]] = page
        for key, page in changed.items():
            _move_marks(database, key, page)
        if changed:
            delete_captures(database, changed)
            write(database, list(changed.values()))
    return len(changed)


def _reads_alike(database: Database, capture: int, page: PreparedPage) -> bool:
    rows = database.all(
        "SELECT digest FROM articles JOIN records USING (key) WHERE capture_key = ?1 AND key >="
        " (SELECT first_article FROM captures WHERE capture_key = ?1) ORDER BY key LIMIT ?2",
        (capture, len(page.articles) + 1),
    )
    return [digest for (digest,) in rows] == [article.digest for article in page.articles]


def _move_marks(database: Database, capture: int, page: PreparedPage) -> None:
    new = [decode_article(article.record) for article in page.articles]
    for old, successor in _successors(database, capture, new):
        before, after = bytes.fromhex(old.id), bytes.fromhex(successor.id)
        marks.rename(database, before, after)
        if before != after:
            notes.rename(database, before, after)


class Placement(NamedTuple):
    """Where a capture and its articles are in the library."""

    capture: int
    """Its key."""
    first_article: int
    """The key of its first article."""
    articles: int
    places: list[tuple[int, int, int]]
    """The key, group and place there of its stories, and of the last stories of the groups, which may fill gaps."""


def placement(database: Database, digest: bytes) -> Placement | None:
    """Return where a capture and its articles are, for `reread` to restore; None if it is not kept."""
    row = database.first_row(
        "SELECT capture_key, first_article, articles FROM captures WHERE digest = ?", (digest,)
    )
    if row is None:
        return None
    capture, first, count = row
    own = database.all(
        "SELECT DISTINCT f.key, f.group_id, f.seq FROM articles a JOIN articles f ON f.story = a.story"
        " AND f.seq IS NOT NULL WHERE a.key >= ? AND a.key < ?",
        (first, first + count),
    )
    places = {key: (key, group_id, seq) for key, group_id, seq in own}
    for group_id in sorted({group_id for _, group_id, _ in own}):
        last = database.all(
            "SELECT key, group_id, seq FROM articles WHERE group_id = ? AND seq IS NOT NULL"
            " ORDER BY seq DESC LIMIT ?",
            (group_id, len(own)),
        )
        places.update((key, (key, group, seq)) for key, group, seq in last)
    return Placement(capture, first, count, list(places.values()))


def reread(
    database: Database, digest: bytes, *, undoing: bool = False, before: Placement | None = None
) -> None:
    """In the open transaction, parse a capture again with its current corrections, if it is kept.

    The article that has most of an old article's lines also gets its marks; when `undoing`, only its reading position.
    The articles return to `before`, if they are as many as then.
    """
    row = database.first_row(
        "SELECT capture_key, text, source, url, captured, encoding, partial, hints FROM captures WHERE digest = ?",
        (digest,),
    )
    if row is None:
        return
    key, packed, source, url, captured, encoding, partial, hints = row
    text = unpacked(database, key, packed, digest)
    capture = Capture(source, text, url, captured, encoding, partial, decode_hints(hints))
    page = parse_capture(corrected(database, capture, digest))
    _share_marks(database, key, page.articles, undoing)
    delete_captures(database, [key])
    if before is None or not _is_free(database, before, len(page.articles)):
        write(database, [prepare(capture, page, digest)])
        return
    write(database, [prepare(capture, page, digest)], (before.capture, before.first_article))
    # A story is named after its first version, which may be one of these again.
    changes = stories.regroup(database, range(before.first_article, before.first_article + before.articles))
    indexing.update(database, changes)
    marks.update(database, changes)
    _restore_places(database, before.places)


def _is_free(database: Database, before: Placement, articles: int) -> bool:
    """Has a capture as many articles as before, and are its former keys unused?"""
    taken = database.first_row("SELECT 1 FROM captures WHERE capture_key = ?", (before.capture,)) or (
        database.first_row(
            "SELECT 1 FROM articles WHERE key >= ? AND key < ?",
            (before.first_article, before.first_article + articles),
        )
    )
    return taken is None and articles == before.articles


def _restore_places(database: Database, places: Iterable[tuple[int, int, int]]) -> None:
    """Move listed versions to their former places, swapping each with the version there now."""
    exchange = "UPDATE articles SET seq = ? WHERE key = ?"
    for key, group_id, seq in places:
        now = database.first_row("SELECT seq FROM articles WHERE key = ? AND group_id = ?", (key, group_id))
        there = database.first_row("SELECT key FROM articles WHERE group_id = ? AND seq = ?", (group_id, seq))
        if now is not None and now[0] is not None and there is not None and there[0] != key:
            database.run_many(exchange, [(now[0], there[0]), (seq, key)])


def _share_marks(database: Database, capture: int, new: Sequence[Article], undoing: bool) -> None:
    # The old identities keep their marks: other captures may have them, and undoing the correction restores them.
    for old, successor in _successors(database, capture, new):
        blocks = {block.text: number for number, block in reversed(list(enumerate(successor.body)))}
        moved = [blocks.get(block.text, 0) for block in old.body]
        before, after = bytes.fromhex(old.id), bytes.fromhex(successor.id)
        positions.share(database, before, after, moved)
        if not undoing:
            marks.share(database, before, after)
            notes.share(database, before, after)


def _successors(
    database: Database, capture: int, new: Sequence[Article]
) -> Iterable[tuple[Article, Article]]:
    """Yield each article of a kept capture whose words changed, with its successor."""
    same = {article.id for article in new}
    for old in _articles_of(database, capture):
        successor = _successor(old, new)
        if old.id not in same and successor is not None:
            yield old, successor


def _articles_of(database: Database, capture: int) -> Iterable[Article]:
    """Yield the readable articles of a capture."""
    first, count = database.first_row(
        "SELECT first_article, articles FROM captures WHERE capture_key = ?", (capture,)
    ) or (0, 0)
    for (record,) in database.all(
        "SELECT record FROM records WHERE key >= ? AND key < ?", (first, first + count)
    ):
        with suppress(ValueError, TypeError):
            yield decode_article(record)


def _successor(old: Article, new: Sequence[Article]) -> Article | None:
    """Return the new article that has most of the old one's lines; None if none has any."""

    def shared(article: Article) -> int:
        return min(article.last_line, old.last_line) - max(article.first_line, old.first_line) + 1

    best = max(new, key=shared, default=None)
    return best if best is not None and shared(best) > 0 else None
