"""The library: captures, their articles and problems in one SQLite file.

`reader.library.ingest.engine` fills it; it is not imported here, since reading a library needs neither formats
nor parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reader.library.failures import Interrupted
from reader.library.folding import fold, folded_words
from reader.library.listings.listing import ArticleRow, Group, Listing
from reader.library.listings.queries import Filters, Show, Sort
from reader.library.schema import SPONSORED, UNSECTIONED
from reader.library.state.state_records import ReadingPlace, SavedSearch
from reader.library.store import Library, SectionCount, StoredArticle, StoryFace, Totals

if TYPE_CHECKING:
    from reader.library.search.results import Hit, Order, Results
    from reader.library.stories.story_versions import StoryVersions, Version

__all__ = [
    "SPONSORED",
    "UNSECTIONED",
    "ArticleRow",
    "Filters",
    "Group",
    "Hit",
    "Interrupted",
    "Library",
    "Listing",
    "Order",
    "ReadingPlace",
    "Results",
    "SavedSearch",
    "SectionCount",
    "Show",
    "Sort",
    "StoredArticle",
    "StoryFace",
    "StoryVersions",
    "Totals",
    "Version",
    "fold",
    "folded_words",
]


def __getattr__(name: str) -> Any:
    """What a search answers, and versions, imported when first asked for: the first screen needs neither."""
    if name in ("Hit", "Order", "Results"):
        from reader.library.search import results

        return getattr(results, name)
    if name in ("StoryVersions", "Version"):
        from reader.library.stories import story_versions

        return getattr(story_versions, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
