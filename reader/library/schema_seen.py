"""The step that lets articles without a printed date be sorted and counted by the day of their capture."""

from __future__ import annotations

from reader.library.migration import Migration

DATE = "coalesce(a.published, a.seen)"
"""The day by which an article `a` is sorted and counted: the printed one, else that of its capture. Search asks for
the printed one alone: a page may be years older than its capture."""

_STATEMENTS = (
    # YYYY-MM-DD, where the page prints no date and it is known when it was captured.
    "ALTER TABLE articles ADD COLUMN seen TEXT",
    "UPDATE articles SET seen = (SELECT substr(captured, 1, 10) FROM captures c WHERE c.capture_key ="
    " articles.capture_key) WHERE published IS NULL",
    "DROP INDEX articles_listed",
    # The ordinals, and with them all that filters and sorts need, so that these never touch the table.
    "CREATE INDEX articles_listed ON articles (group_id, seq, truncated, published, words, seen)",
)

SEEN = Migration("days of captures", _STATEMENTS)
