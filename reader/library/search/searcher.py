"""Runs a query: plans it, takes matches from the index one by one until there are enough or time is up, shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from math import inf
from time import perf_counter

from reader.library.database import Database, Row
from reader.library.listing import COLUMNS, ArticleRow, article_row
from reader.library.records import decode_article
from reader.library.search.parser import read_query
from reader.library.search.passages import Finder, finder_of, marks_in, passage, places
from reader.library.search.plan import END, IN_CAPTURE, RangeScan, plan
from reader.library.search.prefixes import PrefixTerm, expand
from reader.library.search.query import LAST_DAY, Node
from reader.library.search.results import MOST_COUNTED, MOST_RANKED, Hit, Order, Results
from reader.library.search.schema import KEY_BITS, KEY_MASK
from reader.model import Article

LOOKING_SECONDS, COUNTING_SECONDS = 5.0, 0.5
"""How long a search may look for the matches of a page, and then count all of them."""
LOOKING_TYPED_SECONDS, COUNTING_TYPED_SECONDS = 0.03, 0.002
"""The same while somebody types."""
_MOST_KEYS = 2_000
"""Up to so many articles of the captures that `in:` means are named in a plan."""
_MARKED = 255
"""The bits that are 0 in the rowids of rows that come though they do not match."""
_REMEMBERED = 100
"""Beginnings of words."""
_WEIGHTS = "10.0, 4.0, 1.0, 3.0, 1.0, 0.0"
"""What a match weighs in each of PARTS, and that what is known of an article weighs nothing."""


def find_places(article: Article, query: str) -> list[tuple[int, int, int]]:
    """Block, start and end of all in an article that makes it match, in page order: see `passages.places`.

    A query that cannot be read is read as if it were still being typed; QueryError when that does not help.
    """
    return places(article, finder_of(read_query(query, typing=True).node))


class _Matches:
    """The matches of a scan, taken as its rows come."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.rowids: list[int] = []
        self.last = 0
        """The row that was looked at last."""
        self.exhausted = False

    def take(self, most: int, seconds: float) -> None:
        """Go on until there are `most` matches, or the time since the next row is up."""
        # Before the first row SQLite collects what it needs for all: to end then would be to never get anywhere.
        deadline = inf
        for rowid, is_match in self._rows:
            self.last = rowid
            if is_match:
                self.rowids.append(rowid)
            if len(self.rowids) >= most:
                return
            now = perf_counter()
            if now > deadline:
                return
            if deadline == inf:
                deadline = now + seconds
        self.exhausted = True


class Searcher:
    """Searches a library through one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._expanded: tuple[int, dict[str, list[PrefixTerm]]] = (-1, {})
        """The last change, and the terms of beginnings since: a query is typed letter by letter."""

    def search(self, text: str, order: Order | None, limit: int, after: int | None, typing: bool) -> Results:
        """A page of matches: see `Library.search`."""
        query = read_query(text, typing=typing)
        if query.node is None:
            return Results((), 0, False, None, text)
        with self._database.reading(), self._database.as_one():
            return self._search(text, query.node, order or Order.NEWEST, limit, after, typing)

    def count(self, text: str, typing: bool) -> tuple[int, bool]:
        """How many matches there are, and whether there may be more: see `Library.count_found`."""
        query = read_query(text, typing=typing)
        if query.node is None:
            return 0, False
        with self._database.reading(), self._database.as_one():
            return self._count(self._plan(query.node), COUNTING_SECONDS)

    def _search(
        self, text: str, node: Node, order: Order, limit: int, after: int | None, typing: bool
    ) -> Results:
        looking, counting = (
            (LOOKING_TYPED_SECONDS, COUNTING_TYPED_SECONDS) if typing else (LOOKING_SECONDS, COUNTING_SECONDS)
        )
        scan = self._plan(node)
        finder = finder_of(node)
        ranks = order is Order.RELEVANCE and finder.phrases > 0
        first = after or 0 if ranks else 0
        from_top = ranks or after is None
        wanted = MOST_RANKED if ranks else limit + 1
        with self._matches(scan, END if from_top or after is None else after) as matches:
            matches.take(wanted, looking)
            rowids = self._ranked(scan, matches.rowids) if ranks else list(matches.rowids)
            until = 0 if matches.exhausted or len(rowids) == wanted else matches.last
            if from_top and not matches.exhausted:
                matches.take(MOST_COUNTED + 1, counting)
            count, capped = _counted(matches) if from_top else self._count(scan, counting)
        shown = rowids[first : first + limit]
        following: int | None
        if len(rowids) > first + limit:
            following = first + limit if ranks else shown[-1]
        else:
            following = None if ranks else until or None
        return Results(
            hits=tuple(self._hits(shown, finder)),
            count=max(count, min(len(rowids), MOST_COUNTED)),
            capped=capped,
            after=following,
            query=text,
            until=_day(until) if until else None,
        )

    def _plan(self, node: Node) -> RangeScan:
        return plan(node, self._expand, self._keys_in)

    @contextmanager
    def _matches(self, scan: RangeScan, below: int = END) -> Iterator[_Matches]:
        """The matches below a rowid, the highest first, while the scan is open."""
        condition, values, searches = scan.filter
        # Rows that do not match come too, some or all: they tell how far the scan is.
        shown = "" if searches else f" AND (search.rowid & {_MARKED} = 0 OR {condition})"
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
            return _counted(matches)

    def _expand(self, beginning: str) -> list[PrefixTerm]:
        moment = self._database.moment()
        if moment != self._expanded[0] or len(self._expanded[1]) > _REMEMBERED:
            self._expanded = moment, {}
        known = self._expanded[1]
        if beginning not in known:
            known[beginning] = expand(self._database, beginning)
        return known[beginning]

    def _keys_in(self, text: str) -> list[int] | None:
        """The keys of listed articles whose story has a version in such a capture; None if there are many."""
        versions = self._database.page(
            "first_article, articles",
            "FROM (SELECT first_article, articles FROM captures c INDEXED BY captures_named"
            f" WHERE articles AND {IN_CAPTURE} LIMIT ?)",
            (text, text, _MOST_KEYS + 1),
        )
        if sum(count for _, count in versions) > _MOST_KEYS:
            return None
        keys = [key for first, count in versions for key in range(first, first + count)]
        rows = self._database.all(
            "SELECT DISTINCT a.key FROM json_each(?) j CROSS JOIN articles v ON v.key = j.value"
            " JOIN articles a ON a.story = v.story AND a.seq IS NOT NULL",
            (json.dumps(keys),),
        )
        return [key for (key,) in rows]

    def _ranked(self, scan: RangeScan, rowids: Sequence[int]) -> list[int]:
        """Matches in order of relevance, of equal ones the newest first."""
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
        """What is shown of matches, in their order; those whose rows are gone are left out."""
        keys = json.dumps([rowid & KEY_MASK for rowid in rowids])
        names: dict[int, str] = dict(self._database.all("SELECT group_id, name FROM groups"))
        rows = self._database.page(
            f"j.key, {COLUMNS}", "FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value", (keys,)
        )
        records: dict[int, bytes] = dict(
            self._database.all(
                "SELECT r.key, record FROM json_each(?) j CROSS JOIN records r ON r.key = j.value", (keys,)
            )
        )
        return [self._hit(article_row(row, names), records.get(row[1], b""), finder) for row in rows]

    def _hit(self, row: ArticleRow, record: bytes, finder: Finder) -> Hit:
        try:
            article = decode_article(record)
        except (ValueError, TypeError):
            return Hit(row, "")  # its row is intact; whoever opens it hears what is wrong
        shown = passage(article, finder)
        title_marks = marks_in(row.title, "body" if row.untitled else "headline", finder)
        return Hit(row, shown.text, shown.marks, title_marks)


def _counted(matches: _Matches) -> tuple[int, bool]:
    """How many matches there are, and whether there may be more."""
    count = len(matches.rowids)
    return min(count, MOST_COUNTED), not matches.exhausted or count > MOST_COUNTED


def _day(rowid: int) -> str:
    """The date of a rowid; "" for those of articles without one."""
    if rowid < 1 << KEY_BITS:
        return ""
    return date.fromordinal(min(rowid >> KEY_BITS, LAST_DAY - 1)).isoformat()
