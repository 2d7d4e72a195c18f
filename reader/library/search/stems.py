"""English stems: words with the same stem count as forms of one word. Pure.

The stemmer is Snowball's for English ("Porter 2"). It cuts endings off and may change the last letter, so the forms of
a word begin with its stem, or nearly so: "hoping" has the stem "hope", and "tries" has "tri".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

_LEAST_LETTERS = 3
_SHORT = 4
"""Too many words begin with a stem of up to this many letters, so only words with a common ending are compared. The
limit is one letter less for a stem that begins with a vowel."""
_VOWELS = "aeiou"
_ENDINGS = ("s", "e", "d", "ing", "ly", "ful", "ness", "able")
_OTHER_ENDS = {"ie": ("y",), "bl": ("bil",), "e": ("i", "a"), "i": ("y",), "y": ("i",)}
"""The endings that can replace the end of a stem."""
_is_english = re.compile("[a-z]+").fullmatch


@cache
def _stemmer() -> Callable[[str], str]:
    from snowballstemmer import (
        stemmer,
    )  # 10 ms, for all its languages, that opening the search screen would wait for.

    stem_word: Callable[[str], str] = stemmer("english").stemWord
    return stem_word


@lru_cache(maxsize=1 << 15)
def stem_of(word: str) -> str:
    """Return the stem of a folded word; "" for a number, a very short word or one of another alphabet."""
    if len(word) < _LEAST_LETTERS or not _is_english(word):
        return ""
    return _stemmer()(word)


def starts_of(stem: str) -> tuple[str, ...]:
    """Return the stem and the other beginnings that words with this stem may have."""
    end = next((end for end in _OTHER_ENDS if stem.endswith(end)), "")
    base = stem.removesuffix(end)
    return (stem, *(base + other for other in _OTHER_ENDS.get(end, ())))


def form_ranges(stem: str) -> list[tuple[str, bool]]:
    """Return the words, and the beginnings of words (True), among which the words with a stem are."""
    _, *others = starts = starts_of(stem)
    if len(stem) > _SHORT - (stem[0] in _VOWELS):
        return [(start, True) for start in starts]
    doubled = [stem + stem[-1] + ending for ending in ("ed", "ing")] if stem[-1] not in _VOWELS else []
    endings = [stem + ending for ending in _ENDINGS]
    return [(stem, False), *((start, True) for start in (*others, *endings, *doubled))]
