"""Runs a query: reads matches one by one until the page is full or time is up, then loads rows and passages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from math import inf
from time import perf_counter
from typing import NamedTuple

from reader.library.database.connection import Database, Row
from reader.library.database.schema import KEY_BITS, KEY_MASK
from reader.library.listings.listing import COLUMNS, ArticleRow, article_row
from reader.library.search.parser import parse_query
from reader.library.search.passages import Finder, finder_of, marks_in, passage, places
from reader.library.search.plan import END, RangeScan, plan
from reader.library.search.query import LAST_DAY
from reader.library.search.results import MOST_COUNTED, MOST_RANKED, Hit, Order, Results
from reader.library.search.spelling import corrected
from reader.library.stories import merging
from reader.model import Article

_PAGE = 500
"""How many matches to fetch at a time for `all_hits`."""
_MARKER_BITS = 255
"""The scan also returns rows that do not match if these bits of the rowid are zero, to show its progress."""
_WEIGHTS = "10.0, 4.0, 1.0, 3.0, 1.0, 0.0"
"""The weight of a match in each of PARTS; matches of facets weigh nothing."""


class TimeLimits(NamedTuple):
    """The time limits of a search, in seconds."""

    finding: float
    """To find the matches of a page."""
    counting: float
    """To count all matches after that."""


FINISHED = TimeLimits(5.0, 0.5)
TYPED = TimeLimits(0.03, 0.002)
"""The limits while a query is being typed."""


def find_places(article: Article, query: str, *, stems: bool = False) -> list[tuple[int, int, int]]:
    """Return block, start and end of each match of a query in an article, in page order; see `passages.places`.

    The query may be unfinished. QueryError if it still cannot be parsed.
    """
    return places(article, finder_of(parse_query(query, typing=True, stems=stems)))


class _Matches:
    """The matches of a scan, read lazily from its rows."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.rowids: list[int] = []
        self._exhausted = False

    def take(self, most: int, seconds: float) -> int:
        """Read matches until there are `most` or time is up. Return the rowid reached if time is up, otherwise 0.

        The clock starts at the next row. Before the first row, FTS5 prepares the whole scan, and a search that stopped
        then would never make progress.
        """
        deadline = inf
        for rowid, is_match in self._rows:
            if is_match:
                self.rowids.append(rowid)
            if len(self.rowids) >= most:
                return 0
            now = perf_counter()
            if now > deadline:
                return int(rowid)
            if deadline == inf:
                deadline = now + seconds
        self._exhausted = True
        return 0

    @property
    def count(self) -> tuple[int, bool]:
        """The number of matches, up to `MOST_COUNTED`, and whether there may be more."""
        count = len(self.rowids)
        return min(count, MOST_COUNTED), not self._exhausted or count > MOST_COUNTED


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
        finder = finder_of(node)
        limits = TYPED if typing else FINISHED
        with self._database.reading(), self._database.interruptible():
            scan = plan(node, self._database)
            if order is Order.RELEVANCE and finder.phrases:
                results, rowids = self._best(scan, limits, limit, after or 0)
            else:
                results, rowids = self._newest(scan, limits, limit, after)
            return results._replace(hits=tuple(self._hits(rowids, finder)), query=text)

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
            return self._count(plan(node, self._database), FINISHED.counting)

    def suggestion(self, text: str, typing: bool) -> str | None:
        """Return the query in the nearest spelling that matches something; see `Library.suggestion`."""
        with self._database.reading(), self._database.interruptible():
            query = corrected(self._database, text, typing=typing, stems=self._stems)
            if query is None:
                return None
            node = parse_query(query, typing=typing, stems=self._stems)
            return query if node and self._count(plan(node, self._database), FINISHED.counting)[0] else None

    def _newest(
        self, scan: RangeScan, limits: TimeLimits, limit: int, after: int | None
    ) -> tuple[Results, list[int]]:
        """Return a page of the newest matches without hits, and their rowids."""
        with self._matches(scan, END if after is None else after) as matches:
            until = matches.take(limit + 1, limits.finding)
            rowids = matches.rowids[:limit]
            following = rowids[-1] if len(matches.rowids) > limit else until or None
            if after is None:
                matches.take(MOST_COUNTED + 1, limits.counting)
                count, capped = matches.count
            else:
                count, capped = self._count(scan, limits.counting)
        return Results((), count, capped, following, "", _day(until) if until else None), rowids

    def _best(self, scan: RangeScan, limits: TimeLimits, limit: int, first: int) -> tuple[Results, list[int]]:
        """Return a page by relevance of the newest `MOST_RANKED` matches, from the match `first` on."""
        with self._matches(scan) as matches:
            until = matches.take(MOST_RANKED, limits.finding)
            ranked = self._ranked(scan, matches.rowids)
            matches.take(MOST_COUNTED + 1, limits.counting)
            count, capped = matches.count
        following = first + limit if first + limit < len(ranked) else None
        results = Results((), count, capped, following, "", _day(until) if until else None)
        return results, ranked[first : first + limit]

    @contextmanager
    def _matches(self, scan: RangeScan, below: int = END) -> Iterator[_Matches]:
        """Open a scan of the matches below a rowid, the highest first."""
        condition, values, searches = scan.filter
        # Repeating a condition with a sub-query would run that twice, so then the scan returns every row.
        shown = "" if searches else f" AND (search.rowid & {_MARKER_BITS} = 0 OR {condition})"
        rows = self._database.rows(
            f"SELECT search.rowid, {condition} FROM search WHERE search MATCH ?"
            f" AND search.rowid >= ? AND search.rowid < ?{shown} ORDER BY search.rowid DESC",
            (*values, scan.match, scan.first, min(below, scan.stop), *(() if searches else values)),
        )
        with closing(rows):
            yield _Matches(rows)

    def _count(self, scan: RangeScan, seconds: float) -> tuple[int, bool]:
        with self._matches(scan) as matches:
            matches.take(MOST_COUNTED + 1, seconds)
            return matches.count

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

    def _hits(self, rowids: Sequence[int], finder: Finder) -> list[Hit]:
        """Return the hits for matches, in their order."""
        found = [rowid & KEY_MASK for rowid in rowids]
        keys = json.dumps(found)
        names: dict[int, str] = dict(self._database.all("SELECT group_id, name FROM groups"))
        rows = self._database.json_rows(
            f"j.key, {COLUMNS}", "FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value", (keys,)
        )
        articles = dict(merging.read_merged(self._database, found))
        return [self._hit(article_row(row, names), articles.get(row[1]), finder) for row in rows]

    def _hit(self, row: ArticleRow, article: Article | None, finder: Finder) -> Hit:
        if article is None:
            return Hit(row, "")  # The row is intact, and opening the article reports the damage.
        shown = passage(article, finder)
        title_marks = marks_in(row.title, "body" if row.untitled else "headline", finder)
        return Hit(row, shown.text, shown.marks, title_marks)


def _day(rowid: int) -> str:
    """Return the printed date that a rowid encodes, or ""."""
    if rowid < 1 << KEY_BITS:
        return ""
    return date.fromordinal(min(rowid >> KEY_BITS, LAST_DAY - 1)).isoformat()
