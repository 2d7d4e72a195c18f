"""Constants of the library's tables; `tables` creates them."""

from __future__ import annotations

from reader.model import SKIPPED

APPLICATION_ID = 0x50524452
"""Marks an SQLite file as a library of this program ("PRDR")."""
SCHEMA_VERSION = 16
"""Raised by every change of the tables. Files of other versions are not opened."""
PAGE_BYTES = 8192
"""The page size of a new file. With 4096, reading a listing from a cold disk takes 50 % longer."""

UNSECTIONED_ID = 1
SPONSORED_ID = 2
UNSECTIONED = "Unsectioned"
"""The group of articles whose page prints no section."""
SPONSORED = "Sponsored"
"""The group of paid posts, whatever their section."""

FULLEST_FIRST = "truncated, words DESC, key"
"""The order of a story's versions, the listed one first. Their index has the same order, with an implicit key."""
DATE = "coalesce(a.published, a.seen)"
"""The day by which an article `a` is sorted and counted: the printed one, or else that of its capture. Search uses only
the printed one, since a page may be years older than its capture."""

IS_SKIPPED = f"kind IN {SKIPPED}"
"""True for a row of `problems` that was skipped on purpose."""

# The full-text index has one row for each story's representative version. `rowid` is the printed date (`query.ordinal`)
# << 32 | key, so the highest rowid is the newest. The index stores no texts: `search.indexing` derives them again from
# the article if needed.
PARTS = ("headline", "deck", "body", "authors", "captions")
"""The columns of the index for the parts of an article."""
LEAD = "\ue000"
"""The first character of special tokens: a letter for the tokenizer that never occurs in texts."""
KEY_BITS = 32
"""How many low bits of a rowid hold the article's key."""
KEY_MASK = (1 << KEY_BITS) - 1
PREFIXES = (3, 6)
"""The lengths of indexed word beginnings; `plan` converts other lengths to these."""
FACETS = "facets"
"""The column of special tokens."""

INDEX = f"""fts5(
        {", ".join(PARTS)}, {FACETS}, content='', prefix='{" ".join(map(str, PREFIXES))}',
        tokenize="unicode61 remove_diacritics 2 tokenchars '{LEAD}'")"""
"""The definition of the index's table."""
