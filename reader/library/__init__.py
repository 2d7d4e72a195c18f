"""The library: captures, their articles and problems in one SQLite file.

`reader.library.ingest.engine` fills it; it is not imported here, since reading a library needs neither formats
nor parser.
"""

from __future__ import annotations

from reader.library.articles import StoredArticle, Version
from reader.library.database.errors import DamagedError, ForeignError, GoneError, Interrupted, NewerError
from reader.library.database.schema import fold, folded_words
from reader.library.listing import (
    ArticleRow,
    Filters,
    Group,
    Hit,
    Listing,
    Order,
    Results,
    SavedSearch,
    SectionCount,
    Show,
    Sort,
)
from reader.library.state.marks import StoredPosition
from reader.library.store import Library, Stamps, Totals
from reader.model import SPONSORED, UNSECTIONED

__all__ = [
    "SPONSORED", "UNSECTIONED", "ArticleRow", "DamagedError", "Filters", "ForeignError", "GoneError", "Group", "Hit",
    "Interrupted", "Library", "Listing", "NewerError", "Order", "Results", "SavedSearch",
    "SectionCount", "Show", "Sort", "Stamps", "StoredArticle", "StoredPosition", "Totals", "Version", "fold",
    "folded_words",
]  # fmt: skip
