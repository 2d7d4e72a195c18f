"""Queries and their results as records. Pure.

`parser` makes the tree of a query from text, and `searcher` its results, which the app loads only for a search.
"""

from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import NamedTuple

from reader.library.database.schema import LEAD
from reader.library.listings.listing import ArticleRow

STATES = ("truncated", "whole", "sponsored", "unread", "read", "starred", "doubtful")
"""The values of `is:`."""
HAS = ("highlight", "note")
"""The values of `has:`."""
NOTES = "notes"
"""The value of `in:` for words in highlights and notes."""
FIELDS = ("section", "author", "sponsor", "tag", "is", "has", "before", "after", "in")
"""The names of fields, before the colon."""

ALL, TRUNCATED, WHOLE, SPONSORED, DOUBTFUL = "a", "t", "w", "p", "q"
SECTION, SPONSOR, AUTHOR = "s", "o", "u"
"""Kinds of special tokens (`tokens.special`). Every article has ALL, and any others that apply to it."""


LAST_DAY = date.max.toordinal() + 1
"""The ordinal after the last day of Python's calendar."""


class Phrase(NamedTuple):
    """Consecutive tokens in one part of an article."""

    tokens: tuple[str, ...]
    """At least one, folded."""
    prefix: bool = False
    """True if the last token is only the beginning of a word."""
    parts: tuple[str, ...] = ()
    """The parts of an article it may stand in; empty means any."""
    stem: str = ""
    """For a single word: all words with this stem match too; "" if only the word itself does."""

    @property
    def plain(self) -> bool:
        """True for visible text; False for a fact about the article, like its section."""
        return self.tokens[0][0] != LEAD or self.tokens[0][1] == "x"


class Dates(NamedTuple):
    """A range of printed dates without the last, as ordinals of days (1 is 0001-01-01)."""

    first: int
    last: int


class Condition(NamedTuple):
    """A condition on the reader's marks or the captures' paths, which the index does not hold."""

    kind: str
    """One of unread, read, starred, in, tag, highlight, note, notes."""
    value: str = ""
    """For `in`: part of a capture's path or address, in lower case. For `tag` a tag and for `notes` a phrase of tokens
    with spaces between them; a `*` at the end of either stands for the rest of a word."""


class And(NamedTuple):
    """Matches what all its nodes match."""

    nodes: "tuple[Node, ...]"


class Or(NamedTuple):
    """Matches what at least one of its nodes matches."""

    nodes: "tuple[Node, ...]"


class Not(NamedTuple):
    """Matches what its node does not match."""

    node: "Node"


Node = Phrase | Dates | Condition | And | Or | Not


def ordinal(published: str | None) -> int:
    """Return the day of a printed date, counted from 1 for 0001-01-01; 0 without a date."""
    if published is None:
        return 0
    try:
        return date.fromisoformat(published).toordinal()
    except ValueError:
        return 0


def phrases_in(node: Node | None) -> Iterator[Phrase]:
    """Yield the phrases of a query, also those of its fields, without excluded ones."""
    if isinstance(node, (And, Or)):
        for part in node.nodes:
            yield from phrases_in(part)
    elif isinstance(node, Phrase):
        yield node


# Results

MOST_COUNTED = 10_000
"""The most matches that are counted."""
MOST_RANKED = 2_000
"""How many of the newest matches are ranked by relevance."""


class Order(Enum):
    """The order of matches."""

    NEWEST = "newest"
    """By printed date, the newest first, undated ones last."""
    RELEVANCE = "relevance"
    """The newest `MOST_RANKED` matches by BM25, which favours rare words and words that an article uses often."""


class Hit(NamedTuple):
    """A matching article, with a passage to show."""

    row: ArticleRow
    passage: str
    """The part of its text that matches, or else its beginning; at most `passages.MOST_CHARACTERS`."""
    marks: tuple[tuple[int, int], ...] = ()
    """Start and end of each match in the passage, in order."""
    title_marks: tuple[tuple[int, int], ...] = ()
    """The matches in `row.title`."""


class Results(NamedTuple):
    """A page of matches."""

    hits: tuple[Hit, ...]
    count: int  # type: ignore[assignment]  # hides a method of tuples
    """The number of matching articles, or the least number if `capped`."""
    capped: bool
    """True if there may be more than `count`: counting stopped at `MOST_COUNTED` or took too long."""
    after: int | None
    """The `after` of the next page; None on the last."""
    query: str


class SavedSearch(NamedTuple):
    """A search under a name."""

    name: str
    query: str
