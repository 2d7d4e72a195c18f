"""Keeps the full-text index in step with the representative versions of stories.

The indexed texts depend only on the article, because FTS5 needs exactly the same texts to remove it again. That is why
they still include the day, month and year tokens, which no query uses any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from reader.library.database.connection import Database, OnProgress, unreported
from reader.library.database.records import decode_article
from reader.library.database.schema import FACETS, KEY_BITS, LEAD, PARTS
from reader.library.search.query import (
    ALL,
    AUTHOR,
    DAY,
    DOUBTFUL,
    MONTH,
    SECTION,
    SPONSOR,
    SPONSORED,
    TRUNCATED,
    WHOLE,
    YEAR,
    ordinal,
)
from reader.library.search.tokens import indexed, special
from reader.library.stories import merging
from reader.library.stories.merging import Facts
from reader.library.stories.placing import Changes
from reader.model import Article, Figure

_COLUMNS = f"rowid, {', '.join(PARTS)}, {FACETS}"
_APART = f" {LEAD}b "
_STEP = 4_000
"""How many articles to index at a time when rebuilding the index."""


def texts(article: Article) -> tuple[str, ...]:
    """Return the texts to index for an article: its day, its parts in the order of PARTS, its special tokens.

    Pure, so it can run in another process.
    """
    return (
        str(ordinal(article.published)),
        indexed(article.headline or ""),
        indexed(article.deck or ""),
        indexed(" ".join([block.text for block in article.body])),
        _apart(_byline_texts(article)),
        _apart([text for figure in article.figures for text in figure_texts(figure)]),
        _facets(article),
    )


def _byline_texts(article: Article) -> list[str]:
    """Return the texts of the part "authors": names, bios and the sponsor."""
    texts = [*article.authors, *[bio.text for bio in article.bios]]
    return texts if article.sponsor is None else [*texts, article.sponsor]


def figure_texts(figure: Figure) -> list[str]:
    """Return the visible texts of a figure."""
    return [text for text in (figure.caption, figure.credit) if text] or [figure.alt or ""]


def _apart(texts: Sequence[str]) -> str:
    """Join texts with a separator token, so that no phrase spans two."""
    return _APART.join(map(indexed, texts))


def _facets(article: Article) -> str:
    """Return the special tokens of an article."""
    facets = [*special(ALL), *special(WHOLE if article.truncated is None else TRUNCATED)]
    if article.sponsored is not None:
        facets += special(SPONSORED) + special(SECTION, "sponsored")
    if article.doubtful:
        facets += special(DOUBTFUL)
    if article.section:
        facets += special(SECTION, article.section)
    elif article.sponsored is None:
        facets += special(SECTION, "unsectioned")
    if article.sponsor:
        facets += special(SPONSOR, article.sponsor)
    for author in article.authors:
        facets += special(AUTHOR, author)
    if ordinal(article.published):
        year, month, day = (article.published or "").split("-")
        facets += special(YEAR, year) + special(MONTH, year + month) + special(DAY, year + month + day)
    return " ".join(facets)


def update(database: Database, changes: Changes) -> None:
    """In the open transaction, index the newly listed articles and remove the unlisted ones.

    The unlisted ones must be in `changes.texts` or still in `records`.
    """
    moved = [key for key in changes.touched if key in changes.merged]
    gone = [*changes.unlisted, *moved]
    if gone:
        before = {key: merged.before for key, merged in changes.merged.items()}
        places = ", ".join("?" * (len(PARTS) + 3))
        database.run_many(
            f"INSERT INTO search (search, {_COLUMNS}) VALUES ({places})",
            [("delete", *row) for row in _rows(database, changes.texts, gone, before)],
        )
    after = {key: merged.after for key, merged in changes.merged.items()}
    database.insert("search", _COLUMNS, _rows(database, changes.texts, [*changes.listed, *moved], after))


def index_beside(database: Database, table: str, on_progress: OnProgress = unreported) -> None:
    """Index all listed articles in an empty table of the same kind, for comparison."""
    total = database.number("SELECT count(*) FROM articles WHERE seq IS NOT NULL")
    done = 0
    for keys in _listed_keys(database):
        on_progress("articles", done, total)
        done += len(keys)
        database.insert(table, _COLUMNS, _rows(database, {}, keys, merging.read_facts(database, keys)))


def _listed_keys(database: Database) -> Iterator[list[int]]:
    """Yield the keys of all listed articles, some at a time."""
    last = database.number("SELECT last_article FROM counters")
    for first in range(0, last + 1, _STEP):
        rows = database.all(
            "SELECT key FROM articles WHERE seq IS NOT NULL AND key >= ? AND key < ?", (first, first + _STEP)
        )
        yield [key for (key,) in rows]


def _rows(
    database: Database,
    known_texts: Mapping[int, tuple[str, ...]],
    keys: Iterable[int],
    facts: Mapping[int, Facts],
) -> list[tuple[int | str, ...]]:
    """Return the index rows of articles, in the order of the index, which is the fastest to write."""
    rows: list[tuple[int | str, ...]] = []
    for key in keys:
        own = None if facts.get(key) else known_texts.get(key)
        article_texts = own or _texts_of(database, key, facts.get(key, ()))
        if article_texts is not None:
            day, *parts = article_texts
            rows.append((int(day) << KEY_BITS | key, *parts))
    rows.sort(key=lambda row: row[0])
    return rows


def _texts_of(database: Database, key: int, facts: Facts) -> tuple[str, ...] | None:
    """Return the texts of an article from its record, or None if the record is damaged; `check` reports that."""
    row = database.first_row("SELECT record FROM records WHERE key = ?", (key,))
    with suppress(ValueError, TypeError):
        if row is not None:
            return texts(merging.with_facts(decode_article(row[0]), facts))
    return None
