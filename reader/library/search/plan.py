"""Turns a query into one scan of the index: an FTS5 expression, a range of rows, and a condition on each row.

The index holds everything except the reader's marks and the captures' paths. A part of a query that needs these, or has
dates inside an OR, becomes a condition in SQL. Text within such a part (`is:read OR kestrel`) becomes a sub-query of
the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from reader.library.database.connection import Database
from reader.library.database.schema import KEY_BITS, KEY_MASK, LEAD, PREFIXES
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
    phrases_in,
)
from reader.library.state import notes

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


class RowFilter(NamedTuple):
    """A condition in SQL on a row of `search`, and its values."""

    sql: str = "1"
    values: tuple[Any, ...] = ()


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
            return RowFilter()
        case And(nodes) | Or(nodes) if _needs_rows(node):
            parts = [_filter(database, part) for part in nodes]
            operator = " AND " if isinstance(node, And) else " OR "
            return RowFilter(
                f"({operator.join(part.sql for part in parts)})",
                tuple(value for part in parts for value in part.values),
            )
        case Not(inner) if _needs_rows(inner):
            inside = _filter(database, inner)
            return inside._replace(sql=f"NOT ({inside.sql})")
        case Dates(first, last):
            return RowFilter(
                "(+search.rowid >= ? AND +search.rowid < ?)", (first << KEY_BITS, last << KEY_BITS)
            )
        case Condition("in", value):
            return RowFilter(_IN_CAPTURE, (value, value))
        case Condition(kind, value):
            if kind in _MARKS:
                return RowFilter(_MARKS[kind])
            return RowFilter(f"{_KEY} IN ({', '.join(map(str, _noted_keys(database, kind, value)))})")
    # The plus keeps SQLite from looking up each of these rows separately.
    return RowFilter(
        "+search.rowid IN (SELECT rowid FROM search WHERE search MATCH ?)", (_match(database, node),)
    )


def _noted_keys(database: Database, kind: str, value: str) -> list[int]:
    if kind == "tag":
        return notes.tagged_keys(database, value)
    matches = {
        "highlight": lambda words, _: bool(words),
        "note": lambda _, note: bool(note),
        NOTES: lambda words, note: _has_phrase(words, value) or _has_phrase(note, value),
    }
    return notes.annotated_keys(database, matches[kind])


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
