"""Keeps the full-text index in step with the representative versions of stories.

The indexed texts depend only on the article, because FTS5 needs exactly the same texts to remove it again. That is why
they still include the day, month and year tokens, which no query uses any more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from reader.library.database.connection import Database
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
    old_sections = _indexed_sections(database, [*changes.unlisted, *changes.touched])
    new_sections = _sections(database, [*changes.listed, *changes.touched])
    moved = [key for key in changes.touched if old_sections.get(key) != new_sections.get(key)]
    gone = [*changes.unlisted, *moved]
    if gone:
        places = ", ".join("?" * (len(PARTS) + 3))
        rows = _rows(database, changes.texts, gone, old_sections)
        database.run_many(
            f"INSERT INTO search (search, {_COLUMNS}) VALUES ({places})", [("delete", *row) for row in rows]
        )
        database.run_many("DELETE FROM search_sections WHERE key = ?", [(key,) for key in gone])
    added = [*changes.listed, *moved]
    database.insert("search", _COLUMNS, _rows(database, changes.texts, added, new_sections))
    database.insert(
        "search_sections", "key, name", [(key, new_sections[key]) for key in added if key in new_sections]
    )


def index_all(database: Database) -> None:
    """In the open transaction, empty the index and index all listed articles."""
    database.run("INSERT INTO search (search) VALUES ('delete-all')")
    database.run("DELETE FROM search_sections")
    for keys in _listed_keys(database):
        update(database, Changes(listed=keys))


def index_beside(database: Database, table: str) -> None:
    """Index all listed articles in another table of the same kind, for comparison."""
    for keys in _listed_keys(database):
        database.insert(table, _COLUMNS, _rows(database, {}, keys, _sections(database, keys)))


def _listed_keys(database: Database) -> Iterator[list[int]]:
    """Yield the keys of all listed articles, some at a time."""
    last = database.number("SELECT last_article FROM counters")
    for first in range(0, last + 1, _STEP):
        rows = database.all(
            "SELECT key FROM articles WHERE seq IS NOT NULL AND key >= ? AND key < ?", (first, first + _STEP)
        )
        yield [key for (key,) in rows]


def _sections(database: Database, keys: Sequence[int]) -> dict[int, str]:
    """Map articles that another version lists under a section to that section."""
    return dict(
        database.all(
            "SELECT a.key, name FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
            " JOIN groups USING (group_id) WHERE a.group_id <> a.home",
            (json.dumps(keys),),
        )
    )


def _indexed_sections(database: Database, keys: Sequence[int]) -> dict[int, str]:
    """Do the same as `_sections`, as of when the articles were indexed."""
    return dict(
        database.all(
            "SELECT s.key, name FROM json_each(?) j CROSS JOIN search_sections s ON s.key = j.value",
            (json.dumps(keys),),
        )
    )


def _rows(
    database: Database,
    known_texts: Mapping[int, tuple[str, ...]],
    keys: Iterable[int],
    sections: Mapping[int, str],
) -> list[tuple[int | str, ...]]:
    """Return the index rows of articles, in the order of the index, which is the fastest to write."""
    rows: list[tuple[int | str, ...]] = []
    for key in keys:
        article_texts = known_texts.get(key) or _texts_of(database, key)
        if article_texts is None:
            continue
        day, *parts, facets = article_texts
        if key in sections:
            facets = " ".join([facets, *special(SECTION, sections[key])])
        rows.append((int(day) << KEY_BITS | key, *parts, facets))
    rows.sort(key=lambda row: row[0])
    return rows


def _texts_of(database: Database, key: int) -> tuple[str, ...] | None:
    """Return the texts of an article from its record, or None if the record is damaged; `check` reports that."""
    row = database.first_row("SELECT record FROM records WHERE key = ?", (key,))
    with suppress(ValueError, TypeError):
        if row is not None:
            return texts(decode_article(row[0]))
    return None
