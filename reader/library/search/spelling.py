"""Suggests the nearest spelling for words of a query that the library does not have: "did you mean"."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase

from reader.library.database.connection import Database
from reader.library.database.schema import LEAD
from reader.library.search.parser import parse_query
from reader.library.search.plan import next_word, words_with_stem
from reader.library.search.query import phrases_in
from reader.library.search.tokens import tokens

_LEAST_LETTERS = 4
"""Shorter words resemble too many others."""
_MOST_LETTERS = 30
_MOST_USES = 1_000
"""A word that is used more often than this counts as no more frequent."""


def corrected(database: Database, query: str, *, typing: bool, stems: bool) -> str | None:
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
