"""What the overview tells of a library: its counts, and who wrote and who paid most."""

from __future__ import annotations

from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.database.errors import library_errors
from reader.library.listings.counts import Counts, count_now
from reader.library.listings.names import Name, authors, sponsors

TOP = 10
"""How many authors and sponsors are named."""


class Overview(NamedTuple):
    """A library at one moment."""

    counts: Counts
    authors: tuple[Name, ...]
    """Those with most articles, most first."""
    all_authors: int
    """How many there are."""
    sponsors: tuple[Name, ...]
    """Those with most pieces, most first; "" for those that no page names, last."""
    all_sponsors: int


@library_errors
def overview(database: Database, top: int | None = TOP) -> Overview:
    """Look all of it over, naming `top` authors and sponsors, or all; a matter of a second at 1,000,000 articles."""
    with database.reading():
        counts = count_now(database)
        written, paid = authors(database), sponsors(database)
    return Overview(counts, written[:top], len(written), paid[:top], len(paid))
