"""The step that makes the full-text index, and what looks up what the index does not know.

One row a story, of its face; `rowid` is the day of its printed date (`query.ordinal`) << 32 | key, so the
highest is the newest. The texts themselves are not kept a second time: `indexing` knows what was indexed.
"""

from __future__ import annotations

from typing import Any

from reader.library.migration import Migration

PARTS = ("headline", "deck", "body", "authors", "captions")
"""The columns of the index that hold what can be read."""
LEAD = "\ue000"
"""The first character of special tokens: the tokenizer takes it for a letter, and no text has it."""
KEY_BITS = 32
"""How many bits of a rowid are the key."""
KEY_MASK = (1 << KEY_BITS) - 1
PREFIXES = (3, 6)
"""Lengths of beginnings of words that are indexed: `expanding` makes do with these for any other."""
FACETS = "facets"
"""The column of special tokens."""

INDEX = f"""fts5(
        {", ".join(PARTS)}, {FACETS}, content='', prefix='{" ".join(map(str, PREFIXES))}',
        tokenize="unicode61 remove_diacritics 2 tokenchars '{LEAD}'")"""
"""What the table of the index is made with."""

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
