"""Full-text search: a query, the plan it comes to, a walk through the index, and what is shown of the matches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from reader.errors import QueryError
from reader.library.checking import Checking
from reader.library.database import Database
from reader.library.listing import COLUMNS, ArticleRow, article_row
from reader.library.looking import Places
from reader.library.records import decode_article
from reader.library.search.parser import Query, read_query
from reader.library.search.passages import Finder, finder_of, marks_in, passage, places
from reader.library.search.plan import EVERYTHING, Alternative, plan
from reader.library.search.prefixes import Ending, expand
from reader.library.search.query import LAST_DAY, Node
from reader.library.search.results import MOST_COUNTED, MOST_RANKED, Hit, Order, Results
from reader.library.search.schema import KEY_BITS
from reader.library.stepping import Steps
from reader.library.walking import BEHIND, Spread, Walk, key_of
from reader.model import Article

LOOKING_SECONDS, COUNTING_SECONDS = 5.0, 0.5
"""How long a search may look for the matches of a page, and then count all of them."""
LOOKING_TYPED_SECONDS, COUNTING_TYPED_SECONDS = 0.015, 0.006
"""The same while somebody types."""
LOOKING_TYPED_EACH = 25e-9
"""How much longer, in seconds, it may look for each article of the library."""
_REMEMBERED = 100
"""Beginnings of words."""
_WEIGHTS = "10.0, 4.0, 1.0, 3.0, 1.0, 0.0"
"""What a match weighs in each of PARTS, and that what is known of an article weighs nothing."""


def find_places(article: Article, query: str) -> list[tuple[int, int, int]]:
    """Block, start and end of all in an article that makes it match, in page order: see `passages.places`.

    A query that cannot be read is read as if it were still being typed; QueryError when that does not help.
    """
    return places(article, finder_of(read_query(query, typing=True).node))


class Searcher:
    """Searches a library through one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._spread: Spread | None = None
        self._places = Places(database)
        self._expanded: tuple[int, dict[str, list[Ending]]] = (-1, {})
        """The last change, and what beginnings have come to since, since a query is typed letter by letter."""

    def search(self, text: str, order: Order | None, limit: int, after: int | None, typing: bool) -> Results:
        """A page of matches: see `Library.search`."""
        query = read_query(text, typing=typing)
        if query.node is None:
            return Results((), 0, False, None, text)
        with self._database.reading(), self._database.as_one():
            return self._search(query, order or Order.NEWEST, limit, after, typing)

    def count(self, text: str, typing: bool) -> tuple[int, bool]:
        """How many matches there are, and whether there may be more: see `Library.count_found`."""
        query = read_query(text, typing=typing)
        if query.node is None:
            return 0, False
        with self._database.reading(), self._database.as_one():
            walk = self._walk(self._ways(query, query.node), self._known_spread(), typing=False)
            count, all_counted = walk.count(MOST_COUNTED + 1, COUNTING_SECONDS)
        return min(count, MOST_COUNTED), not all_counted

    def _search(self, query: Query, order: Order, limit: int, after: int | None, typing: bool) -> Results:
        assert query.node is not None
        spread = self._known_spread()
        if not spread.articles:
            return Results((), 0, False, None, query.text)
        ways = self._ways(query, query.node)
        walk = self._walk(ways, spread, typing)
        looking, counting = (
            (LOOKING_TYPED_SECONDS + spread.articles * LOOKING_TYPED_EACH, COUNTING_TYPED_SECONDS)
            if typing
            else (LOOKING_SECONDS, COUNTING_SECONDS)
        )
        finder = finder_of(query.node)
        if order is Order.RELEVANCE and finder.phrases:
            wanted = MOST_RANKED
            found = walk.newest(BEHIND, wanted, looking)
            ranked = self._ranked(ways, found.rowids)
            first = after or 0
            shown = ranked[first : first + limit]
            following = first + limit if first + limit < len(ranked) else None
            from_top = True
        else:
            wanted = MOST_COUNTED + 1 if walk.at_once else limit + 1
            found = walk.newest(BEHIND if after is None else after, wanted, looking)
            shown = found.rowids[:limit]
            following = shown[-1] if shown and len(found.rowids) > limit else found.end or None
            from_top = after is None
        if from_top and (len(found.rowids) < wanted or wanted > MOST_COUNTED):
            count, all_counted = len(found.rowids), not found.end and len(found.rowids) <= MOST_COUNTED
        else:
            count, all_counted = walk.count(MOST_COUNTED + 1, counting)
        return Results(
            hits=tuple(self._hits(shown, finder)),
            count=min(max(count, len(found.rowids)), MOST_COUNTED),
            capped=not all_counted,
            after=following,
            query=query.text,
            until=_day(found.end) if found.end else None,
        )

    def _ways(self, query: Query, node: Node) -> list[Alternative]:
        try:
            return plan(node, self._expand, self._years)
        except QueryError as error:
            raise QueryError(error.reason, 0, len(query.text)) from None

    def _walk(self, ways: Sequence[Alternative], spread: Spread, typing: bool) -> Walk | Steps | Checking:
        """What finds the matches soonest."""
        if len(ways) > 1 or not ways or ways[0].looks or not ways[0].gaps:
            return Walk(self._database, ways, spread, self._places)
        if typing and ways[0].wide:
            return Checking(self._database, ways[0])
        return Steps(self._database, ways[0])

    def _expand(self, beginning: str) -> list[Ending]:
        moment = self._database.moment()
        if moment != self._expanded[0] or len(self._expanded[1]) > _REMEMBERED:
            self._expanded = moment, {}
        known = self._expanded[1]
        if beginning not in known:
            known[beginning] = expand(self._database, beginning)
        return known[beginning]

    def _known_spread(self) -> Spread:
        articles = self._database.number("SELECT last_article FROM counters")
        if self._spread is None or not self._spread.holds(articles):
            self._spread = Spread(self._database)
        return self._spread

    def _years(self) -> tuple[int, int]:
        """The first and the last year of any printed date."""
        query = (
            "SELECT coalesce((SELECT rowid FROM search WHERE search MATCH ? AND rowid >= ?"
            " ORDER BY rowid {} LIMIT 1), 0)"
        )
        ends = [
            self._database.number(query.format(direction), (EVERYTHING, 1 << KEY_BITS))
            for direction in ("ASC", "DESC")
        ]
        first, last = (int(_day(end)[:4]) if end else 1 for end in ends)
        return first, last

    def _ranked(self, ways: Sequence[Alternative], rowids: Sequence[int]) -> list[int]:
        """Matches in order of relevance, of equal ones the newest first."""
        scores: dict[int, float] = {}
        if rowids:
            for way in ways:
                for rowid, score in self._database.page(
                    "found, score",
                    f"FROM (SELECT rowid AS found, bm25(search, {_WEIGHTS}) AS score FROM search"
                    " WHERE search MATCH ? AND rowid >= ? AND rowid <= ? LIMIT -1)",
                    (way.match, rowids[-1], rowids[0]),
                ):
                    scores[rowid] = min(score, scores.get(rowid, 0.0))
        return sorted(rowids, key=lambda rowid: (scores.get(rowid, 0.0), -rowid))

    def _hits(self, rowids: Sequence[int], finder: Finder) -> list[Hit]:
        """What is shown of matches, in their order; those whose rows are gone are left out."""
        keys = json.dumps([key_of(rowid) for rowid in rowids])
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


def _day(rowid: int) -> str:
    """The date of a rowid; "" for those of articles without one."""
    if rowid < 1 << KEY_BITS:
        return ""
    return date.fromordinal(min(rowid >> KEY_BITS, LAST_DAY - 1)).isoformat()
