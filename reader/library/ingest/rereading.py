"""Captures that a newer version of the parser has read again take the place of what the older one made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from reader.library.database.connection import Database
from reader.library.database.records import decode_article
from reader.library.ingest.preparing import PreparedPage
from reader.library.ingest.removing import take_out
from reader.library.ingest.writing import write
from reader.library.state import marks
from reader.model import Article
from reader.parsing import PARSER_VERSION


def replace(database: Database, pages: Iterable[PreparedPage]) -> int:
    """Write what `prepare` made of kept captures in one transaction; how many of them read otherwise than before.

    What the reader has marked goes along: to the article whose words are the same, else to the one that has most of
    the lines. Captures that are kept no more, or were read anew by another program, are left out.
    """
    pages = list(pages)
    if not pages:
        return 0
    changed: dict[int, PreparedPage] = {}
    with database.writing():
        for page in pages:
            row = database.one("SELECT capture_key, parser FROM captures WHERE digest = ?", (page.digest,))
            if row is None or row[1] >= PARSER_VERSION:
                continue
            if _reads_alike(database, row[0], page):
                database.run("UPDATE captures SET parser = ? WHERE capture_key = ?", (PARSER_VERSION, row[0]))
            else:
                changed[row[0]] = page
        if changed:
            for key, page in changed.items():
                _take_marks_along(database, key, page)
            take_out(database, changed)
            write(database, list(changed.values()))
    return len(changed)


def _reads_alike(database: Database, capture: int, page: PreparedPage) -> bool:
    rows = database.all(
        "SELECT digest FROM articles JOIN records USING (key) WHERE capture_key = ?1 AND key >="
        " (SELECT first_article FROM captures WHERE capture_key = ?1) ORDER BY key LIMIT ?2",
        (capture, len(page.articles) + 1),
    )
    return [digest for (digest,) in rows] == [article.digest for article in page.articles]


def _take_marks_along(database: Database, capture: int, page: PreparedPage) -> None:
    new = [decode_article(article.record) for article in page.articles]
    same = {article.id for article in new}
    for old in articles_of(database, capture):
        inheritor = heir(old, new)
        if old.id not in same and inheritor is not None:
            marks.rename(database, bytes.fromhex(old.id), bytes.fromhex(inheritor.id))


def articles_of(database: Database, capture: int) -> Iterable[Article]:
    """The articles of a capture that can be read."""
    first, count = database.one(
        "SELECT first_article, articles FROM captures WHERE capture_key = ?", (capture,)
    ) or (0, 0)
    for (record,) in database.all(
        "SELECT record FROM records WHERE key >= ? AND key < ?", (first, first + count)
    ):
        with suppress(ValueError, TypeError):
            yield decode_article(record)


def heir(old: Article, new: Sequence[Article]) -> Article | None:
    """Which of the new articles has most of the old one's lines; None when none has any."""

    def shared(article: Article) -> int:
        return min(article.last_line, old.last_line) - max(article.first_line, old.first_line) + 1

    found = max(new, key=shared, default=None)
    return found if found is not None and shared(found) > 0 else None
