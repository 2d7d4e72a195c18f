"""Parses kept captures again, after a parser update or a correction. The reader's marks stay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from reader.library.articles import unpacked
from reader.library.database.connection import Database
from reader.library.database.errors import library_errors
from reader.library.database.records import decode_article, decode_hints
from reader.library.ingest.preparing import PreparedPage, prepare
from reader.library.ingest.removing import delete_captures
from reader.library.ingest.writing import write
from reader.library.search import indexing
from reader.library.state import marks
from reader.library.state.corrections import corrected
from reader.library.stories import stories
from reader.model import Article, Capture
from reader.parsing import PARSER_VERSION, parse_capture

_DIGESTS: Final = (
    "SELECT r.digest FROM captures c JOIN records r ON r.key >= first_article AND r.key < first_article + articles"
    " WHERE capture_key = ? ORDER BY r.key"
)


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
            digests = [digest for (digest,) in database.all(_DIGESTS, (row[0],))]
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
    key, packed, source, url, captured, encoding, reason, hints = row
    text = unpacked(database, key, packed, digest)
    capture = Capture(source, text, url, captured, encoding, reason, decode_hints(hints))
    page = parse_capture(corrected(database, capture, digest))
    _pass_marks_on(database, key, page.articles, only_position=undoing)
    delete_captures(database, [key])
    prepared = [prepare(capture, page, digest)]
    if before is None or before.articles != len(page.articles):
        write(database, prepared)
        return
    articles = range(before.first_article, before.first_article + before.articles)
    if database.first_row(
        "SELECT 1 FROM captures WHERE capture_key = ? UNION ALL SELECT 1 FROM articles WHERE key >= ? AND key < ?",
        (before.capture, articles.start, articles.stop),
    ):
        write(database, prepared)
        return
    write(database, prepared, (before.capture, before.first_article))
    # A story is named after its first version, which may be one of these again.
    changes = stories.regroup(database, articles)
    indexing.update(database, changes)
    marks.update(database, changes)
    # Move listed versions to their former places, swapping each with the version there now.
    for version, group_id, seq in before.places:
        now = database.first_row(
            "SELECT seq FROM articles WHERE key = ? AND group_id = ? AND seq IS NOT NULL", (version, group_id)
        )
        there = database.first_row("SELECT key FROM articles WHERE group_id = ? AND seq = ?", (group_id, seq))
        if now and there and there[0] != version:
            database.run_many(
                "UPDATE articles SET seq = ? WHERE key = ?", [(now[0], there[0]), (seq, version)]
            )


def _pass_marks_on(
    database: Database, capture: int, new: Sequence[Article], *, only_position: bool = False
) -> None:
    """Give the marks of each article whose words changed to the one that has most of its lines.

    The old identities keep their marks, but not the reading position: other captures may have them, and undoing a
    correction restores them.
    """
    same = {article.id for article in new}
    for (record,) in database.all(
        "SELECT record FROM captures c JOIN records r ON r.key >= first_article AND r.key < first_article + articles"
        " WHERE capture_key = ?",
        (capture,),
    ):
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
