"""Phrases whose last word is being typed: candidates that the index finds quickly, told apart by their texts.

A beginning stands for many words, and a phrase for each of them goes through the words before it again. The phrase
with a shorter beginning, one that the index has, or without its last word is one walk; what that finds besides is
seen by reading.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from time import perf_counter

from reader.library.database import Database
from reader.library.failures import damaged
from reader.library.records import decode_article
from reader.library.search.indexing import byline_texts, figure_texts
from reader.library.search.passages import pattern_of
from reader.library.search.plan import Alternative
from reader.library.search.query import Phrase
from reader.library.search.schema import PARTS
from reader.library.search.tokens import spelled
from reader.library.stepping import Steps
from reader.library.walking import BEHIND, Walked, key_of
from reader.model import Article

MOST_READ = 400
"""Up to so many candidates are read, some ten microseconds each; further down the phrases themselves are looked up."""
_AT_ONCE = 40


class Checking:
    """Walks through the matches of an alternative that has a wider one (`Alternative.wide`)."""

    at_once = False
    """As for `Steps`: it takes longer to find more."""

    def __init__(self, database: Database, way: Alternative) -> None:
        self._database = database
        self._phrases = way.unsure
        self._exact = Steps(database, way)
        self._wide = Steps(database, way._replace(match=way.wide, slow=False, at_once=False))
        self._read: dict[int, bool] = {}
        self._walked: dict[int, Walked] = {}
        self._seldom = False
        """Whether there are many candidates of which few match."""

    def newest(self, below: int, limit: int, seconds: float) -> Walked:
        """The `limit` highest matches below a rowid, as far as they are found in so long."""
        begun = perf_counter()
        rowids, end = self._candidates(below, seconds)
        many = len(rowids) == MOST_READ
        found: list[int] = []
        for number, some in enumerate(_batches(rowids), 1):
            found += self._matching(some)
            if len(found) >= limit:
                return Walked(found[:limit], 0)
            left = seconds - (perf_counter() - begun)
            if number == 1:
                self._seldom = many and len(found) < limit * _AT_ONCE / MOST_READ
            if left < 0 or self._seldom:
                end = some[-1]
                break
        else:
            end = rowids[-1] if many else end
        if not end or left < seconds / 4:
            return Walked(found, end)
        rest = self._exact.newest(end, limit - len(found), left, dense=bool(found))
        return Walked(found + rest.rowids, rest.end)

    def count(self, limit: int, seconds: float) -> tuple[int, bool]:
        """How many matches there are up to `limit`, and whether that is all of them."""
        if self._seldom:
            return self._exact.count(limit, seconds)
        begun = perf_counter()
        rowids, end = self._candidates(BEHIND, seconds)
        count = 0
        for some in _batches(rowids):
            count += len(self._matching(some))
            if count >= limit:
                return limit, False
            if perf_counter() - begun > seconds and some[-1] != rowids[-1]:
                return count, False
        return count, not end and len(rowids) < MOST_READ

    def _candidates(self, below: int, seconds: float) -> Walked:
        if below not in self._walked:
            self._walked[below] = self._wide.newest(below, MOST_READ, seconds)
        return self._walked[below]

    def _matching(self, rowids: Sequence[int]) -> list[int]:
        """Those whose articles have the phrases, in their order."""
        unread = [key_of(rowid) for rowid in rowids if key_of(rowid) not in self._read]
        if unread:
            rows = self._database.all(
                "SELECT r.key, record FROM json_each(?) j CROSS JOIN records r ON r.key = j.value",
                (json.dumps(unread),),
            )
            self._read.update((key, self._is_match(key, record)) for key, record in rows)
        return [rowid for rowid in rowids if self._read.get(key_of(rowid))]

    def _is_match(self, key: int, record: bytes) -> bool:
        try:
            article = decode_article(record)
        except (ValueError, TypeError) as error:
            raise damaged(self._database.path, f"article {key}: {error}") from error
        return all(has_phrase(article, phrase) for phrase in self._phrases)


def has_phrase(article: Article, phrase: Phrase) -> bool:
    """Whether the index has a plain phrase for an article, told from the article."""
    search = pattern_of(phrase).search
    return any(
        search(spelled(text).text) for part in phrase.parts or PARTS for text in _searched(article, part)
    )


def _searched(article: Article, part: str) -> Sequence[str]:
    """What is indexed of an article as a part; a phrase does not go on from one text to the next."""
    if part == "headline":
        return [article.headline or ""]
    if part == "deck":
        return [article.deck or ""]
    if part == "body":
        return [" ".join([block.text for block in article.body])]
    if part == "authors":
        return byline_texts(article)
    return [text for figure in article.figures for text in figure_texts(figure)]


def _batches(rowids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(rowids), _AT_ONCE):
        yield rowids[start : start + _AT_ONCE]
