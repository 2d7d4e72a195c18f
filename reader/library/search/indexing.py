"""Keeps the full-text index in step with the representative versions of stories.

The indexed texts depend only on the article, because FTS5 needs exactly the same texts to remove it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date

from reader.library.database.connection import Database
from reader.library.database.records import decode_article
from reader.library.database.schema import FACETS, KEY_BITS, LEAD, PARTS
from reader.library.search.tokens import (
    ALL,
    AUTHOR,
    DOUBTFUL,
    SECTION,
    SPONSOR,
    SPONSORED,
    TRUNCATED,
    WHOLE,
    indexed,
    special,
)
from reader.library.stories import merging
from reader.library.stories.merging import Facts
from reader.library.stories.placing import Changes
from reader.model import Article, Figure

_COLUMNS = f"rowid, {', '.join(PARTS)}, {FACETS}"
_APART = f" {LEAD}b "


def texts(article: Article) -> tuple[str, ...]:
    """Return the texts to index for an article: its day, its parts in the order of PARTS, its special tokens.

    Pure, so it can run in another process.
    """
    sponsor = () if article.sponsor is None else (article.sponsor,)
    return (
        str(ordinal(article.published)),
        indexed(article.headline or ""),
        indexed(article.deck or ""),
        indexed(" ".join([block.text for block in article.body])),
        _apart([*article.authors, *[bio.text for bio in article.bios], *sponsor]),
        _apart([text for figure in article.figures for text in figure_texts(figure)]),
        _facets(article),
    )


def ordinal(published: str | None) -> int:
    """Return the day of a printed date, counted from 1 for 0001-01-01; 0 without a date."""
    if published is None:
        return 0
    try:
        return date.fromisoformat(published).toordinal()
    except ValueError:
        return 0


def figure_texts(figure: Figure) -> list[str]:
    """Return the visible texts of a figure."""
    return [text for text in (figure.caption, figure.credit) if text] or [figure.alt or ""]


def _apart(texts: Sequence[str]) -> str:
    """Join texts with a separator token, so that no phrase spans two."""
    return _APART.join(map(indexed, texts))


def _facets(article: Article) -> str:
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


def _rows(
    database: Database,
    known_texts: Mapping[int, tuple[str, ...]],
    keys: Iterable[int],
    facts: Mapping[int, Facts],
) -> list[tuple[int | str, ...]]:
    """Return the index rows of articles, in the order of the index, which is the fastest to write."""
    rows: list[tuple[int | str, ...]] = []
    for key in keys:
        article_texts = None if facts.get(key) else known_texts.get(key)
        if article_texts is None:
            (record,) = database.first_row("SELECT record FROM records WHERE key = ?", (key,)) or (None,)
            with suppress(ValueError, TypeError, AttributeError):  # `check` reports a damaged record.
                article_texts = texts(merging.with_facts(decode_article(record), facts.get(key, ())))
        if article_texts is not None:
            day, *parts = article_texts
            rows.append((int(day) << KEY_BITS | key, *parts))
    rows.sort(key=lambda row: row[0])
    return rows
