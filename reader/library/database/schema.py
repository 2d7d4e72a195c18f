"""Constants of the library's tables that several parts need; `reader.library.migrations` makes the tables."""

from __future__ import annotations

APPLICATION_ID = 0x50524452
"""What marks an SQLite file as a library of this program ("PRDR")."""
SCHEMA_VERSION = 9
"""How many steps `reader.library.migrations` has."""
PAGE_BYTES = 8192
"""The size of a page of a new file: with 4096 a listing read from a cold disk takes half as long again."""

UNSECTIONED_ID = 1
SPONSORED_ID = 2
UNSECTIONED = "Unsectioned"
"""The group of articles whose page prints no section."""
SPONSORED = "Sponsored"
"""The group of paid posts, whatever their section."""

FULLEST_FIRST = "truncated, words DESC, key"
"""The order of a story's versions, the listed one first; as their index has them, the key implied."""
DATE = "coalesce(a.published, a.seen)"
"""The day by which an article `a` is sorted and counted: the printed one, else that of its capture. Search uses the
printed one alone: a page may be years older than its capture."""

# The full-text index has one row for each story, that of its representative version; `rowid` is the day of its printed
# date (`query.ordinal`) << 32 | key, so the highest is the newest. The index holds no texts: `search.indexing` makes
# them again from the article where they are needed.
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
