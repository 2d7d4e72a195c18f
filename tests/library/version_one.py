"""Library files as the first version of the program left them, written row by row without its code."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from reader.library import migrations
from reader.library.database import opening
from reader.library.database.schema import APPLICATION_ID, PAGE_BYTES, SPONSORED_ID, UNSECTIONED_ID
from reader.library.migrations import MIGRATIONS, Migration
from reader.model import Article
from tests.generated import pages


def build_first_version(path: Path, articles: int, seed: int = 1) -> None:
    """A library of version 1 with so many generated articles."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode=WAL")
        with connection:
            for statement in MIGRATIONS[0].statements:
                connection.execute(statement)
            connection.execute("INSERT INTO migrations VALUES (1, ?)", (MIGRATIONS[0].name,))
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute("PRAGMA user_version=1")
            _fill(connection, articles, seed)


def _fill(connection: sqlite3.Connection, articles: int, seed: int) -> None:
    groups: dict[str, int] = {}
    places: Counter[int] = Counter()
    truncated: Counter[int] = Counter()
    key = capture_key = 0
    for capture, page in pages(articles, seed):
        capture_key += 1
        text = capture.text.encode()
        connection.execute(
            "INSERT INTO captures VALUES (?, ?, ?, ?, ?, ?, ?, 'utf-8', NULL, NULL, ?)",
            (capture_key, sha256(text).digest(), key + 1, len(page.articles), capture.source, capture.url,
             capture.captured, zlib.compress(text)),
        )  # fmt: skip
        for article in page.articles:
            key += 1
            group = _group(connection, groups, article)
            cut = article.truncated is not None
            connection.execute(
                "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (key, capture_key, article.position, bytes.fromhex(article.id), group, places[group], cut,
                 article.published, article.words, article.headline is None, article.title,
                 ", ".join(article.authors), article.sponsor),
            )  # fmt: skip
            record = json.dumps(list(article[:17]), ensure_ascii=False, separators=(",", ":")).encode()
            connection.execute("INSERT INTO records VALUES (?, ?, ?)", (key, sha256(record).digest(), record))
            connection.execute(
                "INSERT INTO folded VALUES (?, ?, ?)",
                (key, article.title.lower(), (article.deck or "").lower()),
            )
            places[group] += 1
            truncated[group] += cut
    for group, count in places.items():
        connection.execute(
            "UPDATE groups SET articles = ?, truncated = ? WHERE group_id = ?",
            (count, truncated[group], group),
        )
    connection.execute(
        "UPDATE counters SET captures = ?1, last_capture = ?1, last_article = ?2", (capture_key, key)
    )


def _group(connection: sqlite3.Connection, groups: dict[str, int], article: Article) -> int:
    if article.sponsored:
        return SPONSORED_ID
    if article.section is None:
        return UNSECTIONED_ID
    if article.section not in groups:
        groups[article.section] = len(groups) + 3
        connection.execute(
            "INSERT INTO groups (group_id, name) VALUES (?, ?)", (groups[article.section], article.section)
        )
    return groups[article.section]


def use_migrations(patch: pytest.MonkeyPatch, steps: Sequence[Migration]) -> None:
    """Let the program have these steps alone, as an older or a newer version of it would."""
    patch.setattr(migrations, "MIGRATIONS", tuple(steps))
    patch.setattr(opening, "SCHEMA_VERSION", len(steps))
