"""Beginnings of words, as what the index can look up quickly.

The index has the beginnings of `PREFIXES` characters as if they were words. A beginning of another length is the
words of just that length and those beginnings, one or more characters longer, that occur; beyond the longest it
is the words that occur. SQLite's own way gathers all that begins so before it tells the first: at 1,000,000
articles half a second for two letters.
"""

from __future__ import annotations

from typing import NamedTuple

from reader.library.database import Database
from reader.library.search.schema import PREFIXES

MOST_WORDS = 120
"""How many words stand for a beginning; where there are more, each is rare, and SQLite's own way is quick."""
_BEYOND = "\U0010ffff"


class Ending(NamedTuple):
    """One way on from a beginning."""

    token: str
    prefix: bool
    """Whether any word that begins so will do."""
    slow: bool = False
    """Whether SQLite gathers all of these words before it tells the first."""


def expand(database: Database, beginning: str) -> list[Ending]:
    """What stands for every word that begins so; empty when there is none."""
    if len(beginning) in PREFIXES:
        return [Ending(beginning, True)]
    length = next((length for length in PREFIXES if length > len(beginning)), 0)
    found: list[Ending] = []
    place = beginning
    while len(found) < MOST_WORDS:
        row = database.one(
            "SELECT term FROM search_words WHERE term >= ? AND term < ? LIMIT 1", (place, beginning + _BEYOND)
        )
        if row is None:
            return found
        word: str = row[0]
        if not length or len(word) < length:
            found.append(Ending(word, False))
            place = word + "\x01"
        else:
            start = word[:length]
            found.append(Ending(start, True))
            place = start[:-1] + chr(ord(start[-1]) + 1)
    return [Ending(beginning, True, slow=True)]
