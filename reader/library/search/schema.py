"""The migration that makes the full-text index.

The index has one row for each story, that of its representative version; `rowid` is the day of its printed date
(`query.ordinal`) << 32 | key, so the highest is the newest. The index holds no texts: `indexing` makes them again
from the article where they are needed.
"""

from __future__ import annotations

from typing import Any

from reader.library.migration import Migration

PARTS = ("headline", "deck", "body", "authors", "captions")
"""The columns of the index for the parts of an article."""
LEAD = "\ue000"
"""The first character of special tokens: a letter for the tokenizer, and never in a text."""
KEY_BITS = 32
"""The number of low bits of a rowid that are the article's key."""
KEY_MASK = (1 << KEY_BITS) - 1
PREFIXES = (3, 6)
"""The lengths of the beginnings of words that are indexed; `plan` turns other lengths into these."""
FACETS = "facets"
"""The column of special tokens."""

INDEX = f"""fts5(
        {", ".join(PARTS)}, {FACETS}, content='', prefix='{" ".join(map(str, PREFIXES))}',
        tokenize="unicode61 remove_diacritics 2 tokenchars '{LEAD}'")"""
"""The definition of the index's table."""

_STATEMENTS = (
    f"CREATE VIRTUAL TABLE search USING {INDEX}",
    # Bytes of postings that are gathered before they are written: a batch of articles fits.
    "INSERT INTO search (search, rank) VALUES ('hashsize', 67108864)",
    # Of faces that are listed under the section of another version: its name, as it was indexed with them.
    "CREATE TABLE search_sections (key INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE VIRTUAL TABLE search_words USING fts5vocab(search, instance)",
    # All that in: needs, apart from the texts of captures.
    "CREATE INDEX captures_named ON captures (source, url, first_article, articles)",
)


def _index(database: Any) -> None:
    if database.number("SELECT last_article FROM counters"):
        from reader.library.search.indexing import index_all  # Only here: reading a library needs none of it.

        index_all(database)


SEARCH = Migration("full-text search", _STATEMENTS, _index)
