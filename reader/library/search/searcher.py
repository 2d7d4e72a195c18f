"""Runs a query: reads matches until the page is full, counts the others, and loads rows and passages.

For a query that matches nothing, it suggests the nearest spelling of words that the library does not have.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from string import ascii_lowercase
from time import perf_counter

from reader.library.database.connection import Database
from reader.library.database.schema import KEY_MASK, LEAD
from reader.library.listing import MOST_COUNTED, MOST_RANKED, Hit, Order, Results, rows_of
from reader.library.search.indexing import tokens
from reader.library.search.parser import Phrase, parse_query, phrases_in
from reader.library.search.passages import marks_in, passage, places, plain_phrases
from reader.library.search.plan import END, RangeScan, next_word, plan, words_with_stem
from reader.library.stories import representatives
from reader.model import Article

_PAGE = 500
"""How many matches to fetch at a time for `all_hits`."""
_WEIGHTS = "10.0, 4.0, 1.0, 3.0, 1.0, 0.0"
"""The weight of a match in each of PARTS; matches of facets weigh nothing."""


FINISHED_SECONDS = 0.5
TYPED_SECONDS = 0.002
"""The same while the query is being typed."""


def find_places(article: Article, query: str, *, stems: bool = False) -> list[tuple[int, int, int]]:
    """Return block, start and end of each match of a query in an article, in page order; see `passages.places`.

    The query may be unfinished. QueryError if it still cannot be parsed.
    """
    return places(article, plain_phrases(parse_query(query, typing=True, stems=stems)))


class Searcher:
    """Searches a library through one connection."""

    def __init__(self, database: Database, *, stems: bool) -> None:
        """With `stems`, words match all words with their stem."""
        self._database = database
        self._stems = stems

    def search(self, text: str, order: Order | None, limit: int, after: int | None, typing: bool) -> Results:
        """Return a page of matches; see `Library.search`."""
        node = parse_query(text, typing=typing, stems=self._stems)
        if node is None:
            return Results((), 0, False, None, text)
        phrases = plain_phrases(node)
        seconds = TYPED_SECONDS if typing else FINISHED_SECONDS
        with self._database.reading(), self._database.interruptible():
            scan = plan(node, self._database)
            if order is Order.RELEVANCE and phrases:
                first = after or 0
                with closing(self._matches(scan)) as matches:
                    rowids = self._ranked(scan, list(islice(matches, MOST_RANKED)))
                    count, capped = _count(matches, len(rowids), seconds)
                following = first + limit if first + limit < len(rowids) else None
                rowids = rowids[first : first + limit]
            else:
                with closing(self._matches(scan, END if after is None else after)) as matches:
                    rowids = list(islice(matches, limit + 1))
                    if after is None:
                        count, capped = _count(matches, len(rowids), seconds)
                    else:
                        count, capped = self._count_all(scan, seconds)
                following = rowids[limit - 1] if len(rowids) > limit else None
                rowids = rowids[:limit]
            return Results(tuple(self._hits(rowids, phrases)), count, capped, following, text)

    def all_hits(self, text: str, order: Order) -> Iterator[Hit]:
        """Yield every match; QueryError if the query cannot be parsed."""
        after: int | None = None
        while True:
            results = self.search(text, order, _PAGE, after, typing=False)
            yield from results.hits
            after = results.after
            if after is None:
                return

    def count(self, text: str, typing: bool) -> tuple[int, bool]:
        """Return how many matches there are, and whether there may be more; see `Library.count_found`."""
        node = parse_query(text, typing=typing, stems=self._stems)
        if node is None:
            return 0, False
        with self._database.reading(), self._database.interruptible():
            return self._count_all(plan(node, self._database), FINISHED_SECONDS)

    def suggestion(self, text: str, typing: bool) -> str | None:
        """Return the query in the nearest spelling that matches something; see `Library.suggestion`."""
        with self._database.reading(), self._database.interruptible():
            query = _corrected(self._database, text, typing=typing, stems=self._stems)
        return query if query is not None and self.count(query, typing)[0] else None

    def _matches(self, scan: RangeScan, below: int = END) -> Generator[int]:
        rows = self._database.rows(
            "SELECT search.rowid FROM search WHERE search MATCH ? AND search.rowid >= ? AND search.rowid < ?"
            f" AND {scan.filter.sql} ORDER BY search.rowid DESC",
            (scan.match, scan.first, min(below, scan.stop), *scan.filter.values),
        )
        with closing(rows):
            yield from (rowid for (rowid,) in rows)

    def _count_all(self, scan: RangeScan, seconds: float) -> tuple[int, bool]:
        with closing(self._matches(scan)) as matches:
            return _count(matches, 0, seconds)

    def _ranked(self, scan: RangeScan, rowids: Sequence[int]) -> list[int]:
        """Sort matches by relevance, and equally relevant ones by date, the newest first."""
        scores: dict[int, float] = {}
        if rowids:
            scores = dict(
                self._database.all(
                    f"SELECT rowid, bm25(search, {_WEIGHTS}) FROM search"
                    " WHERE search MATCH ? AND rowid >= ? AND rowid <= ?",
                    (scan.rank, rowids[-1], rowids[0]),
                )
            )
        return sorted(rowids, key=lambda rowid: (scores.get(rowid, 0.0), -rowid))

    def _hits(self, rowids: Sequence[int], phrases: Sequence[Phrase]) -> Iterator[Hit]:
        keys = [rowid & KEY_MASK for rowid in rowids]
        articles = dict(representatives.read_merged(self._database, keys))
        for row in rows_of(self._database, keys):
            article = articles.get(row.key)
            if article is None:
                yield Hit(row, "")  # The row is intact, and opening the article reports the damage.
            else:
                shown = passage(article, phrases)
                title_marks = marks_in(row.title, "body" if row.untitled else "headline", phrases)
                yield Hit(row, shown.text, shown.marks, title_marks)


def _count(matches: Iterable[int], known: int, seconds: float) -> tuple[int, bool]:
    """Count matches beyond those `known`, up to `MOST_COUNTED`, and say whether there may be more."""
    deadline = perf_counter() + seconds
    count = known
    for _ in matches:
        count += 1
        if count > MOST_COUNTED or perf_counter() > deadline:
            return min(count, MOST_COUNTED), True
    return count, False


# "Did you mean"

_LEAST_LETTERS = 4
"""Shorter words resemble too many others."""
_MOST_LETTERS = 30
_MOST_USES = 1_000
"""A word that is used more often than this counts as no more frequent."""


def _corrected(database: Database, query: str, *, typing: bool, stems: bool) -> str | None:
    """Return a query with the nearest spelling in place of each unknown word; None if there is nothing to correct.

    Words behind a minus sign or NOT, and in conditions that the index does not hold, stay.
    """
    spellings: dict[str, str] = {}
    for phrase in phrases_in(parse_query(query, typing=typing, stems=stems)):
        for number, token in enumerate(phrase.tokens):
            kind = token[:2] if token[0] == LEAD else ""
            word = token.removeprefix(kind)
            is_begun = phrase.prefix and number == len(phrase.tokens) - 1
            if len(word) < _LEAST_LETTERS or _is_known(database, token, begun=is_begun):
                continue
            if phrase.stem and words_with_stem(database, phrase.stem):
                continue
            near = _nearest(database, kind, word)
            if near is None:
                return None
            spellings[word] = near
    changed = query
    for word, start, end in reversed(tokens(query)):
        if word in spellings:
            changed = f"{changed[:start]}{spellings[word]}{changed[end:]}"
    return changed if changed != query else None


def _is_known(database: Database, token: str, *, begun: bool) -> bool:
    word = next_word(database, token, token)
    return word is not None and (begun or word == token)


def _nearest(database: Database, kind: str, word: str) -> str | None:
    """Return the most used word of the index, of a kind of special tokens or "", that differs in one letter."""

    def uses(spelling: str) -> int:
        query = "SELECT count(*) FROM (SELECT 1 FROM search_words WHERE term = ? LIMIT ?)"
        return database.number(query, (kind + spelling, _MOST_USES))

    near = {
        spelling
        for spelling in (_with_one_change(word) if len(word) <= _MOST_LETTERS else ())
        if _is_known(database, kind + spelling, begun=False)
    }
    return max(near, key=lambda spelling: (uses(spelling), spelling), default=None)


def _with_one_change(word: str) -> Iterator[str]:
    """Yield the spellings that differ from a word in one letter: two swapped, one missing, wrong or too many."""
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    for before, after in parts:
        if len(after) > 1 and after[0] != after[1]:
            yield before + after[1] + after[0] + after[2:]
        if after and len(word) > _LEAST_LETTERS - 1:
            yield before + after[1:]
    for letter in ascii_lowercase:
        for before, after in parts:
            yield before + letter + after
            if after and after[0] != letter:
                yield before + letter + after[1:]
