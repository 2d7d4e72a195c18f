"""Turns the beginning of a word into terms that the index finds quickly.

The index has the beginnings of `PREFIXES` characters as if they were words. A beginning of another length becomes
the words of just that length and the longer beginnings that occur; beyond the longest it becomes the words that
occur. FTS5 by itself collects all that begins so before it gives the first: for one letter and 100,000 articles that
takes 500 to 900 ms, these terms 10 to 50.
"""

from __future__ import annotations

from typing import NamedTuple

from reader.library.database import Database
from reader.library.search.schema import PREFIXES

MOST_TERMS = 400
"""How many terms stand for a beginning; where there are more, FTS5 completes it."""
_BEYOND = "\U0010ffff"


class PrefixTerm(NamedTuple):
    """A word, or the beginning of words, that completes a shorter beginning."""

    token: str
    prefix: bool
    """True if any word that begins so matches."""


def expand(database: Database, beginning: str) -> list[PrefixTerm]:
    """The terms that together match every word that begins so; empty if there is none."""
    if len(beginning) in PREFIXES:
        return [PrefixTerm(beginning, True)]
    length = next((length for length in PREFIXES if length > len(beginning)), 0)
    found: list[PrefixTerm] = []
    place = beginning
    while len(found) < MOST_TERMS:
        row = database.one(
            "SELECT term FROM search_words WHERE term >= ? AND term < ? LIMIT 1", (place, beginning + _BEYOND)
        )
        if row is None:
            return found
        word: str = row[0]
        if not length or len(word) < length:
            found.append(PrefixTerm(word, False))
            place = word + "\x01"
        else:
            start = word[:length]
            found.append(PrefixTerm(start, True))
            place = start[:-1] + chr(ord(start[-1]) + 1)
    return [PrefixTerm(beginning, True)]
