"""Plans and runs a query: reads matches until the page is full, counts the others, and loads rows and passages.

A query becomes one scan of the index: an FTS5 expression, a range of rows, and a condition on each row. The index holds
everything except the reader's marks and the captures' paths. A part of a query that needs these, or has dates inside an
OR, becomes a condition in SQL. Text within such a part (`is:read OR kestrel`) becomes a sub-query of the index.

For a query that matches nothing, it suggests the nearest spelling of words that the library does not have.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from string import ascii_lowercase
from time import perf_counter
from typing import Any, NamedTuple

from reader.library.database.connection import Database
from reader.library.database.schema import KEY_BITS, KEY_MASK, LEAD, PREFIXES
from reader.library.listing import MOST_COUNTED, MOST_RANKED, Hit, Order, Results, rows_of
from reader.library.search.indexing import ALL, form_ranges, special, stem_of, tokens
from reader.library.search.parser import (
    LAST_DAY,
    NOTES,
    And,
    Condition,
    Dates,
    Node,
    Not,
    Or,
    Phrase,
    note_phrases,
    parse_query,
    phrases_in,
)
from reader.library.search.passages import Passage, marks_in, passage, passage_of_note, places, plain_phrases
from reader.library.state import notes
from reader.library.stories import representatives
from reader.model import Article

# Planning

END = LAST_DAY << KEY_BITS
"""A rowid greater than that of any article."""
MOST_TERMS = 400
"""The most terms that replace a word beginning; beyond that, FTS5 completes it."""
MOST_FORMS = 200
"""How many words of the index are compared to find those with a stem."""
_BEYOND = "\U0010ffff"
_EVERY_ARTICLE = Phrase(special(ALL))
_NOTHING = f'"{LEAD}nothing"'
_KEY = f"(search.rowid & {KEY_MASK})"
_MARKS = {
    "read": f"EXISTS (SELECT 1 FROM read_articles WHERE key = {_KEY})",
    "unread": f"NOT EXISTS (SELECT 1 FROM read_articles WHERE key = {_KEY})",
    "starred": f"EXISTS (SELECT 1 FROM starred_articles WHERE key = {_KEY})",
}
_IN_CAPTURE = (
    f"{_KEY} IN (SELECT a.key FROM captures c INDEXED BY captures_named"
    " CROSS JOIN articles v ON v.key >= c.first_article AND v.key < c.first_article + c.articles"
    " CROSS JOIN articles a ON a.story = v.story AND a.listed"
    " WHERE instr(lower(c.source), ?) OR instr(lower(coalesce(c.url, '')), ?))"
)
"""True for the stories of captures whose path or address contains a text, which is passed twice."""


RowFilter = tuple[str, tuple[Any, ...]]
"""A condition in SQL on a row of `search`, and its values."""


class RangeScan(NamedTuple):
    """A scan of the index, newest articles first."""

    match: str
    first: int
    stop: int
    """The range of rowids: `first` to `stop`, exclusive."""
    filter: RowFilter
    rank: str
    """The FTS5 expression by which matches are ranked."""


def plan(node: Node, database: Database) -> RangeScan:
    """Plan the scan for a query in the current library."""
    first, stop = 0, END
    texts: list[Node] = []
    conditions: list[Node] = []
    todo = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, And):
            todo += reversed(part.nodes)
        elif isinstance(part, Dates):
            first, stop = max(first, part.first << KEY_BITS), min(stop, part.last << KEY_BITS)
        else:
            (conditions if _needs_rows(part) else texts).append(part)
    match = rank = _match(database, And(tuple(texts)))
    if any(phrases_in(And(tuple(conditions)))):
        rank = _match(database, Or(tuple(phrases_in(node))))
    return RangeScan(match, first, stop, _filter(database, And(tuple(conditions))), rank)


def _needs_rows(node: Node) -> bool:
    if isinstance(node, And | Or):
        return any(map(_needs_rows, node.nodes))
    return _needs_rows(node.node) if isinstance(node, Not) else isinstance(node, Condition | Dates)


def _filter(database: Database, node: Node) -> RowFilter:
    match node:
        case And(()):
            return "1", ()
        case And(nodes) | Or(nodes) if _needs_rows(node):
            conditions, values = zip(*(_filter(database, part) for part in nodes), strict=True)
            operator = " AND " if isinstance(node, And) else " OR "
            return f"({operator.join(conditions)})", tuple(chain.from_iterable(values))
        case Not(inner) if _needs_rows(inner):
            sql, inner_values = _filter(database, inner)
            return f"NOT ({sql})", inner_values
        case Dates(first, last):
            return "(+search.rowid >= ? AND +search.rowid < ?)", (first << KEY_BITS, last << KEY_BITS)
        case Condition("in", value):
            return _IN_CAPTURE, (value, value)
        case Condition(kind, value):
            if kind in _MARKS:
                return _MARKS[kind], ()
            return f"{_KEY} IN ({', '.join(map(str, _noted_keys(database, kind, value)))})", ()
    # The plus keeps SQLite from looking up each of these rows separately.
    return "+search.rowid IN (SELECT rowid FROM search WHERE search MATCH ?)", (_match(database, node),)


def _noted_keys(database: Database, kind: str, value: str) -> list[int]:
    if kind == "tag":
        return notes.tagged_keys(database, lambda tag: notes.is_tag(tag, value))
    return notes.annotated_keys(database, lambda words, note: _is_annotated(kind, value, words, note))


def _is_annotated(kind: str, value: str, words: str, note: str) -> bool:
    """Do highlighted words and a note meet a condition?"""
    if kind == NOTES:
        return _has_phrase(words, value) or _has_phrase(note, value)
    return bool(words if kind == "highlight" else note)


def _matches_gone(node: Node, story: notes.GoneStory) -> bool | None:
    """Does a story match of which no capture is kept? None if only its text or its captures could tell."""
    match node:
        case And(nodes) | Or(nodes):
            decisive = isinstance(node, Or)
            results = [_matches_gone(part, story) for part in nodes]
            return decisive if decisive in results else None if None in results else not decisive
        case Not(inner):
            result = _matches_gone(inner, story)
            return result if result is None else not result
        case Condition("tag", value):
            return any(notes.is_tag(tag, value) for tag in story.tags)
        case Condition("highlight" | "note" | "notes" as kind, value):
            return any(_is_annotated(kind, value, made.quote.text, made.note) for made in story.annotations)
    return None


def _match(database: Database, node: Node) -> str:
    if isinstance(node, Phrase):
        return _phrase(database, node)
    if isinstance(node, Or):
        return _joined(" OR ", [_match(database, part) for part in node.nodes])
    nodes = node.nodes if isinstance(node, And) else (node,)
    # FTS5 needs something to exclude from, and has no expression for everything.
    included = [_match(database, part) for part in nodes if not isinstance(part, Not)]
    excluded = [_match(database, part.node) for part in nodes if isinstance(part, Not)]
    match = _joined(" AND ", included or [_phrase(database, _EVERY_ARTICLE)])
    return f"({match} NOT {_joined(' OR ', excluded)})" if excluded else match


def _phrase(database: Database, phrase: Phrase) -> str:
    *before, last = phrase.tokens
    terms = _prefix_terms(database, last) if phrase.prefix else [f'"{last}"']
    if phrase.stem and not (phrase.prefix and phrase.stem == last):
        terms += [
            f'"{form}"'
            for form in words_with_stem(database, phrase.stem)
            if not (form.startswith(last) if phrase.prefix else form == last)
        ]
    if not terms:
        return _NOTHING
    if before:
        terms = [f'"{" ".join(before)} {term[1:]}' for term in terms]
    match = _joined(" OR ", terms)
    return f"({{{' '.join(phrase.parts)}}} : {match})" if phrase.parts else match


def _has_phrase(text: str, phrase: str) -> bool:
    """Does a text have the tokens of a phrase, one after the other? A `*` at the end stands for the rest of a word."""
    words = "".join(f" {token.text}" for token in tokens(text)) + " "
    return f" {phrase[:-1]}" in words if phrase.endswith("*") else f" {phrase} " in words


def _joined(operator: str, written: Sequence[str]) -> str:
    return written[0] if len(written) == 1 else f"({operator.join(written)})"


def _prefix_terms(database: Database, beginning: str) -> list[str]:
    """Return FTS5 expressions that together match every word with this beginning; none if no word has it.

    The index has word beginnings of `PREFIXES` characters. A shorter beginning is replaced by the words of exactly that
    length and by the indexed beginnings that occur. FTS5 alone collects all matching words before it returns the first
    row: that takes 500 to 900 ms for one letter and 100,000 articles, and 10 to 20 ms with these terms. For a longer
    beginning, which few words have, FTS5 alone is faster.
    """
    length = next((length for length in PREFIXES if length >= len(beginning)), 0)
    terms: list[str] = []
    place = beginning
    while length > len(beginning) and len(terms) < MOST_TERMS:
        word = next_word(database, place, beginning)
        if word is None:
            return terms
        start = word[:length]
        if len(word) < length:
            terms.append(f'"{word}"')
            place = word + "\x01"
        else:
            terms.append(f'"{start}" *')
            place = start[:-1] + chr(ord(start[-1]) + 1)
    return [f'"{beginning}" *']


def words_with_stem(database: Database, stem: str) -> list[str]:
    """Return the words of the index that have a stem; if very many words begin with it, only some of them."""
    words: dict[str, None] = {}
    compared = 0
    for beginning, open_ended in form_ranges(stem):
        place = beginning
        while compared < MOST_FORMS and (word := next_word(database, place, beginning)):
            compared += 1
            if not open_ended and word != beginning:
                break
            if stem_of(word) == stem:
                words[word] = None
            place = word + "\x01"
    return list(words)


def next_word(database: Database, place: str, beginning: str) -> str | None:
    """Return the first word of the index from `place` on that has a beginning; None if there is none."""
    row = database.first_row(
        "SELECT term FROM search_words WHERE term >= ? AND term < ? LIMIT 1", (place, beginning + _BEYOND)
    )
    return None if row is None else str(row[0])


# Running

_PAGE = 200
"""How many matches `all_hits` fetches at a time."""
_WEIGHTS = "10.0, 4.0, 1.0, 3.0, 1.0, 0.0"
"""The weight of a match in each of PARTS; matches of facets weigh nothing."""
FINISHED_SECONDS = 0.5
"""How long matches are counted before the count says "more than"."""
TYPED_SECONDS = 0.002
"""The same while matches are shown for a query that is being typed."""


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
        by_relevance = order is Order.RELEVANCE and bool(plain_phrases(node))
        seconds = TYPED_SECONDS if typing and limit else FINISHED_SECONDS
        with self._database.reading(), self._database.interruptible():
            scan = plan(node, self._database)
            below = END if after is None or by_relevance else after
            with closing(self._matches(scan, below)) as matches:
                rowids = list(islice(matches, MOST_RANKED if by_relevance else limit + 1))
                # Only the first page has the number of all matches.
                count, capped = _count(matches, len(rowids), seconds if after is None else 0)
            if by_relevance:
                first = after or 0
                following = first + limit if first + limit < len(rowids) else None
                rowids = self._ranked(scan, rowids)[first : first + limit]
            else:
                following = rowids[limit - 1] if len(rowids) > limit else None
                rowids = rowids[:limit]
            return Results(tuple(self._hits(rowids, node)), count, capped, following, text)

    def all_hits(self, text: str, order: Order, typing: bool) -> Iterator[Hit]:
        """Yield every match; QueryError if the query cannot be parsed."""
        after: int | None = None
        while True:
            results = self.search(text, order, _PAGE, after, typing=typing)
            yield from results.hits
            if (after := results.after) is None:
                return

    def count(self, text: str, typing: bool) -> tuple[int, bool]:
        """Return how many matches there are, and whether there may be more; see `Library.count_found`."""
        results = self.search(text, None, 0, None, typing)
        return results.count, results.capped

    def gone_stories(self, text: str) -> list[notes.GoneStory]:
        """Return the stories with notes that match although no capture of them is kept."""
        node = parse_query(text, stems=self._stems)
        gone = notes.Annotations(self._database).gone()
        return [story for story in gone if node is not None and _matches_gone(node, story)]

    def suggestion(self, text: str, typing: bool) -> str | None:
        """Return the query in the nearest spelling that matches something; see `Library.suggestion`."""
        with self._database.reading(), self._database.interruptible():
            query = _corrected(self._database, text, typing=typing, stems=self._stems)
        return query if query is not None and self.count(query, typing)[0] else None

    def _matches(self, scan: RangeScan, below: int = END) -> Generator[int]:
        condition, values = scan.filter
        rows = self._database.rows(
            "SELECT search.rowid FROM search WHERE search MATCH ? AND search.rowid >= ? AND search.rowid < ?"
            f" AND {condition} ORDER BY search.rowid DESC",
            (scan.match, scan.first, min(below, scan.stop), *values),
        )
        with closing(rows):
            yield from (rowid for (rowid,) in rows)

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

    def _hits(self, rowids: Sequence[int], node: Node) -> Iterator[Hit]:
        phrases, in_notes = plain_phrases(node), note_phrases(node)
        keys = [rowid & KEY_MASK for rowid in rowids]
        articles = dict(representatives.read_merged(self._database, keys))
        for row in rows_of(self._database, keys):
            article = articles.get(row.key)
            if article is None:
                yield Hit(row, "")  # The row is intact, and opening the article reports the damage.
            else:
                shown, number = passage(article, phrases), None
                if in_notes and not shown.marks:
                    shown, number = self._noted(row.key, in_notes) or (shown, None)
                title_marks = marks_in(row.title, "body" if row.untitled else "headline", phrases)
                yield Hit(row, shown.text, shown.marks, title_marks, number)

    def _noted(self, key: int, phrases: Sequence[Phrase]) -> tuple[Passage, int] | None:
        """Return where a story's highlights and notes have one of these phrases first."""
        for annotation in notes.Annotations(self._database).of(key):
            for text in (annotation.note, annotation.quote.text):
                if (shown := passage_of_note(text, phrases)).marks:
                    return shown, annotation.number
        return None


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
