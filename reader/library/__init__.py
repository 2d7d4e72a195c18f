"""The library: captures, their articles and problems in one SQLite file.

`reader.library.importing` fills it; it is not imported here, since reading a library needs neither formats
nor parser.
"""

from reader.library.database import Interrupted
from reader.library.folding import fold, folded_words
from reader.library.listing import ArticleRow, Group, Listing
from reader.library.queries import Filters, Show, Sort
from reader.library.schema import SPONSORED, UNSECTIONED
from reader.library.search_results import Hit, Order, Results
from reader.library.state_records import ReadingPlace, SavedSearch
from reader.library.store import Library, SectionCount, StoredArticle, Totals, Version

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
    "Totals",
    "Version",
    "fold",
    "folded_words",
]
